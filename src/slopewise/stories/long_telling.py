"""A story that is too long to tell step by step: by layers, neurons and samples, or by its two ends."""

import heapq
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from slopewise.basics.shown_numbers import relation
from slopewise.engine.reading import is_constant
from slopewise.stories.document import (
    Block,
    Details,
    Document,
    Heading,
    Inline,
    Note,
    Paragraph,
    Span,
    Table,
)
from slopewise.stories.formula import Gradient, Name, Number, equals
from slopewise.stories.group_rows import GroupRow, rows_by
from slopewise.stories.name_text import quoted
from slopewise.stories.parts import REST, Layout, part_backward_steps
from slopewise.stories.steps import forward_steps
from slopewise.stories.telling import backward_table, forward_table, size_of, state_notes
from slopewise.views import ShownGraph
from slopewise.views.groups import layer_of, neuron_of

if TYPE_CHECKING:
    from slopewise.stories.story import Story

# Up to here every node is sorted into its neuron and sample for the first page; beyond, when a part is opened.
SORTED_AT_ONCE = 200_000
_ENDS = 4
_LARGEST = 10
_WIDEST = 5_000
_FEW = 60  # nodes of a graph that is told whole when its beginning and its end meet


def told_long(story: "Story") -> Document:
    """Lay a long story out: what it is made of, its end, and what opens."""
    layout = story.layout
    reading = layout.reading
    leaves = [p for p, positions in enumerate(reading.operands) if not positions and not is_constant(reading.nodes[p])]
    parameters = [p for p in leaves if layout.names.place_of(reading.nodes[p])]
    blocks: list[Block] = [Heading(f"Backpropagation through {quoted(story.name)}", 1)]
    if not parameters and _is_told_whole(layout):
        from slopewise.stories.telling import told

        return told(story)
    if parameters:
        body = _by_layers(story, leaves, parameters)
    else:
        body = _by_ends(story, leaves)
    notes = state_notes(story.name, *_state(layout, leaves))
    return Document((*blocks, *notes, *body))


def _is_told_whole(layout: Layout) -> bool:
    """Tell whether the beginning and the end of a graph meet, so that nothing is left out between them."""
    if len(layout.reading.nodes) > _FEW:
        return False
    first, last = set(_first_operations(layout, _ENDS)), set(_last_operations(layout, _ENDS))
    return bool(first & last) or len(first | last) >= _operations(layout)


def _state(layout: Layout, leaves: Sequence[int]) -> tuple[bool, Any, list[tuple[str, Any, Any]]]:
    """Return whether the pass was run, what is stale, and the leaves that hold another gradient than this pass's."""
    from slopewise.engine.value import was_written
    from slopewise.stories.arithmetic import agree

    reading, names = layout.reading, layout.names
    differing = [
        (names.of(reading.nodes[p]), reading.nodes[p].grad, reading.gradients[p])
        for p in leaves
        if was_written(reading.nodes[p]) and not agree(reading.nodes[p].grad, reading.gradients[p], 1e-9)
    ]
    return was_written(reading.root), reading.stale(names), differing


def _operations(layout: Layout) -> int:
    """Return how many nodes of the graph are operations."""
    return sum(1 for positions in layout.reading.operands if positions)


def _by_layers(story: "Story", leaves: Sequence[int], parameters: Sequence[int]) -> list[Block]:
    layout = story.layout
    reading = layout.reading
    operations = _operations(layout)
    sorted_now = len(reading.nodes) <= SORTED_AT_ONCE
    groups = layout.groups if sorted_now else None
    neurons = {p: neuron_of(layout.names.place_of(reading.nodes[p])) for p in parameters}
    layers = {p: layer_of(neuron) for p, neuron in neurons.items()}
    rows = rows_by(layers, reading, groups.layer if groups else None, layout.names)
    rows.sort(key=lambda row: -max(layout.last_user[p] for p in row.members))
    samples = f" and {_counted(groups.samples, 'sample')}" if groups is not None and groups.samples > 1 else ""
    sentence = (
        f"{quoted(story.name)} {relation(reading.root.data)} was computed in {_counted(operations, 'operation')}, from "
        f"{_counted(len(parameters), 'parameter')} in {_counted(len(rows), 'layer')}{samples}. That is too long to "
        "tell one by one: it is told from the end back, by layers."
    )
    blocks: list[Block] = [Paragraph((sentence,)), Heading("The end"), *_end(layout)]
    blocks += [Heading("Layer by layer"), group_table("layer", rows, sorted_now)]
    for row in rows:
        own = {p: neuron for p, neuron in neurons.items() if layers[p] == row.name}
        inner = rows_by(own, reading, groups.neuron if groups else None, layout.names)
        if len(inner) > 1 or inner[0].name != row.name:
            table = group_table("neuron", inner[:50], sorted_now)
            more = [Note((f"{len(inner) - 50} more neurons",), "quiet")] if len(inner) > 50 else []
            blocks.append(
                Details(
                    (Span(f"{row.name}: {_counted(len(inner), 'neuron')}", "name"),),
                    (table, *more),
                    f'story.open("{row.name}")',
                )
            )
    blocks += [Heading("The largest gradients"), _largest(layout, parameters)]
    example = rows_by(neurons, reading, None, layout.names)[0].name
    left_out = (
        f"Left out: the single steps of {_counted(operations, 'operation')}. "
        "Open a neuron, a sample or what lies outside the layers with "
    )
    ways = [f'story.open("{example}", sample=0)', "story.open(sample=0)", f'story.open("{REST}")']
    content: list[Inline] = [left_out]
    for i, way in enumerate(ways):
        content += [", " if i else "", Span(way, "code")]
    return [*blocks, Note((*content, "; ", Span("story.steps", "code"), " has every step."), "quiet")]


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def group_table(kind: str, rows: Sequence[GroupRow], counted: bool = True) -> Table:
    """Lay out groups.

    Args:
        kind: What they are, such as "layer".
        rows: The groups.
        counted: Whether their operations were counted.
    """
    header = [kind, "parameters", *(["operations"] if counted else []), "size of its gradient", "largest"]
    cells: list[tuple[Any, ...]] = []
    for row in rows:
        largest: Any = (Name(row.largest_name), " ", *_with_sign(row.largest)) if row.parameters else ""
        count = [f"{row.operations:,}"] if counted else []
        cells.append((Span(row.name, "name"), f"{row.parameters:,}", *count, Number(row.size), largest))
    return Table(tuple(header), tuple(cells), "lrrrl" if counted else "lrrl")


