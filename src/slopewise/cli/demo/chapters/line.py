"""Chapter 3: a line through real data, by formula, by QR and by walking downhill; and why that is not the end."""

import warnings
from typing import TYPE_CHECKING, Any

from slopewise.basics import LinearRegression, shown
from slopewise.cli.demo.page import Chapter, Page
from slopewise.data import diabetes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STEPS = 10_000


def write(page: Page) -> None:
    table = diabetes()
    x, y = table.points("bmi"), table.column("progression")
    page.say(
        f"Now real data: {len(table)} patients, their body-mass index in kg/m², and how far their diabetes had",
        "progressed a year later (B. Efron and others, 2004). The best line y = β₀ + β₁x is the one with the "
        "smallest "
        "sum of squared residuals, RSS. How to find it? Set both slopes of RSS to zero:",
    )
    exact = LinearRegression(method="qr").fit(x, y)
    page.lines(str(exact.derivation()))
    normal = LinearRegression(method="normal").fit(x, y)
    raw, arrived = _walks(x, y)
    page.say(
        "That is the formula. A computer has other ways: QR solves the same problem without squaring the "
        "numbers first, "
        "and descent knows no formula at all. It starts at 0, 0, asks for the slope of RSS in β₀ and β₁, and steps "
        "downhill, again and again."
    )
    page.grid(
        ("way", "β₀", "β₁", "RSS above the least", "steps"),
        [
            ("normal equations", shown(normal.intercept_, 5), shown(normal.coef_[0], 5), "", ""),
            ("QR", shown(exact.intercept_, 5), shown(exact.coef_[0], 5), "", ""),
            _walk_row("descent, raw column", raw, exact),
            _walk_row("descent, standardised", arrived, exact),
        ],
    )
    for name, line in (("QR", exact), ("the normal equations", normal), ("descent, back in raw units", arrived)):
        page.check(f"β₁ by {name}", line.coef_[0])
        page.check(f"β₀ by {name}", line.intercept_)
    page.say(
        "QR and the normal equations agree. Descent on the raw column crawls: body-mass index lives around "
        "26, far from 0, "
        "so the valley of RSS is steep one way and almost flat along the other, and a step short enough for "
        "the steep "
        f"side gets nowhere on the flat one. After {len(raw.path_) - 1:,} steps it is still on its way. "
        "Subtract the "
        "mean, divide by the standard deviation, and the valley becomes a bowl: descent arrives in "
        f"{len(arrived.path_) - 1} steps, and its answer, turned back into raw units, is the same line.".replace(
            ",", " ", 0
        )
    )
    page.picture(
        "a-line-through-real-data",
        "Each dot is a patient; the thin lines are the residuals whose squares add up to RSS. On average, one "
        "kg/m² more "
        "goes with a progression that is about 10 higher.",
        "A wide cloud of 442 dots rising to the right, a straight line through its middle, and a thin "
        "vertical line from "
        "every dot to it.",
        lambda: _points(table, exact),
    )
    page.picture(
        "descent-crawls-and-arrives",
        "How far RSS is above the least, step by step, for the first hundred steps: on the raw column descent "
        "gets stuck "
        "on the flat floor of the valley, on the standardised one it falls straight down.",
        "Two curves on a logarithmic scale: one falls steeply and steadily, the other drops at first and then "
        "stays level.",
        lambda: _crawl(raw, arrived, exact),
    )
    page.say(
        "Why go on, when a formula does it in one line? Because the formula exists only for lines. Bend the model, "
        "squeeze it through a tanh, feed one into the next, and no formula is left. Descent needs nothing but "
        "slopes, "
        "so it still works; and getting the slopes of anything at all is what `backward()` is for. That road "
        "ends at nets."
    )


def _walks(x: Any, y: Any) -> tuple[LinearRegression, LinearRegression]:
    """Walk on the raw and on the standardised column; that the first does not arrive is the point, not a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raw = LinearRegression(method="descent", steps=STEPS).fit(x, y)
        return raw, LinearRegression(method="descent", steps=STEPS, standardize=True).fit(x, y)


def _excess(line: LinearRegression, exact: LinearRegression) -> str:
    """Return by how much a walk's RSS is above the least."""
    least = exact.summary().residual_sum_of_squares
    share = line.path_[-1].rss / least - 1
    return f"{shown(100 * share, 2)} %" if share > 1e-9 else "0 %"


def _walk_row(name: str, line: LinearRegression, exact: LinearRegression) -> tuple[str, ...]:
    path = line.path_
    count = f"{len(path) - 1}" + ("" if path.stopped == "converged" else ", not there")
    return name, shown(line.intercept_, 5), shown(line.coef_[0], 5), _excess(line, exact), count


def _points(table: Any, line: LinearRegression) -> "Axes":
    from slopewise.drawing import new_axes, plot_regression

    ax = new_axes(height=4.8)
    return plot_regression(
        table.points("bmi"),
        table.column("progression"),
        slope=float(line.coef_[0]),
        intercept=line.intercept_,
        title="442 patients",
        xlabel="body-mass index, kg/m²",
        ylabel="progression after one year",
        ax=ax,
    )


def _crawl(raw: LinearRegression, arrived: LinearRegression, exact: LinearRegression) -> "Axes":
    from slopewise.drawing import new_axes, plot_sequences

    least = exact.summary().residual_sum_of_squares
    ax = new_axes()
    runs = {
        name: [max(step.rss / least - 1, 1e-15) for step, _ in zip(line.path_, range(101), strict=False)]
        for name, line in (("raw column", raw), ("standardised column", arrived))
    }
    return plot_sequences(
        runs, logarithmic=True, title="a walk down RSS", ylabel="RSS above the least, as a share", ax=ax
    )


LINE = Chapter(3, "A line through real data, three ways", write)
