"""The exact words of the reports on an engine and on a derivative."""

from typing import Any

import slopewise as sw


class Assigns:
    """`=` where `+=` belongs."""

    def __init__(self, data: float, operands: Any = ()) -> None:
        self.data = data
        self.grad = 0.0
        self.operands = operands
        self._backward = lambda: None

    def __add__(self, other: Any) -> "Assigns":
        out = Assigns(self.data + other.data, (self, other))

        def step() -> None:
            self.grad = out.grad
            other.grad = out.grad

        out._backward = step
        return out

    def backward(self) -> None:
        nodes: list[Assigns] = []
        stack: list[tuple[Any, bool]] = [(self, False)]
        while stack:
            node, is_done = stack.pop()
            if is_done:
                nodes.append(node)
            elif not any(node is known for known in nodes):
                stack.append((node, True))
                stack += [(operand, False) for operand in node.operands]
        self.grad = 1.0
        for node in reversed(nodes):
            node._backward()  # type: ignore[no-untyped-call]


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and "test_engine_check_messages" not in line]


def test_an_engine_that_assigns() -> None:
    report = sw.check_engine(Assigns)
    assert report.first_failure is not None
    assert lines(report.text())[:19] == [
        "Check of Assigns: 3 right, 1 wrong, 31 not yet",
        "✓  a number                right",
        "✓  a + b                   right",
        "·  a * b                   not yet  there is no __mul__ yet",
        "·  tanh                    not yet  there is no tanh() yet",
        "✓  backward through a + b  right",
        "✗  an operand used twice   wrong",
        "·  a + 1 and a * 2         not yet  plain numbers are not taken yet",
        "·  2 * a                   not yet  there is no __rmul__ yet",
        "·  1 + a                   not yet  there is no __radd__ yet",
        "·  -a                      not yet  there is no __neg__ yet",
        "·  a - b                   not yet  there is no __sub__ yet",
        "·  2 - a                   not yet  there is no __rsub__ yet",
        "·  a ** 2                  not yet  there is no __pow__ yet",
        "·  a / b                   not yet  there is no __truediv__ yet",
        "·  2 / a                   not yet  there is no __rtruediv__ yet",
        "·  sum()                   not yet  there is no __radd__ yet",
        "·  exp                     not yet  there is no exp() yet",
        "·  relu                    not yet  there is no relu() yet",
    ]
    failure = lines(report.text())
    start = failure.index("The first that is wrong: an operand used twice")
    assert failure[start:] == [
        "The first that is wrong: an operand used twice",
        "  a = Assigns(3.0)",
        "  b = a + a",
        "  b.backward()",
        "        came out  right",
        "b.data       = 6    = 6",
        "a.grad       = 1    = 2  ←",
        "✗ cause: the step of a + b writes .grad with `=`: a second contribution wipes out the first.",
        "✓ cure: add each contribution with `+=`: self.grad += …",
    ]


def test_an_engine_that_has_just_begun() -> None:
    class Value:
        def __init__(self, data: float) -> None:
            self.data = data

    report = sw.check_engine(Value)
    assert lines(report.text())[-1] == "Next: a + b: def __add__(self, other): return Value(self.data + other.data)"
    assert report.summary() == "1 right, 34 not yet"


def test_a_number_in_place_of_a_node() -> None:
    class Value:
        def __init__(self, data: float) -> None:
            self.data = data

        def __add__(self, other: "Value") -> float:
            return self.data + other.data

    failure = sw.check_engine(Value).first_failure
    assert failure is not None and failure.cause is not None
    assert failure.cause.says == "a + b gives the plain number -1.0"
    assert failure.cause.cure == "return a Value, so that the graph goes on"


def test_a_derivative_that_is_right() -> None:
    assert str(sw.exercise(sw.sin, df=sw.cos)) == "The derivative of sin is right at all 34 points tried"


def test_a_derivative_without_its_inner_factor() -> None:
    report = sw.exercise(lambda x: (3 * x + 1) ** 2, df=lambda x: 2 * (3 * x + 1))
    assert lines(report.text()) == [
        "The derivative of f is wrong at 33 of 34 points",
        "at x = 2:",
        "      yours  right",
        "by x   = 14   = 42  ←",
        "✗ cause: the factor from inside the power is missing: the chain rule goes on inside it.",
        "✓ cure: multiply by the slope of what stands inside",
    ]


def test_a_rule_without_the_upstream_gradient() -> None:
    report = sw.exercise(lambda a, b: a * b, rule=lambda out_grad, a, b: (b, a))
    assert lines(report.text()) == [
        "The backward rule of f is wrong at 47 of 48 points",
        "at a = 2, b = 3, with out_grad = 3:",
        "      yours  right",
        "by a    = 3    = 9  ←",
        "by b    = 2    = 6  ←",
        "✗ cause: the rule leaves out the upstream gradient: it is right only where out_grad is 1.",
        "✓ cure: multiply each local derivative by out_grad",
    ]