def _with_sign(x: Any) -> tuple[Inline, ...]:
    sign, _, _ = relation(x).partition(" ")
    return (f"{sign} ", Number(x))


def _end(layout: Layout) -> list[Block]:
    """Tell the last operations before the root, step by step."""
    graph = _shown(layout, _last_operations)
    steps = part_backward_steps(layout, graph)
    return [
        Paragraph((f"{quoted(layout.names.of(layout.reading.root))}.grad = 1 to begin with.",)),
        backward_table(steps, most=6),
    ]


def _shown(layout: Layout, choose: Callable[[Layout, int], list[int]]) -> ShownGraph:
    """Show a few operations; a sum too long to write out is shown by single additions."""
    positions = choose(layout, _ENDS)
    if len(positions) < _WIDEST:
        return layout.show(positions)
    unfolded = Layout(layout.reading, layout.names, idioms=False)
    return layout.show(choose(unfolded, _ENDS), idioms=False)


def _last_operations(layout: Layout, count: int) -> list[int]:
    """Return the operations nearest to the root, each with the nodes that its idiom folds away."""
    operands = layout.reading.operands
    found: list[int] = []
    waiting = deque([len(operands) - 1])
    seen = {len(operands) - 1}
    while waiting and count:
        top = waiting.popleft()
        count -= 1
        own = layout.idiom_below(top)
        found += own
        inside = set(own)
        for p in own:
            for q in operands[p]:
                if q not in inside and q not in seen and operands[q]:
                    seen.add(q)
                    waiting.append(q)
    return found


def _first_operations(layout: Layout, count: int) -> list[int]:
    """Return the first operations of a graph that stand by themselves, in no idiom of another."""
    found: list[int] = []
    tops: set[int] = set()
    for p, positions in enumerate(layout.reading.operands):
        if positions:
            top = layout.top_of(p)
            if top != p:
                continue
            tops.add(top)
            found += layout.idiom_below(p)
            if len(tops) == count:
                break
    return found


def _largest(layout: Layout, leaves: Sequence[int]) -> Table:
    """List the leaves with the largest gradients."""
    reading = layout.reading
    best = heapq.nsmallest(_LARGEST, leaves, key=lambda p: (-size_of(reading.gradients[p]), p))
    root = Name(layout.names.of(reading.root))
    return Table(
        (),
        tuple((equals(Gradient(Name(layout.names.of(reading.nodes[p])), root), reading.gradients[p]),) for p in best),
    )


def _by_ends(story: "Story", leaves: Sequence[int]) -> list[Block]:
    layout = story.layout
    reading = layout.reading
    operations = _operations(layout)
    sentence = (
        f"{quoted(story.name)} {relation(reading.root.data)} was computed in {_counted(operations, 'operation')} from "
        f"{_counted(len(leaves), 'given Value')}. That is too long to tell one by one: here are its beginning, its "
        "end and its largest gradients."
    )
    first = _shown(layout, _first_operations)
    last = _shown(layout, _last_operations)
    told = sum(node.kind == "operation" for graph in (first, last) for node in graph.nodes)
    left_out = Note((f"{_counted(operations - told, 'operation')} between are left out",), "quiet")
    blocks: list[Block] = [
        Paragraph((sentence,)),
        Heading("Forward"),
        forward_table(forward_steps(first)),
        left_out,
        forward_table(forward_steps(last)),
        Heading("Backward"),
        Paragraph((f"{quoted(story.name)}.grad = 1 to begin with.",)),
        backward_table(part_backward_steps(layout, last), most=6),
        left_out,
        backward_table(part_backward_steps(layout, first), most=6),
        Heading("The largest gradients"),
        _largest(layout, leaves),
    ]
    if len(leaves) > _LARGEST:
        blocks.append(Note((f"the {_LARGEST} largest of {len(leaves):,}",), "quiet"))
    name = layout.names.of(reading.nodes[leaves[0]]) if leaves else story.name
    ways = (f"story.open({name!r})", "story.steps")
    content = ("Open a node with ", Span(ways[0], "code"), "; ", Span(ways[1], "code"), " has every step.")
    return [*blocks, Note(content, "quiet")]
