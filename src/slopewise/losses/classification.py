"""Losses of predicted classes, from scores and logits: hinge, binary cross-entropy, cross-entropy."""

import math
import operator
from typing import Any

from slopewise.engine import Value
from slopewise.engine.reductions import log_softmax, logsumexp
from slopewise.engine.reductions import sum as sum_of
from slopewise.errors import DomainError, NumberError, ShapeError
from slopewise.losses.pairing import as_number, as_sequence, check_reduction, counted, elementwise, reduced
from slopewise.ops import BY_NAME

_relu = BY_NAME["relu"]
_softplus = BY_NAME["softplus"]

SUM_TOLERANCE = 1e-6  # how far a row of probabilities may be from 1


def hinge(scores: Any, labels: Any, reduction: str = "mean") -> Any:
    """Return the hinge loss, relu(1 − y·s): 0 once a score is on its label's side by a margin of 1.

    Args:
        scores: Numbers and Values: one, or a sequence, nested as you like. Positive speaks for the label 1.
        labels: As many, each −1 or 1.
        reduction: `"mean"`, `"sum"` or `"none"`.

    Returns:
        A Value if any number of them is one, else a number; for `"none"`, in the shape of the scores.

    Raises:
        DomainError: A label is neither −1 nor 1, the reduction is unknown, or there is nothing to take a mean of.
        ShapeError: There are more or fewer labels than scores.
        NumberError: Something is no number.

    Example:
        >>> from slopewise.losses import hinge
        >>> hinge([2.0, -0.5, 0.25], [1, -1, -1], reduction="none")
        [0, 0.5, 1.25]

    Source:
        C. Cortes and V. Vapnik, "Support-vector networks", 1995.
    """

    def rule(s: Any, y: Any) -> Any:
        sign = _number_of(y)
        if sign not in (-1, 1):
            cure = "labels of 0 and 1 become -1 and 1 by 2 * y - 1" if sign == 0 else "give the labels as -1 and 1"
            raise DomainError(f"hinge: a label is {sign!r}, it must be -1 or 1\n{cure}")
        return _relu(1 - y * s)

    return elementwise("hinge", rule, scores, labels, reduction, ("score", "label"))


def binary_cross_entropy_with_logits(logits: Any, targets: Any, reduction: str = "mean") -> Any:
    """Return the cross-entropy of yes-or-no targets, −y·log σ(z) − (1 − y)·log(1 − σ(z)), from the logits z.

    $$ y \\ln(1 + e^{-z}) + (1 - y) \\ln(1 + e^z) $$

    Exact to rounding for any logit, large ones and infinite ones too; there is no need for a sigmoid before it.

    Args:
        logits: Numbers and Values: one, or a sequence, nested as you like. σ(z) is the probability of a 1.
        targets: As many, each a label 0 or 1, or a probability in between.
        reduction: `"mean"`, `"sum"` or `"none"`.

    Returns:
        A Value if any number of them is one, else a number; for `"none"`, in the shape of the logits.

    Raises:
        DomainError: A target is outside 0..1, the reduction is unknown, or there is nothing to take a mean of.
        ShapeError: There are more or fewer targets than logits.
        NumberError: Something is no number.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.losses import binary_cross_entropy_with_logits
        >>> z = Value(0.0)
        >>> loss = binary_cross_entropy_with_logits([z, 800.0], [1, 0], reduction="none")
        >>> round(loss[0].data, 4), loss[1]
        (0.6931, 800.0)
    """

    def rule(z: Any, y: Any) -> Any:
        number = _number_of(y)
        if not 0 <= number <= 1:
            cure = "labels of -1 and 1 become 0 and 1 by (y + 1) / 2; or use hinge" if number == -1 else ""
            message = f"binary_cross_entropy_with_logits: a target is {number!r}, it must lie between 0 and 1"
            raise DomainError(message + (f"\n{cure}" if cure else ""))
        if not isinstance(y, Value):
            if number == 1:
                return _softplus(-z)
            if number == 0:
                return _softplus(z)
        return y * _softplus(-z) + (1 - y) * _softplus(z)

    name = "binary_cross_entropy_with_logits"
    return elementwise(name, rule, logits, targets, reduction, ("logit", "target"))


binary_cross_entropy_from_logits = binary_cross_entropy_with_logits


