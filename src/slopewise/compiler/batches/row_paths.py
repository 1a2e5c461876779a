"""Which path each row of a batch takes, and what its rows come to."""

from array import array
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from slopewise.compiler.batches.branched_paths import branched
from slopewise.compiler.batches.merged_paths import merged, skeleton
from slopewise.compiler.batches.row_kernels import LEAST_WORK, RowKernel, RowKernels, Rows
from slopewise.compiler.batches.rows import UnevenRowsError, table_of
from slopewise.compiler.blocks import blocks_of
from slopewise.compiler.compiled import Compiled
from slopewise.compiler.costs import batches_until_paid
from slopewise.compiler.entries import Entry
from slopewise.compiler.lowering import leading_integers
from slopewise.compiler.paths import Path
from slopewise.compiler.tiers import REPLAY
from slopewise.errors import SlopewiseError
from slopewise.passes.row_blocks import MEAN, NONE

__all__ = ["Batch", "Part", "RowRunner"]

Matrix = npt.NDArray[np.floating[Any]]
Places = npt.NDArray[np.intp]

MOST_KERNELS = 64
MOST_TIMES = 12  # that paths are merged anew for new ones; each time is a compilation
OFTEN = 3  # runs after which a path that only part of the rows takes gets kernels


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows whose arguments have one form.

    Attributes:
        sources: For each number of the arguments its table, -1 where all rows share it.
        shared: The numbers that are shared, in order, in one array or several.
        tables: For each table its numbers, shape (rows, width).
        count: How many rows there are.
        call: Gives the arguments of a row.
        is_single: Whether the results are floats of 32 bits, as all arrays of floats that were given.
    """

    sources: tuple[int, ...]
    shared: Sequence[Matrix]
    tables: Sequence[Matrix]
    count: int
    call: Callable[[int], tuple[tuple[Any, ...], dict[str, Any]]]
    is_single: bool = False

    def argument(self, place: int) -> "float | Matrix":
        """Return a number of the arguments: one, or a column of one for each row."""
        table = self.sources[place]
        number = self.sources[:place].count(table)
        if table >= 0:
            return self.tables[table][:, number].astype(np.float64, copy=False)
        for numbers in self.shared:
            if number < len(numbers):
                break
            number -= len(numbers)
        return float(numbers[number])


@dataclass(frozen=True, slots=True)
class Part:
    """What some rows of a batch come to.

    Attributes:
        path: The path that they take.
        rows: Which rows.
        blocks: For each block of the results its numbers, shape (rows, width), or with a reduction one array of totals.
        count: How many rows.
        kernel: What ran them, if it was one kernel.
        guards: The guards that were asked for.
    """

    path: Path
    rows: Places
    blocks: list[Matrix]
    count: int
    kernel: RowKernel | None = None
    guards: tuple[int, ...] = ()


class RowRunner:
    """Runs the rows of batches.

    Args:
        row: The function of one row.
        reduction: What becomes of the rows' results.
        backend: `auto`, `replay` or `llvm`.
        dtype: The numbers that machine code computes with.
        has_shared: Whether some argument was named as shared; if not, that is the cure that errors in a row name.
    """

    def __init__(self, row: Compiled, reduction: str, backend: str, dtype: str, has_shared: bool) -> None:
        self.row = row
        self.reduction = reduction
        self.backend = backend
        self.dtype = dtype
        self.has_shared = has_shared
        self.kernels: dict[tuple[Any, ...], RowKernels] = {}
        self.times_in_lanes: dict[RowKernels, int] = {}
        self.merged: dict[tuple[Any, ...], _Merged] = {}
        self.branched: dict[int, _Branched] = {}

    def run(self, batch: Batch) -> list[Part]:
        """Run each path of the function on all rows that take it.

        Raises:
            UnevenRowsError: The function writes state, or has too many paths.
        """
        work = _Work(self, batch)
        together = self.branched.get(id(work.entry))
        if together is not None and together.is_current and (part := work.at_once(together)) is not None:
            return [part]
        work.begin()
        parts: list[Part] = []
        while work.waiting:
            parts += work.next()
        if len(parts) > 1 and not self.row.exact:
            if together is None:
                together = self.branched[id(work.entry)] = _Branched(work.entry)
            together.note_split()
        return parts

    def why_in_lanes(self, n_equations: int) -> str:
        """Say why rows are replayed in lanes, and are no machine code.

        Args:
            n_equations: How many there are in a row.
        """
        from slopewise.backends.llvm import availability

        if self.row.exact:
            return "exact=True computes just what the eager sweep does"
        if self.backend == REPLAY:
            return "asked for by backend='replay'"
        why_not = availability.why_not()
        if why_not is not None:
            return why_not
        if any(kernels.is_given_up for kernels in self.kernels.values()):
            return "its rows have too many loops, or look a float up"
        noun = "equation" if n_equations == 1 else "equations"
        why = f"{n_equations:,} {noun} a row, and machine code is made where those of all rows come to {LEAST_WORK:,}"
        left = [self.batches_left(kernels) for kernels in self.kernels.values()]
        return f"{why}, or after {min(left):,} batches more" if left else why

    def batches_left(self, kernels: RowKernels) -> int:
        """Return how many small batches have to come until machine code is made."""
        after = batches_until_paid(kernels.path.program.n_equations)
        return max(after + 1 - self.times_in_lanes.get(kernels, 0), 0)

    def kernels_of(
        self,
        path: Path,
        sources: tuple[int, ...],
        sizes: tuple[int, ...],
        guards: tuple[int, ...],
        single: frozenset[int],
        is_single_out: bool,
    ) -> RowKernels:
        """Return what runs a path as machine code."""
        lifted = path.kernels.lifted
        key = (path.kernels, lifted, sources, sizes, guards, single, is_single_out)
        found = self.kernels.get(key)
        if found is None:
            if len(self.kernels) >= MOST_KERNELS:
                self.kernels.clear()
                self.times_in_lanes.clear()
            found = self.kernels[key] = RowKernels(
                path,
                lifted,
                sources,
                sizes,
                guards,
                self.reduction,
                self.backend,
                self.dtype,
                single,
                is_single_out,
            )
        return found

    def is_worth(self, kernels: RowKernels, count: int) -> bool:
        """Tell whether machine code is worth making for so many rows, or has become so; this time counts."""
        if kernels.is_given_up or kernels.is_worth(count):
            return not kernels.is_given_up
        times = self.times_in_lanes[kernels] = self.times_in_lanes.get(kernels, 0) + 1
        return times > batches_until_paid(kernels.path.program.n_equations)

    def merged_of(self, entry: Entry, paths: Sequence[Path]) -> Path | None:
        """Return the path that several of one skeleton are merged to; those that were merged before are in it too."""
        known = self.merged.setdefault((id(entry), *skeleton(paths[0])), _Merged(entry))
        if len(paths) == 1 and paths[0] not in known.paths:
            return None
        new = [path for path in paths if path not in known.paths]
        if new:
            if known.times == MOST_TIMES:
                return None
            known.times += 1
            known.paths += new
            known.path = merged(known.paths, self.row.transformation, entry.nest, paths[0].returned or paths[0].result)
        return known.path


class _Merged:
    """Paths of one skeleton, and what they are merged to."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry  # kept, since its id is part of a key
        self.paths: list[Path] = []
        self.path: Path | None = None
        self.times = 0


