"""Write the tables that ship in `slopewise/data`, from scikit-learn: run it once, by hand.

    python tests/record/record_data.py

The versions that made the tables now in the package are in `src/slopewise/data/SOURCES.md`. numpy's legacy generator
and `make_moons` are stable, so other versions are expected to give the same bytes; `tests/data/test_tables.py` compares
when scikit-learn is installed.
"""

import csv
import io
import pathlib

HOME = pathlib.Path(__file__).parents[2] / "src" / "slopewise" / "data"
DIABETES = ("age", "sex", "bmi", "bp", "tc", "ldl", "hdl", "tch", "ltg", "glu", "progression")


def diabetes_text() -> str:
    """Return the raw diabetes table of Efron, Hastie, Johnstone and Tibshirani (2004) as CSV text."""
    from sklearn.datasets import load_diabetes

    bunch = load_diabetes(scaled=False)
    rows = [[*map(float, row), float(target)] for row, target in zip(bunch.data, bunch.target, strict=True)]
    return table_text(DIABETES, rows)


def moons_text() -> str:
    """Return the hundred points of micrograd's moons demo as CSV text."""
    import numpy as np
    from sklearn.datasets import make_moons

    np.random.seed(1337)
    points, labels = make_moons(n_samples=100, noise=0.1)
    rows = [[float(x), float(y), int(label) * 2 - 1] for (x, y), label in zip(points, labels, strict=True)]
    return table_text(("x", "y", "label"), rows)


def table_text(names: tuple[str, ...], rows: list[list[float]]) -> str:
    """Return CSV text in which every number is exact: 17 significant digits where it needs them."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([[shortest(number) for number in row] for row in rows])
    return out.getvalue()


def shortest(number: float) -> str:
    """Return an integer without a point, a short decimal as it is, anything else with 17 significant digits."""
    if number == int(number):
        return str(int(number))
    text = repr(number)
    return text if len(text) < 12 else format(number, ".17g")


if __name__ == "__main__":
    for name, text in (("diabetes.csv", diabetes_text()), ("moons.csv", moons_text())):
        (HOME / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"wrote {HOME / name}")
