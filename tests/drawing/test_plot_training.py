"""Plots of training: losses, histograms, boundaries and loss surfaces, and that a model is left as it was."""

import math
import random
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.errors import DomainError, NumberError, ShapeError
from slopewise.nn import MLP, Module, Neuron

pytest.importorskip("matplotlib")

from slopewise.drawing import new_axes, new_row
from slopewise.drawing.directions import dot, random_plane
from slopewise.drawing.model_parameters import layer_of, neuron_of, parameters_of


def texts(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


# ---------------------------------------------------------------------- the recorder
def test_path_keeps_numbers_and_not_values() -> None:
    net = Neuron(2, init=1.0)
    path = sw.TrainingPath(net)
    path.record(Value(3.0), 0.5)
    net.w[0].data = 9.0
    path(2.0, accuracy=1.0)
    assert path.snapshots == ((1.0, 1.0, 0.0), (9.0, 1.0, 0.0))
    assert (path.losses, path.accuracies, path.steps, len(path)) == ((3.0, 2.0), (0.5, 1.0), (0, 1), 2)


@pytest.mark.parametrize(("count", "kept"), [(1, (0,)), (2, (0, 1)), (4, (0, 3)), (5, (0, 3, 4)), (7, (0, 3, 6))])
def test_path_that_thins_out_keeps_the_last(count: int, kept: tuple[int, ...]) -> None:
    path = sw.TrainingPath([Value(1.0)], every=3)
    for _ in range(count):
        path.record()
    assert path.steps == kept


def test_loss_given_at_one_step_only_is_refused() -> None:
    path = sw.TrainingPath([Value(1.0)])
    path.record(1.0)
    with pytest.raises(ShapeError, match="no loss at step 1, and one at the first"):
        path.record()


# ---------------------------------------------------------------------- loss and accuracy
def test_training_path_is_a_run() -> None:
    path = sw.TrainingPath([Value(1.0)])
    for loss, accuracy in ((1.0, 0.5), (0.5, 1.0)):
        path.record(loss, accuracy)
    ax: Any = sw.plot_training(path, ax=new_axes())
    assert list(ax.lines[0].get_ydata()) == [1.0, 0.5]
    assert list(ax.figure.axes[1].lines[0].get_ydata()) == [50.0, 100.0]


def test_losses_that_are_not_finite_are_said() -> None:
    ax: Any = sw.plot_training([1.0, 0.5, math.nan, math.inf], ax=new_axes())
    assert texts(ax) == ["loss", "not finite at 2 of 4 steps, first at 2"]
    assert ax.get_yscale() == "log"


def test_negative_losses_get_a_plain_scale() -> None:
    assert sw.plot_training([1.0, -1.0], ax=new_axes()).get_yscale() == "linear"


# ---------------------------------------------------------------------- names
class Own:
    """A net that knows nothing of Module."""

    def __init__(self) -> None:
        self.hidden = [Neuron(2, init=0.1) for _ in range(2)]
        self.gain = Value(2.0)

    def parameters(self) -> list[Any]:
        return [p for n in self.hidden for p in n.parameters()] + [self.gain]

    def __call__(self, x: Any) -> Any:
        return self.gain * sum(n(x) for n in self.hidden)


def test_any_model_gives_names_layers_and_neurons() -> None:
    names = [name for name, _ in parameters_of(Own(), "f()")]
    assert names[0] == "hidden.0.w.0"
    assert [layer_of(name) for name in (names[0], names[-1])] == ["hidden.0", "gain"]
    assert neuron_of(names[0]) == neuron_of(names[2]) == "hidden.0"
    state = {"wte": [[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]], "head": [[Value(0.0)]]}
    assert [name for name, _ in parameters_of(state, "f()")] == ["wte.0.0", "wte.0.1", "wte.1.0", "wte.1.1", "head.0.0"]
    assert [name for name, _ in parameters_of([Value(1.0, label="a"), Value(2.0)], "f()")] == ["a", "parameters.1"]


# ---------------------------------------------------------------------- histograms
def test_each_layer_has_a_row_and_not_run_is_said() -> None:
    net = MLP(2, [3, 1], rng=1)
    left, right = sw.plot_histograms(net, ax=new_row(2))
    assert [text.get_text() for text in left.get_yticklabels()] == ["layers.0", "layers.1"]
    assert [text.get_text() for text in right.texts] == ["not run", "not run"]
    net([1.0, 2.0]).backward()
    right = sw.plot_gradients(net, ax=new_axes())
    assert right.texts[1].get_text().startswith("4 numbers")


def test_counts_of_a_histogram_are_those_of_the_numbers() -> None:
    ax: Any = sw.plot_weights([Value(x) for x in (0.0, 0.1, 1.0)], bins=2, ax=new_axes())
    values, edges, base = ax.patches[0].get_data()
    assert [round((v - base) / 0.68, 6) for v in values] == [1.0, 0.5]
    assert list(edges) == [0.0, 0.5, 1.0]


def test_gradients_that_vanish_or_are_not_finite_are_counted() -> None:
    ps = [Value(1.0) for _ in range(4)]
    for p, g in zip(ps, (0.0, 1e-8, math.nan, 2.0)):
        p.grad = g
    ax: Any = sw.plot_gradients(ps, logarithmic=True, ax=new_axes())
    assert ax.texts[0].get_text().startswith("4 numbers · 1 not finite · 1 is 0 · mean")
    for p in ps:
        p.grad = 0.0
    ax = sw.plot_gradients(ps, ax=new_axes())
    assert ax.texts[0].get_text() == "4 numbers · all 0"


# ---------------------------------------------------------------------- boundaries
def test_labels_of_every_kind() -> None:
    points = [(0, 0), (1, 1), (2, 0)]
    first = lambda p: p[0] - 0.5
    for labels, expected in (
        ([0, 1, 1], ["label 0", "label 1", "score 0"]),
        ([False, True, True], ["label 0", "label 1", "score 0"]),
        (["no", "yes", "yes"], ["no", "yes", "score 0"]),
        ([1, 2, 2], ["label 1", "label 2", "score 0"]),
        ([Value(-1), Value(1), Value(1)], ["label −1", "label 1", "score 0"]),
    ):
        assert texts(sw.plot_boundary(first, points, labels, cells=3, ax=new_axes())) == expected
    ax = sw.plot_boundary(first, points, [0, 1, 1], names=["cat", "dog"], cells=3, ax=new_axes())
    assert texts(ax)[:2] == ["cat", "dog"]


def test_several_scores_choose_the_largest() -> None:
    score = lambda p: [p[0], p[1], -p[0] - p[1]]
    ax = sw.plot_boundary(score, [(1, 0), (0, 1), (-1, -1)], [0, 1, 2], cells=5, ax=new_axes())
    assert texts(ax) == ["label 0", "label 1", "label 2", "boundary"]
    ax = sw.plot_boundary(score, [(1, 0), (-1, -1)], [0, 2], cells=5, ax=new_axes())
    assert texts(ax) == ["label 0", "label 2", "boundary"], "a label that is not among the points keeps its score"


def test_numpy_arrays_are_points_and_labels() -> None:
    np = pytest.importorskip("numpy")
    sw.plot_boundary(
        lambda p: p[0] - p[1], np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([0, 1]), cells=3, ax=new_axes()
    )


# ---------------------------------------------------------------------- loss surfaces
def line_loss(w: Value, b: Value) -> Any:
    return lambda: (w * 1.0 + b - 1.0) ** 2 + (w * 2.0 + b - 3.0) ** 2


def test_surface_is_the_loss_and_the_path_lies_on_its_numbers() -> None:
    w, b = Value(0.0, label="w"), Value(2, label="b")
    path = [(3.0, -1.0), (1.0, 0.5)]
    ax: Any = sw.plot_loss_surface(line_loss(w, b), [w, b], over=(w, b), path=path, cells=3, ax=new_axes())
    assert [tuple(map(float, p)) for p in ax.lines[0].get_xydata()] == path
    assert texts(ax) == ["start: w = 3, b = −1", "after 1 step: w = 1, b = 0.5"]


def test_parameters_may_be_given_as_values_names_and_positions() -> None:
    net = MLP(2, [2, 1], rng=1)
    loss = lambda: net([1.0, -1.0]) ** 2
    for over in ((net.layers[0].neurons[0].b, "layers.1.neurons.0.b"), (2, -1)):
        ax: Any = sw.plot_loss_surface(loss, net, over=over, cells=2, ax=new_axes())
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("layers.0.neurons.0.b", "layers.1.neurons.0.b")


class SurfaceError(Exception):
    """Raised in the middle of a surface."""


@pytest.mark.parametrize("error", [SurfaceError, KeyboardInterrupt, ZeroDivisionError])
def test_parameters_are_put_back_exactly_whatever_happens(error: type[BaseException]) -> None:
    net = MLP(2, [3, 1], rng=1)
    net([1.0, 2.0]).backward()
    before = [(p.data, type(p.data), p.grad) for p in net.parameters()]
    calls = []

    def loss() -> Any:
        calls.append(1)
        if len(calls) == 5:
            raise error
        return net([1.0, 2.0]) ** 2

    if error is ZeroDivisionError:  # a place where arithmetic fails is a hole
        sw.plot_loss_surface(loss, net, cells=3, ax=new_axes())
    else:
        with pytest.raises(error):
            sw.plot_loss_surface(loss, net, cells=3, ax=new_axes())
    assert [(p.data, type(p.data), p.grad) for p in net.parameters()] == before


def test_random_directions_have_each_neurons_own_size_and_repeat() -> None:
    net = MLP(2, [3, 1], rng=1)
    named = parameters_of(net, "f()")
    centre = tuple(float(p.data) for _, p in named)
    plane = random_plane(named, centre, seed=3, normalise="neuron", where="f()")
    assert plane == random_plane(named, centre, seed=3, normalise="neuron", where="f()")
    assert plane != random_plane(named, centre, seed=4, normalise="neuron", where="f()")
    for neuron in {neuron_of(name) for name, _ in named}:
        mine = [k for k, (name, _) in enumerate(named) if neuron_of(name) == neuron]
        own = math.hypot(*(centre[k] for k in mine))
        assert math.hypot(*(plane.first[k] for k in mine)) == pytest.approx(own)
        assert math.hypot(*(plane.second[k] for k in mine)) == pytest.approx(own)
    free = random_plane(named, centre, seed=3, normalise="none", where="f()")
    assert dot(free.first, free.first) == pytest.approx(1.0)
    assert dot(free.first, free.second) == pytest.approx(0.0, abs=1e-12)


def test_random_state_of_the_user_is_left_alone() -> None:
    random.seed(1)
    expected = random.random()
    random.seed(1)
    net = MLP(2, [2, 1], rng=1)
    sw.plot_loss_surface(lambda: net([1.0, 2.0]) ** 2, net, cells=2, ax=new_axes())
    assert random.random() == expected


def test_plane_of_a_path_holds_the_path() -> None:
    ps = [Value(0.0) for _ in range(4)]
    path = [(2.0, 1.0, 0.0, 0.0), (1.0, 1.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0)]
    loss = lambda: sum(p * p for p in ps)
    ax: Any = sw.plot_loss_surface(loss, ps, over="path", path=path, cells=3, ax=new_axes())
    ends = [tuple(map(float, p)) for p in ax.lines[0].get_xydata()]
    assert math.hypot(*ends[0]) == pytest.approx(math.sqrt(5)), "distances in the plane are distances"
    assert ends[-1] == pytest.approx((0.0, 0.0))


def test_watching_a_loop_does_not_see_a_surface() -> None:
    from slopewise.engine.journal import close_journal, open_journal

    w, b = Value(0.0), Value(2)
    events: list[Any] = []
    open_journal(events)
    try:
        sw.plot_loss_surface(line_loss(w, b), [w, b], cells=2, ax=new_axes())
    finally:
        close_journal(events)
    assert events == []


# ---------------------------------------------------------------------- what is refused
W = Value(1.0, label="w")
PAIR = [W, Value(2.0, label="b")]
TWO = [(0, 1), (1, 0)]


@pytest.mark.parametrize(
    ("draw", "error", "words"),
    [
        (lambda: sw.plot_training([math.nan]), DomainError, "no loss is finite"),
        (lambda: sw.plot_training([1.0], [87.0]), DomainError, "divide percentages by 100"),
        (lambda: sw.plot_training(["a"]), NumberError, r"losses\[0\] is 'a'"),
        (lambda: sw.plot_training(3.0), NumberError, "a sequence is needed"),  # type: ignore[arg-type]
        (lambda: sw.plot_sequences([1, 2]), NumberError, "runs by name"),  # type: ignore[arg-type]
        (lambda: sw.plot_weights(MLP), NumberError, "the class MLP"),
        (lambda: sw.plot_weights(3.0), NumberError, "got a float"),
        (lambda: sw.plot_weights([1.0, 2.0]), NumberError, "not a slopewise Value"),
        (lambda: sw.plot_weights(Module()), DomainError, "without any parameter"),
        (lambda: sw.plot_weights(PAIR, bins=1), DomainError, "bins >= 2"),
        (lambda: sw.plot_histograms(PAIR, ax=[new_axes()]), ShapeError, "two axes, got 1"),
        (lambda: sw.plot_boundary(3, TWO, [0, 1]), NumberError, "needs a function"),  # type: ignore[arg-type]
        (lambda: sw.plot_boundary(lambda p: p[0], [], []), DomainError, "there are none"),
        (lambda: sw.plot_boundary(lambda p: p[0], [(0, math.nan)], [1]), DomainError, "leave the point out"),
        (lambda: sw.plot_boundary(lambda p: p[0], [1, 2], [0, 1]), ShapeError, "a pair of numbers is needed"),  # type: ignore[list-item]
        (lambda: sw.plot_boundary(lambda p: p[0], [*TWO, (2, 2)], [0, 1, 2]), ShapeError, "one score tells 2 labels"),
        (lambda: sw.plot_boundary(lambda p: p[0], TWO, ["a", 1]), DomainError, "numbers or words"),
        (lambda: sw.plot_boundary(lambda p: p[0], TWO, [0, 1], names=["a"]), ShapeError, "one name for each"),
        (lambda: sw.plot_boundary(lambda p: "a", TWO, [0, 1]), NumberError, "the score at"),
        (lambda: sw.plot_loss_surface(3.0, PAIR), NumberError, "needs a function"),  # type: ignore[arg-type]
        (lambda: sw.plot_loss_surface(lambda: W * W, [W]), DomainError, "two parameters at least"),
        (lambda: sw.plot_loss_surface(lambda: W * W, PAIR, over=("w", "c")), DomainError, "no parameter is called 'c'"),
        (lambda: sw.plot_loss_surface(lambda: W * W, PAIR, over=(W, W)), DomainError, "names w twice"),
        (lambda: sw.plot_loss_surface(lambda: W * W, PAIR, over=(0, 9)), DomainError, "over=9 is out of range"),
        (lambda: sw.plot_loss_surface(lambda: W * W, PAIR, over=(W,)), ShapeError, "needs two parameters, got 1"),
        (lambda: sw.plot_loss_surface(lambda: W * W, PAIR, over=(W, Value(1.0))), DomainError, "not among the 2"),
        (lambda: sw.plot_loss_surface(lambda: W * W, PAIR, over="path"), DomainError, "needs a path"),
        (lambda: sw.plot_loss_surface(lambda: W * W, PAIR, over="axes"), DomainError, "'path' or None"),
        (lambda: sw.plot_loss_surface(lambda: W * W, PAIR, over="path", path=[(1, 2)]), DomainError, "spans no plane"),
        (lambda: sw.plot_loss_surface(lambda: W * W, PAIR, path=[]), DomainError, "the path is empty"),
        (lambda: sw.plot_loss_surface(lambda: W * W, PAIR, path=[(1,)]), ShapeError, "1 numbers, and there are 2"),
        (lambda: sw.plot_loss_surface(lambda: W * W, PAIR, path=[(1, math.nan)]), DomainError, r"path\[0\]\[1\] is nan"),
        (lambda: sw.plot_loss_surface(lambda: W * W, PAIR, normalise="neurn"), DomainError, "did you mean 'neuron'"),
        (lambda: sw.plot_loss_surface(lambda: W * W, PAIR, cells=1), DomainError, "cells >= 2"),
        (lambda: sw.plot_loss_surface(lambda: (W, 0.5), PAIR, cells=2), NumberError, "return the loss alone"),
        (lambda: sw.plot_loss_surface(lambda: None, PAIR, cells=2), NumberError, "the loss is None"),
        (lambda: sw.plot_loss_surface(lambda: math.nan, PAIR, cells=2), DomainError, "finite nowhere"),
        (lambda: sw.plot_loss_surface(lambda: W, PAIR, between=3), DomainError, "two ranges"),  # type: ignore[arg-type]
        (lambda: sw.TrainingPath([]), DomainError, "without any parameter"),
        (lambda: sw.TrainingPath(PAIR, every=0), DomainError, "at least 1"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_said(draw: Any, error: type[Exception], words: str) -> None:
    import matplotlib.pyplot as plt

    before, data = plt.get_fignums(), W.data
    with pytest.raises(error, match=words):
        draw()
    assert plt.get_fignums() == before
    assert W.data == data
