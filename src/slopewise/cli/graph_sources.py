"""What `explain`, `why` and `draw` are given: an expression, or `FILE.py:NAME`, or `-` for what comes in.

An expression is parsed, never run. `FILE.py:NAME` runs the file, as `python FILE.py` does, and takes from it a Value,
a place such as `losses[0]` or `net.layers[0]`, or what a function without arguments returns.
"""

import contextlib
import difflib
import inspect
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from slopewise.cli.documents import on_the_command_line
from slopewise.cli.terminal import BadInput, fail, remark
from slopewise.cli.user_code import failure_line, load_module, silenced
from slopewise.errors import SlopewiseError

if TYPE_CHECKING:
    from slopewise.engine import Value
    from slopewise.views import Names

_FILE = re.compile(r"(?P<file>.*\.pyw?)(?::(?P<name>[^:]*))?", re.DOTALL)
_STEP = re.compile(
    r"""\.?(?P<attribute>[^\W\d]\w*) | \[\s*(?P<index>-?\d+)\s*\]
    | \[\s*(?P<quote>['"])(?P<key>[^'"]*)(?P=quote)\s*\] | (?P<call>\(\s*\))""",
    re.VERBOSE,
)
_MOST_OFFERED = 8


@dataclass(frozen=True, slots=True)
class GraphSource:
    """A graph to look at, and what its nodes are called.

    Attributes:
        item: The Value; or a model, where the command takes one.
        title: What it is called in the command line.
        scope: The variables that hold it and its parts.
        loops: Those variables that only count through something.
    """

    item: Any
    title: str
    scope: Mapping[str, Any]
    loops: frozenset[str] = frozenset()

    def names(self, nodes: list["Value"]) -> "Names":
        """Return the names of the nodes, as the file or the expression has them."""
        from slopewise.views.names import names_in

        return names_in(self.scope, nodes, loops=self.loops)


def is_file_target(target: str) -> bool:
    """Tell whether a target names a Python file, rather than being an expression.

    Example:
        >>> from slopewise.cli.graph_sources import is_file_target
        >>> is_file_target("net.py:loss"), is_file_target("f = a*b; a=1; b=2")
        (True, False)
    """
    return _FILE.fullmatch(target.strip()) is not None


def read_graph(target: str, *, take_models: bool = False, lines: bool = False) -> GraphSource:
    """Return the graph of a target; ends the command with one line when there is none.

    Args:
        target: An expression; `FILE.py:NAME`; or `-`, then an expression is read from the standard input.
        take_models: Whether a net or a layer will do as well.
        lines: Record which line of the file made each node.
    """
    if is_file_target(target):
        return _from_file(target.strip(), take_models, lines)
    from slopewise.cli.expressions import read_expression

    if lines:
        fail("--lines tells lines of a file, and an expression has none: leave it out")
    text = _standard_input() if target.strip() == "-" else target
    found = read_expression(text)
    for note in found.notes:
        remark(note)
    return GraphSource(found.root, found.name or "the result", {"result": found.root, **found.named})


@contextlib.contextmanager
def failures_named(target: str) -> Iterator[None]:
    """Say in one line what the code of the file raises while its graph is read, a `_backward` for example."""
    try:
        yield
    except SlopewiseError as error:
        said = on_the_command_line(str(error))
        if said != str(error):
            fail(said)
        raise
    except Exception as error:
        match = _FILE.fullmatch(target.strip())
        path = Path(match["file"]) if match is not None else None
        frames = traceback.extract_tb(error.__traceback__)
        if path is None or not any(frame.filename == str(path) for frame in frames):
            raise
        fail(f"reading the graph raised {failure_line(error, path)}")


def _standard_input() -> str:
    from slopewise.cli.expressions.tokens import LONGEST

    try:
        return sys.stdin.read(LONGEST + 1)
    except UnicodeDecodeError as error:
        fail(f"the standard input is not {error.encoding}: {error.reason} at byte {error.start}")


