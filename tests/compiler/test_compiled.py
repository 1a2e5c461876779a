"""`sw.compile`: calls, state, gradients, keys, threads, errors."""

import copy
import functools
import gc
import math
import pickle
import random
import threading
import weakref
from typing import Any

import numpy as np
import pytest

import slopewise as sw
from slopewise import Value
from slopewise.compiler.compiled import compile
from slopewise.errors import NumberError, PathError, ShapeError, SlopewiseError, TraceError
from slopewise.nn import MLP, Module
from slopewise.tracer import is_tracing


def counting(f: Any) -> Any:
    """Return f, with the number of times that it ran as an attribute."""

    @functools.wraps(f)
    def counted(*args: Any, **kwargs: Any) -> Any:
        counted.runs += 1  # type: ignore[attr-defined]
        return f(*args, **kwargs)

    counted.runs = 0  # type: ignore[attr-defined]
    return counted


# ---------------------------------------------------------------------- calls


def test_a_call_gives_the_number() -> None:
    k = compile(lambda x, y: x * y + sw.sin(x))
    assert k(2.0, 3.0) == 6.0 + math.sin(2.0)
    assert type(k(2.0, 3.0)) is float


def test_the_function_runs_twice_and_then_no_more() -> None:
    f = counting(lambda x: x * x)
    k = compile(f)
    assert [k(float(i)) for i in range(10)] == [float(i * i) for i in range(10)]
    assert f.runs == 2


def test_every_form_of_arguments_and_results() -> None:
    def f(x: Any, *, scale: Any = 1.0, extra: Any = ()) -> Any:
        total = sum(x["w"]) * scale
        return {
            "total": total,
            "each": [w * scale for w in x["w"]],
            "name": x["name"],
            "extra": tuple(e * 2 for e in extra),
        }

    k = compile(f)
    assert k({"w": [1.0, 2.0], "name": "n"}) == {"total": 3.0, "each": [1.0, 2.0], "name": "n", "extra": ()}
    made = k({"w": [1.0, 2.0], "name": "m"}, scale=2.0, extra=[np.float32(1.5)])
    assert made == {"total": 6.0, "each": [2.0, 4.0], "name": "m", "extra": (3.0,)}


def test_an_array_arrives_as_objects_and_returns_as_floats() -> None:
    kinds: list[Any] = []

    def f(x: Any) -> Any:
        kinds.append((x.dtype, x.shape))
        return x @ x, x * 2

    k = compile(f)
    dot, double = k(np.array([1.0, 2.0, 3.0]))
    assert dot == 14.0 and double.tolist() == [2.0, 4.0, 6.0] and double.dtype == np.float64
    assert kinds[0] == (np.dtype(object), (3,))
    double[0] = 99.0
    assert k(np.array([1.0, 2.0, 3.0]))[1].tolist() == [2.0, 4.0, 6.0]


def test_results_that_are_no_traced_number() -> None:
    k = compile(lambda x: (x, 2, 2.5, "text", None, True, x.data > 1, len([x])))
    assert k(2.0) == (2.0, 2, 2.5, "text", None, True, True, 1)
    assert [type(item) for item in k(0.5)] == [float, int, float, str, type(None), bool, bool, int]
    assert k(0.5)[6] is False


def test_static_arguments_belong_to_the_key() -> None:
    f = counting(lambda x, how: x.exp() if how == "exp" else x.tanh())
    k = compile(f)
    assert k(0.5, "exp") == math.exp(0.5)
    assert k(0.5, "tanh") == pytest.approx(math.tanh(0.5))
    assert k(0.25, how="exp") == math.exp(0.25)
    assert len(k.paths) == 3


def test_new_shapes_make_new_entries() -> None:
    k = compile(lambda xs: sum(xs))
    assert k([1.0]) == 1.0 and k([1.0, 2.0]) == 3.0 and k((1.0, 2.0, 3.0)) == 6.0
    assert len(k.paths) == 3


def test_ints_can_be_used_as_indices_and_in_range() -> None:
    w = [Value(1.0), Value(2.0), Value(4.0)]
    k = compile(lambda i, n, x: sum(w[i] * x for _ in range(n)))
    assert k(1, 3, 5.0) == 30.0
    assert k(2, 2, 1.0) == 8.0
    assert k(2, 0, 1.0) == 0.0


