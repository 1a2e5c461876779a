"""The slips that a learner's engine can have: what each does to the numbers, what it is called, and the cure.

A slip is told by its numbers alone, never by how the code looks: each is a behaviour of the slipped engine.
"""

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass

from slopewise.quizzes.engine_rules import RULE_SLIPS, RuleSlip
from slopewise.quizzes.engine_slipped import HANDED, VALUES, Behaviour, Order


@dataclass(frozen=True, slots=True)
class Slip:
    """One thing that can be wrong with an engine.

    Attributes:
        code: A short name, the same for the same kind of slip in every operation.
        method: Where it lies: the operator or method of the class.
        operation: The operation it belongs to; "" for a slip of the pass or of all operations.
        says: What is wrong, in one sentence.
        cure: What to write.
        behaviour: What it does to the numbers.
    """

    code: str
    method: str
    operation: str
    says: str
    cure: str
    behaviour: Behaviour


METHODS = {
    "add": "__add__", "radd": "__radd__", "mul": "__mul__", "rmul": "__rmul__", "neg": "__neg__", "sub": "__sub__",
    "rsub": "__rsub__", "div": "__truediv__", "rdiv": "__rtruediv__", "pow": "__pow__", "absolute": "__abs__",
}  # fmt: skip
WRITTEN = {
    "add": "a + b", "radd": "2 + a", "mul": "a * b", "rmul": "2 * a", "neg": "-a", "sub": "a - b", "rsub": "2 - a",
    "div": "a / b", "rdiv": "2 / a", "pow": "a ** k", "absolute": "abs(a)",
}  # fmt: skip
_BINARY = ("add", "mul", "sub", "div")
_CONSTANT = ("radd", "rmul", "rsub", "rdiv", "pow")


def method_of(operation: str) -> str:
    """Return the name of the method that a class gives an operation by."""
    return METHODS.get(operation, operation)


def written(operation: str) -> str:
    """Return how an operation is written in a program."""
    return WRITTEN.get(operation, operation)


def both(first: Behaviour, second: Behaviour) -> Behaviour | None:
    """Return the behaviour with two slips at once; None when they exclude each other."""
    if set(first.values) & set(second.values) or set(first.handed) & set(second.handed):
        return None
    if first.order != "topological" and second.order != "topological":
        return None
    if first.seed != "one" and second.seed != "one":
        return None
    if first.passes != "leaves add up" and second.passes != "leaves add up":
        return None
    return Behaviour(
        values={**first.values, **second.values},
        handed={**first.handed, **second.handed},
        assigned=first.assigned | second.assigned,
        is_blind=first.is_blind or second.is_blind,
        order=second.order if first.order == "topological" else first.order,
        seed=second.seed if first.seed == "one" else first.seed,
        passes=second.passes if first.passes == "leaves add up" else first.passes,
        collides=first.collides | second.collides,
        forgotten=first.forgotten | second.forgotten,
        is_own=first.is_own | second.is_own,
        is_late=first.is_late or second.is_late,
    )


@functools.cache
def slips_of(operation: str) -> tuple[Slip, ...]:
    """Return the slips that lie in one operation, those with a formula of their own first, each behaviour once."""
    found: dict[tuple[object, ...], Slip] = {}
    for slip in (
        *_rules_of(operation),
        *_upstream_slips(operation),
        *_assignments_in(operation),
        *_collisions_in(operation),
        *_forgotten(operation),
    ):
        found.setdefault(_fingerprint(slip), slip)
    found.pop(_fingerprint_of(operation, Behaviour()), None)
    return tuple(found.values())


_POINTS = ((0.5, 3.0), (-1.25, 2.5), (2.0, -0.75), (0.25, 0.25), (-3.0, 2.0))


def _fingerprint(slip: Slip) -> tuple[object, ...]:
    """Return what tells the behaviour of a slip from that of another of the same operation."""
    return _fingerprint_of(slip.operation, slip.behaviour)


