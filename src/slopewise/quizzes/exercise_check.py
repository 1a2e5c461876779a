"""`exercise`: a derivative, a gradient or a backward rule that a learner worked out, tried at many points."""

import contextlib
import math
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from slopewise.basics.arguments import (
    argument_names,
    check_callable,
    is_array,
    is_scalar,
    name_of,
    number_of,
    parameters_of,
    signature_of,
    takes,
)
from slopewise.basics.evaluation import PointFunction
from slopewise.basics.gradient_rows import Verdict
from slopewise.basics.gradient_verdicts import judged
from slopewise.engine import Value
from slopewise.errors import DomainError, NumberError, ShapeError
from slopewise.quizzes.engine_trouble import short_path
from slopewise.quizzes.exercise_points import UPSTREAM, points
from slopewise.quizzes.exercise_report import CounterExample, ExerciseCheck
from slopewise.quizzes.exercise_slips import Sample, find_slips, is_close

_Number = Callable[..., Any]


def exercise(
    f: Callable[..., Any],
    df: Any = None,
    *,
    rule: Callable[..., Any] | None = None,
    at: Iterable[Any] | None = None,
    tolerance: float = 1e-5,
) -> ExerciseCheck:
    """Check a derivative that you worked out by hand, at many points, and show the first at which it is wrong.

    f(x) and df(x), or f(a, b) and df(a, b) = (∂f/∂a, ∂f/∂b). What is right is measured from the values of f alone. At a
    kink every number between the slopes of both sides is right; points at which f is undefined are left out, and said.

    Args:
        f: A function of one or several numbers, written for floats, for Values or for both.
        df: Your derivative: a function of the same arguments that returns a number, or one per argument (a tuple, a
            list, or a dict by name). Also a number for a constant slope, or one function per argument.
        rule: In place of `df`, your backward rule: a function of the upstream gradient and the arguments, and of the
            result as well if it takes one more. It returns what each argument's `.grad` gets.
        at: Where to try it; by default about 50 points, the same each time, friendly numbers first. For several
            arguments, one tuple per point.
        tolerance: The relative error up to which a number counts as right.

    Returns:
        The report: `.passed`, `.counterexample`, `.cause`; print it to read it.

    Raises:
        NumberError: f, df or rule is no function, or returns no number.
        ShapeError: df or rule takes other arguments than f, or returns another number of slopes.
        DomainError: Neither or both of df and rule are given; f has no slope at any point; `at` or `tolerance` is not
            usable.

    Example:
        >>> import slopewise as sw
        >>> sw.exercise(lambda x: x**2, df=lambda x: 2 * x).passed
        True
        >>> print(sw.exercise(lambda a, b: a * b, df=lambda a, b: (a, b)))
        The derivative of f is wrong at 46 of 48 points
        at a = 2, b = 3:
        <BLANKLINE>
              yours  right
        by a    = 2    = 3  ←
        by b    = 3    = 2  ←
        <BLANKLINE>
        ✗ cause: the slopes by a and by b are exchanged.
        <BLANKLINE>
        ✓ cure: exchange them
        >>> sw.exercise(sw.tanh, rule=lambda out_grad, x, out: (1 - out**2) * out_grad).passed
        True

    Source: the habit of checking a gradient against differences; C. J. F. Ridders (1982) for the differences.
    """
    check_callable(f, "exercise()")
    if (df is None) == (rule is None):
        given = "neither" if df is None else "both"
        raise DomainError(
            f"exercise() needs your derivative df=… or your backward rule rule=…, got {given}\n"
            f"for example exercise(f, df=lambda x: 2 * x)"
        )
    _check_tolerance(tolerance)
    names = _names(f, at)
    answer = _Answer(df, names, f) if rule is None else _Rule(rule, names, f)
    return _compared(f, names, answer, _points(at, names), tolerance)


def _check_tolerance(tolerance: object) -> None:
    if isinstance(tolerance, bool) or not isinstance(tolerance, (int, float)) or not 0 < tolerance < 1:
        raise DomainError(f"exercise(): tolerance must lie between 0 and 1, got {tolerance!r}\ntry 1e-5")


