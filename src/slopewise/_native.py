"""Which of two forms of a module runs: the compiled one, or the Python text that it was compiled from.

A module in `MODULES` is ordinary Python with a `.pxd` beside it. `setup.py` compiles it in place and writes a stamp
beside the result: the hash of every file that went into it. Python would import the compiled form without a look at
the text, so editing the text would change nothing. `choose` looks first. It obeys the environment variable
`SLOPEWISE_NATIVE`:

- `auto` (also when unset): compiled if it is there, fits the text and loads; otherwise interpreted, and a warning says
  why when a compiled form had to be passed over;
- `require`: compiled, or `NativeError`;
- `off`: interpreted.

`python -m slopewise._native` prints what would run; with `--check` it exits with 1 when a build is due, and `--list`
gives the modules. This file is also read by `setup.py`, so it needs nothing but the standard library. Importing it
must stay cheap.
"""

import importlib
import importlib.util
import os
import sys
from collections.abc import Iterable
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec, SourceFileLoader

SETTING = "SLOPEWISE_NATIVE"
SETTINGS = ("auto", "require", "off")
# Modules of one group run compiled together or interpreted together; each group is chosen by its own package.
ENGINE = (
    "slopewise.engine.value",
    "slopewise.engine.sweep",
    "slopewise.engine.reading",
    "slopewise.engine.census",
    "slopewise.engine.evaluations",
)
LAYOUT = ("slopewise.drawing.graphs.untangling", "slopewise.drawing.graphs.placing")
IR = ("slopewise.ir.builder", "slopewise.ir.evaluation", "slopewise.ir.inspection")
TRACER = ("slopewise.tracer.tape",)
PASSES = (
    "slopewise.passes.stamping",
    "slopewise.passes.cotangents",
    "slopewise.passes.differentiate",
    "slopewise.passes.entries",
    "slopewise.passes.jacobians",
    "slopewise.passes.sharing",
    "slopewise.passes.algebra",
    "slopewise.passes.simplify",
    "slopewise.passes.grouping",
    "slopewise.passes.levels",
)
BACKENDS = ("slopewise.backends.runs", "slopewise.backends.lanes", "slopewise.backends.replay")
COMPILED = (
    "slopewise.compiler.calls.taking",
    "slopewise.compiler.calls.plans",
    "slopewise.compiler.calls.recipes",
    "slopewise.compiler.calls.exchange",
    "slopewise.compiler.calls.calling",
    "slopewise.compiler.calls.mapping",
)
# These reach into each other's C fields, so all of them run compiled or none does. LAYOUT goes its own way.
BOUND = ENGINE + IR + TRACER + PASSES + BACKENDS + COMPILED
MODULES = BOUND + LAYOUT
CURE = "make native, or without make: python setup.py build_ext --inplace"

# What the environment tells the C compiler. A change of it is a reason to build again, never to refuse what was built.
COMPILER_VARIABLES = ("CC", "CFLAGS", "CPPFLAGS", "LDFLAGS")

# What this process has looked at: each package of ours chooses in turn, and asks about the modules of the others too.
_hashes: dict[str, str | None] = {}
_looked_at: set[str] = set()

PACKAGE = os.path.dirname(os.path.abspath(__file__))


def setting() -> str:
    """Return what `SLOPEWISE_NATIVE` asks for.

    Raises:
        NativeError: It is set to something else than auto, require or off.
    """
    given = os.environ.get(SETTING, "").strip().lower() or "auto"
    if given not in SETTINGS:
        raise _error(f"{SETTING} is {given!r}; it can be auto, require or off")
    return given


