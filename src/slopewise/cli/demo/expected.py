"""The figures that the demo must reach, in one table, and the comparison.

They come from the lecture, from articles that retell it and from micrograd itself, except where a comment says that
they were recorded with slopewise. Compared are as many significant digits as given: twelve where only rounding can
differ between platforms, fewer where the source gives fewer or where many steps of training multiply the rounding.
"""

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Expected:
    """A number, and to how many significant digits it is to be met."""

    number: float
    digits: int = 12


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison: what was found, what was expected, and whether they agree."""

    chapter: int
    name: str
    found: Any
    expected: Expected
    ok: bool


# fmt: off
EXPECTED: dict[str, Expected] = {
    # 1. The slope of one function
    "f(3)":                                             Expected(20.0),
    "slope of f at 3":                                  Expected(14.0),
    "the minimum of f":                                 Expected(2 / 3),
    # 2. Finite differences
    "forward slope at 2/3, h = 1e-6":                   Expected(2.999378523327323e-06),
    "d = a·b + c":                                      Expected(4.0),
    "forward slope in c, h = 1e-4":                     Expected(0.9999999999976694),
    # 3. A line through real data
    "β₁ by QR":                                         Expected(10.233, 5),
    "β₀ by QR":                                         Expected(-117.77, 5),
    "β₁ by the normal equations":                       Expected(10.233, 5),
    "β₀ by the normal equations":                       Expected(-117.77, 5),
    "β₁ by descent, back in raw units":                 Expected(10.233, 5),
    "β₀ by descent, back in raw units":                 Expected(-117.77, 5),
    # 4. The walk in the dark
    "the first step from 3 at rate 0.1":                Expected(1.6),
    "one step at rate 1/6":                             Expected(2 / 3),
    "rate 1/3, after one step":                         Expected(-5 / 3),
    "rate 1/3, after two steps":                        Expected(3.0),
    "rate 0.34, growth of each step":                   Expected(1.04),
    # 5. Backpropagation by contribution
    "f":                                                Expected(-6.0),
    "gradient of f":                                    Expected(1.0),
    "gradient of d":                                    Expected(1.0),
    "gradient of e":                                    Expected(-6.0),
    "gradient of a through d":                          Expected(3.0),
    "gradient of a through e":                          Expected(-6.0),
    "gradient of a":                                    Expected(-3.0),
    "gradient of b through d":                          Expected(-2.0),
    "gradient of b through e":                          Expected(-6.0),
    "gradient of b":                                    Expected(-8.0),
    "a after the step":                                 Expected(-1.7),
    "f after the step on a":                            Expected(-6.63),
    "the best a":                                       Expected(-1.5, 8),
    "f at the best a":                                  Expected(-6.75),
    "L":                                                Expected(-8.0),
    "gradient of a in L":                               Expected(6.0),
    "gradient of b in L":                               Expected(-4.0),
    "gradient of c in L":                               Expected(-2.0),
    "gradient of d in L":                               Expected(-2.0),
    "gradient of e in L":                               Expected(-2.0),
    "gradient of f in L":                               Expected(4.0),
    "L after the step uphill":                          Expected(-7.286496),
    "gradient of a in a + a":                           Expected(2.0),
    "gradient of a in the reused graph":                Expected(25.0),
    "gradient of b in the reused graph":                Expected(19.0),
    "a in the reused graph, without an order":          Expected(29.0),
    "b in the reused graph, without an order":          Expected(22.0),
    "a when the last contribution wins":                Expected(3.0),
    "b when the last contribution wins":                Expected(-2.0),
    "micrograd's README, g":                            Expected(24.70408163265306),
    "micrograd's README, a.grad":                       Expected(138.83381924198252),
    "micrograd's README, b.grad":                       Expected(645.5772594752186),
    # 6. The neuron
    "n":                                                Expected(0.8813735870195432),
    "o = tanh(n)":                                      Expected(0.7071067811865476),
    "gradient of x1":                                   Expected(-1.5),
    "gradient of w1":                                   Expected(1.0),
    "gradient of x2":                                   Expected(0.5),
    "gradient of w2":                                   Expected(0.0),
    "gradient of the bias":                             Expected(0.5),
    "o through exp":                                    Expected(0.7071067811865477),
    # 7. The lecture's net
    "parameters of MLP(3, [4, 4, 1])":                  Expected(41),
    "n(x0)":                                            Expected(0.42767811248845455),
    "nodes in the lecture's loss":                      Expected(398),
    "the lecture's loss at step 0":                     Expected(6.005402783252284),
    "the lecture's loss at step 1":                     Expected(3.2021496469205015),
    "the lecture's loss at step 19":                    Expected(0.0177818746861576, 9),
    # 8. Why gradients are zeroed
    "parabola unzeroed, lowest of steps 41 to 60":      Expected(-1.9, 2),
    "parabola unzeroed, highest of steps 41 to 60":     Expected(3.2, 2),
    "seeds of 40 that end lower unzeroed":              Expected(34),  # recorded with slopewise
    "moons zeroed, loss at step 30":                    Expected(0.1173, 4),  # recorded with slopewise
    "moons unzeroed, loss at step 30":                  Expected(4.894, 4),  # recorded with slopewise
    "moons unzeroed, loss at the end":                  Expected(21.7, 3),
    "moons zeroed, loss at the end":                    Expected(0.011, 2),
    # 10. Micrograd's moons demo
    "parameters of MLP(2, [16, 16, 1])":                Expected(337),
    "nodes in the moons loss":                          Expected(65818),
    "moons loss at step 0":                             Expected(0.8958441028683222),
    "moons accuracy at step 0, %":                      Expected(50),
    "moons loss at step 1":                             Expected(1.7235905336972022),
    "moons accuracy at step 1, %":                      Expected(81),
    "moons loss at step 5":                             Expected(0.3135454819185),
    "moons accuracy at step 5, %":                      Expected(86),
    "moons accuracy at the end, %":                     Expected(100),
    "relu units dead on all points at the end":         Expected(2),
    "steps on which the moons loss rises":              Expected(40),
    "the largest rise of the moons loss":               Expected(2.18, 3),
}
# fmt: on


def compare(chapter: int, name: str, found: Any, expected: Expected) -> Check:
    """Compare to half a unit in the last digit that counts; 0 is met within 1e-12.

    Example:
        >>> from slopewise.cli.demo.expected import Expected, compare
        >>> compare(3, "slope", 10.23313, Expected(10.233, 5)).ok, compare(3, "slope", 10.24, Expected(10.233, 5)).ok
        (True, False)
    """
    return Check(chapter, name, found, expected, abs(float(found) - expected.number) <= tolerance(expected))


def tolerance(expected: Expected) -> float:
    """Return how far a found number may be from the expected one.

    Example:
        >>> from slopewise.cli.demo.expected import Expected, tolerance
        >>> tolerance(Expected(10.233, 5))
        0.0005
    """
    if expected.number == 0:
        return 1e-12
    leading = math.floor(math.log10(abs(expected.number)))
    return float(0.5 * 10.0 ** (leading + 1 - expected.digits))
