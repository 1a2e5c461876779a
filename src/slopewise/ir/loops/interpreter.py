"""The reference interpreter: what Loops mean, as plainly as it can be written."""

from collections.abc import Iterator, Sequence

from slopewise.errors import ShapeError
from slopewise.ir.loops.structure import (
    Affine,
    Apply,
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
from slopewise.ir.operations import row_of


def interpret_loops(loops: Loops, inputs: Sequence[float]) -> list[float]:
    """Run Loops, each operation by its row's own `value`, members and terms in order.

    Slow and plain: kernels are compared with it.

    Args:
        loops: Loops that `ir.verify_loops` accepts.
        inputs: One number for each input.

    Returns:
        One float for each output.

    Raises:
        ShapeError: The inputs are too few or too many.

    Example:
        >>> from slopewise import ir
        >>> mean = ir.parse_loops("loops(x[4]) { local y[1] y[0] = sum(i in 4: x[i]) / 4 return y[0] }")
        >>> ir.interpret_loops(mean, [1, 2, 3, 4])
        [2.5]
    """
    if len(inputs) != loops.n_inputs:
        raise ShapeError(
            f"the loops take {loops.n_inputs} input{'s' * (loops.n_inputs != 1)}, got {len(inputs)}\n"
            f"give one number for each of {', '.join(map(repr, loops.names[:8])) or 'none'}"
        )
    run = _Run(loops, [float(x) for x in inputs])
    run.block(loops.body)
    numbers = [run.numbers[array.name] for array in loops.arrays]
    return [numbers[array][place] for array, place in zip(loops.output_arrays, loops.output_places, strict=True)]


class _Run:
    """The numbers of one call: those of each array, and what variables and locals stand for at the moment."""

    def __init__(self, loops: Loops, inputs: list[float]) -> None:
        self.numbers: dict[str, list[float]] = {}
        for array in loops.arrays:
            match array.kind:
                case Kind.INPUT:
                    self.numbers[array.name] = [inputs[place] for place in array.inputs]
                case Kind.CONSTANT:
                    self.numbers[array.name] = list(array.values)
                case Kind.LOCAL:
                    self.numbers[array.name] = [0.0] * array.size
        self.tables = {table.name: table.values for table in loops.tables}
        self.variables: dict[str, int] = {}
        self.locals: dict[str, float] = {}

    def block(self, statements: Sequence[Statement]) -> None:
        for statement in statements:
            match statement:
                case Let(name, value):
                    self.locals[name] = self.evaluate(value)
                case Store(name, index, value):
                    self.numbers[name][self.place(index)] = self.evaluate(value)
                case For(ranges, body):
                    for _ in self.members(ranges):
                        self.block(body)

    def members(self, ranges: Sequence[Range]) -> Iterator[None]:
        """Go through all combinations of some loops, the last fastest, and stop at each with the variables set."""
        if not ranges:
            yield
            return
        loop = ranges[0]
        for number in range(self.place(loop.start), self.place(loop.stop)):
            self.variables[loop.variable] = number
            yield from self.members(ranges[1:])

    def place(self, index: Index) -> int:
        place = self.number(index.affine)
        return place if index.table is None else place + self.tables[index.table][self.number(index.at)]

    def number(self, affine: Affine) -> int:
        number = affine.offset
        for variable, factor in affine.terms:
            number += factor * self.variables[variable]
        return number

    def evaluate(self, expression: Expression) -> float:
        match expression:
            case Literal(value):
                return float(value)
            case Local(name):
                return self.locals[name]
            case Load(name, index):
                return self.numbers[name][self.place(index)]
            case Sum(ranges, term):
                total = 0.0
                for _ in self.members(ranges):
                    total += self.evaluate(term)
                return total
            case Apply(code, operands):
                numbers = []
                for operand in operands:
                    numbers.append(self.evaluate(operand))
                return float(row_of(code).value(*numbers))