def choose(*names: str, upon: Iterable[str] = ()) -> None:
    """Make the next import of some modules find the form that is to run; call it before that import.

    They run compiled together or interpreted together: a compiled one may reach into another's C fields.

    Args:
        names: The modules of one group.
        upon: Modules of other groups into whose C fields these reach. If one of them runs interpreted, so do these, and
            nothing more is said: whoever chose that one has said why.

    Raises:
        NativeError: The compiled form is required, and one is missing, was built from other sources, or does not load.
    """
    wanted = setting()
    compiled = {name: compiled_form(name) for name in names}
    if wanted == "off" or not all(map(runs_compiled, upon)):
        _take_text(compiled)
        return
    tied = tuple(filter(_is_there, BOUND)) if names and names[0] in BOUND else names
    missing = next((name for name in tied if compiled_form(name) is None), None)
    if missing is not None and wanted == "require":
        raise _error(
            f"{SETTING}=require, but {missing} is not compiled\n{_reason_of_failure(missing)}\nbuild it: {CURE}"
        )
    if not any(compiled.values()):
        return
    culprit, change = _what_keeps_out(names, tied, missing)
    if change is None:
        return
    place = compiled_form(culprit) or source_of(culprit)
    if wanted == "require":
        raise _error(
            f"{SETTING}=require, but the compiled {culprit} cannot be used: {change}\nat {place}\nbuild it anew: {CURE}"
        )
    for name in names:
        sys.modules.pop(name, None)
    _take_text(compiled)
    if any(name in _TextOnly.names for name in tied if name not in names):
        return  # another package of these has said why
    import warnings

    warnings.warn(
        f"the native engine is passed over, and the interpreted one runs: right, but slower; {change}\n"
        f"at {place}\nbuild it anew: {CURE}; or stay interpreted: {SETTING}=off",
        RuntimeWarning,
        stacklevel=2,
    )


def _what_keeps_out(names: tuple[str, ...], tied: tuple[str, ...], missing: str | None) -> tuple[str, str | None]:
    """Name the first module whose compiled form cannot be used, and say why; load `names` when there is none."""
    if missing is not None:
        return missing, f"{missing} is not compiled"
    for name in tied:
        change = None if name in _looked_at else what_changed(name, _hashes)
        if change is not None:
            return name, change
    _looked_at.update(tied)
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError as error:
            compiled = compiled_form(name)
            if error.path is None or compiled is None or not os.path.samefile(error.path, compiled):
                raise
            return name, f"it does not load ({error})"
    return "", None


def _is_there(name: str) -> bool:
    """Tell whether a module stands in this package, in any form."""
    return os.path.exists(source_of(name)) or compiled_form(name) is not None


def _take_text(compiled: dict[str, str | None]) -> None:
    for name, path in compiled.items():
        if path:
            _TextOnly.take(name)


def runs_compiled(name: str) -> bool:
    """Tell whether the compiled form of a module is the one that runs, after its own package has chosen."""
    importlib.import_module(name.rpartition(".")[0])
    return name not in _TextOnly.names and compiled_form(name) is not None


def what_changed(name: str, hashes: dict[str, str | None] | None = None) -> str | None:
    """Say why the compiled form does not belong to the sources, or None when it does.

    Args:
        name: The module.
        hashes: Those of files that have been looked at already; it grows.
    """
    if not os.path.exists(source_of(name)):
        return None
    record = _record(name)
    if not record:
        return "it bears no stamp, so what it was built from is unknown" if is_checkout(name) else None
    if record.get("python") != sys.implementation.cache_tag:
        return "it was built for another version of Python"
    for key, expected in record.items():
        if key.startswith("file "):
            file = key.removeprefix("file ")
            known = {} if hashes is None else hashes
            if file not in known:
                known[file] = _hash(os.path.join(PACKAGE, file))
            if known[file] != expected:
                return f"{file.replace('../', '')} has changed since it was built"
    return None


