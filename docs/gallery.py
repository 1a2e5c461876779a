"""Draw every kind of picture and animation that slopewise makes, and put them on one page.

    make gallery                     # into gallery-out/
    python docs/gallery.py FOLDER    # into a folder of your choice

Each entry is a function: what its `return` says is the line of code under the picture, so page and code cannot part.
"""

import ast
import functools
import html
import inspect
import pathlib
import random
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import slopewise as sw
from slopewise.data import diabetes, moons
from slopewise.drawing import Animation, new_axes, new_row, save_picture
from slopewise.nn import MLP
from slopewise.training import hinge_loss

FOLDER = pathlib.Path("gallery-out")


@dataclass(frozen=True, slots=True)
class Entry:
    """One picture of the gallery."""

    section: str
    title: str
    caption: str
    alt: str
    make: Callable[[], Any]
    suffix: str

    @property
    def file(self) -> str:
        """The picture's file name."""
        return f"{self.make.__name__.replace('_', '-')}{self.suffix}"

    @property
    def code(self) -> str:
        """The expression that the entry's function returns, without what only the gallery needs."""
        tree = ast.parse(textwrap.dedent(inspect.getsource(self.make)))
        [returned] = [node.value for node in ast.walk(tree) if isinstance(node, ast.Return) and node.value]
        if isinstance(returned, ast.Call):
            returned.keywords = [word for word in returned.keywords if word.arg != "ax"]
        return ast.unparse(returned)

    @property
    def preparation(self) -> str:
        """The statements before the return, the docstring left out."""
        tree = ast.parse(textwrap.dedent(inspect.getsource(self.make)))
        [function] = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        kept = [line for line in function.body if not isinstance(line, (ast.Return, ast.Expr))]
        return "\n".join(ast.unparse(line) for line in kept)


ENTRIES: list[Entry] = []


def entry(section: str, title: str, caption: str, alt: str, suffix: str = ".png") -> Callable[[Any], Any]:
    """Add a function to the gallery."""

    def add(make: Callable[[], Any]) -> Callable[[], Any]:
        ENTRIES.append(Entry(section, title, caption, alt, make, suffix))
        return make

    return add


def parabola(x: Any) -> Any:
    """3x² − 4x + 5, the lecture's first function."""
    return 3 * x**2 - 4 * x + 5


def valley(x: Any, y: Any) -> Any:
    """A long valley, steep across."""
    return x**2 + 6 * y**2


def article() -> Any:
    """The graph f = (a · b) · (a + b) at a = −2 and b = 3, with its gradients."""
    a, b = sw.Value(-2.0, label="a"), sw.Value(3.0, label="b")
    d, e = a * b, a + b
    d.label, e.label = "d", "e"
    f = d * e
    f.label = "f"
    f.backward()
    return f


class Run(NamedTuple):
    """A net, the points that it was trained on, their labels, and the path of the training."""

    net: MLP
    points: list[Any]
    labels: list[float]
    path: sw.TrainingPath


@functools.cache
def trained() -> Run:
    """A net after 60 steps on two half moons."""
    table = moons()
    points, labels = table.points("x", "y"), list(table.column("label"))
    random.seed(1337)
    net = MLP(2, [8, 8, 1])
    path = sw.TrainingPath(net)
    for step in range(60):
        loss, accuracy = hinge_loss(net, points, labels)
        path.record(loss, accuracy)
        net.zero_grad()
        loss.backward()
        for p in net.parameters():
            p.data -= (0.8 - 0.7 * step / 60) * p.grad
    return Run(net, points, labels, path)


SHARED: tuple[Any, ...] = (parabola, valley, article, Run, trained)


# ---------------------------------------------------------------------------------------------------- functions
@entry(
    "Functions",
    "A tangent and a secant",
    "The tangent's slope comes from backward(), the secant's from two points of the curve.",
    "The parabola 3x² − 4x + 5 with a dashed tangent of slope 14 at 3, a level tangent at its lowest point and a "
    "dotted secant from 0 to 2.",
)
def tangent() -> Any:
    return sw.plot_function(parabola, tangents=[3.0, 2 / 3], secants=(0, 2), ax=new_axes())


@entry(
    "Functions",
    "A function with poles",
    "The curve is not drawn through a pole, and the picture is not squeezed by it.",
    "The branches of 1/x with a tangent of slope −4 at one half.",
)
def poles() -> Any:
    return sw.plot_function(lambda x: 1 / x, tangents=0.5, secants=(1, 3), ylabel="1/x", ax=new_axes())


@entry(
    "Functions",
    "Error against step size",
    "Truncation falls with h, rounding grows: between them lies the best step.",
    "Two V-shaped curves on logarithmic scales: the error of the forward and the central difference over the step h.",
)
def step_sizes() -> Any:
    return sw.plot_step_sizes(sw.step_size_study(sw.tanh, 0.7), ax=new_axes())


