"""The gradient of a mixture's log-likelihood, and the likelihood alone.

WHOLE: one function of all points is compiled. ROWS: the term of one point is, and comes as the sum over all points; the
rest of the likelihood is a function of its own.
"""

from time import perf_counter

from adbench_data import entries, mixture, mixture_expected
from adbench_gmm import Mixture, log_likelihood, rest, term

import slopewise as sw

SIZES = (10, 25, 1_000)
FORM = "ROWS"
REPEATS = 5

alphas, means, factors, points, gamma, m = mixture(*SIZES)
data = Mixture(alphas, means, factors, points, gamma, m)


def term_of_point(alphas, means, factors, x):
    diagonals = [[sw.exp(q) for q in row[: len(x)]] for row in factors]
    return term(alphas, means, factors, diagonals, x)


def by_rows(of_points, others):
    """Return value and gradient from those of the points and of the rest; without gradients the value alone."""
    found = of_points(alphas, means, factors, points)
    last = others(alphas, factors)
    if isinstance(last, float):
        return last + found
    (value, gradient), (more, (by_alphas, by_factors)) = found, last
    return value + more, [gradient[0] + by_alphas, gradient[1], gradient[2] + by_factors]


if FORM == "ROWS":
    point_value = sw.batched(term_of_point, shared=(0, 1, 2), reduction="sum")
    both_of_point = sw.value_and_grad(term_of_point, (0, 1, 2))
    point_both = sw.batched(both_of_point, shared=(0, 1, 2), reduction="sum")
    rest_value, rest_both = sw.compile(rest(data)), sw.value_and_grad(rest(data), (0, 1))
    objective = lambda: by_rows(point_value, rest_value)
    both = lambda: by_rows(point_both, rest_both)
else:
    whole, whole_both = sw.compile(log_likelihood(data)), sw.value_and_grad(log_likelihood(data), (0, 1, 2))
    objective = lambda: whole(alphas, means, factors)
    both = lambda: whole_both(alphas, means, factors)


def times_of(function):
    function()
    times = []
    for _ in range(REPEATS):
        began = perf_counter()
        function()
        times.append(perf_counter() - began)
    return times


began = perf_counter()
value, gradient = both()
extra = {"first_s": perf_counter() - began}
answers = entries(value, gradient)
expected = mixture_expected(SIZES)
seconds = times_of(both)
