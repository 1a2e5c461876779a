"""Chapter 6: one neuron, forward and backward."""

from typing import TYPE_CHECKING

from slopewise import Value
from slopewise.basics import equation, relation, shown
from slopewise.cli.demo.page import Chapter, Page

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BIAS = 6.8813735870195432


def write(page: Page) -> None:
    x1, x2, w1, w2, b = (
        Value(number, label=name) for name, number in (("x1", 2.0), ("x2", 0.0), ("w1", -3.0), ("w2", 1.0), ("b", BIAS))
    )
    n = x1 * w1 + x2 * w2 + b
    o = n.tanh()
    page.say(
        "A neuron weighs its inputs, adds a bias and squashes the sum: o = tanh(x₁w₁ + x₂w₂ + b). tanh keeps "
        "small sums "
        "almost as they are and holds large ones between −1 and 1."
    )
    page.lines(
        f"n = 2 · (−3) + 0 · 1 + {shown(BIAS, 5)} {relation(n)}",
        f"o = tanh(n) {relation(o)}",
    )
    o.backward()
    local = 1 - o.data**2
    page.say(
        f"Backward: tanh's local derivative is 1 − o², here {equation('1 − o²', local)}. The sum passes that "
        "on unchanged "
        "to everything it added; each product hands its weight to the input and its input to the weight."
    )
    page.grid(
        ("", "value", "gradient", "which is"),
        [
            ("x1", shown(x1.data), shown(x1.grad), "0.5 · w₁"),
            ("w1", shown(w1.data), shown(w1.grad), "0.5 · x₁"),
            ("x2", shown(x2.data), shown(x2.grad), "0.5 · w₂"),
            ("w2", shown(w2.data), shown(w2.grad), "0.5 · x₂"),
            ("b", shown(b.data, 5), shown(b.grad), "0.5 · 1"),
        ],
        words=(0, 3),
    )
    page.say(
        "w₂ gets 0: its input is 0, so turning that weight changes nothing. A larger w₁ would raise o most; a "
        "larger x₁ "
        "would lower it."
    )
    e = (2 * n.detach()).exp()
    through_exp = (e - 1) / (e + 1)
    same = "the very same" if through_exp.data == o.data else "the same but for rounding in the last digit"
    page.say(
        f"tanh is no magic. Spelled out as (e²ⁿ − 1) / (e²ⁿ + 1) it gives {through_exp.data!r}, and `tanh` gives "
        f"{o.data!r}: {same}."
    )
    page.check("n", n.data)
    page.check("o = tanh(n)", o.data)
    for name, node in (("x1", x1), ("w1", w1), ("x2", x2), ("w2", w2), ("the bias", b)):
        page.check(f"gradient of {name}", node.grad)
    page.check("o through exp", through_exp.data)
    page.picture(
        "the-neuron-on-tanh",
        "The neuron sits where tanh still has half of its steepest slope. Far to either side the curve is "
        "level: there a "
        "neuron passes almost no gradient on.",
        "The S-shaped curve of tanh between −1 and 1, with a dashed tangent of slope 0.5 touching it at n = 0.8814.",
        lambda: _squash(n.data),
    )


def _squash(place: float) -> "Axes":
    import slopewise as sw
    from slopewise.drawing import new_axes, plot_function

    ax = new_axes(height=3.6)
    return plot_function(sw.tanh, (-4.0, 4.0), tangents=place, title="o = tanh(n)", xlabel="n", ylabel="o", ax=ax)


NEURON = Chapter(6, "A neuron", write)
