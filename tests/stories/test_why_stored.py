"""What `sw.why` says of a `.grad` that holds something else than this root's gradient."""

import math
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value


def article() -> Any:
    a, b = Value(-2.0, label="a"), Value(3.0, label="b")
    d, e = a * b, a + b
    d.label, e.label = "d", "e"
    f = d * e
    f.label = "f"
    return a, b, d, e, f


def fits(leaf: Any, root: Any) -> Any:
    return sw.why(leaf, root).stored.fits


class TestNotRun:
    def test_nothing_was_run(self) -> None:
        a, _, _, _, f = article()
        stored = sw.why(a, f).stored
        assert stored.fits == "not run"
        assert stored.sentence.startswith("Not run: neither a pass nor you wrote a.grad")
        assert not stored.agrees

    def test_zeroed_and_not_run(self) -> None:
        a, _, _, _, f = article()
        a.grad = 0.0
        assert fits(a, f) == "not run"

    def test_a_gradient_that_is_0_anyway(self) -> None:
        a = Value(2.0)
        y = a - a
        assert fits(a, y) == "not run"
        assert "0 " not in sw.why(a, y).stored.sentence, "not run is never shown as a zero"
        y.backward()
        assert fits(a, y) == "agrees"

    def test_a_walk_by_hand_that_stopped_half_way(self) -> None:
        a, b = Value(2.0, label="a"), Value(3.0, label="b")
        d = a * b
        d.label = "d"
        f = d + a
        f.label = "f"
        f.grad = 1.0
        f._backward()
        stored = sw.why(b, f).stored
        assert stored.fits == "not run"
        assert stored.sentence == (
            "Not run as far as b: f.grad was written, but the steps, such as d._backward(), that lead to b.grad were "
            "not taken (or zero_grad() cleared it since). f.backward() would make it 2."
        )

    def test_a_new_graph_after_an_old_pass(self) -> None:
        x = Value(3.0)
        (x * x).backward()
        y = x * 5
        stored = sw.why(x, y).stored
        assert stored.fits == "nothing"
        assert "no pass was run from y" in stored.sentence


class TestPasses:
    @pytest.mark.parametrize("times", [2, 3, 10])
    def test_the_same_pass_several_times(self, times: Any) -> None:
        a, _, _, _, f = article()
        for _ in range(times):
            f.backward()
        stored = sw.why(a, f).stored
        assert stored.fits == "earlier passes"
        assert f"that is what {times} passes add up to" in stored.sentence
        assert stored.difference == -3.0 * (times - 1)

    def test_a_loop_that_does_not_zero(self) -> None:
        a, b = Value(-2.0), Value(3.0)
        (a * b * b).backward()
        a.data -= 0.1
        b.data += 0.2
        y = a * b * b
        y.backward()
        stored = sw.why(a, y).stored
        assert stored.fits == "earlier passes"
        assert "gradients are not zeroed" in stored.sentence

    def test_with_a_single_leaf_the_numbers_do_not_tell(self) -> None:
        x = Value(3.0)
        (3 * x**2).backward()
        x.data = 2.0
        y = 3 * x**2
        y.backward()
        stored = sw.why(x, y).stored
        assert stored.fits == "nothing"
        assert stored.difference == 18.0
        assert "not zeroed" in stored.sentence and "set by hand" in stored.sentence


class TestAnotherRoot:
    def test_a_pass_from_a_node_below(self) -> None:
        a, _, _, e, f = article()
        e.backward()
        assert "e.backward() gives" in sw.why(a, f).stored.sentence
        assert fits(a, f) == "another root"

    @pytest.mark.parametrize("order", ["ef", "fe"])
    def test_both_passes(self, order: Any) -> None:
        a, _, _, e, f = article()
        for name in order:
            {"e": e, "f": f}[name].backward()
        stored = sw.why(a, f).stored
        assert stored.fits == "another root"
        assert "−3 (from f) + 1 (from e)" in stored.sentence

    def test_two_losses(self) -> None:
        a, _, _, _, f = article()
        penalty = a * a
        f.backward()
        penalty.backward()
        stored = sw.why(a, f).stored
        assert stored.fits == "another root"
        assert "−3 (from f) + (−4) (from penalty)" in stored.sentence

    def test_something_larger(self) -> None:
        a, _, _, _, f = article()
        g = f * 2
        g.backward()
        stored = sw.why(a, f).stored
        assert stored.fits == "another root"
        assert "f is part of g" in stored.sentence
        assert sw.why(f, f).stored.fits == "another root"

    def test_another_roots_gradient_in_what_this_root_does_not_depend_on(self) -> None:
        z, q = Value(2.0), Value(4.0)
        other = z * 5
        other.backward()
        y = q * 3
        answer = sw.why(z, y)
        assert (answer.total, answer.count, answer.stored.fits) == (0, 0, "another root")
        assert "which is from other.backward()" in answer.stored.sentence


