"""An Asian option by Monte Carlo: the random numbers come from a generator of its own with a fixed seed, inside."""

import math
import random

import slopewise as sw


def program(spot, volatility, rate, strike):
    draw = random.Random(42)
    months, paths = 6, 16
    dt = 0.5 / months
    total = 0.0
    for _ in range(paths):
        price, average = spot, 0.0
        for _ in range(months):
            shock = draw.gauss(0.0, 1.0)
            price = price * sw.exp((rate - 0.5 * volatility**2) * dt + volatility * math.sqrt(dt) * shock)
            average += price / months
        total += sw.maximum(average - strike, 0.0)
    return sw.exp(-rate * 0.5) * total / paths


CALLS = [(100.0, 0.2, 0.05, 100.0), (100.0, 0.5, 0.01, 95.0), (80.0, 0.2, 0.05, 100.0)]
PATHS = 1