def test_methods_lambdas_partials_and_callable_objects() -> None:
    class Curve:
        rate = 2.0

        def value(self, x: Any) -> Any:
            return x * self.rate

        def __call__(self, x: Any) -> Any:
            return self.value(x) + 1

    curve = Curve()
    assert compile(curve.value)(3.0) == 6.0
    assert compile(curve)(3.0) == 7.0
    assert compile(functools.partial(lambda a, b: a - b, 10.0))(3.0) == 7.0
    assert compile(sw.exp)(0.0) == 1.0


def test_as_a_decorator() -> None:
    @compile
    def double(x: Any) -> Any:
        """Twice."""
        return 2 * x

    @compile(exact=True)  # type: ignore[call-overload, untyped-decorator, unused-ignore]
    def triple(x: Any) -> Any:
        return 3 * x

    assert double(2.0) == 4.0 and triple(2.0) == 6.0
    assert double.__name__ == "double" and double.__doc__ == "Twice."
    assert triple.exact and not double.exact


def test_a_decorated_method_is_one_of_each_instance() -> None:
    class Model(Module):
        def __init__(self, w: float) -> None:
            self.w = Value(w)

        def parameters(self) -> list[Any]:
            return [self.w]

        @compile
        def loss(self, x: Any) -> Any:
            return (self.w * x - 1) ** 2

    one, two = Model(1.0), Model(2.0)
    assert one.loss(3.0) == 4.0 and two.loss(3.0) == 25.0
    assert one.loss.backward(3.0) == 4.0
    assert (one.w.grad, two.w.grad) == (12.0, 0)
    one.w.data = 0.0
    assert one.loss(3.0) == 1.0


def test_a_net_is_compiled_like_a_function() -> None:
    random.seed(1)
    net = MLP(2, [3, 1])
    k = compile(net)
    assert k([1.0, -2.0]) == pytest.approx(net([1.0, -2.0]).data)
    assert k(np.array([0.5, 0.25])) == pytest.approx(net([0.5, 0.25]).data)


def test_a_net_given_as_an_argument_is_read_at_each_call() -> None:
    random.seed(1)
    net, other = MLP(1, [1]), MLP(1, [1])
    k = compile(lambda model, x: model([x]))
    assert k(net, 2.0) == net([2.0]).data and k(other, 2.0) == other([2.0]).data
    for p in net.parameters():
        p.data = 3.0
    assert k(net, 2.0) == 9.0


def test_compiled_functions_call_each_other() -> None:
    inner = compile(lambda x: {"square": x * x})
    outer = compile(lambda x: inner(x)["square"] + inner(2 * x)["square"])
    assert outer(3.0) == 45.0
    assert inner(3.0) == {"square": 9.0}
    assert "multiply" in str(outer.program)


def test_recursion_goes_through_the_compiled_name() -> None:
    @compile
    def power(x: Any, n: Any) -> Any:
        return x * power(x, n - 1) if n > 0 else x**0

    assert power(2.0, 5) == 32.0
    assert power(3.0, 2) == 9.0


def test_a_function_without_arguments() -> None:
    w = Value(2.0)
    k = compile(lambda: w * w)
    assert "square" in str(k.program)
    assert k() == 4.0
    w.data = 3.0
    assert k() == 9.0


# ---------------------------------------------------------------------- captured Values, state


def test_leaves_from_outside_are_read_at_each_call() -> None:
    w, made = Value(2.0), Value(1.0) * 5
    k = compile(lambda x: w * x + made)
    assert k(3.0) == 11.0
    w.data, made.data = 4.0, 1.0
    assert k(3.0) == 13.0


def test_numbers_from_outside_are_frozen_until_retrace() -> None:
    rate = 2.0
    k = compile(lambda x: rate * x)
    assert k(1.0) == 2.0
    rate = 3.0
    assert k(1.0) == 2.0
    assert [c.number for c in k.constants] == [2.0]
    assert "rate * x" in k.constants[0].text and k.constants[0].line > 0
    k.retrace()
    assert k(1.0) == 3.0


