"""Functions in the user's own files: loading them, calling them quietly, and naming the line that failed."""

import contextlib
import difflib
import importlib.util
import io
import linecache
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from slopewise.cli.terminal import fail


def load_function(target: str) -> Callable[..., Any] | type:
    """Return the function or the class that `FILE.py:NAME` names; a dotted name reaches into objects.

    Ends the command with one line when the file is missing or does not run, or when the name is neither in it.
    """
    file_name, _, name = target.rpartition(":")
    if not file_name or "/" in name or "\\" in name or name.endswith(".py"):
        fail(f"{target!r} names no function: write FILE.py:FUNCTION or FILE.py:CLASS{_offer(Path(target))}")
    path = Path(file_name)
    module = load_module(path)
    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            fail(f"no function {name!r} in {path}; {_nearest(part, _functions_in(found))}")
        found = getattr(found, part)
    if isinstance(found, type):
        return found
    if isinstance(found, ModuleType) or not callable(found):
        what = "a module" if isinstance(found, ModuleType) else _short(found)
        fail(f"{name} in {path} is {what}, not a function; {_nearest(name, _functions_in(module))}")
    function: Callable[..., Any] = found
    return function


def load_module(path: Path) -> ModuleType:
    """Run a Python file and return it as a module; its own folder can be imported from, as with `python FILE.py`."""
    if not path.exists():
        folder = path.parent
        near = difflib.get_close_matches(path.name, [p.name for p in folder.glob("*.py")] if folder.is_dir() else [], 1)
        fail(f"no file {path}{f'; did you mean {folder / near[0]}?' if near else ''}")
    if path.is_dir():
        fail(f"{path} is a folder, not a Python file")
    sys.path.insert(0, str(path.parent.resolve()))
    spec = importlib.util.spec_from_loader(path.stem, loader=None, origin=str(path))
    assert spec is not None  # a loader of None always gives a spec
    module = importlib.util.module_from_spec(spec)
    module.__file__ = str(path)
    try:
        code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    except SyntaxError as error:
        text = (error.text or "").strip()
        fail(f"{path}:{error.lineno}: {error.msg}{f': {text}' if text else ''}")
    except ValueError as error:  # null bytes
        fail(f"{path} is not a Python file: {error}")
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror}")
    had = sys.modules.get(path.stem)
    if had is None:
        sys.modules[path.stem] = module  # dataclasses and pickle look a class up by its module's name
    try:
        exec(code, module.__dict__)
    except SystemExit as error:
        fail(f"{path} ended itself with exit code {error.code!r}: put what is to run behind if __name__ == '__main__'")
    except Exception as error:
        fail(f"{path} does not run: {failure_line(error, path)}")
    return module


def failure_line(error: BaseException, path: Path | None = None) -> str:
    """Return where and how the user's code failed: `FILE.py:7: return 1 / x: ZeroDivisionError: division by zero`."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if path is not None and f.filename == str(path)]
    outside = [f for f in frames if not _is_ours(f.filename)]
    frame = (own or outside or frames)[-1:]
    said = " ".join(str(error).split("\n"))
    what = f"{type(error).__name__}: {said}" if said else type(error).__name__
    if not frame:
        return what
    line = (frame[0].line or linecache.getline(frame[0].filename, frame[0].lineno or 0)).strip()
    return f"{frame[0].filename}:{frame[0].lineno}: {line}: {what}" if line else f"{frame[0].filename}: {what}"


def _is_ours(file_name: str) -> bool:
    return str(Path(__file__).parent.parent) in file_name


@contextlib.contextmanager
def silenced() -> Iterator[io.StringIO]:
    """Keep what the user's code prints out of our own output."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        yield text


def _functions_in(holder: Any) -> list[str]:
    home = getattr(holder, "__name__", None)
    own = [name for name, item in vars(holder).items() if callable(item) and not name.startswith("_")]
    defined_here = [n for n in own if getattr(getattr(holder, n), "__module__", home) == home]
    return defined_here or own


def _nearest(name: str, names: list[str]) -> str:
    near = difflib.get_close_matches(name, names, 1)
    if near:
        return f"did you mean {near[0]!r}?"
    if not names:
        return "there is no function in it"
    return f"there {'is' if len(names) == 1 else 'are'} {', '.join(names[:8])}{', …' if len(names) > 8 else ''}"


def _offer(path: Path) -> str:
    if path.suffix != ".py" or not path.is_file():
        return ""
    with silenced():
        names = _functions_in(load_module(path))
    return f"; {_nearest('', names)}"


def _short(item: Any) -> str:
    text = repr(item)
    return text if len(text) <= 60 else text[:57] + "..."
