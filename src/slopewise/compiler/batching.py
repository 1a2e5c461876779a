"""`batched`: a function of one row, over all rows of a batch."""

from array import array
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from slopewise.basics.arguments import name_of, signature_of, takes
from slopewise.compiler import nests
from slopewise.compiler.blocks import as_floats, blocks_of, with_leading_axis
from slopewise.compiler.compiled import Compiled
from slopewise.compiler.derivatives import check_function
from slopewise.compiler.lowering import REPLAY
from slopewise.compiler.paths import Path
from slopewise.compiler.rows import Column, UnevenRowsError, column_of, table_of, unequal
from slopewise.compiler.selection import Place, Selection, described_place, selected
from slopewise.compiler.structure import BOOL, Nest, built_nest
from slopewise.compiler.transformation import described
from slopewise.errors import ShapeError, SlopewiseError
from slopewise.tracer import is_tracing

__all__ = ["Batched", "batched"]

Matrix = npt.NDArray[np.float64]


class Batched:
    """A function of one row, called with all rows of a batch; made by `batched`.

    Attributes:
        row: The compiled function of one row, with its `program`, `paths` and `report()`.
        shared: The arguments that are the same in every row.
    """

    def __init__(self, f: Callable[..., Any], shared: Selection | None, exact: bool, strict: bool) -> None:
        self.f = f
        self.row = f if isinstance(f, Compiled) else Compiled(f, exact=exact, strict=strict, backend=REPLAY)
        self.shared = shared
        self.__wrapped__ = f
        self.__name__ = self.__qualname__ = f"batched {name_of(f)}"

    def __repr__(self) -> str:
        return f"<{self.__name__}>"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "row":
            raise AttributeError(name)
        return getattr(self.row, name)  # program, paths, constants, report, retrace …

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return the results of all rows, stacked."""
        if not kwargs and takes(self.f, len(args)) is False:
            count = len(args)
            raise ShapeError(
                f"batched() calls {signature_of(self.f)} with {count} argument{'s' * (count != 1)}, as it was called\n"
                "give one item for each argument of the function: all rows of it, or what is shared"
            )
        if is_tracing():
            return self._unrolled(args, kwargs)
        columns = self._columns(args, kwargs)
        length = _length(columns, self.f)
        args, kwargs, columns = self._prepared(args, kwargs, columns)
        try:
            return self._in_lanes(len(args), tuple(kwargs), columns, length)
        except UnevenRowsError:
            return self._row_by_row(len(args), tuple(kwargs), columns, length)

    def _prepared(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], columns: list[Column]
    ) -> tuple[tuple[Any, ...], dict[str, Any], list[Column]]:
        """Fill in defaults that a transformation differentiates by; they are the same in every row."""
        transformation = self.row.transformation
        if transformation is None or not transformation.needs_preparing:
            return args, kwargs, columns
        filled = transformation.prepare(args, kwargs)
        more = [column_of(name, filled[name], is_shared=True) for name in filled if name not in kwargs]
        return args, filled, [*columns, *more]

    def _columns(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Column]:
        shared: tuple[Place, ...] = ()
        if self.shared is not None:
            given = self.shared.given(len(args), kwargs)
            shared = given
        places: list[Place] = [*range(len(args)), *kwargs]
        items = [*args, *kwargs.values()]
        return [
            column_of(described_place(self.f, place), item, is_shared=place in shared)
            for place, item in zip(places, items, strict=True)
        ]

    def _call_of(self, n_args: int, names: Sequence[str], columns: Sequence[Column], row: int) -> Any:
        items = [column.row(row) for column in columns]
        return tuple(items[:n_args]), dict(zip(names, items[n_args:], strict=True))

    # ------------------------------------------------------------------ one row after another

    def _unrolled(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call the function once for each row, inside the trace that is on."""
        columns = self._columns(args, kwargs)
        length = _length(columns, self.f)
        results = []
        for i in range(length):
            row_args, row_kwargs = self._call_of(len(args), tuple(kwargs), columns, i)
            results.append(nests.collect(self.f(*row_args, **row_kwargs)))
        return _stacked([nest for nest, _ in results], [leaves for _, leaves in results])

    def _row_by_row(self, n_args: int, names: Sequence[str], columns: Sequence[Column], length: int) -> Any:
        """Call the compiled function once for each row."""
        results = []
        for i in range(length):
            args, kwargs = self._call_of(n_args, names, columns, i)
            results.append(nests.collect(self.row(*args, **kwargs)))
        return _stacked([nest for nest, _ in results], [leaves for _, leaves in results])

    # ------------------------------------------------------------------ in lanes

    def _in_lanes(self, n_args: int, names: Sequence[str], columns: Sequence[Column], length: int) -> Any:
        """Run each path of the function on all rows that take it.

        Raises:
            UnevenRowsError: Rows hold unequal numbers of numbers, or the function writes state.
        """
        forms: list[list[Nest]] = []
        inputs: list[Any] = []
        for column in columns:
            if column.length is None:
                inputs += nests.flatten(column.item).numbers
            else:
                nests_of_rows, table = column.numbers()
                forms.append(nests_of_rows)
                inputs += list(table.T)
        results: list[tuple[Path, npt.NDArray[np.intp], Matrix]] = []
        for rows in _groups(forms, length):
            pending = rows
            while len(pending):
                args, kwargs = self._call_of(n_args, names, columns, int(pending[0]))
                try:
                    path = self.row.path_of(args, kwargs)
                except (TypeError, IndexError, KeyError) as error:
                    if self.shared is None and not isinstance(error, SlopewiseError):
                        error.add_note(
                            "batched() gave it one row of each argument; "
                            "name what is the same in every row: batched(f, shared=…)"
                        )
                    raise
                if path is None or path.trace.writes:
                    raise UnevenRowsError
                taken = [x if isinstance(x, float) else x[pending] for x in inputs]
                outputs = table_of(self.row.run_rows(path, taken, len(pending)), len(pending))
                is_right = _agrees(path, outputs)
                if not is_right[0]:
                    raise UnevenRowsError
                results.append((path, pending[is_right], outputs[: path.n_results, is_right].T))
                pending = pending[~is_right]
        return _assembled(results, length)


