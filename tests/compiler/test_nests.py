"""Nests of numbers: taken apart, built again, compared, named, refused."""

import dataclasses
import math
from array import array
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType, SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slopewise import Value
from slopewise.compiler.nests import array_nest, built_nest, call_names, collect, flatten, tuple_nest
from slopewise.compiler.structure import NUMBER, Nest
from slopewise.errors import NumberError
from slopewise.lecture import Value as LectureValue
from slopewise.nn import MLP

Point = namedtuple("Point", ["x", "y"])


@dataclasses.dataclass
class Line:
    slope: Any
    offset: Any = 0.0
    kind: ClassVar[float] = 3.0


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    a: float
    b: float


class Vector(list[Any]):
    pass


def again(item: Any) -> Any:
    flat = flatten(item)
    return flat.nest.rebuild(list(flat.numbers))


NESTS = [
    1.5,
    [1.0, 2.0],
    (1.0, [2.0, (3.0,)], {}),
    {"b": 1.0, "a": [2.0]},
    {(1, 2): 1.0, 3: 2.0, None: 3.0, True: 4.0},
    Point(1.0, 2.0),
    Point([1.0], "x"),
    [],
    (),
    ["text", None, True, 2.5],
    Line(1.0, [2.0]),
    Frozen(1.0, 2.0),
    SimpleNamespace(w=1.0, name="n"),
    OrderedDict(b=1.0, a=2.0),
    Counter({"a": 1, "b": 2}),
    MappingProxyType({"a": 1.0}),
    deque([1.0, 2.0], maxlen=5),
    Vector([1.0, [2.0]]),
    {1.0, 2.0},
    frozenset({1.0}),
    3,
    [1, 2, 3],
    2**60,
    -0.0,
    math.inf,
]


@pytest.mark.parametrize("item", NESTS, ids=repr)
def test_a_nest_is_built_again_as_it_was(item: Any) -> None:
    made = again(item)
    assert made == item
    assert type(made) is type(item)
    assert repr(made) == repr(item)


def test_numbers_come_in_order() -> None:
    flat = flatten(
        [1.0, (2, {"a": np.array([[3.0, 4.0], [5.0, 6.0]]), "b": Value(7.0)}), np.float32(8.0), Line(9.0, 10.0)]
    )
    assert list(flat.numbers) == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]
    assert flat.nest.n_leaves == 10


def test_arrays_keep_their_shape() -> None:
    for shape in [(), (3,), (2, 3), (0,), (2, 0), (1, 1, 4)]:
        x = np.arange(math.prod(shape), dtype=float).reshape(shape)
        made = again(x)
        assert made.shape == shape and made.dtype == np.float64
        assert (made == x).all()


@pytest.mark.parametrize("dtype", ["float32", "float16", "int8", "uint16", "int64", ">f8", "longdouble"])
def test_arrays_of_any_real_type_are_float64(dtype: str) -> None:
    made = again(np.array([1, 2, 3], dtype=dtype))
    assert made.dtype == np.float64
    assert made.tolist() == [1.0, 2.0, 3.0]


def test_arrays_not_in_a_row_are_read_in_their_own_order() -> None:
    x = np.arange(12.0).reshape(3, 4)
    for view in (x.T, x[::2], x[:, ::-1], np.asfortranarray(x)):
        assert (again(view) == view).all()


def test_an_array_arrives_as_objects_when_the_leaves_are_values() -> None:
    flat = flatten(np.array([[1.0, 2.0], [3.0, 4.0]]))
    values = [Value(x) for x in flat.numbers]
    made = flat.nest.rebuild(values)
    assert made.shape == (2, 2) and made.dtype == object
    assert made[1, 0] is values[2]


def test_arrays_without_numbers_are_static_and_come_as_copies() -> None:
    mask = np.array([True, False])
    flat = flatten([mask, np.array(["a", "b"])])
    assert flat.nest.n_leaves == 0
    first = flat.nest.rebuild([])[0]
    first[0] = False
    assert flat.nest.rebuild([])[0].tolist() == [True, False]
    assert flatten([mask, np.array(["a", "b"])]).nest == flat.nest
    assert flatten([~mask, np.array(["a", "b"])]).nest != flat.nest


def test_values_are_noted_with_their_places() -> None:
    a, b, c = Value(1.0), LectureValue(2.0), Value(3)
    flat = flatten([0.5, [a, b], {"c": c}, np.array([a, a])])
    assert [(i, v) for i, v in flat.values] == [(1, a), (2, b), (3, c), (4, a), (5, a)]
    assert list(flat.numbers) == [0.5, 1.0, 2.0, 3.0, 1.0, 1.0]


