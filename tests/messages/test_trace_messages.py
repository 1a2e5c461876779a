"""The words of what a traced function is refused."""

import math
import statistics
from collections.abc import Callable
from math import exp
from typing import Any

import numpy as np
import pytest
from scipy import special

from slopewise import Value
from slopewise.errors import TraceError
from slopewise.tracer import record


def words(call: Callable[[list[Any]], Any]) -> list[str]:
    with pytest.raises(TraceError) as caught:
        record(call, [0.5])
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    where = lines.pop(1)
    assert where.startswith("at ") and "test_trace_messages.py:" in where
    return lines


def test_float() -> None:
    what = "float() of a traced number would freeze it at 0.5"
    assert words(lambda xs: [float(xs[0])]) == [what, FLOAT]
    assert words(lambda xs: [exp(xs[0])]) == [what, BY_NAME]
    assert words(lambda xs: [np.array(xs, dtype=float)]) == [what, DTYPE]
    assert words(lambda xs: [float(exp(xs[0]))])[1] == f"{FLOAT}; {BY_NAME}"
    assert words(hidden)[1] == f"{FLOAT}; {DTYPE}; {BY_NAME}; {FILLED}"
    assert words(filling)[1] == FILLED and words(adding)[1] == FILLED
    assert words(lambda xs: [np.interp(xs[0], [0.0, 1.0], [0.0, 2.0])]) == [what, FLOATS]
    assert words(lambda xs: list(np.arange(xs[0])))[1] == (
        "np.arange asks for floats: np.arange(int(n)) takes the whole number of this call"
    )
    integrate = pytest.importorskip("scipy.integrate")
    assert words(lambda xs: [integrate.quad(lambda t: t * xs[0], 0.0, 1.0)[0]]) == [
        "float() of a traced number would freeze it at 0.25",
        SCIPY,
    ]


def hidden(xs: list[Any]) -> list[Any]:
    reads = float
    return [reads(xs[0])]


def filling(xs: list[Any]) -> list[Any]:
    z = np.zeros(2)
    z[0] = xs[0]
    return list(z)


def adding(xs: list[Any]) -> list[Any]:
    z = np.zeros((2, 2))
    z[1][0] += xs[0]
    return list(z)


def test_functions_without_an_operation() -> None:
    assert words(lambda xs: [math.nextafter(xs[0], 1.0)]) == [
        "math.nextafter() of a traced number cannot be recorded",
        "write it with other functions, or give the number as an argument of the compiled function",
    ]


FLOAT = "leave float() away: the traced number does what a float does"
DTYPE = "leave astype(float) and dtype=float away: an array of traced numbers holds objects"
BY_NAME = (
    "a function of the math module is recorded when it is called as math.exp(x), not by a name of its own "
    "(from math import exp)"
)
SCIPY = (
    "SciPy's functions work on floats: write the steps out as loops over the numbers, as in docs/tracing.md; "
    "sw.minimize and sw.least_squares search and fit"
)
FLOATS = "numpy's own functions work on floats, apart from those that `sw` has too: apply a function of sw or of math to each"
LOOPS = "write the steps out as loops over the numbers, as in docs/tracing.md: they are recorded once"
FILLED = "an array to be filled with traced numbers holds objects: np.zeros(3, dtype=object); or write z = z + x"


@pytest.mark.parametrize(
    ("call", "what", "cure"),
    [
        (np.isnan, "isnan() of traced numbers is not recorded", "ask each number: x != x where it is a nan"),
        (
            lambda a: np.logaddexp(a, 1.0),
            "logaddexp() of traced numbers is not recorded",
            "sw.logsumexp([x, y]) is the same",
        ),
        (np.frexp, "frexp() of traced numbers is not recorded", FLOATS),
        (special.gammaln, "gammaln() of traced numbers is not recorded", "sw.lgamma(x) is the same"),
        (
            lambda a: np.linalg.solve(np.diag(a), a),
            "solve() of numpy.linalg takes floats, and traced numbers are none",
            LOOPS,
        ),
        (
            lambda a: np.linalg.det(np.diag(a)),
            "det() of numpy.linalg takes floats, and traced numbers are none",
            LOOPS,
        ),
        (
            lambda a: np.interp(a, [0.0, 1.0], [0.0, 1.0]),
            "a function of numpy's takes floats, and traced numbers are none",
            FLOATS,
        ),
        (
            lambda a: np.add(a, 1.0, out=np.zeros(2)),
            "an array of floats cannot take the traced numbers that add() gives",
            FILLED,
        ),
    ],
)
def test_functions_of_numpy(call: Callable[..., Any], what: str, cure: str) -> None:
    assert words(lambda xs: [call(np.array([xs[0], xs[0] * 2]))]) == [what, cure]


def test_the_line_is_that_which_called_the_library() -> None:
    def call(xs: list[Any]) -> list[Any]:
        return [statistics.fmean([xs[0], 1.0])]

    with pytest.raises(TraceError) as caught:
        record(call, [0.5])
    assert "test_trace_messages.py" in str(caught.value) and "statistics.fmean([" in str(caught.value)


def test_other_errors_pass_as_they_are() -> None:
    with pytest.raises(TypeError, match="unsupported operand") as caught:
        record(lambda xs: [xs[0] + "a"], [0.5])
    assert not isinstance(caught.value, TraceError)


def test_numbers_of_other_types() -> None:
    assert words(lambda xs: [xs[0] * 1j])[0] == "a Value holds 0.5j (complex), and a traced function works on floats"


def test_data_of_a_node_made_inside() -> None:
    def call(xs: list[Any]) -> list[Any]:
        y = xs[0] * 2
        y.data = 3.0
        return [y]

    assert words(call) == [
        "`.data` of a node that the traced function made itself is assigned",
        "make a leaf of it first: Value(node.data), or assign to a Value that existed before the call",
    ]


def test_gradients_that_are_no_floats() -> None:
    w = Value(1.0, label="w")

    def call(xs: list[Any]) -> list[Any]:
        w.grad = "none"
        return [xs[0]]

    assert words(call) == ["the gradient of 'w' is set to 'none', no float", "set it to a number"]


def test_a_step_that_assigns() -> None:
    def call(xs: list[Any]) -> list[Any]:
        out = Value(xs[0].data * 2, (xs[0],), "double")

        def step() -> None:
            xs[0].grad = 2 * out.grad

        out._backward = step
        return [out]

    assert words(call) == [
        "a `_backward` set by hand assigns the gradient of a Value instead of adding to it",
        "write += there: a Value that is used twice gets its gradient in two parts",
    ]
