"""Programs as people write them, before and after simplify; the files say what each is there to show."""

from collections.abc import Callable

import pytest

from slopewise import ir
from slopewise.passes.simplify import simplify

Golden = Callable[..., None]

# fmt: off
PROGRAMS = {
    "neuron": ("A neuron as the engine records it: (0 + w1*x1) + w2*x2 + b, tanh; the sum's 0 goes by default, not with exact.", """
        program(%0 w1, %1 w2, %2 b, %3 x1, %4 x2) {
          %5 = constant 0.0
          %6 = multiply %0 %3
          %7 = add %5 %6
          %8 = multiply %1 %4
          %9 = add %7 %8
          %10 = add %9 %2
          %11 = tanh %10
          return %11
        }"""),
    "quotient": ("The engine's a / b is a * b**-1 and its a - b is a + b * -1: a reciprocal by default, libm's pow with exact.", """
        program(%0 a, %1 b) {
          %2 = constant -1.0
          %3 = power %1 %2
          %4 = multiply %0 %3
          %5 = constant -1.0
          %6 = multiply %1 %5
          %7 = add %4 %6
          %8 = constant 2.0
          %9 = power %7 %8
          return %9
        }"""),
    "softmax": ("Softmax of three with the largest taken off: shared exponentials; the 0 that the sum starts from goes in any mode, an exponential being no -0.0.", """
        program(%0 x, %1 y, %2 z) {
          %3 = maximum %0 %1
          %4 = maximum %3 %2
          %5 = constant -1.0
          %6 = multiply %4 %5
          %7 = add %0 %6
          %8 = exp %7
          %9 = constant -1.0
          %10 = multiply %4 %9
          %11 = add %1 %10
          %12 = exp %11
          %13 = constant -1.0
          %14 = multiply %4 %13
          %15 = add %2 %14
          %16 = exp %15
          %17 = constant 0.0
          %18 = add %17 %8
          %19 = add %18 %12
          %20 = add %19 %16
          %21 = divide %8 %20
          %22 = divide %12 %20
          %23 = divide %16 %20
          return %21 %22 %23
        }"""),
    "sign": ("A sign by two choices, then clipped: choices by not-zero, truths that are chosen as 1 or 0, a bound at infinity.", """
        program(%0 x) {
          %1 = constant 0.0
          %2 = greater %0 %1
          %3 = constant 1.0
          %4 = constant 0.0
          %5 = where %2 %3 %4
          %6 = less %0 %1
          %7 = not_equal %6 %4
          %8 = where %7 %3 %4
          %9 = subtract %5 %8
          %10 = constant inf
          %11 = minimum %9 %10
          %12 = round %11
          return %12
        }"""),
    "slopes": ("What only the derivative needs: detach, attach and kinks stay, unless no derivative will be taken.", """
        program(%0 x, %1 y) {
          %2 = square %0
          %3 = absolute %2
          %4 = detach %3
          %5 = attach %4 %0 %1
          %6 = relu %5
          %7 = add %6 %3
          return %7
        }"""),
}
MODES = {
    "default": {}, "exact": {"exact": True}, "keep": {"constants": "keep"}, "not differentiable": {"differentiable": False},
}
# fmt: on


@pytest.mark.parametrize("name", PROGRAMS)
def test_before_and_after(name: str, golden: Golden) -> None:
    reason, text = PROGRAMS[name]
    program = ir.parse(text)
    shown = [f"before: {program!r}\n{program}"]
    for mode, options in MODES.items():
        after = simplify(program, **options)  # type: ignore[arg-type]
        shown.append(f"{mode}: {after!r}\n{after}")
    golden(f"passes/{name}.txt", "\n\n".join(shown), reason)
