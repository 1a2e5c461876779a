"""`minimize`: the lowest point of a function of any nest of numbers, by SciPy's methods on our derivatives."""

import difflib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from slopewise.basics.arguments import name_of, shortened
from slopewise.basics.shown_numbers import equation, shown
from slopewise.compiler.compiled import Compiled
from slopewise.compiler.nests import flatten
from slopewise.compiler.searches.bounds import Bounds, bounds_from
from slopewise.compiler.searches.keywords import naming_keywords
from slopewise.compiler.searches.vectors import StartingPoint, refuse_in_trace, starting_point
from slopewise.compiler.transformations.derivatives import value_and_grad_for
from slopewise.compiler.transformations.directions import hvp
from slopewise.compiler.transformations.matrices import hessian, jacobian
from slopewise.errors import DomainError, ShapeError

__all__ = ["Minimum", "minimize"]

Vector = npt.NDArray[np.float64]

# SciPy's methods by what they use of ours.
WITHOUT_GRADIENT = ("Nelder-Mead", "Powell", "COBYLA", "COBYQA")
WITH_GRADIENT = ("CG", "BFGS", "L-BFGS-B", "TNC", "SLSQP")
WITH_HESSIAN = ("dogleg", "trust-exact")
WITH_HESSIAN_OR_PRODUCT = ("Newton-CG", "trust-ncg", "trust-krylov", "trust-constr")
METHODS = (*WITH_GRADIENT, *WITH_HESSIAN_OR_PRODUCT, *WITH_HESSIAN, *WITHOUT_GRADIENT)
TAKE_BOUNDS = ("L-BFGS-B", "TNC", "SLSQP", "trust-constr", "Nelder-Mead", "Powell", "COBYLA", "COBYQA")
TAKE_CONSTRAINTS = ("SLSQP", "trust-constr", "COBYLA", "COBYQA")

DENSE_UP_TO = 100  # numbers; beyond, methods that can do with Hessian times direction get that
LIMITED_MEMORY_FROM = 500  # numbers; from here on the default method keeps no matrix
STEP_BACK_FROM_NAN = ("BFGS", "CG", "Newton-CG")  # when a nan looks like a hill to them; others go astray at hills
FAR = 1e6  # how many times the start a point is that a function without a minimum was followed to
SHOWN_NUMBERS = 12
WRITE_CONSTRAINTS = "write {'type': 'eq', 'fun': g} for g(x) = 0, {'type': 'ineq', 'fun': g} for g(x) ≥ 0"


@dataclass(frozen=True, slots=True)
class Minimum:
    """Where a search for a minimum ended; print it.

    Attributes:
        x: The lowest point found, in the form of the start.
        value: The function there.
        gradient: The gradient there, in the form of the start; None for methods without one.
        gradient_norm: Its largest component by size. At a bound or under a constraint it need not vanish.
        converged: Whether the method says that it arrived.
        message: What SciPy says of the end; then, on a line of its own, what is wrong with the function.
        method: SciPy's name of the method.
        iterations: How many steps it took.
        evaluations: How many times the function was computed.
        history: The value after each step.
        names: One name per number of x.

    Example:
        >>> import slopewise as sw
        >>> found = sw.minimize(lambda x: (x - 2) ** 2 + 1, 0.0)
        >>> round(found.x, 9), found.value, found.converged
        (2.0, 1.0, True)
    """

    x: Any
    value: float
    gradient: Any
    gradient_norm: float
    converged: bool
    message: str
    method: str
    iterations: int
    evaluations: int
    history: tuple[float, ...] = field(repr=False)
    names: tuple[str, ...] = field(repr=False)
    _numbers: tuple[float, ...] = field(repr=False)

    def __str__(self) -> str:
        head = "minimum found" if self.converged else "no minimum found"
        steps = f"{self.iterations} step{'s' * (self.iterations != 1)}"
        calls = f"{self.evaluations} evaluation{'s' * (self.evaluations != 1)}"
        lines = [f"{head} by {self.method}: {steps}, {calls}", f"  {equation('value', self.value)}"]
        if not math.isnan(self.gradient_norm):
            lines.append(f"  {equation('largest slope', self.gradient_norm)}")
        pairs = list(zip(self.names, self._numbers, strict=True))
        lines += [f"  {equation(name, x)}" for name, x in pairs[:SHOWN_NUMBERS]]
        if len(pairs) > SHOWN_NUMBERS:
            lines.append(f"  … and {len(pairs) - SHOWN_NUMBERS} more")
        return "\n".join([*lines, f"SciPy: {self.message}"])


