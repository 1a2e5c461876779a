"""Programs as users write them, loaded from their files: `tests/data/programs/` and ADBench's in `benchmarks/programs/`."""

import importlib.util
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@cache
def loaded(path: str) -> ModuleType:
    name = Path(path).stem
    spec = importlib.util.spec_from_file_location(name, ROOT / f"{path}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def load() -> Callable[[str], ModuleType]:
    """Return the module of a file, given from the repository's root on, without its ending."""
    return loaded
