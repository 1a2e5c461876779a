"""The slips of a gradient: mistakes in its own step, in the pass as a whole, and further up."""

import math
from collections.abc import Iterator, Mapping

from slopewise.quizzes import wrong_passes
from slopewise.quizzes.puzzle import Puzzle, shown_number
from slopewise.quizzes.rarer_slips import MOST_NODES, rarer_slips, slips_further_up, two_slips_at_once
from slopewise.quizzes.slips import Slip, listed
from slopewise.quizzes.use_slips import slips_of_use

MOST_PATHS = 64
MOST_USES = 12


def gradient_slips(
    puzzle: Puzzle, position: int, wrong_so_far: Mapping[int, float] | None = None, *, deep: bool = True
) -> list[Slip]:
    """List the slips of one gradient, the likeliest first; none gives a number that is not finite.

    Args:
        puzzle: The graph.
        position: Whose gradient is asked.
        wrong_so_far: Wrong answers given for other gradients: what follows from one is told as such.
        deep: Look further up the graph and at two slips at once, too.
    """
    found = list(_common(puzzle, position, wrong_so_far or {}))
    if deep:
        found += rarer_slips(puzzle, position)
        if len(puzzle.items) <= MOST_NODES:
            found += slips_further_up(puzzle, position)
        found += two_slips_at_once(puzzle, position)
    return [slip for slip in found if math.isfinite(slip.number)]


def node_slips(puzzle: Puzzle, position: int) -> list[Slip]:
    """List the slips of one gradient's own step and of the whole pass, common and rarer ones."""
    found = [*_common(puzzle, position, {}), *rarer_slips(puzzle, position)]
    return [slip for slip in found if math.isfinite(slip.number)]


def _common(puzzle: Puzzle, position: int, wrong_so_far: Mapping[int, float]) -> Iterator[Slip]:
    item, uses = puzzle.items[position], puzzle.uses[position]
    if position == puzzle.root:
        yield from _of_the_root(puzzle)
        return
    yield from _carried(puzzle, position, wrong_so_far)
    yield from _single(puzzle, position)
    yield from _missing_path(puzzle, position)
    yield from _of_the_pass(puzzle, position)
    for use in uses[:MOST_USES]:
        yield from slips_of_use(puzzle, position, use)
    if sum(use.user != puzzle.root for use in uses) > 1:
        locals_alone = math.fsum(use.partial for use in uses)
        yield Slip(
            "upstream-forgotten-everywhere",
            locals_alone,
            "forgetting the upstream gradients",
            f"{shown_number(locals_alone)} is the sum of the local derivatives; each is to be "
            "multiplied by the gradient of its node",
        )
    twice = 2 * item.gradient
    yield Slip(
        "twice",
        twice,
        "a second pass without zeroing in between",
        f"{shown_number(twice)} is twice the gradient, as after a second pass without zeroing in between",
    )
    if item.stored and item.stored != item.gradient:
        total = item.stored + item.gradient
        yield Slip(
            "on-top-of-the-old",
            total,
            "adding to the old gradient",
            f"{shown_number(total)} comes from adding to the {shown_number(item.stored)} that {item.name}.grad held "
            "before; zero it first",
        )
    yield Slip(
        "value",
        item.number,
        f"giving the value of {item.name}",
        f"{shown_number(item.number)} is the value of {item.name}; its gradient is asked",
    )


def _of_the_root(puzzle: Puzzle) -> Iterator[Slip]:
    name, number = puzzle.items[puzzle.root].name, puzzle.items[puzzle.root].number
    yield Slip(
        "seed-zero",
        0.0,
        "leaving the root at 0",
        f"0 is what {name}.grad holds before the pass; how much does {name} change for each unit that {name} changes?",
    )
    yield Slip(
        "seed-value",
        number,
        "giving the value",
        f"{shown_number(number)} is the value of {name}; its gradient is asked",
    )


def _carried(puzzle: Puzzle, position: int, wrong_so_far: Mapping[int, float]) -> Iterator[Slip]:
    uses = puzzle.uses[position]
    users = dict.fromkeys(use.user for use in uses if use.user in wrong_so_far)
    if users:
        number = math.fsum(use.partial * wrong_so_far.get(use.user, use.upstream) for use in uses)
        given = listed([f"{puzzle.items[user].name}.grad = {shown_number(wrong_so_far[user])}" for user in users])
        yield Slip(
            "carried",
            number,
            "carrying an earlier slip on",
            f"{shown_number(number)} follows from {given}, which {'was' if len(users) == 1 else 'were'} not right; "
            "this step itself is sound",
        )


