"""Whole backward passes run with one mistake: what every gradient would come out as."""

from collections import deque
from collections.abc import Callable, Iterator

from slopewise.quizzes.puzzle import Puzzle

MOST_STEPS = 5_000
LARGEST = 20_000


def assigned(puzzle: Puzzle) -> list[float]:
    """Run the pass with `=` in place of `+=`: the contribution that is written last stays."""
    gradients = _start(puzzle)
    for position, operand, partial in _steps(puzzle, puzzle.order):
        gradients[operand] = _handed(partial, gradients[position])
    return gradients


def first_kept(puzzle: Puzzle) -> list[float]:
    """Run the pass so that a gradient, once written, stays."""
    gradients, is_written = _start(puzzle), [False] * len(puzzle.items)
    for position, operand, partial in _steps(puzzle, puzzle.order):
        if not is_written[operand]:
            gradients[operand] = _handed(partial, gradients[position])
            is_written[operand] = True
    return gradients


def by_recursion(puzzle: Puzzle) -> list[float] | None:
    """Run the pass by plain recursion: every visit hands on all that has arrived so far, again and again.

    Returns:
        The gradients, or None when the recursion would take too long to follow.
    """
    gradients, steps = _start(puzzle), 0
    waiting = [puzzle.root]
    while waiting:
        position = waiting.pop()
        parts = [part for part in puzzle.items[position].parts if part.position is not None]
        for part in parts:
            steps += 1
            if steps > MOST_STEPS:
                return None
            assert part.position is not None
            gradients[part.position] += _handed(part.partial, gradients[position])
        seen = dict.fromkeys(part.position for part in parts)
        waiting.extend(place for place in reversed(seen) if place is not None)
    return gradients


def level_by_level(puzzle: Puzzle) -> list[float]:
    """Run the pass from the root outwards: each node once, when it is first met, with what has arrived by then."""
    order, met, waiting = [], {puzzle.root}, deque([puzzle.root])
    while waiting:
        position = waiting.popleft()
        order.append(position)
        for part in puzzle.items[position].parts:
            if part.position is not None and part.position not in met:
                met.add(part.position)
                waiting.append(part.position)
    return _added(puzzle, order)


def depth_first(puzzle: Puzzle) -> list[float]:
    """Run the pass along each path to its end: each node once, when it is first met, with what has arrived by then."""
    order, met, waiting = [], set(), [puzzle.root]
    while waiting:
        position = waiting.pop()
        if position in met:
            continue
        met.add(position)
        order.append(position)
        places = [part.position for part in puzzle.items[position].parts if part.position is not None]
        waiting.extend(reversed(places))
    return _added(puzzle, order)


def with_every_rule(puzzle: Puzzle, wrong: Callable[[int, int], float | None]) -> list[float]:
    """Run the pass with other local derivatives: `wrong(position, slot)` gives one, or None for the right one."""
    gradients = _start(puzzle)
    for position in puzzle.order:
        for slot, part in enumerate(puzzle.items[position].parts):
            if part.position is not None:
                other = wrong(position, slot)
                gradients[part.position] += _handed(part.partial if other is None else other, gradients[position])
    return gradients


def _start(puzzle: Puzzle) -> list[float]:
    gradients = [0.0] * len(puzzle.items)
    gradients[puzzle.root] = 1.0
    return gradients


def _handed(partial: float, upstream: float) -> float:
    return partial * upstream if partial else 0.0


def _steps(puzzle: Puzzle, order: tuple[int, ...] | list[int]) -> Iterator[tuple[int, int, float]]:
    for position in order:
        for part in puzzle.items[position].parts:
            if part.position is not None:
                yield position, part.position, part.partial


def _added(puzzle: Puzzle, order: list[int]) -> list[float]:
    gradients = _start(puzzle)
    for position, operand, partial in _steps(puzzle, order):
        gradients[operand] += _handed(partial, gradients[position])
    return gradients
