"""`lower_loops`: Loops become the text of a module, and what it needs in memory."""

import itertools
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from slopewise.backends.llvm import mathematics
from slopewise.backends.llvm.arithmetic import Arithmetic, Dtype
from slopewise.backends.llvm.copies import Copies, End, is_run
from slopewise.backends.llvm.emission import Emission, Place
from slopewise.backends.llvm.frozen import ALIGNMENT, Frozen
from slopewise.backends.llvm.fusion import fuse
from slopewise.backends.llvm.layout import Layout, plain
from slopewise.backends.llvm.prepared import prepare, written_in
from slopewise.backends.llvm.products import products_in, with_products
from slopewise.backends.llvm.rows import fuse_rows
from slopewise.backends.llvm.schedule import Schedule, schedule
from slopewise.backends.llvm.targets import Target
from slopewise.backends.llvm.writer import Writer
from slopewise.ir.loops.structure import Array, Kind, Loops

__all__ = ["Lowered", "lower_loops"]

INPUTS = End("%inputs", 0, 8)
FEW = 16  # outputs that stand side by side in an array
MOST_RUNS = 64  # copies that are written out where arrays take turns; more are one loop, with a table


@dataclass(frozen=True, slots=True)
class Lowered:
    """A kernel as text.

    Attributes:
        text: The module; it defines `kernel`.
        frozen: Constants and tables.
        scratch_bytes: The memory that a call needs.
        n_products: How many products are left to BLAS; the text calls `dgemm` or `sgemm` for each.
    """

    text: str
    frozen: bytes
    scratch_bytes: int
    n_products: int


def lower_loops(
    loops: Loops,
    dtype: Dtype,
    target: Target,
    plan: Schedule | None = None,
    least_product: int | None = None,
    apart: Sequence[tuple[int, int]] = (),
) -> Lowered:
    """Write Loops as LLVM IR.

    Args:
        loops: The Loops.
        dtype: `float64` or `float32`.
        target: The machine that it will run on.
        plan: How; decided here if it is left out.
        least_product: How many multiplications a product of matrices must have to be left to BLAS; none is if it is
            left out.
        apart: Runs of inputs, each from one to before another, that stand elsewhere than the others: the entry point
            takes an address for each behind its other arguments.
    """
    prepared, products = prepare(loops), {}
    if least_product is not None:
        prepared, loops = with_products(prepared, loops, least_product)
    prepared = fuse_rows(fuse(prepared, loops), loops)
    if least_product is not None:
        products = products_in(prepared.body, least_product)
    written = written_in(prepared.body)
    if plan is None:
        plan = schedule(loops, prepared, target.lanes(dtype), 24 if target.vector_bytes == 64 else 10, products)
    writer = Writer()
    arithmetic = Arithmetic(writer, dtype)
    frozen = Frozen(loops.tables, loops.arrays, dtype)
    emission = Emission(arithmetic, prepared, plan, frozen, products)
    memory = _Memory(arithmetic, frozen, target.lanes(dtype), loops.n_inputs, apart)
    direct = _direct_outputs(loops) if dtype == "float64" else {}
    for position, item in enumerate(loops.arrays):
        layout = plan.layouts.get(item.name) or plain(item.shape)
        if item.kind is Kind.CONSTANT or (item.kind is Kind.LOCAL and item.name not in written):
            continue
        if item.kind is Kind.LOCAL and layout.is_plain and position in direct:
            emission.places[item.name] = Place("%outputs", 8 * direct[position], layout)
        else:
            emission.places[item.name] = memory.place(item, layout)
    emission.block(prepared.body, [emission.first_member()])
    memory.write_outputs(loops, emission.places)
    calls = writer.scopes[0].lines
    body, definitions = _with_functions("\n".join(calls), arithmetic, target)
    declared = {line for line in definitions.splitlines() if line.startswith("declare")}
    declared |= arithmetic.intrinsics | {f"declare i64 @llvm.{name}.i64(i64, i64)" for name in ("smin", "smax")}
    defined = "\n".join(line for line in definitions.splitlines() if not line.startswith("declare"))
    head = "\n".join(sorted(declared))
    more = "".join(f", ptr noalias readonly %apart{number}" for number in range(len(apart)))
    text = (
        f"{head}\n{defined}\n\n"
        "define void @kernel(ptr noalias %inputs, ptr noalias %outputs, ptr noalias %scratch, "
        f"ptr noalias readonly %frozen{more}) nounwind {{\nentry:\n{body}\n  ret void\n}}\n"
    )
    return Lowered(text, bytes(frozen.block), memory.scratch_bytes, len(products))


