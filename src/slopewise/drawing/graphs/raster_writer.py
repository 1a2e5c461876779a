"""A scene as PNG or PDF: the same shapes, painted by matplotlib, which brings the font that texts are measured with."""

import warnings
from io import BytesIO
from math import sqrt
from typing import Any, assert_never

from slopewise.drawing.canvas import require_matplotlib
from slopewise.drawing.graphs.palette import palette_of
from slopewise.drawing.graphs.scene import NONE, Item, Oval, Paint, Polygon, Rectangle, Scene, Trail, Words
from slopewise.drawing.graphs.text_width import one_line
from slopewise.errors import DomainError

_PER_INCH = 96  # pixels of CSS
_SHARP = 2.0  # a PNG has twice the pixels, for screens that have them
_MOST_PIXELS = 60_000_000
_LONGEST = 60_000
_INCHES_OF_A_PDF = 200  # readers show no longer page
_DASHES = {"": (0.0, None), "dashed": (0.0, (6.0, 3.0)), "dotted": (0.0, (1.5, 3.0))}


def painted(scene: Scene, theme: str, format: str) -> bytes:
    """Return a scene as the bytes of a PNG or a PDF; the same scene gives the same bytes.

    Args:
        scene: The picture.
        theme: `"light"`, `"dark"` or `"auto"`, which is light here.
        format: `"png"` or `"pdf"`.

    Raises:
        MissingExtraError: matplotlib is not installed.
        DomainError: The picture is too large to be painted as pixels.
    """
    require_matplotlib()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    sharp = _sharpness(scene) if format == "png" else 1.0
    scale = 1.0
    if format == "pdf":
        scale = min(1.0, _INCHES_OF_A_PDF * _PER_INCH / max(scene.width, scene.height))
    palette = palette_of(theme)
    size = (scene.width * scale / _PER_INCH, scene.height * scale / _PER_INCH)
    figure = Figure(figsize=size, dpi=_PER_INCH * sharp, facecolor=palette["paper"])
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, scene.width)
    axes.set_ylim(scene.height, 0)
    axes.axis("off")
    brush = Brush(axes, dict(palette), 72 / _PER_INCH * scale)
    for group in scene.groups:
        for item in group.items:
            brush.put(item, group.x, group.y)
    buffer = BytesIO()
    metadata: dict[str, Any] = {"Software": None} if format == "png" else {"CreationDate": None, "Producer": None}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*missing from font.*")  # an emoji: its box is shown
        figure.savefig(buffer, format=format, metadata=metadata, facecolor=palette["paper"])
    return buffer.getvalue()


def _sharpness(scene: Scene) -> float:
    """Return how many dots of a PNG go to one pixel: two, or fewer for a picture that would be too large."""
    area = scene.width * scene.height
    sharp = min(_SHARP, sqrt(_MOST_PIXELS / area), _LONGEST / max(scene.width, scene.height))
    if sharp < 0.6:
        raise DomainError(
            f"a picture of {scene.width:.0f} by {scene.height:.0f} pixels is too large for a PNG that can be read\n"
            f"save it as .svg or .html, or fold the graph: fold='neuron', fold='layer'"
        )
    return sharp


class Brush:
    """Puts shapes on axes whose units are the scene's pixels."""

    def __init__(self, axes: Any, palette: dict[str, str], points: float) -> None:
        self.axes = axes
        self.palette = palette
        self.points = points

    def put(self, item: Item, x: float, y: float) -> None:
        from matplotlib import patches
        from matplotlib.path import Path

        match item:
            case Words():
                self._write(item, x, y)
                return
            case Rectangle():
                corner = (item.x + x, item.y + y)
                if item.radius:
                    radius = min(item.radius, item.width / 2, item.height / 2)
                    style = patches.BoxStyle.Round(pad=0, rounding_size=radius)
                    patch: Any = patches.FancyBboxPatch(corner, item.width, item.height, boxstyle=style)
                else:
                    patch = patches.Rectangle(corner, item.width, item.height)
            case Oval():
                patch = patches.Ellipse((item.x + x, item.y + y), 2 * item.radius_x, 2 * item.radius_y)
            case Polygon():
                patch = patches.Polygon([(px + x, py + y) for px, py in item.points], closed=True)
            case Trail():
                points, codes = [item.start], [Path.MOVETO]
                for piece in item.pieces:
                    points.extend(piece)
                    codes.extend([Path.LINETO] if len(piece) == 1 else [Path.CURVE4] * 3)
                patch = patches.PathPatch(Path([(px + x, py + y) for px, py in points], codes))
            case _ as unreachable:
                assert_never(unreachable)
        self._dress(patch, item.paint)
        self.axes.add_artist(patch)

    def _dress(self, patch: Any, paint: Paint) -> None:
        patch.set_facecolor(self._colour(paint.fill))
        patch.set_edgecolor(self._colour(paint.stroke))
        width = paint.width if paint.stroke != NONE else 0.0
        patch.set_linewidth(width * self.points)
        offset, dash = _DASHES[paint.dash]
        if dash is not None and width:
            patch.set_linestyle((offset, tuple(length / width for length in dash)))
        if paint.dash == "dotted":
            patch.set_capstyle("round")
        elif not paint.dash:
            patch.set_capstyle("butt")

    def _colour(self, name: str) -> str:
        return self.palette.get(name, name)

    def _write(self, words: Words, x: float, y: float) -> None:
        text = one_line(words.text)
        if not text.strip():
            return
        self.axes.text(
            words.x + x,
            words.y + y,
            text,
            fontsize=words.size * self.points,
            color=self._colour(words.colour),
            ha={"start": "left", "middle": "center", "end": "right"}[words.anchor],
            va="baseline",
            fontweight="bold" if words.bold else "normal",
            fontstyle="italic" if words.italic else "normal",
            family="DejaVu Sans",
            parse_math=False,
        )
