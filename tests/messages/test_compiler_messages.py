"""The exact words of what a compiled function refuses."""

import warnings
from typing import Any

import numpy as np
import pytest

import slopewise as sw
from slopewise import Value
from slopewise.errors import PathWarning, SlopewiseError


def itself() -> list[Any]:
    item: list[Any] = [1.0]
    item.append(item)
    return item


def of_two(x: Any, y: Any = 0.0, *rest: Any, scale: Any = 1.0) -> Any:
    return x


class Table:
    iloc = None

    def __array__(self) -> Any:
        return np.zeros(2)


REFUSED = [
    (([1.0, 2j],), {}, "x[1] is the complex number 2j\ngive its real and its imaginary part as two numbers"),
    ((1.0, {"w": (iter([1.0]),)}), {}, ("y['w'][0] is a list_iterator, which can be read only once\n"
     "give a list: list(…) makes one of it")),
    ((1.0, 2.0, 3.0, [np.array([1j])]), {}, ("rest[1][0] holds complex numbers (complex128)\n"
     "give the real and the imaginary parts: z.real and z.imag")),
    ((1.0,), {"scale": Value(1j)}, ("scale is a Value that holds 1j\n"
     "what is compiled computes in float64: give a Value of a float")),
    ((Table(),), {}, "x is a Table with labels of its own\ngive its numbers, .to_numpy(), or a dict of its columns"),
    ((np.array([2**60]),), {}, "x holds an integer beyond 2**53, which a float64 cannot\ngive it as float64, rounded"),
    ((itself(),), {}, ("x[1][1][1][1]… is nested more than 100 deep\n"
     "if a list holds itself, give its numbers in a new list")),
]  # fmt: skip


@pytest.mark.parametrize(("args", "kwargs", "said"), REFUSED, ids=range(len(REFUSED)))
def test_arguments(args: Any, kwargs: Any, said: str) -> None:
    with pytest.raises(SlopewiseError) as caught:
        sw.compile(of_two)(*args, **kwargs)
    assert str(caught.value) == said


def test_no_function() -> None:
    with pytest.raises(SlopewiseError) as caught:
        sw.compile(3)  # type: ignore[call-overload]
    assert str(caught.value) == "compile() needs a function, got 3\ngive the function itself, not its result"


def test_no_number_to_differentiate() -> None:
    with pytest.raises(SlopewiseError) as caught:
        sw.compile(lambda x: {"a": x}).backward(1.0)
    assert str(caught.value) == (
        "the gradient of one number is asked for, and the function returned a dict of 1 number\n"
        "return one number, or a tuple that begins with it"
    )


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ((), "map() got no columns\ngive one for each argument: k.map(xs, ys)"),
        (([1.0], 2.0), (
            "map() takes a column for each argument, with an item for each call, and column 1 is 2.0\n"
            "give a list or an array, of the same item for each call if need be"
        )),
    ],
    ids=["none", "a number"],
)  # fmt: skip
def test_columns(columns: tuple[Any, ...], said: str) -> None:
    class Model:
        @sw.compile
        def area(self, x: Any, y: Any) -> Any:
            return x * y

    for mapped in (sw.compile(of_two).map, Model().area.map):
        with pytest.raises(SlopewiseError) as caught:
            mapped(*columns)
        assert str(caught.value) == said and isinstance(caught.value, TypeError)


def test_parameters() -> None:
    with pytest.raises(SlopewiseError) as caught:
        sw.compile(of_two, parameters=3)
    assert str(caught.value) == "parameters is 3, not a list of Values\ngive a model, or what model.parameters() gives"


def test_what_one_row_has_and_a_batch_has_not() -> None:
    rows = sw.batched(of_two)
    with pytest.raises(AttributeError) as caught:
        rows.backward([1.0, 2.0])
    assert str(caught.value) == (
        "batched of_two has no backward: that is one row's, .row.backward\n"
        "for gradients of all rows, make a batch of sw.grad(f) or sw.value_and_grad(f)"
    )
    assert rows.paths == () and rows.row.backward(3.0) == 3.0


