"""A story laid out: what is given, forward, backward, and what the gradients come to."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from slopewise.basics.shown_numbers import is_exact, relation, shown
from slopewise.stories.arithmetic import agree
from slopewise.stories.document import (
    Band,
    Block,
    Document,
    Heading,
    Inline,
    Inlines,
    Note,
    Paragraph,
    Span,
    Table,
)
from slopewise.stories.formula import Formula, Gradient, Name, Number, Relation, equals
from slopewise.stories.meaning import meaning_of_largest
from slopewise.stories.name_text import quoted
from slopewise.stories.steps import Step
from slopewise.stories.story import Story
from slopewise.views import ShownGraph, ShownNode, Stale

MOST_ROWS = 20


def told(story: Story) -> Document:
    """Lay a story out step by step."""
    graph = story.graph
    forward = [step for step in story.steps if step.kind == "forward"]
    backward = [step for step in story.steps if step.kind == "backward"]
    blocks: list[Block] = [Heading(f"Backpropagation through {quoted(story.name)}", 1), *state_of(graph)]
    if not forward:
        blocks.append(alone(graph.nodes[graph.root]))
        return Document(tuple(blocks))
    blocks += [Heading("Given"), given(graph)]
    blocks += [Heading("Forward"), forward_table(forward)]
    blocks += [Heading("Backward"), *backward_blocks(story.name, backward)]
    blocks += [*without_steps(graph), *overwritten(backward)]
    blocks += [Heading("The gradients"), *gradient_blocks(graph, backward)]
    return Document(tuple(blocks))


def alone(root: ShownNode) -> Paragraph:
    """Tell of a root that was made from nothing."""
    name = quoted(root.name)
    return Paragraph(
        (
            f"{name} {relation(root.number)} was not computed from other Values, so there is no step to tell: ",
            f"the gradient of {name} by itself is 1.",
        )
    )


def given(graph: ShownGraph) -> Paragraph:
    """List the leaves with the numbers that the graph was built with."""
    built = {id(s.value): s.built for s in graph.stale if s.built is not None}
    leaves = [node for node in graph.nodes if node.kind == "leaf"]
    if not leaves:
        return Paragraph(("nothing but plain numbers",))
    content: list[Inline] = []
    for leaf in leaves[:MOST_ROWS]:
        content += [", " if content else "", equals(Name(leaf.name), built.get(id(leaf.value), leaf.number))]
    if len(leaves) > MOST_ROWS:
        content.append(f" and {len(leaves) - MOST_ROWS} more")
    return Paragraph(tuple(content))


def state_of(graph: ShownGraph) -> list[Block]:
    """Say what is not as a reader would expect: not run, stale, gradients that hold more or less than this pass."""
    differing = [
        (node.name, node.stored, node.gradient)
        for node in graph.nodes
        if node.was_written and (graph.has_run or node.kind == "leaf") and not agree(node.stored, node.gradient, 1e-9)
    ]
    unwritten = [
        node.name for node in graph.nodes if graph.has_run and not node.was_written and not agree(node.gradient, 0, 0.0)
    ]
    return state_notes(graph.nodes[graph.root].name, graph.has_run, graph.stale, differing, unwritten)


def state_notes(
    root: str,
    has_run: bool,
    stale: Sequence[Stale],
    differing: Sequence[tuple[str, Any, Any]],
    unwritten: Sequence[str] = (),
) -> list[Block]:
    """Write the notes on the state of a graph.

    Args:
        root: What the root is called.
        has_run: Whether a backward pass was run from it.
        stale: What was changed since the graph was built.
        differing: Name, `.grad` and this pass's gradient of those that hold another one.
        unwritten: The names of those whose `.grad` nobody wrote, though the root's was written.
    """
    out: list[Block] = []
    if not has_run:
        sentence = f"backward() was not run on {quoted(root)}: these are the gradients that it would give."
        out.append(Note((sentence,), "quiet"))
    if stale:
        changes = [item.sentence for item in stale[:3]]
        if len(stale) > 3:
            changes.append(f"{len(stale) - 3} more were changed too")
        sentence = (
            f"{'; '.join(changes)}. So the graph is stale: forward tells what was computed then, backward reads the "
            "numbers of now, as backward() would. Run the forward pass again to make both agree."
        )
        out.append(Note((sentence,), "bad"))
    if unwritten:
        listed = ", ".join(quoted(name) for name in unwritten[:5])
        more = f" and {len(unwritten) - 5:,} more" if len(unwritten) > 5 else ""
        sentence = (
            f"Not run as far as {listed}{more}: {quoted(root)}.grad was written, but the steps that lead there were "
            "not taken (or gradients were cleared since). The story tells the whole pass."
        )
        out.append(Note((sentence,), "quiet"))
    if differing:
        them = "they hold" if len(differing) > 1 else "it holds"
        parts = [f"{quoted(name)}.grad holds {shown(held)}, not {shown(fresh)}" for name, held, fresh in differing[:3]]
        if len(differing) > 3:
            parts.append(f"{len(differing) - 3} more differ")
        reason = (
            "numbers were changed since that pass"
            if stale
            else "not every share has arrived there"
            if unwritten
            else f"{them} other passes too, another root's, or what was set by hand"
        )
        out.append(
            Note((f"{'; '.join(parts)}: {reason}. This story tells one pass from {quoted(root)}, run now.",), "quiet")
        )
    return out


def forward_table(steps: Sequence[Step]) -> Table:
    """Lay out what each operation computed."""
    return Table((), tuple((step.formula_tree, in_numbers(step.numbers_tree)) for step in steps))


def in_numbers(numbers: Formula) -> Inlines:
    """Return the right-hand side with the sign that joins it to the formula in names."""
    if isinstance(numbers, Number):
        return ("= " if is_exact(numbers.value, numbers.digits) else "≈ ", numbers)
    first = numbers.sides[0] if isinstance(numbers, Relation) else numbers
    from slopewise.stories.formula import numbers_in

    return ("= " if all(is_exact(n.value, n.digits) for n in numbers_in(first)) else "≈ ", numbers)


def backward_blocks(root: str, steps: Sequence[Step]) -> list[Block]:
    """Lay out what each operation handed back."""
    name = quoted(root)
    start = (
        f"It starts at the end: {name}.grad = 1, for {name} changes exactly as much as itself. Then every operation "
        "hands each operand its own gradient times its local derivative, and what an operand gets adds up."
    )
    return [Paragraph((start,)), backward_table(steps)]


def without_steps(graph: ShownGraph) -> list[Block]:
    """Name the nodes that were made by hand and hand nothing on, because nobody gave them a backward step."""
    idle = [
        quoted(node.name)
        for node in graph.nodes
        if any(not o.is_constant for o in node.operands) and all(o.partial is None for o in node.operands)
    ]
    if not idle:
        return []
    listed = ", ".join(idle[:5]) + (f" and {len(idle) - 5} more" if len(idle) > 5 else "")
    verb = "has no backward step, so it hands" if len(idle) == 1 else "have no backward step, so they hand"
    sentence = f"{listed} {verb} nothing on: give it a _backward, or local derivatives when it is made."
    return [Note((sentence,), "bad")]


def overwritten(steps: Sequence[Step]) -> list[Block]:
    """Name the steps of the user's that put what they hand on in the place of what was there already."""
    lost = [step for step in steps if step.overwrites and not agree(step.before, 0, 0.0)]
    out: list[Block] = []
    for step in lost[:3]:
        sentence = (
            f"The _backward of {quoted(step.name)} sets {quoted(step.operand_name)}.grad with = where += belongs: "
            f"{shown(step.before)}, which was there before, is lost."
        )
        out.append(Note((sentence,), "bad"))
    return out


