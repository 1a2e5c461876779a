"""Tells whether an installed slopewise is whole: `python installed.py native|interpreted`. Needs no other package.

It is run inside the environments that test_install.py makes, and on each wheel that the release workflow builds.
"""

import sys
from importlib.metadata import files, metadata
from pathlib import Path


def main(expected: str) -> None:
    """Check the engine that runs, a gradient, the data and the files."""
    import slopewise as sw
    from slopewise import engine

    runs = "native" if engine.NATIVE else "interpreted"
    place = Path(sw.__file__).parent
    assert runs == expected, f"the {runs} engine runs, and {expected} was expected (from {place})"
    assert "site-packages" in place.parts, f"this is not an installed package: {place}"
    assert metadata("slopewise")["Version"] == sw.__version__

    a, b = sw.Value(-2.0), sw.Value(3.0)
    f = (a * b) * (a + b)
    f.backward()
    assert (f.data, a.grad, b.grad) == (-6.0, -3.0, -8.0)
    assert sw.tanh(0.0) == 0.0

    held = {str(file) for file in files("slopewise") or ()}
    for needed in ("slopewise/py.typed", "slopewise/engine/value.py", "slopewise/data/diabetes.csv"):
        assert needed in held, f"{needed} is missing"
    stray = [file for file in held if file.endswith((".pxd", ".h", ".c"))]
    assert not stray, f"{stray} belong to the sdist alone"
    print(f"slopewise {sw.__version__}: {runs}, whole")


if __name__ == "__main__":
    main(sys.argv[1])
