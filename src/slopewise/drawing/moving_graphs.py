"""Backpropagation through a graph as an animation: node after node forward, then edge after edge backward."""

import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from slopewise.basics import relation, shown
from slopewise.drawing.animation import Animation, checked_ms, figure_image
from slopewise.drawing.canvas import require_matplotlib
from slopewise.drawing.graph_frames import Frame, formula_told, frames_of, gradients_told
from slopewise.drawing.graphs.choices import Choices, one_of
from slopewise.drawing.graphs.diagram import MARGIN, SMALL, Edge, edge_items, link_of
from slopewise.drawing.graphs.emphasis import colour_of, largest_of, stroke_of
from slopewise.drawing.graphs.faces import Card, Line, Run
from slopewise.drawing.graphs.graph_words import notes_of_graph
from slopewise.drawing.graphs.layout import DIRECTIONS, Layout, lay_out
from slopewise.drawing.graphs.looks import Marked, dressed
from slopewise.drawing.graphs.palette import THEMES, palette_of
from slopewise.drawing.graphs.raster_writer import Brush
from slopewise.drawing.graphs.scene import Group, Item, Paint, Rectangle, Trail, Words
from slopewise.drawing.graphs.sketch import Box, Sketch, folded, whole
from slopewise.drawing.graphs.text_width import one_line, text_width, wrapped
from slopewise.engine import Value
from slopewise.errors import DomainError, InternalError
from slopewise.views import Names, Reading, ShownGraph, caller_names, check_root, group, shown_graph

if TYPE_CHECKING:
    from PIL.Image import Image

MOST = 60  # boxes that are drawn
WIDEST, HIGHEST = 1280.0, 1280.0  # pixels
SHARPEST = 1.5  # pixels of the animation for one of the drawing
NARROWEST = 620.0
LEGIBLE, SMALLEST = 0.75, 0.6  # of the size in which graphs are drawn
SMALL_TEXT = 11.0
HEADING, FORMULA = 13.0, 15.0


def animate_backpropagation(
    root: Value,
    *,
    direction: Any = "auto",
    fold: Any = "auto",
    theme: str = "light",
    idioms: bool = True,
    model: Any = None,
    names: Names | None = None,
    step_ms: int = 1400,
    pause_ms: int = 4000,
) -> Animation:
    """Animate backpropagation through a graph: numbers fill in going forward, gradients going back.

    Forward, each operation lights up with the edges that lead to it, and its number appears. Backward, each edge lights
    up in turn and bears local derivative and contribution, local × upstream; the operand's gradient grows by it. The
    gradients are this root's own, computed afresh: `backward()` need not have been called, and no `.grad` is touched.

    Args:
        root: The Value that `backward()` is, or would be, called on.
        direction: `"LR"`, `"TB"`, `"RL"` or `"BT"`: where the root lies. `"auto"`: whichever fits better.
        fold: `"neuron"` or `"layer"` draws each as one box, `"same"` what was made alike; `"none"` draws every node;
            `"auto"` folds beyond 60 nodes.
        theme: `"light"` or `"dark"`.
        idioms: Whether `a - b`, `a / b`, `-a`, sums and means are one node each.
        model: The net in whose places parameters are named; found among your variables if not given.
        names: What nodes are called; your variables are looked at if not given.
        step_ms: How long a step is shown, in milliseconds.
        pause_ms: How long the last picture stays.

    Returns:
        The animation: a notebook shows it, `.save("backpropagation.gif")` writes it.

    Raises:
        MissingExtraError: matplotlib is not installed.
        NumberError: root is no Value, or a duration is no number.
        DomainError: An option is unknown, or the graph is too large to be followed, folded as well.

    Example:
        >>> import slopewise as sw
        >>> a, b = sw.Value(-2.0), sw.Value(3.0)
        >>> sw.animate_backpropagation((a * b) * (a + b))
        <Animation: 12 frames, 19.2 s>
    """
    check_root(root)
    step, pause = checked_ms(step_ms, "step_ms"), checked_ms(pause_ms, "pause_ms")
    way = direction.upper() if isinstance(direction, str) and direction.upper() in DIRECTIONS else direction
    one_of("direction", way, ("auto", *DIRECTIONS))
    one_of("theme", theme, [name for name in THEMES if name != "auto"])
    fold = "none" if fold in (None, False) else fold
    one_of("fold", fold, ("auto", "none", "neuron", "layer", "same"))
    require_matplotlib()
    reading = Reading(root)
    if names is None:
        names = caller_names(reading.nodes, model, depth=2)
    graph = shown_graph(root, names, idioms, reading=reading)
    film = _legible(reading, graph, str(fold), way, theme)
    frames = film.frames
    durations = [step] * (len(frames) - 1)
    durations[0] = min(step, 1200)
    alt = (
        f"backpropagation through {formula_told(film.sketch)} {relation(graph.nodes[-1].number)}: "
        f"forward, then backward; {frames[-1].lines[1]}"
    )
    return Animation(film.draw, [*durations, pause], alt)