def backward_table(steps: Sequence[Step], most: int | None = None) -> Table:
    """Lay out backward steps, under the operation that takes them.

    Args:
        steps: The steps.
        most: How many steps of one operation are written out; all if not given.
    """
    rows: list[Any] = []
    has_roles = any(step.role for step in steps)
    silent = 0
    for own in _by_node(steps):
        if is_silent(own):
            silent += 1
            if silent > _SILENT:
                rows.append(own)
                continue
        else:
            silent = 0
        rows.append(Band(band_of(own)))
        kept = own if most is None or len(own) <= most else own[: most // 2]
        for step in kept:
            row = (step.formula_tree, in_numbers(step.numbers_tree), so_far(step))
            rows.append((*row, Span(step.role, "quiet")) if has_roles else row)
        if len(own) > len(kept):
            rows.append((Span(f"… and {len(own) - len(kept):,} more operands", "quiet"),))
    return Table((), tuple(_without_silence(rows)))


# So many operations in a row that hand on nothing but 0 are written out; the others are counted.
_SILENT = 2


def _by_node(steps: Sequence[Step]) -> list[list[Step]]:
    """Return the steps in groups, one per operation."""
    return [list(group) for _, group in groupby(steps, key=lambda step: id(step.node))]


def is_silent(steps: Sequence[Step]) -> bool:
    """Tell whether an operation has the gradient 0, and so hands on nothing."""
    return all(agree(step.upstream, 0, 0.0) and agree(step.contribution, 0, 0.0) for step in steps)


def _without_silence(rows: list[Any]) -> list[Any]:
    """Write a run of operations that hand on nothing as one row."""
    out: list[Any] = []
    run: list[Step] = []
    for row in [*rows, None]:
        if isinstance(row, list):
            run += row
            continue
        if run:
            operations = len({id(step.node) for step in run})
            noun = "operation has" if operations == 1 else "operations have"
            out.append(Band((Span(f"{operations:,} more {noun} the gradient 0, and so nothing to hand on", "quiet"),)))
            run = []
        if row is not None:
            out.append(row)
    return out


def band_of(steps: Sequence[Step]) -> Inlines:
    """Return an operation and its rule, over its steps."""
    first = steps[0]
    rules = list(dict.fromkeys(step.rule for step in steps))
    content: list[Inline] = [first.made_tree, Span(f": {'; '.join(rules)}", "quiet")]
    if first.source is not None:
        content.append(Span(f" ({place_of(first)})", "quiet"))
    return tuple(content)


def place_of(step: Step) -> str:
    """Return the line that made a step's node, short: file and number."""
    if step.source is None:
        return ""
    import os

    return f"{os.path.basename(step.source.file)}:{step.source.line}"


def so_far(step: Step) -> Inlines:
    """Return the operand's gradient before and after a step."""
    return (Span(f"{shown(step.before)} → ", "quiet"), Number(step.after))


def gradient_blocks(graph: ShownGraph, steps: Iterable[Step]) -> list[Block]:
    """Tell what the gradient of each leaf is made of."""
    parts: dict[int, list[Step]] = {}
    for step in steps:
        parts.setdefault(id(step.operand), []).append(step)
    leaves = [node for node in graph.nodes if node.kind == "leaf"]
    shown_leaves = leaves
    if len(leaves) > MOST_ROWS:
        ranked = sorted(leaves, key=lambda node: (-size_of(node.gradient), node.position))[:MOST_ROWS]
        shown_leaves = sorted(ranked, key=lambda node: node.position)
    root = Name(graph.nodes[graph.root].name)
    rows = tuple(
        (equals(Gradient(Name(leaf.name), root), leaf.gradient), shares(parts.get(id(leaf.value), [])))
        for leaf in shown_leaves
    )
    out: list[Block] = [Table((), rows)] if rows else []
    if len(leaves) > MOST_ROWS:
        out.append(Note((f"the {MOST_ROWS} largest of {len(leaves)}",), "quiet"))
    meaning = meaning_of_largest(graph, leaves)
    return [*out, Paragraph((meaning,))] if meaning else out


def shares(steps: Sequence[Step]) -> Inlines:
    """Return the contributions that a gradient is the sum of, each with the node that it came through."""
    if not steps:
        return ()
    last = max((i for i, step in enumerate(steps) if step.overwrites), default=0)
    steps = steps[last:]
    if len(steps) == 1:
        lost = ", in the place of all before" if last else ""
        return (Span(f"through {quoted(steps[0].name)}{lost}", "quiet"),)
    kept = steps if len(steps) <= 6 else steps[:5]
    texts = [f"{shown(s.contribution)} through {quoted(s.name)}{f' as {s.role}' if s.role else ''}" for s in kept]
    if len(steps) > len(kept):
        texts.append(f"{len(steps) - len(kept)} more")
    return (Span(", ".join(texts[:-1]) + " and " + texts[-1], "quiet"),)


def size_of(x: Any) -> float:
    """Return the size of a number for ranking; nan and what has no size come first."""
    try:
        size = float(abs(x))
    except (TypeError, ValueError, OverflowError):
        return float("inf")
    return size if size == size else float("inf")
