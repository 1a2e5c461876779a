"""The story of a part of a graph: a layer, a neuron, a sample, or a node and its neighbours."""

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from slopewise.stories.document import Block, Document, Heading, Note, Paragraph, Span, Table
from slopewise.stories.formula import Gradient, Name, Number, equals
from slopewise.stories.group_rows import rows_by
from slopewise.stories.name_text import quoted, shortened_name, visible
from slopewise.stories.parts import REST, in_number_order, part_backward_steps
from slopewise.stories.steps import Step, forward_steps
from slopewise.stories.story import Story
from slopewise.stories.telling import backward_table, forward_table, size_of
from slopewise.views import ShownGraph

_MOST_ROWS = 20


class PartStory(Story):
    """The story of a part; its gradients are those of the whole graph's root.

    Args:
        whole: The story that it is a part of.
        positions: The nodes of the part, by their positions in the reading.
        title: What the part is called.
        prefix: The place in the model that is left out before the names of what is in it.
    """

    def __init__(self, whole: Story, positions: Sequence[int], title: str, prefix: str = "") -> None:
        self.layout = whole.layout
        self.most = whole.most
        self.wrong = None
        self.root = whole.root
        self.root_name = whole.root_name
        self.name = title
        self.positions = positions
        self.prefix = prefix

    @cached_property
    def graph(self) -> ShownGraph:
        """The part, as pictures show it too; what it was computed from stands at its border."""
        return self.layout.show(self.positions, self.prefix)

    @cached_property
    def steps(self) -> Sequence[Step]:
        """The steps of this part: the forward ones in order, then the backward ones."""
        return (*forward_steps(self.graph), *part_backward_steps(self.layout, self.graph))

    @cached_property
    def is_long(self) -> bool:
        """Whether it has more steps than are told one by one."""
        return len(self.positions) > 10 * self.most + 100 or len(self.steps) > self.most

    def __repr__(self) -> str:
        return f"<Story of {self.name} in {self.root_name}, {len(self.positions):,} nodes; print it to read it>"

    @cached_property
    def document(self) -> Document:
        """The part as a document without a format."""
        title = Heading(f"{shortened_name(self.name)}, in backpropagation through {quoted(self.root_name)}", 1)
        if not any(self.layout.reading.operands[p] for p in self.positions):
            return Document((title, Paragraph(("Nothing is computed here.",))))
        return Document((title, *(_summary(self) if self.is_long else _in_full(self))))


def _in_full(story: PartStory) -> list[Block]:
    graph = story.graph
    steps = story.steps
    forward = [step for step in steps if step.kind == "forward"]
    backward = [step for step in steps if step.kind == "backward"]
    handing = {id(step.node): None for step in backward}
    given: list[Any] = []
    for node in graph.nodes:
        if node.kind != "operation":
            given += [", " if given else "", equals(Name(node.name), node.number)]
    arriving: list[Any] = []
    made_here = {step.operand for step in backward}
    for node in reversed(graph.nodes):
        if id(node.value) in handing and node.value not in made_here:
            arriving += [
                ", " if arriving else "",
                equals(Gradient(Name(node.name), Name(story.root_name)), node.gradient),
            ]
    blocks: list[Block] = []
    if given:
        blocks += [Heading("What comes in"), Paragraph(tuple(given))]
    blocks += [Heading("Forward"), forward_table(forward)]
    if arriving:
        blocks += [Heading("What comes back"), Paragraph(tuple(arriving))]
    sentence = "What an operand has so far counts the whole graph, in the order of the pass."
    if story.prefix and any(node.name != story.layout.names.of(node.value) for node in graph.nodes):
        sentence += f" Names are those within {visible(story.prefix)}."
    return [*blocks, Heading("Backward"), backward_table(backward), Note((sentence,), "quiet")]


