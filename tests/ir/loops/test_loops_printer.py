"""Loops as text: what a person reads, in full and shortened."""

from array import array
from collections.abc import Callable

import pytest

from slopewise import ir
from slopewise.ir.loops import (
    Affine,
    Apply,
    Array,
    Expression,
    For,
    Index,
    Kind,
    Let,
    Literal,
    Load,
    Local,
    Loops,
    Range,
    Store,
    Sum,
    print_loops,
)
from slopewise.ir.operations import CODES, NEGATE

Golden = Callable[..., None]

# fmt: off
TEXTS = {
    "net": ("A net of two layers with softmax and its gradients: layers, softmax and transposed products are plain to see.", """
        loops(x[64, 784], w[128, 784], b[128], v[10, 128], y[64, 10]) {
          local h[64, 128], z[64, 10], e[64, 10], total[64], loss[1], dz[64, 10], dv[10, 128], dh[64, 128]
          local dw[128, 784]
          for s in 64, j in 128 { h[s, j] = relu(b[j] + sum(i in 784: w[j, i] * x[s, i])) }
          for s in 64, k in 10 { z[s, k] = sum(j in 128: v[k, j] * h[s, j]) }
          for s in 64, k in 10 { e[s, k] = exp(z[s, k]) }
          for s in 64 { total[s] = sum(k in 10: e[s, k]) }
          loss[0] = -sum(s in 64, k in 10: y[s, k] * log(e[s, k] / total[s])) / 64
          for s in 64, k in 10 { dz[s, k] = (e[s, k] / total[s] - y[s, k]) / 64 }
          for k in 10, j in 128 { dv[k, j] = sum(s in 64: dz[s, k] * h[s, j]) }
          for s in 64, j in 128 { dh[s, j] = (h[s, j] > 0) * sum(k in 10: dz[s, k] * v[k, j]) }
          for j in 128, i in 784 { dw[j, i] = sum(s in 64: dh[s, j] * x[s, i]) }
          return loss[0], dw[0 .. 100352], dv[0 .. 1280]
        }"""),
    "recurrent": ("A recurrent net: the scan over time holds the loops over samples and units, and a last one runs backwards.", """
        loops(x[50, 16], w[32, 32]) {
          local h[51, 16, 32], back[51]
          for s in 16, j in 32 { h[0, s, j] = 0 }
          scan t in 50 { for s in 16, j in 32 { h[t + 1, s, j] = tanh(x[t, s] + sum(k in 32: w[j, k] * h[t, s, k])) } }
          back[50] = 1
          scan t in 50 { back[49 - t] = 0.9 * back[50 - t] }
          return h[50, 3, 2], back[50 .. -1 by -1]
        }"""),
    "embedding": ("Rows gathered by a table, summed in segments; the inputs are in another order than they came, with names.", """
        loops(rows[27, 4], bias[3]) {
          inputs bias = 0 .. 3
          inputs rows = 3 .. 111
          names "bias[0]", "bias 1", "β"NAMES
          table row[15] = 0, 20, 52, 52, 4, 72, 104, 0, 8, 0, 0, 4, 100, 100, 16
          table start[4] = 0, 5, 5, 15
          constant scale[3] = 0.5, inf, -0.0
          constant many[13] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
          local total[3, 4]
          for n in 3, d in 4 {
            t = sum(k in start[n] .. start[n + 1]: rows[@row[k] + d])
            total[n, d] = scale[n] * t + bias[2 - n] * many[3*d + n]
          }
          return total[0 .. 12], bias[1]
        }""".replace("NAMES", "".join(f', "r{i}"' for i in range(108)))),
    "pairs": ("A triangle: the inner bound depends on the outer variable; a long expression goes over several lines.", """
        loops(x[9], y[9], z[9], q[9]) {
          local energy[1]
          energy[0] = sum(i in 8, j in i + 1 .. 9: q[i] * q[j] / sqrt((x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2 + (z[i] - z[j]) ** 2) + 1e-12 * (exp(-q[i]) + exp(-q[j])))
          return energy[0]
        }"""),
}
# fmt: on


