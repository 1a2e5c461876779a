"""Operations on whole sequences: sums and means, and the stable forms of softmax.

Each is built from the two-operand operations, so its graph can be read, and its gradients come from theirs.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from slopewise.engine.value import Value, chain_dot, chain_mean, chain_sum, seen_number
from slopewise.errors import DomainError, ShapeError
from slopewise.ops import BY_NAME


def sum(values: Iterable[Any], start: Any = 0) -> Any:
    """Add numbers and Values from left to right, as Python's `sum` does, and mark the nodes as one sum.

    Args:
        values: Numbers and Values; an array is flattened first.
        start: Where to begin.

    Returns:
        A Value if any term is one, else a number; `start` when there is no term.

    Example:
        >>> import slopewise as sw
        >>> sw.sum([sw.Value(1.0), 2.0, sw.Value(3.0)]).data
        6.0
    """
    return chain_sum(_flat(values), start)


def mean(values: Iterable[Any]) -> Any:
    """Return the arithmetic mean: the sum times 1/n.

    Args:
        values: Numbers and Values; an array is flattened first.

    Raises:
        DomainError: There are no values.

    Example:
        >>> import slopewise as sw
        >>> sw.mean([sw.Value(1.0), 3.0]).data
        2.0
    """
    terms = _flat(values)
    if not terms:
        raise DomainError("mean() of no values: give at least one")
    return chain_mean(terms)


def dot(xs: Sequence[Any], ys: Sequence[Any], start: Any = 0) -> Any:
    """Return `start + x1*y1 + x2*y2 + …`, added from left to right.

    Args:
        xs: Numbers and Values.
        ys: As many numbers and Values.
        start: Where the sum begins, a bias for example.

    Raises:
        ShapeError: The lengths differ.

    Example:
        >>> import slopewise as sw
        >>> sw.dot([1.0, 2.0], [sw.Value(3.0), sw.Value(4.0)]).data
        11.0
    """
    xs, ys = _flat(xs), _flat(ys)
    if len(xs) != len(ys):
        raise ShapeError(f"dot() needs two sequences of equal length, got {len(xs)} and {len(ys)}")
    return chain_dot(xs, ys, start)


def logsumexp(values: Iterable[Any]) -> Any:
    """Return log(e**v1 + e**v2 + …), stable for any input.

    The largest value is taken out first, as a number: it cancels, so no gradient is lost.

    Args:
        values: Numbers and Values, at least one; any size, infinities included.

    Raises:
        DomainError: There are no values.

    Example:
        >>> import slopewise as sw
        >>> sw.logsumexp([1000.0, 1000.0])
        1000.6931471805599
    """
    terms, largest = _shifted("logsumexp", values)
    if len(terms) == 1:
        return terms[0]
    return BY_NAME["log"](chain_sum([BY_NAME["exp"](v - largest) for v in terms], 0)) + largest


def softmax(values: Iterable[Any]) -> list[Any]:
    """Return e**v / Σ e**v for each value; positive, with sum 1.

    Args:
        values: Numbers and Values, at least one: the logits.

    Raises:
        DomainError: There are no values.

    Example:
        >>> import slopewise as sw
        >>> sw.softmax([0.0, 0.0])
        [0.5, 0.5]
    """
    terms, largest = _shifted("softmax", values)
    exponentials = [BY_NAME["exp"](v - largest) for v in terms]
    total = chain_sum(exponentials, 0)
    return [e / total for e in exponentials]


def log_softmax(values: Iterable[Any]) -> list[Any]:
    """Return the logarithms of `softmax`, without taking a logarithm of a small number.

    Args:
        values: Numbers and Values, at least one: the logits.

    Raises:
        DomainError: There are no values.

    Example:
        >>> import slopewise as sw
        >>> sw.log_softmax([0.0, -1000.0])
        [0.0, -1000.0]
    """
    terms, largest = _shifted("log_softmax", values)
    shifted = [v - largest for v in terms]
    total = BY_NAME["log"](chain_sum([BY_NAME["exp"](s) for s in shifted], 0))
    return [s - total for s in shifted]


def clip(x: Any, low: Any = None, high: Any = None) -> Any:
    """Return x held between low and high; outside, the gradient goes to the bound.

    Args:
        x: A number, a Value, or a sequence of them.
        low: The lower bound, or None for none.
        high: The upper bound, or None for none.

    Raises:
        DomainError: low is above high.

    Example:
        >>> import slopewise as sw
        >>> sw.clip([-2.0, 0.5, 3.0], -1.0, 1.0)
        [-1.0, 0.5, 1.0]
    """
    if low is not None and high is not None and low > high:
        raise DomainError(f"clip() needs low <= high, got {low!r} and {high!r}")
    if low is not None:
        x = BY_NAME["maximum"](x, low)
    if high is not None:
        x = BY_NAME["minimum"](x, high)
    return x


def _flat(values: Any) -> list[Any]:
    """Return a list of the values; arrays become Python numbers and Values."""
    if hasattr(values, "ravel"):
        return list(values.ravel().tolist())
    return values if isinstance(values, list) else list(values)


def _shifted(name: str, values: Any) -> tuple[list[Any], float]:
    terms = _flat(values)
    if not terms:
        raise DomainError(f"{name}() of no values: give at least one")
    largest = max(seen_number(v) if isinstance(v, Value) else v for v in terms)
    if hasattr(largest, "__slopewise_apply__"):  # a function is traced: choose without a branch
        return terms, BY_NAME["where"](abs(largest) < math.inf, largest, 0.0)
    return terms, (largest if math.isfinite(largest) else 0.0)
