"""Two directions in the space of a model's parameters, and where a training path lies between them."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slopewise.drawing.model_parameters import neuron_of
from slopewise.engine import Value
from slopewise.errors import DomainError, NumberError, ShapeError

Vector = tuple[float, ...]
NORMALISATIONS = ("neuron", "layer", "model", "none")


@dataclass(frozen=True, slots=True)
class Plane:
    """A plane in the space of the parameters: `centre + a · first + b · second`.

    Attributes:
        centre: The parameters in the picture's middle.
        first: The direction drawn to the right.
        second: The direction drawn upwards.
        names: What the directions are called.
        is_axes: Whether the directions are two parameters, drawn by their own numbers and not by distances from the
            centre.
    """

    centre: Vector
    first: Vector
    second: Vector
    names: tuple[str, str]
    is_axes: bool = False

    def at(self, a: float, b: float) -> Vector:
        """Return the parameters at a place of the plane.

        Example:
            >>> from slopewise.drawing.directions import Plane
            >>> Plane((1.0, 2.0), (1.0, 0.0), (0.0, 1.0), ("a", "b")).at(0.5, -1.0)
            (1.5, 1.0)
        """
        moved = zip(self.centre, self.first, self.second, strict=True)
        return tuple(c + a * u + b * v for c, u, v in moved)

    def projected(self, snapshot: Sequence[float]) -> tuple[float, float]:
        """Return the place of the plane that lies nearest to a snapshot.

        Example:
            >>> from slopewise.drawing.directions import Plane
            >>> Plane((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (1.0, 1.0, 0.0), ("a", "b")).projected((3.0, 1.0, 9.0))
            (2.0, 1.0)
        """
        way = [x - c for x, c in zip(snapshot, self.centre, strict=True)]
        uu, uv, vv = dot(self.first, self.first), dot(self.first, self.second), dot(self.second, self.second)
        uw, vw = dot(self.first, way), dot(self.second, way)
        determinant = uu * vv - uv * uv
        return (uw * vv - vw * uv) / determinant, (vw * uu - uw * uv) / determinant

    def shown_at(self, a: float, b: float) -> tuple[float, float]:
        """Return what the axes say at a place: the two parameters' numbers, or the distances themselves."""
        if not self.is_axes:
            return a, b
        return dot(self.first, self.centre) + a, dot(self.second, self.centre) + b


def dot(u: Sequence[float], v: Sequence[float]) -> float:
    """Return the inner product, summed without loss.

    Example:
        >>> from slopewise.drawing.directions import dot
        >>> dot((1.0, 2.0), (3.0, 4.0))
        11.0
    """
    return math.fsum(x * y for x, y in zip(u, v, strict=True))


def axes_plane(named: Sequence[tuple[str, Value]], over: Sequence[Any], centre: Vector, where: str) -> Plane:
    """Return the plane of two parameters, given as Values, names or positions.

    Raises:
        DomainError: A parameter is unknown, or both are the same.
        ShapeError: There are not two.
    """
    if len(over) != 2:
        raise ShapeError(f"{where}: over needs two parameters, got {len(over)}\nwrite over=(net.w[0], net.b)")
    first, second = (_position(named, item, where) for item in over)
    if first == second:
        raise DomainError(f"{where}: over names {named[first][0]} twice\ngive two different parameters")
    units = [tuple(float(k == place) for k in range(len(named))) for place in (first, second)]
    return Plane(centre, units[0], units[1], (named[first][0], named[second][0]), is_axes=True)


def _position(named: Sequence[tuple[str, Value]], item: Any, where: str) -> int:
    names = [name for name, _ in named]
    if isinstance(item, Value):
        for place, (_, p) in enumerate(named):
            if p is item:
                return place
        raise DomainError(
            f"{where}: {item.label or repr(item)} in over is not among the {len(named)} parameters\n"
            f"give a Value of the model: {names[0]}{', …' if len(names) > 1 else ''}"
        )
    if isinstance(item, str):
        if item in names:
            return names.index(item)
        import difflib

        near = difflib.get_close_matches(item, names, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names[:4])}{', …' * (len(names) > 4)}"
        raise DomainError(f"{where}: no parameter is called {item!r}\n{hint}")
    if isinstance(item, bool) or not hasattr(item, "__index__"):
        raise NumberError(f"{where}: over takes Values, names or positions, got {item!r}\nwrite over=(0, 1)")
    place = int(item.__index__())
    if not -len(named) <= place < len(named):
        raise DomainError(
            f"{where}: over={place} is out of range, there are {len(named)} parameters\n"
            f"count from 0 to {len(named) - 1}"
        )
    return place % len(named)


