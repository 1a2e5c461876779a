"""What a picture of a graph says in words: its title, its description from the story, and the notes under it."""

from collections.abc import Sequence
from typing import Any

from slopewise.basics.shown_numbers import relation, shown
from slopewise.drawing.graphs.choices import Choices
from slopewise.drawing.graphs.diagram import Key
from slopewise.drawing.graphs.emphasis import size_of
from slopewise.drawing.graphs.looks import said_of_number, span_of
from slopewise.drawing.graphs.sketch import Sketch
from slopewise.drawing.graphs.text_width import one_line
from slopewise.engine.reading import out_of_date
from slopewise.stories.formula import text
from slopewise.stories.steps import forward_steps
from slopewise.views import ShownGraph

_MOST_SENTENCES = 24
_MOST_NAMES = 3
_CLOSE = 1e-9


def title_of_graph(graph: ShownGraph) -> str:
    """Return what the picture shows, in a few words."""
    root = graph.nodes[graph.root]
    made = sum(node.kind == "operation" for node in graph.nodes)
    name = one_line(root.name)
    if not made:
        return f"{name}, a single value"
    return f"Graph of {name}: {made:,} operation{'s' * (made != 1)}"


def description_of_graph(graph: ShownGraph, sketch: Sketch) -> str:
    """Tell the computation and the gradients in sentences, for those who do not see the picture."""
    if len(graph.nodes) > 3 * _MOST_SENTENCES:
        return _short(graph, sketch)
    leaves = [node for node in graph.nodes if node.kind == "leaf"]
    steps = forward_steps(graph)
    said = [f"{one_line(node.name)} {relation(node.number)}" for node in leaves]
    parts = []
    if said:
        parts.append(f"Given {_listed(said)}.")
    late = late_nodes(graph)
    for step in steps:
        node = graph.nodes[graph.position(step.node) or 0]
        parts.append(f"{said_of_number(one_line(text(step.formula_tree)), node.number, node.position in late)}.")
    parts.append(_gradients_said(graph))
    return " ".join(part for part in [*_stale_said(graph), *parts, sketch.left_out] if part)


def late_nodes(graph: ShownGraph) -> frozenset[int]:
    """Return the positions of the nodes whose number does not follow from the numbers of their operands as they are."""
    if not graph.stale:
        return frozenset()
    owner = [(value, node.position) for node in graph.nodes for value in (*node.hidden, node.value)]
    return frozenset(owner[place][1] for place in out_of_date([value for value, _ in owner]))


def _stale_said(graph: ShownGraph) -> list[str]:
    return [_stale(graph)] if graph.stale else []


def _gradients_said(graph: ShownGraph) -> str:
    if not graph.has_run:
        return "The gradients have not been computed: backward() was not run."
    said = [
        f"{one_line(node.name)} {shown(node.stored) if node.was_written else 'not run'}"
        for node in reversed(graph.nodes)
    ]
    return f"Gradients, from {one_line(graph.nodes[-1].name)} back: {_listed(said)}."


def _short(graph: ShownGraph, sketch: Sketch) -> str:
    root = graph.nodes[graph.root]
    leaves = [node for node in graph.nodes if node.kind == "leaf"]
    step = forward_steps(graph, [root])[0]
    last = one_line(text(step.formula_tree)) if len(root.operands) < 9 else one_line(root.name)
    parts = [
        *_stale_said(graph),
        f"{len(graph.nodes):,} nodes, {len(leaves):,} of them leaves, lead to {one_line(root.name)}.",
        f"Last, {said_of_number(last, root.number, root.position in late_nodes(graph))}.",
    ]
    written = [node.stored for node in leaves if node.was_written]
    if not graph.has_run or not written:
        parts.append("The gradients have not been computed: backward() was not run.")
    else:
        parts.append(f"The gradients of the leaves lie in {span_of(written)}.")
        largest = max((node for node in leaves if node.was_written), key=lambda node: size_of(node.stored) or 0.0)
        parts.append(f"The largest is that of {one_line(largest.name)}, {shown(largest.stored)}.")
    parts.append(sketch.left_out)
    return " ".join(part for part in parts if part)