def test_values_may_hold_fractions() -> None:
    assert list(flatten([Value(Fraction(1, 4)), Fraction(1, 2), Decimal("0.125")]).numbers) == [0.25, 0.5, 0.125]


def test_ints_are_told_from_floats() -> None:
    assert flatten([1, 2.0, [3, 4], np.int32(5), np.array([6, 7]), True, Value(8)]).nest.integers() == (
        0,
        2,
        3,
        4,
        5,
        6,
    )


def test_ints_that_no_float_holds_are_static() -> None:
    assert flatten([2**53, 2**53 + 1, -(2**70)]).nest.n_leaves == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([1.0], (1.0,)),
        ([1.0], [1]),
        ([1.0], [Value(1.0)]),
        ([1.0, 2.0], [1.0]),
        ({"a": 1.0}, {"b": 1.0}),
        ({"a": 1.0, "b": 2.0}, {"b": 2.0, "a": 1.0}),
        ("a", "b"),
        (True, False),
        (None, False),
        (Point(1.0, 2.0), (1.0, 2.0)),
        (np.zeros((2, 3)), np.zeros((3, 2))),
        (np.zeros(2), [0.0, 0.0]),
        ({1: 1.0}, {True: 1.0}),
        ({1: 1.0}, {1.0: 1.0}),
        (deque([1.0]), deque([1.0], maxlen=3)),
        (Frozen(1.0, 2.0), Line(1.0, 2.0)),
        (0.0, False),
        (sum, max),
    ],
)
def test_what_differs_has_another_key(one: Any, other: Any) -> None:
    assert flatten(one).nest != flatten(other).nest


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([1.0, 2.0], [3.0, 4.0]),
        ({"a": 1.0, "b": "x"}, {"a": 2.0, "b": "x"}),
        (Line(1.0, [2.0]), Line(3.0, [4.0])),
        (np.zeros((2, 3)), np.ones((2, 3), dtype="float32")),
        ({1.0, 2.0}, {2.0, 1.0}),
        ((1.0, float("nan")), (2.0, 3.0)),
        (bytearray(b"ab"), bytearray(b"ab")),
        (np.float64(1.0), 2.0),
    ],
)
def test_what_differs_in_numbers_alone_has_the_same_key(one: Any, other: Any) -> None:
    assert flatten(one).nest == flatten(other).nest
    assert hash(flatten(one).nest) == hash(flatten(other).nest)


def test_a_net_is_static_and_itself() -> None:
    net, other = MLP(2, [1]), MLP(2, [1])
    assert flatten(net).nest == flatten(net).nest != flatten(other).nest
    assert flatten([net]).nest.rebuild([])[0] is net


def test_objects_without_a_hash_are_told_apart_by_identity() -> None:
    class Setting:
        __hash__ = None  # type: ignore[assignment]

        def __eq__(self, other: object) -> bool:
            return True

    one, other = Setting(), Setting()
    assert flatten(one).nest == flatten(one).nest != flatten(other).nest


def test_an_equality_that_fails_counts_as_different() -> None:
    class Odd:
        def __hash__(self) -> int:
            return 1

        def __eq__(self, other: object) -> bool:
            raise ValueError

    assert flatten(Odd()).nest != flatten(Odd()).nest


def test_static_sets_come_as_copies() -> None:
    nest = flatten([{1.0}]).nest
    nest.rebuild([])[0].add(2.0)
    assert nest.rebuild([]) == [{1.0}]


def test_a_default_dict_keeps_its_factory() -> None:
    made = again(defaultdict(list, a=[1.0]))
    assert made == {"a": [1.0]} and made["b"] == []


def test_a_dataclass_is_made_without_its_init() -> None:
    @dataclasses.dataclass
    class Loud:
        x: float
        y: float = dataclasses.field(init=False)

        def __post_init__(self) -> None:
            self.y = 2 * self.x

    loud = Loud(1.0)
    loud.more = [5.0]  # type: ignore[attr-defined]
    made = flatten(loud).nest.rebuild([1.0, 7.0, 8.0])
    assert (made.x, made.y, made.more) == (1.0, 7.0, [8.0])


def test_leaves_are_named_as_the_user_reads_them() -> None:
    item = {"w": [1.0, [2.0]], 3: Point(1.0, 2.0), "m": np.zeros((2, 1)), "line": Line(1.0, (2.0, 3.0))}
    assert flatten(item).nest.names("p") == [
        "p['w'][0]", "p['w'][1][0]", "p[3].x", "p[3].y", "p['m'][0, 0]", "p['m'][1, 0]",
        "p['line'].slope", "p['line'].offset[0]", "p['line'].offset[1]",
    ]  # fmt: skip