def test_a_training_step_compiles_unchanged() -> None:
    def make() -> tuple[Any, Any, Any]:
        random.seed(1337)
        net = MLP(2, [4, 1])
        xs = [[1.0, 2.0], [-1.0, 0.5], [0.25, -2.0]]
        ys = [1.0, -1.0, 0.5]

        def step(rate: Any) -> Any:
            loss = sum((net(x) - y) ** 2 for x, y in zip(xs, ys))
            for p in net.parameters():
                p.grad = 0.0
            loss.backward()
            for p in net.parameters():
                p.data += -rate * p.grad
            return loss

        return net, step, compile(step, exact=True)

    net, step, _ = make()
    wanted = [step(0.05).data for _ in range(10)], [(p.data, p.grad) for p in net.parameters()]
    net, _, k = make()
    assert ([k(0.05) for _ in range(10)], [(p.data, p.grad) for p in net.parameters()]) == wanted


def test_a_step_on_values_given_as_arguments() -> None:
    def step(w: Any, x: Any) -> Any:
        loss = (w * x - 1) ** 2
        w.grad = 0.0
        loss.backward()
        w.data = w.data - 0.1 * w.grad
        return loss

    k = compile(step)
    for w, twin in [(Value(3.0), Value(3.0)), (Value(-1.0), Value(-1.0))]:
        for _ in range(3):
            assert k(w, 2.0) == pytest.approx(step(twin, 2.0).data)
        assert w.data == pytest.approx(twin.data) and w.grad == pytest.approx(twin.grad)
    assert len(k.paths) == 1


def test_a_value_that_is_an_argument_and_captured_is_one() -> None:
    def make() -> tuple[Any, Any]:
        w = Value(3.0)

        def step(parameters: Any) -> Any:
            loss = (w * 2 - 1) ** 2
            loss.backward()
            for p in parameters:
                p.data = p.data - 0.1 * p.grad
                p.grad = 0.0
            return loss

        return w, step

    w, step = make()
    wanted = [step([w]).data for _ in range(3)], w.data
    w, step = make()
    k = compile(step)
    assert [*[k([w]) for _ in range(3)], w.data] == pytest.approx([*wanted[0], wanted[1]])
    stranger = Value(1.0)
    k([stranger])
    assert stranger.data == 1.0


def test_a_value_given_twice_is_one() -> None:
    def swap(a: Any, b: Any) -> Any:
        a.data = a.data + 1
        return b.data

    a, b = Value(1.0), Value(5.0)
    k = compile(swap)
    assert k(a, b) == 5.0 and a.data == 2.0
    assert k(a, a) == 3.0 and a.data == 3.0
    assert k(a, b) == 5.0 and a.data == 4.0


def test_a_failed_trace_changes_nothing() -> None:
    w = Value(1.0)

    def f(x: Any) -> Any:
        w.data = 7.0
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        compile(f)(1.0)
    assert w.data == 1.0 and not is_tracing()


# ---------------------------------------------------------------------- backward


def test_backward_adds_into_captured_and_given_values() -> None:
    w, v = Value(3.0), Value(2.0)
    k = compile(lambda x, y: (w * x + y) ** 2)
    assert k.backward(v, 1.0) == 49.0
    assert (w.grad, v.grad) == (28.0, 42.0)
    k.backward(v, 1.0)
    assert (w.grad, v.grad) == (56.0, 84.0)
    assert k(v, 1.0) == 49.0 and w.grad == 56.0


def test_backward_does_what_loss_backward_does() -> None:
    random.seed(3)
    net = MLP(2, [4, 1])
    x, y = [1.0, -2.0], 0.5

    def loss(x: Any, y: Any) -> Any:
        return (net(x) - y) ** 2 + 0.1 * sum(p * p for p in net.parameters())

    loss(x, y).backward()
    wanted = [p.grad for p in net.parameters()]
    net.zero_grad()
    assert compile(loss).backward(x, y) == pytest.approx(loss(x, y).data)
    assert [p.grad for p in net.parameters()] == pytest.approx(wanted)


def test_backward_goes_on_below_made_nodes() -> None:
    a, b = Value(2.0), Value(3.0)
    c = a * b
    d = c + a
    k = compile(lambda x: c * d * x)
    k.backward(2.0)
    got = a.grad, b.grad
    a.grad = b.grad = 0
    (c * d * 2.0).backward()
    assert got == (a.grad, b.grad)


