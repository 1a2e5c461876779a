"""Three classic mistakes, made on purpose: the pass that they give, beside the right one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from slopewise.basics.shown_numbers import shown
from slopewise.errors import DomainError, InternalError
from slopewise.stories.arithmetic import agree
from slopewise.stories.name_text import quoted
from slopewise.stories.own_steps import after_step, assigning_places
from slopewise.stories.steps import Step, backward_step, backward_steps, handed_on
from slopewise.views import ShownGraph, ShownNode

# A plain recursion visits a chain of n doublings 2ⁿ times; it is followed for so many visits.
MOST_VISITS = 10_000
_SAME = 1e-12


@dataclass(frozen=True, slots=True)
class MistakenPass:
    """A backward pass with a mistake in it.

    Attributes:
        name: The mistake: "order", "assign" or "no-zero".
        steps: Its backward steps, in its own order.
        parting: The place of the first step at which it parts from the right pass; None when it never does.
        cause: Why it parts there, or why it does not, in a sentence.
        gradients: What each shown node's gradient is in the end; None when the pass was not followed to its end.
        visits: How many nodes the pass steps from.
        followed: How many of these are told.
    """

    name: str
    steps: tuple[Step, ...]
    parting: int | None
    cause: str
    gradients: tuple[Any, ...] | None
    visits: int
    followed: int


def mistaken_pass(name: str, graph: ShownGraph) -> MistakenPass:
    """Follow the pass that a mistake gives.

    Args:
        name: "order", "assign" or "no-zero".
        graph: The graph as it is shown; for "order", with its idioms unfolded, because they are visited too.

    Raises:
        DomainError: There is no such mistake.
    """
    check_mistake(name)
    return MISTAKES[name](graph)


def check_mistake(name: object) -> None:
    """Refuse what is no mistake.

    Raises:
        DomainError: There is none of that name; the nearest is suggested.
    """
    if name in MISTAKES:
        return
    import difflib

    known = {"order": "order", "assign": "assign", "=": "assign", "no-zero": "no-zero"}
    spelled = str(name).lower().replace("_", "-").replace(" ", "-")
    near = difflib.get_close_matches(spelled, known, 1, 0.5)
    hint = f"did you mean {known[near[0]]!r}? " if near else ""
    raise DomainError(
        f"wrong={name!r} is no mistake that can be told\n"
        f'{hint}there are "order" (handing on too early), "assign" (= for +=) and "no-zero" (gradients not zeroed)'
    )


def _right(graph: ShownGraph) -> dict[tuple[int, int], Step]:
    """Return the right pass's steps, by the position of the node and the place of its operand."""
    return {(step.position, step.place): step for step in backward_steps(graph)}


def _order(graph: ShownGraph) -> MistakenPass:
    """Every node hands on as soon as it is met, and again whenever it is met again."""
    right = _right(graph)
    nodes, root = graph.nodes, graph.nodes[graph.root]
    visits = _visits(graph)
    gradients: list[Any] = [0] * len(nodes)
    gradients[graph.root] = root.gradient
    seen: set[int] = set()
    steps: list[Step] = []
    parting, cause = None, ""
    waiting = [graph.root]
    followed = 0
    while waiting and followed < MOST_VISITS:
        position = waiting.pop()
        node = nodes[position]
        followed += 1
        upstream = gradients[position]
        assigned = assigning_places(node)
        for which, contribution in enumerate(handed_on(node, upstream)):
            if contribution is None:
                continue
            operand = position_of(node, which)
            before = gradients[operand]
            gradients[operand] = after = after_step(which in assigned, before, contribution)
            twin, again = right[position, which], position in seen
            expected = (None, None) if again else (twin.contribution, twin.after)
            if parting is None and not agree(contribution, 0 if again else twin.contribution, _SAME):
                parting = len(steps)
                cause = _too_early(graph, position, upstream, again)
            sign = "=" if which in assigned else "+="
            steps.append(backward_step(node, which, root.name, upstream, contribution, before, after, expected, sign))
        seen.add(position)
        waiting.extend(
            o.position for o in reversed(node.operands) if o.position is not None and nodes[o.position].operands
        )
    if parting is None:
        shared = any(count > 1 for position, count in enumerate(visits) if nodes[position].operands)
        cause = (
            "an inner node is used more than once and so is visited again, but what it hands on the second time is 0"
            if shared
            else "every inner node is used once only, so it has all of its gradient when it is met"
        )
    total = sum(count for position, count in enumerate(visits) if nodes[position].operands)
    done = tuple(gradients) if not waiting else None
    return MistakenPass("order", tuple(steps), parting, cause, done, total, followed)


def position_of(node: ShownNode, which: int) -> int:
    """Return the position of an operand that gets a contribution, so is no constant."""
    position = node.operands[which].position
    if position is None:
        raise InternalError(f"the constant {node.operands[which].name} was handed a contribution")
    return position


