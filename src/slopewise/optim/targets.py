"""The parameters that an optimiser changes: which they are, checked once, and their numbers."""

from typing import Any

from slopewise.engine import Value
from slopewise.engine.value import current_recorder
from slopewise.errors import DomainError, NumberError


def listed(given: Any, who: str) -> list[Any]:
    """Return parameters as a list: from a net that has `parameters()`, or from any sequence of Values.

    Raises:
        NumberError: Something among them is no Value.
        DomainError: There are none, one is there twice, or one is a result and no leaf.
    """
    if callable(getattr(given, "parameters", None)):
        given = given.parameters()
    if isinstance(given, Value):
        raise NumberError(f"{who}: the parameters are a single Value, a list is needed\nwrite [{given.label or 'p'}]")
    if callable(given) and not hasattr(given, "__iter__"):
        name = getattr(given, "__name__", "f")
        if hasattr(given, "__self__"):
            what, call = f"the method {name}", f"net.{name}()"
        else:
            name = "f" if name == "<lambda>" else name
            what, call = f"the function {name}", f"{name}()"
        raise NumberError(
            f"{who}: the parameters are {what} itself, a list of Values is needed\ncall it, with brackets: {call}"
        )
    if isinstance(given, (str, bytes, float, int)) or not hasattr(given, "__iter__"):
        is_rate = isinstance(given, (float, int)) and not isinstance(given, bool)
        raise NumberError(
            f"{who}: the parameters are {given!r}, a list of Values is needed\n"
            f"give net.parameters()" + (f"; a learning rate goes by its name: lr={given!r}" if is_rate else "")
        )
    parameters = list(given.ravel().tolist() if hasattr(given, "ravel") else given)
    if not parameters:
        raise DomainError(f"{who}: there are no parameters to change\ngive net.parameters(), or a list of Values")
    places: dict[int, int] = {}
    for i, p in enumerate(parameters):
        if not isinstance(p, Value):
            raise NumberError(f"{who}: parameter {i} is {p!r}, a Value is needed\n{_cure(p)}")
        first = places.setdefault(id(p), i)
        if first != i:
            name = f" (label {p.label!r})" if p.label else ""
            raise DomainError(
                f"{who}: parameters {first} and {i} are the same Value{name}, which would move twice a step\n"
                f"give each once: list(dict.fromkeys(parameters)) drops repeats"
            )
        if p._prev:
            raise DomainError(
                f"{who}: parameter {i} is the result of {p._op or 'an operation'!r}, and a step would not change "
                f"what it was made from\ngive the Values that it was made from, or cut it off with detach()"
            )
    return parameters


def _cure(p: Any) -> str:
    if isinstance(p, tuple):
        return "give their Values, without the names: [p for _, p in net.named_parameters()]"
    if isinstance(p, dict):
        return "for groups with settings of their own, make one optimiser per group"
    if isinstance(p, list):
        return "give one flat list, as net.parameters() does"
    return "give the Values themselves, as net.parameters() does"


def number_of(p: Any, kind: str, place: int, who: str) -> float:
    """Return a parameter's data or gradient as a float.

    Raises:
        NumberError: It is no real number.
    """
    number = p.data if kind == "data" else p.grad
    if type(number) is float:
        return number
    if current_recorder() is not None:
        traced: float = number
        return traced
    try:
        return float(number)
    except (TypeError, ValueError):
        raise NumberError(
            f"{who}: the {kind} of parameter {place} is {number!r}, a real number is needed\n"
            f"an optimiser changes single floats; change arrays and complex numbers by hand, through p.data"
        ) from None
