"""Expressions become the graph that the same Python would make; nothing is ever run as code."""

import math
import operator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import slopewise as sw
from slopewise import Value
from slopewise.cli.expressions import BadExpression, function_names, read_expression
from slopewise.cli.expressions.functions import function_of
from slopewise.cli.expressions.grammar import DEEPEST
from slopewise.cli.expressions.tokens import LONGEST


def number(text: str) -> Any:
    return read_expression(text).root.data


def test_the_article() -> None:
    found = read_expression("f = (a*b) * (a+b); a=-2; b=3")
    f, a, b = found.root, found.named["a"], found.named["b"]
    assert (found.name, f.data, f.label, a.label, b.label) == ("f", -6, "f", "a", "b")
    assert list(found.named) == ["f", "a", "b"]
    f.backward()
    assert (a.grad, b.grad) == (-3, -8)
    assert found.notes == ()


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("f = d*e; d = a*b; e = a+b; a = -2; b = 3", -6),  # e is a name like any other
        ("a = -2; b = 3; d = a*b; e = a+b; f = d*e", -6),
        ("(a*b)*(a+b); a=-2; b=3", -6),
        ("a=-2\nb=3\n\n(a*b)*\\\n(a+b)".replace("\\\n", ""), -6),
        ("f = (a +\n  b)  # a remark; with a = in it\na = 1\nb = 2", 3),
        ("a=1;;b=2;f=a+b;", 3),
        ("a = 2; b = a; b * b", 4),
        ("a = 2; f = a*3; f", 6),
    ],
)
def test_statements_in_any_order(text: str, result: float) -> None:
    assert number(text) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("-a**2; a=3", -9),
        ("(-a)**2; a=3", 9),
        ("2**3**2", 512),
        ("a**-b; a=2.0; b=1", 0.5),
        ("a**-b**c; a=2.0; b=3; c=2", 2.0**-9),
        ("a - b - c; a=1; b=2; c=3", -4),
        ("a / b / c; a=12.0; b=2; c=3", 2.0),
        ("a - b*c + d; a=1; b=2; c=3; d=4", -1),
        ("a % b * c; a=7; b=4; c=2", 6),
        ("--a; a=2", 2),
        ("+a; a=2", 2),
        ("-a*b; a=2; b=3", -6),
        ("a*-b; a=2; b=3", -6),
        ("-a²; a=3", -9),
        ("a²³; a=1.5", 1.5**23),
        ("a⁻¹; a=4.0", 0.25),
        ("2**a²; a=2", 16),
        ("a²**2; a=2", 16),
        ("a^2; a=3", 9),
        ("2·a − ½; a=3", 5.5),
        ("a·b; a=3; b=2", 6),
        ("a×b÷c; a=3; b=4; c=2", 6.0),
        ("2½ + a; a=1", 3.5),
        ("1e−3 + a; a=0", 0.001),
        (".5 + a; a=0", 0.5),
        ("5. + a; a=0", 5.0),
        ("1_000 + a; a=0", 1000),
        ("2*pi*a; a=1", 2 * math.pi),
        ("π*a; a=1", math.pi),
        ("a - inf; a=1", -math.inf),
        ("a/b; a=1; b=0", math.inf),
    ],
)
def test_arithmetic_as_in_python_and_as_typed(text: str, result: float) -> None:
    found = number(text)
    assert found == result
    assert type(found) is type(result)


def test_a_leaf_keeps_the_type_of_its_number() -> None:
    found = read_expression("f = a*b*c; a = 2; b = 2.0; c = 1/4").named
    assert [repr(found[name].data) for name in "abc"] == ["2", "2.0", "0.25"]


def test_names_become_labels_and_unnamed_parts_none() -> None:
    found = read_expression("f = (a*b) * e; e = a+b; a=-2; b=3")
    assert found.named["e"].label == "e"
    d, e = found.root._prev
    assert (d.label, e.label) == ("", "e")
    assert e is found.named["e"]


