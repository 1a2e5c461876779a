"""Stories too long to tell step by step: what they tell, what they leave out, and that their parts are exact."""

import random

import slopewise as sw
from slopewise import Value
from slopewise.engine.value import was_written
from slopewise.nn import MLP
from slopewise.stories.arithmetic import agree
from slopewise.stories.story import Story


def net_and_loss(samples: int) -> tuple[MLP, Value]:
    random.seed(5)
    net = MLP(2, [4, 4, 1])
    points = [([random.uniform(-1, 1), random.uniform(-1, 1)], random.choice((-1, 1))) for _ in range(samples)]
    losses = [(1 - net(x) * y).relu() for x, y in points]
    return net, sw.mean(losses) + 1e-4 * sum(p * p for p in net.parameters())


def whole(loss: Value, net: MLP) -> Story:
    return sw.explain(loss, model=net, most=10**6)


def test_layers_neurons_and_counts() -> None:
    net, loss = net_and_loss(6)
    story = sw.explain(loss, model=net)
    text = story.text(200)
    operations = sum(1 for positions in story.layout.reading.operands if positions)
    assert f"was computed in {operations:,} operations, from 37 parameters in 3 layers and 6 samples" in text
    order = [text.index(f"\nlayers.{i} ") for i in (2, 1, 0)]
    assert order == sorted(order), "told from the end back"
    assert f"Left out: the single steps of {operations:,} operations" in text
    assert len(text.split("\n")) < 80
    assert repr(story).startswith("<Story of loss")


def test_the_parts_are_exact() -> None:
    net, loss = net_and_loss(3)
    full = {(id(s.node), s.place): s for s in whole(loss, net).steps}
    story = sw.explain(loss, model=net)
    seen = 0
    for place in ("layers.0", "layers.1.neurons.2", "layers.2", "rest"):
        for sample in (None, 0, 2):
            part = story.open(place, sample=sample)
            for step in part.steps:
                twin = full[id(step.node), step.place]
                assert step.contribution == twin.contribution
                if step.kind == "backward":
                    assert agree(step.before, twin.before, 1e-9), (place, sample, step)
                    assert agree(step.after, twin.after, 1e-9)
                seen += 1
            str(part)
    assert seen > 500


def test_layers_and_rest_make_up_the_whole() -> None:
    net, loss = net_and_loss(3)
    story = sw.explain(loss, model=net)
    backward = {(id(s.node), s.place) for s in whole(loss, net).steps if s.kind == "backward"}
    told = [
        (id(s.node), s.place)
        for place in ("layers.0", "layers.1", "layers.2", "rest")
        for s in story.open(place).steps
        if s.kind == "backward"
    ]
    assert sorted(told) == sorted(backward)


def test_a_layer_opens_to_neurons_and_a_neuron_to_samples() -> None:
    net, loss = net_and_loss(12)
    story = sw.explain(loss, model=net, most=40)
    assert "By neuron" in story.open("layers.1").text()
    assert "layers.1.neurons.3" in story.open("layers.1").text()
    neuron = story.open("layers.1.neurons.3")
    assert "By sample" in neuron.text()
    one = story.open("layers.1.neurons.3", sample=2)
    assert "w.0" in one.text()
    assert "those within layers.1.neurons.3" in one.text()
    assert "sample 2" in repr(one)


def test_a_node_opens_by_name_and_itself() -> None:
    net, loss = net_and_loss(4)
    story = sw.explain(loss, model=net)
    p = net.layers[0].neurons[1].w[1]
    by_name, itself = story.open("layers.0.neurons.1.w.1"), story.open(p)
    assert [s.formula for s in by_name] == [s.formula for s in itself]
    total = [s for s in itself if s.operand is p][-1].after
    loss.backward()
    assert agree(total, p.grad, 1e-12)
    assert len(story.steps_of(p)) == len(by_name.steps_of(p))


def test_a_dead_neuron_is_not_told_step_by_step() -> None:
    net, loss = net_and_loss(2)
    net.layers[0].neurons[0].b.data = -100.0
    net, loss = net, sw.mean([(1 - net(x)).relu() for x in ([0.5, 0.5], [1.0, -1.0])])
    text = sw.explain(loss, model=net).open("layers.0.neurons.0", sample=0).text()
    assert "relu is off" in text
    assert "more operations have the gradient 0, and so nothing to hand on" in text


def test_a_chain_is_told_by_its_ends() -> None:
    x = Value(1.0, label="x")
    y = x
    for _ in range(3000):
        y = y * 1.5 - 0.5
    y.label = "y"
    text = sw.explain(y).text()
    assert "was computed in 6,000 operations from 1 given Value" in text
    assert "5,992 operations between are left out" in text
    assert "x.grad += v" in text
    assert len(text.split("\n")) < 70


def test_state_is_said_of_long_stories_too() -> None:
    net, loss = net_and_loss(6)
    assert "backward() was not run on loss" in sw.explain(loss, model=net).text()
    loss.backward()
    loss.backward()
    p = net.layers[0].neurons[0].w[0]
    assert "not run" not in sw.explain(loss, model=net).text()
    assert "hold other passes too" in " ".join(sw.explain(loss, model=net).text().split())
    p.data += 1.0
    assert "So the graph is stale" in sw.explain(loss, model=net).text()


def test_nothing_is_touched() -> None:
    net, loss = net_and_loss(6)
    story = sw.explain(loss, model=net)
    str(story), str(story.open("layers.0")), str(story.open(sample=1))
    assert all(p.grad == 0 and not was_written(p) for p in net.parameters())


def test_a_wide_sum_is_short() -> None:
    xs = [Value(float(i), label=f"x{i}") for i in range(6000)]
    total = sw.sum(xs)
    text = sw.explain(total).text()
    assert len(text.split("\n")) < 80
    mean = sw.mean(xs[:500])
    text = sw.explain(mean).text()
    assert "… and 497 more operands" in text


def test_no_recursion_on_deep_chains() -> None:
    x = Value(1.0, label="x")
    y = x
    for _ in range(50_000):
        y = y + 1.0
    assert "left out" in sw.explain(y).text()
    assert len(sw.explain(y, most=5).open("x")) == 2