def test_numpy_shapes() -> None:
    k = sw.compile(lambda x, y: x * y)
    with pytest.raises(SlopewiseError) as caught:
        k.numpy(np.zeros(3))
    assert str(caught.value).endswith(
        "(x, y) takes 2 numbers, and f.numpy got an array of shape (3,)\ngive one number per argument"
    )
    with pytest.raises(SlopewiseError) as caught:
        k.numpy.start
    assert str(caught.value) == (
        "f was compiled without parameters, so it has no numbers to start from\n"
        "give them: sw.compile(f, parameters=model.parameters())"
    )


def test_too_many_forms() -> None:
    def total(pairs: Any, *rest: Any) -> Any:
        return sum(pairs.values()) + len(rest)

    calls: list[tuple[Any, ...]] = [({f"x{i}": 1.0}, "a") for i in range(64)]
    for odd, what in (
        (({"y": 1.0}, "a"), "pairs has other keys"),
        (({"x63": 1.0}, "b"), "rest[0] is 'b' now, and was 'a'"),
        (({"x63": 1.0}, "a", 2.0), "other arguments are given"),
        (({"x63": 1.0}, 2.0), "rest[0] is of another form"),
    ):
        k = sw.compile(total)
        for call in calls:
            k(*call)
        with pytest.warns(PathWarning) as caught:
            k(*odd)
        assert str(caught[0].message) == (
            "total has got arguments of 64 forms in nearly as many calls, and this call has another: from now on, calls of "
            f"a form that comes for the first time are run step by step, right but slowly\n{what}\n"
            "give numbers, or arrays of one shape, in place of texts, of keys and of lists of any length; or leave this "
            "function uncompiled"
        )


def test_too_many_paths() -> None:
    def signs(*xs: Any) -> Any:
        return sum(x * i if x > 0 else x.exp() for i, x in enumerate(xs))

    k = sw.compile(signs)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for i in range(130):
            k(*[1.0 if i >> bit & 1 else -1.0 for bit in range(8)])
    (warning,) = caught
    assert warning.category is PathWarning
    lines = str(warning.message).split("\n")
    assert lines[0] == (
        "signs has taken 64 different paths, and this call takes another: from now on, calls that take a path of their own "
        "are run step by step, right but slowly"
    )
    assert lines[1].startswith("most of them part at ") and lines[1].endswith(
        "return sum(x * i if x > 0 else x.exp() for i, x in enumerate(xs))"
    )
    assert lines[2] == (
        "choose between numbers with sw.where(condition, x, y) instead of if, or leave this function uncompiled"
    )


async def later(x: Any) -> Any:
    return x


@pytest.mark.parametrize("transform", [sw.compile, sw.grad, sw.batched])
def test_async_functions(transform: Any) -> None:
    with pytest.raises(SlopewiseError) as caught:
        transform(later)
    assert str(caught.value) == (
        "later is an `async def`, which computes nothing when it is called\n"
        "write it with def, and await what it needs before"
    )


def test_what_numpy_cannot_be() -> None:
    with pytest.raises(SlopewiseError) as caught:
        sw.compile(lambda x: x).numpy(np.array([1j]))
    assert str(caught.value) == "f.numpy takes real numbers, got complex ones\ngive x.real, or both parts"
    with pytest.raises(SlopewiseError) as caught:
        sw.compile(lambda: 1.0).numpy(np.zeros(2))
    assert str(caught.value) == (
        "f() takes no argument that the array of f.numpy could be\n"
        "give parameters=, or let the function take what varies"
    )


def test_a_batch_without_shared() -> None:
    with pytest.raises(TypeError) as caught:
        sw.batched(lambda x, w: x * w[0])([1.0, 2.0], [1.0, 3.0])
    assert caught.value.__notes__ == [
        "batched() gave it one row of each argument; name what is the same in every row: batched(f, shared=…)"
    ]
