"""Large dense matrices of derivatives: one direction after another, many directions side by side.

Written out entry by entry, the Jacobian of a large function takes more equations than a processor's caches hold, and
long to make. Then a program for one direction is run for all unit directions, as the rows of a batch: of the arguments,
or backwards those of the result where these are fewer.
"""

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from slopewise.compiler import nests
from slopewise.compiler.batches.row_paths import Batch, RowRunner
from slopewise.compiler.batches.rows import UnevenRowsError
from slopewise.compiler.blocks import as_floats, jacobian_nest, jacobian_order
from slopewise.compiler.compiled import Compiled
from slopewise.compiler.structure import Nest
from slopewise.compiler.tiers import AUTO, FLOAT64
from slopewise.compiler.transformations.transformation import Piece, arguments_of
from slopewise.errors import SlopewiseError
from slopewise.passes.row_blocks import NONE
from slopewise.tracer import is_tracing

if TYPE_CHECKING:
    from slopewise.compiler.transformations.matrices import MatrixTransformation

__all__ = ["MatrixFunction", "TooLargeError", "nest_from_table"]

Matrix = npt.NDArray[np.float64]

ROWS_AT_ONCE = 1024


class TooLargeError(SlopewiseError):
    """A matrix of derivatives takes too many equations to write out; `MatrixFunction` goes another way then.

    Attributes:
        result: The form of what is differentiated.
    """

    def __init__(self, message: str, result: Nest) -> None:
        super().__init__(message)
        self.result = result


@dataclass(frozen=True, slots=True)
class _Directions:
    """What runs all unit directions for calls of one form.

    Attributes:
        name: What the direction is called: `tangent` or `cotangent`.
        unit: A direction, in its form.
        sources: For each number of a call with a direction 0 if it is one of the direction, else -1.
        pieces: The arguments that are differentiated by.
        result: The form of what is differentiated.
        runner: Runs the function that computes the matrix times a direction, or a direction times the matrix.
    """

    name: str
    unit: Any
    sources: tuple[int, ...]
    pieces: list[Piece]
    result: Nest
    runner: RowRunner


class MatrixFunction(Compiled):
    """A function that computes a Jacobian or a Hessian; made by `jacobian` and `hessian`."""

    transformation: "MatrixTransformation"

    def __init__(self, f: Any, *, transformation: "MatrixTransformation", **options: Any) -> None:
        super().__init__(f, transformation=transformation, **options)
        self._has_defaults = transformation.needs_preparing
        self._large: dict[Nest, _Directions] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return the matrix in the form of result and argument."""
        if not is_tracing() and self._large:
            filled = self._filled(args, kwargs)
            flat = nests.flatten((args, filled), truths=True)
            known = self._large.get(flat.nest)
            if known is not None:
                return self._in_rows(known, flat, args, filled)
        try:
            return super().__call__(*args, **kwargs)
        except TooLargeError as error:
            filled = self._filled(args, kwargs)
            flat = nests.flatten((args, filled), truths=True)
            known = self._large[flat.nest] = self._directions(flat.nest, args, filled, error.result)
            return self._in_rows(known, flat, args, filled)

    def _filled(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        return self.transformation.prepare(args, kwargs) if self._has_defaults else kwargs

    def _directions(self, nest: Nest, args: tuple[Any, ...], kwargs: dict[str, Any], result: Nest) -> _Directions:
        """Make what runs all unit directions."""
        positional, named = arguments_of(nest)
        wrt = self.transformation.wrt
        places = wrt.places(len(positional), named)
        pieces = [named[place] if isinstance(place, str) else positional[place] for place in places]
        n_inputs = sum(piece.nest.n_leaves for piece in pieces)
        directional, name = self.transformation.directional(self.strict, n_inputs, result.n_leaves)
        is_forward = name == "tangent"
        forms = [as_floats(piece.nest) for piece in pieces] if is_forward else [as_floats(result)]
        units = [form.rebuild([0.0] * form.n_leaves) for form in forms]
        unit = units[0] if wrt.is_single or not is_forward else tuple(units)
        flat = nests.flatten((args, {**kwargs, name: unit}), truths=True)
        own = set(arguments_of(flat.nest)[1][name].leaves)
        sources = tuple(0 if leaf in own else -1 for leaf in range(len(flat.numbers)))
        runner = RowRunner(directional, NONE, AUTO, FLOAT64, has_shared=True)
        return _Directions(name, unit, sources, pieces, result, runner)

    def _in_rows(self, known: _Directions, flat: nests.Flat, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run the program for one direction for every unit direction."""
        shared, count = np.array(flat.numbers, dtype=np.float64), known.sources.count(0)
        of_row = args, {**kwargs, known.name: known.unit}
        tables = []
        try:
            for start in range(0, count, ROWS_AT_ONCE):
                rows = min(ROWS_AT_ONCE, count - start)
                directions = np.eye(rows, count, start)
                (part,) = known.runner.run(Batch(known.sources, [shared], [directions], rows, lambda row: of_row))
                tables.append(part.blocks[0] if len(part.blocks) == 1 else np.concatenate(part.blocks, axis=1))
        except UnevenRowsError:  # one path more than are kept
            return self.transformation.unlimited(self.strict)(*args, **kwargs)
        table = (tables[0] if len(tables) == 1 else np.concatenate(tables)).astype(np.float64, copy=False)
        is_forward = known.name == "tangent"
        return self.transformation.assembled(part.path.result, table, known.pieces, known.result, is_forward)


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
        nest = jacobian_nest(rows, piece.nest)
        if nest.kind == "array":
            results.append(np.array(own, order="C").reshape(nest.form[0]))
            continue
        blocks = [
            own[row : row + height, column : column + width].ravel()
            for row, height, column, width in jacobian_order(rows, piece.nest)
        ]
        leaves = array("d", np.concatenate(blocks).tobytes()) if blocks else array("d")
        results.append(nest.rebuild(leaves))
    return results[0] if is_single else tuple(results)