def _agrees(path: Path, outputs: Matrix) -> npt.NDArray[np.bool_]:
    """Tell for each row whether it takes this path: whether every guard came out as it did in the trace."""
    n_guards = len(path.outcomes)
    if not n_guards:
        return np.ones(outputs.shape[1], dtype=bool)
    expected = np.array(path.outcomes)[:, None]
    agreed: npt.NDArray[np.bool_] = (outputs[len(outputs) - n_guards :] == expected).all(axis=0)
    return agreed


def _length(columns: Sequence[Column], f: Callable[..., Any]) -> int:
    with_rows = [column for column in columns if column.length is not None]
    if not with_rows:
        raise ShapeError(
            f"batched() got no argument with rows for {name_of(f)}\n"
            "give an array or a list for at least one argument that is not shared"
        )
    first = with_rows[0]
    for other in with_rows[1:]:
        if other.length != first.length:
            raise ShapeError(unequal(first.name, first.length or 0, other.name, other.length or 0))
    if not first.length:
        raise ShapeError(
            f"batched() got no rows: {first.name} is empty\n"
            f"what {name_of(f)} returns is known from a row; leave empty batches out"
        )
    return first.length


def _groups(forms: Sequence[Sequence[Nest]], length: int) -> list[npt.NDArray[np.intp]]:
    """Group the rows whose arguments have the same forms, in the order of each group's first row."""
    if all(len(set(map(id, form))) == 1 for form in forms):
        return [np.arange(length)]
    found: dict[tuple[Nest, ...], list[int]] = {}
    for i, key in enumerate(zip(*forms, strict=True)):
        found.setdefault(key, []).append(i)
    return [np.array(rows, dtype=np.intp) for rows in found.values()]


def _assembled(results: Sequence[tuple[Path, npt.NDArray[np.intp], Matrix]], length: int) -> Any:
    """Put the results of all paths in the order of the rows."""
    _, first_rows, table = results[0]
    nest = _common([(path.result, int(rows[0])) for path, rows, _ in results])
    if len(results) > 1 or len(first_rows) != length:
        table = np.empty((length, nest.n_leaves))
        for _, rows, part in results:
            table[rows] = part
    leaves: list[Any] = []
    for start, width in blocks_of(nest):
        leaves.append(np.ascontiguousarray(table[:, start : start + width]).ravel())
    numbers = np.concatenate(leaves) if leaves else np.empty(0)
    return _stacked_nest(nest, length).rebuild(array("d", numbers.tobytes()))


def _stacked_nest(nest: Nest, length: int) -> Nest:
    """Return the nest of the stacked results; where rows give truths, arrays of bools."""
    if BOOL not in nest.forms() or any(part.kind == "objects" for part in _all_parts(nest)):
        return with_leading_axis(nest, length)

    def stacked(block: Nest, _: int) -> Nest:
        if block.kind == "number" and block.form == BOOL:
            return built_nest(_truths, length)
        return with_leading_axis(block, length)

    return nest.with_blocks(stacked)