class TestByHand:
    def test_one_leaf_among_others_that_are_right(self) -> None:
        a, b, _, _, f = article()
        f.backward()
        a.grad = 7.0
        assert fits(a, f) == "set by hand"
        assert fits(b, f) == "agrees"

    def test_set_to_0_after_the_pass(self) -> None:
        a, _, _, _, f = article()
        f.backward()
        a.grad = 0.0
        assert fits(a, f) == "set by hand"

    def test_none(self) -> None:
        a, _, _, _, f = article()
        a.grad = None
        stored = sw.why(a, f).stored
        assert (stored.fits, stored.difference) == ("set by hand", None)

    def test_clipped(self) -> None:
        a, b, _, _, f = article()
        f.backward()
        for leaf in (a, b):
            leaf.grad *= 0.5
        assert fits(a, f) == "set by hand"
        assert "0.5 times −3" in sw.why(a, f).stored.sentence

    def test_an_inner_node_walked_by_hand(self) -> None:
        _, _, d, _, f = article()
        f.backward()
        f._backward()
        assert fits(d, f) == "set by hand"


class TestDataChanged:
    def test_after_the_pass(self) -> None:
        a, b, _, _, f = article()
        f.backward()
        a.data = -1.7
        answer = sw.why(b, f)
        assert answer.total == pytest.approx(-7.7)
        assert answer.stored.fits == "data changed"
        assert answer.stored.sentence.startswith("a is now −1.7, this graph was built with −2.")
        assert [(s.name, s.now, s.built) for s in answer.stored.stale] == [("a", -1.7, -2.0)]

    def test_said_even_where_the_gradient_is_the_same(self) -> None:
        a, _, _, _, f = article()
        f.backward()
        a.data = -1.7
        answer = sw.why(a, f)
        assert answer.stored.agrees
        assert "a is now −1.7, this graph was built with −2" in " ".join(str(answer).split())

    def test_passes_before_and_after(self) -> None:
        a, b, _, _, f = article()
        f.backward()
        a.data = -1.7
        f.backward()
        stored = sw.why(b, f).stored
        assert stored.fits == "data changed"
        assert "one pass with the older data and one pass with the data of now" in stored.sentence

    def test_a_power_and_a_function(self) -> None:
        x = Value(0.5)
        y = x**3 + x.tanh() + sw.exp(x)
        y.backward()
        x.data = 0.9
        assert fits(x, y) == "data changed"


class TestBrokenChains:
    def test_a_value_that_became_a_number(self) -> None:
        x = Value(0.5)
        n = x * 1.3 + 0.2
        o = Value(math.tanh(n.data))
        loss = (o - 1) ** 2
        reason = sw.why(x, loss).reason
        assert "loss does not depend on x" in reason
        assert "o, a leaf that holds 0.6911, just tanh of n" in reason
        assert "as in n.tanh()" in reason

    def test_a_number_taken_out(self) -> None:
        x = Value(0.5)
        n = x * 1.3
        y = Value(n.data) * 2
        assert "just the number of n" in sw.why(x, y).reason

    def test_a_parameter_that_was_replaced(self) -> None:
        w = Value(0.7)
        y = w * 3.3
        y.backward()
        w = w - 0.1 * w.grad
        reason = sw.why(w, y).reason
        assert "w was itself made from" in reason
        assert "assign to .data instead" in reason

    def test_another_of_the_same_name(self) -> None:
        w = Value(0.7, label="w")
        y = w * 3.3
        replaced = Value(0.63, label="w")
        assert "another Value that is called w, 0.7, not from this one, 0.63" in sw.why(replaced, y).reason

    def test_nothing_in_common(self) -> None:
        a, _, _, _, f = article()
        z = Value(1.0)
        assert sw.why(z, f).reason.endswith("What f does depend on: a, b.")
        assert sw.why(z, a).reason.endswith(
            "a is a leaf itself: it was made from a number, not computed from other Values."
        )


def test_asking_changes_nothing() -> None:
    a, b, d, e, f = article()
    penalty = a * a
    f.backward()
    penalty.backward()
    before = [(n.grad, n.data) for n in (a, b, d, e, f, penalty)]
    str(sw.why(a, f))
    assert before == [(n.grad, n.data) for n in (a, b, d, e, f, penalty)]
