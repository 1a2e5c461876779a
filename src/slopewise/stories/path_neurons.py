"""Paths through a net, told by the sample and the neurons that they pass."""

from collections.abc import Sequence

from slopewise.views.groups import Groups
from slopewise.views.paths import Path

_MOST = 4  # neurons that are named


def ways_through_neurons(paths: Sequence[Path], groups: Groups, roles: list[str]) -> list[str]:
    """Say of each path to which sample it belongs and which neurons it passes.

    Neurons that all of these paths pass are left out.

    Args:
        paths: The paths.
        groups: The groups of the graph's nodes.
        roles: What tells apart paths that pass none.
    """
    left_out = set(common_neurons(paths, groups))
    return [
        _way(path, groups, left_out) or ", ".join(filter(None, ("outside the neurons", role)))
        for path, role in zip(paths, roles, strict=True)
    ]


def common_neurons(paths: Sequence[Path], groups: Groups) -> list[str]:
    """Return the neurons that every one of several paths passes, from the root on."""
    if len(paths) < 2:
        return []
    passed = [neurons_of(path, groups) for path in paths]
    return [neuron for neuron in dict.fromkeys(passed[0]) if all(neuron in others for others in passed)]


def neurons_of(path: Path, groups: Groups) -> list[str]:
    """Return the neurons that a path passes, from the root on, the leaf's own included."""
    found: list[str] = []
    for position in path.positions[:-1]:
        neuron = groups.neuron[path.part.positions[position]]
        if neuron and (not found or found[-1] != neuron):
            found.append(neuron)
    return found


def samples_of(path: Path, groups: Groups) -> list[int]:
    """Return the samples that a path touches."""
    found = {groups.sample[path.part.positions[position]] for position in path.positions}
    return sorted(sample for sample in found if sample is not None)


def _way(path: Path, groups: Groups, left_out: set[str]) -> str:
    passed, samples = neurons_of(path, groups), samples_of(path, groups)
    neurons = [neuron for neuron in passed if neuron not in left_out]
    words = []
    if samples:
        words.append(f"sample{'s' * (len(samples) > 1)} {', '.join(map(str, samples))}")
    if neurons:
        told = neurons if len(neurons) <= _MOST else [*neurons[: _MOST - 1], "…", neurons[-1]]
        words.append("through " + " → ".join(told))
    return ", ".join(words) if passed else ""