# ---------------------------------------------------------------------------------------------------- downhill
@entry(
    "Downhill",
    "A walk on its curve",
    "At rate 0.3 the walk overshoots, and still arrives.",
    "A walk that jumps from side to side of the parabola and settles at x = 0.6667.",
)
def descent_on_a_curve() -> Any:
    return sw.plot_descent(parabola, sw.descend(parabola, 3.0, lr=0.3), ylabel="f(x)", ax=new_axes())


@entry(
    "Downhill",
    "A walk over contours",
    "Steep across, flat along: the walk zigzags down the valley.",
    "Elliptic contours, dark where the ground is high; a zigzag path leads from (2, 1) to the middle.",
)
def descent_over_contours() -> Any:
    return sw.plot_descent(valley, sw.descend(valley, (2.0, 1.0), lr=0.15), ax=new_axes(height=4.8))


@entry(
    "Downhill",
    "The walk, step by step",
    "The tangent at each point, the move against the slope, and both in words.",
    "An animation: a ball on the parabola stops at each point with its tangent and moves on, from side to side, to the "
    "lowest point.",
    ".gif",
)
def moving_descent() -> Any:
    return sw.animate_descent(parabola, sw.descend(parabola, 3.0, lr=0.3, steps=12), ylabel="f(x)")


@entry(
    "Downhill",
    "The same in two dimensions",
    "The dashed line points against the gradient; the step goes along it.",
    "An animation: a ball walks in zigzag over elliptic contours to the lowest point.",
    ".gif",
)
def moving_descent_over_contours() -> Any:
    return sw.animate_descent(valley, sw.descend(valley, (2.0, 1.0), lr=0.15, steps=14))


# ---------------------------------------------------------------------------------------------------- fits
@entry(
    "Fits",
    "Least squares, seen",
    "Each residual is the side of a square; the line is the one whose squares have the least area together.",
    "Fourteen points and the line through them; from the line to each point stands a pale blue square.",
)
def regression_squares() -> Any:
    rng = random.Random(3)
    x = [rng.uniform(0, 10) for _ in range(14)]
    y = [2 + 0.8 * place + rng.gauss(0, 1.2) for place in x]
    return sw.plot_regression(x, y, ax=new_axes(height=4.8))


@entry(
    "Fits",
    "Real data",
    "With many points, residuals are lines.",
    "442 points, progression of a disease over body-mass index, with a rising line and thin vertical residuals.",
)
def regression_lines() -> Any:
    table = diabetes()
    x, y = table.column("bmi"), table.column("progression")
    return sw.plot_regression(x, y, xlabel="body-mass index", ylabel="progression", ax=new_axes(height=4.8))


# ---------------------------------------------------------------------------------------------------- training
@entry(
    "Training",
    "Loss and accuracy",
    "One call on what a TrainingPath recorded.",
    "The loss falls over 60 steps on a logarithmic scale, the accuracy rises towards 100 %.",
)
def training() -> Any:
    run = trained()
    return sw.plot_training(run.path, ax=new_axes())


@entry(
    "Training",
    "Runs side by side",
    "Colour, dash and marker tell the runs apart.",
    "Three walks on the parabola at rates 0.05, 0.15 and 0.3: the first creeps, the last swings, all reach 0.6667.",
)
def sequences() -> Any:
    runs = {f"rate {lr}": sw.descend(parabola, 3.0, lr=lr, steps=20).points for lr in (0.05, 0.15, 0.3)}
    return sw.plot_sequences(runs, ylabel="x", ax=new_axes())


@entry(
    "Training",
    "Weights and gradients, layer by layer",
    "On a logarithmic scale, vanishing and exploding gradients show as rows that shift.",
    "Three rows of histograms, one per layer: the weights at the left, the sizes of the gradients at the right.",
)
def histograms() -> Any:
    run = trained()
    return sw.plot_histograms(run.net, logarithmic=True, ax=new_row(2, width=10, height=3.4))


# ---------------------------------------------------------------------------------------------------- regions
@entry(
    "Regions",
    "A decision boundary",
    "What the net says about every place of the plane, and the points that it learned from.",
    "Two half moons of points, orange squares and blue circles, on an orange and a blue region; a curve parts them.",
)
def boundary() -> Any:
    run = trained()
    return sw.plot_boundary(run.net, run.points, run.labels, ax=new_axes(height=4.8))


