"""Runs one program in this process, pinned to one core, and prints what it measured as one line of JSON.

Started by `contenders.run`, never by hand: `python worker.py '{"program": "moons_demo.py", …}'`. Only the standard
library is imported here, so that a program meets a fresh interpreter.
"""

import gc
import importlib.util
import json
import os
import shutil
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

PROGRAMS = Path(__file__).parent / "programs"
MISSING = "missing: "  # a program that cannot run here leaves with these words and what it misses


def pin(core: int | None) -> bool:
    """Keep this process on one core where the system allows it, and tell whether it does."""
    if core is None or not hasattr(os, "sched_setaffinity"):
        return False
    try:
        os.sched_setaffinity(0, {core})
    except OSError:
        return False
    return True


def calibration_s() -> float:
    """Return the best time of a fixed piece of plain Python: the same on a quiet machine, longer on a busy one."""
    best = float("inf")
    for _ in range(3):
        began = perf_counter()
        total = 0.0
        for i in range(100_000):
            total += i * 0.5
        best = min(best, perf_counter() - began)
    return best


def swapped(source: str, swaps: list[list[str]]) -> str:
    """Return the program with each swap made; a swap that finds nothing is an error, so that no change is imagined."""
    for old, new in swaps:
        if old not in source:
            raise SystemExit(f"worker: the program has no {old!r} to replace by {new!r}")
        source = source.replace(old, new)
    return source


def is_there(name: str) -> bool:
    """Tell whether a distribution can be imported, or "C++": whether a C++ compiler can be called."""
    if name == "C++":
        return shutil.which(os.environ.get("CXX", "g++")) is not None
    return importlib.util.find_spec(name) is not None


def engine_report() -> dict[str, Any] | None:
    """Say which slopewise engine the program ran on, when it used one."""
    engine = sys.modules.get("slopewise.engine")
    return None if engine is None else {"native": bool(engine.NATIVE), "version": sys.modules["slopewise"].__version__}


def main(spec: dict[str, Any]) -> dict[str, Any]:
    """Run the program of the spec and return its times, its answers and the state of the machine."""
    for name in spec["needs"]:
        if not is_there(name):
            return {"missing": name}
    pinned = pin(spec["core"])
    calibration = calibration_s()
    sys.path.insert(0, str(PROGRAMS))
    path = PROGRAMS / spec["program"]
    program = compile(swapped(path.read_text(encoding="utf-8"), spec["swaps"]), str(path), "exec")
    if not spec["collector"]:
        gc.disable()
    namespace: dict[str, Any] = {"__name__": "__main__", "__file__": str(path)}
    try:
        exec(program, namespace)
    except SystemExit as left:
        if not str(left).startswith(MISSING):
            raise
        return {"missing": str(left).removeprefix(MISSING)}
    return {
        "seconds": namespace["seconds"],
        "answers": namespace["answers"],
        "expected": namespace.get("expected"),
        "extra": namespace.get("extra", {}),
        "engine": engine_report(),
        "pinned": pinned,
        "calibration_s": calibration,
    }


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