class Objective:
    """Value and gradient of a function of a vector, computed together and remembered for the latest point.

    Args:
        compiled: Gives value and gradient of a float64 vector.
    """

    def __init__(self, compiled: Callable[[Vector], Any]) -> None:
        self.compiled = compiled
        self.evaluations = 0
        self.lowest: tuple[float, Vector] = (math.inf, np.empty(0))  # the lowest finite value, and where
        self.not_finite: tuple[float, Vector] | None = None  # the first value that was nan or infinite, and where
        self._at: Vector | None = None
        self._value = math.nan
        self._gradient: Vector = np.empty(0)

    def value(self, x: Vector) -> float:
        """Return the value at a point."""
        self._visit(x)
        return self._value

    def gradient(self, x: Vector) -> Vector:
        """Return the gradient at a point."""
        self._visit(x)
        return self._gradient.copy()

    def _visit(self, x: Vector) -> None:
        if self._at is None or not np.array_equal(self._at, x):
            self.evaluations += 1
            value, gradient = self.compiled(x)
            self._at = np.array(x)
            self._value = value if type(value) is float else float(flatten(value).numbers[0])  # the first of several
            self._gradient = np.asarray(gradient, dtype=float)
            if not math.isfinite(self._value) and np.isfinite(self._at).all():
                self.not_finite = self.not_finite or (self._value, self._at)
            elif math.isfinite(self._value) and self._value < self.lowest[0]:
                self.lowest = self._value, self._at


SPELLED = {
    "jac": "leave it out: the derivatives are slopewise's own",
    "hess": "leave it out: the derivatives are slopewise's own",
    "hessp": "leave it out: the derivatives are slopewise's own",
    "args": "write them into the function: lambda x: f(x, a, b)",
    "x0": "write start=",
    "fun": "write f=, or give the function first",
    "tol": "write tolerance=",
    "gtol": "write tolerance=",
    "ftol": "write tolerance=",
    "maxiter": "write max_iterations=",
    "max_iter": "write max_iterations=",
    "disp": "print what minimize() returns",
}


