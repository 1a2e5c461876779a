"""`lower_loops`: Loops become the text of a module, and what it needs in memory."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from slopewise.backends.llvm import mathematics
from slopewise.backends.llvm.arithmetic import Arithmetic, Dtype
from slopewise.backends.llvm.emission import Emission, Place
from slopewise.backends.llvm.frozen import ALIGNMENT, Frozen
from slopewise.backends.llvm.fusion import fuse
from slopewise.backends.llvm.layout import Layout, plain
from slopewise.backends.llvm.prepared import prepare, written_in
from slopewise.backends.llvm.products import products_in, with_products
from slopewise.backends.llvm.rows import fuse_rows
from slopewise.backends.llvm.schedule import Schedule, schedule
from slopewise.backends.llvm.targets import Target
from slopewise.backends.llvm.writer import Linear, Writer
from slopewise.ir.loops.structure import Array, Kind, Loops

__all__ = ["Lowered", "lower_loops"]


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
    loops: Loops, dtype: Dtype, target: Target, plan: Schedule | None = None, least_product: int | None = None
) -> Lowered:
    """Write Loops as LLVM IR.

    Args:
        loops: The Loops.
        dtype: `float64` or `float32`.
        target: The machine that it will run on.
        plan: How; decided here if it is left out.
        least_product: How many multiplications a product of matrices must have to be left to BLAS; none is if it is
            left out.
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
    memory = _Memory(arithmetic, frozen, target.lanes(dtype))
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
    text = (
        f"{head}\n{defined}\n\n"
        "define void @kernel(ptr noalias %inputs, ptr noalias %outputs, ptr noalias %scratch, "
        f"ptr noalias readonly %frozen) nounwind {{\nentry:\n{body}\n  ret void\n}}\n"
    )
    return Lowered(text, bytes(frozen.block), memory.scratch_bytes, len(products))


def _direct_outputs(loops: Loops) -> dict[int, int]:
    """Return for arrays that are outputs as a whole, in order, by their position, the first of these outputs."""
    found: dict[int, int] = {}
    first, n = 0, loops.n_outputs
    while first < n:
        position = loops.output_arrays[first]
        size = loops.arrays[position].size
        places = loops.output_places[first : first + size]
        if (
            position not in found
            and loops.output_places[first] == 0
            and len(places) == size
            and is_run(places)
            and all(other == position for other in loops.output_arrays[first : first + size])
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

    def __init__(self, arithmetic: Arithmetic, frozen: Frozen, lanes: int):
        self.arithmetic = arithmetic
        self.frozen = frozen
        self.lanes = lanes
        self.scratch_bytes = 0

    def place(self, item: Array, layout: Layout) -> Place:
        """Return where an array stands; inputs are copied there unless they stand well where they are."""
        if item.kind is Kind.LOCAL:
            return self.room(layout)
        inputs = item.inputs
        first = inputs[0] if len(inputs) else 0
        if self.arithmetic.dtype == "float64" and layout.is_plain and is_run(inputs):
            return Place("%inputs", 8 * first, layout)
        place = self.room(layout)
        sources = [0] * layout.size
        for element, source in zip(layout.places(), inputs, strict=True):
            sources[element] = source
        self.copy(("%inputs", 0, 8), sources, (place.base, place.offset, self.arithmetic.size), item.name)
        return place

    def room(self, layout: Layout) -> Place:
        """Return room in the scratch memory."""
        offset = self.scratch_bytes
        size = layout.size * self.arithmetic.size
        self.scratch_bytes += -(-size // ALIGNMENT) * ALIGNMENT
        return Place("%scratch", offset, layout)

    def write_outputs(self, loops: Loops, places: dict[str, Place]) -> None:
        """Copy the outputs to where the caller wants them."""
        n = loops.n_outputs
        first = 0
        while first < n:
            of = loops.output_arrays[first]
            end = first + 1
            while end < n and loops.output_arrays[end] == of:
                end += 1
            item = loops.arrays[of]
            elements = loops.output_places[first:end]
            if item.kind is not Kind.LOCAL:  # as they were given, in all their bits
                source = ("%inputs", 0, 8)
                if item.kind is Kind.INPUT:
                    elements = array("q", [item.inputs[element] for element in elements])
                else:
                    source = ("%frozen", self.frozen.doubles(item.name), 8)
                self.copy(source, elements, ("%outputs", 8 * first, 8), f"output {first}")
                first = end
                continue
            place = places[item.name]
            if place.base == "%outputs" and place.offset == 8 * first:
                first += item.size
                continue
            size = self.arithmetic.size
            if place.layout.is_plain:
                sources: Sequence[int] = elements
            else:
                where = place.layout.places()
                sources = [where[element] for element in elements]
            self.copy((place.base, place.offset, size), sources, ("%outputs", 8 * first, 8), f"output {first}")
            first = end

    def copy(
        self, source: tuple[str, int, int], places: Sequence[int], target: tuple[str, int, int], name: str
    ) -> None:
        """Copy elements from some places to a row of neighbours; an end is a base, an offset and a size in bytes."""
        writer, n = self.arithmetic.writer, len(places)
        if n == 0:
            return
        kinds = ["double" if size == 8 else "float" for _, _, size in (source, target)]
        is_row = is_run(places)
        lanes = 1
        while is_row and 2 * lanes <= min(self.lanes, n):
            lanes *= 2
        types = [kind if lanes == 1 else f"<{lanes} x {kind}>" for kind in kinds]
        step = lanes
        value = Linear(0)
        if n > step:
            variable, _ = writer.open_loop("0", str(n), step, True)
            if n % step:
                variable = writer.pure(f"call i64 @llvm.smin.i64(i64 {variable}, i64 {n - step})", writer.depth)
            value = Linear(0, ((variable, writer.depth, 1),))
        if is_row:
            where = value.plus(places[0])
        elif n == 1:
            where = Linear(places[0])
        else:
            table = self.frozen.whole_numbers(("copy", name), places)
            address, depth = writer.address("%frozen", table, value, 4)
            short = writer.pure(f"load i32, ptr {address}, align 4", depth)
            where = Linear(0, ((writer.pure(f"sext i32 {short} to i64", depth), depth, 1),))
        address, _ = writer.address(source[0], source[1], where, source[2])
        number = writer.new_name()
        writer.effect(f"{number} = load {types[0]}, ptr {address}, align {source[2]}")
        if types[0] != types[1]:
            wide = writer.new_name()
            change = "fpext" if source[2] == 4 else "fptrunc"
            writer.effect(f"{wide} = {change} {types[0]} {number} to {types[1]}")
            number = wide
        address, _ = writer.address(target[0], target[1], value, target[2])
        writer.effect(f"store {types[1]} {number}, ptr {address}, align {target[2]}")
        if n > step:
            writer.close_loop()


def is_run(numbers: Sequence[int]) -> bool:
    """Tell whether whole numbers go up by one."""
    return all(number == numbers[0] + place for place, number in enumerate(numbers))
