"""`sw.why`: the sum over the paths, in words and in every format."""

import json
import math
import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.lecture import Value as LectureValue
from slopewise.nn import MLP
from slopewise.views.exact_sums import exact_sum


def article() -> Any:
    a, b = Value(-2.0, label="a"), Value(3.0, label="b")
    d, e = a * b, a + b
    d.label, e.label = "d", "e"
    f = d * e
    f.label = "f"
    return a, b, d, e, f


def small_net() -> Any:
    random.seed(4)
    net = MLP(2, [3, 2, 1])
    inputs = [[0.5, -1.0], [1.5, 0.3], [-0.7, 0.8], [0.1, 1.2]]
    losses = [(1 - y * net(x)).relu() for x, y in zip(inputs, [1, -1, 1, -1], strict=True)]
    loss = sw.mean(losses) + 1e-3 * sw.sum([p * p for p in net.parameters()])
    return net, loss


class TestGolden:
    def test_the_articles_graph(self, golden: Callable[..., None]) -> None:
        a, _, _, _, f = article()
        f.backward()
        golden("stories/why_article.txt", str(sw.why(a, f)), reason="two paths, read as a sum")

    def test_an_operand_used_twice(self, golden: Callable[..., None]) -> None:
        a = Value(3.0, label="a")
        y = a * a
        y.label = "y"
        y.backward()
        golden("stories/why_square.txt", str(sw.why(a, y)), reason="a · a has two paths, as left and as right factor")

    def test_a_neuron(self, golden: Callable[..., None]) -> None:
        x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
        w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
        b = Value(6.8813735870195432, label="b")
        n = x1 * w1 + x2 * w2 + b
        n.label = "n"
        o = n.tanh()
        o.label = "o"
        o.backward()
        texts = "\n\n".join(str(sw.why(leaf, o)) for leaf in (x1, w2))
        golden("stories/why_neuron.txt", texts, reason="one path through tanh; one that dies where the input is 0")

    def test_a_dead_relu(self, golden: Callable[..., None]) -> None:
        p, q = Value(-2.0, label="p"), Value(1.5, label="q")
        h = (p * q).relu()
        h.label = "h"
        loss = (h - 1) ** 2 + 0.1 * p * p
        loss.label = "loss"
        loss.backward()
        golden(
            "stories/why_dead_relu.txt", str(sw.why(p, loss)), reason="one of three paths dies at a relu that is off"
        )

    @pytest.mark.parametrize("by", ["layer", "sample", "neuron"])
    def test_a_net(self, golden: Callable[..., None], by: Any) -> None:
        net, loss = small_net()
        loss.backward()
        text = str(sw.why(net.layers[0].neurons[1].w[0], loss, by=by, most=3, model=net))
        golden(f"stories/why_net_by_{by}.txt", text, reason=f"a net's weight: the paths added up by {by}")

    def test_a_saturated_tanh(self, golden: Callable[..., None]) -> None:
        x = Value(6.0, label="x")
        o = (x * 3).tanh()
        o.label = "o"
        y = o * 5
        y.label = "y"
        y.backward()
        golden("stories/why_saturated.txt", str(sw.why(x, y)), reason="what makes a gradient small: a saturated tanh")

    def test_two_to_the_sixtieth_paths(self, golden: Callable[..., None]) -> None:
        x = y = Value(1.0, label="x")
        for _ in range(60):
            y = y + y
        y.label = "y"
        golden("stories/why_doublings.txt", str(sw.why(x, y, most=3)), reason="2⁶⁰ paths: counted, never listed")

    def test_latex_markdown_and_html(self, golden: Callable[..., None]) -> None:
        a, _, _, _, f = article()
        f.backward()
        answer = sw.why(a, f)
        golden("stories/why_article.md", answer.markdown(), reason="<!-- the answer as Markdown -->")
        golden("stories/why_article.tex", answer.latex(), reason="% the answer as LaTeX")


class TestReading:
    def test_through_the_nodes_that_differ(self) -> None:
        a, b, _, _, f = article()
        f.backward()
        assert sw.why(a, f).reading == "a.grad = −3 = −6 (through e) + 3 (through d)"
        assert sw.why(b, f).reading == "b.grad = −8 = −6 (through e) − 2 (through d)"

    def test_the_callers_variables_name_what_has_no_label(self) -> None:
        speed = Value(3.0)
        energy = speed * speed
        assert sw.why(speed, energy).reading == "∂energy/∂speed = 6 = 3 (as left factor) + 3 (as right factor)"

    def test_nodes_without_a_name_are_told_by_what_was_written(self) -> None:
        a, b = Value(-2.0), Value(3.0)
        y = (a * b) * (a + b)
        y.backward()
        assert sw.why(a, y).reading == "a.grad = −3 = −6 (through a + b) + 3 (through a · b)"

    def test_rounded_numbers_are_said_to_be(self) -> None:
        x = Value(0.7)
        y = x.tanh()
        y.backward()
        assert sw.why(x, y).reading == "x.grad ≈ 0.6347"

    def test_a_cube(self) -> None:
        a = Value(2.0)
        y = a * a * a
        ways = sw.why(a, y).ways
        assert sorted(ways) == ["directly", "through a · a, as left factor", "through a · a, as right factor"]

    def test_one_path_needs_no_way(self) -> None:
        x = Value(2.0)
        assert sw.why(x, x * 3).ways == [""]


