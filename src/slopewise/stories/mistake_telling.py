"""A story with a mistake in it, laid out beside the right pass."""

from typing import TYPE_CHECKING, Any

from slopewise.basics.shown_numbers import shown
from slopewise.stories.arithmetic import agree
from slopewise.stories.document import Band, Block, Document, Heading, Inline, Note, Paragraph, Span, Table, Tone
from slopewise.stories.formula import Gradient, Name, Number
from slopewise.stories.mistakes import MOST_VISITS, MistakenPass, second_pass_of_the_lecture
from slopewise.stories.name_text import quoted
from slopewise.stories.steps import Step
from slopewise.stories.telling import (
    MOST_ROWS,
    alone,
    forward_table,
    given,
    in_numbers,
    size_of,
    so_far,
    state_of,
)
from slopewise.views import ShownGraph

if TYPE_CHECKING:
    from slopewise.stories.story import Story

_TITLES = {
    "order": "handing on too early",
    "assign": "= where += belongs",
    "no-zero": "gradients not zeroed",
}
_WHAT = {
    "order": (
        "A plain recursion: every operation hands on what it has as soon as it is met, and hands on again whenever it "
        "is met again. A right pass waits until a node has its gradient from all that use it."
    ),
    "assign": (
        "Each contribution is put in the place of the gradient, instead of being added to it: where a Value is used "
        "twice, the last contribution wins."
    ),
    "no-zero": (
        "backward() is called a second time, and nothing sets the gradients of the leaves back to 0 in between."
    ),
}


def told_with_mistake(story: "Story", most: int) -> Document:
    """Lay out a pass with a mistake, step by step beside the right one."""
    graph, mistaken = story.graph, story.mistake
    if mistaken is None:
        from slopewise.errors import InternalError

        raise InternalError("a story without a mistake was laid out as one with a mistake")
    title = f"Backpropagation through {quoted(story.name)}, with a mistake: {_TITLES[mistaken.name]}"
    blocks: list[Block] = [Heading(title, 1), Paragraph((_WHAT[mistaken.name],))]
    blocks += [block for block in state_of(graph) if isinstance(block, Note) and block.tone == "bad"]
    forward = [step for step in story.steps if step.kind == "forward"]
    if not forward:
        return Document((*blocks, alone(graph.nodes[graph.root])))
    blocks += [Heading("Given"), given(graph)]
    if len(forward) <= most:
        blocks += [Heading("Forward"), forward_table(forward)]
    blocks += [Heading("Backward, with the mistake"), *_steps(mistaken, most)]
    blocks += [Heading("The gradients"), *_gradients(graph, mistaken)]
    return Document(tuple(blocks))


def _steps(mistaken: MistakenPass, most: int) -> list[Block]:
    first = 0 if mistaken.parting is None else max(0, mistaken.parting - most // 2)
    kept = mistaken.steps[first : first + most] if len(mistaken.steps) > most else mistaken.steps
    first = first if len(mistaken.steps) > most else 0
    rows: list[Any] = []
    tones: list[Tone] = []
    before: Step | None = None
    for place, step in enumerate(kept, first):
        if before is None or before.node is not step.node or before.place >= step.place:
            rows.append(Band((step.made_tree,)))
            tones.append("quiet")
        before = step
        if place == mistaken.parting:
            rows.append(Band(_parting(mistaken)))
            tones.append("bad")
        rows.append((step.formula_tree, in_numbers(step.numbers_tree), so_far(step), beside(mistaken.name, step)))
        tones.append("bad" if place == mistaken.parting else "plain")
    out: list[Block] = []
    if mistaken.visits > mistaken.followed:
        sentence = (
            f"A plain recursion would step {_count(mistaken.visits)} times here, for it goes down every path: the "
            f"first {_count(MOST_VISITS)} were followed, so where it ends is not told."
        )
        out.append(Note((sentence,), "bad"))
    if mistaken.parting is None:
        out.append(Note(_parting(mistaken), "good"))
    if first:
        out.append(Note((f"{_count(first)} steps before these are right and left out",), "quiet"))
    out.append(Table(("", "this pass", "so far", "the right pass"), tuple(rows), tones=tuple(tones)))
    after = len(mistaken.steps) - first - len(kept)
    if after:
        out.append(Note((f"{_count(after)} more steps are left out",), "quiet"))
    return out


def _parting(mistaken: MistakenPass) -> tuple[Inline, ...]:
    if mistaken.parting is None:
        return (f"The mistake changes nothing here: {mistaken.cause}.",)
    return (f"✗ Here the two part: {mistaken.cause}.",)


def beside(name: str, step: Step) -> tuple[Inline, ...]:
    """Return what the right pass does in place of a step."""
    if step.right is None:
        return (Span("no such step", "bad"),)
    mine, right = (step.contribution, step.right) if name == "order" else (step.after, step.right_after)
    if agree(mine, right, 1e-12):
        return (Span("the same", "quiet"),)
    verb = "hands on" if name == "order" else "makes it"
    return (f"{verb} ", Number(right))


def _gradients(graph: ShownGraph, mistaken: MistakenPass) -> list[Block]:
    if mistaken.gradients is None:
        return [Note(("The pass was not followed to its end.",), "quiet")]
    leaves = [node for node in graph.nodes if node.kind == "leaf"]
    gradients = mistaken.gradients
    wrong_ones = sorted(
        leaves, key=lambda node: (agree(gradients[node.position], node.gradient, 1e-12), -size_of(node.gradient))
    )
    kept = sorted(wrong_ones[:MOST_ROWS], key=lambda node: node.position)
    root = Name(graph.nodes[graph.root].name)
    rows: list[Any] = []
    tones: list[Tone] = []
    for leaf in kept:
        mine = gradients[leaf.position]
        same = agree(mine, leaf.gradient, 1e-12)
        rows.append(
            (Gradient(Name(leaf.name), root), Number(mine), Number(leaf.gradient), "the same" if same else "✗ wrong")
        )
        tones.append("plain" if same else "bad")
    out: list[Block] = [Table(("", "with the mistake", "right", ""), tuple(rows), "lrrl", tuple(tones))]
    if mistaken.parting is not None and not any(
        not agree(gradients[leaf.position], leaf.gradient, 1e-12) for leaf in leaves
    ):
        sentence = "In the end every gradient is right: here, what goes another way on the way makes no difference."
        out.append(Note((sentence,), "good"))
    if len(leaves) > len(kept):
        out.append(Note((f"{len(kept)} of {len(leaves)}, those that come out wrong first",), "quiet"))
    if mistaken.name == "no-zero" and mistaken.parting is not None:
        out += _in_the_lecture(graph, gradients)
    return out


def _in_the_lecture(graph: ShownGraph, gradients: tuple[Any, ...]) -> list[Block]:
    theirs = second_pass_of_the_lecture(graph)
    leaves = [node for node in graph.nodes if node.kind == "leaf"]
    differing = [node for node in leaves if not agree(theirs[node.position], gradients[node.position], 1e-9)]
    if not differing:
        return []
    listed = ", ".join(f"{quoted(node.name)} {shown(theirs[node.position])}" for node in differing[:4])
    more = " …" if len(differing) > 4 else ""
    sentence = (
        "In slopewise the nodes between start each pass afresh. In the lecture's own class they too keep what they "
        f"hold, and a second pass ends with {listed}{more}."
    )
    return [Note((sentence,), "quiet")]


def _count(number: int) -> str:
    """Write a count in full while a reader can take it in, then as a power of ten."""
    return f"{number:,}" if number < 10**12 else f"about {shown(float(number))}" if number < 10**300 else "over 10³⁰⁰"
