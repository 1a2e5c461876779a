"""Texts of Loops: the layout is free, words may be names, and what is cut short is an error."""

import pytest

from slopewise import ir
from slopewise.errors import IRError
from slopewise.ir.loops import For, Index, Literal, Load, Local, Store, print_loops
from slopewise.ir.loops.structure import Affine, Apply, Expression, Sum
from slopewise.ir.operations import CODES

WHOLE = """
loops(x[2, 3], y[6]) {
  names "a", "b", "c\\"", "d", "e", "f", "", "h"
  inputs x = 0 .. 6
  inputs y = 7, 6 .. 0 by -2, 0 .. 2
  table at[3] = 0, -1, 2
  constant c[2] = 0.5, -nan
  local h[3]
  for i in 3 {
    t = x[@at[i] + 1] * c[0] - -1.5e-3
    h[2 - i] = where(t > 0, t, -t ** 2)
  }
  return h[0 .. 3], x[1, 2]
}""".replace("-nan", "nan")


def test_the_layout_is_free() -> None:
    plain = ir.parse_loops(WHOLE)
    lines = [line.strip() for line in WHOLE.split("\n")]
    for text in (
        " ".join(lines),
        "\n\n".join(lines).replace(" ", "\t"),
        WHOLE.replace("\n", "  # a comment, } and all\r\n"),
        WHOLE.replace("    h[", "    ; ;h["),
        WHOLE.replace(" = ", "=").replace(" + ", "+").replace(" .. ", "..").replace(", ", ","),
    ):
        assert ir.parse_loops(text) == plain
    assert ir.parse_loops(print_loops(plain, full=True)) == plain


def test_a_text_cut_short_anywhere_is_an_error_and_never_something_else() -> None:
    text = WHOLE.strip()
    for end in range(len(text)):
        with pytest.raises(IRError):
            ir.parse_loops(text[:end])


def test_a_text_without_any_one_character_is_an_error_or_loops() -> None:
    text = WHOLE.strip()
    for at in range(len(text)):
        try:
            loops = ir.parse_loops(text[:at] + text[at + 1 :])
        except IRError as error:
            assert str(error).count("\n") >= 1
        else:
            assert ir.parse_loops(print_loops(loops, full=True)) == loops


def test_words_of_the_grammar_may_be_names() -> None:
    text = """
        loops(loops[1], sum[1], exp[1], input[1]) {
          local local[1], table[1], names[1], constant[1], inputs[1]
          local[0] = exp(exp[0]) + sum(i in 1: sum[i])
          table[0] = loops[0]
          names[0] = input[0]
          constant[0] = local[0]
          relu = table[0]
          inputs[0] = relu(relu)
          return local[0], inputs[0]
        }"""
    loops = ir.parse_loops(text)
    assert ir.parse_loops(str(loops)) == loops
    assert ir.interpret_loops(loops, [3.0, 2.0, 0.0, 1.0]) == [3.0, 3.0]


def value_of(text: str) -> Expression:
    loops = ir.parse_loops(f"loops(x[4]) {{ local y[1] t = 1 y[0] = {text} return }}")
    store = loops.body[1]
    assert isinstance(store, Store)
    return store.value


def op(name: str, *operands: Expression) -> Apply:
    return Apply(CODES[name], operands)


