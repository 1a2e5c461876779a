"""Gradients by `backward()` against slopes from values, scalar by scalar or along random directions."""

import inspect
import math
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

from slopewise.basics.arguments import (
    argument_names,
    check_callable,
    check_count,
    name_of,
    number_of,
    plain,
    rebuilt,
    scalars_of,
    shortened,
)
from slopewise.basics.evaluation import reached_from
from slopewise.basics.gradient_rows import GradientCheck, GradientRow, Verdict
from slopewise.basics.gradient_verdicts import judged
from slopewise.engine import Value
from slopewise.engine.value import was_written
from slopewise.errors import DomainError, NumberError


def check_gradients(
    f: Callable[..., Any],
    *args: Any,
    parameters: Any = None,
    method: Literal["each", "directional"] = "each",
    tolerance: float = 1e-6,
    directions: int = 3,
    seed: int = 0,
) -> GradientCheck:
    """Compare the gradients that `backward()` gives with slopes measured from values.

    The step is chosen for each scalar, and two step sizes are compared; where they disagree, a longer look tells a
    kink, a jump and a pole from a wrong gradient. When it returns or raises, data and gradients are as before.

    Args:
        f: A function of numbers that returns a Value, or several in a list, a tuple, a dict or an array.
        *args: What f is called with: numbers, Values, and nested lists, tuples, dicts and arrays of them. Every number
            is given to f as a Value. Strings, booleans, None and other objects are handed on as they are.
        parameters: Values that f reads from elsewhere: a list, a dict, or a model with `named_parameters()` or
            `parameters()`. Then these are checked, and `args` are handed to f unchanged.
        method: `"each"` moves one scalar at a time, two or more calls of f for each. `"directional"` moves all of them
            together along a few random directions: cheap for many parameters, but it does not say which one is wrong.
        tolerance: The relative error up to which a gradient counts as right.
        directions: How many directions `"directional"` tries.
        seed: Where the random directions start.

    Returns:
        The report: `.ok`, `.rows`, `.notes`; print it to read it.

    Raises:
        NumberError: f is no function or returned no number; a parameter is no Value; an argument is complex.
        ShapeError: f takes more or fewer arguments, or takes one by name only.
        DomainError: There is no number to check; `tolerance`, `directions` or `method` is out of range.

    Example:
        >>> import slopewise as sw
        >>> report = sw.check_gradients(lambda a, b: (a * b).tanh(), 0.5, -1.0)
        >>> report.ok, [row.name for row in report.rows]
        (True, ['a', 'b'])
        >>> w = sw.Value(0.5, label="w")
        >>> sw.check_gradients(lambda: (w * 3).exp(), parameters=[w]).ok
        True

    Source: D. Maclaurin, D. Duvenaud, M. Johnson, J. Townsend: the checker of HIPS/autograd, for the idea of one random
        inner product.
    """
    check_callable(f, "check_gradients()")
    _check_options(method, tolerance, directions)
    check_count(f, len(args), "check_gradients()")
    subject = _Subject(f, args) if parameters is None else _Subject(f, args, _named_parameters(parameters))
    with _Restored(subject.leaves):
        return _checked(subject, method, tolerance, directions, seed)


def _check_options(method: object, tolerance: object, directions: object) -> None:
    if method not in ("each", "directional"):
        raise DomainError(f"check_gradients(): there is no method {method!r}\nthere are 'each' and 'directional'")
    if not isinstance(tolerance, (int, float)) or not 0 < tolerance < 1:
        raise DomainError(f"check_gradients(): tolerance must lie between 0 and 1, got {tolerance!r}\ntry 1e-6")
    if not isinstance(directions, int) or directions < 1:
        raise DomainError(f"check_gradients(): directions must be a whole number of at least 1, got {directions!r}")


