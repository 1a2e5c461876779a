"""`Looked`: what can be looked at in a compiled function: what it runs, its loops, its paths, its report, its C."""

from os import PathLike
from typing import TYPE_CHECKING

from slopewise.basics.arguments import name_of
from slopewise.compiler.entries import VALUE, WITH_GRADIENTS, Entry
from slopewise.compiler.inspection import FrozenNumber, PathView, frozen_numbers, path_views, takes_nothing
from slopewise.compiler.lowering import rolled
from slopewise.compiler.paths import Path
from slopewise.compiler.recorded import Recorded
from slopewise.compiler.report import Report, report_on
from slopewise.errors import PathError
from slopewise.ir import Program

if TYPE_CHECKING:
    from slopewise.ir import Loops

__all__ = ["Looked"]


class Looked(Recorded):
    """A recorded function, and what the latest call ran."""

    @property
    def program(self) -> Program:
        """What the latest call ran: from its numbers to its results, then the state it writes, then its guards.

        Raises:
            PathError: There was no call yet.
        """
        entry, path = self._last()
        return entry.lowered(path, VALUE, self.exact).program

    @property
    def loops(self) -> "Loops":
        """What the latest call ran as nests of loops over arrays, with the gradients if they were asked for.

        Printed, they show what the scalar code amounts to: a layer, a softmax, a product with a transposed matrix. How
        many nests there are does not depend on how many samples, units or steps the code runs over.

        Raises:
            PathError: There was no call yet.

        Example:
            >>> import slopewise as sw
            >>> w = [[sw.Value(0.1 * (3 * j + i)) for i in range(3)] for j in range(4)]
            >>> k = sw.compile(lambda x: [sum(w * x for w, x in zip(row, x)).tanh() for row in w])
            >>> h = k([1.0, 2.0, 3.0])
            >>> print(k.loops)
            loops(captured[4, 3], x[3]) {
              names "x[0]", "x[1]", "x[2]", "captured0", "captured1", "captured2", "captured3", "captured4",
                  ... 7 more
              inputs captured = 3 .. 15
              inputs x = 0 .. 3
              local tanh[4]
              for i in 4 { tanh[i] = tanh(sum(j in 3: captured[i, j] * x[j])) }
              return tanh[0 .. 4]
            }
        """
        entry, path = self._last()
        made = dict(path.kernels.made())
        lowered = made.get(WITH_GRADIENTS) or entry.lowered(path, VALUE, self.exact)
        return rolled(path, lowered, self.exact)

    @property
    def paths(self) -> tuple[PathView, ...]:
        """The paths that were seen, with the lines and outcomes of their guards."""
        return path_views(self._entries.values())

    @property
    def constants(self) -> tuple[FrozenNumber, ...]:
        """The numbers that the latest path took from outside, frozen, each with the line that brought it in."""
        return frozen_numbers(self._last()[1])

    def report(self) -> Report:
        """Tell what the latest call ran, and how it was made: see `Report`.

        Raises:
            PathError: There was no call yet.
        """
        entry, path = self._last()
        return report_on(name_of(self.f), entry, path, self.exact)

    def export(self, file: "str | PathLike[str]") -> None:
        """Write the latest path as a C file that needs nothing but the C library: the value, and its gradient.

        The functions are called like the file. They take the numbers of the arguments, and behind them those of
        `parameters=`; the gradient is by all of these but ints. What else is captured is built in as it is now; so are
        ints that decided how often a loop ran.

        Args:
            file: Where to write, such as `model.c`.

        Raises:
            PathError: The function has branches on numbers, or there was no call yet.
            TraceError: The function writes state.

        Example:
            >>> import pathlib, tempfile
            >>> import slopewise as sw
            >>> k = sw.compile(lambda x, y: x * y)
            >>> k(2.0, 3.0)
            6.0
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     file = pathlib.Path(folder) / "model.c"
            ...     k.export(file)
            ...     text = file.read_text(encoding="utf-8")
            >>> "double model(const double *x)" in text, "model_with_gradient(const double *x" in text
            (True, True)
        """
        from slopewise.compiler.exporting import export

        entry, path = self._last()
        export(name_of(self.f), entry, path, self.parameters, self.exact, file)

    def _last(self) -> tuple[Entry, Path]:
        if self.taken is not None:
            entry, path = self.taken.tag
            return entry, path
        if self._latest is None and not self._entries and takes_nothing(self.f):
            self._run((), {}, VALUE)
        if self._latest is None:
            raise PathError(
                f"{name_of(self.f)} was not called yet, so nothing is traced\n"
                f"call it once with arguments of the form that you mean"
            )
        return self._latest
