"""The frames of a backpropagation: what is lit, what is known and what is said, from the first number to the last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from slopewise.basics import equation, relation, shown
from slopewise.drawing.graphs.looks import formula_of, span_of
from slopewise.drawing.graphs.sketch import Sketch
from slopewise.drawing.graphs.text_width import one_line
from slopewise.stories.steps import Step, backward_steps, forward_steps
from slopewise.views import ShownGraph, ShownNode

WIRES_ONE_BY_ONE = 48  # with more edges, all edges of a box are lit together


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of the animation.

    Attributes:
        phase: `"forward"`, `"backward"` or `"done"`.
        boxes: The boxes that are lit.
        wires: The edges that are lit.
        made: How many boxes have their number, counted in the order of the graph.
        passed: The edges over which a contribution has gone.
        sums: The gradient that each box holds so far, where it has one.
        whole: The boxes whose gradient is complete.
        lines: What is said: a heading, a formula, a rule.
    """

    phase: str
    boxes: frozenset[int] = frozenset()
    wires: frozenset[int] = frozenset()
    made: int = 0
    passed: frozenset[int] = frozenset()
    sums: Mapping[int, Any] = field(default_factory=dict)
    whole: frozenset[int] = frozenset()
    lines: tuple[str, str, str] = ("", "", "")


def frames_of(graph: ShownGraph, sketch: Sketch) -> list[Frame]:
    """Return the frames: every box forward, then every edge backward, or every box if there are many edges."""
    return [*_forward(graph, sketch), *_backward(graph, sketch)]


def _forward(graph: ShownGraph, sketch: Sketch) -> list[Frame]:
    steps = {graph.position(step.node): step for step in forward_steps(graph)}
    made = [place for place, box in enumerate(sketch.boxes) if box.kind != "node" or box.node.kind != "leaf"]
    leaves = [box.node for box in sketch.boxes if box.kind == "node" and box.node.kind == "leaf"]
    given = ", ".join(equation(one_line(node.name), node.number) for node in leaves[:4])
    begin = f"{given}{', …' if len(leaves) > 4 else ''}" if leaves else ""
    frames = [
        Frame("forward", made=made[0] if made else len(sketch.boxes), lines=("forward: the numbers given", begin, ""))
    ]
    for count, place in enumerate(made, 1):
        box = sketch.boxes[place]
        step = steps.get(box.node.position) if box.kind == "node" else None
        wires = frozenset(number for number, wire in enumerate(sketch.wires) if wire.head == place)
        heading = f"forward, {count} of {len(made)}"
        lines = (heading, *_told_forward(step)) if step else (heading, one_line(box.name or box.node.name), "")
        frames.append(Frame("forward", frozenset((place,)), wires, place + 1, lines=lines))
    return frames


def _told_forward(step: Step) -> tuple[str, str]:
    numbers = one_line(step.numbers)
    sign = "" if numbers.startswith(("≈", "=")) else "= "
    return f"{one_line(step.formula)} {sign}{numbers}", one_line(step.rule)


