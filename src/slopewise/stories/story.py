"""`Story`: a backward pass as a list of steps, in text, Markdown, LaTeX, HTML and JSON."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from slopewise.engine import Value
from slopewise.errors import DomainError
from slopewise.stories.document import Document
from slopewise.stories.mistakes import MistakenPass
from slopewise.stories.steps import Step, backward_steps, forward_steps
from slopewise.views import ShownGraph


class Story:
    """What `sw.explain` returns: the forward steps in order, then the backward ones.

    Print it, or let a notebook show it. It is told from the graph as it was when `explain` was called.

    Attributes:
        root: The Value that the story is about.
        name: What the story calls it.
        mistake: With `wrong=`, the pass with that mistake: where it parts from the right one, and why; else None.

    Example:
        >>> import slopewise as sw
        >>> a, b = sw.Value(-2.0), sw.Value(3.0)
        >>> story = sw.explain(a * b)
        >>> len(story), story.steps[1].formula, story.steps[1].numbers
        (3, 'a.grad += v1.grad · b', '1 · 3 = 3')
    """

    def __init__(self, graph: ShownGraph, mistake: MistakenPass | None = None, most: int = 100) -> None:
        self._graph = graph
        self._most = most
        self.mistake = mistake
        self.root: Value = graph.nodes[graph.root].value
        self.name: str = graph.nodes[graph.root].name

    @property
    def graph(self) -> ShownGraph:
        """The graph that is told, as pictures show it too."""
        return self._graph

    @cached_property
    def steps(self) -> Sequence[Step]:
        """All steps: the forward ones in order, then the backward ones."""
        backward = self.mistake.steps if self.mistake is not None else backward_steps(self.graph)
        return (*forward_steps(self.graph), *backward)

    @property
    def parting(self) -> int | None:
        """The place in `steps` at which the mistake first makes a difference; None when it makes none."""
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
        forward = sum(step.kind == "forward" for step in self.steps)
        backward = len(self.steps) - forward
        return f"<Story of {self.name}: {forward} steps forward, {backward} back; print it to read it>"

    def __str__(self) -> str:
        return self.text()

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
        value = node if isinstance(node, Value) else self._named(node)
        if self.graph.position(value) is None:
            raise DomainError(
                f"that Value is not part of the story of {self.name}\ngive one that {self.name} was made from"
            )
        return tuple(step for step in self.steps if _takes_part(step, value))

    def _named(self, name: str) -> Value:
        for shown in self.graph.nodes:
            if shown.name == name:
                return shown.value
        import difflib

        near = difflib.get_close_matches(str(name), [shown.name for shown in self.graph.nodes], 1)
        hint = f"did you mean {near[0]!r}?" if near else f"its names are {_listed([n.name for n in self.graph.nodes])}"
        raise DomainError(f"nothing in the story of {self.name} is called {name!r}\n{hint}")

    @cached_property
    def document(self) -> Document:
        """The story as a document without a format."""
        if self.mistake is not None:
            from slopewise.stories.mistake_telling import told_with_mistake

            return told_with_mistake(self, self._most)
        from slopewise.stories.telling import told

        return told(self)

    def text(self, width: int = 88) -> str:
        """Write the story as plain text.

        Args:
            width: The columns to keep to.
        """
        return self.document.text(width)

    def markdown(self) -> str:
        """Write the story as Markdown, with formulas as `$LaTeX$`."""
        return self.document.markdown()

    def latex(self) -> str:
        """Write the story as LaTeX; `amsmath` and `booktabs` must be loaded."""
        return self.document.latex()

    def html(self) -> str:
        """Write the story as an HTML fragment, with formulas in MathML."""
        return self.document.html()

    def _repr_html_(self) -> str:
        return self.html()

    def json(self) -> dict[str, Any]:
        """Return the story as data for `json.dumps`; `slopewise.stories.schema()` describes it."""
        from slopewise.stories.story_json import story_object

        return story_object(self)


def _takes_part(step: Step, value: Value) -> bool:
    if step.node is value or step.operand is value:
        return True
    return step.kind == "forward" and any(operand.value is value for operand in step.operands)


def _listed(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 12 else ", ".join(names[:12]) + f" and {len(names) - 12} more"