def _listed(items: Sequence[str]) -> str:
    if len(items) > _MOST_SENTENCES:
        return ", ".join(items[:_MOST_SENTENCES]) + f" and {len(items) - _MOST_SENTENCES:,} more"
    return ", ".join(items[:-1]) + (" and " if len(items) > 1 else "") + items[-1]


def notes_of_graph(graph: ShownGraph, sketch: Sketch, choices: Choices) -> tuple[str, ...]:
    """Return the sentences under the picture: what is stale, what has not run, what does not fit, what is left out."""
    notes = []
    if graph.stale:
        notes.append(_stale(graph))
    if not graph.has_run and not choices.gradient_text:
        hint = ", so there are no contributions to show" if choices.contributions else ""
        notes.append(f"Gradients: not run. backward() was not called on {one_line(graph.nodes[-1].name)}{hint}.")
    elif not graph.stale and not choices.gradient_text:
        notes.append(_misfits(graph))
    notes.append(sketch.left_out)
    return tuple(note for note in notes if note)


def _stale(graph: ShownGraph) -> str:
    said = "; ".join(one_line(change.sentence) for change in graph.stale[:_MOST_NAMES])
    more = len(graph.stale) - _MOST_NAMES
    rest = f"; and {more:,} more" if more > 0 else ""
    return f"Out of date: {said}{rest}. Compute it anew to see numbers that fit together."


def _misfits(graph: ShownGraph) -> str:
    """Say where `.grad` holds something else than this graph's own gradient."""
    found = [node for node in graph.nodes if node.was_written and not _is_close(node.stored, node.gradient)]
    if not found:
        return ""
    said = []
    for node in found[:_MOST_NAMES]:
        own = f"this graph's own gradient there is {shown(node.gradient)}"
        said.append(f"{one_line(node.name)}.grad holds {shown(node.stored)}, {own}")
    more = len(found) - _MOST_NAMES
    return "; ".join(said) + (f"; and {more:,} more differ" if more > 0 else "") + "."


def _is_close(a: Any, b: Any) -> bool:
    try:
        if a == b or (a != a and b != b):
            return True
        return bool(abs(a - b) <= _CLOSE * max(abs(a), abs(b)))
    except (TypeError, ArithmeticError, ValueError):
        return True


def keys_of_graph(graph: ShownGraph, sketch: Sketch, choices: Choices, has_path: bool) -> tuple[Key, ...]:
    """Return the legend: what colours, dashes, widths and the texts on the edges mean, as far as they occur."""
    keys = []
    if choices.local and any(wire.partial is not None for wire in sketch.wires):
        keys.append(Key("× local derivative", has_sample=False))
    if choices.contributions and any(wire.has_run for wire in sketch.wires):
        keys.append(Key("bold beside an arrow: the contribution that flows back", has_sample=False))
    if choices.colour and any(wire.has_run for wire in sketch.wires):
        signs = {_sign(wire.contribution) for wire in sketch.wires if wire.has_run}
        if 1 in signs:
            keys.append(Key("positive gradient", "positive", 2.4))
        if -1 in signs:
            keys.append(Key("negative", "negative", 2.4, "dashed"))
        if 0 in signs:
            keys.append(Key("zero", "line", 1.2, "dotted"))
        if None in signs:
            keys.append(Key("no sign: nan, infinite or complex", "strange", 2.4))
        if len(sketch.wires) > 1:
            keys.append(Key("wider: larger", has_sample=False))
    if has_path:
        keys.append(Key("highlighted path", is_on_path=True))
    return tuple(keys)


def _sign(number: Any) -> int | None:
    size = size_of(number)
    if size is None or size == float("inf"):
        return None
    return (float(number) > 0) - (float(number) < 0)
