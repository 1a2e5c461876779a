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


class _Tenths(dict[float, str]):
    """Numbers with one decimal, each written once: the lines of a picture bend at the same places."""

    def __missing__(self, x: float) -> str:
        text = self[x] = f"{x:.1f}"
        return text


class _Pen:
    """Writes shapes and their colours: the palette's, and for a theme that follows the system a class beside each.

    The boxes of a large picture have much in common, down to the last digit: their parts are written once.
    """

    def __init__(self, palette: dict[str, str], classes: bool) -> None:
        self.palette = palette
        self.classes = classes
        self.paints: dict[Paint, str] = {}
        self.dresses: dict[tuple[float, str, str, bool, bool], str] = {}
        self.shapes: dict[Item, str] = {}
        self.at = _Tenths()

    def fill(self, colour: str) -> str:
        """Return the attributes of a text, which has a colour alone."""
        found = self.palette.get(colour)
        if found is None:
            return f' fill="{escaped(colour)}"'
        return f' fill="{found}" class="swf-{colour}"' if self.classes else f' fill="{found}"'

    def of(self, paint: Paint) -> str:
        """Return the attributes of a shape."""
        found = self.paints.get(paint)
        if found is None:
            found = self.paints[paint] = self._painted(paint)
        return found

    def _painted(self, paint: Paint) -> str:
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

    def dress(self, size: float, colour: str, anchor: str, bold: bool, italic: bool) -> str:
        """Return the attributes of a text, but for its place."""
        style = f' font-size="{size:.4g}"'
        style += ' font-weight="bold"' if bold else ""
        style += ' font-style="italic"' if italic else ""
        style += f' text-anchor="{anchor}"' if anchor != "start" else ""
        return style + self.fill(colour)

    def words(self, item: Words) -> str:
        """Return a line of text."""
        x, y, text, size, colour, anchor, bold, italic = item
        key = (size, colour, anchor, bold, italic)
        dress = self.dresses.get(key)
        if dress is None:
            dress = self.dresses[key] = self.dress(*key)
        return f'<text x="{self.at[x]}" y="{self.at[y]}"{dress}>{_escaped(text)}</text>'

    def shape(self, item: Item) -> str:
        """Return a shape; what comes again is remembered, lines and arrows are not."""
        if isinstance(item, Trail) and item.paint.fill == NONE:
            return f'<path d="{path_data(item, self.at)}"{self.of(item.paint)}/>'
        if isinstance(item, Polygon):
            at = self.at
            corners = " ".join([f"{at[x]},{at[y]}" for x, y in item.points])
            return f'<polygon points="{corners}"{self.of(item.paint)}/>'
        found = self.shapes.get(item)
        if found is None:
            found = self.shapes[item] = self._written(item)
        return found

    def _written(self, item: Item) -> str:
        at = self.at
        match item:
            case Words():
                return self.words(item)
            case Rectangle(x, y, width, height, radius, paint):
                corner = f' rx="{radius:.3g}"' if radius else ""
                return (
                    f'<rect x="{at[x]}" y="{at[y]}" width="{at[width]}" height="{at[height]}"{corner}{self.of(paint)}/>'
                )
            case Oval(x, y, radius_x, radius_y, paint):
                return f'<ellipse cx="{at[x]}" cy="{at[y]}" rx="{at[radius_x]}" ry="{at[radius_y]}"{self.of(paint)}/>'
            case Polygon():
                return self.shape(item)
            case Trail(_, _, paint):
                return f'<path d="{path_data(item, at)}"{self.of(paint)}/>'
            case _ as unreachable:
                assert_never(unreachable)


def _group(group: Group, pen: _Pen) -> str:
    x, y, items, title = group
    place = f' transform="translate({pen.at[x]} {pen.at[y]})"' if x or y else ""
    told = f"<title>{escaped(title)}</title>" if title else ""
    shape = pen.shape
    shapes = "".join([shape(item) for item in items])
    return f"<g{place}>{told}{shapes}</g>\n"


def path_data(trail: Trail, tenths: _Tenths | None = None) -> str:
    """Return a line as SVG writes it: M, L and C with their points.

    Args:
        trail: The line.
        tenths: The numbers that have been written already.
    """
    at = _Tenths() if tenths is None else tenths
    (x, y), pieces, _ = trail
    parts = [f"M{at[x]},{at[y]}"]
    for piece in pieces:
        if len(piece) == 1:
            ((x, y),) = piece
            parts.append(f"L{at[x]},{at[y]}")
        else:
            (a, b), (c, d), (x, y) = piece
            parts.append(f"C{at[a]},{at[b]} {at[c]},{at[d]} {at[x]},{at[y]}")
    return "".join(parts)