def test_backward_leaves_values_alone_that_do_not_matter() -> None:
    w, unused = Value(1.0), Value(2.0)
    k = compile(lambda x: w * x + unused.data)
    k.backward(3.0)
    assert w.grad == 3.0 and unused.grad == 0 and type(unused.grad) is int


def test_the_first_element_of_a_tuple_is_differentiated() -> None:
    w = Value(2.0)
    k = compile(lambda x: (w * x, [x, w.data]))
    assert k.backward(3.0) == (6.0, [3.0, 2.0])
    assert w.grad == 3.0


@pytest.mark.parametrize("result", [None, [], {"loss": 1.0}, "x", np.zeros(2)])
def test_backward_needs_one_number(result: Any) -> None:
    with pytest.raises(ShapeError, match="the gradient of one number"):
        compile(lambda x: result).backward(1.0)


def test_backward_inside_a_trace() -> None:
    w = Value(2.0)
    inner = compile(lambda x: w * x)

    def outer(x: Any) -> Any:
        loss = inner.backward(x)
        return loss * w.grad

    assert compile(outer)(3.0) == 18.0


# ---------------------------------------------------------------------- keys and memory


def test_entries_do_not_keep_values_given_as_arguments() -> None:
    class Kept(Value):
        pass

    k = compile(lambda x: x * 2)
    v = Kept(1.0)
    gone = weakref.ref(v)
    k(v)
    del v
    gc.collect()
    assert gone() is None


def test_many_forms_do_not_fill_the_memory() -> None:
    k = compile(lambda x, key: x)
    for i in range(300):
        for _ in range(4):  # fewer, and forms would be taken not to come back
            assert k(1.0, str(i)) == 1.0
    assert len(k._entries) == 256


def masks(n: int, *shape: int) -> list[Any]:
    draw = np.random.default_rng(4)
    return [draw.random(shape) < 0.6 for _ in range(n)]


def test_masks_are_numbers_of_the_call() -> None:
    def f(x: Any, m: Any) -> Any:
        kept = [a * b for a, b in zip(x, m, strict=True)]
        return [*kept, sum(m), m.sum(), (~m).sum(), np.where(m, x, 0.0).sum(), sw.where(m[0], x[0], 7.0), 1 - m[1]]

    k = compile(f)
    x = np.array([1.0, 2.0, -3.0, 4.0])
    for m in masks(8, 4):
        assert k(x, m) == pytest.approx([float(y) for y in f(x, m)])
    assert len(k.paths) <= 8  # np.where asks; what follows does not
    k = compile(lambda x, m: sum(a * b for row, bs in zip(x, m) for a, b in zip(row, bs)))
    x = np.arange(6.0).reshape(2, 3)
    for m in masks(8, 2, 3):
        assert k(x, m) == (x * m).sum()
    assert len(k.paths) == 1


def test_truths_of_comparisons_are_added_as_pythons_are() -> None:
    k = compile(lambda x, m: (x[0] > 0) + (x[1] > 0) + sum(m))
    assert [k([1.0, 2.0], np.array([True, False])), k([1.0, -2.0], np.array([True, True]))] == [3, 3]


def test_truths_of_a_mask_go_together_as_numpy_has_it() -> None:
    def f(m: Any, n: Any) -> Any:
        return [(m & n).sum(), (m | n).sum(), (m ^ n).sum(), (~(m & ~n)).sum(), m.any(), m.all(), m.mean()]

    k = compile(f)
    for m, n in zip(masks(5, 7), masks(6, 7)[1:], strict=True):
        assert k(m, n) == pytest.approx([float(x) for x in f(m, n)])


def test_where_a_mask_has_to_be_an_array_of_bools_it_is_one() -> None:
    k = compile(lambda x, m: sum(x[m], 0.0))
    x = np.array([1.0, 2.0, -3.0, 4.0])
    for m in masks(5, 4):
        assert k(x, m) == x[m].sum()
    assert k.backward(x, m) == x[m].sum()
    k = compile(lambda x, m: x["missing"])
    for _ in range(2):
        with pytest.raises((IndexError, TypeError)):
            k(x, m)