def _collisions_in(operation: str) -> Iterator[Slip]:
    if operation in _BINARY:
        name = written(operation).replace("b", "a")
        yield _slip(
            "collision",
            operation,
            f"{name}, an operand used twice in one operation, gets one of its two contributions alone",
            "both belong to it: is there an `if`, a dict or a set that treats it apart?",
            Behaviour(collides=frozenset({operation})),
        )


def _fingerprint_of(operation: str, behaviour: Behaviour) -> tuple[object, ...]:
    value = behaviour.values.get(operation) or VALUES[operation]
    handed = behaviour.handed.get(operation) or HANDED[operation]
    numbers: list[object] = []
    for point in _POINTS:
        operands = point if operation in (*_BINARY, *_CONSTANT) else point[:1]
        try:
            z = value(*operands)
            numbers += [float(f"{x:.9g}") for x in (z, *handed(1.75, *operands, z))]
        except (ArithmeticError, ValueError, TypeError):
            numbers.append(None)
    return (*numbers, behaviour.assigned, behaviour.collides, behaviour.forgotten, behaviour.is_own)


@functools.cache
def slips_of_the_pass() -> tuple[Slip, ...]:
    """Return the slips that lie in `backward()` or in all operations alike."""
    return (*_everywhere(), *_orders(), *_passes())


def _slip(code: str, operation: str, says: str, cure: str, behaviour: Behaviour) -> Slip:
    return Slip(code, method_of(operation), operation, says, cure, behaviour)


def _assignments_in(operation: str) -> Iterator[Slip]:
    name = written(operation)
    why = "a second contribution wipes out the first"
    both_sides = f"the step of {name} writes .grad with `=`: {why}"
    cure = "add each contribution with `+=`: self.grad += …"
    yield _slip("assign", operation, both_sides, cure, Behaviour(assigned=frozenset({(operation, -1)})))
    if operation in _BINARY:
        for i, side, who in ((0, "left", "self"), (1, "right", "other")):
            says = f"the step of {name} writes the {side} operand's .grad with `=`: {why}"
            cure = f"add each contribution with `+=`: {who}.grad += …"
            yield _slip("assign", operation, says, cure, Behaviour(assigned=frozenset({(operation, i)})))


def _upstream_slips(operation: str) -> Iterator[Slip]:
    """Yield what any local rule can lose: the upstream factor, a sign, an operand."""
    name, rule = written(operation), HANDED[operation]

    def slip(code: str, says: str, cure: str, handed: object) -> Slip:
        return _slip(code, operation, says, cure, Behaviour(handed={operation: handed}))  # type: ignore[dict-item]

    times = "multiply the local derivative by out.grad: self.grad += local * out.grad"
    yield slip(
        "upstream",
        f"the step of {name} leaves out the upstream gradient",
        times,
        lambda g, *x: rule(1.0, *x),
    )
    yield slip(
        "upstream-data",
        f"the step of {name} multiplies by out.data, the result's value, where out.grad belongs",
        times,
        lambda g, *x: rule(x[-1], *x),
    )
    if operation not in ("add", "radd"):
        yield slip(
            "upstream-added",
            f"the step of {name} adds the upstream gradient to the local derivative; the chain rule multiplies them",
            times,
            lambda g, *x: tuple(local + g for local in rule(1.0, *x)),
        )
    yield slip(
        "upstream-twice",
        f"the step of {name} multiplies by the upstream gradient twice",
        "one factor out.grad is enough: self.grad += local * out.grad",
        lambda g, *x: rule(g * g, *x),
    )
    yield slip(
        "sign",
        f"the step of {name} hands on its gradient with the opposite sign",
        "turn the sign of the contribution round",
        lambda g, *x: rule(-g, *x),
    )
    yield slip(
        "doubled",
        f"the step of {name} hands its contribution on twice",
        "let it run once for each pass, and add each contribution once",
        lambda g, *x: rule(2 * g, *x),
    )
    yield slip(
        "halved",
        f"the step of {name} hands on half of its contribution",
        "hand on the whole: self.grad += local * out.grad",
        lambda g, *x: rule(g / 2, *x),
    )
    yield slip(
        "nothing",
        f"the step of {name} hands nothing on to its operand{'s' * (operation in _BINARY)}",
        "is its function stored (out._backward = _backward, without brackets)? does it add, and read out.grad?",
        lambda g, *x: tuple(0.0 for _ in rule(g, *x)),
    )
    yield _slip(
        "upstream",
        operation,
        f"the step of {name} multiplies by its operand's own gradient, which is still 0, where the result's belongs",
        times,
        Behaviour(is_own=frozenset({operation})),
    )
    if operation in _BINARY:
        yield from _one_sided(operation)