def _names(f: _Number, at: Any) -> list[str]:
    """Return the names of the arguments that f is tried with."""
    arity = getattr(f, "arity", None)
    if isinstance(arity, int):
        return ["x", "y", "z"][:arity] if arity <= 3 else [f"x{i + 1}" for i in range(arity)]
    parameters = parameters_of(f)
    if parameters is None:
        return ["x"]
    has_any_number = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    if has_any_number:
        first = next(iter(at), None) if isinstance(at, (list, tuple)) else None
        if not isinstance(first, (list, tuple)):
            raise ShapeError(
                f"exercise(): {signature_of(f)} takes any number of arguments\n"
                f"wrap it, so that their number is known: lambda a, b: {name_of(f)}(a, b)"
            )
        return argument_names(f, len(first))
    needed = [p for p in parameters if p.default is p.empty]
    if not needed:
        raise ShapeError(f"exercise(): {signature_of(f)} has no argument to differentiate by\ngive a function of x")
    return [p.name for p in needed]


def _points(at: Any, names: Sequence[str]) -> list[tuple[float, ...]]:
    if at is None:
        return list(points(len(names)))
    if is_scalar(at):
        at = [at]
    if isinstance(at, (str, dict)) or not hasattr(at, "__iter__"):
        raise DomainError(f"exercise(): at is {at!r}, not a list of points\ntry at=[2, 3]")
    found = []
    for point in at:
        entries = tuple(point) if isinstance(point, (list, tuple)) or is_array(point) else (point,)
        if len(entries) != len(names):
            raise ShapeError(
                f"exercise(): the point {point!r} has {len(entries)} number{'s' * (len(entries) != 1)}, and f takes "
                f"{len(names)}: {', '.join(names)}\ngive one number per argument"
            )
        found.append(tuple(number_of(entry, "exercise(): at holds") for entry in entries))
    if not found:
        raise DomainError("exercise(): at holds no point\ngive at least one, or leave it out")
    return found


class _Answer:
    """The learner's derivative, as a function of a point that returns one number per argument."""

    what = "derivative"
    call = "df"

    def __init__(self, df: Any, names: Sequence[str], f: _Number) -> None:
        self.names = names
        self.functions: list[_Number] | None = None
        if isinstance(df, (list, tuple)) and df and all(callable(entry) for entry in df):
            if len(df) != len(names):
                held = f"{len(df)} function{'s' * (len(df) != 1)}"
                raise ShapeError(
                    f"exercise(): df holds {held}, and {signature_of(f)} has "
                    f"{len(names)} argument{'s' * (len(names) != 1)}\n"
                    f"give one function per argument: {', '.join(names)}"
                )
            self.functions = list(df)
        self.df = df
        if callable(df) or self.functions:
            for function in self.functions or [df]:
                self._check(function, f, [*names])
        elif not is_scalar(df) and not isinstance(df, (list, tuple)):
            raise NumberError(
                f"exercise(): df must be a function of {', '.join(names)}, got {df!r}\n"
                f"for example df=lambda {', '.join(names)}: …"
            )

    def _check(self, function: _Number, f: _Number, wanted: list[str]) -> None:
        arity = getattr(function, "arity", None)
        fits = arity == len(wanted) if isinstance(arity, int) else takes(function, len(wanted)) is not False
        if not fits:
            raise ShapeError(
                f"exercise(): {signature_of(function)} does not take the arguments of {signature_of(f)}\n"
                f"write it as {self.call}=lambda {', '.join(wanted)}: …"
            )

    def at(self, point: tuple[float, ...], upstream: float, value: float) -> Any:
        """Return what the learner's function gives at a point."""
        if self.functions is not None:
            return [function(*point) for function in self.functions]
        return self.df(*point) if callable(self.df) else self.df

    def upstreams(self, index: int) -> tuple[float, ...]:
        """Return the upstream gradients to try at the index-th point."""
        return (1.0,)


