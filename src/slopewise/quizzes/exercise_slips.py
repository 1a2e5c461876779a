"""Slips in a derivative found by hand: what each would give at every point, and which one a learner's numbers fit."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from slopewise.basics.shown_numbers import shown
from slopewise.engine import Value

Gradient = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """One point: what the learner gave there, and what is right.

    Attributes:
        point: The arguments.
        upstream: The upstream gradient that a backward rule was given; 1 for a derivative.
        given: What the learner's function gave.
        right: What is right; of the right gradient only what the function's slopes could tell.
        value: The function's value.
        root: The function's graph at the point, and its leaves; None when there is none.
    """

    point: tuple[float, ...]
    upstream: float
    given: Gradient
    right: Gradient
    value: float
    root: tuple[Value, Sequence[Value]] | None = None


_Tried = tuple["Slip", Callable[[Sample], Gradient | None] | None]  # None: it is known to fit
_Family = Iterator[_Tried]


def is_close(x: float, y: float, tolerance: float = 1e-5, floor: float = 1e-3) -> bool:
    """Tell whether two numbers agree, relative to the larger one or to a floor."""
    return x == y or abs(x - y) <= tolerance * max(floor, abs(x), abs(y))


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip that fits: a short name, a sentence, and what to do."""

    code: str
    says: str
    cure: str


def find_slips(samples: Sequence[Sample], names: Sequence[str], function: str, is_rule: bool) -> list[Slip]:
    """Return the slips that give the learner's numbers at every point; the plainest first.

    Args:
        samples: The points, at least one of which is wrong.
        names: The names of the arguments.
        function: What the function is called.
        is_rule: Whether a backward rule is checked, and not a derivative.
    """
    families: list[Iterator[_Tried]] = []
    if is_rule:
        families.append(_upstream_slips())
    families += [_sign_slips(), _argument_slips(names, is_rule), _graph_family(samples, is_rule)]
    families += [_whole_slips(names, function), _constant_slips(samples), _near(samples)]
    for family in families:
        found = [slip for slip, wrong in family if wrong is None or _fits(samples, wrong)]
        if found:
            return list({slip.says: slip for slip in found}.values())
    return list(_one_off(samples, names))


def _fits(samples: Sequence[Sample], wrong: Callable[[Sample], Gradient | None]) -> bool:
    """Tell whether a slip gives the learner's numbers, and not the right ones, wherever it can be computed."""
    computed, differing = 0, 0
    for sample in samples:
        try:
            numbers = wrong(sample)
        except (ArithmeticError, ValueError):
            continue
        if numbers is None or not all(map(is_close, numbers, sample.given)):
            return False
        computed += 1
        differing += not all(map(is_close, numbers, sample.right))
    return differing > 0 and 2 * computed > len(samples)


def _upstream_slips() -> _Family:
    times = "multiply each local derivative by out_grad"
    yield (
        Slip("upstream", "the rule leaves out the upstream gradient: it is right only where out_grad is 1", times),
        lambda s: tuple(x / s.upstream for x in s.right),
    )
    yield (
        Slip("upstream-added", "the rule adds the upstream gradient; the chain rule multiplies by it", times),
        lambda s: tuple(x / s.upstream + s.upstream for x in s.right),
    )
    yield (
        Slip("upstream-twice", "the rule multiplies by the upstream gradient twice", "one factor out_grad is enough"),
        lambda s: tuple(x * s.upstream for x in s.right),
    )
    yield (
        Slip("upstream-alone", "the rule hands the upstream gradient on unchanged", times),
        lambda s: tuple(s.upstream for _ in s.right),
    )
    yield (
        Slip("upstream-data", "the rule multiplies by the result's value where out_grad belongs", times),
        lambda s: tuple(x / s.upstream * s.value for x in s.right),
    )


def _sign_slips() -> _Family:
    yield Slip("sign", "it has the opposite sign", "turn the sign round"), lambda s: tuple(-x for x in s.right)


def _graph_family(samples: Sequence[Sample], is_rule: bool) -> _Family:
    from slopewise.quizzes.exercise_graph import graph_slips

    for slip in graph_slips(samples, is_rule):
        yield slip, None


def _whole_slips(names: Sequence[str], function: str) -> _Family:
    called = f"{function}({', '.join(names)})"
    yield (
        Slip("value", f"it is {called} itself, not its slope", f"differentiate {function}"),
        lambda s: tuple(s.value * s.upstream for _ in s.right),
    )
    yield (
        Slip("reciprocal", "it is one over the slope", "turn the fraction round"),
        lambda s: tuple(s.upstream * s.upstream / x for x in s.right),
    )
    yield (
        Slip("squared", "it is the square of the slope", "take the slope once"),
        lambda s: tuple(x * x / s.upstream for x in s.right),
    )
    yield (
        Slip("value", f"it is the slope times {called}", f"leave the factor {called} out"),
        lambda s: tuple(x * s.value for x in s.right),
    )
    yield (
        Slip(
            "logarithmic", f"it is the slope divided by {called}: the slope of its logarithm", f"multiply by {called}"
        ),
        lambda s: tuple(x / s.value for x in s.right),
    )
    for i, name in enumerate(names):
        yield (
            Slip("operand", f"it is the slope times {name}", f"leave the factor {name} out"),
            lambda s, i=i: tuple(x * s.point[i] for x in s.right),  # type: ignore[misc]
        )
        yield (
            Slip("operand", f"the factor {name} is missing", f"multiply by {name}"),
            lambda s, i=i: tuple(x / s.point[i] for x in s.right),  # type: ignore[misc]
        )