def _backward(graph: ShownGraph, sketch: Sketch) -> list[Frame]:
    last = len(sketch.boxes) - 1
    root = sketch.boxes[last]
    name = one_line(root.name or root.node.name)
    sums: dict[int, Any] = {last: root.node.gradient}
    passed: set[int] = set()
    whole = {last}
    waiting = dict.fromkeys(range(len(sketch.boxes)), 0)
    for wire in sketch.wires:
        waiting[wire.tail] += 1
    frames = [
        Frame("backward", frozenset((last,)), made=last + 1, sums=dict(sums), whole=frozenset(whole),
              lines=("backward: begin at the root", f"d {name} / d {name} = {shown(root.node.gradient)}", "")),
    ]  # fmt: skip
    told = {(graph.position(step.node), step.place): step for step in backward_steps(graph)}
    moves = _moves(sketch)
    for count, wires in enumerate(moves, 1):
        for number in wires:
            wire = sketch.wires[number]
            waiting[wire.tail] -= 1
            if wire.contribution is not None:
                sums[wire.tail] = sums[wire.tail] + wire.contribution if wire.tail in sums else wire.contribution
            if not waiting[wire.tail]:
                whole.add(wire.tail)
                if sketch.boxes[wire.tail].kind in ("node", "cut"):
                    sums[wire.tail] = sketch.boxes[wire.tail].node.gradient
        passed.update(wires)
        lines = _told_backward(sketch, wires, told, sums)
        frames.append(
            Frame("backward", frozenset((sketch.wires[wires[0]].head,)), frozenset(wires), last + 1, frozenset(passed),
                  dict(sums), frozenset(whole), (f"backward, {count} of {len(moves)}", *lines))
        )  # fmt: skip
    frames.append(
        Frame("done", made=last + 1, passed=frozenset(passed), sums=dict(sums), whole=frozenset(whole),
              lines=(f"done: every gradient of {name}", _gradients(sketch, sums), ""))
    )  # fmt: skip
    return frames


def _moves(sketch: Sketch) -> list[tuple[int, ...]]:
    """Return the edges that are lit together, in the order of the backward pass."""
    by_head: dict[int, list[int]] = {}
    for number, wire in enumerate(sketch.wires):
        by_head.setdefault(wire.head, []).append(number)
    heads = sorted(by_head, reverse=True)
    if len(sketch.wires) <= WIRES_ONE_BY_ONE:
        return [(number,) for head in heads for number in by_head[head]]
    return [tuple(by_head[head]) for head in heads]


def _told_backward(
    sketch: Sketch, wires: Sequence[int], told: Mapping[Any, Step], sums: Mapping[int, Any]
) -> tuple[str, str]:
    wire = sketch.wires[wires[0]]
    head, tail = sketch.boxes[wire.head], sketch.boxes[wire.tail]
    step = told.get((head.node.position, wire.place)) if wire.edges == 1 else None
    if len(wires) > 1 or step is None or head.kind == "unit" or tail.kind in ("unit", "pile"):
        name = one_line(head.name or head.node.name)
        return f"{name} hands on to each operand: upstream gradient × local derivative", ""
    operand = one_line(step.operand_name)
    numbers = f"local {shown(step.local)} × upstream {shown(step.upstream)} {relation(step.contribution)}"
    so_far = ""
    if not _is_first(step):
        so_far = (
            f";  {operand} so far: {shown(step.before)} + {_in_brackets(step.contribution)} {relation(sums[wire.tail])}"
        )
    role = f", as {step.role}" if step.role else ""
    return f"{one_line(step.name)} → {operand}{role}:  {numbers}{so_far}", one_line(step.rule)


def _is_first(step: Step) -> bool:
    return isinstance(step.before, int) and step.before == 0


def _in_brackets(number: Any) -> str:
    text = shown(number)
    return f"({text})" if text.startswith("−") else text


def _gradients(sketch: Sketch, sums: Mapping[int, Any]) -> str:
    leaves = [place for place, box in enumerate(sketch.boxes) if box.kind == "node" and box.node.kind == "leaf"]
    if any(box.kind in ("unit", "pile") for box in sketch.boxes):
        return f"those of the leaves lie in {gradients_told([node for box in sketch.boxes for node in box.members])}"
    told = [f"{one_line(sketch.boxes[place].node.name)} {shown(sums[place])}" for place in leaves if place in sums]
    return ",  ".join(told[:6]) + (", …" if len(told) > 6 else "")


def gradients_told(members: Sequence[ShownNode]) -> str:
    """Return the range in which the gradients of several nodes lie: those of the leaves, if there are any."""
    leaves = [node for node in members if node.kind == "leaf"]
    return span_of([node.gradient for node in leaves or members[-1:]])


def formula_told(sketch: Sketch) -> str:
    """Return what the root was made of, for the text that stands for the animation."""
    return one_line(formula_of(sketch.boxes[-1].node))