def _visits(graph: ShownGraph) -> list[int]:
    """Count how often a plain recursion comes to each node: once for every path from the root."""
    counts = [0] * len(graph.nodes)
    counts[graph.root] = 1
    for position in graph.backward_order:
        for operand in graph.nodes[position].operands:
            if operand.position is not None:
                counts[operand.position] += counts[position]
    return counts


def _too_early(graph: ShownGraph, position: int, upstream: Any, again: bool) -> str:
    node = graph.nodes[position]
    name = quoted(node.name)
    if again:
        return f"{name} was met before and hands on again, so that what it handed on then counts twice"
    users = [
        quoted(other.name)
        for other in reversed(graph.nodes)
        if any(operand.position == position for operand in other.operands)
    ]
    listed = ", ".join(users[:-1]) + " and " + users[-1] if len(users) > 1 else "".join(users)
    return (
        f"{name} hands on what it has so far, {shown(upstream)}; all that it gets, from {listed}, "
        f"is {shown(node.gradient)}"
    )


def _assign(graph: ShownGraph) -> MistakenPass:
    """Every contribution takes the place of what was there: `=` where `+=` belongs."""
    right = _right(graph)
    nodes, root = graph.nodes, graph.nodes[graph.root]
    gradients: list[Any] = [0] * len(nodes)
    gradients[graph.root] = root.gradient
    given = [0] * len(nodes)
    steps: list[Step] = []
    parting, cause = None, ""
    for position in graph.backward_order:
        node = nodes[position]
        upstream = gradients[position]
        for which, contribution in enumerate(handed_on(node, upstream)):
            if contribution is None:
                continue
            operand = position_of(node, which)
            before = gradients[operand]
            gradients[operand] = contribution
            given[operand] += 1
            twin = right[position, which]
            if parting is None and not agree(contribution, twin.after, _SAME):
                parting = len(steps)
                cause = (
                    f"{quoted(node.operands[which].name)}.grad held {shown(before)}; = puts {shown(contribution)} in "
                    f"its place, += makes it {shown(twin.after)}"
                )
            expected = (twin.contribution, twin.after)
            steps.append(
                backward_step(
                    node, which, root.name, upstream, contribution, before, contribution, expected, sign="="
                )
            )  # fmt: skip
    if parting is None:
        cause = (
            "a Value gets several contributions, but all except the last are 0"
            if max(given, default=0) > 1
            else "no Value is used more than once, so none gets a second contribution that could overwrite the first"
        )
    inner = sum(bool(node.operands) for node in nodes)
    return MistakenPass("assign", tuple(steps), parting, cause, tuple(gradients), inner, inner)


def _no_zero(graph: ShownGraph) -> MistakenPass:
    """A second pass, with the gradients of the first still in the leaves."""
    nodes, root = graph.nodes, graph.nodes[graph.root]
    right = _right(graph)
    gradients: list[Any] = [0] * len(nodes)
    for node in nodes:
        if node.kind == "leaf" and node.position != graph.root:
            gradients[node.position] = node.stored if graph.has_run and node.was_written else node.gradient
    gradients[graph.root] = root.gradient
    steps: list[Step] = []
    parting, cause = None, ""
    for twin in right.values():
        node = nodes[twin.position]
        operand = position_of(node, twin.place)
        before = gradients[operand]
        gradients[operand] = after = after_step(twin.overwrites, before, twin.contribution)
        if parting is None and not agree(after, twin.after, _SAME):
            parting = len(steps)
            cause = (
                f"{quoted(twin.operand_name)}.grad still holds {shown(before)} from before, and this pass adds to it"
            )
        steps.append(
            backward_step(
                node, twin.place, root.name, twin.upstream, twin.contribution, before, after,
                (twin.contribution, twin.after),
            )
        )  # fmt: skip
    if parting is None:
        cause = "no leaf holds a gradient other than 0, so there is nothing left over"
    inner = sum(bool(node.operands) for node in nodes)
    return MistakenPass("no-zero", tuple(steps), parting, cause, tuple(gradients), inner, inner)


def second_pass_of_the_lecture(graph: ShownGraph) -> tuple[Any, ...]:
    """Compute a second pass of the lecture's own class, in which inner nodes keep their gradients too."""
    gradients = [node.stored if graph.has_run and node.was_written else node.gradient for node in graph.nodes]
    gradients[graph.root] = graph.nodes[graph.root].gradient
    for position in graph.backward_order:
        node = graph.nodes[position]
        assigned = assigning_places(node)
        for which, contribution in enumerate(handed_on(node, gradients[position])):
            operand = node.operands[which].position
            if contribution is not None and operand is not None:
                gradients[operand] = after_step(which in assigned, gradients[operand], contribution)
    return tuple(gradients)


MISTAKES: dict[Any, Callable[[ShownGraph], MistakenPass]] = {"order": _order, "assign": _assign, "no-zero": _no_zero}
