"""Where Values are kept: their places in models, and in the lists, dicts and objects that variables hold."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from types import FrameType, FunctionType, MethodType, ModuleType
from typing import Any

from slopewise.engine import Value
from slopewise.engine.value import is_made


# What an object says of its class is not asked: a proxy may raise at that.
def is_a(item: Any, kinds: type | tuple[type, ...]) -> bool:
    """Tell whether a thing is of a kind, without a word from the thing itself."""
    return issubclass(type(item), kinds)


MOST_LOOKS = 200_000  # how many things are looked at, at most
DEEPEST = 8
_DEEPEST_STEP = 4  # a name of more steps than in net.layers[0].w[1] tells nobody anything
_DEEPEST_DICT = 3


def places_in(model: Any) -> dict[int, str]:
    """Return the place of every Value that a model holds, by the Value's id.

    Args:
        model: A net, a layer, or any object that holds Values in attributes, lists and dicts.

    Example:
        >>> from slopewise.nn import MLP
        >>> from slopewise.views import places_in
        >>> net = MLP(2, [3, 1])
        >>> places_in(net)[id(net.layers[0].neurons[2].w[1])]
        'layers.0.neurons.2.w.1'
    """
    return {id(node): place for node, place, _ in _walk_model(model, {})}


def is_model(item: Any) -> bool:
    """Tell whether a thing is a net or a part of one: it can be called and has `parameters()`."""
    if is_a(item, (Value, type, ModuleType)):
        return False
    kind = type(item)
    return callable(getattr(kind, "parameters", None)) and callable(item)


def given_models(model: Any) -> dict[str, Any]:
    return dict(model) if isinstance(model, Mapping) else {"": model}


def models_in(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the models among variables, without those that are part of another, and each only once."""
    found: dict[str, Any] = {}
    for name, item in variables.items():
        if is_model(item) and not any(item is m for m in found.values()):
            found[name] = item
    if len(found) < 2:
        return found
    parts: dict[str, dict[int, Any]] = {}
    for name, item in found.items():
        seen: dict[int, Any] = {}
        for _ in _walk_model(item, seen):
            pass
        parts[name] = seen
    return {
        name: item
        for name, item in found.items()
        if not any(id(item) in seen for other, seen in parts.items() if other != name and found[other] is not item)
    }


def places_of_models(models: Mapping[str, Any], nodes: Iterable[Value]) -> dict[int, str]:
    """Return the places of the models' Values; when several models are in a graph, the variable's name comes first."""
    useful = {name: places_in(model) for name, model in models.items()}
    if len(useful) > 1:
        wanted = {id(node) for node in nodes}
        useful = {name: places for name, places in useful.items() if not wanted.isdisjoint(places)}
    found: dict[int, str] = {}
    for name, places in useful.items():
        prefix = f"{name}." if len(useful) > 1 and name else ""
        for key, place in places.items():
            found.setdefault(key, prefix + place)
    return found


def _walk_model(model: Any, seen: dict[int, Any]) -> Iterator[tuple[Value, str, int]]:
    """Walk through attributes, lists and dicts, and give every Value with its place; nothing is visited twice."""
    stack: list[tuple[Any, str, int]] = [(model, "", 0)]
    while stack:
        item, place, depth = stack.pop()
        if id(item) in seen or len(seen) > 20 * MOST_LOOKS:
            continue
        seen[id(item)] = item
        if is_a(item, Value):
            yield item, place, depth
        elif depth < 4 * DEEPEST:
            try:
                parts = list(_parts_of(item))
            except Exception:  # a foreign thing that raises when it is looked at is no part of a model
                continue
            stack.extend((part, f"{place}.{key}" if place else str(key), depth + 1) for key, part in reversed(parts))


def _parts_of(item: Any) -> Iterator[tuple[Any, Any]]:
    if is_a(item, (list, tuple)):
        yield from enumerate(item)
    elif is_a(item, dict):
        yield from item.items()
    elif _has_own_attributes(item):
        yield from _attributes_of(item)


def _has_own_attributes(item: Any) -> bool:
    if is_a(item, (str, bytes, int, float, complex, type, ModuleType, FunctionType, MethodType, FrameType)):
        return False
    kind = type(item)
    return getattr(kind, "__dictoffset__", 0) != 0 or hasattr(kind, "__slots__")