class _Branched:
    """All paths of calls of one form, put together."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry  # kept, since its id is the key
        self.root: Path | None = None
        self.n_paths = 0
        self.path: Path | None = None
        self.splits = 0
        self.times = 0

    @property
    def is_current(self) -> bool:
        """Whether the paths that were put together are still those of the function."""
        return self.path is not None and self.root is self.entry.tree.root

    def note_split(self) -> None:
        """Take note that rows took several paths, each by itself; when that comes often, put the paths together."""
        self.splits += 1
        paths = list(self.entry.tree)
        if self.splits < OFTEN or (len(paths) == self.n_paths and self.root is paths[0]):
            return
        self.root, self.n_paths, self.path = paths[0], len(paths), None
        if self.times < MOST_TIMES:
            self.times += 1
            self.path = branched(paths)


@dataclass(frozen=True, slots=True)
class _Group:
    """Rows that may take one path.

    Attributes:
        path: The path.
        rows: The rows.
        last: The guard at which they left another, -1 for none.
        is_new: Whether the path was traced for the first of them.
    """

    path: Path
    rows: Places
    last: int
    is_new: bool


class _Work:
    """One call: the rows that are not done yet, each group with the path that it may take."""

    def __init__(self, runner: RowRunner, batch: Batch) -> None:
        self.runner = runner
        self.row = runner.row
        self.batch = batch
        args, kwargs = batch.call(0)
        self.entry: Entry = self.guarded(lambda: self.row.entry_of(args, kwargs)[0])
        self.waiting: deque[_Group] = deque()
        self.kernel: RowKernel | None = None  # what ran the latest rows

    def guarded(self, do: Callable[[], Any]) -> Any:
        """Do something with a row, and say what may be the matter if it fails."""
        try:
            return do()
        except (TypeError, IndexError, KeyError) as error:
            if not self.runner.has_shared and not isinstance(error, SlopewiseError):
                error.add_note(
                    "batched() gave it one row of each argument; "
                    "name what is the same in every row: batched(f, shared=…)"
                )
            raise

    def begin(self) -> None:
        """Let all rows wait for the path that was taken last."""
        rows = np.arange(self.batch.count)
        path = self.entry.tree.latest
        self.waiting.append(_Group(self.traced(0) if path is None else path, rows, -1, path is None))

    def at_once(self, together: _Branched) -> Part | None:
        """Run all rows on all paths; None where a row takes another."""
        path = together.path
        assert path is not None
        rows = np.arange(self.batch.count)
        blocks, outcomes = self.computed(path, rows, (0,))
        if not (outcomes == 1.0).all():
            return None
        path.calls += 1
        return Part(path, rows, blocks, len(rows), self.kernel, (0,))

    def traced(self, row: int) -> Path:
        """Trace a row."""
        args, kwargs = self.batch.call(row)
        path: Path = self.guarded(lambda: self.row.path_of_row(self.entry, args, kwargs))
        if not path.is_kept:
            raise UnevenRowsError
        return path

    def next(self) -> Iterator[Part]:
        """Run the rows that wait; those that turn out to take other paths wait again."""
        ready: dict[tuple[Any, ...], list[_Group]] = {}
        while self.waiting:
            group = self.agreeing(self.waiting.popleft())
            if group is not None:
                ready.setdefault(skeleton(group.path), []).append(group)
        for groups in ready.values():
            yield from self.together(groups)

    def together(self, groups: list[_Group]) -> Iterator[Part]:
        """Run rows of paths that do the same with other numbers as one, if that can be."""
        path = None
        if any(guard.kind == "integer" for guard in groups[0].path.trace.guards):
            path = self.runner.merged_of(self.entry, [group.path for group in groups])
        if path is not None:
            rows = np.sort(np.concatenate([group.rows for group in groups]))
            asked = tuple(range(len(leading_integers(path)), len(path.outcomes)))
            blocks, outcomes = self.computed(path, rows, asked)
            if (outcomes == np.array([path.outcomes[guard] for guard in asked])).all():
                path.calls += 1
                self.row.note_path(self.entry, groups[0].path)
                yield Part(path, rows, blocks, len(rows), self.kernel, asked)
                return
        for group in groups:
            yield from self.outcome(group)

    def agreeing(self, group: _Group) -> _Group | None:
        """Return the rows that agree with their path's first guards, as far as these ask for whole numbers."""
        path, rows = group.path, group.rows
        if path.trace.writes:
            raise UnevenRowsError
        for guard, place in enumerate(leading_integers(path)):
            values = self.batch.argument(place)
            values = np.full(len(rows), values) if isinstance(values, float) else values[rows]
            is_right = values == path.outcomes[guard]
            if not is_right.all():
                wrong = ~is_right
                self.send_on(path, rows[wrong], np.full(wrong.sum(), guard), values[wrong], group.last)
                rows = rows[is_right]
            if not len(rows):
                break
        if group.is_new and not (len(rows) and rows[0] == group.rows[0]):
            raise UnevenRowsError
        return replace(group, rows=rows) if len(rows) else None

    def send_on(self, path: Path, rows: Places, guards: Places, outcomes: Matrix, last: int) -> None:
        """Let rows wait for the paths that leave this one at their guards with their outcomes."""
        together: dict[tuple[int, float], list[int]] = {}
        for row, guard, outcome in zip(rows.tolist(), guards.tolist(), outcomes.tolist(), strict=True):
            together.setdefault((guard, outcome), []).append(row)
        for (guard, outcome), of_path in together.items():
            following = path.next(guard, outcome) if guard > last else None
            is_new = following is None
            if following is None:
                following = self.traced(of_path[0])
            self.waiting.append(_Group(following, np.array(of_path), guard, is_new))

    def outcome(self, group: _Group) -> Iterator[Part]:
        """Run rows on a path; yield what those come to that take it."""
        path, rows, is_new = group.path, group.rows, group.is_new
        asked = tuple(range(len(leading_integers(path)), len(path.outcomes)))
        expected = np.array([path.outcomes[guard] for guard in asked])
        blocks, outcomes = self.computed(path, rows, asked)
        is_right = (outcomes == expected).all(axis=1)
        if is_new and not is_right[0]:  # the last digits of machine code may be others
            blocks, outcomes = self.replayed(path, rows, asked)
            is_right = (outcomes == expected).all(axis=1)
            if not is_right[0]:
                raise UnevenRowsError
        path.calls += 1
        self.row.note_path(self.entry, path)
        if is_right.all():
            yield Part(path, rows, blocks, len(rows), self.kernel, asked)
            return
        if is_right.any():
            right = rows[is_right]
            if self.runner.reduction == NONE:
                blocks = [block[is_right] for block in blocks]
            else:
                blocks, _ = self.computed(path, right, asked)
            yield Part(path, right, blocks, len(right))
        wrong = outcomes[~is_right] != expected
        guards = wrong.argmax(axis=1)
        values = outcomes[~is_right][np.arange(len(guards)), guards]
        self.send_on(path, rows[~is_right], guards + asked[0], values, group.last)

    def computed(self, path: Path, rows: Places, asked: tuple[int, ...]) -> tuple[list[Matrix], Matrix]:
        """Run rows on a path, by machine code if that is worth it.

        Returns:
            The blocks of the results, and the outcomes of the guards, shape (rows, guards).
        """
        batch, runner = self.batch, self.runner
        self.kernel = None
        lifted = path.kernels.lifted
        n_beside = len(path.captured) + len(lifted)
        sources = (*batch.sources, *[-1] * n_beside)
        sizes = (*map(len, batch.shared), *([n_beside] if n_beside else []))
        beside = [np.empty(0)] if n_beside else []
        single = frozenset(
            at for at, numbers in enumerate((*batch.shared, *beside, *batch.tables)) if numbers.dtype == np.float32
        )
        kernels = runner.kernels_of(path, sources, sizes, asked, single, batch.is_single)
        is_all = len(rows) == batch.count
        if runner.is_worth(kernels, len(rows)) and (is_all or path.calls >= OFTEN or kernels.is_asked_for):
            shared = batch.shared
            if n_beside:
                captured = path.reader.read({}) if path.captured else array("d")
                captured.extend([path.program.pool[place] for place in lifted])
                shared = [*shared, np.frombuffer(captured)]
            tables = batch.tables if is_all else [table[rows] for table in batch.tables]
            given = Rows(shared, tables, len(rows))
            found = kernels.run(given, is_all)
            if found is not None:
                self.kernel = kernels.by_count.get(len(rows))
                return found
        return self.replayed(path, rows, asked)

    def replayed(self, path: Path, rows: Places, asked: tuple[int, ...]) -> tuple[list[Matrix], Matrix]:
        """Run rows on a path in the lanes of replay."""
        batch = self.batch
        self.kernel = None
        n = len(rows)
        columns: list[Any] = []
        shared = chain.from_iterable(numbers.tolist() for numbers in batch.shared)
        places = [0] * len(batch.tables)
        is_all = n == batch.count
        for table in batch.sources:
            if table < 0:
                columns.append(next(shared))
            else:
                column = batch.tables[table][:, places[table]]
                columns.append(column if is_all else column[rows])
                places[table] += 1
        outputs = table_of(self.row.run_rows(path, columns, n), n)
        outcomes = outputs[len(outputs) - len(asked) :].T if asked else np.empty((n, 0))
        if self.runner.reduction == NONE:
            return [outputs[start : start + width].T for start, width in blocks_of(path.result)], outcomes
        totals = outputs[: path.n_results].sum(axis=1)
        return [totals / n if self.runner.reduction == MEAN else totals], outcomes