def _legible(reading: Reading, graph: ShownGraph, fold: str, way: str, theme: str) -> "_Film":
    """Return the first way to fold the graph whose pictures can be read.

    Raises:
        DomainError: There is none.
    """
    best: _Film | None = None
    for sketch in _sketches(reading, graph, fold):
        if len(sketch.boxes) > MOST:
            continue
        film = _Film(graph, sketch, way, theme)
        if film.scale >= LEGIBLE:
            return film
        if best is None or film.scale > best.scale:
            best = film
    if best is not None and (best.scale >= SMALLEST or fold != "auto"):
        return best
    count = len(graph.nodes)
    raise DomainError(
        f"animate_backpropagation(): {count:,} nodes{'' if fold == 'none' else ', folded as well,'} are too many to "
        f"follow\nanimate the loss of one sample, or a part of the graph: a neuron, a term; sw.explain tells it all"
    )


def _sketches(reading: Reading, graph: ShownGraph, fold: str) -> Iterator[Sketch]:
    """Yield what can be drawn: every node, then neurons, layers or what was made alike as one box each.

    Raises:
        DomainError: Neurons or layers are asked for, and there are none.
    """
    count = len(graph.nodes)
    if fold in ("auto", "none") and count <= MOST:
        yield whole(graph)
    if fold in ("auto", "neuron", "layer"):
        groups = group(reading.root, graph.names, reading)
        for kind, units in (("neuron", groups.neuron), ("layer", groups.layer)):
            if fold not in ("auto", kind):
                continue
            unit_of = {id(node): name for node, name in zip(groups.nodes, units, strict=True)}
            chosen = [unit_of.get(id(node.value), "") for node in graph.nodes]
            if any(chosen):
                if sketch := folded(graph, chosen, f"one for each {kind}", MOST):
                    yield sketch
            elif fold == kind:
                raise DomainError(
                    f"fold={fold!r} needs the parameters of a net, and none was found below this Value\n"
                    f"hand the net over as model=, or fold what was made alike: fold='same'"
                )
    if fold in ("auto", "same") and (
        sketch := folded(graph, [""] * count, "one for all nodes that were made alike", MOST)
    ):
        yield sketch


