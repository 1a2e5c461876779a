"""What optimisers do beyond their formula: forms of calling, checks, saving, rules of one's own."""

import copy
import json
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from slopewise import Value, lecture
from slopewise.errors import CheckpointError, DomainError, NumberError
from slopewise.nn import MLP
from slopewise.optim import SGD, Adam, AdamW, Linear, Optimiser, RMSProp, RMSprop

EVERY = [SGD, RMSProp, Adam, AdamW]


def pair() -> Any:
    a, b = Value(1.0), Value(-2.0)
    a.grad, b.grad = 0.5, 4.0
    return a, b


@pytest.mark.parametrize("kind", EVERY)
def test_both_forms_do_the_same(kind: Any) -> None:
    kept, given = pair(), pair()
    first, second = kind(list(kept), lr=0.1), kind(lr=0.1)
    for _ in range(3):
        first.step()
        second.step(list(given))
    assert [p.data for p in kept] == [p.data for p in given]
    assert first.steps == second.steps == 3


def test_plain_sgd_is_the_loop_by_hand_bit_for_bit() -> None:
    a, b = pair()
    SGD(lr=0.1).step([a, b])
    assert (a.data, b.data) == (1.0 - 0.1 * 0.5, -2.0 - 0.1 * 4.0)


def test_a_net_a_generator_and_an_array_are_taken() -> None:
    net = MLP(2, [2, 1], rng=1)
    net([1.0, 2.0]).backward()
    before = [p.data for p in net.parameters()]
    SGD(net, lr=0.1).step()
    SGD((p for p in net.parameters()), 0.1).step()
    SGD(lr=0.1).step(net)
    SGD(lr=0.1).step(np.array(net.parameters()))
    expected = [x - 4 * 0.1 * p.grad for x, p in zip(before, net.parameters(), strict=True)]
    assert [p.data for p in net.parameters()] == pytest.approx(expected)


def test_unwritten_gradients_count_as_zero() -> None:
    p = Value(1.0)
    opt = SGD([p], lr=0.1, momentum=0.9)
    opt.step()
    assert p.data == 1.0
    p.grad = 1.0
    opt.step()
    p.grad = 0
    opt.step()
    assert p.data == pytest.approx(1.0 - 0.1 - 0.09)  # the momentum goes on


def test_int_parameters_become_floats() -> None:
    b = Value(0)
    b.grad = 1
    SGD([b], lr=0.5).step()
    assert b.data == -0.5
    f = Value(Fraction(1, 2))
    f.grad = Fraction(1, 4)
    SGD([f], lr=1.0).step()
    assert f.data == 0.25


def test_zero_grad() -> None:
    a, b = pair()
    SGD([a, b]).zero_grad()
    assert (repr(a.grad), repr(b.grad)) == ("0", "0")
    c = lecture.Value(1.0)
    (c * 2).backward()
    opt = SGD(lr=0.1)
    opt.step([c])
    opt.zero_grad()
    assert repr(c.grad) == "0.0"


def test_lr_can_be_changed_and_scheduled() -> None:
    p = Value(0.0)
    opt = SGD([p], lr=1.0)
    p.grad = 1.0
    opt.step()
    opt.lr = 0.5
    opt.step()
    assert p.data == -1.5
    scheduled = SGD([p], lr=Linear(1.0, 0.0, steps=2))
    rates = []
    for _ in range(3):
        rates.append(scheduled.current_lr)
        scheduled.step()
    assert rates == [1.0, 0.5, 0.0]
    assert p.data == -3.0


def test_micrograds_schedule_bit_for_bit() -> None:
    schedule = Linear(1.0, 0.1, steps=100)
    assert [schedule(k) for k in range(100)] == [1.0 - 0.9 * k / 100 for k in range(100)]


def test_parameters_that_come_later_start_their_own_count() -> None:
    a, b = pair()
    together, alone = Adam(lr=0.1), Adam(lr=0.1)
    together.step([a])
    together.step([a, b])
    lone = Value(-2.0)
    lone.grad = 4.0
    alone.step([lone])
    assert b.data == lone.data


