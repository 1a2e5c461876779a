"""Run every program in `tests/data/micrograd/programs` on micrograd and write what it printed to JSON beside them.

    python -m pip install micrograd==0.1.0 numpy
    python tests/record/micrograd_programs.py

The tests compare with these records and never import micrograd.
"""

import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data" / "micrograd"


def main() -> None:
    """Record each program, or the ones named on the command line."""
    import numpy

    versions = {
        "micrograd": importlib.metadata.version("micrograd"),
        "numpy": numpy.__version__,
        "python": platform.python_version(),
    }
    chosen = set(sys.argv[1:])
    for program in sorted((DATA / "programs").glob("*.py")):
        if chosen and program.stem not in chosen:
            continue
        done = subprocess.run(
            [sys.executable, str(program)],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": "0"},
        )
        record = {"program": program.name, "versions": versions, "printed": done.stdout.splitlines()}
        out = DATA / f"{program.stem}.json"
        out.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        sys.stdout.write(f"{out.name}: {len(record['printed'])} lines\n")


if __name__ == "__main__":
    main()
