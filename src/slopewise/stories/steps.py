"""The steps of a story: what each operation computed, and then what each handed back to each of its operands."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from slopewise.engine import Value
from slopewise.engine.modes import Source
from slopewise.engine.reading import contributions_of
from slopewise.engine.value import has_own_step, operation_of
from slopewise.stories.formula import Formula, Gradient, Name, Number, Product, Relation, Word, text
from slopewise.stories.own_steps import after_step, assigning_places, is_fixed
from slopewise.stories.told_nodes import (
    contribution_in_numbers,
    rule_of,
    slope_with_names,
    value_in_numbers,
    value_with_names,
)
from slopewise.views import Operand, ShownGraph, ShownNode


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One event of a story.

    Attributes:
        kind: "forward", an operation was computed; or "backward", an operation handed one operand its contribution.
        node: The Value whose operation it is.
        name: What the story calls it.
        operation: The operation in a word, such as "product".
        operand: Where the contribution goes, a Value; None going forward.
        operand_name: What the story calls that.
        role: Which operand it is, where that needs saying: "left factor", "subtracted"; else "".
        local: The local derivative d node / d operand.
        upstream: The gradient of the node.
        contribution: local · upstream, which is added to the operand's gradient.
        before: The operand's gradient just before this step, in a pass that starts from nothing.
        after: The same just after it.
        right: In a story with a mistake, the contribution that the right pass hands on here; None where it takes no
            such step, and in a story without one.
        right_after: The operand's gradient just after the same step of the right pass; None like `right`.
        source: The line of your code that made the node, if it was recorded.
    """

    kind: str
    node: Value
    name: str
    operation: str
    operand: Value | None = None
    operand_name: str = ""
    role: str = ""
    local: Any = None
    upstream: Any = None
    contribution: Any = None
    before: Any = None
    after: Any = None
    right: Any = None
    right_after: Any = None
    source: Source | None = None
    _shown: ShownNode = field(kw_only=True, repr=False)
    _which: int = field(default=-1, kw_only=True, repr=False)
    _root: str = field(default="", kw_only=True, repr=False)
    _sign: str = field(default="+=", kw_only=True, repr=False)
    _built: dict[int, Any] = field(default_factory=dict, kw_only=True, repr=False)

    @property
    def rule(self) -> str:
        """What this operation does, in a sentence."""
        return rule_of(self._shown, None if self.kind == "forward" else self._which)

    @property
    def position(self) -> int:
        """Where the node stands among the story's nodes."""
        return self._shown.position

    @property
    def place(self) -> int:
        """Which of the node's operands it goes to, counted from 0; −1 going forward."""
        return self._which

    @property
    def overwrites(self) -> bool:
        """Whether the node's own `_backward` puts this contribution in the place of what the operand held before."""
        return self.kind == "backward" and self._which in assigning_places(self._shown)

    @property
    def operands(self) -> tuple[Operand, ...]:
        """What the node was made from, constants included."""
        return self._shown.operands

    @property
    def made_tree(self) -> Relation:
        """How the node was made, with names: `d = a · b`."""
        return Relation((Name(self.name), value_with_names(self._shown)), ("=",))

    @property
    def formula_tree(self) -> Relation:
        """The step with names, as a tree for the writers of `slopewise.stories.formula`."""
        if self.kind == "forward":
            return self.made_tree
        left = Gradient(Name(self.operand_name), Name(self._root))
        if is_fixed(self._shown, self._which):
            return Relation((left, Word(f"what {text(Name(self.name))} hands on")), (self._sign,))
        right = Product((Gradient(Name(self.name), Name(self._root)), slope_with_names(self._shown, self._which)))
        return Relation((left, right), (self._sign,))

    @property
    def numbers_tree(self) -> Formula:
        """The step with the numbers plugged in, as a tree."""
        if self.kind == "forward":
            return value_in_numbers(self._shown, self._built)
        if is_fixed(self._shown, self._which):
            return Number(self.contribution)
        return contribution_in_numbers(self._shown, self._which, self.upstream, self.contribution)

    @property
    def formula(self) -> str:
        """The step with names, such as `a.grad += d.grad · b`."""
        return text(self.formula_tree)

    @property
    def numbers(self) -> str:
        """The right-hand side with the numbers plugged in, and what it comes to, such as `1 · 3 = 3`."""
        return text(self.numbers_tree)

    def __repr__(self) -> str:
        numbers = self.numbers_tree
        sign = "=" if isinstance(numbers, Relation) or _is_exact(numbers) else "≈"
        return f"<{self.kind} step: {self.formula} {sign} {self.numbers}>"


