"""`diagnose(root)`: what can be said of one graph, without a loop around it."""

from collections.abc import Iterable
from typing import Any

from slopewise.doctor.broken_numbers import broken_gradient, broken_value
from slopewise.doctor.diagnosis import LEVELS, Diagnosis
from slopewise.doctor.float_of import as_float
from slopewise.doctor.layers import unit_name
from slopewise.doctor.loop_mistakes import StaleGraph
from slopewise.doctor.naming import Namebook
from slopewise.doctor.own_steps import OwnSteps
from slopewise.doctor.report import Report
from slopewise.doctor.same_graph import is_changed
from slopewise.doctor.targets import unreachable_targets
from slopewise.doctor.training_notes import GradientHoldsMore, UnitsDead, UnitsSaturated
from slopewise.doctor.training_warnings import ParameterUnused
from slopewise.engine import Value
from slopewise.engine.census import activity, census
from slopewise.engine.modes import user_frame
from slopewise.engine.reading import gradients_afresh, survey
from slopewise.engine.value import is_made, number_of, was_written
from slopewise.errors import NumberError
from slopewise.views.names import Names
from slopewise.views.staleness import stale_values


def diagnose(root: Value, parameters: Any = None) -> Report:
    """Look at one graph: steps written by hand, numbers that are not finite, old numbers, targets out of reach.

    Nothing is changed: every gradient is left as it is.

    Args:
        root: The Value that the graph ends in, a loss for example.
        parameters: Leaves that it should depend on: a list of Values, or a net that has `parameters()`.

    Returns:
        The report.

    Raises:
        NumberError: root, or a parameter, is no Value.

    Example:
        >>> import slopewise as sw
        >>> w, b = sw.Value(0.0, label="w"), sw.Value(1.0, label="b")
        >>> report = sw.diagnose(sw.log(w) * 2, [w, b])
        >>> for d in report.diagnoses:
        ...     print(d)
        warning SW207: log made −∞ from w = 0.
        warning SW208: The loss does not depend on b.
    """
    if not isinstance(root, Value):
        raise NumberError(f"diagnose() needs a Value, the one that the graph ends in; got {root!r}")
    wanted = _listed(parameters)
    nodes, operands = survey(root)
    _, activations, leaves, own, broken, stale = census(root)
    names = Namebook()
    names.look_up([*nodes, *wanted], user_frame())

    def name(node: Value) -> str:
        return names.given(node) or "a leaf"

    found: list[Diagnosis] = []
    if stale:
        found += _stale(nodes, operands, names)
    value = broken_value(broken, 0, names.given)
    gradient = None if value or not was_written(root) else broken_gradient(root, 0, names.given)
    found += [d for d in (value, gradient, unreachable_targets(root)) if d is not None]
    steps = OwnSteps()
    steps.examine(own, names.given)
    found += steps.verdicts()
    below = set(leaves)
    unused = tuple(name(p) for p in wanted if p not in below)
    if unused:
        found.append(ParameterUnused(names=unused, passes=0, updates=0))
    found += _quiet_units(activations, leaves, name)
    if was_written(root) and not stale and not broken:
        found += _other_gradients(root, nodes, name)
    root_number = as_float(number_of(root))
    return Report(
        diagnoses=tuple(sorted(found, key=lambda d: (LEVELS.index(d.level), d.code))),
        passes=0,
        first_loss=root_number,
        last_loss=root_number,
        about=f"A graph of {len(nodes):,} nodes; backward() {'was' if was_written(root) else 'was not'} run on it.",
    )


def _listed(parameters: Any) -> list[Value]:
    if parameters is None:
        return []
    if callable(getattr(parameters, "parameters", None)):
        parameters = parameters.parameters()
    items = [parameters] if isinstance(parameters, Value) or not isinstance(parameters, Iterable) else list(parameters)
    for item in items:
        if not isinstance(item, Value):
            raise NumberError(
                f"diagnose(): a parameter is {item!r}, a Value is needed\ngive net.parameters(), or a list"
            )
    return items


def _stale(nodes: list[Value], operands: list[tuple[int, ...]], names: Namebook) -> list[Diagnosis]:
    for s in stale_values(nodes, operands, Names()):
        if isinstance(s.now, (int, float)) and isinstance(s.built, (int, float)) and is_changed(s.now, s.built):
            return [StaleGraph(name=names.given(s.value) or s.name, now=s.now, built=s.built, first_pass=0, passes=0)]
    return []


def _quiet_units(activations: list[Value], leaves: list[Value], name: Any) -> list[Diagnosis]:
    places = {leaf: i for i, leaf in enumerate(leaves)}
    units = activity(activations, places)
    found: list[Diagnosis] = []
    for kind in ("relu", "tanh", "sigmoid"):
        quiet = [(place, total) for place, k, total, off in units if k == kind and off == total]
        if not quiet:
            continue
        titles = tuple(dict.fromkeys(unit_name(name(leaves[place])) for place, _ in quiet))
        count = sum(1 for _, k, _, _ in units if k == kind)
        if kind == "relu":
            found.append(UnitsDead(names=titles, units=count, samples=quiet[0][1], passes=0))
        else:
            found.append(UnitsSaturated(kind=kind, names=titles, units=count, samples=quiet[0][1], passes=0))
    return found


def _other_gradients(root: Value, nodes: list[Value], name: Any) -> list[Diagnosis]:
    differing = []
    for node, own in zip(nodes, gradients_afresh(root, nodes), strict=True):
        if not is_made(node) and was_written(node):
            held, fresh = as_float(node.grad), as_float(own)
            if is_changed(held, fresh) and abs(held - fresh) > 1e-12:
                differing.append((node, held, fresh))
    if not differing:
        return []
    node, held, fresh = differing[0]
    return [GradientHoldsMore(name=name(node), held=held, own=fresh, leaves=len(differing))]