@pytest.mark.parametrize("rate", [-0.1, math.nan, math.inf])
@pytest.mark.parametrize("kind", EVERY)
def test_bad_rates(kind: Any, rate: Any) -> None:
    with pytest.raises(DomainError, match="learning rate"):
        kind(lr=rate)
    opt = kind([Value(1.0)], lr=lambda k: rate)
    with pytest.raises(DomainError, match=r"learning rate at step 0, from <function"):
        opt.step()
    with pytest.raises(DomainError):
        opt.lr = rate


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: SGD(momentum=-1), "momentum=-1 must be 0 or more"),
        (lambda: SGD(nesterov=True), "nesterov=True needs momentum"),
        (lambda: SGD(momentum=0.9, dampening=0.1, nesterov=True), "no dampening"),
        (lambda: SGD(weight_decay=math.nan), "weight_decay=nan"),
        (lambda: RMSProp(alpha=1.0), "alpha=1.0 must be from 0"),
        (lambda: RMSProp(eps=0), "eps=0 must be above 0"),
        (lambda: Adam(betas=(0.9, 1.0)), r"betas\[1\]=1.0 must be from 0"),
        (lambda: AdamW(eps=-1e-8), "AdamW: eps=-1e-08"),
        (lambda: SGD([]), "there are no parameters"),
        (lambda: SGD().step(), "SGD was given no parameters"),
        (lambda: SGD().zero_grad(), "given no parameters"),
        (lambda: SGD().step([]), "there are no parameters"),
    ],
)
def test_settings_out_of_range(make: Any, words: Any) -> None:
    with pytest.raises(DomainError, match=words):
        make()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: SGD(0.1), r"lr=0\.1"),
        (lambda: SGD(Value(1.0)), "a list is needed"),
        (lambda: SGD([1.0]), "parameter 0 is 1.0, a Value is needed"),
        (lambda: SGD([Value(1.0), "w"]), "parameter 1 is 'w'"),
        (lambda: SGD(MLP(1, [1]).named_parameters()), "without the names"),
        (lambda: SGD([{"params": []}]), "one optimiser per group"),
        (lambda: SGD([[Value(1.0)]]), "one flat list"),
        (lambda: SGD(lr="fast"), "is 'fast', a number or a schedule"),
        (lambda: SGD(momentum="0.9"), "momentum='0.9' is no number"),  # type: ignore[arg-type]
        (lambda: Adam(betas=0.9), "pair of numbers"),  # type: ignore[arg-type]
        (lambda: SGD([Value(1j)]).step(), "data of parameter 0 is 1j"),
    ],
)
def test_things_that_are_no_numbers_or_values(make: Any, words: Any) -> None:
    with pytest.raises(NumberError, match=words):
        make()


def test_repeats_and_results_are_refused() -> None:
    a, b = pair()
    a.label = "a"
    with pytest.raises(DomainError, match=r"parameters 0 and 2 are the same Value \(label 'a'\)"):
        SGD([a, b, a])
    with pytest.raises(DomainError, match=r"parameter 1 is the result of '\*'"):
        SGD(lr=0.1).step([a, a * b])


def test_a_failing_step_changes_nothing() -> None:
    class Fails(Optimiser):
        def update(self, p: Any, g: Any, state: Any, rates: Any) -> Any:
            if g > 1:
                raise ArithmeticError("too steep")
            return p - g, state

    a, b = pair()
    opt = Fails([a, b])
    with pytest.raises(ArithmeticError):
        opt.step()
    assert (a.data, b.data, opt.steps) == (1.0, -2.0, 0)


def test_a_rule_of_ones_own() -> None:
    class Averaged(Optimiser):
        """Steps along the mean of all gradients so far."""

        state_names = ("total",)

        def rates(self, lr: Any, t: Any) -> Any:
            return (lr / t,)

        def update(self, p: Any, g: Any, state: Any, rates: Any) -> Any:
            (total,) = state
            total += g
            return p - rates[0] * total, (total,)

    p = Value(0.0)
    opt = Averaged([p], lr=1.0)
    for g in (1.0, 3.0):
        p.grad = g
        opt.step()
    assert p.data == -3.0
    assert opt.state_dict()["parameters"] == [{"t": 2, "total": 4.0}]
    with pytest.raises(TypeError):
        Optimiser()  # type: ignore[abstract]


def test_nan_and_overflow_pass_without_exceptions() -> None:
    for kind in EVERY:
        p, q = Value(1.0), Value(1.0)
        p.grad, q.grad = math.nan, 1e300
        opt = kind([p, q], lr=0.1)
        opt.step()
        assert math.isnan(p.data)
        assert not math.isnan(q.data)
    flat = Value(1.0)
    flat.grad = 1e-200
    opt = RMSProp([flat], centered=True)
    for _ in range(50):
        flat.grad = 0.1
        opt.step()
    assert math.isfinite(flat.data)


def test_every_optimiser_finds_the_minimum_of_a_parabola() -> None:
    for opt in (SGD(lr=0.1), SGD(lr=0.05, momentum=0.5, nesterov=True), RMSProp(lr=0.02), Adam(lr=0.1), AdamW(lr=0.1)):
        x = Value(3.0)
        for _ in range(300):
            opt.zero_grad([x])
            (3 * x**2 - 4 * x + 5).backward()
            opt.step([x])
        assert x.data == pytest.approx(2 / 3, abs=0.02), opt


def test_texts() -> None:
    assert repr(SGD(lr=0.1, momentum=0.9)) == (
        "SGD(lr=0.1, momentum=0.9, dampening=0.0, weight_decay=0.0, nesterov=False, maximize=False)"
    )
    assert RMSprop is RMSProp