def _one_sided(operation: str) -> Iterator[Slip]:
    name, rule = written(operation), HANDED[operation]
    for i, side, who in ((0, "left", "self"), (1, "right", "other")):

        def lost(g: float, *x: float, i: int = i) -> tuple[float, ...]:
            return tuple(0.0 if j == i else c for j, c in enumerate(rule(g, *x)))

        def blind(g: float, *x: float, i: int = i) -> tuple[float, ...]:
            return tuple(rule(1.0, *x)[j] if j == i else c for j, c in enumerate(rule(g, *x)))

        def turned(g: float, *x: float, i: int = i) -> tuple[float, ...]:
            return tuple(-c if j == i else c for j, c in enumerate(rule(g, *x)))

        def left_in_both(g: float, *x: float, i: int = i) -> tuple[float, ...]:
            handed = rule(g, *x)
            return (sum(handed), 0.0) if i == 1 else (0.0, sum(handed))

        behaviours = [Behaviour(handed={operation: h}) for h in (lost, blind, turned, left_in_both)]
        yield _slip(
            "operand-lost",
            operation,
            f"the {side} operand of {name} gets nothing from its step",
            f"see whether the step adds to it ({who}.grad += …), and that every factor is right: .data, and out.grad",
            behaviours[0],
        )
        yield _slip(
            "upstream",
            operation,
            f"the step of {name} leaves out the upstream gradient for its {side} operand",
            f"multiply that contribution by out.grad too: {who}.grad += local * out.grad",
            behaviours[1],
        )
        right = rule(1.0, 0.5, 0.25, 0.0)[i]
        yield _slip(
            "sign",
            operation,
            f"the step of {name} hands the gradient to its {side} operand with the opposite sign",
            f"turn the sign of that contribution round: {who}.grad {'+=' if right > 0 else '-='} …",
            behaviours[2],
        )
        yield _slip(
            "operand-lost",
            operation,
            f"the step of {name} adds both contributions to its {'left' if i == 1 else 'right'} operand",
            f"the second one belongs to the other operand: {who}.grad += …",
            behaviours[3],
        )


def _rules_of(operation: str) -> Iterator[Slip]:
    for entry in (*RULE_SLIPS.get(operation, ()), *_general_rules(operation)):
        values = {} if entry.value is None else {operation: entry.value}
        handed = {} if entry.handed is None else {operation: entry.handed}
        yield _slip(entry.code, operation, entry.says, entry.cure, Behaviour(values=values, handed=handed))


def _general_rules(operation: str) -> Iterator[RuleSlip]:
    """Yield slips of a function of one number that need no formula of its own."""
    if operation in _BINARY or operation in _CONSTANT or operation == "neg":
        return
    rule, value = HANDED[operation], VALUES[operation]
    cure = "work out the local derivative once more, and try it with sw.exercise"
    yield RuleSlip(
        "derivative",
        f"the slope of {operation} is taken at its result; it belongs at its operand",
        cure,
        handed=lambda g, x, z: rule(g, z, value(z)),
    )
    yield RuleSlip(
        "derivative",
        f"the step of {operation} takes the value itself for the slope",
        cure,
        handed=lambda g, x, z: (z * g,),
    )
    yield RuleSlip(
        "derivative",
        f"the step of {operation} hands the gradient on as it is: it takes the slope for 1",
        cure,
        handed=lambda g, x, z: (g,),
    )
    yield RuleSlip(
        "derivative",
        f"the step of {operation} takes the operand itself for the slope",
        cure,
        handed=lambda g, x, z: (x * g,),
    )
    yield RuleSlip(
        "derivative",
        f"the step of {operation} divides by the slope where it should multiply",
        "multiply: self.grad += local * out.grad",
        handed=lambda g, x, z: (g / rule(1.0, x, z)[0],),
    )


