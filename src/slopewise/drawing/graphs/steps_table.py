"""The steps of a graph as tables that stand beside its picture."""

from slopewise.basics.shown_numbers import relation, shown
from slopewise.drawing.graphs.graph_words import late_nodes
from slopewise.stories.document import Block, Document, Heading, Note, Paragraph, Span, Table
from slopewise.stories.formula import Number
from slopewise.stories.steps import Step, backward_steps, forward_steps
from slopewise.views import ShownGraph

_MOST_ROWS = 200


def steps_document(graph: ShownGraph, notes: tuple[str, ...]) -> Document:
    """Return the forward steps, and the backward ones when the pass has run, as tables.

    Args:
        graph: The graph.
        notes: What is said under the picture, said here as well.
    """
    forward = forward_steps(graph)
    blocks: list[Block] = [Note((note,), "bad" if note.startswith("Out of date") else "quiet") for note in notes]
    if forward:
        blocks += [Heading("Forward: what was computed", 2), _forward_table(graph, forward)]
        blocks += _left_out(len(forward))
    if graph.has_run:
        backward = backward_steps(graph)
        root = graph.nodes[graph.root]
        blocks += [
            Heading("Backward: what flows back", 2),
            Paragraph((f"The gradient of {root.name} with respect to itself is 1.",), "quiet"),
        ]
        if backward:
            blocks += [_backward_table(backward), *_left_out(len(backward))]
    return Document(tuple(blocks))


def _forward_table(graph: ShownGraph, steps: list[Step]) -> Table:
    rows = []
    late = late_nodes(graph)
    for step in steps[:_MOST_ROWS]:
        node = graph.nodes[graph.position(step.node) or 0]
        gradient = shown(node.stored) if node.was_written else Span("not run", "quiet")
        number = Span(f"now {shown(node.number)}", "bad") if node.position in late else relation(node.number)
        rows.append((step.formula_tree, step.numbers_tree, number, gradient))
    return Table(("step", "in numbers", "value", "gradient"), tuple(rows), "lllr")


def _backward_table(steps: list[Step]) -> Table:
    rows = []
    for step in steps[:_MOST_ROWS]:
        rows.append((step.formula_tree, step.numbers_tree, Number(step.contribution), Number(step.after)))
    return Table(("step", "in numbers", "contribution", "gradient so far"), tuple(rows), "llrr")


def _left_out(count: int) -> list[Block]:
    if count <= _MOST_ROWS:
        return []
    return [Note((f"Left out: {count - _MOST_ROWS:,} of {count:,} steps. sw.explain tells them all.",), "quiet")]
