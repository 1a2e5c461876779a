"""Functions and objects among the results of a traced function: they must not carry numbers of that one call."""

import functools
import inspect
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from slopewise.basics.arguments import name_of
from slopewise.compiler.static import Static
from slopewise.compiler.structure import Nest
from slopewise.engine import Value
from slopewise.engine.modes import Source
from slopewise.errors import TraceError, TraceLeakError
from slopewise.tracer import Number

__all__ = ["Carried", "carried", "refuse_carried"]

Carried = tuple[Any, str, Any]  # the object that was returned, the way to a number in it, the number

_CLOSED = (Value, Number, type, types.ModuleType, types.CodeType, types.FrameType, str, bytes, int, float, complex)


def carried(result: Nest) -> list[Carried]:
    """List the Values and traced numbers inside the functions and objects that a nest holds as they are."""
    found: list[Carried] = []
    for item in _statics(result):
        if item is None:
            continue
        seen: dict[int, Any] = {}
        pending: list[tuple[str, Any]] = [("", item)]
        while pending:
            way, part = pending.pop()
            if isinstance(part, (Value, Number)):
                found.append((item, way, part))
            elif part is not None and not isinstance(part, _CLOSED) and id(part) not in seen:
                seen[id(part)] = part
                pending += [(way + step, inner) for step, inner in reversed(list(_inside(part)))]
    return found


def refuse_carried(f: Callable[..., Any], found: Sequence[Carried], arguments: Sequence[Any]) -> None:
    """Refuse what a function returned, when it carries numbers of the call that was traced.

    Args:
        f: The function.
        found: What `carried` listed; the trace is over.
        arguments: The Values that stood for the arguments in that trace.

    Raises:
        TraceError: There is such a number; the message says in what.
    """
    own = {id(value) for value in arguments}
    for item, way, part in found:
        if isinstance(part, Number) or id(part) in own or _is_over(part):
            what, kind = _described(item)
            where = f", {way.lstrip('.')}," if way else ""
            raise TraceError(
                f"{name_of(f)} returned {what} that holds a number of one call{where} which later calls cannot renew\n"
                f"at {_line_of(item) or _line_of(f) or name_of(f)}\n"
                f"return the numbers, in a list, a dict or a dataclass, and make the {kind} of them outside"
            )


def _statics(nest: Nest) -> Iterator[Any]:
    """Yield what a nest holds that is neither a number nor a nest, keys included."""
    pending = [nest]
    while pending:
        part = pending.pop()
        if part.kind == "static":
            yield part.form.item
        elif part.kind == "dict":
            yield from [key.item for key in part.form[1] if type(key) is Static]
        pending += reversed(part.parts)


def _inside(item: Any) -> Iterator[tuple[str, Any]]:
    """Yield what an object holds, each with the step that leads there."""
    if isinstance(item, dict):
        yield from [part for key, inner in item.items() for part in ((f"[{_short(key)}]", inner), (".key", key))]
    elif isinstance(item, (list, tuple, set, frozenset)):
        yield from [(f"[{i}]", inner) for i, inner in enumerate(item)]
    elif isinstance(item, functools.partial):
        yield from [*_inside(item.args), *((f".{name}", inner) for name, inner in item.keywords.items())]
        yield ".func", item.func
    elif isinstance(item, types.MethodType):
        yield ".__self__", item.__self__
        yield "", item.__func__
    elif isinstance(item, types.FunctionType):
        for name, cell in zip(item.__code__.co_freevars, item.__closure__ or (), strict=True):
            try:
                yield f".{name}", cell.cell_contents
            except ValueError:  # not assigned yet
                continue
        yield ".default", item.__defaults__
        yield ".default", item.__kwdefaults__
    elif getattr(getattr(item, "dtype", None), "hasobject", False):
        yield from [(f"[{i}]", inner) for i, inner in enumerate(item.ravel().tolist())]
    elif type(item).__module__.startswith("slopewise.compiler"):
        yield "", getattr(item, "f", None)  # what is compiled: its traces hold Values of their own
    else:
        yield from _attributes(item)


def _attributes(item: Any) -> Iterator[tuple[str, Any]]:
    yield from [(f".{name}", inner) for name, inner in list(getattr(item, "__dict__", {}).items())]
    for cls in type(item).__mro__:
        slots = vars(cls).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            held = vars(cls).get(name)
            if isinstance(held, types.MemberDescriptorType):
                try:
                    yield f".{name}", held.__get__(item)
                except AttributeError:  # not assigned
                    continue


def _is_over(value: Value) -> bool:
    try:
        _ = value.data
    except TraceLeakError:
        return True
    return False


def _line_of(item: Any) -> str:
    code = getattr(inspect.unwrap(item) if callable(item) else item, "__code__", None)
    return str(Source(code.co_filename, code.co_firstlineno, code.co_name)) if code is not None else ""


def _described(item: Any) -> tuple[str, str]:
    if inspect.isroutine(item) or isinstance(item, functools.partial):
        return "a function", "function"
    if isinstance(item, (set, frozenset)):
        return f"a {type(item).__name__}", "set"
    if isinstance(item, (Value, tuple)):
        return "a dict with a key", "dict"
    return f"an object of class {type(item).__name__}", "object"


def _short(key: Any) -> str:
    return repr(key) if isinstance(key, (str, int)) else "…"
