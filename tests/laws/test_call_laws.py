"""Laws of calls: a plan takes what `flatten` takes, or nothing; a recipe builds what `rebuild` builds; `map` is `map`."""

from array import array
from collections import namedtuple
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import slopewise as sw
from slopewise import Value, ir
from slopewise.backends.replay import NATIVE as REPLAYS_NATIVELY
from slopewise.backends.replay import Kernel
from slopewise.compiler.calls.calling import Caller
from slopewise.compiler.calls.plans import Plan, plan_of
from slopewise.compiler.nests import flatten
from slopewise.engine import NATIVE

pytestmark = pytest.mark.skipif(NATIVE != REPLAYS_NATIVELY, reason="one engine native, the other interpreted")

Pair = namedtuple("Pair", ["a", "b"])


@dataclass
class Line:
    slope: Any
    at_0: Any = 0.0


def some_function(x: float) -> float:
    return x


class Config:
    pass


A_CONFIG = Config()
floats = st.floats(allow_nan=True, allow_infinity=True)
shapes = st.lists(st.integers(0, 3), max_size=3).map(tuple)


def arrays(shape: tuple[int, ...]) -> st.SearchStrategy[Any]:
    count = int(np.prod(shape))

    def laid_out(numbers: list[float], layout: str) -> Any:
        x = np.array(numbers, dtype=np.float64).reshape(shape)
        match layout:
            case "fortran":
                return np.asfortranarray(x)
            case "strided":
                return np.repeat(x, 2, axis=-1)[..., ::2] if x.ndim else x
            case "reversed":
                return x[::-1] if x.ndim else x
            case "whole":
                return np.arange(count, dtype=np.int64).reshape(shape) - 2
            case "short":
                return np.arange(count, dtype=np.int32).reshape(shape)
            case "other bytes":
                return x.astype(">f8")
        return x

    layouts = ["plain", "plain", "fortran", "strided", "reversed", "whole", "short", "other bytes"]
    return st.builds(laid_out, st.lists(floats, min_size=count, max_size=count), st.sampled_from(layouts))


leaves = st.one_of(
    floats,
    st.integers(-(2**54), 2**54),
    st.builds(np.float64, floats),
    st.builds(np.int64, st.integers(-9, 9)),
    st.builds(Value, st.floats(-9, 9)),
    shapes.flatmap(arrays),
    st.sampled_from([None, True, "text", b"bytes", some_function, Config, A_CONFIG, frozenset({1}), 2**60]),
    st.lists(floats, max_size=4),
    st.lists(st.integers(-9, 9), max_size=4),
    st.lists(st.builds(Value, st.integers(-9, 9)), max_size=3),
)
keys = st.one_of(st.sampled_from("abcd"), st.integers(0, 3))
nests = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(keys, inner, max_size=3),
        st.builds(Pair, inner, inner),
        st.builds(Line, inner, inner),
        st.builds(SimpleNamespace, u=inner, v=inner),
    ),
    max_leaves=8,
)
calls = st.tuples(
    st.lists(nests, max_size=3).map(tuple), st.dictionaries(st.sampled_from(["p", "q"]), nests, max_size=2)
)


def planned(call: Any) -> Plan | None:
    flat = flatten(call)
    return plan_of(flat.nest, tuple(call[1]), array("d"))


@given(calls)
def test_a_plan_takes_the_numbers_of_its_own_call(call: Any) -> None:
    plan = planned(call)
    if plan is not None:
        numbers = plan.numbers(*call)
        assert numbers is None or numbers.tobytes() == flatten(call).numbers.tobytes()


@given(calls, calls)
def test_a_plan_takes_another_call_only_if_it_is_of_the_same_form(one: Any, other: Any) -> None:
    plan = planned(one)
    found = plan.numbers(*other) if plan is not None else None
    if found is not None:
        flat = flatten(other)
        assert found.tobytes() == flat.numbers.tobytes()
        assert flat.nest.forms() == flatten(one).nest.forms()
        assert flat.nest.names() == flatten(one).nest.names()