def _everywhere() -> Iterator[Slip]:
    yield Slip(
        "assign",
        "",
        "",
        "gradients are written with `=`: a second contribution wipes out the first",
        "add each contribution with `+=`: self.grad += …",
        Behaviour(assigned=frozenset({("*", -1)})),
    )
    for i, side, who in ((0, "left", "self"), (1, "right", "other")):
        yield Slip(
            "assign",
            "",
            "",
            f"the gradient of the {side} operand is written with `=`: a second contribution wipes out the first",
            f"add each contribution with `+=`: {who}.grad += …",
            Behaviour(assigned=frozenset({("*", i)})),
        )
    yield Slip(
        "upstream",
        "",
        "",
        "no step multiplies by the upstream gradient",
        "multiply each local derivative by out.grad: self.grad += local * out.grad",
        Behaviour(is_blind=True),
    )
    yield Slip(
        "collision",
        "",
        "",
        "an operand used twice in one operation gets the last contribution alone",
        "a dict or a set keeps an operand once: keep operands and local derivatives in tuples, side by side",
        Behaviour(collides=frozenset({"*"})),
    )
    yield Slip(
        "upstream",
        "",
        "",
        "every step multiplies by the operand's own gradient, which is still 0, where the result's belongs",
        "multiply by the gradient of the node whose step it is: self.grad += local * out.grad",
        Behaviour(is_own=frozenset({"*"})),
    )
    yield Slip(
        "late",
        "",
        "",
        "every step gives its last operand's contribution to the last operand again, and none to the first",
        "a function made in a loop sees the loop's last value: bind it, def step(child=child, local=local): …",
        Behaviour(is_late=True),
    )
    yield from _forgotten("*")


def _forgotten(operation: str) -> Iterator[Slip]:
    """Yield what a result may not remember: its operands, or one of them."""
    method = "" if operation == "*" else method_of(operation)
    who = "the nodes do" if operation == "*" else f"{written(operation)} does"
    keep = "does the constructor keep what it is given (self._prev = set(_children)), and does every result hand it on?"
    hand = "hand them to the result: Value(…, (self, other))" if operation in _BINARY else "Value(…, (self,))"
    cure = keep if operation == "*" else hand
    place = "" if operation == "*" else operation
    both_sides = "operands" if operation == "*" or operation in _BINARY else "operand"
    yield Slip(
        "children",
        method,
        place,
        f"{who} not remember {'their' if operation == '*' else 'its'} {both_sides}: no pass goes on from there",
        cure,
        Behaviour(forgotten=frozenset({(operation, -1)})),
    )
    if operation != "*" and operation not in _BINARY:
        return
    for i, side in ((0, "left"), (1, "right")):
        yield Slip(
            "children",
            method,
            place,
            f"{who} not remember the {side} operand: no pass reaches it from there",
            cure,
            Behaviour(forgotten=frozenset({(operation, i)})),
        )