class _Rule(_Answer):
    """The learner's backward rule."""

    what = "backward rule"
    call = "rule"

    def __init__(self, rule: Any, names: Sequence[str], f: _Number) -> None:
        if not callable(rule):
            raise NumberError(
                f"exercise(): rule must be a function of out_grad, {', '.join(names)}, got {rule!r}\n"
                f"for example rule=lambda out_grad, {', '.join(names)}: …"
            )
        self.names = names
        self.functions = None
        self.df = rule
        self.takes_result = takes(rule, len(names) + 1) is False and takes(rule, len(names) + 2) is not False
        if not self.takes_result:
            self._check(rule, f, ["out_grad", *names])

    def at(self, point: tuple[float, ...], upstream: float, value: float) -> Any:
        """Return what the learner's rule gives at a point."""
        more = (value,) if self.takes_result else ()
        return self.df(upstream, *point, *more)

    def upstreams(self, index: int) -> tuple[float, ...]:
        """Return the upstream gradients to try at the index-th point: 1 first, so that the slope itself is seen."""
        return UPSTREAM if index < 3 else (UPSTREAM[1 + index % 3],)


def _gradient_of(result: Any, answer: _Answer) -> tuple[float, ...]:
    """Return the learner's result as one float per argument.

    Raises:
        NumberError: It is no number.
        ShapeError: It has more or fewer numbers than f has arguments.
    """
    names = answer.names
    where = f"exercise(): {answer.call} returned"
    if isinstance(result, dict):
        missing = [name for name in names if name not in result]
        if missing:
            raise ShapeError(f"{where} no slope by {', '.join(missing)}, only by {', '.join(map(str, result))}\nadd it")
        result = [result[name] for name in names]
    if is_array(result) and result.ndim > 0:
        result = list(result)
    if not isinstance(result, (list, tuple)):
        result = (result,)
    if len(result) != len(names):
        raise ShapeError(
            f"{where} {len(result)} number{'s' * (len(result) != 1)}, and there are {len(names)} arguments: "
            f"{', '.join(names)}\nreturn one slope per argument, in this order"
            if len(names) > 1
            else f"{where} {len(result)} numbers, and there is one argument: {names[0]}\nreturn the slope alone"
        )
    return tuple(number_of(entry, where) for entry in result)


def _compared(
    f: _Number, names: Sequence[str], answer: _Answer, tried: Sequence[tuple[float, ...]], tolerance: float
) -> ExerciseCheck:
    skipped: list[tuple[tuple[float, ...], str]] = []
    samples: list[Sample] = []
    wrong: list[CounterExample] = []
    checked = 0
    scale = _scale(f, names, tried)
    for point in tried:
        subject = PointFunction(_fixed(f, len(names)), point, "exercise")
        value, why = _value(subject, point)
        if why:
            skipped.append((point, why))
            continue
        slopes, is_smooth, why = _slopes(subject, point, scale)
        if why:
            skipped.append((point, why))
            continue
        exact = subject.gradient_at(point)
        for upstream in answer.upstreams(checked):
            try:
                given = _gradient_of(answer.at(point, upstream, value), answer)
            except (NumberError, ShapeError):
                raise
            except Exception as raised:
                if not is_smooth and isinstance(raised, (ArithmeticError, ValueError)):
                    skipped.append((point, f"{name_of(f)} has a kink there, and {answer.call} no value"))
                    break
                says = f"{answer.call} raised {type(raised).__name__}: {raised}"
                right = tuple(slope * upstream for slope in slopes)
                wrong.append(CounterExample(point, _upstream(answer, upstream), (), right, says, _line(raised)))
                break
            if not is_smooth and any(math.isnan(x) for x in given):
                skipped.append((point, f"{name_of(f)} has a kink there, and {answer.call} is nan"))
                break
            right, remark = _judge(subject, point, slopes, given, upstream, tolerance, scale)
            is_told = exact is not None and all(map(is_close, exact[1], slopes)) and scale == 1.0
            graph = _graph(subject, point) if is_told else None
            mine, theirs = tuple(scale * x for x in given), tuple(scale * x for x in right)
            samples.append(Sample(point, upstream, mine, theirs, scale * value, graph))
            if remark is not None:
                wrong.append(CounterExample(point, _upstream(answer, upstream), given, right, remark))
        checked += not skipped or skipped[-1][0] is not point
    return _report(f, names, answer, checked, skipped, samples, wrong)