def _summary(story: PartStory) -> list[Block]:
    """Tell a long part by what it is made of: layers, neurons or samples; else by its largest contributions."""
    groups, reading = story.layout.groups, story.layout.reading
    operations = [p for p in story.positions if reading.operands[p]]
    head = Paragraph((f"{len(operations):,} operations, too many to tell one by one.",))
    for kind, label in (("layer", groups.layer), ("neuron", groups.neuron)):
        present = {label[p] for p in operations}
        if len(present - {""}) > 1:
            return [head, Heading(f"By {kind}"), *_by_group(story, kind, label)]
    samples = {groups.sample[p] for p in operations}
    if len(samples - {None}) > 1:
        return [head, Heading("By sample"), *_by_sample(story, operations)]
    return [head, *_largest_contributions(story, operations)]


def _by_group(story: PartStory, kind: str, label: Sequence[str]) -> list[Block]:
    reading, names = story.layout.reading, story.layout.names
    parameters = {p: label[p] for p in story.positions if not reading.operands[p] and label[p]}  # fmt: skip
    own = [""] * len(label)
    for p in story.positions:
        own[p] = label[p]
    if parameters:
        rows = rows_by(parameters, reading, own, names)
        from slopewise.stories.long_telling import group_table

        table = group_table(kind, rows[: 5 * _MOST_ROWS])
    else:
        counts = Counter(label[p] or REST for p in story.positions if reading.operands[p])
        ordered = sorted(counts, key=in_number_order)[: 5 * _MOST_ROWS]
        table = Table((kind, "operations"), tuple((Span(n, "name"), f"{counts[n]:,}") for n in ordered), "lr")
    first = sorted({label[p] for p in story.positions if label[p]}, key=in_number_order)[0]
    sample = _sample_of(story)
    way = f'story.open("{first}"{f", sample={sample}" if sample is not None else ""})'
    return [table, Note(("Open one with ", Span(way, "code"), "."), "quiet")]


def _sample_of(story: PartStory) -> int | None:
    found = {story.layout.groups.sample[p] for p in story.positions if story.layout.reading.operands[p]}
    return next(iter(found)) if len(found) == 1 else None


def _by_sample(story: PartStory, operations: Sequence[int]) -> list[Block]:
    """List the samples with the largest gradient at the part's last node."""
    groups, reading = story.layout.groups, story.layout.reading
    last: dict[int, int] = {}
    for p in operations:
        sample = groups.sample[p]
        if sample is not None:
            last[sample] = p
    ranked = sorted(last, key=lambda s: (-size_of(reading.gradients[last[s]]), s))
    silent = sum(1 for s in last if reading.gradients[last[s]] == 0)
    rows = tuple(
        (f"sample {s}", Number(reading.nodes[last[s]].data), Number(reading.gradients[last[s]]))
        for s in ranked[:_MOST_ROWS]
    )
    table = Table(("", "result", "its gradient"), rows, "lrr")
    said = []
    if len(rows) < len(last):
        said.append(f"the {len(rows)} with the largest gradient of {len(last):,} samples")
    if silent:
        said.append(f"on {silent:,} nothing comes back, the gradient is 0")
    outside = sum(1 for p in operations if groups.sample[p] is None)
    if outside:
        said.append(f"{outside:,} {'operation belongs' if outside == 1 else 'operations belong'} to no one sample")
    place = story.name.partition(",")[0]
    way = f'story.open("{place}", sample={ranked[0]})'
    notes: list[Block] = [Note(("; ".join(said),), "quiet")] if said else []
    return [table, *notes, Note(("Open one with ", Span(way, "code"), "."), "quiet")]


def _largest_contributions(story: PartStory, operations: Sequence[int]) -> list[Block]:
    steps = [step for step in story.steps if step.kind == "backward"]
    ranked = sorted(range(len(steps)), key=lambda i: (-size_of(steps[i].contribution), i))[:_MOST_ROWS]
    kept = [steps[i] for i in sorted(ranked)]
    return [
        Heading(f"The {len(kept)} largest contributions of {len(steps):,}"),
        backward_table(kept),
    ]