@naming_keywords(SPELLED)
def minimize(
    f: Callable[..., Any],
    start: Any,
    *,
    method: str | None = None,
    bounds: Any = None,
    constraints: Any = (),
    tolerance: float | None = None,
    max_iterations: int | None = None,
    callback: Callable[[Any, float], Any] | None = None,
    options: Mapping[str, Any] | None = None,
) -> Minimum:
    """Find a local minimum of f near a start, by one of SciPy's methods on our exact derivatives.

    Args:
        f: A function that returns one number, or a tuple whose first item is one number.
        start: Where to start: the one argument of f, a number, an array, or a nest of them; or a tuple of one item per
            argument for a function of several.
        method: A method of `scipy.optimize.minimize`. Without: BFGS, L-BFGS-B for 500 numbers and more or with bounds,
            SLSQP with constraints. Newton-CG, dogleg and the trust-region methods get our Hessian, or its products.
        bounds: A tuple (lowest, highest), each of them None, one number for all, or numbers in the form of the start
            with None where there is no bound; or a list of one pair per number, as in SciPy.
        constraints: Dicts `{"type": "eq", "fun": g}` for g = 0 or `{"type": "ineq", "fun": g}` for g ≥ 0, one or a
            list, where g takes what f takes and returns a number or several; its derivatives are ours too.
        tolerance: When to stop, as the method understands it; SciPy's own without.
        max_iterations: The most steps, at least 1; SciPy's own without.
        callback: Called after each step with the point, in the form of the start, and the value.
        options: Further options of SciPy's method.

    Returns:
        The point in the form of the start, the value, the gradient, and how the search went.

    Raises:
        DomainError: An unknown method; or the function or a slope of it is nan at the start.
        ShapeError: f returns other than one number, or the start or the bounds have another form than f's arguments.
        NumberError: f cannot be called, or the start holds something that is no number.

    Example:
        >>> import slopewise as sw
        >>> rosenbrock = lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2
        >>> found = sw.minimize(rosenbrock, (-1.2, 1.0), method="trust-exact")
        >>> [round(x, 6) for x in found.x], found.converged
        ([1.0, 1.0], True)
        >>> found = sw.minimize(lambda p: (p["a"] - 1) ** 2 + (p["b"] - 3) ** 2, {"a": 0, "b": 0}, bounds=(None, 2))
        >>> {name: round(x, 6) for name, x in found.x.items()}
        {'a': 1.0, 'b': 2.0}

    Source:
        J. Nocedal, S. J. Wright, *Numerical Optimization*, 2nd edition, Springer 2006.
    """
    from scipy import optimize

    refuse_in_trace("minimize()")
    point = starting_point(f, start, "minimize()")
    limits = bounds_from(bounds, point, "minimize()")
    is_bounded = bool(np.isfinite(limits.low).any() or np.isfinite(limits.high).any())
    given = _listed(constraints)
    chosen = _method(method, len(point.numbers), is_bounded=is_bounded, is_constrained=bool(given))
    checked = _constraints(given, point, chosen)
    flat = point.flat(f)
    objective = Objective(value_and_grad_for("minimize", flat))
    _check_start(f, objective, point)
    history: list[float] = []
    accepted = objective.lowest

    def after_step(x: Any, *_: Any) -> None:
        nonlocal accepted
        history.append(objective.value(np.asarray(x)))
        if history[-1] < accepted[0] and math.isfinite(history[-1]):
            accepted = history[-1], np.array(x)
        if callback is not None:
            callback(point.rebuild(x), history[-1])

    settings = dict(options or {})
    if max_iterations is not None:
        settings["maxiter"] = _checked_count(max_iterations)
    if chosen == "TNC" and "maxiter" in settings:
        settings["maxfun"] = settings.pop("maxiter")
    derivatives = _derivatives(chosen, flat, objective, len(point.numbers))

    def value(x: Vector) -> float:
        number = objective.value(x)
        return math.inf if math.isnan(number) and chosen in STEP_BACK_FROM_NAN else number

    with np.errstate(all="ignore"):  # methods may try points where the function overflows
        try:
            found = optimize.minimize(
                value,
                point.numbers.copy(),
                method=chosen,
                bounds=optimize.Bounds(limits.low, limits.high) if is_bounded else None,
                constraints=checked,
                tol=tolerance,
                callback=after_step,
                options=settings,
                **derivatives,
            )
        except (RuntimeError, ValueError) as error:
            if not _is_scipys(error):
                raise
            found = optimize.OptimizeResult(x=np.full(len(point.numbers), np.nan), success=False, message=str(error))
    if not np.isfinite(found.x).all() or not math.isfinite(
        objective.value(np.asarray(found.x, dtype=float))
    ):  # only steps that SciPy took are sure
        found.success, found.x = False, (accepted if given else objective.lowest)[1]  # to respect constraints
    is_strict = tolerance is None and not given
    return _minimum(found, chosen, point, objective, limits, history, is_strict, name_of(f))


