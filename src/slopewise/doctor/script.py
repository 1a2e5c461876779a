"""A script of the user's, run under a watch as `python script.py` would run it."""

import ast
import contextlib
import importlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import IO, Any

from slopewise.doctor.report import Report
from slopewise.doctor.watching import Watch


@dataclass(frozen=True, slots=True)
class ScriptFacts:
    """What a script's text says of where its Values come from.

    Attributes:
        own_value: The line that defines a class `Value` of its own; 0 for none.
        micrograd: The line that imports micrograd; 0 for none.
        uses_slopewise: Whether it imports slopewise.
    """

    own_value: int
    micrograd: int
    uses_slopewise: bool


@dataclass(frozen=True, slots=True)
class ScriptRun:
    """What became of a script.

    Attributes:
        report: What the watch saw.
        error: The exception that ended the script, or None.
        exit_code: The code that the script ended itself with, 0 if it ran to its end.
        was_stopped: Whether it was stopped with Ctrl-C.
        own_values: Files of the user's that were loaded and define a class `Value` of their own.
        uses_micrograd: Whether micrograd itself was loaded.
    """

    report: Report
    error: Exception | None
    exit_code: int
    was_stopped: bool
    own_values: tuple[str, ...]
    uses_micrograd: bool


def facts_of(text: str) -> ScriptFacts:
    """Read a script's text.

    Raises:
        SyntaxError: It is no Python.

    Example:
        >>> from slopewise.doctor.script import facts_of
        >>> facts_of("import math\\nfrom micrograd.engine import Value\\n")
        ScriptFacts(own_value=0, micrograd=2, uses_slopewise=False)
    """
    own_value = micrograd = 0
    uses_slopewise = False
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef) and node.name == "Value" and not own_value:
            is_whole = any(isinstance(item, ast.FunctionDef) and item.name == "__init__" for item in node.body)
            own_value = node.lineno if is_whole and not node.bases else 0
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
            roots = {name.split(".")[0] for name in modules}
            micrograd = micrograd or (node.lineno if "micrograd" in roots else 0)
            uses_slopewise = uses_slopewise or "slopewise" in roots
    return ScriptFacts(own_value, micrograd, uses_slopewise)


def run_script(
    path: Path, arguments: Sequence[str] = (), *, redirect_micrograd: bool = False, stdout: IO[str] | None = None
) -> ScriptRun:
    """Run a script as `__main__` under a watch.

    Args:
        path: The script.
        arguments: What follows it in `sys.argv`.
        redirect_micrograd: Whether `micrograd.engine` and `micrograd.nn` are to be slopewise's.
        stdout: Where its output goes; the standard output unless given.

    Returns:
        The report, and how the script ended.

    Raises:
        SyntaxError: The script is no Python; nothing was run.
        OSError: It cannot be read.
    """
    code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    module = ModuleType("__main__")
    module.__file__ = str(path)
    module.__dict__["__builtins__"] = __builtins__
    error: Exception | None = None
    exit_code = 0
    was_stopped = False
    before = set(sys.modules)
    with contextlib.ExitStack() as stack:
        stack.enter_context(_as_main(module, path, arguments))
        if redirect_micrograd:
            stack.enter_context(_redirected_micrograd())
        if stdout is not None:
            stack.enter_context(contextlib.redirect_stdout(stdout))
        watched = Watch(file=str(path))
        watched.__enter__()
        try:
            exec(code, module.__dict__)
        except SystemExit as stop:
            exit_code = _exit_code(stop.code)
        except KeyboardInterrupt:
            was_stopped = True
        except Exception as raised:
            error = raised
        finally:
            watched.close(module.__dict__)
        loaded = set(sys.modules) - before
        own = tuple(sorted(_own_values(module, path, loaded)))
        uses_micrograd = not redirect_micrograd and "micrograd.engine" in sys.modules
    return ScriptRun(watched.report(), error, exit_code, was_stopped, own, uses_micrograd)


@contextlib.contextmanager
def _as_main(module: ModuleType, path: Path, arguments: Sequence[str]) -> Iterator[None]:
    """Make a module `__main__`, with its arguments, and let it import from its own folder."""
    main, argv, places = sys.modules["__main__"], sys.argv, list(sys.path)
    sys.modules["__main__"] = module
    sys.argv = [str(path), *arguments]
    sys.path.insert(0, str(path.parent.resolve()))
    try:
        yield
    finally:
        sys.modules["__main__"] = main
        sys.argv = argv
        sys.path[:] = places


@contextlib.contextmanager
def _redirected_micrograd() -> Iterator[None]:
    """Let `micrograd.engine` and `micrograd.nn` be slopewise's modules of these names."""
    engine = importlib.import_module("slopewise.engine")
    nn = importlib.import_module("slopewise.nn")
    package = ModuleType("micrograd")
    package.__path__ = []
    vars(package).update(engine=engine, nn=nn)
    modules: dict[str, ModuleType] = {"micrograd": package, "micrograd.engine": engine, "micrograd.nn": nn}
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name, old in before.items():
            if old is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = old


def _exit_code(code: Any) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code
    print(code, file=sys.stderr)
    return 1


def _own_values(main: ModuleType, path: Path, loaded: set[str]) -> Iterator[str]:
    """Give the files, the script's and those that it imported, in which a class `Value` of their own stands."""
    from slopewise.engine import Value

    for module in [main, *[sys.modules.get(name) for name in loaded]]:
        cls = getattr(module, "Value", None)
        if not isinstance(cls, type) or issubclass(cls, Value) or not hasattr(cls, "backward"):
            continue
        home = main if cls.__module__ == "__main__" else sys.modules.get(cls.__module__)
        file = getattr(home, "__file__", None)
        if file and not str(cls.__module__).startswith("micrograd"):
            yield str(file)
