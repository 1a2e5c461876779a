"""`Story`: a backward pass as a list of steps, in text, Markdown, LaTeX, HTML and JSON."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from slopewise.engine import Value
from slopewise.errors import DomainError
from slopewise.stories.document import Document
from slopewise.stories.formats import Told
from slopewise.stories.mistakes import MistakenPass, mistaken_pass
from slopewise.stories.parts import REST, Layout
from slopewise.stories.steps import Step, backward_steps, forward_steps
from slopewise.views import Names, Reading, ShownGraph
from slopewise.views.collector import collector_paused
from slopewise.views.groups import neuron_of


class Story(Told):
    """What `sw.explain` returns: the forward steps in order, then the backward ones.

    Print it, or let a notebook show it. It is told from the numbers that the graph held when it was first looked at.

    Args:
        reading: The graph as it was read.
        names: What its nodes are called.
        idioms: Whether `a - b`, sums and means are one step each.
        most: How many steps are told one by one.
        wrong: The mistake that is told beside the right pass, if any.

    Attributes:
        root: The Value that the story is about.
        name: What the story calls it.

    Example:
        >>> import slopewise as sw
        >>> a, b = sw.Value(-2.0), sw.Value(3.0)
        >>> story = sw.explain(a * b)
        >>> len(story), story.steps[1].formula, story.steps[1].numbers
        (3, 'a.grad += v1.grad · b', '1 · 3 = 3')
    """

    def __init__(
        self, reading: Reading, names: Names, *, idioms: bool = True, most: int = 100, wrong: str | None = None
    ) -> None:
        self.layout = Layout(reading, names, idioms)
        self.most = most
        self.wrong = wrong
        self.root: Value = reading.root
        self.root_name: str = names.of(reading.root) if self._is_large else self.graph.nodes[-1].name
        self.name: str = self.root_name

    @property
    def _is_large(self) -> bool:
        """Whether so many nodes are in the graph that it is not looked at as a whole unless asked for."""
        return len(self.layout.reading.nodes) > 10 * self.most + 100

    # ------------------------------------------------------------------ what is told

    @cached_property
    def graph(self) -> ShownGraph:
        """The graph that is told, as pictures show it too."""
        return self.layout.show()

    @cached_property
    def mistake(self) -> MistakenPass | None:
        """With `wrong=`, the pass with that mistake: where it parts from the right one, and why."""
        return mistaken_pass(self.wrong, self.graph) if self.wrong is not None else None

    @cached_property
    def steps(self) -> Sequence[Step]:
        """All steps: the forward ones in order, then the backward ones."""
        with collector_paused():
            backward = self.mistake.steps if self.mistake is not None else backward_steps(self.graph)
            return (*forward_steps(self.graph), *backward)

    @cached_property
    def is_long(self) -> bool:
        """Whether it has more steps than are told one by one."""
        return self._is_large or len(self.steps) > self.most

    @property
    def parting(self) -> int | None:
        """The place in `steps` at which the mistake first makes a difference; None when it makes none.

        Example:
            >>> import slopewise as sw
            >>> a, b = sw.Value(-2.0), sw.Value(3.0)
            >>> story = sw.explain((a * b) * (a + b), wrong="assign")
            >>> story.steps[story.parting].formula, story.steps[story.parting].right_after
            ('a.grad = v1.grad · b', -3.0)
        """
        if self.mistake is None or self.mistake.parting is None:
            return None
        return len(self.steps) - len(self.mistake.steps) + self.mistake.parting

    @property
    def gradients(self) -> dict[str, Any]:
        """What this story's pass ends with, by name: with a mistake in it, the wrong gradients.

        Example:
            >>> import slopewise as sw
            >>> a, b = sw.Value(-2.0), sw.Value(3.0)
            >>> f = (a * b) * (a + b)
            >>> wrong = sw.explain(f, wrong="assign").gradients
            >>> wrong["a"], wrong["b"], sw.explain(f).gradients["b"]
            (3.0, -2.0, -8.0)
        """
        ends = [node.gradient for node in self.graph.nodes]
        if self.mistake is not None:
            if self.mistake.gradients is None:
                return {}
            ends = list(self.mistake.gradients)
        return {node.name: end for node, end in zip(self.graph.nodes, ends, strict=True)}

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __repr__(self) -> str:
        if self._is_large:
            nodes = len(self.layout.reading.nodes)
            return f"<Story of {self.name}, a graph of {nodes:,} nodes; print it to read it>"
        forward = sum(step.kind == "forward" for step in self.steps)
        backward = len(self.steps) - forward
        return f"<Story of {self.name}: {forward} steps forward, {backward} back; print it to read it>"

    # ------------------------------------------------------------------ a part of it

    def steps_of(self, node: str | Value) -> tuple[Step, ...]:
        """Return the steps that a node takes part in: how it was made, what it got, what it handed on.

        Args:
            node: A name that the story uses, or the Value.

        Raises:
            DomainError: The story has no such node.

        Example:
            >>> import slopewise as sw
            >>> a = sw.Value(3.0)
            >>> [step.numbers for step in sw.explain(a * a).steps_of("a")]
            ['3 · 3 = 9', '1 · 3 = 3', '1 · 3 = 3']
        """
        if self.wrong is None and self.is_long:
            position = self._position(node)
            value = self.layout.reading.nodes[position]
            found: Sequence[Step] = self._part(self.layout.around(position), "").steps
        else:
            value = self._shown_value(node)
            found = self.steps
        return tuple(step for step in found if _takes_part(step, value))

    def open(self, place: str | Value = "", sample: int | None = None) -> "Story":
        """Return the story of a part: of a layer, a neuron, a sample, or of one node and its neighbours.

        Args:
            place: A place in the model, such as `"layers.0"` or `"layers.0.neurons.3"`; `"rest"` for what belongs to no
                layer; or a node, by name or itself.
            sample: The number of the sample, counted from 0 in the order in which they went through the model.

        Returns:
            A story whose steps are those of that part; gradients are still those of the whole graph's root.

        Raises:
            DomainError: There is no such place, node or sample.

        Example:
            >>> import random
            >>> import slopewise as sw
            >>> from slopewise.nn import MLP
            >>> random.seed(0)
            >>> net = MLP(2, [3, 1])
            >>> loss = net([1.0, 2.0]) ** 2 + net([0.5, -1.0]) ** 2
            >>> story = sw.explain(loss)
            >>> story.open("layers.1").name, [s.formula for s in story.open("layers.1", sample=1)][0]
            ('layers.1', 'v38 = neurons.0.w.0 · v27')
        """
        layout = self.layout
        if place == "" and sample is None:
            raise DomainError('open() what? give a place, such as "layers.0", a node, or sample=0')
        if isinstance(place, Value):
            position = self._position(place)
            return self._neighbours(position)
        if sample is not None:
            layout.check_sample(sample)
        found = layout.belonging(place, sample)
        if not found and sample is None:
            return self._neighbours(self._position(place))
        if not found:
            raise layout.no_such_place(place)
        title = ", ".join([*([place] if place else []), *([f"sample {sample}"] if sample is not None else [])])
        return self._part(found, title, place if place != REST else "")

    def _neighbours(self, position: int) -> "Story":
        """Return the story of a node: how it was made, what it was used for."""
        names, node = self.layout.names, self.layout.reading.nodes[position]
        place = names.place_of(node)
        return self._part(self.layout.around(position), names.of(node), neuron_of(place) if place else "")

    def _part(self, positions: Sequence[int], title: str, prefix: str = "") -> "Story":
        from slopewise.stories.part_story import PartStory

        return PartStory(self, positions, title, prefix)

    def _position(self, node: str | Value) -> int:
        """Return the position of a node in the reading, by its name or itself."""
        reading = self.layout.reading
        if isinstance(node, Value):
            if id(node) not in reading.places:
                raise self._not_a_part()
            return reading.places[id(node)]
        position = self.layout.position_of(node)
        if position is None:
            raise self.layout.no_such_place(node)
        return position

    def _shown_value(self, node: str | Value) -> Value:
        if isinstance(node, Value):
            if self.graph.position(node) is None:
                raise self._not_a_part()
            return node
        for shown in self.graph.nodes:
            if shown.name == node:
                return shown.value
        import difflib

        names = [shown.name for shown in self.graph.nodes]
        near = difflib.get_close_matches(str(node), names, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"its names are {_listed(names)}"
        raise DomainError(f"nothing in the story of {self.name} is called {node!r}\n{hint}")

    def _not_a_part(self) -> DomainError:
        return DomainError(
            f"that Value is not part of the story of {self.name}\ngive one that {self.name} was made from"
        )

    # ------------------------------------------------------------------ formats

    @cached_property
    def document(self) -> Document:
        """The story as a document without a format."""
        with collector_paused():
            return self._told()

    def _told(self) -> Document:
        if self.wrong is not None:
            from slopewise.stories.mistake_telling import told_with_mistake

            return told_with_mistake(self, self.most)
        if self.is_long:
            from slopewise.stories.long_telling import told_long

            return told_long(self)
        from slopewise.stories.telling import told

        return told(self)

    def json(self, everything: bool = False) -> dict[str, Any]:
        """Return the story as data for `json.dumps`; `slopewise.stories.schema()` describes it.

        Args:
            everything: Whether a story too long to tell step by step carries every node and step all the same.

        Example:
            >>> import slopewise as sw
            >>> a = sw.Value(3.0)
            >>> data = sw.explain(a * 2).json()
            >>> data["steps"][1]["formula"]["text"], data["steps"][1]["contribution"]
            ('a.grad += v1.grad · 2', 2)
        """
        from slopewise.stories.story_json import story_object

        return story_object(self, everything)


def _takes_part(step: Step, value: Value) -> bool:
    if step.node is value or step.operand is value:
        return True
    return step.kind == "forward" and any(operand.value is value for operand in step.operands)


def _listed(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 12 else ", ".join(names[:12]) + f" and {len(names) - 12} more"
