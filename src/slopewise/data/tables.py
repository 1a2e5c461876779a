"""Tables of numbers that ship in the package, read with the csv module alone."""

import csv
import difflib
import functools
import importlib.resources
from dataclasses import dataclass

from slopewise.errors import DataError


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of numbers under column names.

    Attributes:
        title: What the rows are.
        source: Where the numbers come from.
        names: The columns' names, from left to right.
        rows: The rows, each with one float per column.
        units: The columns' units, empty for a column without one; as many as there are names.

    Example:
        >>> from slopewise.data import moons
        >>> table = moons()
        >>> table.names, len(table)
        (('x', 'y', 'label'), 100)
        >>> table.column("label")[:3]
        (-1.0, -1.0, 1.0)
    """

    title: str
    source: str
    names: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...]
    units: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> tuple[float, ...]:
        """Return one column.

        Raises:
            DataError: There is no column of that name; the message names the nearest one.

        Example:
            >>> from slopewise.data import diabetes
            >>> diabetes().column("bmi")[:3]
            (32.1, 21.6, 30.5)
        """
        place = self._place(name)
        return tuple(row[place] for row in self.rows)

    def points(self, *names: str) -> list[list[float]]:
        """Return, for every row, the list of the named columns' numbers: what a net or a fit takes as its input.

        Args:
            names: Columns, in the order wanted; all of them when none is named.

        Raises:
            DataError: There is no column of that name.

        Example:
            >>> from slopewise.data import diabetes
            >>> diabetes().points("bmi", "age")[0]
            [32.1, 59.0]
        """
        places = [self._place(name) for name in names or self.names]
        return [[row[place] for place in places] for row in self.rows]

    def unit(self, name: str) -> str:
        """Return a column's unit, or an empty string.

        Raises:
            DataError: There is no column of that name.

        Example:
            >>> from slopewise.data import diabetes
            >>> diabetes().unit("bmi")
            'kg/m²'
        """
        return self.units[self._place(name)]

    def _place(self, name: str) -> int:
        if name in self.names:
            return self.names.index(name)
        near = difflib.get_close_matches(str(name), self.names, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"the columns are {', '.join(self.names)}"
        raise DataError(f"no column {name!r} in {self.title}\n{hint}")


@functools.cache
def diabetes() -> Table:
    """Return 442 patients: ten measurements, and the progression of their diabetes a year later, all raw.

    Example:
        >>> from slopewise.data import diabetes
        >>> table = diabetes()
        >>> len(table), table.names[2], table.names[-1]
        (442, 'bmi', 'progression')

    Source:
        B. Efron, T. Hastie, I. Johnstone, R. Tibshirani, "Least angle regression", Annals of Statistics 32 (2004).
    """
    return _read(
        "diabetes.csv",
        title="the diabetes data",
        source='Efron, Hastie, Johnstone and Tibshirani, "Least angle regression", Annals of Statistics 32 (2004)',
        units=("years", "", "kg/m²", "mmHg", "mg/dl", "mg/dl", "mg/dl", "", "", "mg/dl", ""),
    )


@functools.cache
def moons() -> Table:
    """Return the hundred points of micrograd's moons demo, bit for bit, with labels −1 and 1.

    Example:
        >>> from slopewise.data import moons
        >>> moons().points("x", "y")[0]
        [1.1221146075409685, 0.08147717341718697]

    Source:
        A. Karpathy, micrograd's `demo.ipynb`: numpy's seed 1337, scikit-learn's `make_moons(100, noise=0.1)`.
    """
    return _read(
        "moons.csv",
        title="the moons data",
        source="scikit-learn's make_moons(100, noise=0.1) with numpy's seed 1337, as in micrograd's demo",
        units=("", "", ""),
    )


def _read(file: str, *, title: str, source: str, units: tuple[str, ...]) -> Table:
    text = importlib.resources.files("slopewise.data").joinpath(file).read_text(encoding="utf-8")
    names, *rows = csv.reader(text.splitlines())
    return Table(title, source, tuple(names), tuple(tuple(map(float, row)) for row in rows), units)