T, TWO = Local("t"), Literal(2.0)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2", TWO), ("2.", TWO), ("0.2e1", TWO), ("-2", Literal(-2.0)), ("- 2", Literal(-2.0)), (".5", Literal(0.5)),
        ("1e400", Literal(float("inf"))), ("-inf", Literal(float("-inf"))), ("-0", Literal(-0.0)),
        ("nan(0x7ff8000000000000)", Literal(float("nan"))), ("-nan", op("negate", Literal(float("nan")))),
        ("--t", op("negate", op("negate", T))), ("-(2)", op("negate", TWO)), ("--2", op("negate", Literal(-2.0))),
        ("-2 ** t", op("negate", op("power", TWO, T))), ("(-2) ** t", op("power", Literal(-2.0), T)),
        ("2 ** t ** t", op("power", TWO, op("power", T, T))), ("t ** -t ** 2", op("power", T, op("negate", op("power", T, TWO)))),
        ("t + t * t", op("add", T, op("multiply", T, T))), ("t - t - t", op("subtract", op("subtract", T, T), T)),
        ("t-2", op("subtract", T, TWO)), ("t - -2", op("subtract", T, Literal(-2.0))), ("-t * 2", op("multiply", op("negate", T), TWO)),
        ("t * -t ** 2", op("multiply", T, op("negate", op("power", T, TWO)))), ("t < t + t", op("less", T, op("add", T, T))),
        ("t // t % t", op("modulo", op("floor_divide", T, T), T)), ("((t))", T), ("add(t, 2)", op("add", T, TWO)),
        ("x[1*2 + 1]", Load("x", Index(Affine(3)))),
    ],
)  # fmt: skip
def test_what_signs_mean(text: str, value: Expression) -> None:
    if text == "x[1*2 + 1]":  # a product of numbers is none of a variable
        with pytest.raises(IRError):
            value_of(text)
    else:
        assert value_of(text) == value


def test_terms_of_an_index_come_in_the_order_of_the_loops_and_add_up() -> None:
    loops = ir.parse_loops(
        "loops(x[20]) { local y[4] for i in 2, j in 2 { y[j + i*2] = sum(k in 2: x[k + j + 2*i + 3 + k*2 - j - 1]) } return }"
    )
    nest = loops.body[0]
    assert isinstance(nest, For)
    store = nest.body[0]
    assert isinstance(store, Store) and store.index == Index(Affine(0, (("i", 2), ("j", 1))))
    total = store.value
    assert isinstance(total, Sum) and total.term == Load("x", Index(Affine(2, (("i", 2), ("k", 3)))))


def test_as_deep_as_allowed() -> None:
    """Brackets, calls, sums and loops: 199 of them are read, printed, checked and run well within Python's own stack."""
    for before, after in (("(", ")"), ("exp(", ")"), ("-(", ")"), ("sum(i{} in 1: ", ")"), ("2 ** (", ")")):
        text = "".join(before.format(i) for i in range(98)) + "t" + after * 98
        loops = ir.parse_loops(f"loops() {{ local y[1] t = 0 y[0] = {text} return y[0] }}")
        assert ir.parse_loops(str(loops)) == loops
        assert len(ir.interpret_loops(loops, [])) == 1
    nest = "".join(f"for i{i} in 1 {{ " for i in range(199)) + "y[0] = 1" + " }" * 199
    loops = ir.parse_loops(f"loops() {{ local y[1] {nest} return y[0] }}")
    assert ir.parse_loops(str(loops)) == loops
    assert ir.interpret_loops(loops, []) == [1.0]
    with pytest.raises(IRError, match="200 deep"):
        ir.parse_loops(
            f"loops() {{ local y[1] {'for j in 1 { ' * 1}{nest.replace('1 }', 'sum(k in 1: 1) }', 1)} }} return }}"
        )


def test_loops_that_differ_are_not_equal() -> None:
    plain = ir.parse_loops(WHOLE)
    assert len({plain, ir.parse_loops(WHOLE)}) == 1
    for old, new in (
        ('"a"', '"A"'), ("0 .. 6", "0 .. 5, 4"), ("0, -1, 2", "0, -1, 1"), ("0.5, nan", "0.5, nan(0xfff8000000000000)"),
        ("h[2 - i]", "h[i]"), ("1.5e-3", "1.5e-4"), ("x[1, 2]", "x[1, 1]"), ("[2, 3]", "[3, 2]"), ("for i", "scan i"),
    ):  # fmt: skip
        text = WHOLE.replace(old, new, 1)
        assert text != WHOLE
        assert ir.parse_loops(text.replace("x[1, 2]", "x[1, 1]") if new == "[3, 2]" else text) != plain
    assert plain != 3 and plain.arrays[0] != plain.tables[0] and Literal(0.0) != Literal(-0.0)
