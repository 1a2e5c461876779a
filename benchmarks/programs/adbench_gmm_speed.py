"""The gradient of a mixture's log-likelihood, and the likelihood alone.

WHOLE: one function of all points is compiled. ROWS: the term of one point is, all points run side by side, and NumPy
adds them up; the rest of the likelihood is a function of its own.
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
ROWS = 100  # at a time: their gradients lie side by side in memory


def term_of_point(alphas, means, factors, x):
    diagonals = [[sw.exp(q) for q in row[: len(x)]] for row in factors]
    return term(alphas, means, factors, diagonals, x)


def by_rows(per_point, others):
    """Return value and gradient from those of each point and of the rest; without gradients the value alone."""
    found = [per_point(alphas, means, factors, points[at : at + ROWS]) for at in range(0, len(points), ROWS)]
    last = others(alphas, factors)
    if isinstance(last, float):
        return last + sum(some.sum() for some in found)
    gradient = [sum(slopes[i].sum(axis=0) for _, slopes in found) for i in range(3)]
    value, (by_alphas, by_factors) = last
    gradient = [gradient[0] + by_alphas, gradient[1], gradient[2] + by_factors]
    return value + sum(some.sum() for some, _ in found), gradient


if FORM == "ROWS":
    point_value = sw.batched(term_of_point, shared=(0, 1, 2))
    point_both = sw.batched(sw.value_and_grad(term_of_point, (0, 1, 2)), shared=(0, 1, 2))
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
