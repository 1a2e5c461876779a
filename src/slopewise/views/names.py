"""What each node of a graph is called: by its label, its variable, its place in a model, or a short name of ours."""

import dis
import functools
from collections.abc import Iterable, Mapping
from types import CodeType
from typing import Any

from slopewise.engine import Value
from slopewise.engine.modes import user_frame
from slopewise.engine.reading import is_constant
from slopewise.engine.value import has_attributes
from slopewise.views.places import MOST_LOOKS, given_models, held_in, is_a, models_in, places_of_models


class Names:
    """The names of a graph's nodes, no two alike.

    A node goes by the first of these that it has: its label; the variable that holds it; its place in a model, such as
    `layers.0.neurons.3.w.1`; its place in a list, dict or object that a variable holds, such as `xs[0]`; the variable
    of a loop. A node that has none is `v1`, `v2` …, in the order in which names are asked for. Where two nodes would
    have the same name, the later one gets `#2` behind it.

    Args:
        given: By the node's id, the name that it has in the caller's code, if any; labels need not be in it.
        places: By the node's id, its place in a model.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.views import Names
        >>> a, b = Value(2.0, label="a"), Value(3.0)
        >>> names = Names({id(b): "speed"})
        >>> names.of(a), names.of(b), names.of(a * b), names.is_given(b)
        ('a', 'speed', 'v1', True)
    """

    def __init__(self, given: Mapping[int, str] | None = None, places: Mapping[int, str] | None = None) -> None:
        self._given = dict(given or {})
        self._places = dict(places or {})
        self._names: dict[int, str] = {}
        self._taken: dict[str, int] = {}
        self._kept: list[Value] = []  # what was named stays alive, so that its id stays its own
        self._count = 0

    def of(self, node: Value) -> str:
        """Return the node's name."""
        name = self._names.get(id(node))
        if name is None:
            wish = self._wish(node)
            name = self._unlike_others(wish) if wish else self._short_name()
            self._names[id(node)] = name
            self._kept.append(node)
        return name

    def settle(self, nodes: Iterable[Value]) -> None:
        """Name nodes now, in this order; those whose name is their own come first, so that it stays as it is."""
        waiting = []
        for node in nodes:
            if id(node) not in self._names:
                if self._wish(node):
                    self.of(node)
                else:
                    waiting.append(node)
        for node in waiting:
            self.of(node)

    def is_given(self, node: Value) -> bool:
        """Tell whether the name comes from the user's code, not from us."""
        return bool(self._wish(node))

    def place_of(self, node: Value) -> str:
        """Return the node's place in a model, or "" when it is in none."""
        return self._places.get(id(node), "")

    def _wish(self, node: Value) -> str:
        label = label_of(node)
        if label or is_constant(node):  # a plain number of a formula is nobody's variable
            return label
        return self._given.get(id(node)) or self._places.get(id(node), "")

    def _unlike_others(self, wish: str) -> str:
        count = self._taken.get(wish, 0) + 1
        self._taken[wish] = count
        name = wish
        while count > 1:
            name = f"{wish}#{count}"
            if name not in self._taken:
                break
            count += 1
        self._taken[wish] = count
        self._taken.setdefault(name, 1)
        return name

    def _short_name(self) -> str:
        while True:
            self._count += 1
            name = f"v{self._count}"
            if name not in self._taken:
                self._taken[name] = 1
                return name


def label_of(node: Value) -> str:
    """Return a node's label as a text, "" for one that is empty or blank."""
    if not has_attributes(node):
        return ""
    label = node.label
    text = label if isinstance(label, str) else "" if label is None else str(label)
    return text if text.strip() else ""


def caller_names(nodes: Iterable[Value], model: Any = None, depth: int = 1) -> Names:
    """Name nodes as the calling code does: look into the innermost frame that is not slopewise's own.

    Args:
        nodes: The nodes to look for.
        model: The model in whose places parameters are named, or several by name in a dict; found among the caller's
            variables if not given.
        depth: How many frames to leave out before looking.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.views import caller_names
        >>> speed = Value(3.0)
        >>> xs = [Value(1.0), Value(2.0)]
        >>> names = caller_names([speed, *xs])
        >>> names.of(speed), names.of(xs[1])
        ('speed', 'xs[1]')
    """
    frame = user_frame(depth + 1)
    if frame is None:
        return names_in({}, nodes, model)
    scope: dict[str, Any] = dict(frame.f_locals)
    if frame.f_globals is not frame.f_locals:
        for name, item in frame.f_globals.items():
            scope.setdefault(name, item)
    return names_in(scope, nodes, model, loop_variables(frame.f_code))


def names_in(
    scope: Mapping[str, Any],
    nodes: Iterable[Value],
    model: Any = None,
    loops: frozenset[str] = frozenset(),
    is_all: bool = False,
    most: int = MOST_LOOKS,
) -> Names:
    """Name nodes by the variables of a scope.

    Args:
        scope: The variables and what they hold.
        nodes: The nodes to look for.
        model: As for `caller_names`.
        loops: Those variables that only count through something: their names are the last choice.
        is_all: Whether no other nodes will be asked for: then the search ends with the last of these.
        most: How many things inside of variables are looked at.
    """
    nodes = list(nodes)
    variables = {name: item for name, item in scope.items() if not name.startswith("_")}
    models = given_models(model) if model is not None else models_in(variables)
    places = places_of_models(models, nodes)
    direct: dict[int, str] = {}
    last: dict[int, str] = {}
    holders: list[tuple[str, Any]] = []
    for name, item in variables.items():
        if is_a(item, Value):
            (last if name in loops else direct).setdefault(id(item), name)
        elif name not in loops and not any(item is m for m in models.values()):
            holders.append((name, item))
    wanted = {id(node) for node in nodes}.difference(places, direct) if is_all else None
    return Names({**last, **held_in(holders, wanted, most), **places, **direct}, places)


@functools.lru_cache(maxsize=64)
def loop_variables(code: CodeType) -> frozenset[str]:
    """Return the names that `for` loops of a piece of code bind."""
    found: set[str] = set()
    waiting = 0
    for instruction in dis.get_instructions(code):
        name = instruction.opname
        if name == "FOR_ITER":
            waiting = 1
        elif waiting and name == "UNPACK_SEQUENCE":
            waiting += (instruction.arg or 0) - 1
        elif waiting and name.startswith("STORE_"):
            names = instruction.argval if isinstance(instruction.argval, tuple) else (instruction.argval,)
            found.update(n for n in names if isinstance(n, str))
            waiting = max(0, waiting - len(names))
        elif waiting and name not in ("CACHE", "EXTENDED_ARG", "NOP"):
            waiting = 0
    return frozenset(found)