def _named_parameters(parameters: Any) -> list[tuple[str, Value]]:
    """List name and Value of parameters given as a list, a dict or a model.

    Raises:
        NumberError: One of them is not a Value.
        DomainError: There are none.
    """
    if inspect.isroutine(parameters):
        what, owner = ("method", "net.") if hasattr(parameters, "__self__") else ("function", "")
        name = name_of(parameters)
        raise NumberError(
            f"check_gradients(): parameters is the {what} {name} itself\ncall it, with brackets: {owner}{name}()"
        )
    if hasattr(parameters, "named_parameters"):
        named = [(str(name), p) for name, p in _pairs(parameters.named_parameters())]
    elif hasattr(parameters, "parameters") and not isinstance(parameters, Value):
        named = list(scalars_of(list(parameters.parameters()), "parameters"))
    else:
        if isinstance(parameters, Iterator):
            parameters = list(parameters)
        named = list(scalars_of(parameters, "parameters"))
        if isinstance(parameters, dict):
            named = [(n.removeprefix("parameters['").replace("']", "", 1), p) for n, p in named]
    for name, p in named:
        if not isinstance(p, Value):
            raise NumberError(
                f"check_gradients(): {name} is {p!r}, and parameters must be Values that f reads\n"
                f"give numbers as arguments instead: check_gradients(f, {p!r})"
            )
    if not named:
        raise DomainError(
            f"check_gradients(): there is no Value in parameters={shortened(parameters)}\n"
            f"give a list of Values, a dict, or a model with parameters()"
        )
    return named


def _pairs(named: Any) -> Any:
    return named.items() if isinstance(named, dict) else named


class _Subject:
    """The function, the Values that are moved, and how to call the one at given numbers of the others."""

    def __init__(
        self, f: Callable[..., Any], args: tuple[Any, ...], parameters: list[tuple[str, Value]] | None = None
    ) -> None:
        self.f = f
        self.notes: list[str] = []
        self.evaluations = 0
        if parameters is None:
            parameters, self.args = self._as_values(args)
        else:
            self.args = args
            self.notes += _computed_from_each_other(parameters)
        names: dict[int, list[str]] = {}
        unique: dict[int, Value] = {}
        for name, leaf in parameters:
            names.setdefault(id(leaf), []).append(name)
            unique[id(leaf)] = leaf
        self.leaves = list(unique.values())
        self.names = [", ".join(dict.fromkeys(names[key])) for key in unique]
        for key, shared in names.items():
            if len(shared) > 1:
                listed = " and ".join(dict.fromkeys(shared)) if len(set(shared)) > 1 else f"{shared[0]}, given twice,"
                are = "are" if len(set(shared)) > 1 else "is"
                self.notes.append(f"{listed} {are} the same Value: one row, the gradient through all of its uses")
            number_of(unique[key], f"check_gradients(): {shared[0]} is")
        self.start = [leaf.data for leaf in self.leaves]

    def _as_values(self, args: tuple[Any, ...]) -> tuple[list[tuple[str, Value]], tuple[Any, ...]]:
        named: list[tuple[str, Value]] = []
        stand_ins: dict[int, Value] = {}
        for name, argument in zip(argument_names(self.f, len(args)), args, strict=True):
            for scalar_name, item in scalars_of(argument, name):
                leaf = item if isinstance(item, Value) else Value(plain(item), label=scalar_name)
                if leaf._prev:  # computed before: an input of its own here, cut off from where it came from
                    leaf = stand_ins.setdefault(id(item), leaf.detach())
                    self.notes.append(f"{scalar_name} was computed from other Values: here it is an input of its own")
                named.append((scalar_name, leaf))
        if not named:
            raise DomainError(
                f"check_gradients(): there is no number among the arguments {shortened(args)}\n"
                f"give the numbers at which to check, or parameters="
            )
        values = iter([leaf for _, leaf in named])
        return named, tuple(rebuilt(argument, values) for argument in args)

    def call(self) -> list[tuple[str, Any]]:
        """Call the function and list name and item of each of its outputs."""
        self.evaluations += 1
        result = self.f(*self.args)
        outputs = list(scalars_of(result, name_of(self.f)))
        if len({name for name, _ in outputs}) < len(outputs):  # one label, or one argument, in several places
            counts = Counter(name for name, _ in outputs)
            outputs = [(f"{name_of(self.f)}[{i}]" if counts[n] > 1 else n, item) for i, (n, item) in enumerate(outputs)]
        for leaf_name, item in outputs:
            number_of(item, f"check_gradients(): {leaf_name} returned")
        if not outputs:
            number_of(result, f"check_gradients(): {name_of(self.f)} returned")
            raise NumberError(f"check_gradients(): {name_of(self.f)} returned {result!r}, in which there is no number")
        return outputs

    def put(self, numbers: Sequence[Any]) -> None:
        """Give every Value its number."""
        for leaf, number in zip(self.leaves, numbers, strict=True):
            leaf.data = number

    def values_at(self, numbers: Sequence[Any]) -> list[float]:
        """Return the outputs at other numbers; empty where the function fails."""
        self.put(numbers)
        try:
            return [number_of(item, "") for _, item in self.call()]
        except Exception:
            return []