class TestWords:
    def test_what_makes_it_negative(self) -> None:
        a, b = Value(2.0), Value(7.0)
        y = b - a
        assert "It is negative because of the minus before a." in str(sw.why(a, y))

    def test_two_negative_factors(self) -> None:
        a, b, c = Value(2.0), Value(-1.0), Value(-1.0)
        y = a * b * c
        assert "It is positive because two of its factors are negative" in str(sw.why(a, y))

    def test_shares_that_cancel(self) -> None:
        a = Value(2.0)
        y = a * 3 - a * 3
        assert "The shares cancel" in str(sw.why(a, y))

    def test_all_paths_dead(self) -> None:
        a = Value(-1.0)
        y = a.relu() + (a * 2).relu()
        text = " ".join(str(sw.why(a, y)).split())
        assert "No gradient comes down: both paths die" in text

    def test_a_zero_factor(self) -> None:
        a, b = Value(2.0), Value(0.0)
        y = a * b
        text = str(sw.why(a, y))
        assert "Its only path dies at the product y = a · b, where the other factor is b = 0." in text

    def test_saturated(self) -> None:
        a = Value(50.0)
        y = a.tanh() * 2
        assert "dies at the tanh of a, which is saturated: it gives 1" in " ".join(str(sw.why(a, y)).split())

    def test_not_chosen(self) -> None:
        a, b = Value(1.0), Value(2.0)
        y = sw.maximum(a, b)
        assert "which did not choose a" in str(sw.why(a, y))

    def test_infinite_and_nan(self) -> None:
        a = Value(0.0)
        y = sw.sqrt(a)
        assert "It is ∞ because of the slope of y = sqrt(a)" in str(sw.why(a, y))
        z = sw.sqrt(a * a)
        assert "∞ · 0 has no value" in " ".join(str(sw.why(a, z)).split())

    def test_the_root_itself(self) -> None:
        a = Value(2.0)
        a.backward()
        assert sw.why(a, a).total == 1
        assert "a is the root itself" in str(sw.why(a, a))

    def test_a_step_that_assigns(self) -> None:
        x = Value(0.7)
        s = Value(math.sin(x.data), (x,), "sin")

        def step() -> None:
            x.grad = math.cos(x.data) * s.grad

        s._backward = step
        y = s + x
        answer = sw.why(x, y)
        assert answer.handmade == (s,)
        assert "The paths add up to 1.765, but a pass gives 0.7648" in " ".join(str(answer).split())

    def test_a_step_that_forgets_its_upstream_gradient(self) -> None:
        x = Value(0.7)
        s = Value(math.sin(x.data), (x,), "sin")

        def step() -> None:
            x.grad += math.cos(x.data)

        s._backward = step
        y = s * 5
        assert "hands x 0.7648, whatever its own gradient is" in " ".join(str(sw.why(x, y)).split())