def test_two_names_of_one_number_are_one_node() -> None:
    found = read_expression("f = x*y; y = x; x = 3")
    assert found.named["x"] is found.named["y"]
    assert found.named["x"].label == "x"
    found.root.backward()
    assert found.named["x"].grad == 6


def test_numbers_alone_become_leaves_in_the_result_only() -> None:
    f = read_expression("(-2*3) * (-2+3)").root
    f.backward()
    assert sorted(leaf.grad for leaf in leaves(f)) == [-6, -6, -2, 3]
    assert len(leaves(read_expression("a = 2*3; f = a*a").root)) == 1
    assert len(leaves(read_expression("f = 3").root)) == 1
    assert [leaf.data for leaf in leaves(read_expression("3**2").root)] == [3]  # the exponent is no leaf


def leaves(root: Value) -> list[Value]:
    found, waiting, seen = [], [root], set()
    while waiting:
        node = waiting.pop()
        if id(node) not in seen:
            seen.add(id(node))
            waiting.extend(node._prev)
            found += [node] if not node._prev else []
    return found


def test_the_result_is_the_first_that_nothing_uses() -> None:
    found = read_expression("f = a*b; g = a+b; a=1; b=2; c=3")
    assert found.name == "f"
    assert found.notes == ("the result is f; g and c have no part in it",)
    chosen = read_expression("f = a*b; g = a+b; a=1; b=2; g")
    assert (chosen.name, chosen.root.label) == ("g", "g")


def test_names_of_every_alphabet() -> None:
    assert number("λ = 2; λ·λ") == 4
    assert number("x₁ = 2; x₂ = 3; x₁·x₂") == 6  # digits below the line tell names apart
    assert number("x₁ = 2; x1 = 3; x₁·x1") == 6
    assert number("漢字 = 2; 漢字 + 1") == 3
    assert read_expression("ﬁ = 2; fi + 1").named.keys() == {"fi"}  # as Python compares names
    assert number("exp = 2; f = exp(exp)") == math.exp(2)


@pytest.mark.parametrize("name", function_names())
def test_every_function(name: str) -> None:
    function = function_of(name)
    assert function is not None
    operands = ["a", "b", "c"][: function.least]
    text = f"f = {name}({', '.join(operands)}); a = 1.25; b = 1.5; c = 1.75"
    found = read_expression(text)
    assert isinstance(found.root, Value)
    assert set(leaves(found.root)) >= {found.named[o] for o in operands}
    expected = function.apply(*(Value(1.25 + i / 4) for i in range(function.least)))
    assert found.root.data == expected.data or math.isnan(expected.data)


def test_functions_of_several_operands() -> None:
    assert number("max(a, b, 3); a=1; b=2") == 3
    assert number("mean(a, b, 3); a=1; b=2") == 2
    assert number("leaky_relu(a, 0.2); a=-1") == -0.2
    assert number("ln(a); a=1") == 0
    assert number("pow(a, 2); a=3") == 9


def test_deep_and_long_within_the_limits() -> None:
    n = DEEPEST - 1
    assert number("(" * n + "a" + ")" * n + "; a = 1") == 1
    chain = "+".join(["a"] * 3000)
    assert number(f"{chain}; a = 1") == 3000
    lines = [f"a{i} = a{i - 1} + 1" for i in range(1, 500)]
    assert number("; ".join([*reversed(lines), "a0 = 0"])) == 499
    read_expression("a = 1" + " " * (LONGEST - 5))


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9",
        "a**999999999; a=9",
        "b=a*a;c=b*b;d=c*c;d*d;a=9**200",
        "x⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹; x=9",
        "pow(9, 10**30)",
        "10**308*10",
    ],
)
def test_what_would_never_end_is_refused_at_once(text: str) -> None:
    with pytest.raises(BadExpression, match="too large"):
        read_expression(text)


# A formula as text and as a function of Values; both must make the same graph.
NAMES = ("a", "b", "c")
OPERATORS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow}
numbers = st.one_of(
    st.integers(0, 12), st.floats(0, 1e3, allow_nan=False).map(lambda x: round(x, 3)), st.just(1e-3)
)  # fmt: skip


