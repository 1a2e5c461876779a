"""A straight-through estimator: the value is rounded, the gradient is that of not rounding."""


def program(x, levels):
    scaled = x * levels
    rounded = scaled + (round(scaled.data) - scaled.data)
    return (rounded / levels - 0.3) ** 2


CALLS = [(0.37, 4.0), (0.9, 8.0), (-0.55, 2.0), (0.625, 4.0)]
KNOWN = {0: (0.25 - 0.3) ** 2}
KNOWN_GRADIENT = {0: [2 * (0.25 - 0.3), 2 * (0.25 - 0.3) * (0.37 / 4 - 0.25 / 4)]}
DETACHED = "the gradient is not the slope of the value, on purpose"
PATHS = 1