@pytest.mark.parametrize("name", TEXTS)
def test_what_a_person_reads(name: str, golden: Golden) -> None:
    reason, text = TEXTS[name]
    loops = ir.parse_loops(text)
    shown = f"{loops!r}\n{loops}"
    full = print_loops(loops, full=True)
    assert ir.parse_loops(full) == loops
    assert all(len(line) <= 100 for line in full.splitlines())
    golden(f"loops/{name}.txt", shown if full == str(loops) else f"{shown}\n\nin full:\n{full}", reason)


def with_value(value: Expression) -> str:
    """Print a statement that stores an expression: what stands behind the = of it."""
    loops = Loops(
        ("x", "b[0]", "b[1]"),
        (
            Array("x", Kind.INPUT, (1,), array("i", [0]), array("d")),
            Array("b", Kind.INPUT, (2,), array("i", [1, 2]), array("d")),
            Array("y", Kind.LOCAL, (1,), array("i"), array("d")),
        ),
        (),
        (Let("t", Literal(1.0)), Store("y", Index(Affine(0)), value)),
        array("i"),
        array("i"),
    )
    text = str(loops)
    assert ir.parse_loops(text) == loops
    return text.splitlines()[3].removeprefix("  y[0] = ")


def op(name: str, *operands: Expression) -> Apply:
    return Apply(CODES[name], operands)


T, X, ONE, TWO, MINUS = Local("t"), Load("x", Index(Affine(0))), Literal(1.0), Literal(2.0), Literal(-1.0)
HALF = Literal(0.5)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (op("add", op("add", T, X), ONE), "t + x[0] + 1"),
        (op("add", T, op("add", X, ONE)), "t + (x[0] + 1)"),
        (op("subtract", T, op("subtract", X, ONE)), "t - (x[0] - 1)"),
        (op("subtract", op("subtract", T, X), op("multiply", T, X)), "t - x[0] - t * x[0]"),
        (op("multiply", op("add", T, X), op("add", T, X)), "(t + x[0]) * (t + x[0])"),
        (op("divide", T, op("multiply", X, TWO)), "t / (x[0] * 2)"),
        (op("multiply", op("divide", T, X), TWO), "t / x[0] * 2"),
        (op("floor_divide", op("modulo", T, X), TWO), "t % x[0] // 2"),
        (op("negate", op("power", T, TWO)), "-t ** 2"),
        (op("power", op("negate", T), TWO), "(-t) ** 2"),
        (op("power", T, op("power", X, TWO)), "t ** x[0] ** 2"),
        (op("power", op("power", T, X), TWO), "(t ** x[0]) ** 2"),
        (op("power", T, MINUS), "t ** -1"),
        (op("power", MINUS, TWO), "(-1) ** 2"),
        (op("negate", op("power", ONE, TWO)), "-1 ** 2"),
        (op("power", TWO, op("negate", op("power", T, TWO))), "2 ** -t ** 2"),
        (op("negate", ONE), "-(1)"),
        (op("negate", MINUS), "-(-1)"),
        (op("negate", op("negate", T)), "-(-t)"),
        (op("negate", op("multiply", T, X)), "-(t * x[0])"),
        (op("multiply", op("negate", T), X), "-t * x[0]"),
        (op("multiply", MINUS, T), "-1 * t"),
        (op("add", T, MINUS), "t + -1"),
        (op("subtract", T, op("negate", X)), "t - -x[0]"),
        (op("negate", op("negate", ONE)), "-(-(1))"),
        (op("negate", Literal(float("nan"))), "-(nan)"),
        (op("less", op("add", T, X), ONE), "t + x[0] < 1"),
        (op("equal", op("less", T, X), ONE), "(t < x[0]) == 1"),
        (op("multiply", op("greater_equal", T, X), ONE), "(t >= x[0]) * 1"),
        (op("where", op("not_equal", T, X), op("negate", T), HALF), "where(t != x[0], -t, 0.5)"),
        (op("power_value", T, X), "power_value(t, x[0])"),
        (op("attach", T, X, ONE), "attach(t, x[0], 1)"),
        (op("round", op("square", T)), "round(square(t))"),
        (Sum((Range("i", Index(Affine(0)), Index(Affine(2))),), Load("b", Index(Affine(0, (("i", 1),))))), "sum(i in 2: b[i])"),
        (Sum((Range("i", Index(Affine(-1)), Index(Affine(1))),), Load("b", Index(Affine(0, (("i", -1),))))), "sum(i in -1 .. 1: b[-i])"),
        (Sum((Range("i", Index(Affine(3)), Index(Affine(3))),), Literal(5e-324)), "sum(i in 3 .. 3: 5e-324)"),
    ],
)  # fmt: skip
def test_brackets_stand_where_they_are_needed(value: Expression, text: str) -> None:
    assert with_value(value) == text


