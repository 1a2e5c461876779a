"""Optimisers inside a compiled step go on from call to call as they do eagerly."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.optim import (
    SGD,
    Adam,
    AdamW,
    Cosine,
    Exponential,
    Linear,
    RMSProp,
    StepDecay,
    WarmUp,
    clip_by_global_norm,
)
from slopewise.optim.optimiser import Optimiser

MAKERS: dict[str, Callable[[Any], Optimiser]] = {
    "sgd": lambda ps: SGD(ps, lr=0.05),
    "momentum": lambda ps: SGD(ps, lr=0.05, momentum=0.9),
    "nesterov": lambda ps: SGD(ps, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
    "adam": lambda ps: Adam(ps, lr=0.1),
    "amsgrad": lambda ps: Adam(ps, lr=0.1, amsgrad=True),
    "adamw": lambda ps: AdamW(ps, lr=0.1, weight_decay=0.1),
    "rmsprop": lambda ps: RMSProp(ps, lr=0.01, momentum=0.5, centered=True),
    "step decay": lambda ps: SGD(ps, lr=StepDecay(0.1, 0.5, every=2)),
    "linear": lambda ps: SGD(ps, lr=Linear(0.1, 0.01, steps=5)),
    "cosine": lambda ps: Adam(ps, lr=Cosine(0.1, steps=5, end=0.01)),
    "exponential": lambda ps: SGD(ps, lr=Exponential(0.1, 0.9)),
    "warm up": lambda ps: SGD(ps, lr=WarmUp(Linear(0.1, 0.01, steps=6), 2)),
    "own schedule": lambda ps: SGD(ps, lr=lambda k: 0.1 if k < 2 else 0.01),
}


def problem(make: Callable[[Any], Optimiser]) -> tuple[list[Value], Optimiser, Callable[[float], Any]]:
    ps = [Value(2.0), Value(-1.0)]
    opt = make(ps)

    def step(x: Any) -> Any:
        opt.zero_grad()
        loss = (ps[0] * x - 1) ** 2 + (ps[1] + ps[0]) ** 2
        loss.backward()
        opt.step()
        return loss

    return ps, opt, step


@pytest.mark.parametrize("name", MAKERS)
def test_a_compiled_step_is_the_eager_one(name: str) -> None:
    ps, opt, step = problem(MAKERS[name])
    eager = [step(1.5).data for _ in range(8)]
    qs, other, body = problem(MAKERS[name])
    k = sw.compile(body)
    assert [k(1.5) for _ in range(8)] == pytest.approx(eager, rel=1e-10)
    assert [q.data for q in qs] == pytest.approx([p.data for p in ps], rel=1e-10)
    assert len(k.paths) <= (3 if callable(opt.lr) else 1)  # a count of steps that was frozen would make one each call
    one, two = opt.state_dict(), other.state_dict()
    assert one["steps"] == two["steps"] == 8 and type(two["steps"]) is int
    for was, now in zip(one["parameters"], two["parameters"], strict=True):
        assert now == pytest.approx(was, rel=1e-9) and type(now["t"]) is int
    step(0.5)
    body(0.5)  # eagerly, after compiled steps
    assert [q.data for q in qs] == pytest.approx([p.data for p in ps], rel=1e-9)
    assert other.current_lr == pytest.approx(opt.current_lr)


def test_the_learning_rate_may_be_assigned() -> None:
    ps, opt, step = problem(MAKERS["sgd"])
    qs, other, body = problem(MAKERS["sgd"])
    k = sw.compile(body)
    for rate in (0.05, 0.02, 0.01):
        opt.lr = other.lr = rate
        step(1.0)
        k(1.0)
    assert [q.data for q in qs] == pytest.approx([p.data for p in ps], rel=1e-12)


def test_eager_steps_before_count() -> None:
    ps, _opt, step = problem(MAKERS["adam"])
    qs, other, body = problem(MAKERS["adam"])
    for _ in range(3):
        step(1.0)
        body(1.0)
    k = sw.compile(body)
    for _ in range(3):
        step(1.0)
        k(1.0)
    assert [q.data for q in qs] == pytest.approx([p.data for p in ps], rel=1e-10)
    again = Adam([Value(0.0), Value(0.0)])
    again.load_state_dict(other.state_dict())
    assert again.steps == 6
    other.load_state_dict(again.state_dict())
    k(1.0)
    step(1.0)
    assert [q.data for q in qs] == pytest.approx([p.data for p in ps], rel=1e-10)


def test_a_refused_trace_leaves_the_optimiser_usable() -> None:
    _ps, opt, step = problem(MAKERS["adam"])

    def bad(x: Any) -> Any:
        loss = step(x)
        return float(loss)

    with pytest.raises(sw.errors.TraceError):
        sw.compile(bad)(1.0)
    assert opt.state_dict()["steps"] == 0
    step(1.0)
    assert opt.steps == 1 and type(opt.steps) is int
    assert copy.deepcopy(opt).steps == pickle.loads(pickle.dumps(SGD(lr=0.5))).steps + 1


def test_clipping_in_a_step() -> None:
    w = Value(3.0)

    def step(x: Any) -> Any:
        w.grad = 0.0
        loss = (w * x) ** 2
        loss.backward()
        norm = clip_by_global_norm([w], 1.0)
        w.data -= 0.1 * w.grad
        return norm

    k = sw.compile(step)
    eager = Value(3.0)
    for _ in range(30):
        gradient = 2 * eager.data * 1.5 * 1.5
        assert k(1.5) == pytest.approx(abs(gradient))
        eager.data -= 0.1 * max(-1.0, min(1.0, gradient))
        assert w.data == pytest.approx(eager.data)
    assert len(k.paths) == 1


def test_the_learning_rate_may_be_an_argument() -> None:
    w = Value(3.0)
    opt = SGD([w], lr=0.5)

    def step(rate: Any) -> Any:
        opt.lr = rate
        opt.zero_grad()
        loss = w * w
        loss.backward()
        opt.step()
        return loss

    k = sw.compile(step)
    k(0.25)
    assert w.data == 1.5
    k(0.125)
    assert w.data == 1.5 - 0.125 * 3.0