def _computed_from_each_other(parameters: list[tuple[str, Value]]) -> list[str]:
    names = {id(leaf): name for name, leaf in parameters}
    notes = []
    for name, leaf in dict(parameters).items():
        below = [names[key] for key in reached_from(leaf) if key in names and key != id(leaf)] if leaf._prev else []
        if below:
            notes.append(
                f"{name} was computed from {', '.join(below)} before f is called: moving {below[0]} does not move "
                f"{name}, so their gradients cannot be compared; compute {name} inside f, or leave it out"
            )
    return notes


class _Restored:
    """A block after which data and gradients of the given Values, and the random state, are as before it."""

    def __init__(self, leaves: list[Value]) -> None:
        self.leaves = leaves

    def __enter__(self) -> None:
        self.data = [leaf.data for leaf in self.leaves]
        self.gradients = _gradients_of(self.leaves)
        self.states = random_states()

    def __exit__(self, *_: object) -> None:
        for leaf, number in zip(self.leaves, self.data, strict=True):
            leaf.data = number
            if not leaf._prev:
                leaf.zero_grad()
        _put_gradients(self.gradients)
        random.setstate(self.states[0])
        if self.states[1] is not None:
            sys.modules["numpy"].random.set_state(self.states[1])


def _gradients_of(nodes: Any) -> list[tuple[Value, Any]]:
    return [(node, node.grad if was_written(node) else None) for node in nodes]


def _put_gradients(gradients: list[tuple[Value, Any]]) -> None:
    """Write gradients back, after `zero_grad()` has made everything unwritten."""
    for node, gradient in gradients:
        if gradient is not None:
            node.grad = gradient


def random_states() -> tuple[Any, Any]:
    """Return the states of `random` and, if it is loaded, of `numpy.random`."""
    numpy = sys.modules.get("numpy")
    return random.getstate(), numpy.random.get_state() if numpy is not None else None


def _checked(subject: _Subject, method: str, tolerance: float, directions: int, seed: int) -> GradientCheck:
    before = random_states()
    outputs = subject.call()
    source = _random_source(before, random_states())
    moved = [
        name
        for name, leaf, number in zip(subject.names, subject.leaves, subject.start, strict=True)
        if leaf.data is not number and leaf.data != number and not (leaf.data != leaf.data and number != number)
    ]
    if moved:
        subject.notes.append(f"{name_of(subject.f)} changes the data of {', '.join(moved)} while it runs")
    subject.put(subject.start)
    values = [number_of(item, "") for _, item in outputs]
    gradients = [_gradients_by_backward(item, subject.leaves) for _, item in outputs]
    again = subject.call()
    is_stale = any(
        isinstance(new, Value) and new is old and new._prev for (_, old), (_, new) in zip(outputs, again, strict=False)
    )
    names = [name for name, _ in outputs]
    del outputs
    repeats = _is_same(values, [number_of(item, "") for _, item in again])
    if not repeats:
        subject.notes.append(_does_not_repeat(subject.f, values, [number_of(item, "") for _, item in again], source))
    del again
    if is_stale:
        subject.notes.append(
            f"{name_of(subject.f)} returns the same node at each call and does not compute anew: "
            f"build the graph inside the function"
        )
    rows = list(_rows(subject, names, values, gradients, tolerance, method, directions, random.Random(seed), repeats))
    if repeats:
        final = subject.values_at(subject.start)
        if not _is_same(values, final):
            repeats = False
            subject.notes.append(_does_not_repeat(subject.f, values, final, source))
    return GradientCheck(
        function=name_of(subject.f),
        rows=tuple(rows),
        notes=tuple(dict.fromkeys(subject.notes)),
        repeats=repeats,
        method=method,
        evaluations=subject.evaluations,
    )


