"""What a picture consists of, before it becomes SVG, PNG or PDF: a handful of shapes in groups.

A colour is the name of a role in a palette (`"ink"`, `"positive"`) or a literal `"#rrggbb"`. Lengths are pixels; y goes
down. A large picture has tens of thousands of these: they are named tuples, made three times as fast as dataclasses.
"""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Point = tuple[float, float]
Dash = Literal["", "dashed", "dotted"]
Anchor = Literal["start", "middle", "end"]

NONE = "none"


class Paint(NamedTuple):
    """How a shape is filled and outlined."""

    fill: str = NONE
    stroke: str = NONE
    width: float = 1.0
    dash: Dash = ""


class Rectangle(NamedTuple):
    """A rectangle, its corners rounded by a radius."""

    x: float
    y: float
    width: float
    height: float
    radius: float
    paint: Paint


class Oval(NamedTuple):
    """A circle or an ellipse around a middle."""

    x: float
    y: float
    radius_x: float
    radius_y: float
    paint: Paint


class Polygon(NamedTuple):
    """A closed shape of straight sides."""

    points: tuple[Point, ...]
    paint: Paint


class Trail(NamedTuple):
    """A line: each piece is the end of a straight one, or two guiding points and the end of a curve."""

    start: Point
    pieces: tuple[tuple[Point, ...], ...]
    paint: Paint


class Words(NamedTuple):
    """One line of text; y is its baseline."""

    x: float
    y: float
    text: str
    size: float
    colour: str = "ink"
    anchor: Anchor = "start"
    bold: bool = False
    italic: bool = False


Item = Rectangle | Oval | Polygon | Trail | Words


class Group(NamedTuple):
    """Shapes that belong together, moved to a place.

    Attributes:
        x: How far the shapes are moved to the right.
        y: How far down.
        items: The shapes, the first at the bottom.
        title: What they show, in words; a reader with a mouse sees it over them.
    """

    x: float
    y: float
    items: tuple[Item, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """A whole picture.

    Attributes:
        width: In pixels.
        height: In pixels.
        groups: What is shown, the first at the bottom.
        title: What the picture shows, in a few words.
        description: The same in sentences, for those who do not see it.
    """

    width: float
    height: float
    groups: tuple[Group, ...] = field(default=())
    title: str = ""
    description: str = ""