def test_a_mask_that_decides_takes_paths() -> None:
    k = compile(lambda x, m: sum(a if b else -a for a, b in zip(x, m)))
    x = np.array([1.0, 2.0, -3.0])
    for m in masks(9, 3):
        assert k(x, m) == np.where(m, x, -x).sum()
    assert 1 < len(k.paths) <= 8


@pytest.mark.parametrize("made", [sw.grad, sw.value_and_grad, sw.hessian, sw.jacobian])
def test_derivatives_beside_a_mask(made: Any) -> None:
    f: Any = lambda x, m: sum(a * a * a * b for a, b in zip(x, m))
    k, x = made(f), np.array([1.0, 2.0, -3.0])
    for m in masks(4, 3):
        expected = made(f)(x, m.astype(float))
        for one, other in zip(np.ravel(k(x, m)[-1]), np.ravel(expected[-1]), strict=True):
            assert one == other


def test_a_step_with_other_dropout_each_time_is_traced_once() -> None:
    w = [sw.Value(0.1 * i - 0.2) for i in range(4)]

    def step(x: Any, kept: Any, y: Any) -> Any:
        loss = (sum(a * b * c for a, b, c in zip(w, x, kept, strict=True)).tanh() - y) ** 2
        for p in w:
            p.grad = 0.0
        loss.backward()
        for p in w:
            p.data -= 0.1 * p.grad
        return loss

    k, start, x = compile(step), [p.data for p in w], np.array([1.0, -2.0, 0.5, 3.0])
    found = [k(x, m, True) for m in masks(6, 4)]
    ends = [p.data for p in w]
    for p, number in zip(w, start, strict=True):
        p.data = number
    assert found == pytest.approx([step(x, m, True).data for m in masks(6, 4)], rel=1e-13)
    assert ends == pytest.approx([p.data for p in w], rel=1e-13) and len(k.paths) == 1


@pytest.mark.parametrize("dtype", ["f4", "f2", "f8", "i2", "u1", "i8", ">i4", "u8", "?"])
def test_arrays_of_any_numbers_take_the_short_way(dtype: str) -> None:
    k = compile(lambda x: sum(sum(row) for row in x) * 2.0)
    x = np.array([[1, 0, 3], [4, 5, 0]]).astype(dtype)
    for given in (x, x, x[:, ::-1], np.asfortranarray(x), x[::-1].copy()):
        assert k(given) == 2.0 * given.sum()
    plan = next(plan for entry in k._entries.values() for plan in entry.plans.values())
    assert plan is not None and len(k._entries) == 1
    numbers = plan.numbers((x,), {})
    assert dtype == "u8" if numbers is None else list(numbers) == x.ravel().tolist()
    for other in (x[:1], x.astype(complex), x.astype("i8" if x.dtype.kind == "f" else "f8"), x.tolist()):
        assert plan.numbers((other,), {}) is None
    if dtype == "u8":
        with pytest.raises(NumberError, match=r"beyond 2\*\*53"):
            k(np.full((2, 3), 2**63 + 5, dtype))


def test_copies_and_pickles_begin_anew() -> None:
    k = compile(sw.exp)
    k(0.0)
    for twin in (copy.copy(k), copy.deepcopy(k)):
        assert twin is not k and not twin.paths
        assert twin(0.0) == 1.0
    assert pickle.loads(pickle.dumps(compile(math.hypot)))(3.0, 4.0) == 5.0


# ---------------------------------------------------------------------- errors


def test_an_error_of_the_function_comes_through() -> None:
    def f(x: Any) -> Any:
        return {"there": x}["missing"]

    k = compile(f)
    for _ in range(2):
        with pytest.raises(KeyError) as caught:
            k(1.0)
        lines = [entry.name for entry in caught.traceback]
        assert lines[-1] == "f"
        assert not is_tracing()


def test_a_function_that_failed_can_be_called_again() -> None:
    fail = True

    def f(x: Any) -> Any:
        if fail:
            raise ValueError("once")
        return x * 2

    k = compile(f)
    with pytest.raises(ValueError, match="once"):
        k(1.0)
    fail = False
    assert k(1.0) == 2.0