class TestOthersAndGroups:
    @pytest.mark.parametrize("by", ["layer", "sample", "neuron"])
    def test_groups_add_up_exactly(self, by: Any) -> None:
        net, loss = small_net()
        for parameter in net.parameters():
            answer = sw.why(parameter, loss, by=by, model=net)
            assert exact_sum([group.sum for group in answer.groups]) == answer.total
            assert sum(group.count for group in answer.groups) == answer.count
            for stage in answer.stages:
                assert exact_sum([group.sum for group in stage.groups]) == answer.total

    def test_samples_are_what_each_sample_gives_alone(self) -> None:
        random.seed(4)
        net = MLP(2, [3, 1])
        inputs = [[0.5, -1.0], [1.5, 0.3], [-0.7, 0.8]]
        losses = [(net(x) - 1) ** 2 for x in inputs]
        loss = sw.sum(losses)
        w = net.layers[0].neurons[0].w[0]
        alone = {i: sw.why(w, part).total for i, part in enumerate(losses)}
        groups = sw.why(w, loss, by="sample", model=net).groups
        assert {group.key: group.sum for group in groups} == pytest.approx(alone)

    def test_a_penalty_belongs_to_no_sample_and_no_layer(self) -> None:
        net, loss = small_net()
        w = net.layers[0].neurons[1].w[0]
        names = {group.name: group.sum for group in sw.why(w, loss, by="sample", model=net).groups}
        assert names["no one sample"] == pytest.approx(2e-3 * w.data)
        names = {group.name: group.sum for group in sw.why(w, loss, by="layer", model=net).groups}
        assert names["past all layers"] == pytest.approx(2e-3 * w.data)

    def test_all_of_thirty_are_listed_and_of_more_the_ten_largest(self) -> None:
        x = y = Value(1.5)
        for _ in range(4):
            y = y * x + y
        assert (len(sw.why(x, y).paths), sw.why(x, y).count) == (10, 31)
        z = sw.sum([x * k for k in range(30)])
        assert len(sw.why(x, z).paths) == 30

    def test_a_net_in_a_table_of_samples_and_neurons(self) -> None:
        net, loss = small_net()
        w = net.layers[0].neurons[1].w[0]
        answer = sw.why(w, loss, most=3, model=net)
        assert answer.ways[0] == "sample 0, through layers.2.neurons.0 → layers.1.neurons.0 → layers.0.neurons.1"
        assert answer.ways[1:] == ["outside the neurons, as left factor", "outside the neurons, as right factor"]

    def test_neurons_that_all_paths_pass_are_told_once(self) -> None:
        random.seed(4)
        net = MLP(2, [3, 1])
        y = net([0.5, -1.0]) + net([0.7, 1.0])
        answer = sw.why(net.layers[0].neurons[1].b, y, model=net)
        assert answer.ways == ["sample 0", "sample 1"]
        assert answer.common_neurons == ["layers.1.neurons.0", "layers.0.neurons.1"]


class TestFormats:
    def everything(self) -> Any:
        a, _, _, _, f = article()
        yield sw.why(a, f)
        c = Value(1 + 2j)
        yield sw.why(c, c * c + c)
        q = Value(Fraction(1, 3))
        yield sw.why(q, q * q * q)
        z = Value(0.0)
        yield sw.why(z, sw.sqrt(z * z))
        yield sw.why(z, Value(3.0) * 2)
        yield sw.why(z, z)
        net, loss = small_net()
        yield sw.why(net.layers[0].neurons[1].b, loss, by="layer", model=net)
        y = x = Value(3)
        for _ in range(4):
            y = y**8 * y
        yield sw.why(x, y)

    def test_each_can_be_written_in_each(self) -> None:
        for answer in self.everything():
            assert json.loads(json.dumps(answer.json(), allow_nan=False))["schema"] == "slopewise.why/1"
            assert answer.text(60) and answer.markdown() and answer.latex()
            assert answer.html() == answer._repr_html_()
            _title, *lines = answer.text(60).split("\n")
            assert all(len(line) <= 60 for line in lines)

    def test_json(self) -> None:
        a, _, _, _, f = article()
        f.backward()
        data = sw.why(a, f).json()
        assert (data["leaf"], data["root"], data["total"], data["count"]) == ("a", "f", -3.0, 2)
        assert data["paths"][0]["nodes"] == ["f", "e", "a"]
        assert data["paths"][0]["product"] == -6.0
        assert data["paths"][0]["way"] == "through e"
        assert data["paths"][0]["steps"][0] == {
            "node": "f", "operand": "e", "operation": "product", "role": "right factor", "factor": -6.0,
        }  # fmt: skip
        assert data["others"] == {"count": 0, "sum": 0}
        assert data["stored"]["fits"] == "agrees"

    def test_counts_beyond_json_are_texts(self) -> None:
        x = y = Value(1.0)
        for _ in range(60):
            y = y + y
        assert sw.why(x, y).json()["count"] == str(2**60)
        for _ in range(20_000):
            y = y + y * 1e-9
        assert sw.why(x, y, most=1).json()["count"] == hex(2**20_060)
        assert str(sw.why(x, y, most=1)).count("2²⁰⁰⁶⁰") >= 1

    def test_labels_hold_any_characters(self) -> None:
        x = Value(2.0, label="x\x1b[31m<b>$|_^%\n")
        y = x * 3
        y.label = "y & <script>"
        answer = sw.why(x, y)
        for text in (answer.text(), answer.markdown(), answer.latex(), answer.html(), json.dumps(answer.json())):
            assert "\x1b" not in text
        assert "<script>" not in answer.html()
        assert "<b>" not in answer.html()

    def test_a_lectures_value(self) -> None:
        x = LectureValue(2.0, label="x")
        y = x * x
        y.backward()
        answer = sw.why(x, y)
        assert answer.total == 4.0
        assert answer.stored.agrees


class TestLargeGraphs:
    def test_a_long_chain(self) -> None:
        x = y = Value(1.0)
        for _ in range(50_000):
            y = (y + 1.0) * 1.0
        answer = sw.why(x, y)
        assert answer.total == 1.0
        assert "… 99,996 more …" in answer.text()