def _minimum(
    found: Any,
    method: str,
    point: StartingPoint,
    objective: Objective,
    limits: Bounds,
    history: Sequence[float],
    is_strict: bool,
    name: str,
) -> Minimum:
    x = np.asarray(found.x, dtype=float)
    value = objective.value(x)
    gradient = objective.gradient(x)
    free = (x > limits.low) & (x < limits.high)
    norm = float(np.max(np.abs(gradient[free]), initial=0.0))
    converged = bool(found.success) and math.isfinite(value)
    message = str(found.message).strip()
    steepness = float(np.max(np.abs(gradient[free]) * np.maximum(1.0, np.abs(x[free])), initial=0.0))
    if not converged and method in ("BFGS", "CG", "Newton-CG") and steepness <= 1e-6 * max(1.0, abs(value)):
        # These end where rounding hides any further descent; the slope says that this is the bottom.
        converged = True
        message += f" The largest slope there is {shown(norm)}."
    elif converged and method == "Newton-CG" and is_strict and not steepness <= 1e-2 * max(1.0, abs(value)):
        converged = False  # it also ends where its steps are short, as they are where the slope never changes
        message += f"\nthe largest slope there is {shown(norm)}: this is no minimum"
    elif converged and is_strict and _is_far(point, x) and not steepness <= 1e-2 * max(1.0, abs(value)):
        converged = False
    if not converged:
        message += _reason(name, objective, point, x)
    return Minimum(
        x=point.rebuild(x),
        value=value,
        gradient=point.rebuild(gradient),
        gradient_norm=norm,
        converged=converged,
        message=message,
        method=method,
        iterations=int(getattr(found, "nit", len(history))),
        evaluations=objective.evaluations,
        history=tuple(history),
        names=point.names,
        _numbers=tuple(x.tolist()),
    )


def _reason(name: str, objective: Objective, point: StartingPoint, x: Vector) -> str:
    """Return a line on what is wrong with a function whose minimum was not found, if anything is known."""
    if _is_far(point, x):
        return f"\n{name} still falls at {_spelled(point, x)}: it may have no minimum; give bounds"
    if objective.not_finite is not None:
        value, where = objective.not_finite
        cure = (
            "it may have no minimum; give bounds" if value < 0 else "start nearer, or give bounds that leave this out"
        )
        return f"\n{name} is {shown(value)} at {_spelled(point, where)}: {cure}"
    return ""


def _is_far(point: StartingPoint, x: Vector) -> bool:
    return float(np.max(np.abs(x))) > FAR * max(1.0, float(np.max(np.abs(point.numbers))))


def _is_scipys(error: BaseException) -> bool:
    """Tell whether SciPy gave up, and not the user's function or our own code."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and str(trace.tb_frame.f_globals.get("__name__", "")).startswith("scipy.")


def _spelled(point: StartingPoint, x: Vector) -> str:
    pairs = [equation(name, number) for name, number in zip(point.names, x.tolist(), strict=True)]
    return ", ".join(pairs[:4]) + (f" and {len(pairs) - 4} more" if len(pairs) > 4 else "")


def _derivatives(method: str, flat: Callable[[Any], Any], objective: Objective, n: int) -> dict[str, Any]:
    """Return what a method takes of our derivatives, as keywords of SciPy's function."""
    if method in WITHOUT_GRADIENT:
        return {}
    given: dict[str, Any] = {"jac": objective.gradient}
    if method in WITH_HESSIAN or (method in WITH_HESSIAN_OR_PRODUCT and n <= DENSE_UP_TO):
        given["hess"] = _first(hessian(flat))
    elif method in WITH_HESSIAN_OR_PRODUCT:
        product = _first(hvp(flat))
        given["hessp"] = lambda x, v: product(x, tangent=np.asarray(v, dtype=float))
    return given


def _first(compiled: Compiled) -> Callable[..., Any]:
    """Return a function that drops what f returns beside its first result."""

    def first(*args: Any, **kwargs: Any) -> Any:
        result = compiled(*args, **kwargs)
        return result[0] if isinstance(result, tuple) else result

    return first