def _direct_outputs(loops: Loops) -> dict[int, int]:
    """Return for arrays that are outputs as a whole, in order, by their position, the first of these outputs."""
    found: dict[int, int] = {}
    first, n = 0, loops.n_outputs
    while first < n:
        position = loops.output_arrays[first]
        size = loops.arrays[position].size
        if (
            position not in found
            and loops.output_places[first] == 0
            and first + size <= n
            and is_run(loops.output_places[first : first + size])
            and loops.output_arrays[first : first + size] == array("i", [position]) * size
        ):
            found[position] = first
            first += size
        else:
            first += 1
    return found


def _with_functions(body: str, arithmetic: Arithmetic, target: Target) -> tuple[str, str]:
    """Return a body with the true names of the functions that it calls, and the definitions of these."""
    texts = []
    for lanes in sorted({lanes for _, lanes in arithmetic.functions}):
        names = sorted(name for name, its_lanes in arithmetic.functions if its_lanes == lanes)
        for name in names:
            body = body.replace(f"@{name}[{lanes}](", f"@{mathematics.symbol(name, arithmetic.dtype, lanes)}(")
        texts.append(mathematics.definitions(names, arithmetic.dtype, lanes, fma=target.has_fma))
    return body, "\n".join(texts)


class _Memory:
    """Where arrays stand, and the copies between the caller's order and ours."""

    def __init__(
        self, arithmetic: Arithmetic, frozen: Frozen, lanes: int, n_inputs: int, apart: Sequence[tuple[int, int]]
    ):
        self.arithmetic = arithmetic
        self.n_inputs = n_inputs
        self.apart = apart
        self.together: End | None = None
        self.frozen = frozen
        self.copies = Copies(arithmetic, frozen, lanes)
        self.scratch_bytes = 0
        self.known_places: dict[Layout, Sequence[int]] = {}

    def place(self, item: Array, layout: Layout) -> Place:
        """Return where an array stands; inputs are copied there unless they stand well where they are."""
        if item.kind is Kind.LOCAL:
            return self.room(layout)
        inputs = item.inputs
        first = inputs[0] if len(inputs) else 0
        source = self.source(inputs)
        if self.arithmetic.dtype == "float64" and layout.is_plain and source is not None and is_run(inputs):
            return Place(source.base, source.offset + 8 * first, layout)
        place = self.room(layout)
        target = End(place.base, place.offset, self.arithmetic.size)
        if layout.is_plain:
            self.copy_inputs(inputs, target, item.name)
        elif source is not None and is_run(inputs):
            source = replace(source, offset=source.offset + 8 * first)
            self.copies.turn(source, plain(item.shape).strides, target, layout.strides, item.shape)
        else:
            sources = [0] * layout.size
            for element, given in zip(layout.places(), inputs, strict=True):
                sources[element] = given
            self.copy_inputs(sources, target, item.name)
        return place

    def source(self, inputs: Sequence[int]) -> End | None:
        """Return where some inputs stand, counted from input 0; None where they stand apart from each other."""
        if not self.apart or not len(inputs):
            return INPUTS
        least, greatest = min(inputs), max(inputs)
        for number, (begin, end) in enumerate(self.apart):
            if begin <= least and greatest < end:
                return self.base_of(number)
            if begin <= greatest and least < end:
                return None
        return INPUTS

    def copy_inputs(self, inputs: Sequence[int], target: End, name: str) -> None:
        """Copy inputs, wherever they stand."""
        source = self.source(inputs)
        if source is not None:
            self.copies.copy(source, inputs, target, name)
            return
        begins = [begin for begin, _ in self.apart]
        owners = [bisect_right(begins, place) - 1 for place in inputs]
        owners = [
            owner if owner >= 0 and place < self.apart[owner][1] else -1
            for owner, place in zip(owners, inputs, strict=True)
        ]
        starts = [place for place, owner in enumerate(owners) if not place or owner != owners[place - 1]]
        if len(starts) > MOST_RUNS:
            self.copies.copy(self.side_by_side(), inputs, target, name)
            return
        for start, stop in itertools.pairwise([*starts, len(inputs)]):
            end = replace(target, offset=target.offset + start * target.size)
            self.copies.copy(self.base_of(owners[start]), inputs[start:stop], end, f"{name} {start}")

    def base_of(self, number: int) -> End:
        """Return where one of the runs of inputs stands, counted from input 0; -1 is for all others."""
        return INPUTS if number < 0 else End(f"%apart{number}", -8 * self.apart[number][0], 8)

    def side_by_side(self) -> End:
        """Return where all inputs stand, counted from input 0: copied there when that is asked for first."""
        if self.together is None:
            self.together = End("%scratch", self.scratch_bytes, 8)
            self.scratch_bytes += -(-8 * self.n_inputs // ALIGNMENT) * ALIGNMENT
            ends = sorted({0, self.n_inputs, *itertools.chain.from_iterable(self.apart)})
            for start, stop in itertools.pairwise(ends):
                number = next((n for n, (begin, _) in enumerate(self.apart) if begin == start), -1)
                target = replace(self.together, offset=self.together.offset + 8 * start)
                self.copies.copy(self.base_of(number), range(start, stop), target, f"inputs {start}")
        return self.together

    def room(self, layout: Layout) -> Place:
        """Return room in the scratch memory."""
        offset = self.scratch_bytes
        size = layout.size * self.arithmetic.size
        self.scratch_bytes += -(-size // ALIGNMENT) * ALIGNMENT
        return Place("%scratch", offset, layout)

    def write_outputs(self, loops: Loops, places: dict[str, Place]) -> None:
        """Copy the outputs to where the caller wants them."""
        first = 0
        short: list[int] = []  # elements of the scratch memory that come next, of arrays that take turns
        for of, group in itertools.groupby(loops.output_arrays):
            end = first + len(list(group))
            item = loops.arrays[of]
            place = places[item.name] if item.kind is Kind.LOCAL else None
            if end - first < FEW and place is not None and place.base == "%scratch":
                begin, where = place.offset // self.arithmetic.size, self.places_of(place.layout)
                short += [begin + where[element] for element in loops.output_places[first:end]]
            else:
                self.write_short(short, first)
                self.write(loops, of, first, end, places)
                short = []
            first = end
        self.write_short(short, first)

    def write_short(self, elements: list[int], end: int) -> None:
        """Copy elements of the scratch memory to the outputs before one."""
        starts = [place for place, element in enumerate(elements) if not place or element != elements[place - 1] + 1]
        source, first = End("%scratch", 0, self.arithmetic.size), end - len(elements)
        if len(starts) > MOST_RUNS:
            starts = [0]
        for start, stop in itertools.pairwise([*starts, len(elements)]):
            target = End("%outputs", 8 * (first + start), 8)
            self.copies.copy(source, elements[start:stop], target, f"output {first + start}")

    def places_of(self, layout: Layout) -> Sequence[int]:
        """Return where each element of a layout stands."""
        if layout not in self.known_places:
            self.known_places[layout] = range(layout.size) if layout.is_plain else layout.places()
        return self.known_places[layout]

    def write(self, loops: Loops, of: int, first: int, end: int, places: dict[str, Place]) -> None:
        """Copy outputs that are elements of one array."""
        item = loops.arrays[of]
        while first < end:
            elements = loops.output_places[first:end]
            target = End("%outputs", 8 * first, 8)
            if item.kind is not Kind.LOCAL:  # as they were given, in all their bits
                if item.kind is Kind.INPUT:
                    self.copy_inputs([item.inputs[element] for element in elements], target, f"output {first}")
                    return
                source = End("%frozen", self.frozen.doubles(item.name), 8)
                self.copies.copy(source, elements, target, f"output {first}")
                return
            place = places[item.name]
            if place.base == "%outputs" and place.offset == 8 * first:
                first += item.size
                continue
            source = End(place.base, place.offset, self.arithmetic.size)
            if place.layout.is_plain:
                self.copies.copy(source, elements, target, f"output {first}")
                return
            if elements[0] == 0 and len(elements) >= item.size and is_run(elements[: item.size]):
                self.copies.turn(source, place.layout.strides, target, plain(item.shape).strides, item.shape)
                first += item.size
                continue
            where = self.places_of(place.layout)
            self.copies.copy(source, [where[element] for element in elements], target, f"output {first}")
            return
