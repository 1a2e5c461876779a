"""Kernels for all rows of a batch at once: machine code made of the Loops of one row, kept for each number of rows.

A kernel is for one number of rows. The first numbers that come get kernels of their own; where ever new ones come, and
for rows that take a path of their own, rows are run in blocks of a few fixed sizes, so that nothing is compiled again.
"""

import ctypes
import functools
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from slopewise.compiler.blocks import blocks_of
from slopewise.compiler.lowering import program_of_row
from slopewise.compiler.report import KernelReport, operations_of
from slopewise.compiler.tiers import (
    FLOAT32,
    LEAST_EACH,
    LLVM,
    MACHINE_CODE,
    MOST_NESTS,
    MOST_NESTS_ASKED_FOR,
    REPLAY,
    Stage,
    may_be_machine_code,
)
from slopewise.ir import Loops, Program
from slopewise.ir.loops import Kind
from slopewise.passes import pipeline
from slopewise.passes.rolling import roll_within
from slopewise.passes.row_axis import with_rows
from slopewise.passes.row_blocks import NONE, SUM, Block
from slopewise.passes.row_folding import folded
from slopewise.passes.row_lines import rows_in_a_line

if TYPE_CHECKING:
    from slopewise.backends.llvm.interface import Interface
    from slopewise.compiler.paths import Path

__all__ = ["RowKernel", "RowKernels", "Rows"]

Matrix = npt.NDArray[np.floating[Any]]

LEAST_WORK = 10_000  # equations times rows from which on machine code is worth making
A_COLUMN = 50  # what it costs replay to take in a column of numbers, or to hand one out, in equations
MOST_IN_A_LINE = 2000  # equations in one loop over the rows, better than nests of a few equations
MOST_AT_ALL = 10_000  # equations in one loop over the rows, where there are no loops to be found
MOST_SIZES = 6  # numbers of rows that get a kernel of their own
SIZES = (256, 32, 4, 1)  # blocks that other numbers of rows are run in
MOST_SCRATCH = 64 << 20  # bytes that a kernel may work in
MOST_ROWS = 1 << 17
LINE = 64  # bytes in a line of the cache
LARGE = 1 << 14  # numbers from which on results reuse memory that nobody holds, and inputs are not copied
MOST_LARGE = 2
MOST_APART = 8


def _held() -> int:
    """Return how many references what only a list and the loop over it hold has; -1 where that may change."""
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        return -1
    count = -1
    for held in [object()]:
        count = sys.getrefcount(held)
    return count


HELD = _held()


@dataclass(frozen=True, slots=True)
class Rows:
    """The numbers of some rows that take one path.

    Attributes:
        shared: The inputs that all rows share, in order, in one array or several.
        tables: For each table its numbers, shape (rows, width).
        count: How many rows there are.
    """

    shared: Sequence[Matrix]
    tables: Sequence[Matrix]
    count: int


@dataclass(frozen=True, slots=True)
class _Counts:
    n_inputs: int
    n_outputs: int