def _fixed(f: _Number, count: int) -> _Number:
    """Return f with the number of arguments that it is tried with."""
    if isinstance(getattr(f, "arity", None), int) or takes(f, count) is None:

        def fixed(*numbers: Any) -> Any:
            return f(*numbers)

        fixed.__name__ = name_of(f)
        return fixed
    return f


def _upstream(answer: _Answer, upstream: float) -> float | None:
    return upstream if isinstance(answer, _Rule) else None


def _value(subject: PointFunction, point: tuple[float, ...]) -> tuple[float, str]:
    """Return the function's value at a point, or why there is none."""
    try:
        value = subject.value_at(point)
    except (ArithmeticError, ValueError, NumberError) as error:
        if isinstance(error, NumberError) and "complex" not in str(error):
            raise
        return math.nan, f"{name_of(subject.f)} is undefined there"
    if math.isnan(value):
        return value, f"{name_of(subject.f)} is undefined there"
    return (value, "") if math.isfinite(value) else (value, f"{name_of(subject.f)} is infinite there")


def _scale(f: _Number, names: Sequence[str], tried: Sequence[tuple[float, ...]]) -> float:
    """Return a power of two that brings a function of tiny values to a size of about 1; else 1."""
    found = []
    for point in tried:
        with contextlib.suppress(ArithmeticError, ValueError, NumberError):
            found.append(PointFunction(_fixed(f, len(names)), point, "exercise").value_at(point))
    sizes = [abs(value) for value in found if math.isfinite(value) and value]
    size = max(sizes, default=1.0)
    return 2.0 ** -math.frexp(size)[1] if 1e-290 < size < 1e-3 else 1.0


def _scaled(g: Callable[[float], float], scale: float) -> Callable[[float], float]:
    return g if scale == 1.0 else lambda x: scale * g(x)


def _fast_slope(g: Callable[[float], float], x: float, measured: float) -> float | None:
    """Return the slope over tiny steps where it is another one than over larger steps: the function is a fast wave."""
    here = g(x)
    found: list[float] = []
    bends: list[float] = []
    for h in (2e-5 * max(1.0, abs(x)), 1e-5 * max(1.0, abs(x))):
        up, down = g(x + h), g(x - h)
        if not all(map(math.isfinite, (here, up, down))):
            return None
        bends.append(abs((up - here) - (here - down)))
        found.append((up - down) / ((x + h) - (x - h)))
    if bends[1] > 0.35 * bends[0] + 1e-14 * abs(here):
        return None  # a kink: on a smooth function it would be a quarter
    wide, narrow = found
    slope = (4 * narrow - wide) / 3
    noise = 1e-10 * (abs(here) + 1e-6) / max(1.0, abs(x))
    if abs(wide - narrow) > 1e-2 * abs(narrow) + noise or abs(slope - measured) <= 1e-3 * abs(slope) + 100 * noise:
        return None
    return slope


def _slopes(subject: PointFunction, point: tuple[float, ...], scale: float) -> tuple[tuple[float, ...], bool, str]:
    """Return the slopes measured at a point, whether there is no kink, or why there are no slopes."""
    found = []
    is_smooth = True
    exact = subject.gradient_at(point)
    for i, name in enumerate(subject.names):
        guess = exact[1][i] if exact is not None else 0.0
        along = _scaled(subject.along(i, point), scale)
        row = judged(name, along, point[i], scale * guess, True, 1e-6)
        if exact is None or row.verdict is not Verdict.OK:
            fast = _fast_slope(along, point[i], row.numeric)
            if fast is not None:
                found.append(float(f"{fast / scale:.7g}"))
                continue
        if row.verdict in (Verdict.UNSURE, Verdict.NOT_FINITE):
            return (), False, f"{name_of(subject.f)} has no slope by {name} there"
        is_kink = row.verdict in (Verdict.KINK, Verdict.JUMP) or row.why.startswith("a kink")
        is_smooth = is_smooth and not is_kink
        is_exact = exact is not None and (row.verdict is Verdict.OK or is_kink)
        found.append(guess if is_exact else _tidy(row.numeric, row.error) / scale)
    return tuple(found), is_smooth, ""


