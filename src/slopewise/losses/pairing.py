"""Predictions beside their targets: matched one to one, and the single losses reduced to one."""

import difflib
from collections.abc import Callable, Sequence
from typing import Any

from slopewise.engine import Value
from slopewise.engine.reductions import mean
from slopewise.engine.reductions import sum as sum_of
from slopewise.errors import DomainError, NumberError, ShapeError

REDUCTIONS = ("mean", "sum", "none")


def elementwise(
    name: str, rule: Callable[[Any, Any], Any], predictions: Any, targets: Any, reduction: str, nouns: tuple[str, str]
) -> Any:
    """Apply a loss of one prediction and one target to all pairs, and reduce.

    Raises:
        ShapeError: The sequences differ in length, at any depth.
        NumberError: Something is no number.
        DomainError: The reduction is unknown, or a mean of nothing is asked for.
    """
    check_reduction(name, reduction)
    losses = _paired(name, rule, predictions, targets, nouns, "")
    return reduced(name, losses, reduction)


def reduced(name: str, losses: Any, reduction: str) -> Any:
    """Return the mean or the sum of single losses, or the losses as they are.

    Raises:
        DomainError: A mean of nothing is asked for.
    """
    if reduction == "none" or not isinstance(losses, list):
        return losses
    flat = _flat(losses)
    if reduction == "sum":
        return sum_of(flat) if flat else 0.0
    if not flat:
        raise DomainError(
            f"{name}: the mean of no losses does not exist\ngive at least one prediction, or reduction='sum'"
        )
    return mean(flat)


def check_reduction(name: str, reduction: Any) -> None:
    """Raise unless the reduction is known.

    Raises:
        DomainError: It is not.
    """
    if reduction in REDUCTIONS:
        return
    near = difflib.get_close_matches(str(reduction), REDUCTIONS, 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise DomainError(f"{name}: reduction={reduction!r} is unknown{hint}\nit is 'mean', 'sum' or 'none'")


def as_sequence(x: Any) -> Sequence[Any] | None:
    """Return a list or tuple for anything that holds several numbers, None for a single one."""
    if isinstance(x, (list, tuple)):
        return x
    if isinstance(x, (Value, int, float)):
        return None
    if hasattr(x, "tolist"):
        items = x.tolist()
        return items if isinstance(items, list) else None
    if isinstance(x, (str, bytes, dict)) or not hasattr(x, "__iter__"):
        return None
    return list(x)


def as_number(x: Any, name: str, noun: str, where: str) -> Any:
    """Return a single number or Value.

    Raises:
        NumberError: It is none.
    """
    if isinstance(x, (Value, float, int)):
        return x
    if hasattr(x, "tolist"):
        x = x.tolist()
    if x is None or isinstance(x, (str, bytes, dict, list)) or not hasattr(x, "__add__"):
        raise NumberError(
            f"{name}: {noun}{where} is {x!r}, a number or Value is needed\nconvert it first, as in float(x)"
        )
    return x


def counted(count: int, noun: str) -> str:
    """Return `1 target` or `3 targets`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _paired(name: str, rule: Callable[[Any, Any], Any], p: Any, t: Any, nouns: tuple[str, str], where: str) -> Any:
    ps, ts = as_sequence(p), as_sequence(t)
    if ps is None and ts is None:
        try:
            return rule(as_number(p, name, nouns[0], where), as_number(t, name, nouns[1], where))
        except DomainError as error:
            if not where:
                raise
            first, _, rest = str(error).partition("\n")
            raise DomainError(f"{first}\nat {nouns[1]}{where}" + (f"\n{rest}" if rest else "")) from None
    if ps is None or ts is None:
        single, several = (nouns[0], nouns[1]) if ps is None else (nouns[1], nouns[0])
        count = len(ts if ps is None else ps)  # type: ignore[arg-type]
        raise ShapeError(
            f"{name}: a single {single} stands beside {counted(count, several)}{where}\n"
            f"give as many of one as of the other"
        )
    if len(ps) != len(ts):
        raise ShapeError(
            f"{name}: {counted(len(ps), nouns[0])} and {counted(len(ts), nouns[1])}{where}\n"
            f"give one {nouns[1]} per {nouns[0]}"
        )
    return [
        _paired(name, rule, a, b, nouns, f"{where}[{i}]" if where else f" [{i}]")
        for i, (a, b) in enumerate(zip(ps, ts, strict=True))
    ]


def _flat(losses: list[Any]) -> list[Any]:
    flat: list[Any] = []
    for loss in losses:
        if isinstance(loss, list):
            flat.extend(_flat(loss))
        else:
            flat.append(loss)
    return flat
