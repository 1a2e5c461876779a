"""Where a derivative is tried: friendly numbers first, always the same, and where the function is defined."""

import itertools
import random
from collections.abc import Iterator

FRIENDLY = (2.0, 3.0, -2.0, 0.5, -1.0, 4.0, -3.0, 1.5, -0.5, 0.25, 1.0, 5.0, 0.1, -1.5, 0.0, 10.0)
IRREGULAR = 12
MOST_FRIENDLY = 28


def points(count: int) -> Iterator[tuple[float, ...]]:
    """Yield points for a function of `count` numbers, the friendliest first; then some that no formula expects.

    Within a point the numbers differ where they can, so that derivatives by different arguments are not confused.

    Args:
        count: How many numbers the function takes, at least 1.

    Example:
        >>> from slopewise.quizzes.exercise_points import points
        >>> [*points(2)][:3]
        [(2.0, 3.0), (3.0, 2.0), (2.0, -2.0)]
    """
    if count == 1:
        yield from ((x,) for x in FRIENDLY)
    elif count <= 4:
        ranks = range(min(len(FRIENDLY), 2 + 8 // count + count))
        ordered = sorted(itertools.product(ranks, repeat=count), key=lambda ranks: (sum(ranks), ranks))
        distinct = [point for point in ordered if len(set(point)) == count]
        yield from (tuple(FRIENDLY[rank] for rank in point) for point in distinct[:MOST_FRIENDLY])
        yield tuple(1.0 for _ in range(count))
        yield tuple(0.0 for _ in range(count))
    else:
        for shift in range(MOST_FRIENDLY // 2):
            yield tuple(FRIENDLY[(shift + 3 * i) % len(FRIENDLY)] + i // len(FRIENDLY) for i in range(count))
    chance = random.Random(0)
    for _ in range(IRREGULAR):
        yield tuple(round(chance.uniform(-3.0, 3.0), 3) for _ in range(count))
    for _ in range(IRREGULAR // 2):  # for a function that is defined between 0 and 1 only
        yield tuple(round(chance.uniform(0.05, 0.95), 3) for _ in range(count))


UPSTREAM = (1.0, 3.0, -2.0, 0.5)
