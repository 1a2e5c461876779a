"""Paths sorted into groups: by sample, by layer, by neuron. The sums of the groups add up to the gradient exactly."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from slopewise.errors import DomainError
from slopewise.views.between import Between
from slopewise.views.exact_sums import fitted, size_of
from slopewise.views.groups import Groups
from slopewise.views.path_sums import sums_by_key

KINDS = ("layer", "sample", "neuron")


@dataclass(frozen=True, slots=True)
class PathGroup:
    """Some of the paths.

    Attributes:
        name: What they have in common: `"sample 3"`, `"layers.1 → layers.0"`, `"layers.1.neurons.5"`.
        key: The same for programs: a sample's number (or several, or None), the layers passed, the neuron's place.
        count: How many paths they are.
        sum: What they add up to.
    """

    name: str
    key: Hashable
    count: int
    sum: Any


@dataclass(frozen=True, slots=True)
class Stage:
    """One layer, and what comes down through each of its neurons; all paths are in it.

    Attributes:
        layer: The layer's place.
        groups: The paths by neuron; those that pass the layer by are in a group of their own.
    """

    layer: str
    groups: tuple[PathGroup, ...]


def grouped(part: Between, groups: Groups, by: str) -> tuple[PathGroup, ...]:
    """Sort all paths into groups and add each up; the largest sums come first.

    Args:
        part: The graph between root and leaf.
        groups: The groups of its nodes.
        by: "sample"; "layer", by the layers passed; or "neuron", by the last neuron before the leaf's own.

    Raises:
        DomainError: `by` is none of these, or the graph has no such groups.
    """
    check_kind(by)
    _check_groups(groups, by)
    match by:
        case "sample":
            return _sorted_sums(part, None, _sample_key(part, groups), _sample_name)
        case "layer":
            return _sorted_sums(part, _layer_start(part, groups), _layer_key(part, groups), _layer_name)
        case _:
            own = groups.neuron[part.positions[0]]
            return _sorted_sums(part, "", _neuron_key(part, groups.neuron, {own}), _neuron_name)


def stages(part: Between, groups: Groups) -> tuple[Stage, ...]:
    """Return, for each layer above the leaf's own, what comes down through each of its neurons; upper layers first."""
    own = groups.layer[part.positions[0]]
    found = []
    for layer in reversed(groups.layers):
        if layer != own:
            outside = {name for name, of in zip(groups.neuron, groups.layer, strict=True) if of != layer}
            sums = _sorted_sums(part, "", _neuron_key(part, groups.neuron, outside), _stage_name)
            if any(group.key for group in sums):
                found.append(Stage(layer, sums))
    return tuple(found)


def check_kind(by: Any) -> None:
    """Refuse a kind of group that there is not.

    Raises:
        DomainError: With the nearest one.
    """
    if by not in KINDS:
        import difflib

        near = difflib.get_close_matches(str(by), KINDS, 1)
        raise DomainError(
            f"by={by!r} is no way to group paths{f'; did you mean {near[0]!r}?' if near else ''}\n"
            f"it is one of {', '.join(map(repr, KINDS))}"
        )


def _check_groups(groups: Groups, by: str) -> None:
    if by == "sample" and groups.samples == 0:
        raise DomainError(
            "by='sample' finds no samples: no input of this graph goes through a neuron of a known model\n"
            "give the net as model=net, if your variables do not hold it"
        )
    if by != "sample" and not groups.layers:
        raise DomainError(
            f"by={by!r} finds no layers: no leaf of this graph has a place in a known model\n"
            f"give the net as model=net, if your variables do not hold it"
        )


def _sorted_sums(
    part: Between, first: Hashable, extend: Callable[[Any, int], Hashable], name: Callable[[Any], str]
) -> tuple[PathGroup, ...]:
    found = sums_by_key(part, first, extend)
    keys = sorted(found, key=lambda key: (-size_of(found[key][0]), name(key)))
    sums = fitted([found[key][0] for key in keys], part.gradients[0])
    return tuple(PathGroup(name(key), key, found[key][1], total) for key, total in zip(keys, sums, strict=True))


def _sample_key(part: Between, groups: Groups) -> Callable[[Any, int], Hashable]:
    samples = [groups.sample[position] for position in part.positions]

    def extend(key: Any, j: int) -> Hashable:
        sample = samples[j]
        if sample is None:
            return key  # type: ignore[no-any-return]
        so_far = () if key is None else key if isinstance(key, tuple) else (key,)
        together = so_far if sample in so_far else tuple(sorted((*so_far, sample)))
        return together[0] if len(together) == 1 else together

    return extend


def _sample_name(key: Any) -> str:
    if key is None:
        return "no one sample"
    return f"samples {', '.join(map(str, key))}" if isinstance(key, tuple) else f"sample {key}"


def _layer_start(part: Between, groups: Groups) -> tuple[str, ...]:
    top = groups.layer[part.positions[-1]]
    return (top,) if top else ()


def _layer_key(part: Between, groups: Groups) -> Callable[[Any, int], Hashable]:
    layers = [groups.layer[position] for position in part.positions]

    def extend(key: Any, j: int) -> Hashable:
        layer = layers[j]
        reached: Hashable = key if not layer or (key and key[-1] == layer) or j == 0 else (*key, layer)
        return reached

    return extend


def _layer_name(key: Any) -> str:
    return " → ".join(key) if key else "past all layers"


def _neuron_key(part: Between, neurons: list[str], left_out: set[str]) -> Callable[[Any, int], Hashable]:
    names = [neurons[position] for position in part.positions]

    def extend(key: Any, j: int) -> Hashable:
        neuron = names[j]
        reached: Hashable = key if not neuron or neuron in left_out or j == 0 else neuron
        return reached

    return extend


def _neuron_name(key: Any) -> str:
    return key or "no other neuron"


def _stage_name(key: Any) -> str:
    return key or "past this layer"