def test_arguments_are_named_after_the_signature() -> None:
    nest = flatten(((1.0, [2.0], 3.0, [4.0]), {"rate": 5.0, "w": [6.0]})).nest
    assert call_names(nest, ["x", "ys", "*rest"]) == ["x", "ys[0]", "rest[0]", "rest[1][0]", "rate", "w[0]"]
    assert call_names(flatten(((1.0, 2.0), {})).nest, []) == ["argument[0]", "argument[1]"]


def test_collect_leaves_the_leaves_as_they_are() -> None:
    v = Value(1.0)
    nest, leaves = collect({"a": v, "b": [2, 3.0], "c": np.array([v, 1.0])})
    assert leaves == [v, 2, 3.0, v, 1.0]
    made = nest.rebuild([1.0, 2.0, 3.0, 4.0, 5.0])
    assert made["b"] == [2, 3.0] and type(made["b"][0]) is int
    assert made["c"].dtype == np.float64 and made["c"].tolist() == [4.0, 5.0]


def test_an_array_of_nests() -> None:
    x = np.empty(2, dtype=object)
    x[0], x[1] = [1.0, 2.0], {"a": 3.0}
    made = again(x)
    assert made.shape == (2,) and made[0] == [1.0, 2.0] and made[1] == {"a": 3.0}


def test_blocks_can_be_put_in_the_place_of_numbers() -> None:
    nest = flatten({"a": 1.0, "b": np.zeros(2), "c": [1.0, 2.0], "d": "x"}).nest
    seen: list[tuple[tuple[int, ...], int]] = []

    def make(block: Nest, first: int) -> Nest:
        seen.append((block.shape, first))
        return array_nest((*block.shape, 2))

    made = nest.with_blocks(make)
    assert seen == [((), 0), ((2,), 1), ((), 3), ((), 4)]
    rebuilt = made.rebuild([float(i) for i in range(10)])
    assert rebuilt["a"].tolist() == [0.0, 1.0] and rebuilt["b"].shape == (2, 2) and rebuilt["d"] == "x"


def test_built_nests_call_their_function() -> None:
    nest = tuple_nest([NUMBER, built_nest(sum, 2)])
    assert nest.rebuild([1.0, 2.0, 3.0]) == (1.0, 5.0)


def test_an_array_of_the_standard_library_is_a_list() -> None:
    flat = flatten(array("f", [1.0, 2.0]))
    assert flat.nest.rebuild([3.0, 4.0]) == [3.0, 4.0]


def itself() -> list[Any]:
    item: list[Any] = [1.0]
    item.append(item)
    return item


def deep(levels: int) -> list[Any]:
    item: list[Any] = [1.0]
    for _ in range(levels):
        item = [item]
    return item


def test_nests_may_be_ninety_deep() -> None:
    assert again(deep(90)) == deep(90)


def test_the_same_list_may_stand_in_two_places() -> None:
    row = [1.0, 2.0]
    assert again([row, row]) == [row, row]


@pytest.mark.parametrize(
    "item",
    [itself(), deep(101), 1j, [np.complex64(1j)], iter([1.0]), (x for x in [1.0]), np.array([2**60]), Value(2j)],
    ids=["itself", "deep", "complex", "complex of numpy", "iterator", "generator", "large int", "complex value"],
)
def test_what_cannot_be_a_nest_is_refused(item: Any) -> None:
    with pytest.raises(NumberError):
        flatten([item])


numbers = st.floats(allow_nan=False) | st.integers(-(2**53), 2**53) | st.booleans() | st.text() | st.none()
any_nest = st.recursive(
    numbers,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=3), inner, max_size=4)
        | st.tuples(inner, inner).map(lambda pair: Point(*pair))
    ),
    max_leaves=20,
)


@given(any_nest)
def test_any_nest_is_built_again_and_equals_itself_as_a_key(item: Any) -> None:
    flat = flatten(item)
    assert repr(flat.nest.rebuild(list(flat.numbers))) == repr(item)
    assert flat.nest == flatten(item).nest
    assert len(flat.nest.names("x")) == len(flat.nest.forms()) == flat.nest.n_leaves == len(flat.numbers)
    nest, leaves = collect(item)
    assert nest == flat.nest and [float(leaf) for leaf in leaves] == list(flat.numbers)