# fmt: off
_ORDERS: tuple[tuple[Order, str, str, str], ...] = (
    ("each path", "order", "a node hands its gradient on once for each path that reaches it, before all has arrived",
     "list every node once (keep a set of those visited), operands before results, and run that list from its end"),
    ("each path, seeded", "seed", "every node that the pass reaches gets the gradient 1; only the root starts with 1",
     "set self.grad = 1 once, then run the steps of all nodes in a loop that sets nothing"),
    ("root alone", "recursion", "only the root's own step runs: the gradient stops at its operands",
     "run the step of every node below the root, results before operands"),
    ("first met", "order", "the pass visits a node as soon as it meets it, before all of its gradient has arrived",
     "add a node to the list after its operands (operands first), then run the list from its end"),
    ("by levels", "order", "the pass goes level by level: a node hands its gradient on before all of it has arrived",
     "list every node once, operands before results, and run the steps from the end of that list"),
    ("by levels, repeated", "order", "the pass goes level by level and runs a node again each time it is reached",
     "list every node once, operands before results, and run the steps from the end of that list"),
    ("operands first", "reversed", "the steps run from the leaves up: a node hands its gradient on before it has one",
     "go through the list from its end: for node in reversed(topo)"),
    ("first operand alone", "children", "the pass follows one operand of each node and never reaches the others",
     "visit every operand: is a `return` inside the loop over them?"),
    ("pushed", "assign", "what arrives along one path wipes out what came along another",
     "add each contribution with `+=`: self.grad += …"),
    ("pushed, adding", "order", "a node hands all of its gradient on again whenever more arrives: parts count twice",
     "hand on what has just arrived, or list every node once, operands before results, and run it from its end"),
    ("without the root", "root", "the root's own step never runs, so that nothing flows",
     "the list of nodes ends with the root, after all of its operands"),
    ("equal numbers are one", "equality", "two nodes that hold the same number count as one: == compares their data",
     "compare nodes by identity: leave __eq__ and __hash__ as Python gives them, or keep id(node) in visited"),
)
# fmt: on


def _orders() -> Iterator[Slip]:
    for order, code, says, cure in _ORDERS:
        yield Slip(code, "backward", "", says, cure, Behaviour(order=order))
    yield Slip(
        "seed",
        "backward",
        "",
        "the pass does not start: the root's gradient stays 0, and 0 times anything is 0",
        "set self.grad = 1 before the first step: the slope of the root by itself",
        Behaviour(seed="nothing"),
    )
    yield Slip(
        "seed",
        "backward",
        "",
        "the pass starts with the root's value in the place of 1",
        "set self.grad = 1 before the first step: the slope of the root by itself",
        Behaviour(seed="value"),
    )
    yield Slip(
        "seed",
        "backward",
        "",
        "the root's gradient is set to 1 only after the steps have run, so that 0 was handed on",
        "set self.grad = 1 before the first step: the slope of the root by itself",
        Behaviour(seed="late"),
    )
    yield Slip(
        "seed",
        "backward",
        "",
        "the gradients of all nodes are set to 1 before the steps run; only the root starts with 1",
        "set self.grad = 1 alone, before the loop; every other gradient starts at 0",
        Behaviour(seed="all"),
    )


def seeded_with(number: float) -> Slip:
    """Return the slip of a pass that starts with another number than 1."""
    from slopewise.basics.shown_numbers import shown

    return Slip(
        "seed",
        "backward",
        "",
        f"the pass starts with {shown(number)} in the place of 1",
        "set self.grad = 1 before the first step: the slope of the root by itself",
        Behaviour(seed=number),
    )


def _passes() -> Iterator[Slip]:
    yield Slip(
        "kept",
        "backward",
        "",
        "the list of nodes is kept from one pass to the next, so that steps of an earlier graph run again",
        "make the list anew inside backward(): topo = []",
        Behaviour(passes="list is kept"),
    )
    yield Slip(
        "kept",
        "backward",
        "",
        "what the pass notes down (the visited nodes, or a tape) is not fresh for a later pass, which skips nodes",
        "make visited anew inside backward(): no default argument, no attribute of the class; and keep a tape whole",
        Behaviour(passes="visited is kept"),
    )


def is_same(x: float, y: float) -> bool:
    """Tell whether two numbers agree, as far as single precision can tell."""
    if math.isnan(x) or math.isnan(y):
        return math.isnan(x) and math.isnan(y)
    if math.isinf(x) or math.isinf(y):
        return x == y
    return abs(x - y) <= 1e-6 * max(1.0, abs(x), abs(y))