@entry(
    "Regions",
    "Several labels",
    "A net with several outputs chooses the largest.",
    "Four coloured regions that meet in straight lines, each with its own kind of marker.",
)
def boundary_of_four() -> Any:
    rng = random.Random(5)
    middles = [(0.0, 0.0), (2.0, 1.5), (-0.5, 2.5), (2.5, -1.5)]
    points = [(rng.gauss(x, 0.5), rng.gauss(y, 0.5)) for x, y in middles for _ in range(18)]
    labels = [word for word in ("ant", "bee", "cat", "dog") for _ in range(18)]
    score = lambda p: [-((p[0] - x) ** 2) - (p[1] - y) ** 2 for x, y in middles]
    return sw.plot_boundary(score, points, labels, ax=new_axes(height=4.8))


@entry(
    "Regions",
    "The boundary while training",
    "Each snapshot of the training is put into the net and asked about the plane.",
    "An animation: the boundary between two half moons bends from a straight line to a curve that parts them.",
    ".gif",
)
def moving_boundary() -> Any:
    run = trained()
    return sw.animate_boundary(run.net, run.points, run.labels, run.path)


# ---------------------------------------------------------------------------------------------------- surfaces
@entry(
    "Loss surfaces",
    "Over two parameters",
    "The other parameters, if there are any, stay as they are.",
    "An oval bowl of contours over w and b, with a path that zigzags down into it.",
)
def loss_over_two_parameters() -> Any:
    w, b = sw.Value(-1.0, label="w"), sw.Value(3.0, label="b")
    data = [(0.0, 1.0), (1.0, 3.0), (2.0, 4.5), (3.0, 7.5)]
    loss: Any = lambda: sw.mean([(w * x + b - y) ** 2 for x, y in data])
    path = sw.TrainingPath([w, b])
    for _ in range(40):
        path.record()
        w.grad = b.grad = 0
        loss().backward()
        w.data, b.data = w.data - 0.12 * w.grad, b.data - 0.12 * b.grad
    return sw.plot_loss_surface(loss, [w, b], over=(w, b), path=path, cells=41, ax=new_axes(height=4.8))


@entry(
    "Loss surfaces",
    "Around a trained net",
    "Two random directions through all 105 parameters, scaled neuron by neuron to the size of its weights.",
    "Contours around a basin, with a cross in the middle where the trained parameters stand.",
)
def loss_in_random_directions() -> Any:
    run = trained()
    loss = lambda: hinge_loss(run.net, run.points, run.labels)[0]
    return sw.plot_loss_surface(loss, run.net, seed=1, ax=new_axes(height=4.8))


@entry(
    "Loss surfaces",
    "The path of a training",
    "The plane in which the path moves most, and the path's shadow on it.",
    "Contours with a path of 60 points that leads from a slope into a basin.",
)
def loss_along_the_path() -> Any:
    run = trained()
    loss = lambda: hinge_loss(run.net, run.points, run.labels)[0]
    return sw.plot_loss_surface(loss, run.net, over="path", path=run.path, ax=new_axes(height=4.8))


# ---------------------------------------------------------------------------------------------------- graphs
@entry(
    "Graphs",
    "A graph",
    "Name, value and gradient in each box; on the edges, local derivative and contribution.",
    "The graph of f = (a · b) · (a + b) at a = −2 and b = 3, with gradients −3 and −8.",
    ".svg",
)
def graph() -> Any:
    return sw.draw(article(), local=True, contributions=True)


@entry(
    "Graphs",
    "As in the lecture",
    "Records for numbers, circles for operations.",
    "The same graph as records of label, data and grad, with circles for times and plus.",
    ".svg",
)
def graph_of_the_lecture() -> Any:
    return sw.draw(article(), look="lecture")


@entry(
    "Graphs",
    "Dark",
    "For slides on black.",
    "The same graph on a dark ground.",
    ".svg",
)
def graph_dark() -> Any:
    return sw.draw(article(), local=True, contributions=True, theme="dark")


@entry(
    "Graphs",
    "A path of why",
    "One of the two ways from f to a.",
    "The same graph; the path from f over e to a is marked in yellow.",
    ".svg",
)
def graph_with_a_path() -> Any:
    f = article()
    a = f._prev[0]._prev[0]
    return sw.draw(f, highlight=sw.why(a, f).paths[0], contributions=True)


@entry(
    "Graphs",
    "A net, folded by neuron",
    "A score of MLP(2, [4, 4, 1]): each neuron is one box.",
    "A box for each neuron of three layers, joined by coloured edges.",
    ".svg",
)
def graph_folded() -> Any:
    net = MLP(2, [4, 4, 1], rng=7)
    score = net([1.0, -2.0])
    score.backward()
    return sw.draw(score, fold="neuron", model=net)


@entry(
    "Graphs",
    "A net",
    "Circles and lines, with weights and gradients on the lines.",
    "The net MLP(2, [4, 1]) as columns of circles, the lines between them labelled.",
    ".svg",
)
def net() -> Any:
    net = MLP(2, [4, 1], rng=7)
    net([1.0, -2.0]).backward()
    return sw.draw(net)


