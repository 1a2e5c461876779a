"""A scene as SVG: plain shapes with their colours written on them, as browsers, office and TeX programs read it."""

from collections.abc import Iterator
from functools import lru_cache
from typing import assert_never
from zlib import crc32

from slopewise.drawing.graphs.palette import DARK, LIGHT, palette_of
from slopewise.drawing.graphs.scene import (
    NONE,
    Group,
    Item,
    Oval,
    Paint,
    Point,
    Polygon,
    Rectangle,
    Scene,
    Trail,
    Words,
)
from slopewise.drawing.graphs.text_width import FAMILY, one_line

DASHES = {"": "", "dashed": "6 3", "dotted": "1.5 3"}
_ESCAPES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;"}


def svg_text(scene: Scene, theme: str = "light") -> str:
    """Return the SVG of a scene, the same text every time.

    Args:
        scene: The picture.
        theme: `"light"`, `"dark"`, or `"auto"`: light, and dark where the reader's system is.

    Example:
        >>> text = svg_text(Scene(10, 20, title="Nothing", description="An empty picture."))
        >>> text.splitlines()[2]
        '<desc id="sw-18abaca4-desc">An empty picture.</desc>'
    """
    return "".join(_parts(scene, theme))


def escaped(text: object) -> str:
    """Return a text for XML, as content or in an attribute: no sign of it is obeyed, and none is illegal.

    Example:
        >>> escaped("a < b & c\\a")
        'a &lt; b &amp; c�'
    """
    return _escaped(str(text))


@lru_cache(maxsize=10_000)
def _escaped(text: str) -> str:
    return one_line(text).translate(_ESCAPES)


def number(x: float) -> str:
    """Return a length with at most one decimal.

    Example:
        >>> number(3.0), number(2.345), number(-0.01)
        ('3', '2.3', '0')
    """
    text = f"{x:.1f}"
    if text.endswith(".0"):
        text = text[:-2]
    return "0" if text == "-0" else text


def _parts(scene: Scene, theme: str) -> Iterator[str]:
    palette = palette_of(theme)
    said = f"{scene.title}\n{scene.description}".encode(errors="replace")
    identity = f"sw-{crc32(said):08x}-"  # pictures on one page must not share their ids
    width, height = number(scene.width), number(scene.height)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="{identity}title {identity}desc" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="{FAMILY}">\n'
        f'<title id="{identity}title">{escaped(scene.title)}</title>\n'
        f'<desc id="{identity}desc">{escaped(scene.description)}</desc>\n'
    )
    classes = theme == "auto"
    if classes:
        yield _dark_style()
    pen = _Pen(dict(palette), classes)
    yield f'<rect width="{width}" height="{height}"{pen.fill("paper")}/>\n'
    for group in scene.groups:
        yield _group(group, pen)
    yield "</svg>\n"


def _dark_style() -> str:
    """Return the rules that put the dark colours in place of the light ones, which stand in the shapes themselves."""
    rules = "".join(
        f".swf-{role}{{fill:{DARK[role]}}}.sws-{role}{{stroke:{DARK[role]}}}" for role in LIGHT
    )  # fmt: skip
    return f"<style>@media (prefers-color-scheme: dark){{{rules}}}</style>\n"


class _Pen:
    """Writes colours: the palette's, and for a theme that follows the system a class beside each."""

    def __init__(self, palette: dict[str, str], classes: bool) -> None:
        self.palette = palette
        self.classes = classes
        self.known: dict[Paint, str] = {}

    def fill(self, colour: str) -> str:
        """Return the attributes of a text, which has a colour alone."""
        found = self.palette.get(colour)
        if found is None:
            return f' fill="{escaped(colour)}"'
        return f' fill="{found}" class="swf-{colour}"' if self.classes else f' fill="{found}"'

    def of(self, paint: Paint) -> str:
        """Return the attributes of a shape."""
        found = self.known.get(paint)
        if found is None:
            found = self.known[paint] = self._written(paint)
        return found

    def _written(self, paint: Paint) -> str:
        fill = self.palette.get(paint.fill, paint.fill)
        parts = [f' fill="{escaped(fill)}"']
        names = [f"swf-{paint.fill}"] if paint.fill in self.palette else []
        if paint.stroke != NONE and paint.width > 0:
            stroke = self.palette.get(paint.stroke, paint.stroke)
            parts.append(f' stroke="{escaped(stroke)}"')
            if paint.width != 1:
                parts.append(f' stroke-width="{number(paint.width)}"')
            if paint.dash:
                parts.append(f' stroke-dasharray="{DASHES[paint.dash]}"')
                if paint.dash == "dotted":
                    parts.append(' stroke-linecap="round"')
            if paint.stroke in self.palette:
                names.append(f"sws-{paint.stroke}")
        if self.classes and names:
            parts.append(f' class="{" ".join(names)}"')
        return "".join(parts)


def _group(group: Group, pen: _Pen) -> str:
    place = f' transform="translate({group.x:.1f} {group.y:.1f})"' if group.x or group.y else ""
    title = f"<title>{escaped(group.title)}</title>" if group.title else ""
    shapes = "".join([_shape(item, pen) for item in group.items])
    return f"<g{place}>{title}{shapes}</g>\n"


def _shape(item: Item, pen: _Pen) -> str:
    match item:
        case Words():
            style = ' font-weight="bold"' if item.bold else ""
            style += ' font-style="italic"' if item.italic else ""
            style += f' text-anchor="{item.anchor}"' if item.anchor != "start" else ""
            return (
                f'<text x="{item.x:.1f}" y="{item.y:.1f}" font-size="{item.size:.4g}"'
                f"{style}{pen.fill(item.colour)}>{escaped(item.text)}</text>"
            )
        case Rectangle():
            corner = f' rx="{item.radius:.3g}"' if item.radius else ""
            return (
                f'<rect x="{item.x:.1f}" y="{item.y:.1f}" width="{item.width:.1f}" '
                f'height="{item.height:.1f}"{corner}{pen.of(item.paint)}/>'
            )
        case Oval():
            return (
                f'<ellipse cx="{item.x:.1f}" cy="{item.y:.1f}" rx="{item.radius_x:.1f}" '
                f'ry="{item.radius_y:.1f}"{pen.of(item.paint)}/>'
            )
        case Polygon():
            points = " ".join(_at(point) for point in item.points)
            return f'<polygon points="{points}"{pen.of(item.paint)}/>'
        case Trail():
            return f'<path d="{path_data(item)}"{pen.of(item.paint)}/>'
        case _ as unreachable:
            assert_never(unreachable)


def path_data(trail: Trail) -> str:
    """Return a line as SVG writes it: M, L and C with their points."""
    x, y = trail.start
    parts = [f"M{x:.1f},{y:.1f}"]
    for piece in trail.pieces:
        if len(piece) == 1:
            ((x, y),) = piece
            parts.append(f"L{x:.1f},{y:.1f}")
        else:
            (a, b), (c, d), (x, y) = piece
            parts.append(f"C{a:.1f},{b:.1f} {c:.1f},{d:.1f} {x:.1f},{y:.1f}")
    return "".join(parts)


def _at(point: Point) -> str:
    x, y = point
    return f"{x:.1f},{y:.1f}"