def _attributes_of(item: Any) -> Iterator[tuple[str, Any]]:
    for cls in type(item).__mro__:
        slots = cls.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if not name.startswith("__"):
                try:
                    yield name, object.__getattribute__(item, name)
                except AttributeError:
                    continue
    try:  # whatever the class makes of attributes, its instances' own dict is asked for
        own = object.__getattribute__(item, "__dict__")
    except AttributeError:
        return
    if isinstance(own, dict):
        yield from list(own.items())


# ---------------------------------------------------------------------- lists, dicts and objects


def held_in(
    holders: list[tuple[str, Any]], wanted: Iterable[int] | None = None, most: int = MOST_LOOKS
) -> dict[int, str]:
    """Return, by id, the Values that variables hold inside of something, and how to get at them.

    Args:
        holders: The variables, by name.
        wanted: The ids of the Values that are looked for: the search ends with the last of them. All if not given.
        most: How many things are looked at.
    """
    found: dict[int, str] = {}
    missing = {0} if wanted is None else set(wanted)  # nothing has the id 0
    if not missing:
        return found
    seen: set[int] = set()
    looks = 0
    queue: list[tuple[str, Any, int]] = [(name, item, 0) for name, item in holders]
    for path, item, depth in queue:  # the queue grows while it is walked: what is nearest comes first
        if id(item) in seen or depth >= (_DEEPEST_DICT if is_a(item, dict) else _DEEPEST_STEP):
            continue
        for step, part in _look_into(item, most - looks):
            looks += 1
            if is_a(part, Value):
                found.setdefault(id(part), path + step)
                missing.discard(id(part))
            elif not is_a(part, (int, float, str, bytes, complex, bool, type(None))):
                queue.append((path + step, part, depth + 1))
        if looks >= most or not missing:
            break
        seen.add(id(item))
    return found


def _look_into(item: Any, most: int) -> list[tuple[str, Any]]:
    """List what a thing holds, and how to get at it; a thing that raises when it is looked at holds nothing."""
    try:
        if _is_huge(item) or is_ours(item) or is_walk(item):
            return []
        return list(itertools.islice(_steps_into(item), most))
    except Exception:
        return []


def is_walk(item: Any) -> bool:
    """Tell whether a list holds a node beside an operand of it, as the lecture's `topo` does: a walk names nothing."""
    if not is_a(item, (list, tuple)) or len(item) > MOST_LOOKS:
        return False
    inside = {id(part) for part in item if is_a(part, Value)}
    return any(id(operand) in inside for part in item if is_a(part, Value) and is_made(part) for operand in part._prev)


def is_ours(item: Any) -> bool:
    """Tell whether a thing is one of slopewise's own answers, such as a story, and no net: it names nothing."""
    return type(item).__module__.startswith("slopewise.") and not is_model(item)


def _is_huge(item: Any) -> bool:
    return is_a(item, (list, tuple, dict)) and len(item) > MOST_LOOKS


def _steps_into(item: Any) -> Iterator[tuple[str, Any]]:
    if is_a(item, (type, ModuleType)):
        return
    if is_a(item, (list, tuple)) and not hasattr(item, "_fields"):
        for i, part in enumerate(item):
            yield f"[{i}]", part
    elif is_a(item, tuple):
        for name, part in zip(getattr(item, "_fields", ()), item, strict=False):
            yield f".{name}", part
    elif is_a(item, dict):
        for key, part in list(item.items()):
            yield f"[{key!r}]", part
    elif type(item).__module__ == "numpy" and getattr(getattr(item, "dtype", None), "hasobject", False):
        yield from _array_steps(item)
    elif type(item).__module__ not in ("builtins", "numpy") and _has_own_attributes(item):
        for name, part in _attributes_of(item):
            if not name.startswith("_"):
                yield f".{name}", part


def _array_steps(array: Any) -> Iterator[tuple[str, Any]]:
    shape = array.shape
    for flat, part in enumerate(array.flat):
        index = []
        for size in reversed(shape):
            flat, i = divmod(flat, size)
            index.append(i)
        yield f"[{', '.join(map(str, reversed(index)))}]", part
