"""Forward derivatives by hand: a class of dual numbers whose parts are Values; the result mixes values and slopes."""

import slopewise as sw


class Dual:
    def __init__(self, value, slope=0.0):
        self.value, self.slope = value, slope

    def __add__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value + other.value, self.slope + other.slope)

    def __mul__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value * other.value, self.slope * other.value + self.value * other.slope)

    __radd__, __rmul__ = __add__, __mul__

    def sin(self):
        return Dual(sw.sin(self.value), sw.cos(self.value) * self.slope)


def program(x, y):
    a, b = Dual(x, 1.0), Dual(y)
    found = (a * b + 3 * a).sin() * a + b * b
    return found.slope + 0.1 * found.value, {"value": found.value, "slope": found.slope}


CALLS = [(0.5, 1.5), (-1.0, 0.25)]
PATHS = 1
