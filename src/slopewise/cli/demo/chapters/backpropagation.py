"""Chapter 5: gradients by contribution, from two inputs to one output."""

from typing import TYPE_CHECKING, Any

import slopewise as sw
from slopewise import Value
from slopewise.basics import equation, relation, shown
from slopewise.cli.demo.page import Chapter, Page
from slopewise.views import contributions

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def f_over_a(a: Any) -> Any:
    """This chapter's f with b held at 3: 3a² + 9a."""
    return (a * 3) * (a + 3)


def write(page: Page) -> None:
    _contributions(page)
    _step(page)
    _uphill(page)
    _order(page)


def _contributions(page: Page) -> None:
    a, b = Value(-2.0, label="a"), Value(3.0, label="b")
    d, e = a * b, a + b
    f = d * e
    d.label, e.label, f.label = "d", "e", "f"
    page.say("Two inputs, a and b, meet twice on their way to f:")
    page.lines(
        "a = Value(−2.0)",
        "b = Value(3.0)",
        f"d = a · b    {relation(d)}",
        f"e = a + b    {relation(e)}",
        f"f = d · e    {relation(f)}",
    )
    f.backward()
    _picture(page, f)
    page.say(
        "Which way should a go to make f smaller? `f.backward()` starts with the gradient of f itself, which "
        "is 1, and walks back. Every operation hands each of its operands a contribution: its own gradient times its "
        "local derivative. Six are handed out, and `sw.explain(f)` tells of each:"
    )
    page.story(sw.explain(f))
    page.say("a and b are used twice, so each is told twice what it does to f, and the two contributions add up.")
    page.check("f", f.data)
    for node in (f, d, e, a, b):
        page.check(f"gradient of {node.label}", node.grad)
    for c in contributions(f):
        if c.operand in (a, b):
            page.check(f"gradient of {c.operand.label} through {c.through.label}", c.amount)


def _picture(page: Page, f: Value) -> None:
    picture = sw.draw(f, contributions=True)
    page.graph(
        "the-graph-of-f",
        "The graph of f, drawn by `sw.draw(f, contributions=True)`: values come from the left, gradients go back from "
        "the right. What each edge hands back is written on it; two arrive at a, and two at b.",
        picture,
    )


def _step(page: Page) -> None:
    walk = sw.descend(f_over_a, -2.0, lr=0.1, steps=50)
    after = walk.path[1]
    page.say(
        "With b held at 3, f is a parabola in a: f = 3a(a + 3) = 3a² + 9a. Its slope at a = −2 is −3, so a "
        "should grow. "
        "One step of 0.1 times the gradient, and f is lower; a few more, and it is as low as it gets:"
    )
    page.lines(
        f"a = −2 − 0.1 · (−3) {relation(after.x)}",
        f"f(a) {relation(after.value)}",
        f"after {len(walk)} steps: a {relation(walk.x)}, f {relation(walk.value)}",
    )
    page.check("a after the step", after.x)
    page.check("f after the step on a", after.value)
    page.check("the best a", walk.x)
    page.check("f at the best a", walk.value)
    page.picture(
        "f-over-a",
        "f over a, with b = 3: a parabola. The gradient at −2 points the way to its lowest point, −6.75 at a = −1.5.",
        "A parabola with a walk of dots from a = −2, going right and down to its lowest point at a = −1.5.",
        lambda: _walk(walk),
    )


def _uphill(page: Page) -> None:
    a, b, c, f = (Value(x, label=name) for name, x in (("a", 2.0), ("b", -3.0), ("c", 10.0), ("f", -2.0)))
    e = a * b
    d = e + c
    L = d * f
    e.label, d.label = "e", "d"
    L.backward()
    page.say(f"The lecture's longer example, L = (a·b + c)·f with a, b, c, f = 2, −3, 10, −2: {equation('L', L)}.")
    page.grid(
        ("", "value", "gradient"),
        [(node.label, shown(node.data), shown(node.grad)) for node in (a, b, e, c, d, f)],
    )
    for node in (a, b, c, d, e, f):
        page.check(f"gradient of {node.label} in L", node.grad)
    page.check("L", L.data)
    for node in (a, b, c, f):
        node.data += 0.01 * node.grad
    higher = (a * b + c) * f
    page.check("L after the step uphill", higher.data)
    page.say(
        "Here the lecture steps along the gradient, on purpose, by 0.01 times it in all four inputs, and L climbs: "
        f"{equation('L', higher, 7)}. Training steps the other way."
    )


def _order(page: Page) -> None:
    a = Value(3.0)
    b = a + a
    b.backward()
    page.check("gradient of a in a + a", a.grad)
    y = _reused()
    right, hasty = sw.explain(y).gradients, sw.explain(y, wrong="order").gradients
    last = sw.explain(_article(), wrong="assign").gradients
    page.say(
        "Two details make or break it. First, contributions are added, never put in place of one another: "
        "for b = a + a "
        f"the gradient of a is {shown(a.grad)}; with `=` where `+=` belongs, the graph of f above would end with "
        f"{shown(last['a'])} and {shown(last['b'])} instead of −3 and −8. Second, the order: a node must have all "
        "of its "
        "gradient before it hands any on. In c = a + b, d = a·b, e = c + d, f = c·d, y = e + f (a = 2, b = 3) "
        "the right "
        f"gradients are {shown(right['a'])} and {shown(right['b'])}; a walk that hands on too early, and "
        "then again, gives "
        f"{shown(hasty['a'])} and {shown(hasty['b'])}. "
        '`sw.explain(f, wrong="assign")` and `wrong="order"` tell such a pass beside the right one, up to the step '
        "where they part."
    )
    page.check("gradient of a in the reused graph", right["a"])
    page.check("gradient of b in the reused graph", right["b"])
    page.check("a in the reused graph, without an order", hasty["a"])
    page.check("b in the reused graph, without an order", hasty["b"])
    page.check("a when the last contribution wins", last["a"])
    page.check("b when the last contribution wins", last["b"])
    g, p, q = _readme()
    page.check("micrograd's README, g", g.data)
    page.check("micrograd's README, a.grad", p.grad)
    page.check("micrograd's README, b.grad", q.grad)
    page.say(
        "And the example of micrograd's README, which uses every operator, gives the same numbers as "
        f"there: g {relation(g)}, with gradients {shown(p.grad)} and {shown(q.grad)}."
    )


def _reused() -> Value:
    """Return y of a graph whose inner nodes are used twice."""
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    c, d = a + b, a * b
    return (c + d) + c * d


def _article() -> Value:
    """Return f = (a·b)·(a + b) at −2 and 3."""
    a, b = Value(-2.0, label="a"), Value(3.0, label="b")
    return (a * b) * (a + b)


def _readme() -> tuple[Value, Value, Value]:
    """Return g, a and b of the example in micrograd's README."""
    a, b = Value(-4.0), Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    return g, a, b


def _walk(walk: Any) -> "Axes":
    from slopewise.drawing import new_axes, plot_descent

    ax = new_axes()
    return plot_descent(
        f_over_a,
        walk.points,
        between=(-3.2, 0.2),
        title="f = 3a² + 9a",
        xlabel="a",
        ylabel="f",
        ax=ax,
    )


BACKPROPAGATION = Chapter(5, "Backpropagation, contribution by contribution", write)
