"""`batched`: a function of one row, over all rows of a batch."""

import copy
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from slopewise.basics.arguments import name_of, signature_of, takes
from slopewise.compiler import nests
from slopewise.compiler.batches.row_paths import Batch, Part, RowRunner
from slopewise.compiler.batches.row_plans import Plan, quick_arrays
from slopewise.compiler.batches.rows import Column, UnevenRowsError, column_of, groups_of, numbers_of, unequal_columns
from slopewise.compiler.batches.stacking import as_single, assembled, combined, reduced, stacked_nest
from slopewise.compiler.blocks import as_floats
from slopewise.compiler.compiled import Compiled, name_in_module
from slopewise.compiler.recorded import MASK_ERRORS, check_options
from slopewise.compiler.report import ROWS_IN_LANES, Report
from slopewise.compiler.structure import Nest
from slopewise.compiler.tiers import AUTO, FLOAT32, FLOAT64, REPLAY
from slopewise.compiler.transformations.derivatives import check_function
from slopewise.compiler.transformations.selection import Place, Selection, described_place, selected
from slopewise.errors import ShapeError
from slopewise.losses.pairing import check_reduction
from slopewise.passes.row_blocks import NONE
from slopewise.tracer import is_tracing

__all__ = ["Batched", "batched"]

Matrix = npt.NDArray[np.floating[Any]]

MOST_PLANS = 32
OF_ONE_ROW = frozenset({"backward", "export", "map", "numpy"})  # what takes the arguments of a call