def _truths(leaves: Sequence[float]) -> npt.NDArray[np.bool_]:
    truths: npt.NDArray[np.bool_] = np.array(leaves) != 0.0
    return truths


def _stacked(forms: Sequence[Nest], rows: Sequence[Sequence[Any]]) -> Any:
    """Stack results that were computed row by row."""
    nest = _common([(form, i) for i, form in enumerate(forms)])
    leaves = [leaf for start, width in blocks_of(nest) for row in rows for leaf in row[start : start + width]]
    if not set(map(type, leaves)) - {float, int}:
        leaves = [float(leaf) for leaf in leaves]
    return with_leading_axis(nest, len(rows)).rebuild(leaves)


def _common(forms: Sequence[tuple[Nest, int]]) -> Nest:
    """Return the form that all rows return.

    Raises:
        ShapeError: They differ, or it is a sparse matrix.
    """
    first, row = forms[0]
    wanted = _spelled_out(first)
    for nest, other in forms[1:]:
        if nest is not first and _spelled_out(nest) != wanted:
            one, another = _apart(wanted, _spelled_out(nest))
            raise ShapeError(
                f"batched() stacks the results of all rows, and row {row} returned {one}, "
                f"row {other} {another}\nreturn the same form from every row"
            )
    if any(part.kind == "built" for part in _all_parts(wanted)):
        raise ShapeError(
            "batched() stacks arrays, and each row returned a sparse matrix\nask for the dense one: sparse=False"
        )
    return first


def _spelled_out(nest: Nest) -> Nest:
    """Return a nest with floats for all numbers and nothing abbreviated, so that `[1, 2.0]` looks like `[1.0, 2.0]`."""
    return as_floats(nest).with_blocks(lambda block, _: block)


def _apart(one: Nest, other: Nest) -> tuple[str, str]:
    """Say in words where two nests part."""
    while described(one) == described(other) and len(one.parts) == len(other.parts):
        pairs = zip(one.parts, other.parts, strict=True)
        inside = next(((a, b) for a, b in pairs if a != b), None)
        if inside is None:
            break
        one, other = inside
    if described(one) == described(other) and one.kind == other.kind == "dict":
        keys = [", ".join(repr(getattr(key, "item", key)) for key in nest.form[1]) for nest in (one, other)]
        return f"a dict of {keys[0]}", f"a dict of {keys[1]}"
    return described(one), described(other)


def _all_parts(nest: Nest) -> list[Nest]:
    found = [nest]
    for part in found:
        found += part.parts
    return found


def batched(f: Callable[..., Any], shared: Any = None, *, exact: bool = False, strict: bool = False) -> Batched:
    """Return a function that computes f for every row of a batch.

    f is traced for one row. The rows then run side by side in the vector lanes of the processor; rows that take
    different branches are run path by path, and come back in order. It composes: `batched(grad(f))` gives one
    gradient a row, `grad` of a function that calls `batched(f)` differentiates through the rows.

    Args:
        f: A function of one row; a compiled or transformed one too.
        shared: The arguments that are the same in every row: a position, a name, or a tuple of them.
        exact: Keep the eager order of operations in every row.
        strict: Raise instead of computing eagerly when f takes more than 64 different paths.

    Returns:
        A function of the same arguments. Each one that is not shared has a leading axis, of equal length: an array its
        axis 0, a list of numbers (or of lists of them) its items; dicts, dataclasses and what holds arrays are taken
        apart. What holds no number, such as a text, is the same in every row. Every number of the result becomes an
        array of shape (rows,), every array of shape s one of shape (rows, *s).

    Raises:
        ShapeError: f has no such argument; on a call, arguments have unequal numbers of rows, or none; or rows return
            different forms.
        NumberError: f cannot be called, or `shared` is neither a position nor a name.

    Example:
        >>> import numpy as np
        >>> import slopewise as sw
        >>> line = lambda x, w: w[0] * x + w[1]
        >>> sw.batched(line, shared="w")([1.0, 2.0, 3.0], np.array([10.0, 5.0]))
        array([15., 25., 35.])
        >>> sw.batched(sw.grad(line, wrt="w"), shared="w")(np.array([1.0, 2.0]), [10.0, 5.0])
        [array([1., 2.]), array([1., 1.])]
    """
    check_function(f, "batched")
    chosen = None if shared is None or shared == () else selected(f, shared, "batched(shared=…)")
    return Batched(f, chosen, exact, strict)
