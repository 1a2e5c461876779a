"""`lower_loops`: Loops become the text of a module, and what it needs in memory."""

from dataclasses import dataclass

from slopewise.backends.llvm import mathematics
from slopewise.backends.llvm.arithmetic import Arithmetic, Dtype
from slopewise.backends.llvm.emission import Emission
from slopewise.backends.llvm.frozen import Frozen
from slopewise.backends.llvm.fusion import fuse
from slopewise.backends.llvm.interface import DOUBLES, Interface
from slopewise.backends.llvm.layout import plain
from slopewise.backends.llvm.memory import Memory
from slopewise.backends.llvm.prepared import loads_in, prepare, written_in
from slopewise.backends.llvm.products import products_in, with_products
from slopewise.backends.llvm.rows import fuse_rows
from slopewise.backends.llvm.schedule import Schedule, schedule
from slopewise.backends.llvm.targets import Target
from slopewise.backends.llvm.wide import in_passing
from slopewise.backends.llvm.writer import Writer
from slopewise.ir.loops.structure import Kind, Loops

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
    loops: Loops,
    dtype: Dtype,
    target: Target,
    plan: Schedule | None = None,
    least_product: int | None = None,
    interface: Interface = DOUBLES,
) -> Lowered:
    """Write Loops as LLVM IR.

    Args:
        loops: The Loops.
        dtype: `float64` or `float32`.
        target: The machine that it will run on.
        plan: How; decided here if it is left out.
        least_product: How many multiplications a product of matrices must have to be left to BLAS; none is if it is
            left out.
        interface: Where inputs and outputs stand.
    """
    prepared, products = prepare(loops), {}
    if least_product is not None:
        prepared, loops = with_products(prepared, loops, least_product)
    prepared = fuse_rows(fuse(prepared, loops), loops)
    if least_product is not None:
        products = products_in(prepared.body, least_product)
    written = written_in(prepared.body)
    read = {load.array for statement in prepared.body for load in loads_in(statement)}
    writer = Writer()
    arithmetic = Arithmetic(writer, dtype)
    frozen = Frozen(loops.tables, loops.arrays, dtype)
    wide = in_passing(prepared, loops, products) if dtype == "float32" else frozenset()
    memory = Memory(arithmetic, frozen, target.lanes(dtype), loops, interface, wide)
    if plan is None:
        accumulators = 24 if target.vector_bytes == 64 else 10
        originals = frozenset(memory.originals)
        plan = schedule(loops, prepared, target.lanes(dtype), accumulators, products, originals)
    emission = Emission(arithmetic, prepared, plan, frozen, products)
    emission.originals = memory.originals
    for item in loops.arrays:
        layout = plan.layouts.get(item.name) or plain(item.shape)
        if item.kind is not Kind.CONSTANT and (item.kind is Kind.INPUT or item.name in written):
            is_movable = item.name in plan.movable
            emission.places[item.name] = memory.place(item, layout, is_movable, item.name in read)
    emission.block(prepared.body, [emission.first_member()])
    memory.write_outputs(emission.places)
    calls = writer.scopes[0].lines
    body, definitions = _with_functions("\n".join(calls), arithmetic, target)
    declared = {line for line in definitions.splitlines() if line.startswith("declare")}
    declared |= arithmetic.intrinsics | {f"declare i64 @llvm.{name}.i64(i64, i64)" for name in ("smin", "smax")}
    defined = "\n".join(line for line in definitions.splitlines() if not line.startswith("declare"))
    head = "\n".join(sorted(declared))
    more = "".join(f", ptr noalias readonly %apart{number}" for number in range(len(interface.apart)))
    text = (
        f"{head}\n{defined}\n\n"
        "define void @kernel(ptr noalias %inputs, ptr noalias %outputs, ptr noalias %scratch, "
        f"ptr noalias readonly %frozen{more}) nounwind {{\nentry:\n{body}\n  ret void\n}}\n"
    )
    return Lowered(text, bytes(frozen.block), memory.scratch_bytes, len(products))


def _with_functions(body: str, arithmetic: Arithmetic, target: Target) -> tuple[str, str]:
    """Return a body with the true names of the functions that it calls, and the definitions of these."""
    texts = []
    for lanes in sorted({lanes for _, lanes in arithmetic.functions}):
        names = sorted(name for name, its_lanes in arithmetic.functions if its_lanes == lanes)
        for name in names:
            body = body.replace(f"@{name}[{lanes}](", f"@{mathematics.symbol(name, arithmetic.dtype, lanes)}(")
        texts.append(mathematics.definitions(names, arithmetic.dtype, lanes, fma=target.has_fma))
    return body, "\n".join(texts)