def _is_exact(formula: Formula) -> bool:
    from slopewise.basics.shown_numbers import is_exact

    return not isinstance(formula, Number) or is_exact(formula.value, formula.digits)


def built_numbers(graph: ShownGraph) -> dict[int, Any]:
    """Return, by the id of a Value changed since, the number that the graph was built with, where that is known."""
    return {id(s.value): s.built for s in graph.stale if s.built is not None}


def forward_steps(graph: ShownGraph, nodes: Iterable[ShownNode] | None = None) -> list[Step]:
    """Return one step per operation, operands first."""
    built = built_numbers(graph)
    return [
        Step("forward", node.value, node.name, node.operation, source=node.source, _shown=node, _built=built)
        for node in (graph.nodes if nodes is None else nodes)
        if node.kind == "operation"
    ]


def backward_steps(graph: ShownGraph) -> list[Step]:
    """Return one step per operand of each operation, in the order of the pass."""
    root = graph.nodes[graph.root]
    running: dict[int, Any] = {graph.root: root.gradient}
    found: list[Step] = []
    for position in graph.backward_order:
        node = graph.nodes[position]
        roles, assigned = roles_of(node), assigning_places(node)
        for which, operand in enumerate(node.operands):
            if operand.position is None or operand.contribution is None:
                continue
            before = running.get(operand.position, 0)
            after = after_step(which in assigned, before, operand.contribution)
            running[operand.position] = after
            sign = "=" if which in assigned else "+="
            found.append(
                backward_step(
                    node, which, root.name, node.gradient, operand.contribution, before, after,
                    sign=sign, role=roles[which],
                )
            )  # fmt: skip
    return found


def backward_step(
    node: ShownNode,
    which: int,
    root: str,
    upstream: Any,
    contribution: Any,
    before: Any,
    after: Any,
    right: tuple[Any, Any] = (None, None),
    sign: str = "+=",
    role: str | None = None,
) -> Step:
    """Return the step in which a node hands one operand its contribution."""
    operand = node.operands[which]
    return Step(
        "backward",
        node.value,
        node.name,
        node.operation,
        operand.value,
        operand.name,
        roles_of(node)[which] if role is None else role,
        operand.partial,
        upstream,
        contribution,
        before,
        after,
        *right,
        node.source,
        _shown=node,
        _which=which,
        _root=root,
        _sign=sign,
    )


def roles_of(node: ShownNode) -> tuple[str, ...]:
    """Return each operand's role where the story must tell it from another: when the same Value is there twice."""
    counts = Counter(id(operand.value) for operand in node.operands)
    return tuple(
        "" if counts[id(operand.value)] == 1 else operand.role or f"operand {which + 1}"
        for which, operand in enumerate(node.operands)
    )


def handed_on(node: ShownNode, upstream: Any) -> tuple[Any, ...]:
    """Compute what a node hands to each of its operands when its gradient is `upstream`; None to a constant."""
    if has_own_step(node.value):
        own = contributions_of(node.value, upstream)
        return tuple(None if o.position is None else own[k] for k, o in enumerate(node.operands))
    selects = not node.hidden and operation_of(node.value).selects
    return tuple(
        None
        if operand.position is None or operand.partial is None
        else 0 * operand.partial
        if selects and operand.partial == 0
        else operand.partial * upstream
        for operand in node.operands
    )
