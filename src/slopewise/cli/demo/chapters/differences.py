"""Chapter 2: the slope from two values of the function, and how far to trust it."""

from typing import TYPE_CHECKING, Any

import slopewise as sw
from slopewise.basics import equation, shown
from slopewise.cli.demo.chapters.slopes import LEAST, f
from slopewise.cli.demo.page import Chapter, Page

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def d(a: Any, b: Any, c: Any) -> Any:
    """The story's second function."""
    return a * b + c


def write(page: Page) -> None:
    page.say(
        "Before any calculus, a slope can be measured: take a small step h and see how much f changes for it,",
        "(f(x + h) − f(x)) / h. With h = 0.000001 at x = 2/3, where the true slope is 0:",
    )
    measured = sw.slope(f, LEAST, h=1e-6, explain=True)
    page.lines(
        ">>> sw.slope(f, 2/3, h=0.000001)",
        repr(measured.slope),
    )
    page.check("forward slope at 2/3, h = 1e-6", measured.slope)
    page.say(
        f"Not quite 0. Most of it, {shown(measured.truncation)}, is truncation: the curve bends within h "
        "(here it is "
        f"3h exactly). The other {shown(measured.rounding, 2)} is rounding: f(x + h) and f(x) share almost "
        "all their "
        "digits, and what is left is divided by a tiny h."
    )
    page.say("The same works for a function of several numbers: move one, hold the others. d = a·b + c at 2, −3, 10:")
    point = (2.0, -3.0, 10.0)
    rows = []
    for name, reason in (("a", "b"), ("b", "a"), ("c", "1")):
        slope = sw.slope(d, point, wrt=name, h=1e-4)
        exact = sw.slope(d, point, wrt=name, h=1e-4, explain=True).exact
        rows.append((name, repr(slope).replace("-", "−"), shown(exact), reason))
    page.grid(("move", "forward slope, h = 0.0001", "by backward()", "because it is"), rows, words=(0, 3))
    page.check("d = a·b + c", d(*point))
    page.check("forward slope in c, h = 1e-4", sw.slope(d, point, wrt="c", h=1e-4))
    page.say(
        f"{equation('d', d(*point))}, and in c the measured slope is 0.9999999999976694 where 1 is right.",
        "Finite differences need no theory and come close; they are never exact, and they cost one more run "
        "of the whole "
        "function for every number that is moved. `backward()` gets all slopes at once, exactly.",
    )
    study = sw.step_size_study(sw.tanh, 0.7)
    page.say(
        "How small should h be? Too large, and the curve bends; too small, and rounding wins. On tanh at 0.7 "
        "the error "
        "draws a V for each method, and the best h is where the two sides meet:"
    )
    _best(page, study)
    page.picture(
        "error-against-step",
        "The error of both differences for tanh at 0.7. From the right, it falls as h shrinks: tenfold per "
        "tenfold step "
        "for the forward difference, a hundredfold for the central one. From the left, rounding takes over.",
        "Two V-shaped curves of error against step h on logarithmic scales; the central difference's V is "
        "deeper, with "
        "its lowest point at a larger h.",
        lambda: _study(study),
    )


def _best(page: Page, study: Any) -> None:
    forward, central = study.best_forward, study.best_central
    page.grid(
        ("difference", "best h", "error there"),
        [
            ("forward", shown(forward.h, 2), shown(abs(forward.forward_error), 2)),
            ("central", shown(central.h, 2), shown(abs(central.central_error), 2)),
        ],
    )


def _study(study: Any) -> "Axes":
    from slopewise.drawing import new_axes, plot_step_sizes

    ax = new_axes()
    errors = {
        "forward": [(row.h, row.forward_error) for row in study.rows],
        "central": [(row.h, row.central_error) for row in study.rows],
    }
    return plot_step_sizes(errors, title="error of the measured slope of tanh at 0.7", ax=ax)


DIFFERENCES = Chapter(2, "A slope from two values", write)