class _Film:
    """A graph laid out once, and painted anew for each frame."""

    def __init__(self, graph: ShownGraph, sketch: Sketch, way: str, theme: str) -> None:
        self.sketch = sketch
        self.frames = frames_of(graph, sketch)
        self.faces = [_plain_card(box) for box in sketch.boxes]
        self.palette = dict(palette_of(theme))
        self.largest = largest_of(
            [*(wire.contribution for wire in sketch.wires), *(box.node.gradient for box in sketch.boxes)]
        )
        self.notes = tuple(note for note in notes_of_graph(graph, sketch, Choices()) if "not run" not in note)
        ways = ("LR", "TB") if way == "auto" else (way,)
        laid = [self.laid_out(way) for way in ways]
        fits = [min(SHARPEST, WIDEST / self.width_of(at), HIGHEST / self.height_of(at)) for at in laid]
        best = 0 if fits[0] >= min(LEGIBLE, 0.8 * fits[-1]) else len(ways) - 1  # lying, if it can be read
        self.way, self.at, self.scale = ways[best], laid[best], fits[best]

    @property
    def is_flat(self) -> bool:
        return self.way in ("LR", "RL")

    def laid_out(self, way: str) -> Layout:
        """Return where everything is, with room for the longest text that any frame will show."""
        self.way = way
        cards = [self.card(place, self.frames[-1], widest=True) for place in range(len(self.sketch.boxes))]
        last = self.frames[-1]
        edges = [self.edge(k, last, is_roomy=True) for k in range(len(self.sketch.wires))]
        return lay_out([card.shape for card in cards], [link_of(edge, self.is_flat) for edge in edges], direction=way)

    def lines_under(self, width: float) -> list[str]:
        return [line for note in self.notes for line in wrapped(note, SMALL, width - 2 * MARGIN)]

    def width_of(self, at: Layout) -> float:
        return max(at.width + 2 * MARGIN, NARROWEST)

    def height_of(self, at: Layout) -> float:
        return at.height + 2 * MARGIN + 86 + 16 * len(self.lines_under(self.width_of(at)))

    def draw(self, number: int) -> "Image":
        """Return a frame as an image."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        frame = self.frames[number]
        width, height = self.width_of(self.at), self.height_of(self.at)
        dots = 100.0
        figure = Figure(figsize=(width * self.scale / dots, height * self.scale / dots), dpi=dots,
                        facecolor=self.palette["paper"])  # fmt: skip
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, width)
        axes.set_ylim(height, 0)
        axes.axis("off")
        brush = Brush(axes, self.palette, 72 / dots * self.scale)
        for part in self.groups(frame, width, height):
            for item in part.items:
                brush.put(item, part.x, part.y)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*missing from font.*")
            return figure_image(figure)

    def groups(self, frame: Frame, width: float, height: float) -> list[Group]:
        """Return everything that a frame shows, the lowest first."""
        top = MARGIN + 86
        left = MARGIN + (width - 2 * MARGIN - self.at.width) / 2
        edges = [self.edge(number, frame) for number in range(len(self.sketch.wires))]
        halos = tuple(
            Trail(route.start, route.pieces, Paint(stroke="halo", width=edge.width + 7))
            for edge, route in zip(edges, self.at.routes, strict=True)
            if edge.is_on_path
        )
        parts = [Group(MARGIN, MARGIN, tuple(self.said(frame, width))), Group(left, top, halos)]
        for edge, route in zip(edges, self.at.routes, strict=True):
            parts.append(Group(left, top, tuple(edge_items(edge, route, self.is_flat))))
        for place, ((x, y), size) in enumerate(zip(self.at.corners, self.at.sizes, strict=True)):
            parts.append(Group(left + x, top + y, self.card(place, frame).items(*size)))
        for k, line in enumerate(self.lines_under(width)):
            y = height - MARGIN - 16 * (len(self.lines_under(width)) - 1 - k)
            parts.append(Group(0, 0, (Words(MARGIN, y, line, SMALL, "ink"),)))
        return parts

    def said(self, frame: Frame, width: float) -> list[Item]:
        """Return the lines above the graph, and how far the animation has come."""
        heading, formula, rule = frame.lines
        room = width - 2 * MARGIN
        done = (self.frames.index(frame) + 1) / len(self.frames)
        colour = {"forward": "positive", "backward": "negative", "done": "ink"}[frame.phase]
        items: list[Item] = [
            Rectangle(0, -8, room, 4, 2, Paint(fill="cell")),
            Rectangle(0, -8, max(room * done, 4), 4, 2, Paint(fill=colour)),
            Words(0, 14, heading, _fitting(heading, HEADING, room, bold=True), colour, bold=True),
        ]
        if formula:
            items.append(Words(0, 37, formula, _fitting(formula, FORMULA, room), "ink"))
        if rule:
            items.append(Words(0, 58, rule, _fitting(rule, HEADING, room), "quiet"))
        return items

    def card(self, place: int, frame: Frame, *, widest: bool = False) -> Card:
        """Return the face of a box as it is in a frame."""
        box, card = self.sketch.boxes[place], self.faces[place]
        is_made = place < frame.made or (box.kind == "node" and box.node.kind == "leaf")
        lines = list(card.lines)
        if not is_made and len(lines) > 2:
            lines[-2] = (Run("…", SMALL_TEXT, "quiet"),)
        elif not is_made:
            lines[0] = (*lines[0][:1], Run(" = …", lines[0][-1].size, "quiet"))
        lines[-1] = self.gradient_line(place, frame, widest)
        is_one = box.kind in ("node", "cut")
        stroke = stroke_of(frame.sums[place], self.largest, thick=3.0) if is_one and place in frame.whole else None
        outline = "frame" if stroke is None or stroke.colour == "line" else stroke.colour
        return replace(
            card,
            lines=tuple(lines),
            frame=outline if is_made else "cell",
            frame_width=stroke.width if stroke is not None else 1.2,
            dash=stroke.dash if stroke is not None else "",
            is_root=place == len(self.sketch.boxes) - 1,
            is_on_path=place in frame.boxes,
        )

    def gradient_line(self, place: int, frame: Frame, widest: bool) -> Line:
        """Return the gradient of a box so far: nothing, a sum that grows, or the whole."""
        box = self.sketch.boxes[place]
        if place not in frame.sums:
            if frame.phase == "forward":
                return (Run(" ", SMALL_TEXT),)
            words = "gradient …" if any(wire.tail == place for wire in self.sketch.wires) else "gradient 0"
            return (Run(words, SMALL_TEXT, "quiet"),)
        if box.kind in ("unit", "pile"):
            told = gradients_told(box.members) if place in frame.whole or widest else "…"
            return (Run("gradients ", SMALL_TEXT, "quiet"), Run(told, SMALL_TEXT, "ink", bold=True))
        text = one_line(shown(frame.sums[place]))
        rest = " + …" if place not in frame.whole or widest else ""
        colour = colour_of(frame.sums[place])
        return (
            Run("gradient ", SMALL_TEXT, "quiet"),
            Run(text, SMALL_TEXT, colour, bold=True),
            Run(rest, SMALL_TEXT, "quiet"),
        )

    def edge(self, number: int, frame: Frame, *, is_roomy: bool = False) -> Edge:
        """Return an edge as it is in a frame: plain, lit, or coloured by what went over it."""
        wire = self.sketch.wires[number]
        is_lit = number in frame.wires
        if number not in frame.passed:
            colour = "ink" if is_lit else "line"
            return Edge(wire.tail, wire.head, colour, 1.8 if is_lit else 1.2, is_on_path=is_lit)
        stroke = stroke_of(wire.contribution, self.largest)
        above = f"× {shown(wire.partial)}" if wire.edges == 1 and wire.partial is not None else ""
        back = {"LR": "←", "RL": "→", "TB": "↑", "BT": "↓"}[self.way]
        total = "Σ " if wire.edges > 1 else ""
        below = f"{back} {total}{shown(wire.contribution)}" if wire.contribution is not None else ""
        return Edge(
            wire.tail, wire.head, stroke.colour, stroke.width, stroke.dash, above, below,
            colour_of(wire.contribution), is_lit or is_roomy,
        )  # fmt: skip


def _plain_card(box: Box) -> Card:
    """Return the face that `draw` gives a box, without colours."""
    (card,), _ = dressed(Sketch((box,), ()), Choices(colour=False), "LR", Marked())
    if not isinstance(card, Card):
        raise InternalError(f"a {type(card).__name__} where a card belongs\nplease report it")
    return card


def _fitting(text: str, size: float, room: float, *, bold: bool = False) -> float:
    """Return the size at which a line fits its room, at most the one wanted."""
    width = text_width(text, size, bold=bold)
    return size if width <= room else max(6.0, size * room / width)