def _random_source(before: tuple[Any, Any], after: tuple[Any, Any]) -> str:
    if before[0] != after[0]:
        return "random"
    if before[1] is not None and after[1] is not None and repr(before[1]) != repr(after[1]):
        return "numpy.random"
    return ""


def _is_same(first: list[float], second: list[float]) -> bool:
    return len(first) == len(second) and all(a == b or (a != a and b != b) for a, b in zip(first, second, strict=True))


def _does_not_repeat(f: Callable[..., Any], first: list[float], second: list[float], source: str) -> str:
    pairs = [(a, b) for a, b in zip(first, second, strict=False) if a != b]
    gave = (
        f"gave {pairs[0][0]!r} and then {pairs[0][1]!r}"
        if pairs
        else f"gave {len(first)} and then {len(second)} numbers"
    )
    cause = f"it draws from `{source}`: seed it inside the function" if source else "it keeps a state from call to call"
    return f"{name_of(f)} does not repeat itself: the same numbers {gave}; {cause}, else its slopes cannot be measured"


def _gradients_by_backward(output: Any, leaves: list[Value]) -> list[tuple[float, bool]]:
    """Return the gradient of every leaf and whether a path of the graph leads to it; put all gradients back."""
    if not isinstance(output, Value):
        return [(0.0, False)] * len(leaves)
    nodes = reached_from(output)
    before = _gradients_of(nodes.values())
    try:
        output.zero_grad()
        output.backward()
        return [
            (number_of(leaf.grad, "the gradient is") if id(leaf) in nodes else 0.0, id(leaf) in nodes)
            for leaf in leaves
        ]
    finally:
        output.zero_grad()
        _put_gradients(before)


def _rows(
    subject: _Subject,
    names: list[str],
    values: list[float],
    gradients: list[list[tuple[float, bool]]],
    tolerance: float,
    method: str,
    directions: int,
    draws: random.Random,
    repeats: bool,
) -> Iterator[GradientRow]:
    """Yield a row per scalar or direction, and per output."""
    start = [float(number) for number in subject.start]
    moves: list[tuple[str, float, dict[int, float]]]
    if method == "each":
        moves = [(name, start[i], {i: 1.0}) for i, name in enumerate(subject.names)]
    else:
        moves = [
            (f"direction {k + 1}", 0.0, {i: draws.gauss(0.0, 1.0) * max(1.0, abs(x)) for i, x in enumerate(start)})
            for k in range(directions)
        ]
    for move_name, x, direction in moves:
        known: dict[float, list[float]] = {x: values}

        def outputs_at(
            t: float, x: float = x, direction: dict[int, float] = direction, known: dict[float, list[float]] = known
        ) -> list[float]:
            if t not in known:
                moved = list(subject.start)
                for i, weight in direction.items():
                    moved[i] = t if method == "each" else start[i] + t * weight
                known[t] = subject.values_at(moved)
            return known[t]

        for k, output_name in enumerate(names):

            def value_at(t: float, k: int = k, outputs_at: Any = outputs_at) -> float:
                outputs = outputs_at(t)
                return outputs[k] if len(outputs) == len(values) else math.nan

            along = sum(gradients[k][i][0] * weight for i, weight in direction.items())
            is_reached = any(gradients[k][i][1] for i in direction)
            label = move_name if len(names) == 1 else f"{output_name} by {move_name}"
            if repeats:
                yield judged(label, value_at, x, along, is_reached, tolerance)
            else:
                yield GradientRow(
                    name=label,
                    value=x,
                    gradient=along,
                    numeric=math.nan,
                    error=math.inf,
                    absolute_error=math.nan,
                    relative_error=math.nan,
                    verdict=Verdict.UNSURE,
                    why="",
                    h=math.nan,
                )
    subject.put(subject.start)
