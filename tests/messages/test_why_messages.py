"""The exact wording of what `sw.why` answers and refuses."""

from typing import Any

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.errors import DomainError, GraphError, NumberError


def refused(kind: Any, ask: Any) -> Any:
    with pytest.raises(kind) as caught:
        ask()
    return str(caught.value)


def test_swapped_arguments() -> None:
    a = Value(3.0)
    y = a * a
    assert refused(GraphError, lambda: sw.why(y, a)) == (
        "y is not below a: it is made from it\n"
        "why() takes the leaf first and the root second\n"
        "ask the other way round: why(a, y)"
    )


@pytest.mark.parametrize(
    ("leaf", "message"),
    [
        (3, "why() asks about a Value, got 3\ngive the Value whose gradient you want to know about"),
        (None, "why() asks about a Value, got None\ngive the Value whose gradient you want to know about"),
        ("a", "why() asks about a Value, got the text 'a'\ngive the Value itself, without quotes"),
        (
            [Value(1.0), Value(2.0)],
            "why() asks about one Value, got 2 of them\ntake one, as in parameters[0]",
        ),
    ],
)
def test_a_leaf_that_is_no_value(leaf: Any, message: Any) -> None:
    root = Value(3.0) * 2
    assert refused(NumberError, lambda: sw.why(leaf, root)) == message


def test_a_root_that_is_no_value() -> None:
    a = Value(3.0)
    root: Any = 3.0
    assert refused(NumberError, lambda: sw.why(a, root)) == (
        "a graph ends in a Value, got 3.0\ngive the Value that you would call backward() on"
    )


def test_a_mistyped_group() -> None:
    a = Value(3.0)
    assert refused(DomainError, lambda: sw.why(a, a * 2, by="samples")) == (
        "by='samples' is no way to group paths; did you mean 'sample'?\nit is one of 'layer', 'sample', 'neuron'"
    )


def test_no_model_to_group_by() -> None:
    a = Value(3.0)
    assert refused(DomainError, lambda: sw.why(a, a * 2, by="layer")) == (
        "by='layer' finds no layers: no leaf of this graph has a place in a known model\n"
        "give the net as model=net, if your variables do not hold it"
    )
    assert refused(DomainError, lambda: sw.why(a, a * 2, by="sample")) == (
        "by='sample' finds no samples: no input of this graph goes through a neuron of a known model\n"
        "give the net as model=net, if your variables do not hold it"
    )


def test_most() -> None:
    a = Value(3.0)
    for most in (-1, 0):
        assert refused(DomainError, lambda most=most: sw.why(a, a * 2, most=most)) == (
            f"most={most} paths cannot be listed\ngive a whole number of at least 1"
        )


def article() -> Any:
    a, b = Value(-2.0, label="a"), Value(3.0, label="b")
    f = (a * b) * (a + b)
    f.label = "f"
    return a, b, f


def test_a_gradient_that_holds_several_passes() -> None:
    a, _, f = article()
    f.backward()
    assert sw.why(a, f).stored.sentence == "a.grad holds this."
    f.backward()
    assert sw.why(a, f).stored.sentence == (
        "a.grad = −6 = 2 · (−3): that is what 2 passes add up to, and both leaves hold 2 times theirs. "
        "Zero the gradients between two passes."
    )


def test_a_gradient_not_written() -> None:
    a, _, f = article()
    assert sw.why(a, f).stored.sentence == (
        "Not run: neither a pass nor you wrote a.grad (or zero_grad() cleared it since). f.backward() would make it −3."
    )


def test_a_graph_that_is_stale() -> None:
    a, b, f = article()
    f.backward()
    a.data = -1.7
    assert sw.why(b, f).stored.sentence == (
        "a is now −1.7, this graph was built with −2. With the older data the gradient is −8, which is what b.grad "
        "holds: data changed after the pass. backward() run now would give −7.7."
    )


def test_nothing_fits() -> None:
    x = Value(3.0)
    y = x * x
    y.backward()
    x.grad = 7.5
    assert sw.why(x, y).stored.sentence == (
        "x.grad is 7.5, not 6: 1.5 is not from the pass from y. An earlier pass over other data that was not zeroed "
        "would look like this, and so would a number set by hand; the numbers do not tell which."
    )


def test_no_path() -> None:
    x, z = Value(3.0), Value(1.0)
    y = x * x
    assert str(sw.why(z, y)) == (
        "Why the gradient of y by z is 0\n"
        "\n"
        "y does not depend on z: no path leads from y down to it, so the gradient is 0.\n"
        "\n"
        "What y does depend on: x."
    )


def test_the_representation() -> None:
    x = Value(3.0)
    y = x * x
    assert repr(sw.why(x, y)) == ("<Answer: ∂y/∂x = 6 = 3 (as left factor) + 3 (as right factor); print it to read it>")