@st.composite
def formulas(draw: st.DrawFn) -> str:
    def joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.one_of(
            st.builds("{} {} {}".format, parts, st.sampled_from([*OPERATORS, "%"]), parts),
            st.builds("({}){}({})".format, parts, st.sampled_from([*OPERATORS]), parts),
            st.builds("-{}".format, parts),
            st.builds("({})".format, parts),
            st.builds("{}({})".format, st.sampled_from(["tanh", "relu", "exp", "sin"]), parts),
        )

    return draw(st.recursive(st.one_of(st.sampled_from(NAMES), numbers.map(str)), joined, max_leaves=12))


def graph(root: Value) -> list[tuple[str, str, Any]]:
    """Return operation, label and number of every node, walked the same way each time."""
    found, waiting, seen = [], [root], set()
    while waiting:
        node = waiting.pop()
        if id(node) not in seen:
            seen.add(id(node))
            found.append((node._op, node.label, repr(node.data)))
            waiting.extend(node._prev)
    return found


@settings(max_examples=300, deadline=None)
@given(formulas(), st.tuples(numbers, numbers, numbers))
def test_the_same_graph_as_python(formula: str, given_numbers: tuple[Any, Any, Any]) -> None:
    assignments = "; ".join(f"{name} = {x!r}" for name, x in zip(NAMES, given_numbers, strict=True))
    values = {name: Value(x, label=name) for name, x in zip(NAMES, given_numbers, strict=True)}
    functions = {name: getattr(sw, name) for name in ("tanh", "relu", "exp", "sin")}
    try:
        found = read_expression(f"f = {formula}; {assignments}").root
    except BadExpression as error:
        assert "too large" in str(error) or "division by 0" in str(error) or "real number" in str(error), error
        return
    if not any(name in formula.replace("tanh", "") for name in values):
        return  # numbers alone: they are leaves here
    try:
        expected = eval(formula, {"__builtins__": {}}, functions | values)
    except ArithmeticError:
        pytest.fail("Python refuses it, and we do not")
    expected = expected if isinstance(expected, Value) else Value(expected)
    if expected.label == "":
        expected.label = "f"
    assert graph(found) == graph(expected)


PIECES = [
    *"abcf0123456789+-*/%^()=;,.#'\"[]{}<>!:@&|~\\ \n\t\x00\x1b\u202e\u200b²³⁻½−·×÷λ_e",
    *("**", "//", "==", "tanh", "(a)", "max(", "lambda", "import", "1e9", "0x", "a=1;", "b=2;", "__class__", "9**9"),
]


@settings(max_examples=600, deadline=None)
@given(st.one_of(st.lists(st.sampled_from(PIECES), max_size=40).map("".join), st.text(max_size=60)))
def test_whatever_is_typed_gives_a_graph_or_one_line(text: str) -> None:
    try:
        found = read_expression(text)
    except BadExpression as error:
        line, caret = error.excerpt(60)
        message = error.format_message()
        assert message.isprintable(), message
        assert not message.endswith(".")
        assert 0 <= error.position <= len(text)
        assert set(caret.strip()) == {"^"}
        assert line.isprintable() and len(line) <= 60 and len(caret) <= 61
    else:
        assert isinstance(found.root, Value)
        assert type(found.root.data) in (int, float)


def test_the_caret_stands_under_wide_letters_and_in_long_lines() -> None:
    with pytest.raises(BadExpression) as caught:
        read_expression("漢 = 2; 漢 * b")
    assert caught.value.excerpt(80) == ("  漢 = 2; 漢 * b", "               ^")
    with pytest.raises(BadExpression) as caught:
        read_expression("+".join(["abc"] * 100) + " + x; abc = 1")
    line, caret = caught.value.excerpt(40)
    assert len(line) <= 40
    assert line[caret.index("^")] == "x"
    assert line.startswith("  …")
