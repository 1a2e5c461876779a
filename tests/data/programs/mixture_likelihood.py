"""Log-likelihood of a mixture of normal distributions; the largest exponent taken out by `max` over `.data`, by hand."""

import math

import slopewise as sw


def log_sum_exp(terms):
    largest = max(t.data for t in terms)
    return sw.log(sum(sw.exp(t - largest) for t in terms)) + largest


def program(mixture, xs):
    norm = log_sum_exp(mixture["weights"])
    total = 0.0
    for x in xs:
        terms = []
        for weight, mean, log_sd in zip(mixture["weights"], mixture["means"], mixture["log_sds"]):
            z = (x - mean) / sw.exp(log_sd)
            terms.append(weight - norm - log_sd - 0.5 * z * z - 0.5 * math.log(2 * math.pi))
        total += log_sum_exp(terms)
    return total / len(xs)


MIXTURE = {"weights": [0.2, -0.4, 0.1], "means": [-1.0, 0.5, 2.0], "log_sds": [-0.3, 0.1, 0.4]}
CALLS = [
    (MIXTURE, [-1.2, 0.3, 0.9, 2.5, -0.4]),
    (MIXTURE, [3.2, 0.0, -5.0, 1.5, 0.7]),  # another component is the largest: the same path
]
PATHS = 1