@entry(
    "Graphs",
    "Backpropagation",
    "Numbers fill in going forward, gradients going back: local derivative × upstream gradient on each edge.",
    "An animation of the graph f = (a · b) · (a + b): boxes light up from left to right, then edges back.",
    ".gif",
)
def moving_graph() -> Any:
    return sw.animate_backpropagation(article())


@entry(
    "Graphs",
    "Backpropagation through a neuron",
    "The lecture's neuron, with tanh.",
    "An animation of tanh(x1 · w1 + x2 · w2 + b): forward to 0.7071, then backward to the five gradients.",
    ".gif",
)
def moving_neuron() -> Any:
    x1, x2 = sw.Value(2.0, label="x1"), sw.Value(0.0, label="x2")
    w1, w2 = sw.Value(-3.0, label="w1"), sw.Value(1.0, label="w2")
    b = sw.Value(6.8813735870195432, label="b")
    o = sw.tanh(x1 * w1 + x2 * w2 + b)
    return sw.animate_backpropagation(o)


# ---------------------------------------------------------------------------------------------------- the page
STYLE = """
:root { color-scheme: light; }
body { margin: 0 auto; max-width: 1080px; padding: 2rem 1.25rem; background: #fff; color: #1b1f24;
       font: 17px/1.5 system-ui, sans-serif; }
h1 { margin: 0 0 .25rem; } h2 { margin: 3rem 0 1rem; border-bottom: 1px solid #d0d7de; }
nav a { margin-right: 1rem; } a { color: #0067a3; }
figure { margin: 0 0 2.5rem; }
figure img { max-width: 100%; height: auto; display: block; border: 1px solid #e3e8ee; }
figcaption { margin: .6rem 0 .4rem; } figcaption strong { display: block; }
pre { margin: 0; padding: .6rem .8rem; background: #f3f6fa; overflow-x: auto; font: 14px/1.5 ui-monospace, monospace; }
summary { cursor: pointer; color: #57606a; font-size: 15px; } details { margin-top: .4rem; }
"""


def write(folder: pathlib.Path, entries: list[Entry] | None = None) -> pathlib.Path:
    """Draw the entries into a folder and write the page.

    Args:
        folder: Where to; made if it is not there.
        entries: Which; all when None.

    Returns:
        The page.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sections: dict[str, list[str]] = {}
    for item in ENTRIES if entries is None else entries:
        size = save(item.make(), folder / item.file)
        print(f"{item.file:36} {(folder / item.file).stat().st_size / 1024:7.0f} kB")
        sections.setdefault(item.section, []).append(figure(item, size))
    links = "".join(f'<a href="#{anchor(name)}">{html.escape(name)}</a>' for name in sections)
    head = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>slopewise: the gallery</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>The gallery</h1>\n"
        "<p>Every kind of picture that slopewise draws, with the line that drew it. Animations stop after three "
        f"rounds.</p>\n<nav>{links}</nav>"
    )
    parts = [head]
    for name, figures in sections.items():
        parts.append(f'<h2 id="{anchor(name)}">{html.escape(name)}</h2>\n' + "\n".join(figures))
    shared = "\n\n\n".join(textwrap.dedent(inspect.getsource(item)).rstrip() for item in SHARED)
    parts.append(f'<h2 id="shared">What several of them share</h2>\n<pre>{html.escape(shared)}</pre>')
    parts.append("</body>\n</html>\n")
    page = folder / "index.html"
    page.write_text("\n".join(parts), encoding="utf-8")
    return page


def save(made: Any, path: pathlib.Path) -> tuple[int, int]:
    """Save a plot, an animation or a picture of a graph, and return its width and height in pixels."""
    if isinstance(made, Animation):
        return made.save(path)
    if hasattr(made, "svg"):
        made.save(path)
        return made.width, made.height
    return save_picture(made, path)


def figure(item: Entry, size: tuple[int, int]) -> str:
    """Return one picture with its caption and its code."""
    before = item.preparation
    more = (
        f"\n<details><summary>what stands before it</summary><pre>{html.escape(before)}</pre></details>"
        if before
        else ""
    )
    return (
        f'<figure>\n<img src="{item.file}" alt="{html.escape(item.alt)}" width="{size[0]}" height="{size[1]}" '
        f'loading="lazy">\n<figcaption><strong>{html.escape(item.title)}</strong>{html.escape(item.caption)}'
        f"</figcaption>\n<pre>{html.escape(item.code)}</pre>{more}\n</figure>"
    )


def anchor(name: str) -> str:
    """Return a section's name as a link's target."""
    return name.lower().replace(" ", "-")


if __name__ == "__main__":
    print("the page is", write(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))