def test_random_draws_are_refused() -> None:
    with pytest.raises(TraceError, match="random"):
        compile(lambda x: x * random.random())(1.0)


def test_what_is_asked_too_early() -> None:
    k = compile(lambda x: x)
    for ask in (lambda: k.program, lambda: k.constants, k.report):
        with pytest.raises(PathError, match="not called yet"):
            ask()
    assert k.paths == ()


def test_what_cannot_be_compiled() -> None:
    with pytest.raises(NumberError, match="needs a function"):
        compile(3)  # type: ignore[call-overload]
    with pytest.raises(NumberError, match=r"parameters\[1\]"):
        compile(lambda: 1, parameters=[Value(1.0), 2.0])


def test_a_captured_value_that_no_longer_holds_a_float() -> None:
    w = Value(1.0, label="w")
    k = compile(lambda x: w * x)
    k(1.0)
    w.data = 1j
    with pytest.raises(SlopewiseError, match="w holds 1j"):
        k(1.0)


# ---------------------------------------------------------------------- threads


def test_threads_share_a_function() -> None:
    def f(x: Any) -> Any:
        if x > 0:
            return x * 2
        return x * x

    k = compile(f)
    wrong: list[Any] = []

    def work(seed: int) -> None:
        rng = random.Random(seed)
        for _ in range(50):
            x = rng.uniform(-1, 1)
            if k(x) != (x * 2 if x > 0 else x * x):
                wrong.append(x)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(k.paths) == 2


def test_exact_gradients_begin_with_what_a_leaf_holds() -> None:
    def make() -> tuple[Any, Any]:
        random.seed(7)
        net = MLP(2, [3, 1])

        def loss(x: Any) -> Any:
            return (net(x) - 0.3) ** 2 + 0.1 * sum(p * p for p in net.parameters())

        return net, loss

    xs = [[0.1, -0.7], [1.3, 0.9], [-2.2, 0.4]]
    net, loss = make()
    for x in xs:
        loss(x).backward()
    wanted = [p.grad for p in net.parameters()]
    net, loss = make()
    k = compile(loss, exact=True)
    for x in xs:
        k.backward(x)
    assert [p.grad for p in net.parameters()] == wanted


@pytest.mark.parametrize("exact", [False, True])
def test_gradients_that_the_function_writes_come_before_those_of_backward(exact: bool) -> None:
    def make() -> tuple[Any, Any]:
        w = Value(0.7)

        def f(x: Any) -> Any:
            w.grad = 0.1 * x.data
            return sw.tanh(w * x) + w * w

        return w, f

    w, f = make()
    f(Value(0.3)).backward()
    wanted = w.grad
    w, f = make()
    w.grad = 5.0
    compile(f, exact=exact).backward(0.3)
    assert w.grad == (wanted if exact else pytest.approx(wanted))


@pytest.mark.parametrize("exact", [False, True])
def test_the_gradient_of_the_result_itself_is_one(exact: bool) -> None:
    w = Value(2.0)
    k = compile(lambda: w, exact=exact)
    for _ in range(2):
        k.backward()
        assert w.grad == 1.0


@pytest.mark.parametrize("exact", [False, True])
def test_threads_lose_no_gradient(exact: bool) -> None:
    w = Value(0.0)
    k = compile(lambda x: w * x, exact=exact)
    k(1.0)

    def work() -> None:
        for _ in range(100):
            k.backward(1.0)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert w.grad == 400.0


@pytest.mark.parametrize("f", [math.sin, math.exp, math.tanh], ids=["sin", "exp", "tanh"])
def test_a_function_of_the_math_module_is_compiled_and_differentiated(f: Any) -> None:
    assert sw.compile(f)(0.5) == pytest.approx(f(0.5), rel=1e-15)
    assert sw.grad(f)(0.5) == pytest.approx(sw.grad(getattr(sw, f.__name__))(0.5), rel=1e-15)
    assert sw.batched(f)([0.5, 1.0]).tolist() == pytest.approx([f(0.5), f(1.0)], rel=1e-15)
    assert pickle.loads(pickle.dumps(sw.compile(f)))(0.5) == pytest.approx(f(0.5), rel=1e-15)
    assert repr(sw.compile(f)).startswith(f"<compiled {f.__name__}: ")