def write_stamp(name: str, stamp: str, inputs: Iterable[str], failure: str = "") -> None:
    """Record in a file what a module was compiled from, or why it could not be compiled."""
    lines = [f"python: {sys.implementation.cache_tag}"]
    lines += [f"file {os.path.relpath(file, PACKAGE).replace(os.sep, '/')}: {_hash(file)}" for file in inputs]
    lines.append(f"compiler: {compiler_settings()}")
    if failure:
        lines.append(f"failure: {' '.join(failure.split())}")
    with open(stamp, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def is_settled(name: str) -> bool:
    """Tell whether a build would only repeat the latest one, be that a success or a failure."""
    if not can_compile(name) or setting() == "off":
        return True
    record = _record(name)
    if record.get("compiler") != compiler_settings() or what_changed(name):
        return False
    return compiled_form(name) is not None or ("failure" in record and setting() == "auto")


def inputs_of(name: str) -> list[str]:
    """List the files that decide what a module compiles to: its text, every `.pxd` and `.h`, the build's settings."""
    types = [
        os.path.join(room, file)
        for room, _, files in os.walk(PACKAGE)
        for file in files
        if file.endswith((".pxd", ".h"))
    ]
    return [source_of(name), *sorted(types), os.path.join(PACKAGE, "..", "..", "setup.py")]


def can_compile(name: str) -> bool:
    """Tell whether the C types of a module are here and this Python can use a C extension of ours."""
    return is_checkout(name) and sys.implementation.name == "cpython"


def is_checkout(name: str) -> bool:
    """Tell whether a module stands in a source tree; an installed package has no `.pxd`."""
    return os.path.exists(_stem(name) + ".pxd")


def source_of(name: str) -> str:
    """Return the path of a module's Python text."""
    return _stem(name) + ".py"


def compiled_form(name: str) -> str | None:
    """Return the path of the compiled file that Python would import for a module, if there is one."""
    stem = _stem(name)
    return next((stem + suffix for suffix in EXTENSION_SUFFIXES if os.path.exists(stem + suffix)), None)


def stamp_of(name: str) -> str:
    """Return the path of a module's stamp for this version of Python."""
    return f"{_stem(name)}{EXTENSION_SUFFIXES[0]}.stamp"


def compiler_settings() -> str:
    """Write down what the environment tells the C compiler."""
    given = [f"{key}={os.environ[key]}" for key in COMPILER_VARIABLES if os.environ.get(key)]
    return " ".join(" ".join(given).split()) or "default"


def describe(name: str) -> str:
    """Say in a line which form of a module runs here, and why it is not the compiled one."""
    change = what_changed(name) if compiled_form(name) else None
    if setting() == "off":
        return f"interpreted: {SETTING}=off"
    if compiled_form(name) is None:
        return f"interpreted: {_reason_of_failure(name)}"
    return f"interpreted: {change}" if change else "native"


class _TextOnly:
    """A finder, asked before Python's own, that knows only the text of the modules that it has taken."""

    names: set[str] = set()

    @classmethod
    def take(cls, name: str) -> None:
        cls.names.add(name)
        if cls not in sys.meta_path:
            sys.meta_path.insert(0, cls)

    @classmethod
    def find_spec(cls, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name not in cls.names:
            return None
        source = source_of(name)
        return importlib.util.spec_from_file_location(name, source, loader=SourceFileLoader(name, source))


def _stem(name: str) -> str:
    return os.path.join(PACKAGE, *name.split(".")[1:])


def _hash(path: str) -> str | None:
    try:
        with open(path, "rb") as file:
            return importlib.util.source_hash(file.read()).hex()
    except FileNotFoundError:
        return None


def _record(name: str) -> dict[str, str]:
    try:
        with open(stamp_of(name), encoding="utf-8") as file:
            lines = file.read().splitlines()
    except FileNotFoundError:
        return {}
    return {key: value for key, _, value in (line.partition(": ") for line in lines)}


def _reason_of_failure(name: str) -> str:
    failure = _record(name).get("failure")
    return f"the latest build failed: {failure}" if failure else "no compiled form was built"


def _error(message: str) -> Exception:
    try:
        from slopewise.errors import NativeError
    except ImportError:  # setup.py has read this file alone
        return SystemExit(message)  # type: ignore[return-value]
    return NativeError(message)


def main(arguments: list[str]) -> int:
    """Print what runs, module by module; `--check` tells by the exit status whether a build is due."""
    if arguments == ["--check"]:
        return 0 if all(map(is_settled, MODULES)) else 1
    if arguments == ["--list"]:
        print(*MODULES)
        return 0
    for name in MODULES:
        print(f"{name}: {describe(name)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