def _single(puzzle: Puzzle, position: int) -> Iterator[Slip]:
    uses = puzzle.uses[position]
    if len(uses) < 2:
        return
    right = puzzle.items[position].gradient
    if len(uses) > MOST_USES:
        for use in (*uses[: MOST_USES // 2], *uses[-MOST_USES // 2 :]):
            number, place = use.contribution, puzzle.place(position, use)
            yield Slip(
                "one-contribution",
                number,
                f"taking the contribution through {place} alone",
                f"{shown_number(number)} is the contribution through {place} alone; {len(uses) - 1} are missing",
                place=(use.user, use.slot),
            )
        return
    named = [(use, puzzle.place(position, use)) for use in uses]
    for use, place in named:
        number = use.contribution
        missing = [
            f"the {shown_number(other.contribution)} through {name}" for other, name in named if other is not use
        ]
        verb = "is" if len(missing) == 1 else "are"
        said = listed(missing) if len(missing) <= 4 else f"what comes through {len(missing)} other places"
        yield Slip(
            "one-contribution",
            number,
            f"taking the contribution through {place} alone",
            f"{shown_number(number)} is the contribution through {place} alone; {said} {verb} missing",
            place=(use.user, use.slot),
        )
    if len(uses) > 2:
        for use, place in named:
            number = right - use.contribution
            yield Slip(
                "missing-contribution",
                number,
                f"leaving out the contribution through {place}",
                f"{shown_number(number)} is the sum of the other contributions; the {shown_number(use.contribution)} "
                f"through {place} is missing",
                place=(use.user, use.slot),
            )


def _missing_path(puzzle: Puzzle, position: int) -> Iterator[Slip]:
    paths = _paths(puzzle, position)
    if len(paths) <= len(puzzle.uses[position]):
        return
    right = puzzle.items[position].gradient
    for nodes, product in paths:
        route = " → ".join(puzzle.items[node].name for node in nodes)
        number = right - product
        yield Slip(
            "missing-path",
            number,
            f"leaving out the path {route}",
            f"{shown_number(number)} is the gradient without the path {route}",
            place=nodes,
        )


def _paths(puzzle: Puzzle, position: int) -> list[tuple[tuple[int, ...], float]]:
    """List the paths from the root to a node, root first, each with its product; none when there are too many."""
    found: list[tuple[tuple[int, ...], float]] = []
    waiting: list[tuple[tuple[int, ...], float]] = [((position,), 1.0)]
    steps = 0
    while waiting:
        nodes, product = waiting.pop()
        steps += 1
        if len(found) > MOST_PATHS or steps > 16 * MOST_PATHS:
            return []
        if nodes[0] == puzzle.root:
            found.append((nodes, product))
            continue
        waiting.extend(((use.user, *nodes), product * use.partial) for use in reversed(puzzle.uses[nodes[0]]))
    return found


def _of_the_pass(puzzle: Puzzle, position: int) -> Iterator[Slip]:
    if len(puzzle.items) > wrong_passes.LARGEST:
        return
    passes = pass_numbers(puzzle)
    for code, phrase, why in (
        ("assign", "`=` in place of `+=`", "every contribution overwrites the ones before it"),
        ("first-kept", "keeping only the first contribution", "all of them have to be added"),
        ("order-recursion", "visiting the nodes by plain recursion", "a node hands on part of its gradient twice"),
        ("order-levels", "visiting the nodes level by level", "a node hands its gradient on before all of it is there"),
        ("order-depth", "following each path to its end", "a node hands its gradient on before all of it is there"),
    ):
        numbers = passes.get(code)
        if numbers is not None:
            number = numbers[position]
            yield Slip(code, number, phrase, f"{shown_number(number)} comes from {phrase}: {why}")


def pass_numbers(puzzle: Puzzle) -> dict[str, list[float]]:
    """Return what each mistaken pass gives, for all nodes; worked out once for a puzzle."""
    kept: dict[str, list[float]] | None = puzzle.__dict__.get("_passes")
    if kept is None:
        recursion = wrong_passes.by_recursion(puzzle)
        kept = {
            "assign": wrong_passes.assigned(puzzle),
            "first-kept": wrong_passes.first_kept(puzzle),
            "order-levels": wrong_passes.level_by_level(puzzle),
            "order-depth": wrong_passes.depth_first(puzzle),
        }
        if recursion is not None:
            kept["order-recursion"] = recursion
        puzzle.__dict__["_passes"] = kept
    return kept