def _tidy(slope: float, error: float) -> float:
    """Round a measured slope to the digits that its error leaves."""
    size = max(error, 1e-12 * abs(slope), 1e-13)
    digits = max(0, min(15, -math.floor(math.log10(size)) - 1))
    return round(slope, digits)


def _judge(
    subject: PointFunction,
    point: tuple[float, ...],
    slopes: tuple[float, ...],
    given: tuple[float, ...],
    upstream: float,
    tolerance: float,
    scale: float,
) -> tuple[tuple[float, ...], str | None]:
    """Return what is right, with a kink's given number where it fits; and None, or what to say about a wrong one."""
    right: list[float] = []
    says: str | None = None
    for i, (slope, number) in enumerate(zip(slopes, given, strict=True)):
        if math.isfinite(number) and is_close(scale * number, scale * slope * upstream, tolerance):
            right.append(slope * upstream)
            continue
        along = _scaled(subject.along(i, point), scale)
        if _fast_slope(along, point[i], scale * number / upstream) is not None:
            right.append(slope * upstream)
            says = says or ""
            continue
        row = judged(subject.names[i], along, point[i], scale * number / upstream, True, tolerance)
        if math.isfinite(number) and row.ok:
            right.append(number)
            continue
        right.append(slope * upstream)
        kink = row.why.partition("; ")[0] if row.why.startswith("a kink") else ""
        if not says:
            says = f"by {subject.names[i]}: {kink}" if kink else ""
    return tuple(right), says


def _graph(subject: PointFunction, point: tuple[float, ...]) -> tuple[Value, list[Value]] | None:
    try:
        result, leaves = subject._call_with_values(point)
    except Exception:
        return None
    return (result, leaves) if isinstance(result, Value) and result._prev else None


def _line(error: Exception) -> str:
    """Return the learner's line that raised."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "slopewise" not in f.filename.split("/")[-3:]]
    own = [f for f in frames if not f.filename.endswith("exercise_check.py")]
    if not own:
        return ""
    line = (own[-1].line or "").strip()
    return f"{short_path(own[-1].filename)}:{own[-1].lineno}{f': {line}' if line else ''}"


def _report(
    f: _Number,
    names: Sequence[str],
    answer: _Answer,
    checked: int,
    skipped: list[tuple[tuple[float, ...], str]],
    samples: list[Sample],
    wrong: list[CounterExample],
) -> ExerciseCheck:
    function = name_of(f)
    if not checked:
        raise DomainError(
            f"exercise(): {function} has a slope at none of the {len(skipped)} points tried: {skipped[0][1]}\n"
            f"give points at which it is defined: at=[…]"
        )
    base = ExerciseCheck(function, tuple(names), answer.what, checked, tuple(skipped))
    if not wrong:
        return base
    numeric = [case for case in wrong if case.given]
    first = numeric[0] if numeric and not wrong[0].given and len(numeric) > 1 else wrong[0]
    slips = find_slips(samples, names, function, isinstance(answer, _Rule)) if numeric else []
    places = len({case.point for case in wrong})
    if not slips:
        return _with(base, first, places, "raised" if not first.given else "", "", "", ())
    others = tuple(slip.says for slip in slips[1:4])
    return _with(base, first, places, slips[0].code, slips[0].says, slips[0].cure, others)


def _with(
    base: ExerciseCheck,
    first: CounterExample,
    places: int,
    code: str,
    cause: str,
    cure: str,
    others: tuple[str, ...],
) -> ExerciseCheck:
    return replace(base, counterexample=first, wrong=places, code=code, cause=cause, cure=cure, others=others)
