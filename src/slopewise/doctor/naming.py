"""What the doctor calls nodes: as the user's code does, or by their place among the parameters."""

from collections.abc import Callable, Iterable
from types import FrameType, FunctionType, ModuleType
from typing import Any

from slopewise.doctor.source_lines import let_go, scope_of
from slopewise.engine import Value
from slopewise.engine.value import is_made
from slopewise.views.names import Names, label_of, loop_variables, names_in

Namer = Callable[[Value], str]
# How many things inside of variables are looked at: a data set may be among them, and the first is done at each pass.
LOOKS_FOR_ONE = 5_000
LOOKS = 50_000


class Namebook:
    """Names of nodes, looked up in the frames of the user's code while they are there."""

    def __init__(self, model: Any = None) -> None:
        self._model = model
        self._names: dict[Value, str] = {}
        self._scope: dict[str, Any] = {}  # what may hold parameters, of the code that trains
        self._loops: frozenset[str] = frozenset()

    def remember(self, frame: FrameType | None) -> None:
        """Keep a hold of what may name parameters later: models, leaves, and what contains them; no graphs."""
        if frame is not None:
            self._scope |= {name: item for name, item in scope_of(frame).items() if _may_name(item)}
            self._loops |= loop_variables(frame.f_code)
            let_go(frame, _may_stay)

    def add(self, scope: dict[str, Any]) -> None:
        """Keep a hold of more variables."""
        self._scope = {**scope, **self._scope}

    def look_up_remembered(self, nodes: Iterable[Value]) -> None:
        """Name those nodes that have no name yet by what was remembered."""
        new = [node for node in nodes if node not in self._names]
        if new and (self._scope or self._model is not None):
            self._keep(names_in(self._scope, new, self._model, self._loops, is_all=True, most=LOOKS), new)

    def look_up(self, nodes: Iterable[Value], frame: FrameType | None) -> None:
        """Name those nodes that have no name yet by the variables that a frame and its callers see."""
        new = [node for node in nodes if node not in self._names]
        if not new or (frame is None and self._model is None):
            return
        loops = loop_variables(frame.f_code) if frame is not None else frozenset()
        self._keep(names_in(scope_of(frame), new, self._model, loops, is_all=True, most=LOOKS), new)
        let_go(frame, _may_stay)

    def look_up_once(self, node: Value, frame: FrameType | None) -> str:
        """Return the name that a frame has for a node, or "", and keep no hold of the node: it may be a graph."""
        known = self.given(node)
        if known or frame is None:
            return known
        loops = loop_variables(frame.f_code)
        names = names_in(scope_of(frame), [node], self._model, loops, is_all=True, most=LOOKS_FOR_ONE)
        let_go(frame, _may_stay)
        return names.of(node) if names.is_given(node) else ""

    def _keep(self, names: Names, nodes: list[Value]) -> None:
        names.settle(nodes)
        for node in nodes:
            if names.is_given(node):
                self._names[node] = names.of(node)

    def given(self, node: Value) -> str:
        """Return the name that the user's code has for a node, or ""."""
        return self._names.get(node) or label_of(node)


def _may_name(item: Any) -> bool:
    """Tell whether a variable is worth keeping: it holds no node that was made from others, as far as a glance "
    "tells."""
    for _ in range(4):
        if isinstance(item, Value):
            return not is_made(item)
        if isinstance(item, (list, tuple)) and item:
            item = item[0]
        elif isinstance(item, dict) and item:
            item = next(iter(item.values()))
        else:
            break
    return not isinstance(item, (int, float, str, bytes, type, ModuleType, FunctionType))


def _may_stay(item: Any) -> bool:
    """Tell whether a copy of a variable may live on: no graph, and no list of graphs, as far as a glance tells."""
    return isinstance(item, (int, float, str, bytes, type, ModuleType, FunctionType)) or _may_name(item)
