"""Functions and objects that a compiled function returns: plain ones pass, those with numbers of one call do not."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.errors import NumberError, TraceError
from slopewise.nn import MLP


class Holder:
    def __init__(self, v: Any) -> None:
        self.v = v


class Slotted:
    __slots__ = ("v", "w")

    def __init__(self, v: Any) -> None:
        self.v = v


def of_default(x: Any) -> Any:
    def inner(y: Any, factor: Any = x) -> Any:
        return y * factor

    return {"inner": inner}


CARRYING: list[tuple[Callable[[Any], Any], str]] = [
    (lambda x: lambda y: y * x, "a function that holds a number of one call, x,"),
    (lambda x: (1.0, lambda y: x.data * y), "a function that holds a number of one call, x,"),
    (of_default, "a function that holds a number of one call, default[0],"),
    (lambda x: partial(pow, x * 2), "a function that holds a number of one call, [0],"),
    (lambda x: sw.compile(lambda y: y * x), "a function that holds a number of one call, x,"),
    (lambda x: Holder(x.data * 2), "an object of class Holder that holds a number of one call, v,"),
    (lambda x: Holder({"a": [x * 2]}), "an object of class Holder that holds a number of one call, v['a'][0],"),
    (lambda x: [Slotted(x)], "an object of class Slotted that holds a number of one call, v,"),
    (lambda x: Holder(x).__init__, "a function that holds a number of one call, __self__.v,"),  # type: ignore[misc]
    (lambda x: {x * 1}, "a set that holds a number of one call, [0],"),
    (lambda x: {x: 1.0}, "a dict with a key that holds a number of one call"),
]


@pytest.mark.parametrize(("f", "said"), CARRYING, ids=range(len(CARRYING)))
def test_numbers_of_one_call_do_not_leave_in_an_object(f: Callable[[Any], Any], said: str) -> None:
    k = sw.compile(f)
    for _ in range(2):  # a refused trace is not kept
        with pytest.raises(TraceError) as caught:
            k(2.0)
        what, where, cure = str(caught.value).split("\n")
        assert said in what
        assert "test_carried.py:" in where
        assert cure.startswith("return the numbers, in a list, a dict or a dataclass, and make the ")


def test_an_int_of_one_call_does_not_leave_in_a_function() -> None:
    with pytest.raises(TraceError, match="a function that holds a number of one call, n,"):
        sw.compile(lambda n: lambda y: y * n)(2)


def test_a_gradient_with_a_function_beside_it_is_refused() -> None:
    with pytest.raises(TraceError, match="holds a number of one call, x,"):
        sw.grad(lambda x: (x * x, lambda y: y * x))(2.0)


def test_functions_and_objects_of_older_numbers_come_back_as_themselves() -> None:
    w, net = Value(2.0), MLP(1, [1])
    known = sw.compile(lambda n, x: n * x)
    known(1, 2.0)
    others = (net, net.parameters, Holder(w), lambda y: y * w, len, Holder, known)
    k = sw.compile(lambda x: (x * 2, others))
    for x in (1.0, 3.0):
        number, back = k(x)
        assert number == 2 * x
        assert back == others
    assert net.parameters()[0].data == back[0].parameters()[0].data


def test_what_can_be_read_only_once_is_refused_by_its_place() -> None:
    with pytest.raises(NumberError) as caught:
        sw.compile(lambda x: (x * i for i in range(3)))(2.0)
    assert str(caught.value) == (
        "what f returned is a generator, which can be read only once\ngive a list: list(…) makes one of it"
    )
    with pytest.raises(NumberError, match=r"the part \[1\] of what f returned is a generator"):
        sw.compile(lambda x: (x, (x * i for i in range(3))))(2.0)


def test_an_int_is_the_key_of_its_own_call() -> None:
    k = sw.compile(lambda n: {n: 1.0, (n, "a"): 2.0})
    assert [k(n) for n in (2, 5, 2)] == [{n: 1.0, (n, "a"): 2.0} for n in (2, 5, 2)]
    assert all(type(key) is int for key in list(k(5))[:1])


@pytest.mark.parametrize("kind", [set, frozenset])
def test_a_set_of_ints_is_that_of_its_own_call(kind: type) -> None:
    k = sw.compile(lambda n: kind([n, 1]))
    assert [k(n) for n in (2, 5, 1)] == [kind([n, 1]) for n in (2, 5, 1)]
    assert all(type(item) is int for item in k(5))