class RowKernel:
    """Machine code for so many rows.

    Args:
        made: The `LoopKernel`, or one that is remembered.
        n_shared: How many numbers all rows share; they come first.
        pieces: Where the inputs of each shared array and of each table begin and end.
        interface: Where it takes them.
        largest: The output with which the largest array of them begins.
        count: How many rows.
        stages: How it was made.
    """

    def __init__(
        self,
        made: Any,
        n_shared: int,
        pieces: Sequence[tuple[int, int]],
        interface: "Interface",
        largest: int,
        count: int,
        stages: Sequence[Stage],
    ) -> None:
        self.made = made
        self.stages = tuple(stages)
        self.count = count
        self.n_shared = n_shared
        self.pieces = pieces
        self.apart = {run: number_of(interface.size_of(at)) for at, run in enumerate(interface.apart)}
        self.number = number_of(interface.output_size)
        self.largest = largest
        self.entry = _entry(len(self.apart))(made.address)
        self.spare: list[tuple[Matrix, int, int, Any]] = []
        self.large: list[tuple[Matrix, slice]] = []

    def room(self) -> tuple[Matrix, int, int, Any]:
        """Return memory for a call: the inputs, their address, that of the memory it works in, and what keeps it."""
        memory, scratch = np.empty(self.made.n_inputs + 8), np.empty(self.made.scratch_bytes // 8 + 9)
        begin = -(_address(memory) // 8) % 8
        inputs = memory[begin : begin + self.made.n_inputs]
        return inputs, _address(inputs), -(-_address(scratch) // LINE) * LINE, scratch

    def call(self, place: tuple[Matrix, int, int, Any], apart: Sequence[Matrix] = ()) -> Matrix:
        """Return the outputs for inputs that stand in some memory, and for those that stand apart."""
        outputs = self.outputs()
        addresses = map(_address, apart)
        self.entry(place[1], _address(outputs), place[2], self.made.frozen_address, *addresses)
        return outputs

    def outputs(self) -> Matrix:
        """Return memory for results: large memory of earlier ones of which nothing is held any more, or else new.

        The system clears each page of new memory, which takes longer than to compute what is written there. Large
        results often come back as the next call's arguments, so their largest array begins with a line of the cache.
        """
        n = self.made.n_outputs
        if n < LARGE:
            return np.empty(n, self.number)
        for memory, place in self.large:
            if sys.getrefcount(memory) == HELD:
                return memory[place]
        memory = np.empty(n + LINE, self.number)
        begin = -(_address(memory) // memory.itemsize + self.largest) % (LINE // memory.itemsize)
        place = slice(begin, begin + n)
        if len(self.large) < MOST_LARGE:
            self.large.append((memory, place))
        return memory[place]

    def run(self, rows: Rows, begin: int) -> Matrix:
        """Return the outputs for the rows from some row on."""
        try:
            place = self.spare.pop()
        except IndexError:
            place = self.room()
        inputs, count = place[0], self.count
        tables = rows.tables if count == rows.count else [table[begin : begin + count] for table in rows.tables]
        apart = []
        for (start, stop), numbers in zip(self.pieces, (*rows.shared, *tables), strict=True):
            number = self.apart.get((start, stop))
            if number is not None:
                apart.append(np.ascontiguousarray(numbers, dtype=number))
            else:
                inputs[start:stop].reshape(numbers.shape)[...] = numbers
        outputs = self.call(place, apart)
        self.spare.append(place)
        return outputs


def pieces_of(sizes: Sequence[int], widths: Sequence[int], count: int) -> list[tuple[int, int]]:
    """Return where the inputs of each shared array and of each table begin and end."""
    ends = list(accumulate([*sizes, *(count * width for width in widths)], initial=0))
    return list(pairwise(ends))


def apart_of(pieces: Sequence[tuple[int, int]]) -> list[int]:
    """Return which pieces are read where the caller has them: large arrays; small ones are copied side by side."""
    return [at for at, (start, stop) in enumerate(pieces) if stop - start >= LARGE][:MOST_APART]


def number_of(size: int) -> type[np.floating[Any]]:
    """Return the type of floats of so many bytes."""
    return np.float32 if size == 4 else np.float64


@functools.cache
def _entry(n_apart: int) -> Any:
    return ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * (4 + n_apart))


class RowKernels:
    """What runs the rows that take one path, as machine code.

    Args:
        path: The path.
        lifted: The places of the constants that are inputs behind the others.
        sources: For each input its table, -1 where all rows share it.
        sizes: How many numbers each array has that all rows share.
        guards: The guards whose outcomes are asked for.
        reduction: What becomes of the rows' results.
        backend: `auto`, `replay` or `llvm`.
        dtype: The numbers that are computed with.
        single: Which of the shared arrays and of the tables behind them hold floats of 32 bits.
        is_single_out: Whether the results are floats of 32 bits.
    """

    def __init__(
        self,
        path: "Path",
        lifted: tuple[int, ...],
        sources: tuple[int, ...],
        sizes: Sequence[int],
        guards: Sequence[int],
        reduction: str,
        backend: str,
        dtype: str,
        single: frozenset[int] = frozenset(),
        is_single_out: bool = False,
    ) -> None:
        self.path = path
        self.lifted = lifted
        self.sources = sources
        self.reduction = reduction
        self.dtype = dtype
        self.is_asked_for = backend == LLVM or dtype == FLOAT32
        self.lengths = tuple(sizes)
        self.n_shared = sources.count(-1)
        self.widths = [sources.count(table) for table in range(max(sources, default=-1) + 1)]
        self.guards = tuple(guards)
        self.single = single
        # What a guard asks for has to be exact: a whole number of more than 24 bits.
        self.is_single_out = is_single_out and not guards
        self.widths_of_results = [width for _, width in blocks_of(path.result)]
        self.blocks = (
            [Block(width) for width in self.widths_of_results]
            if reduction == NONE
            else [Block(path.n_results, reduction)]
        )
        self.of_guards = [Block(len(guards))] if guards else []
        self.by_count: dict[int, RowKernel | None] = {}
        self.lock = threading.Lock()
        self.is_given_up = backend == REPLAY or not may_be_machine_code(path)
        self._program: Program | None = None
        self._loops: Loops | Program | None = None
        self._bytes_a_row = -1
        self.rolling_seconds = 0.0

    def is_worth(self, count: int) -> bool:
        """Tell whether machine code is worth making for so many rows."""
        if self.is_given_up or self.is_asked_for:
            return not self.is_given_up
        program = self.path.program
        return program.n_equations * count + A_COLUMN * (program.n_inputs + program.n_outputs) >= LEAST_WORK

    def run(self, rows: Rows, is_all: bool) -> tuple[list[Matrix], Matrix] | None:
        """Run all rows.

        Args:
            rows: The rows.
            is_all: Whether they are a whole batch, whose number may well come again.

        Returns:
            For each block of the results its numbers, shape (rows, width), or with a reduction one array of totals; and
            the outcomes of the guards, shape (rows, guards). None where machine code cannot be had.
        """
        if not self.is_available():
            return None
        sizes = self.sizes(rows.count, is_all)
        kernels = [self.kernel(size) for size in sizes]
        if None in kernels:
            return None
        if len(sizes) == 1 and kernels[0] is not None:
            return self.split(kernels[0].run(rows, 0), rows.count)
        begin = 0
        parts = []
        for size, kernel in zip(sizes, kernels, strict=True):
            assert kernel is not None
            results, outcomes = self.split(kernel.run(rows, begin), size)
            parts.append((results, outcomes, size))
            begin += size
        outcomes = np.concatenate([outcomes for _, outcomes, _ in parts])
        if self.reduction == NONE:
            return [
                np.concatenate(blocks) for blocks in zip(*(results for results, _, _ in parts), strict=True)
            ], outcomes
        factors = [1.0 if self.reduction == SUM else size / rows.count for _, _, size in parts]
        total = np.zeros(self.blocks[0].length)
        for factor, (results, _, _) in zip(factors, parts, strict=True):
            total += factor * results[0]
        return [total], outcomes

    def split(self, outputs: Matrix, count: int) -> tuple[list[Matrix], Matrix]:
        """Take the outputs of a kernel apart."""
        end = len(outputs) - count * len(self.guards)
        outcomes = outputs[end:].reshape(count, len(self.guards))
        if self.reduction != NONE:
            return [outputs[:end]], outcomes
        found, at = [], 0
        for width in self.widths_of_results:
            found.append(outputs[at : at + count * width].reshape(count, width))
            at += count * width
        return found, outcomes

    def sizes(self, count: int, is_all: bool) -> list[int]:
        """Return in which blocks so many rows are run."""
        if count in self.by_count:
            return [count]
        if is_all and len(self.by_count) < MOST_SIZES and self.fits(count):
            return [count]
        sizes = []
        if not self.fits(count):
            most = 1 << (self.most_rows().bit_length() - 1)
            sizes = [most] * (count // most)
            count %= most
        for size in SIZES:
            if size == 1 or self.fits(size):
                sizes += [size] * (count // size)
                count %= size
        return sizes

    def fits(self, count: int) -> bool:
        """Tell whether a kernel may take so many rows."""
        most = min(MOST_ROWS, MOST_SCRATCH // (8 * self.path.program.n_slots))
        return count <= most or count <= self.most_rows()

    def most_rows(self) -> int:
        """Return how many rows a kernel may take, from the memory that it works in."""
        if self._bytes_a_row < 0:
            from slopewise.backends.llvm.disk_cache import Cache

            cache, key = Cache(), self.key("bytes a row")
            kept = cache.get(key)
            if kept is None or len(kept) != 8:
                loops = self.loops()
                one, two = (0, 0) if loops is None else [self.bytes_of(loops, count) for count in (1, 2)]
                kept = max(1, two - one).to_bytes(8, "little")
                cache.put(key, kept)
            self._bytes_a_row = int.from_bytes(kept, "little")
        return max(1, min(MOST_ROWS, MOST_SCRATCH // self._bytes_a_row))

    def reports(self) -> Iterator[KernelReport]:
        """Yield how each kernel was made."""
        program = self.program
        for count, kernel in self.by_count.items():
            if kernel is not None:
                nests = f"{kernel.made.n_nests:,} nest{'s' * (kernel.made.n_nests != 1)} of loops over all rows"
                found = ", found on disk" if kernel.stages[0].name == "load" else ""
                yield KernelReport(
                    title=f"{count:,} row{'s' * (count != 1)}",
                    stages=kernel.stages,
                    operations=operations_of(program),
                    inputs=kernel.made.n_inputs,
                    outputs=kernel.made.n_outputs,
                    constants=program.n_constants,
                    bytes=program.n_bytes,
                    runs_as=MACHINE_CODE,
                    products=kernel.made.n_products,
                    why=f"{program.n_equations:,} equations a row in {nests}{found}",
                    dtype=self.dtype,
                )

    def key(self, what: str) -> str:
        """Return the key of something that is kept on disk."""
        from slopewise.backends.llvm import machine, remembered

        lengths = [block.length for block in self.blocks]
        what = f"{what} {self.sources} {self.reduction} {lengths}"
        return remembered.key_of_program(self.program, machine.host_target(), self.dtype, what)

    def bytes_of(self, loops: Loops | Program, count: int) -> int:
        """Return how much memory is worked in for so many rows, beside what comes in and goes out."""
        made = self.with_rows(loops, count)
        return 8 * (sum(item.size for item in made.arrays if item.kind is Kind.LOCAL) - made.n_outputs)

    def with_rows(self, loops: Loops | Program, count: int) -> Loops:
        """Return the Loops for so many rows."""
        blocks = [*self.blocks, *self.of_guards]
        if isinstance(loops, Loops):
            return with_rows(loops, count, self.sources, blocks, is_in_bands=True)
        return rows_in_a_line(loops, count, self.sources, blocks)

    @property
    def program(self) -> Program:
        """What is computed of one row, not simplified."""
        if self._program is None:
            self._program = program_of_row(self.path, self.lifted, self.guards)
        return self._program

    def loops(self) -> Loops | Program | None:
        """Return what is made into code: loops of one row, few equations without loops, or None if it is neither."""
        if self._loops is None and not self.is_given_up:
            program, begin = self.program, time.perf_counter()
            self._loops = roll_within(program, program.n_equations // LEAST_EACH)
            if self._loops is None:
                finished = pipeline.run(program, (pipeline.FINISH,)).program
                if finished.n_equations > MOST_IN_A_LINE:
                    self._loops = roll_within(program, MOST_NESTS_ASKED_FOR if self.is_asked_for else MOST_NESTS)
                if self._loops is None and finished.n_equations <= MOST_AT_ALL:
                    self._loops = finished
            if isinstance(self._loops, Loops):
                self._loops = folded(self._loops)
            self.is_given_up = self._loops is None
            self.rolling_seconds = time.perf_counter() - begin
        return self._loops

    def is_available(self) -> bool:
        """Tell whether machine code can be made here; say once if it cannot."""
        from slopewise.backends.llvm import availability

        if not self.is_given_up and not availability.is_available():
            availability.tell_once()
            self.is_given_up = True
        return not self.is_given_up

    def kernel(self, count: int) -> RowKernel | None:
        """Return the kernel for so many rows, made when it is asked for first."""
        try:
            return self.by_count[count]
        except KeyError:
            with self.lock:
                if count not in self.by_count:
                    self.by_count[count] = self.made(count)
                return self.by_count[count]

    def made(self, count: int) -> RowKernel | None:
        from slopewise.backends.llvm import remembered
        from slopewise.backends.llvm.disk_cache import Cache
        from slopewise.backends.llvm.kernel import LoopKernel

        cache = Cache()
        pieces = pieces_of(self.lengths, self.widths, count)
        interface = self.interface(pieces)
        key = self.key(f"{count} rows {interface.apart} {sorted(interface.single)} {interface.is_single_out}")
        n_inputs = self.n_shared + count * sum(self.widths)
        n_outputs = sum(b.length * (count if b.reduction == NONE else 1) for b in (*self.blocks, *self.of_guards))
        begin = time.perf_counter()
        known: Any = remembered.recall(cache, key, _Counts(n_inputs, n_outputs))
        stages = [Stage("load", self.program.n_equations, time.perf_counter() - begin)]
        if known is None:
            loops = self.loops()
            if loops is None:
                return None
            begin = time.perf_counter()
            known = LoopKernel(self.with_rows(loops, count), self.dtype, cache=cache, interface=interface)
            remembered.remember(cache, key, known)
            stages = [
                Stage("roll", self.program.n_equations, self.rolling_seconds),
                Stage("compile", self.program.n_equations, time.perf_counter() - begin),
            ]
        return RowKernel(known, self.n_shared, pieces, interface, self.largest(count), count, stages)

    def largest(self, count: int) -> int:
        """Return the output with which the largest array of the results begins."""
        rows = count if self.reduction == NONE else 1
        blocks = blocks_of(self.path.result)
        return rows * max(blocks, key=lambda block: block[1], default=(0, 0))[0]

    def interface(self, pieces: Sequence[tuple[int, int]]) -> "Interface":
        """Return where a kernel finds its inputs: large arrays where they are, as they are."""
        from slopewise.backends.llvm.interface import Interface

        apart = apart_of(pieces)
        single = frozenset(number for number, at in enumerate(apart) if at in self.single)
        return Interface(tuple(pieces[at] for at in apart), single, self.is_single_out)


def _address(numbers: Matrix) -> int:
    address: int = numbers.__array_interface__["data"][0]
    return address