class Batched:
    """A function of one row, called with all rows of a batch; made by `batched`.

    Attributes:
        row: The compiled function of one row, with its `program`, `paths` and `report()`.
        shared: The arguments that are the same in every row.
        reduction: What becomes of the rows' results.
    """

    def __init__(
        self, f: Callable[..., Any], row: Compiled, shared: Selection | None, reduction: str, backend: str, dtype: str
    ) -> None:
        self.f = f
        self.row = row
        self.shared = shared
        self.reduction = reduction
        self.runner = RowRunner(
            row,
            reduction,
            REPLAY if row.exact else backend,
            dtype,
            has_shared=shared is not None,
        )
        self._plans: dict[tuple[Any, ...], Plan] = {}
        self._arguments: dict[tuple[Any, ...], tuple[list[str], list[bool]]] = {}
        self._made_from = f, row, shared, reduction, backend, dtype
        self.__wrapped__ = f
        self.__module__ = getattr(f, "__module__", None) or __name__
        self.__name__ = self.__qualname__ = f"batched {name_of(f)}"

    def __repr__(self) -> str:
        return f"<{self.__name__}>"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "row":
            raise AttributeError(name)
        if name in OF_ONE_ROW:
            raise AttributeError(
                f"{self.__name__} has no {name}: that is one row's, .row.{name}\n"
                "for gradients of all rows, make a batch of sw.grad(f) or sw.value_and_grad(f)"
            )
        return getattr(self.row, name)  # program, paths, constants, report, retrace …

    def __copy__(self) -> "Batched":
        return type(self)(*self._made_from)

    def __deepcopy__(self, memo: dict[int, Any]) -> "Batched":
        return type(self)(*copy.deepcopy(self._made_from, memo))

    def __reduce__(self) -> Any:
        return name_in_module(self, self.f) or (type(self), self._made_from)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return the results of all rows, stacked."""
        if is_tracing():
            self._check_count(args, kwargs)
            return self._unrolled(args, kwargs)
        found: list[Any] = []
        inner = quick_arrays((*args, *kwargs.values()), found, truths=self.row.takes_truths)
        key = None if inner is None else (len(args), *kwargs, inner)
        plan = self._plans.get(key) if key is not None else None
        if plan is not None and plan.is_valid:
            result = plan.run(found)
            if result is not None:
                return result
        self._check_count(args, kwargs)
        n_given = len(args) + len(kwargs)
        columns = self._columns(args, kwargs)
        length = _length(columns, self.f)
        is_single = self.runner.dtype == FLOAT32 and _are_single(columns)
        given = args, kwargs
        args, kwargs, columns = self._prepared(args, kwargs, columns)
        try:
            parts = self._side_by_side(len(args), tuple(kwargs), columns, length, is_single)
        except MASK_ERRORS:
            if not self.row.give_up_truths():
                raise
            return self(*given[0], **given[1])
        except UnevenRowsError:
            return self._row_by_row(len(args), tuple(kwargs), columns, length, is_single)
        if key is not None:
            self._plan(key, n_given, parts, columns, length, is_single)
        if is_single:
            parts = [replace(part, blocks=[as_single(block) for block in part.blocks]) for part in parts]
        return assembled(parts, length) if self.reduction == NONE else reduced(parts, length, self.reduction)

    def report(self) -> Report:
        """Tell what runs rows, and how it was made: see `Report`. Where rows are called one by one, what runs one.

        Raises:
            PathError: There was no call yet.
        """
        of_row = self.row.report()
        kernels = tuple(made for of_path in self.runner.kernels.values() for made in of_path.reports())
        if not kernels:
            lanes = [made for made in of_row.kernels if made.title == ROWS_IN_LANES]
            kernels = tuple(replace(made, why=self.runner.why_in_lanes(made.equations)) for made in lanes)
        return replace(of_row, kernels=kernels or of_row.kernels)

    def _check_count(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        count = len(args)
        if not kwargs and (count,) not in self._arguments and takes(self.f, count) is False:
            raise ShapeError(
                f"batched() got {count} argument{'s' * (count != 1)} for {signature_of(self.f)}\n"
                "give one item for each argument of the function: all rows of it, or what is shared"
            )

    def _plan(
        self,
        key: tuple[Any, ...],
        n_given: int,
        parts: Sequence[Part],
        columns: Sequence[Column],
        length: int,
        is_single: bool,
    ) -> None:
        """Keep what answers calls of this form, if one kernel did."""
        (part, *others) = parts
        path, kernel = part.path, part.kernel
        arrays: list[tuple[tuple[int, ...], bool]] = []
        for column in columns:
            own: list[Any] = []
            if quick_arrays((column.item,), own, truths=self.row.takes_truths) is None:
                return
            arrays += [(np.shape(item), column.length is None) for item in own]
        if (
            len(columns) != n_given
            or others
            or kernel is None
            or kernel.count != length
            or len(part.guards) != len(path.outcomes)
        ):
            return
        nest = stacked_nest(path.result, length) if self.reduction == NONE else as_floats(path.result)
        lifted = [path.program.pool[place] for place in path.kernels.lifted]
        outcomes = [path.outcomes[guard] for guard in part.guards]
        plan = Plan(self.row, path, kernel, arrays, lifted, outcomes, nest, is_single)
        if plan.is_possible:
            if len(self._plans) >= MOST_PLANS:
                self._plans.clear()
            self._plans[key] = plan

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
        names, are_shared = self._arguments_of(len(args), tuple(kwargs))
        items = [*args, *kwargs.values()]
        return [
            column_of(name, item, is_shared=is_shared)
            for name, item, is_shared in zip(names, items, are_shared, strict=True)
        ]

    def _arguments_of(self, n_args: int, keywords: tuple[str, ...]) -> tuple[list[str], list[bool]]:
        """Return what the arguments of a call are called, and whether each is shared; Python tells it slowly."""
        key = n_args, *keywords
        found = self._arguments.get(key)
        if found is None:
            shared = () if self.shared is None else self.shared.given(n_args, dict.fromkeys(keywords))
            places: list[Place] = [*range(n_args), *keywords]
            found = [described_place(self.f, place) for place in places], [place in shared for place in places]
            if len(self._arguments) < MOST_PLANS:
                self._arguments[key] = found
        return found

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
        return combined(results, self.reduction)

    def _row_by_row(
        self, n_args: int, names: Sequence[str], columns: Sequence[Column], length: int, is_single: bool
    ) -> Any:
        """Call the compiled function once for each row."""
        results = []
        for i in range(length):
            args, kwargs = self._call_of(n_args, names, columns, i)
            results.append(nests.collect(self.row(*args, **kwargs)))
        return combined(results, self.reduction, is_single=is_single)

    # ------------------------------------------------------------------ side by side

    def _side_by_side(
        self, n_args: int, names: Sequence[str], columns: Sequence[Column], length: int, is_single: bool
    ) -> list[Part]:
        """Run each path of the function on all rows that take it.

        Raises:
            UnevenRowsError: Rows hold unequal numbers of numbers, or the function writes state.
        """
        forms: list[list[Nest]] = []
        shared: list[Matrix] = []
        sources: list[int] = []
        tables: list[Matrix] = []
        for column in columns:
            if column.length is None:
                arrays = _arrays_of(column.item, is_single=is_single, truths=self.row.takes_truths)
                shared += arrays
                sources += [-1] * sum(map(len, arrays))
            else:
                nests_of_rows, found = column.tables(is_single=is_single, truths=self.row.takes_truths)
                forms.append(nests_of_rows)
                for table in found:
                    if table.shape[1]:  # truths and texts hold no numbers
                        sources += [len(tables)] * table.shape[1]
                        tables.append(table)
        parts: list[Part] = []
        for rows in groups_of(forms, length):
            is_all = len(rows) == length

            def call(row: int, rows: Any = rows) -> tuple[tuple[Any, ...], dict[str, Any]]:
                args, kwargs = self._call_of(n_args, names, columns, int(rows[row]))
                return args, kwargs

            chosen = tables if is_all else [table[rows] for table in tables]
            done = self.runner.run(Batch(tuple(sources), shared, chosen, len(rows), call, is_single))
            parts += done if is_all else [replace(part, rows=rows[part.rows]) for part in done]
        return parts


def _are_single(columns: Sequence[Column]) -> bool:
    """Tell whether there are arrays of floats, all of 32 bits, whatever else there is."""
    found: set[Any] = set()
    todo = [column.item for column in columns]
    while todo:
        item = todo.pop()
        if isinstance(item, np.ndarray):
            found.add(item.dtype if item.dtype.kind == "f" else None)
        elif isinstance(item, dict):
            todo += item.values()
        elif isinstance(item, (list, tuple)) and item and type(item[0]) is not float:
            todo += item
    return found - {None} == {np.dtype(np.float32)}


def _arrays_of(item: Any, *, is_single: bool, truths: bool) -> list[Matrix]:
    """Return the numbers of what all rows share: each array of it as it is, in order."""
    own: list[Any] = []
    if quick_arrays((item,), own, truths=truths) is not None:
        with suppress(OverflowError):  # an int past all floats: `flatten` says so
            return [numbers_of(part, is_single=is_single).ravel() for part in own]
    return [np.asarray(nests.flatten(item, truths=truths).numbers)]


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
            raise ShapeError(unequal_columns(first, other))
    if not first.length:
        raise ShapeError(
            f"batched() got no rows: {first.name} is empty\n"
            f"what {name_of(f)} returns is known from a row; leave empty batches out"
        )
    return first.length


def batched(
    f: Callable[..., Any],
    shared: Any = None,
    reduction: str | None = NONE,
    *,
    exact: bool = False,
    strict: bool = False,
    backend: str = AUTO,
    dtype: Any = FLOAT64,
) -> Batched:
    """Return a function that computes f for every row of a batch.

    f is traced for one row. All rows then run at once: in machine code that is made for that many rows where there is
    enough to compute, else in the lanes of replay. Rows that take different branches are run path by path, and come
    back in order. It composes: `batched(grad(f))` gives one gradient a row, `grad` of a function that calls
    `batched(f)` differentiates through the rows.

    Args:
        f: A function of one row; a compiled or transformed one too.
        shared: The arguments that are the same in every row: a position, a name, or a tuple of them.
        reduction: What becomes of the rows' results: `"none"` stacks them, `"mean"` and `"sum"` give the mean or the
            sum of each number over the rows, without keeping those of each row. Truths count as 1 and 0.
        exact: Keep the eager order of operations in every row.
        strict: Raise instead of computing eagerly when f takes more than 64 different paths.
        backend: `"replay"`, `"llvm"` or `"auto"`, as `compile` has them.
        dtype: `"float64"` or `"float32"`: what machine code computes with, as `compile` has it. Where it is float32,
            and so is every array of floats that is given, large arrays are read as they are, and those of the result
            are float32 too.

    Returns:
        A function of the same arguments. Each one that is not shared has a leading axis, of equal length: an array its
        axis 0, a list of numbers (or of lists of them) its items; dicts, dataclasses and what holds arrays are taken
        apart. What holds no number, such as a text, is the same in every row. Without a reduction every number of the
        result becomes an array of shape (rows,), every array of shape s one of shape (rows, *s); with one, the result
        has the form of a row's.

    Raises:
        ShapeError: f has no such argument; on a call, arguments have unequal numbers of rows, or none; or rows return
            different forms.
        NumberError: f cannot be called, or `shared` is neither a position nor a name.
        DomainError: There is no such reduction, backend or dtype.

    Example:
        >>> import numpy as np
        >>> import slopewise as sw
        >>> line = lambda x, w: w[0] * x + w[1]
        >>> sw.batched(line, shared="w")([1.0, 2.0, 3.0], np.array([10.0, 5.0]))
        array([15., 25., 35.])
        >>> sw.batched(sw.grad(line, wrt="w"), shared="w")(np.array([1.0, 2.0]), [10.0, 5.0])
        [array([1., 2.]), array([1., 1.])]
        >>> sw.batched(sw.grad(line, wrt="w"), shared="w", reduction="mean")(np.array([1.0, 2.0]), [10.0, 5.0])
        [1.5, 1.0]
    """
    check_function(f, "batched")
    reduction = NONE if reduction is None else reduction
    check_reduction("batched", reduction)
    chosen = None if shared is None or shared == () else selected(f, shared, "batched(shared=…)")
    dtype = check_options(backend, dtype, exact)
    row = f if isinstance(f, Compiled) else Compiled(f, exact=exact, strict=strict, backend=REPLAY)
    if row is f:
        backend = backend if backend != AUTO else row.backend
        dtype = dtype if dtype != FLOAT64 else row.dtype
    return Batched(f, row, chosen, reduction, backend, dtype)
