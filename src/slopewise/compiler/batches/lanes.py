"""Large dense matrices of derivatives: one direction after another, many directions side by side.

Written out entry by entry, the Jacobian of a large function takes more equations than a processor's caches hold, and
long to make. Then a program for one direction is run for all unit directions, in vector lanes.
"""

from array import array
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from slopewise.compiler import nests
from slopewise.compiler.batches.rows import table_of
from slopewise.compiler.blocks import as_floats, jacobian_nest, jacobian_order
from slopewise.compiler.compiled import Compiled
from slopewise.compiler.structure import Nest
from slopewise.compiler.transformations.transformation import Piece, arguments_of
from slopewise.errors import SlopewiseError
from slopewise.tracer import is_tracing

if TYPE_CHECKING:
    from slopewise.compiler.paths import Path
    from slopewise.compiler.transformations.matrices import MatrixTransformation

__all__ = ["MatrixFunction", "TooLargeError", "nest_from_table"]

Matrix = npt.NDArray[np.float64]

ROWS_AT_ONCE = 256


class TooLargeError(SlopewiseError):
    """A matrix of derivatives takes too many equations to write out; `MatrixFunction` goes another way then."""


class MatrixFunction(Compiled):
    """A function that computes a Jacobian or a Hessian; made by `jacobian` and `hessian`."""

    transformation: "MatrixTransformation"

    def __init__(self, f: Any, *, transformation: "MatrixTransformation", **options: Any) -> None:
        super().__init__(f, transformation=transformation, **options)
        self._large: dict[Nest, Compiled] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return the matrix in the form of result and argument."""
        if not is_tracing() and self._large:
            filled = self._filled(args, kwargs)
            directional = self._large.get(nests.flatten((args, filled)).nest)
            if directional is not None:
                return self._in_lanes(directional, args, filled)
        try:
            return super().__call__(*args, **kwargs)
        except TooLargeError:
            filled = self._filled(args, kwargs)
            directional = self.transformation.directional(self.strict)
            self._large[nests.flatten((args, filled)).nest] = directional
            return self._in_lanes(directional, args, filled)

    def _filled(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        if self.transformation.needs_preparing:
            return self.transformation.prepare(args, kwargs)
        return kwargs

    def _in_lanes(self, directional: Compiled, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run the program for one direction for every unit direction."""
        positional, named = arguments_of(nests.flatten((args, kwargs)).nest)
        wrt = self.transformation.wrt
        places = wrt.places(len(positional), named)
        pieces = [named[place] if isinstance(place, str) else positional[place] for place in places]
        zeros = [as_floats(piece.nest).rebuild([0.0] * piece.nest.n_leaves) for piece in pieces]
        with_direction = {**kwargs, "tangent": zeros[0] if wrt.is_single else tuple(zeros)}
        path = directional.path_of(args, with_direction)
        if path is None:
            return self.transformation.unlimited(self.strict)(*args, **kwargs)
        flat = nests.flatten((args, with_direction))
        _, in_call = arguments_of(flat.nest)
        table = _directions(directional, path, list(flat.numbers), in_call["tangent"])
        return self.transformation.assembled(path.result, table, pieces)


def _directions(directional: Compiled, path: "Path", numbers: list[float], tangent: Piece) -> Matrix:
    """Run a path for every unit direction; return its results, shape (directions, results)."""
    count = tangent.nest.n_leaves
    tables = []
    for start in range(0, count, ROWS_AT_ONCE):
        rows = min(ROWS_AT_ONCE, count - start)
        units = np.zeros((count, rows))
        units[np.arange(start, start + rows), np.arange(rows)] = 1.0
        columns: list[Any] = list(numbers)
        for i, leaf in enumerate(tangent.leaves):
            columns[leaf] = units[i] if start <= i < start + rows else 0.0
        outputs = table_of(directional.run_rows(path, columns, rows), rows)
        tables.append(outputs[: path.n_results].T)
    return np.concatenate(tables)


def nest_from_table(table: Matrix, rows: Nest, pieces: list[Piece], is_single: bool) -> Any:
    """Lay a dense matrix out in the form of what is differentiated and of the arguments.

    Args:
        table: Shape (numbers differentiated, numbers in all arguments).
        rows: The form of what is differentiated.
        pieces: The arguments.
        is_single: Whether the result of the only argument stands alone.
    """
    results = []
    start = 0
    for piece in pieces:
        own = table[:, start : start + piece.nest.n_leaves]
        start += piece.nest.n_leaves
        blocks = [
            own[row : row + height, column : column + width].ravel()
            for row, height, column, width in jacobian_order(rows, piece.nest)
        ]
        leaves = array("d", np.concatenate(blocks).tobytes()) if blocks else array("d")
        results.append(jacobian_nest(rows, piece.nest).rebuild(leaves))
    return results[0] if is_single else tuple(results)