@given(floats, floats)
def test_common_forms_have_plans_that_take_them(x: float, y: float) -> None:
    common: list[Any] = [
        x, [x, y], (x, [y]), {"a": x, "b": [y, x]}, np.array([x, y]), np.array([[x], [y]]), np.array([[x, y]] * 3).T,
        Pair(x, y), Line(x, [y]), SimpleNamespace(w=x), [np.array([x]), "text", None, some_function, A_CONFIG], 3,
        np.arange(3), [1, 2], Value(1.0), [Value(1.0), Value(2.0)], np.float64(x), {0: x, 1: y}, (), [],
    ]  # fmt: skip
    for item in common:
        call = ((item, x), {"q": item})
        plan = planned(call)
        assert plan is not None
        assert plan.numbers(*call) is not None
        for wrong in (
            x,
            [x],
            None,
            "other",
            {"a": y},
            np.zeros((1, 7)),
            Line(1),
            Line("s", {}),
            [x, None],
            Pair(x, []),
        ):
            other = ((wrong, x), {"q": item})
            if flatten(other).nest != flatten(call).nest and not isinstance(item, np.float64):
                assert plan.numbers(*other) is None
        assert plan.numbers((item,), {"q": item}) is None
        assert plan.numbers((item, x), {}) is None
        assert plan.numbers((item, x), {"p": item}) is None
        assert plan.numbers((item, x), {"q": item, "p": item}) is None


def test_what_changes_under_a_plan_is_seen() -> None:
    line = Line(1.0, 2.0)
    plan = planned(((line,), {}))
    assert plan is not None
    assert list(plan.numbers((line,), {}) or ()) == [1.0, 2.0]
    line.extra = 3.0  # type: ignore[attr-defined]
    assert plan.numbers((line,), {}) is None
    del line.extra  # type: ignore[attr-defined]
    assert plan.numbers((line,), {}) is not None
    line.slope = 1
    assert plan.numbers((line,), {}) is None
    del line.slope
    assert plan.numbers((line,), {}) is None
    reordered = planned((({"a": 1.0, "b": 2.0},), {}))
    assert reordered is not None
    assert reordered.numbers(({"b": 1.0, "a": 2.0},), {}) is None
    for held in (bytearray(b"a"), {1, 2}, np.array(["text"]), 1 + 0j):
        try:
            assert planned(((held, 1.0), {})) is None
        except sw.errors.NumberError:
            assert isinstance(held, complex)


class Identity(Caller):
    def _slow(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        raise AssertionError("no shortcut answered")


@given(nests, st.integers(0, 2))
def test_a_recipe_builds_what_rebuilding_builds(result: Any, unused: int) -> None:
    flat = flatten(result)
    count = len(flat.numbers)
    names = ", ".join(f"%{i} x" for i in range(count + unused))
    outputs = " ".join(f"%{i}" for i in range(count))
    kernel = Kernel(ir.parse(f"program({names}) {{ return {outputs} }}"))
    numbers = [0.5 * i - 1.0 for i in range(count + unused)]
    plan = planned(((numbers,), {}))
    assert plan is not None
    k = Identity()
    k.install(kernel, plan, flat.nest)
    found = k(numbers)
    wanted = flat.nest.rebuild(array("d", numbers[:count]))
    assert described(found) == described(wanted)


def described(item: Any) -> Any:
    """Return an object with the types of all that it holds."""
    if isinstance(item, np.ndarray):
        return "array", item.dtype.str, item.shape, item.flags.writeable, item.tolist()
    if isinstance(item, dict):
        return type(item), [(key, described(part)) for key, part in item.items()]
    if isinstance(item, (list, tuple)):
        return type(item), [described(part) for part in item]
    if isinstance(item, (Line, SimpleNamespace)):
        return type(item), described(vars(item))
    return type(item), repr(item)


@given(
    st.lists(
        st.tuples(st.sampled_from([1.0, -1.0, 0.5, 2.0, 3, -1]), st.sampled_from(["add", "take", None])), max_size=9
    ),
    st.integers(0, 2),
)
def test_map_is_map_whatever_the_rows(rows: list[tuple[Any, Any]], warm: int) -> None:
    found = []
    for is_ours in (False, True):
        total, last = Value(1.0), Value(0.0)

        def account(x: Any, what: Any, total: Value = total, last: Value = last) -> Any:
            if what == "add":
                total.data = total.data + x
            elif what == "take" and total.data > 0:
                last.data = total.data
                total.data = total.data - x
            return {"total": total.data, "what": what}

        k = sw.compile(account)
        seen = []
        for _ in range(warm + 1):
            columns = [row[0] for row in rows], [row[1] for row in rows]
            seen.append(repr((k.map(*columns) if is_ours else list(map(k, *columns)), total.data, last.data)))
        found.append(seen)
    assert found[0] == found[1]