def _from_file(target: str, take_models: bool, lines: bool) -> GraphSource:
    match = _FILE.fullmatch(target)
    assert match is not None  # is_file_target() said so
    path, name = Path(match["file"]), (match["name"] or "").strip()
    with silenced() as printed, _recorded(lines):
        module = load_module(path)
        variables = {key: item for key, item in vars(module).items() if not key.startswith("__")}
        if not name:
            fail(f"{target} names no Value: write {path}:NAME; {_offer(variables, '', take_models)}")
        item, local = _follow(variables, name, path, take_models)
    count = printed.getvalue().count("\n")
    if count:
        remark(f"{path.name} printed {count} line{'s' * (count != 1)}, left out here")
    from slopewise.views.names import loop_variables

    loops = loop_variables(compile(path.read_bytes(), str(path), "exec", dont_inherit=True))
    return GraphSource(_checked(item, name, path, variables, take_models), name, {**variables, **local}, loops)


@contextlib.contextmanager
def _recorded(lines: bool) -> Iterator[None]:
    if not lines:
        yield
        return
    from slopewise.engine import sources

    with sources():
        yield


def looked_up(source: GraphSource, name: str) -> "Value | None":
    """Return the Value that a place such as `xs[0]` or `point.x` holds, None when none is there."""
    from slopewise.engine import Value

    try:
        item, _ = _follow(source.scope, name, Path(source.title), False, call=False)
    except BadInput:
        return None
    return item if isinstance(item, Value) else None


def _follow(
    variables: Mapping[str, Any], name: str, path: Path, take_models: bool, call: bool = True
) -> tuple[Any, Mapping[str, Any]]:
    """Walk from variable to attribute to element; a function without arguments is called, if `call` says so.

    Returns:
        What is there, and the local variables of the last function that was called on the way.
    """
    from slopewise.engine import Value

    item: Any = None
    local: Mapping[str, Any] = {}
    place = 0
    while place < len(name):
        step = _STEP.match(name, place)
        if (
            step is None
            or (step["call"] and not call)
            or (place == 0 and step["attribute"] is None)
            or (place == 0 and name.startswith("."))
        ):
            fail(f"{name!r} is not a name in {path}: write {path}:NAME, as in loss, net.loss or losses[0]")
        before = name[:place]
        if place == 0:
            if step["attribute"] not in variables:
                fail(f"no {step['attribute']} in {path}; {_offer(variables, step['attribute'], take_models)}")
            item = variables[step["attribute"]]
        elif step["call"] is not None:
            item, local = _called(item, before, path)
        elif step["attribute"] is not None:
            item = _attribute(item, step["attribute"], before, path)
        else:
            if inspect.isroutine(item) and call:
                item, local = _called(item, before, path)
            item = _element(item, int(step["index"]) if step["index"] else step["key"], before, path)
        place = step.end()
    if call and not isinstance(item, Value) and not _is_model(item) and inspect.isroutine(item):
        item, local = _called(item, name, path)
    return item, local


def _attribute(item: Any, attribute: str, before: str, path: Path) -> Any:
    try:
        return getattr(item, attribute)
    except AttributeError:
        near = difflib.get_close_matches(attribute, [n for n in dir(item) if not n.startswith("_")], 1)
        hint = f"; did you mean {before}.{near[0]}?" if near else ""
        fail(f"{before} in {path} has no {attribute}{hint}")
    except Exception as error:
        fail(f"{before}.{attribute} raised {failure_line(error, path)}")


def _element(item: Any, key: int | str, before: str, path: Path) -> Any:
    try:
        return item[key]
    except (IndexError, KeyError):
        if isinstance(item, Mapping):
            known = ", ".join(repr(k) for k in list(item)[:_MOST_OFFERED])
            fail(f"{before} in {path} has no {key!r}; there {'is' if len(item) == 1 else 'are'} {known or 'none'}")
        fail(f"{before} in {path} has {_count(item)}, so there is no {before}[{key}]")
    except Exception as error:
        fail(f"{before}[{key!r}] in {path} raised {failure_line(error, path)}")


def _called(function: Any, name: str, path: Path) -> tuple[Any, Mapping[str, Any]]:
    """Call a function without arguments; return what it gives, and its local variables at the end."""
    if not callable(function):
        fail(f"{name} in {path} is {_short(function)}, not a function")
    try:
        needed = [
            parameter.name
            for parameter in inspect.signature(function).parameters.values()
            if parameter.default is parameter.empty
            and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        ]
    except (TypeError, ValueError):
        needed = []
    if needed:
        fail(
            f"{name}() in {path} takes {', '.join(needed)}, and is called without arguments here; "
            f"keep its result in the file: loss = {name}(…), and name that"
        )
    try:
        return _with_locals(function)
    except SystemExit as error:
        fail(f"{name}() in {path} ended itself with exit code {error.code!r}")
    except Exception as error:
        fail(f"{name}() raised {failure_line(error, path)}")


