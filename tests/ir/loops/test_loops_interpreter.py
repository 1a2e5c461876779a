"""What Loops compute: against the same done by hand, in plain Python."""

import math
from math import exp, inf, nan, tanh

from slopewise import ir


def run(text: str, inputs: list[float]) -> list[float]:
    return ir.interpret_loops(ir.parse_loops(text), inputs)


def test_a_layer() -> None:
    x, w, b = [[0.5, -1.0], [2.0, 0.25], [1.0, 1.0]], [[1.0, 2.0], [-0.5, 0.75]], [0.125, -0.25]
    text = """
        loops(x[3, 2], w[2, 2], b[2]) {
          local h[3, 2]
          for s in 3, j in 2 { h[s, j] = tanh(b[j] + sum(i in 2: w[j, i] * x[s, i])) }
          return h[0 .. 6]
        }"""
    expected = [tanh(b[j] + (w[j][0] * x[s][0] + w[j][1] * x[s][1])) for s in range(3) for j in range(2)]
    found = run(text, [*x[0], *x[1], *x[2], *w[0], *w[1], *b])
    assert all(math.isclose(one, other, rel_tol=1e-14) for one, other in zip(found, expected, strict=True))


def test_a_softmax_of_one_scan_for_the_largest() -> None:
    text = """
        loops(z[4]) {
          local top[4], e[4], p[4]
          top[0] = z[0]
          scan i in 3 { top[i + 1] = maximum(top[i], z[i + 1]) }
          for i in 4 { e[i] = exp(z[i] - top[3]) }
          for i in 4 { p[i] = e[i] / sum(j in 4: e[j]) }
          return p[0 .. 4]
        }"""
    z = [1000.0, 999.0, 1001.0, -5.0]
    total = sum(exp(x - 1001.0) for x in z)
    assert run(text, z) == [exp(x - 1001.0) / total for x in z]


def test_a_sum_begins_with_0_and_adds_in_order() -> None:
    text = "loops(x[4]) { local y[3] y[0] = sum(i in 4: x[i]) y[1] = sum(i in 4: x[3 - i]) y[2] = sum(i in 1: x[0] * -0.0) return y[0 .. 3] }"
    x = [1e16, 1.0, -1e16, 1.0]
    forwards, backwards, zero = run(text, x)
    assert forwards == ((1e16 + 1.0) - 1e16) + 1.0 and backwards == ((1.0 - 1e16) + 1.0) + 1e16
    assert math.copysign(1.0, zero) == 1.0  # 0.0 + -0.0


def test_sums_of_no_terms_and_loops_of_no_members() -> None:
    text = """
        loops(x[3]) {
          table start[4] = 0, 2, 2, 3
          local y[3], z[2]
          for i in 3 { y[i] = sum(j in start[i] .. start[i + 1]: x[j]) }
          for i in 2 .. 1 { z[5] = x[9] }
          z[0] = sum(i in 3, j in i .. 2: x[i] * 10 + x[j])
          z[1] = sum(i in 2, j in 3 .. i: 1)
          return y[0 .. 3], z[0 .. 2]
        }"""
    assert run(text, [1.0, 2.0, 3.0]) == [3.0, 0.0, 3.0, 11.0 + 12.0 + 22.0, 0.0]


def test_outputs_may_be_inputs_and_constants_and_come_twice() -> None:
    text = "loops(x[2], y[1]) { inputs x = 2, 0 constant c[2] = nan, inf return x[0], c[1], x[1], x[0], c[0], y[0] }"
    *found, not_a_number, y = run(text, [1, 2, 3])
    assert found == [3.0, inf, 1.0, 3.0] and math.isnan(not_a_number) and y == 3.0
    assert all(type(number) is float for number in found)


def test_operations_are_those_of_programs() -> None:
    text = "loops(x[1]) { local y[5] y[0] = 1 / x[0] y[1] = where(x[0], 1, 2) y[2] = x[0] ** -1 y[3] = (x[0] == 0) + (x[0] < 1) y[4] = log(x[0]) return y[0 .. 5] }"
    assert run(text, [-0.0]) == [-inf, 2.0, -inf, 2.0, -inf]
    found = run(text, [nan])
    assert [math.isnan(number) for number in found] == [True, False, True, False, True]


def test_a_name_is_computed_anew_by_every_member() -> None:
    text = "loops(x[3]) { local y[3] for i in 3 { t = 2 * x[i]; y[i] = t * t } return y[0 .. 3] }"
    assert run(text, [1.0, 2.0, 3.0]) == [4.0, 16.0, 36.0]