# ---------------------------------------------------------------------- state_dict


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("bound", [True, False])
def test_going_on_from_a_state_is_as_if_never_stopped(kind: Any, bound: Any) -> None:
    def steps(opt: Any, parameters: Any, count: Any) -> None:
        for k in range(count):
            for i, p in enumerate(parameters):
                p.grad = math.sin(k + i) + p.data
            opt.step(None if bound else parameters)

    whole, halves = list(pair()), list(pair())
    one = kind(whole if bound else None, lr=0.1)
    steps(one, whole, 3)
    first = kind(halves if bound else None, lr=0.1)
    steps(first, halves, 3)
    state = json.loads(json.dumps(first.state_dict()))
    second = kind(halves if bound else None)
    second.load_state_dict(state)
    assert second.state_dict() == state
    steps(one, whole, 3)
    steps(second, halves, 3)
    assert [p.data for p in halves] == [p.data for p in whole]
    assert second.steps == 6


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: s.update(optimiser="SGD"), "this is the state of SGD"),
        (lambda s: s.pop("steps"), "no state of an optimiser"),
        (lambda s: s.update(steps=-1), "count of steps is -1"),
        (lambda s: s["parameters"].pop(), "remembers 1 parameters, and there are 2"),
        (lambda s: s["parameters"][1].pop("mean"), "what the state remembers of parameter 1"),
        (lambda s: s["parameters"][0].update(mean="x"), "parameter 0 of the state"),
        (lambda s: s["settings"].update(beta=1), "unknown setting 'beta'; did you mean 'betas'"),
        (lambda s: s.update(settings=3), "settings are 3"),
        (lambda s: s.update(parameters=3), "parameters are 3"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(change: Any, words: Any) -> None:
    opt = Adam(list(pair()), lr=0.1)
    opt.step()
    before = opt.state_dict()
    state = copy.deepcopy(before)
    state["steps"] = 9
    change(state)
    with pytest.raises(CheckpointError, match=words):
        opt.load_state_dict(state)
    assert opt.state_dict() == before


def test_a_state_with_settings_out_of_range_changes_nothing() -> None:
    opt = Adam(list(pair()), lr=0.1)
    before = opt.state_dict()
    for bad in ({"lr": -1.0}, {"eps": 0.0}, {"betas": [0.9, 2.0]}):
        state = copy.deepcopy(before)
        state["settings"].update(bad)
        with pytest.raises(DomainError):
            opt.load_state_dict(state)
    assert opt.state_dict() == before
    with pytest.raises(CheckpointError, match="no state of an optimiser: 3"):
        opt.load_state_dict(3)


def test_a_state_loaded_before_the_parameters_are_known_must_fit_them() -> None:
    opt = SGD(list(pair()), momentum=0.9)
    opt.step()
    later = SGD(lr=0.1)
    later.load_state_dict(opt.state_dict())
    assert later.momentum == 0.9
    with pytest.raises(CheckpointError, match="remembers 2 parameters, and there are 1"):
        later.step([Value(1.0)])


def test_a_schedule_stays_when_a_state_is_loaded() -> None:
    p = Value(0.0)
    opt = SGD([p], lr=Linear(1.0, 0.0, steps=4))
    opt.step()
    other = SGD([p], lr=Linear(1.0, 0.0, steps=4))
    other.load_state_dict(opt.state_dict())
    assert other.current_lr == 0.75


def test_a_method_that_was_not_called_is_named() -> None:
    net = MLP(2, [1])
    with pytest.raises(NumberError) as caught:
        SGD(net.parameters, lr=0.1)
    assert str(caught.value) == (
        "SGD: the parameters are the method parameters itself, a list of Values is needed\n"
        "call it, with brackets: net.parameters()"
    )
    with pytest.raises(NumberError, match=r"call it, with brackets: f\(\)"):
        SGD(lambda: net.parameters())
    with pytest.raises(NumberError, match=r"give net.parameters\(\)$"):  # a word is no learning rate
        SGD("fast")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Adagrad", "the rules are SGD, RMSProp, Adam and AdamW; subclass Optimiser for one of your own"),
        ("Optimizer", "did you mean 'Optimiser'?"),
        ("adamw", "did you mean 'AdamW'?"),
    ],
)
def test_names_from_elsewhere_lead_here(name: str, hint: str) -> None:
    from slopewise import optim

    with pytest.raises(AttributeError) as caught:
        getattr(optim, name)
    assert str(caught.value) == f"slopewise.optim has no {name!r}; {hint}"


def test_settings_that_are_not_there() -> None:
    with pytest.raises(TypeError, match="^SGD has no setting 'learning_rate'\ndid you mean 'lr'\\?$"):
        SGD(learning_rate=0.1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="^Adam has no setting 'beta'\ndid you mean 'betas'\\?$"):
        Adam(beta=0.9)  # type: ignore[call-arg]
    assert copy.deepcopy(SGD(lr=0.5)).lr == 0.5
