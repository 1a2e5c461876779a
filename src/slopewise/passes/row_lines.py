"""`rows_in_a_line`: a Program without loops, for many rows: one loop over the rows, with all equations in it.

Where equations are few and no two alike, nests of a few equations each would pass everything between them through
memory. Here numbers stay in registers, and vectors go over the rows.

Holds before: a Program that `ir.verify` accepts; better a simplified one. Holds after: Loops that `ir.verify_loops`
accepts, and that compute in every row what the Program computes; sums over the rows to rounding.
"""

from array import array
from collections.abc import Sequence

from slopewise.ir import CONSTANT, Program
from slopewise.ir.loops.structure import (
    Affine,
    Apply,
    Array,
    Expression,
    For,
    Index,
    Kind,
    Let,
    Literal,
    Load,
    Local,
    Loops,
    Range,
    Statement,
    Store,
    Sum,
)
from slopewise.ir.operations import ARITY
from slopewise.passes.row_blocks import MEAN, NONE, Block, divided, local

__all__ = ["rows_in_a_line"]

MOST_DEEP = 40  # operations of an expression in one another


def rows_in_a_line(program: Program, n_rows: int, tables: Sequence[int], blocks: Sequence[Block]) -> Loops:
    """Return Loops for so many rows; arguments and result are as `with_rows` has them.

    Args:
        program: What is computed in one row.
        n_rows: How many rows, at least 1.
        tables: For each input the table that it is a column of, counted from 0; -1 where all rows share it.
        blocks: What becomes of the outputs, all of them, in order.

    Example:
        >>> from slopewise import ir
        >>> program = ir.parse("program(%0 w, %1 x) { %2 = multiply %0 %1; %3 = exp %2; return %3 %2 }")
        >>> print(rows_in_a_line(program, 3, [-1, 0], [Block(1), Block(1, "sum")]))
        loops(shared[1], table0[3]) {
          names "w", "x", "x", "x"
          local rows[3], rows1[3], total1[1]
          for r in 3 {
            v2 = shared[0] * table0[r]
            rows[r] = exp(v2)
            rows1[r] = v2
          }
          total1[0] = sum(r in 3: rows1[r])
          return rows[0 .. 3], total1[0]
        }
    """
    arrays, leaves, names = _inputs(program, n_rows, tables)
    row = Range("r", Index(Affine(0)), Index(Affine(n_rows)))
    values, body = _equations(program, leaves)
    after: list[Statement] = []
    outputs: list[str] = []
    begin = 0
    for number, block in enumerate(blocks):
        if not block.length:
            continue
        width = block.length
        name = f"rows{number or ''}"
        arrays.append(local(name, (n_rows, width) if width > 1 else (n_rows,)))
        for column in range(width):
            index = Index(Affine(column, (("r", width),)))
            body.append(Store(name, index, values[program.outputs[begin + column]]))
        begin += width
        if block.reduction != NONE:
            rows, name = name, f"total{number or ''}"
            arrays.append(local(name, (width,)))
            loop = (Range("i", Index(Affine(0)), Index(Affine(width))),) if width > 1 else ()
            along = (("i", 1),) if loop else ()
            term = Load(rows, Index(Affine(0, (*along, ("r", width)))))
            value: Expression = Sum((row,), term)
            if block.reduction == MEAN:
                value = divided(value, n_rows, width)
            store = Store(name, Index(Affine(0, along)), value)
            after.append(For(loop, (store,)) if loop else store)
        outputs.append(name)
    position = {item.name: number for number, item in enumerate(arrays)}
    output_arrays, output_places = array("i"), array("i")
    for name in outputs:
        size = arrays[position[name]].size
        output_arrays.extend(array("i", [position[name]]) * size)
        output_places.extend(range(size))
    return Loops(names, tuple(arrays), (), (For((row,), tuple(body)), *after), output_arrays, output_places)


def _inputs(program: Program, n_rows: int, tables: Sequence[int]) -> tuple[list[Array], list[Load], tuple[str, ...]]:
    """Return the arrays of the inputs, the load of each input, and the names of the inputs of all rows."""
    widths = [list(tables).count(table) for table in range(max(tables, default=-1) + 1)]
    n_shared = list(tables).count(-1)
    arrays = []
    names = [name for name, table in zip(program.names, tables, strict=True) if table < 0]
    if n_shared:
        arrays.append(Array("shared", Kind.INPUT, (n_shared,), array("i", range(n_shared)), array("d")))
    begin = n_shared
    for number, width in enumerate(widths):
        shape = (n_rows, width) if width > 1 else (n_rows,)
        inputs = array("i", range(begin, begin + n_rows * width))
        arrays.append(Array(f"table{number}", Kind.INPUT, shape, inputs, array("d")))
        begin += n_rows * width
        names += [name for name, table in zip(program.names, tables, strict=True) if table == number] * n_rows
    leaves: list[Load] = []
    taken = [0] * (len(widths) + 1)  # the last counts those that are shared
    for table in tables:
        column = taken[table]
        taken[table] += 1
        if table < 0:
            leaves.append(Load("shared", Index(Affine(column))))
        else:
            leaves.append(Load(f"table{table}", Index(Affine(column, (("r", widths[table]),)))))
    return arrays, leaves, tuple(names)


def _equations(program: Program, leaves: Sequence[Load]) -> tuple[dict[int, Expression], list[Statement]]:
    """Return what stands for each slot that is needed, and the numbers that are named because they are read again."""
    operands = (program.a, program.b, program.c)
    reads = [0] * program.n_slots
    for slot in program.outputs:
        reads[slot] += 1
    for slot in range(program.n_slots - 1, program.n_inputs - 1, -1):
        if reads[slot] and program.codes[slot] != CONSTANT:
            for place in range(ARITY[program.codes[slot]]):
                reads[operands[place][slot]] += 1
    values: dict[int, Expression] = dict(enumerate(leaves))
    depths = dict.fromkeys(range(program.n_inputs), 1)
    body: list[Statement] = []
    for slot, leaf in enumerate(leaves):
        if reads[slot] > 1:
            body.append(Let(f"v{slot}", leaf))
            values[slot] = Local(f"v{slot}")
    for slot in range(program.n_inputs, program.n_slots):
        code = program.codes[slot]
        if not reads[slot]:
            continue
        if code == CONSTANT:
            values[slot], depths[slot] = Literal(program.constant_of(slot)), 1
            continue
        sources = [operands[place][slot] for place in range(ARITY[code])]
        value: Expression = Apply(code, tuple(values[source] for source in sources))
        depth = 1 + max(depths[source] for source in sources)
        if reads[slot] > 1 or depth > MOST_DEEP:
            body.append(Let(f"v{slot}", value))
            value, depth = Local(f"v{slot}"), 1
        values[slot], depths[slot] = value, depth
    return values, body