def _method(method: str | None, n: int, *, is_bounded: bool, is_constrained: bool) -> str:
    if method is None:
        if is_constrained:
            return "SLSQP"
        return "L-BFGS-B" if is_bounded or n >= LIMITED_MEMORY_FROM else "BFGS"
    known = {name.lower(): name for name in METHODS}
    known.update({name.lower().replace("-", ""): name for name in METHODS}, lbfgs="L-BFGS-B")
    chosen = known.get(str(method).lower())
    if chosen is None:
        near = difflib.get_close_matches(str(method).lower(), list(known), 1)
        cure = f"did you mean {known[near[0]]!r}?" if near else f"there are {', '.join(map(repr, METHODS))}"
        raise DomainError(f"no method {method!r} for minimize()\n{cure}")
    if is_bounded and chosen not in TAKE_BOUNDS:
        raise DomainError(f"the method {chosen!r} takes no bounds\nuse one of {', '.join(map(repr, TAKE_BOUNDS))}")
    if is_constrained and chosen not in TAKE_CONSTRAINTS:
        raise DomainError(
            f"the method {chosen!r} takes no constraints\nuse one of {', '.join(map(repr, TAKE_CONSTRAINTS))}"
        )
    return chosen


def _checked_count(count: Any) -> int:
    if isinstance(count, bool) or not isinstance(count, (int, np.integer)) or count < 1:
        raise DomainError(f"minimize() takes max_iterations of at least 1, got {count!r}")
    return int(count)


def _listed(constraints: Any) -> list[Any]:
    if isinstance(constraints, Mapping) or hasattr(constraints, "lb"):
        return [constraints]
    try:
        return list(constraints or ())
    except TypeError:
        raise ShapeError(f"minimize() got the constraint {shortened(constraints)}\n{WRITE_CONSTRAINTS}") from None


def _constraints(given: Sequence[Any], point: StartingPoint, method: str) -> list[Any]:
    """Return SciPy's constraints with our derivatives in them."""
    checked: list[Any] = []
    for item in given:
        if not isinstance(item, Mapping):
            checked.append(item)  # SciPy's LinearConstraint and NonlinearConstraint, which take a vector
            continue
        if item.get("type") not in ("eq", "ineq") or not callable(item.get("fun")):
            raise ShapeError(f"minimize() got the constraint {shortened(dict(item))}\n{WRITE_CONSTRAINTS}")
        checked.append(_constraint(item["fun"], item["type"], point, with_hessian=method == "trust-constr"))
    return checked


def _constraint(g: Callable[..., Any], kind: str, point: StartingPoint, *, with_hessian: bool) -> Any:
    from scipy.optimize import NonlinearConstraint

    of_vector = point.flat_results(g)
    value, derivatives = Compiled(of_vector), jacobian(of_vector)
    if not with_hessian:
        return {"type": kind, "fun": value, "jac": derivatives}
    weighted = hessian(lambda x, weights: sum([w * r for w, r in zip(weights, of_vector(x), strict=True)]))
    return NonlinearConstraint(value, 0.0, 0.0 if kind == "eq" else np.inf, jac=derivatives, hess=weighted)


def _check_start(f: Callable[..., Any], objective: Objective, point: StartingPoint) -> None:
    value, gradient = objective.value(point.numbers), objective.gradient(point.numbers)
    if not math.isfinite(value):
        raise DomainError(
            f"{name_of(f)} is {value} at the start, {point.shown()}\n"
            "start where it is finite; sw.anomalies() around an eager call names the operation"
        )
    wrong = np.flatnonzero(~np.isfinite(gradient))
    if len(wrong):
        name = point.names[int(wrong[0])]
        raise DomainError(
            f"the slope of {name_of(f)} in {name} is {gradient[wrong[0]]} at the start, {point.shown()}\n"
            "start where the slopes are finite"
        )