def _near(samples: Sequence[Sample]) -> _Family:
    """Yield what is to be said of numbers that are all close, and not close enough."""
    gaps = [abs(g - r) / abs(r) for s in samples for g, r in zip(s.given, s.right, strict=True) if abs(r) > 1e-9]
    if gaps and max(gaps) < 2e-2:
        says = f"it is close to the slope, and off by up to {shown(100 * max(gaps), 2)} %"
        cure = "is it measured with a finite step, or is a constant rounded? write the derivative as a formula"
        yield Slip("near", says, cure), None


def _constant_slips(samples: Sequence[Sample]) -> _Family:
    """Yield the slip of a constant factor, the constant difference, and the constant itself."""
    factors = [g / r for s in samples for g, r in zip(s.given, s.right, strict=True) if abs(r) > 1e-9]
    is_one = not factors or shown(abs(factors[0])) == "1" or factors[0] == 0.0
    if not is_one and all(is_close(factor, factors[0]) for factor in factors):
        factor = factors[0]
        yield Slip("factor", *_factor_words(factor)), lambda s: tuple(factor * x for x in s.right)
    yield (
        Slip("zero", "it is 0 everywhere", "the function does change: differentiate it"),
        lambda s: tuple(0.0 for _ in s.right),
    )


def _factor_words(factor: float) -> tuple[str, str]:
    sign = " with the opposite sign" if factor < 0 else ""
    size = abs(factor)
    for times, word in ((2, "twice"), (3, "three times"), (4, "four times")):
        if is_close(size, times):
            return f"it is {word} the slope{sign}", f"divide by {times}" + (" and turn the sign round" if sign else "")
        if is_close(size, 1 / times):
            part = {2: "half of", 3: "a third of", 4: "a quarter of"}[times]
            missing = f"a factor {times} is missing" if not sign else f"a factor −{times} is missing"
            return f"it is {part} the slope{sign}: {missing}", f"multiply by {'−' if sign else ''}{times}"
    return f"it is {shown(factor)} times the slope", f"divide by {shown(factor)}"


def _argument_slips(names: Sequence[str], is_rule: bool) -> _Family:
    """Yield what goes wrong with one argument among several."""
    if len(names) < 2:
        return
    if len(names) == 2:
        yield (
            Slip("exchanged", f"the slopes by {names[0]} and by {names[1]} are exchanged", "exchange them"),
            lambda s: (s.right[1], s.right[0]),
        )
    for i, name in enumerate(names):
        rest = f"the slope by {name}"

        def put(number: Callable[[Sample], float], i: int = i) -> Callable[[Sample], Gradient]:
            return lambda s: (*s.right[:i], number(s), *s.right[i + 1 :])

        yield (
            Slip("sign", f"{rest} has the opposite sign", f"turn its sign round: {name} is subtracted, or added"),
            put(
                lambda s, i=i: -s.right[i]  # type: ignore[misc]
            ),
        )
        yield (
            Slip("zero", f"{rest} is 0, as if {name} were a constant", f"differentiate by {name} too"),
            put(lambda s: 0.0),
        )
        for j, other in enumerate(names):
            if j != i:
                yield (
                    Slip("other", f"{rest} is the slope by {other}", f"differentiate by {name}, not by {other}"),
                    put(
                        lambda s, j=j: s.right[j]  # type: ignore[misc]
                    ),
                )
        for times, word in ((2.0, "twice what it should be"), (0.5, "half of what it should be")):
            yield (
                Slip("factor", f"{rest} is {word}", f"{'divide' if times == 2 else 'multiply'} it by 2"),
                put(
                    lambda s, i=i, times=times: times * s.right[i]  # type: ignore[misc]
                ),
            )
        if not is_rule:
            continue
        yield (
            Slip("upstream", f"{rest} leaves out the upstream gradient", "multiply it by out_grad"),
            put(
                lambda s, i=i: s.right[i] / s.upstream  # type: ignore[misc]
            ),
        )


def _one_off(samples: Sequence[Sample], names: Sequence[str]) -> Iterator[Slip]:
    """Yield what remains to be said: which of several slopes are off."""
    if len(names) < 2:
        return
    off = [
        name
        for i, name in enumerate(names)
        if any(not is_close(sample.given[i], sample.right[i]) for sample in samples)
    ]
    if 0 < len(off) < len(names):
        fine = ", ".join(name for name in names if name not in off)
        yield Slip("some", f"only the slope by {', '.join(off)} is off; by {fine} it is right", "")