def _with_locals(function: Callable[[], Any]) -> tuple[Any, Mapping[str, Any]]:
    """Call a function; its variables when it returns are the names of what it made."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    found: dict[str, Any] = {}

    def watch(frame: Any, event: str, _argument: Any) -> None:
        if event == "return" and frame.f_code is code:
            found.clear()
            found.update(frame.f_locals)

    before = sys.getprofile()
    sys.setprofile(watch if code is not None else before)
    try:
        result = function()
    finally:
        sys.setprofile(before)
    return result, found


def _checked(item: Any, name: str, path: Path, variables: Mapping[str, Any], take_models: bool) -> Any:
    """Return the item when it is a Value, or a model where one is taken; say what it is instead."""
    from slopewise.engine import Value

    if isinstance(item, Value) or (take_models and _is_model(item)):
        return item
    wanted = "a Value or a net" if take_models else "a Value"
    if _is_model(item):
        fail(f"{name} in {path} is a net: name what it computes, such as its loss, or look at it with slopewise draw")
    if isinstance(item, type):
        fail(f"{name} in {path} is a class, not {wanted}; {_offer(variables, name, take_models)}")
    if isinstance(item, ModuleType):
        fail(f"{name} in {path} is a module, not {wanted}; {_offer(variables, name, take_models)}")
    if isinstance(item, (list, tuple)):
        if any(isinstance(part, Value) for part in item):
            last = f" to {name}[{len(item) - 1}]" if len(item) > 1 else ""
            fail(f"{name} in {path} holds {_count(item)}: name one of them, {name}[0]{last}")
        fail(f"{name} in {path} holds {_count(item)}, and none is a Value; {_offer(variables, name, take_models)}")
    if isinstance(item, Mapping):
        keys = ", ".join(f"{name}[{key!r}]" for key in list(item)[:3])
        fail(f"{name} in {path} is a dict: name one of its Values{f', as in {keys}' if keys else ''}")
    if item is None:
        fail(f"{name} in {path} is None, not {wanted}; a function must return its Value")
    if type(item).__name__ == "Value":
        home = type(item).__module__
        whose = "micrograd's" if home.startswith("micrograd") else "the file's own"
        fail(f"{name} in {path} is {whose} Value, not slopewise's; change the file to: from slopewise import Value")
    if isinstance(item, (int, float)) or hasattr(item, "dtype"):
        fail(f"{name} in {path} is the number {_short(item)}, which has no graph: keep the Value itself, without .data")
    fail(f"{name} in {path} is {_short(item)}, not {wanted}; {_offer(variables, name, take_models)}")


def _offer(variables: Mapping[str, Any], name: str, take_models: bool) -> str:
    """Return which names there are, the nearest alone where one is near."""
    from slopewise.engine import Value

    found = [
        key
        for key, item in variables.items()
        if not key.startswith("_") and (isinstance(item, Value) or (take_models and _is_model(item)))
    ]
    functions = [
        key
        for key, item in variables.items()
        if not key.startswith("_") and inspect.isfunction(item) and not _parameters(item)
    ]
    near = difflib.get_close_matches(name, found + functions, 1) if name else []
    if near:
        return f"did you mean {near[0]}?"
    if found:
        more = ", …" if len(found) > _MOST_OFFERED else ""
        return f"there {'is' if len(found) == 1 else 'are'} {', '.join(found[:_MOST_OFFERED])}{more}"
    if functions:
        return f"there is no Value in it, but the function{'s' * (len(functions) != 1)} {', '.join(functions[:4])}"
    return "there is no Value in it"


def _parameters(function: Any) -> bool:
    try:
        return bool(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return True


def _is_model(item: Any) -> bool:
    from slopewise.views.places import is_model

    return is_model(item)


def _count(item: Any) -> str:
    count = len(item)
    return f"{count} element{'s' * (count != 1)}"


def _short(item: Any) -> str:
    try:
        text = repr(item)
    except Exception as error:
        return f"a {type(item).__name__} whose repr raises {type(error).__name__}"
    return text if len(text) <= 60 else text[:57] + "…"