@pytest.mark.parametrize(
    ("shape", "place", "text"),
    [
        ((5,), Affine(3), "3"),
        ((12,), Affine(1, (("i", 3),)), "3*i + 1"),
        ((12,), Affine(9, (("i", -1),)), "9 - i"),
        ((12,), Affine(0, (("i", -1), ("j", 1))), "j - i"),
        ((12,), Affine(-2, (("i", -1), ("j", 4))), "4*j - i - 2"),
        ((12,), Affine(0, (("i", -2),)), "-2*i"),
        ((4, 4), Affine(0, (("i", 4), ("j", 1))), "i, j"),
        ((4, 4), Affine(0, (("i", 1), ("j", 4))), "j, i"),
        ((4, 4), Affine(12, (("i", -4), ("j", 1))), "3 - i, j"),
        ((4, 4), Affine(3, (("i", 3),)), "i, 3 - i"),
        ((4, 4), Affine(0, (("i", 5),)), "i, i"),
        ((5, 4), Affine(4, (("i", 4),)), "i + 1, 0"),
        ((7, 2), Affine(1, (("i", 2), ("j", 2))), "i + j, 1"),
        ((4, 1, 4), Affine(0, (("i", 4), ("j", 1))), "i, 0, j"),
        ((2, 2, 4), Affine(15), "1, 1, 3"),
        ((4, 4), Affine(0, (("i", 1), ("j", 1))), "@i + j"),
        ((2, 6), Affine(0, (("i", 3), ("j", 1))), "@3*i + j"),
        ((4, 4), Affine(17), "@17"),
        ((4, 4), Affine(0, (("i", 1), ("nowhere", 4))), "@i + 4*nowhere"),
    ],
)
def test_places_come_apart_into_axes_where_they_can(shape: tuple[int, ...], place: Affine, text: str) -> None:
    """Variables i and j go from 0 to 3."""
    a = Array("a", Kind.LOCAL, shape, array("i"), array("d"))
    four = Index(Affine(4))
    nest = For(
        (Range("i", Index(Affine(0)), four), Range("j", Index(Affine(0)), four)), (Store("a", Index(place), ONE),)
    )
    assert f"{{ a[{text}] = 1 }}" in str(Loops((), (a,), (), (nest,), array("i"), array("i")))


def test_what_breaks_a_rule_is_printed_as_far_as_it_goes() -> None:
    y = Array("y", Kind.LOCAL, (1,), array("i"), array("d"))
    deep: Expression = ONE
    for _ in range(5000):
        deep = Apply(NEGATE, (deep,))
    none = Index(Affine(0), "nothing", Affine(0, (("k", 1),)))
    body = (
        Store("nowhere", Index(Affine(3)), Apply(62, (T,))),
        Store("y", none, Apply(NEGATE, ())),
        Let("t", deep),
        Store("y", Index(Affine(0)), None),  # type: ignore[arg-type]
        None,
    )
    text = str(Loops((), (y,), (), body, array("i", [0, 7]), array("i", [4, 4])))  # type: ignore[arg-type]
    lines = text.splitlines()
    assert lines[2:4] == ["  nowhere[@3] = code 62(t)", "  y[nothing[k]] = negate()"]
    assert "..." in text and "  y[0] = <NoneType>" in lines and "  <NoneType>" in lines
    assert lines[-2] == "  return y[4], array 7[4]"


def test_nothing_at_all() -> None:
    assert str(Loops((), (), (), (), array("i"), array("i"))) == "loops() {\n  return\n}"
