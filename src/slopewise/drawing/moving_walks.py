"""A walk downhill, step by step, as an animation."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slopewise.basics import equation, shown, signed
from slopewise.basics.descent import Descent
from slopewise.basics.evaluation import PointFunction
from slopewise.basics.finite_differences import extrapolated
from slopewise.drawing.animation import Animation, checked_ms, figure_image, moving_axes, settle, size_that_fits
from slopewise.drawing.canvas import BLUE, GREY, INK, ORANGE, axes_for, finish, require_matplotlib
from slopewise.drawing.contours import add_bar, draw_contours
from slopewise.drawing.walks import Point, Walk, read_walk

if TYPE_CHECKING:
    from PIL.Image import Image

STEP_MS = 1000
PAUSE_MS = 3000
GLIDE_MS = 60
GLIDES = 4  # pictures between two points
FULL = 10  # so many steps are shown with all of them
MOST = 40  # steps shown at most; the later ones of a longer walk are thinned out


def animate_descent(
    f: Callable[..., Any],
    path: Descent | Iterable[Any],
    *,
    between: tuple[Any, Any] | None = None,
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    step_ms: int = STEP_MS,
    pause_ms: int = PAUSE_MS,
) -> Animation:
    """Animate a walk downhill: at each point the slope, then the move against it.

    On the curve of a function of one number the tangent is drawn at each point; over the contours of a function of two,
    the direction against the gradient. Of a long walk the first ten steps are all shown and later ones left out; the
    step's number is always there.

    Args:
        f: A function of one number, or of two (side by side or as one list).
        path: What `sw.descend` returned, or the points in order: numbers, or pairs of numbers.
        between: Where the curve starts and ends; for two numbers a pair of such ranges.
        title: A line above the picture.
        xlabel: What the horizontal axis is; the name of f's argument when empty.
        ylabel: What the vertical axis is.
        step_ms: How long a step is shown, in milliseconds.
        pause_ms: How long the last picture stays.

    Returns:
        The animation: a notebook shows it, `.save("descent.gif")` writes it.

    Raises:
        MissingExtraError: matplotlib is not installed.
        DomainError: The path is empty or finite nowhere, `between` does not rise, or a duration is not positive.
        ShapeError: The points have more than two numbers, or not equally many.
        NumberError: f cannot be called, or something is no number.

    Example:
        >>> import slopewise as sw
        >>> sw.animate_descent(lambda x: x**2, sw.descend(lambda x: x**2, 3.0, lr=0.3, steps=4))
        <Animation: 21 frames, 8.0 s>
    """
    require_matplotlib()
    step, pause = checked_ms(step_ms, "step_ms"), checked_ms(pause_ms, "pause_ms")
    walk = read_walk(f, path, between, "animate_descent()", xlabel, ylabel)
    rates = [move.rate for move in path.path] if isinstance(path, Descent) else []
    heights: Any = walk.heights_over_plane() if walk.is_flat else walk.function.heights(walk.across)
    shots = _shots(walk)
    durations = [GLIDE_MS if shot.share else step if shot.glides else max(step // 4, 100) for shot in shots[:-1]]
    film = _Film(walk, heights, _slopes(f, walk), rates, shots, title)
    return Animation(film.draw, [*durations, pause], _alt(walk, title))


@dataclass(frozen=True, slots=True)
class _Shot:
    """One frame: at a point of the walk, or a share of the way to a later one."""

    number: int
    to: int
    share: float
    glides: bool


def _shots(walk: Walk) -> list[_Shot]:
    last = len(walk.points) - 1
    kept = list(range(min(last, FULL)))
    rest = range(FULL, last)
    room = MOST - FULL
    kept += [rest[i * len(rest) // room] for i in range(room)] if len(rest) > room else list(rest)
    shots = []
    for number, to in zip(kept, [*kept[1:], last], strict=True):
        glides = number < FULL and walk.is_inside(walk.points[number]) and walk.is_inside(walk.points[to])
        shots.append(_Shot(number, to, 0.0, number < FULL))
        if glides:
            shots += [_Shot(number, to, _eased(i / (GLIDES + 1)), True) for i in range(1, GLIDES + 1)]
    return [*shots, _Shot(last, last, 0.0, True)]


def _eased(share: float) -> float:
    """Return a share of the way that starts and ends slowly."""
    return share * share * (3.0 - 2.0 * share)


def _slopes(f: Callable[..., Any], walk: Walk) -> list[tuple[float, ...]]:
    """Return the slopes at each point, nan where there are none."""
    slopes = []
    for point in walk.points:
        found = None
        if all(map(math.isfinite, point)):
            at = point[0] if len(point) == 1 else list(point)
            found = PointFunction(f, at, "animate_descent", "path").gradient_at(list(point))
        if found is not None:
            slopes.append(found[1])
            continue
        row = []
        for axis, x in enumerate(point):
            others = list(point)

            def along(moved: float, axis: int = axis, others: list[float] = others) -> float:
                return walk.function.height(*others[:axis], moved, *others[axis + 1 :])

            row.append(extrapolated(along, x).slope if math.isfinite(x) else math.nan)
        slopes.append(tuple(row))
    return slopes


def _alt(walk: Walk, title: str) -> str:
    (_, _, _, start), (_, _, _, end) = walk.ends()
    kind = "over contours" if walk.is_flat else "on its curve"
    return f"{title + ': ' if title else ''}a walk downhill {kind}; {start}; {end}"


class _Film:
    """The figure of an animated walk, changed from frame to frame."""

    def __init__(
        self,
        walk: Walk,
        heights: Any,
        slopes: list[tuple[float, ...]],
        rates: list[float],
        shots: list[_Shot],
        title: str,
    ) -> None:
        self.walk = walk
        self.slopes = slopes
        self.rates = rates
        self.shots = shots
        self.ax: Any = axes_for(moving_axes())
        if walk.is_flat:
            add_bar(self.ax, draw_contours(self.ax, walk.across, walk.up, heights), f"f({', '.join(walk.names)})")
        else:
            self.ax.plot(walk.across, heights, color=BLUE, linewidth=1.8)
        self.ax.margins(x=0.0)
        (self.trail,) = self.ax.plot([], [], color=INK if walk.is_flat else GREY, linewidth=1.0, marker="o",
                                     markersize=4.5, markerfacecolor="white", zorder=3)  # fmt: skip
        (self.slope,) = self.ax.plot([], [], color=ORANGE, linewidth=1.8, dashes=(6, 2), zorder=3.5)
        (self.ball,) = self.ax.plot([], [], color=ORANGE, marker="o", markersize=11, markeredgecolor="white", zorder=4)
        self.ax.set_xlim(walk.across[0], walk.across[-1])
        self.ax.set_ylim(*((walk.up[0], walk.up[-1]) if walk.is_flat else self.ax.get_ylim()))
        self.lead = f"{title}\n" if title else ""
        finish(self.ax, title=f"{self.lead} \n ", xlabel=walk.xlabel, ylabel=walk.ylabel, legend=False)
        settle(self.ax.figure)

    def draw(self, frame: int) -> "Image":
        """Return a frame as an image."""
        shot = self.shots[frame]
        walk = self.walk
        here, there = walk.points[shot.number], walk.points[shot.to]
        place: Point = tuple(a + shot.share * (b - a) for a, b in zip(here, there, strict=True))
        passed = [walk.on_picture(p) for p in walk.points[: shot.number + 1] if walk.is_inside(p)]
        at = [walk.on_picture(place)] if walk.is_inside(place) else []
        led = [*passed, *(at if walk.is_flat else [])]
        self.trail.set_data([x for x, _ in led], [y for _, y in led])
        self.trail.set_markersize(4.5 if len(passed) <= 40 else 2.5)
        self.ball.set_data([x for x, _ in at], [y for _, y in at])
        slopes = self.slopes[shot.number]
        is_standing = shot.share == 0 and bool(at) and all(map(math.isfinite, slopes))
        ends = self.tangent(at[0], slopes) if is_standing else ([], [])
        self.slope.set_data(*ends)
        lines = f"{self.lead}{self.heading(shot)}\n{self.words(shot)}"
        self.ax.set_title(lines, loc="left", fontsize=size_that_fits(lines), color=INK)
        return figure_image(self.ax.figure)

    def tangent(self, at: tuple[float, float], slopes: tuple[float, ...]) -> tuple[list[float], list[float]]:
        """Return the ends of a tangent of fixed length on the screen, or of the gradient's direction downhill."""
        (left, right), (bottom, top) = self.ax.get_xlim(), self.ax.get_ylim()
        wide, high = self.ax.bbox.width / (right - left), self.ax.bbox.height / (top - bottom)
        if self.walk.is_flat:
            way = (-slopes[0], -slopes[1])
            reach = 0.16 * self.ax.bbox.height / (math.hypot(way[0] * wide, way[1] * high) or math.inf)
            return [at[0], at[0] + reach * way[0]], [at[1], at[1] + reach * way[1]]
        reach = 0.2 * self.ax.bbox.width / math.hypot(wide, slopes[0] * high)
        return [at[0] - reach, at[0] + reach], [at[1] - reach * slopes[0], at[1] + reach * slopes[0]]

    def heading(self, shot: _Shot) -> str:
        """Return the step and the place."""
        walk, last = self.walk, len(self.walk.points) - 1
        point = walk.points[shot.number]
        where = ", ".join(equation(name, x) for name, x in zip(walk.names, point, strict=True))
        value = walk.function.height(*point) if all(map(math.isfinite, point)) else math.nan
        outside = "" if walk.is_inside(point) else " (outside)"
        step = f"start of {last} step{'s' * (last != 1)}" if not shot.number else f"step {shot.number} of {last}"
        return f"{step}:  {where}{outside},  {equation('f', value)}"

    def words(self, shot: _Shot) -> str:
        """Return the slope and, unless the walk is over, the move in words."""
        walk, slopes = self.walk, self.slopes[shot.number]
        told = f"slope{'s' * (len(slopes) > 1)} {' and '.join(map(signed, slopes))}"
        if shot.number == len(walk.points) - 1:
            return told
        here, there = walk.points[shot.number], walk.points[shot.number + 1]
        moves = [
            f"{name} {'stays' if b == a else 'goes up' if b > a else 'goes down'}"
            for name, a, b in zip(walk.names, here, there, strict=True)
        ]
        if self.rates and len(slopes) == 1 and slopes[0]:
            moves = [f"{moves[0]} by {shown(self.rates[shot.number])} · {shown(abs(slopes[0]))}"]
        elif self.rates:
            moves = [f"{', '.join(moves)}, by {shown(self.rates[shot.number])} · slope each"]
        return f"{told},  so {', '.join(moves)}"
