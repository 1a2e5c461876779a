"""What `import slopewise` offers, what it loads, and that no module hides a function. Each in a fresh process."""

import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import slopewise

HEAVY = ("numpy", "click", "rich", "safetensors", "matplotlib", "sklearn", "scipy", "llvmlite")


def in_a_fresh_process(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def heavy_modules_after(program: str) -> list[str]:
    loaded = json.loads(in_a_fresh_process(f"import sys, json\n{program}\nprint(json.dumps(sorted(sys.modules)))"))
    return [name for name in HEAVY if name in loaded]


def modules() -> list[str]:
    """List every module of the package; a `__main__` is a command, so it is left out."""
    root = str(Path(slopewise.__file__).parent)
    found = pkgutil.walk_packages([root], "slopewise.")
    return sorted({module.name for module in found if not module.name.endswith("__main__")})


@pytest.mark.parametrize(
    "program",
    [
        "import slopewise",
        "import slopewise; slopewise.Value(2.0).exp().backward()",
        "from slopewise import Value, exp, softmax, no_grad; softmax([Value(1.0), 2.0])[0].backward()",
        "import slopewise.errors, slopewise.ops, slopewise.engine",
    ],
)
def test_the_engine_loads_nothing_heavy(program: str) -> None:
    assert heavy_modules_after(program) == []


def test_what_is_loaded_would_be_seen() -> None:
    assert heavy_modules_after("import slopewise, numpy, click") == ["numpy", "click"]


def test_every_public_name_can_be_had() -> None:
    for name in slopewise.__all__:
        assert getattr(slopewise, name) is not None, name


# `import slopewise.x` binds `slopewise.x` to the module, so a module named like a function would take its place.
HIDDEN = """
import sys
from types import ModuleType

def hidden():
    for name, room in sorted(sys.modules.items()):
        if name.partition(".")[0] == "slopewise" and hasattr(room, "__path__"):
            for public in getattr(room, "__all__", ()):
                item = getattr(room, public)
                ours = isinstance(item, ModuleType) and item.__name__.startswith("slopewise.")
                if ours and public not in getattr(room, "_MODULES", ()):
                    yield f"{name}.{public}"
"""


def test_every_module_imports_and_none_hides_a_public_function() -> None:
    program = f"""{HIDDEN}
import importlib
for name in {modules()!r}:
    importlib.import_module(name)
print(list(hidden()))
import slopewise
assert slopewise.exp(0.0) == slopewise.exp(0.0) == 1.0
"""
    assert in_a_fresh_process(program) == "[]\n"


def test_a_module_that_hides_a_function_would_be_seen() -> None:
    program = f"""{HIDDEN}
import types, slopewise.ops
slopewise.ops.operation = types.ModuleType("slopewise.ops.operation")
del sys.modules["slopewise"]  # its own names are not under test here
print(list(hidden()))
"""
    assert in_a_fresh_process(program) == "['slopewise.ops.operation']\n"


def test_no_module_bears_the_name_of_a_public_function() -> None:
    rooms = {f"slopewise.{room}" for room in slopewise._MODULES}
    functions = {f"slopewise.{name}" for name in slopewise.__all__} - rooms
    assert functions.isdisjoint(modules())


def test_a_mistyped_name_suggests_the_nearest_one() -> None:
    with pytest.raises(AttributeError, match="did you mean 'softmax'"):
        slopewise.sotfmax  # type: ignore[attr-defined]


def test_dir_lists_the_public_names() -> None:
    assert set(slopewise.__all__) <= set(dir(slopewise))