def cross_entropy(logits: Any, targets: Any, reduction: str = "mean") -> Any:
    """Return the cross-entropy of classes, −log softmax(z)[k], from the logits z.

    For the class k it is computed as ln(1 + e^(L − z_k)), where L is the log of Σ e^z over the other classes: exact to
    rounding for any logits, also where the class is nearly certain. For probabilities t it is −Σ t·log softmax(z).

    Args:
        logits: One row, with a number or Value per class; or a sequence of rows.
        targets: For each row the class, an int from 0; or the probability of each class.
        reduction: `"mean"` over the rows, `"sum"` or `"none"`.

    Returns:
        A Value if any logit is one, else a number; for `"none"`, a list with a loss per row.

    Raises:
        DomainError: A class is out of range, a probability is outside 0..1 or a row of them has another sum than 1, the
            reduction is unknown, or there is nothing to take a mean of.
        ShapeError: There are more or fewer targets than rows, or probabilities than classes.
        NumberError: Something is no number.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.losses import cross_entropy
        >>> row = [Value(2.0), Value(0.0), Value(0.0)]
        >>> loss = cross_entropy(row, 0)
        >>> loss.backward()
        >>> print(f"{loss.data:.4f}", [f"{z.grad:.4f}" for z in row])
        0.2395 ['-0.2130', '0.1065', '0.1065']
        >>> cross_entropy([[1000.0, 0.0], [0.0, 1000.0]], [1, 1], reduction="none")
        [1000.0, 0.0]
    """
    check_reduction("cross_entropy", reduction)
    rows = as_sequence(logits)
    if rows is None:
        raise ShapeError(
            f"cross_entropy: the logits are the single number {logits!r}, one per class is needed\n"
            f"for one logit and yes-or-no targets, use binary_cross_entropy_with_logits"
        )
    several = [as_sequence(row) for row in rows]
    if rows and several[0] is None:
        return _row_loss(rows, targets, "")
    labels = as_sequence(targets)
    if labels is None or len(labels) != len(rows):
        count = "a single target" if labels is None else counted(len(labels), "target")
        raise ShapeError(f"cross_entropy: {counted(len(rows), 'row')} of logits and {count}\ngive one target per row")
    losses = []
    for i, (row, target) in enumerate(zip(several, labels, strict=True)):
        if row is None:
            raise ShapeError(f"cross_entropy: row {i} of the logits is the single number {rows[i]!r}")
        losses.append(_row_loss(row, target, f" of row {i}"))
    return reduced("cross_entropy", losses, reduction)


def _row_loss(row: Any, target: Any, where: str) -> Any:
    logits = [as_number(z, "cross_entropy", f"logit {k}", where) for k, z in enumerate(row)]
    if not logits:
        raise ShapeError(f"cross_entropy: the logits{where} are empty, one per class is needed")
    probabilities = as_sequence(target)
    if probabilities is None:
        return _class_loss(logits, _class_of(target, len(logits), where))
    return _probability_loss(logits, probabilities, where)


def _class_loss(logits: list[Any], k: int) -> Any:
    others = logits[:k] + logits[k + 1 :]
    nothing_else = all(_number_of(z) == -math.inf for z in others)  # no other class is possible, or there is none
    return _softplus((-math.inf if nothing_else else logsumexp(others)) - logits[k])


def _class_of(target: Any, classes: int, where: str) -> int:
    if isinstance(target, float) and target.is_integer():
        target = int(target)
    try:
        k = operator.index(target)
    except TypeError:
        raise NumberError(
            f"cross_entropy: the target{where} is {target!r}, a class is a whole number from 0 to {classes - 1}\n"
            f"give the class, or a list with the probability of each class"
        ) from None
    if not 0 <= k < classes:
        raise DomainError(
            f"cross_entropy: the target{where} is the class {k}, and {counted(classes, 'logit')} "
            f"{'is' if classes == 1 else 'are'} there for the classes 0 to {classes - 1}\n"
            f"classes count from 0; a net for this data has an output per class"
        )
    return k


def _probability_loss(logits: list[Any], probabilities: Any, where: str) -> Any:
    if len(probabilities) != len(logits):
        raise ShapeError(
            f"cross_entropy: {counted(len(logits), 'logit')} and {len(probabilities)} probabilities{where}\n"
            f"give a probability per class"
        )
    total = 0.0
    for k, t in enumerate(probabilities):
        number = _number_of(as_number(t, "cross_entropy", f"probability {k}", where))
        if not 0 <= number <= 1:
            raise DomainError(f"cross_entropy: probability {k}{where} is {number!r}, it must lie between 0 and 1")
        total += number
    if abs(total - 1) > SUM_TOLERANCE:
        raise DomainError(
            f"cross_entropy: the probabilities{where} have the sum {total:.6g}, it must be 1\n"
            f"divide each by their sum; several yes-or-no answers at once need binary_cross_entropy_with_logits"
        )
    terms = [
        -(t * logp)
        for t, logp in zip(probabilities, log_softmax(logits), strict=True)
        if isinstance(t, Value) or t != 0  # 0 · log 0 is 0
    ]
    return sum_of(terms)


def _number_of(x: Any) -> Any:
    return x.data if isinstance(x, Value) else x
