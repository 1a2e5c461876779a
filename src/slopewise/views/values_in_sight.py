"""The Values that the calling code holds in its variables: other roots, and what a broken chain was broken from."""

from typing import Any

from slopewise.engine import Value
from slopewise.engine.modes import user_frame

MOST = 10_000  # how many things are looked at, at most


def caller_values(depth: int = 1) -> dict[str, Value]:
    """Return the Values in the variables of the innermost frame that is not slopewise's own, by name.

    Items of lists, tuples and dicts count too, as `losses[3]`; what lies deeper does not.

    Args:
        depth: How many frames to leave out before looking.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.views.values_in_sight import caller_values
        >>> speed, xs = Value(3.0), [Value(1.0)]
        >>> names = caller_values()
        >>> names["speed"] is speed, names["xs[0]"] is xs[0]
        (True, True)
    """
    frame = user_frame(depth + 1)
    if frame is None:
        return {}
    scope: dict[str, Any] = {**frame.f_globals, **frame.f_locals}
    found: dict[str, Value] = {}
    looks = 0
    for name, item in scope.items():
        if name.startswith("_"):
            continue
        if issubclass(type(item), Value):  # a proxy may raise when it is asked for its class
            found[name] = item
        elif type(item) in (list, tuple, dict):
            pairs = list(item.items()) if isinstance(item, dict) else enumerate(item)
            for key, part in pairs:
                looks += 1
                if looks > MOST:
                    break
                if issubclass(type(part), Value):
                    found[f"{name}[{key!r}]"] = part
    return found