def random_plane(named: Sequence[tuple[str, Value]], centre: Vector, *, seed: int, normalise: str, where: str) -> Plane:
    """Return the plane of two random directions, at right angles, scaled group by group to the parameters' own size.

    Each direction is drawn from a normal distribution; then its part in each neuron (layer, model) is scaled to the
    length of that neuron's own weights and bias, as they are at the centre. A step of 1 thus changes every neuron by
    its own size, whatever its scale. Groups whose parameters are all 0 keep the drawn length divided by the model's.

    Raises:
        DomainError: `normalise` is unknown, or there are fewer than two parameters.

    Source:
        H. Li, Z. Xu, G. Taylor, C. Studer, T. Goldstein, Visualizing the Loss Landscape of Neural Nets (2018).
    """
    if normalise not in NORMALISATIONS:
        import difflib

        near = difflib.get_close_matches(str(normalise), NORMALISATIONS, 1)
        hint = f"did you mean {near[0]!r}?" if near else "the usual one is 'neuron'"
        raise DomainError(f"{where}: normalise must be one of {', '.join(NORMALISATIONS)}, got {normalise!r}\n{hint}")
    if len(named) < 2:
        raise DomainError(
            f"{where}: two directions need two parameters at least, got {len(named)}\nfor one use sw.plot_function"
        )
    generator = random.Random(seed)
    first = [generator.gauss(0.0, 1.0) for _ in named]
    second = [generator.gauss(0.0, 1.0) for _ in named]
    share = dot(first, second) / dot(first, first)
    second = [v - share * u for u, v in zip(first, second, strict=True)]
    groups = _groups([name for name, _ in named], normalise)
    return Plane(
        centre,
        tuple(_scaled(first, centre, groups)),
        tuple(_scaled(second, centre, groups)),
        ("first random direction", "second random direction"),
    )


def _groups(names: Sequence[str], normalise: str) -> list[list[int]]:
    from slopewise.drawing.model_parameters import layer_of

    if normalise == "none":
        return []
    if normalise == "model":
        return [list(range(len(names)))]
    key = neuron_of if normalise == "neuron" else layer_of
    groups: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        groups.setdefault(key(name), []).append(place)
    return list(groups.values())


def _scaled(direction: Sequence[float], centre: Vector, groups: Sequence[Sequence[int]]) -> list[float]:
    if not groups:
        length = math.sqrt(dot(direction, direction)) or 1.0
        return [x / length for x in direction]
    scaled = list(direction)
    for group in groups:
        drawn = math.sqrt(math.fsum(direction[k] ** 2 for k in group))
        own = math.sqrt(math.fsum(centre[k] ** 2 for k in group))
        for k in group:
            scaled[k] = direction[k] / drawn * own if drawn else 0.0
    if not any(scaled):  # every parameter is 0
        return _scaled(direction, centre, [])
    return scaled


def path_plane(snapshots: Sequence[Vector], centre: Vector, where: str) -> Plane:
    """Return the plane in which a training path moves most: its two principal directions, each of length 1.

    Raises:
        DomainError: The path does not move in two directions.

    Source:
        H. Li, Z. Xu, G. Taylor, C. Studer, T. Goldstein, Visualizing the Loss Landscape of Neural Nets (2018),
        section 7.
    """
    import numpy as np

    ways = np.array([[x - c for x, c in zip(snapshot, centre, strict=True)] for snapshot in snapshots])
    _, sizes, directions = np.linalg.svd(ways, full_matrices=False)
    if len(sizes) < 2 or not sizes[1] > 1e-9 * sizes[0]:
        raise DomainError(
            f"{where}: the path does not move in two directions, so it spans no plane\n"
            f"record more steps, or take random directions: over=None"
        )
    total = float((sizes**2).sum())
    chosen: list[Vector] = []
    for direction in directions[:2]:
        lead = direction[int(np.argmax(np.abs(direction)))]
        chosen.append(
            tuple(float(x) for x in (direction if lead > 0 else -direction))
        )  # the sign of a svd is arbitrary
    shares = [round(100 * float(size) ** 2 / total) for size in sizes[:2]]
    names = (f"path's first direction ({shares[0]} % of it)", f"path's second direction ({shares[1]} %)")
    return Plane(centre, chosen[0], chosen[1], names)


def check_over(over: Any, where: str) -> str | Sequence[Any] | None:
    """Return `over` as None, `"path"` or a sequence of two.

    Raises:
        DomainError: It is another word.
        NumberError: It is something else.
    """
    if over is None or over == "path":
        return over  # type: ignore[no-any-return]
    if isinstance(over, str):
        if over == "random":
            return None
        raise DomainError(f"{where}: over must be two parameters, 'path' or None, got {over!r}\nwrite over='path'")
    if isinstance(over, Mapping) or not hasattr(over, "__len__"):
        raise NumberError(f"{where}: over needs two parameters, got {type(over).__name__}\nwrite over=(w, b)")
    return list(over)
