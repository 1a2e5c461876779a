"""`jacobian` and `hessian`: every derivative of every result, dense in the nest's form or sparse."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from slopewise.basics.arguments import name_of
from slopewise.compiler.batches.lanes import MatrixFunction, TooLargeError, nest_from_table
from slopewise.compiler.blocks import jacobian_nest, jacobian_order, parts_of
from slopewise.compiler.compiled import Compiled
from slopewise.compiler.structure import Nest, tuple_nest
from slopewise.compiler.transformations.derivatives import Differentiation, check_function, gradients_of
from slopewise.compiler.transformations.directions import Backward, Forward, SecondForward
from slopewise.compiler.transformations.selection import selected
from slopewise.compiler.transformations.sparsity import Entries, sparse_nest
from slopewise.compiler.transformations.transformation import Call, Piece, Traced, one_or_tuple, with_zero
from slopewise.ir import CONSTANT, Program
from slopewise.passes import jacobians
from slopewise.tracer import is_tracing

if TYPE_CHECKING:
    from slopewise.tracer import Trace

__all__ = ["hessian", "jacobian"]

Table = npt.NDArray[np.float64]


MOST_EQUATIONS = 2_000_000  # of a dense matrix written out; beyond, it is computed direction by direction


@dataclass(frozen=True, slots=True)
class MatrixTransformation(Differentiation):
    """All first or second derivatives of the first result.

    Attributes:
        is_sparse: Whether each result is a SciPy matrix.
        most_equations: How many equations a dense matrix may take; math.inf for any number.
    """

    is_sparse: bool
    most_equations: float

    def check_size(self, traced: Traced, program: Program, inputs: Sequence[int], of: Sequence[int]) -> None:
        """Refuse a dense matrix that is better computed direction by direction.

        Raises:
            TooLargeError: It is, and it can be.
        """
        if self.is_sparse or is_tracing() or traced.trace.writes or self.most_equations == math.inf:
            return
        # Every entry takes an equation or more; a small program or a small matrix need not be counted.
        if min(len(inputs), len(of)) * program.n_equations <= self.most_equations:
            return
        count = self.most_equations * (2 if self.is_symmetric else 1)
        if not takes_at_most(program, inputs, of, count):
            raise TooLargeError(
                f"{traced.where} of {name_of(self.f)} takes more than {int(self.most_equations):,} equations\n"
                "compute it direction by direction: sw.jvp or sw.hvp",
                traced.results[0].nest,
            )

    @property
    def is_symmetric(self) -> bool:
        """Whether the matrix is symmetric."""
        return False

    def directional(self, strict: bool, n_inputs: int, n_results: int) -> tuple[Compiled, str]:
        """Return the function that computes the matrix times a direction, and what it calls the direction.

        Args:
            strict: As `compile` has it.
            n_inputs: How many numbers it is differentiated by.
            n_results: How many numbers are differentiated.
        """
        raise NotImplementedError

    def assembled(self, result: Nest, table: Table, pieces: list[Piece], rows: Nest, is_forward: bool) -> Any:
        """Lay out what `directional` returned for every unit direction, one a row.

        Args:
            result: What it returns.
            table: The numbers of that, shape (directions, numbers).
            pieces: The arguments that are differentiated by.
            rows: The form of what is differentiated.
            is_forward: Whether the directions are those of the arguments.
        """
        raise NotImplementedError

    def unlimited(self, strict: bool) -> Compiled:
        """Return the function that writes out a matrix of any size."""
        transformation = replace(self, most_equations=math.inf)
        return Compiled(self.f, transformation=transformation, exact=self.exact, strict=strict)


@dataclass(frozen=True, slots=True)
class Jacobian(MatrixTransformation):
    """All derivatives of the first result."""

    def apply(self, trace: "Trace", call: Call) -> tuple[Program, Nest]:
        """Propagate the derivatives that can differ from 0."""
        traced = self.traced(trace, call)
        pieces = self.chosen(traced)
        first = traced.first_numbers()
        self.check_size(traced, traced.program, [i for piece in pieces for i in piece.leaves], first.leaves)
        program, entries = entries_of(traced.program, pieces, list(first.leaves))
        program, results = laid_out(program, entries, first.nest, pieces, self.is_sparse)
        matrix = one_or_tuple(results, self.wrt.is_single)
        everything = [matrix, *traced.rest(program)]
        nest = matrix[0] if len(everything) == 1 else tuple_nest([nest for nest, _ in everything])
        return traced.finished(program, everything), nest

    def directional(self, strict: bool, n_inputs: int, n_results: int) -> tuple[Compiled, str]:
        """Return the function for a direction of the arguments, or of the result where that has fewer numbers."""
        if n_results < n_inputs:
            backward = Backward("vjp", self.f, self.wrt, self.exact, "cotangent")
            return Compiled(self.f, transformation=backward, exact=self.exact, strict=strict), "cotangent"
        forward = Forward("jvp", self.f, self.wrt, self.exact, "tangent")
        return Compiled(self.f, transformation=forward, exact=self.exact, strict=strict), "tangent"

    def assembled(self, result: Nest, table: Table, pieces: list[Piece], rows: Nest, is_forward: bool) -> Any:
        """Lay out what `directional` returned for every unit direction, one a row, behind the value."""
        (value, _), (_, start) = parts_of(result)
        returned = value.rebuild(table[0, :start].tolist())
        is_tuple = value.kind in ("tuple", "row") and type(returned) is tuple
        derivatives = table[:, start:].T if is_forward else table[:, start:]
        matrix = nest_from_table(derivatives, rows, pieces, self.wrt.is_single)
        return (matrix, *returned[1:]) if is_tuple else matrix


@dataclass(frozen=True, slots=True)
class Hessian(MatrixTransformation):
    """All second derivatives of the first result, which is one number."""

    @property
    def is_symmetric(self) -> bool:
        """Whether the matrix is symmetric."""
        return True

    def apply(self, trace: "Trace", call: Call) -> tuple[Program, Nest]:
        """Differentiate backwards, then propagate the derivatives of the gradient that can differ from 0.

        Of two mirrored entries one is computed and serves for both, so the matrix is symmetric to the last bit.
        """
        traced = self.traced(trace, call)
        pieces = self.chosen(traced)
        program, _ = gradients_of(traced, pieces, traced.first_number(), self.exact)
        start, inputs = len(traced.program.outputs), [i for piece in pieces for i in piece.leaves]
        gradient = range(start, start + len(inputs))
        self.check_size(traced, program, inputs, gradient)
        program, entries = entries_of(program, pieces, gradient, symmetric=True)
        rows = []
        for height, offset in _stacked(pieces):
            own = entries.rows_from(offset, height.nest.n_leaves)
            program, results = laid_out(program, own, height.nest, pieces, self.is_sparse)
            rows.append(one_or_tuple(results, self.wrt.is_single))
        matrix = one_or_tuple(rows, self.wrt.is_single)
        everything = [matrix, *traced.rest(program)]
        nest = matrix[0] if len(everything) == 1 else tuple_nest([nest for nest, _ in everything])
        return traced.finished(program, everything), nest

    def directional(self, strict: bool, n_inputs: int, n_results: int) -> tuple[Compiled, str]:
        """Return the function that computes the matrix times a direction."""
        transformation = SecondForward("hvp", self.f, self.wrt, self.exact, "tangent")
        return Compiled(self.f, transformation=transformation, exact=self.exact, strict=strict), "tangent"

    def assembled(self, result: Nest, table: Table, pieces: list[Piece], rows: Nest, is_forward: bool) -> Any:
        """Lay out what `directional` returned for every unit direction, one a row."""
        count = sum(piece.nest.n_leaves for piece in pieces)
        square = table[:, :count]
        square = np.where(np.tri(count, dtype=bool), square, square.T)
        made = []
        for height, offset in _stacked(pieces):
            own = square[offset : offset + height.nest.n_leaves]
            made.append(nest_from_table(own, height.nest, pieces, self.wrt.is_single))
        matrix = made[0] if self.wrt.is_single else tuple(made)
        if result.n_leaves == count and not (result.kind == "tuple" and len(parts_of(result)) > len(pieces)):
            return matrix
        return (matrix, *result.rebuild(table[0].tolist())[1:])


def _stacked(pieces: Sequence[Piece]) -> list[tuple[Piece, int]]:
    """List arguments with the position of each one's first number among all of theirs."""
    found = []
    start = 0
    for piece in pieces:
        found.append((piece, start))
        start += piece.nest.n_leaves
    return found


def entries_of(
    program: Program, pieces: Sequence[Piece], of: Sequence[int], *, symmetric: bool = False
) -> tuple[Program, Entries]:
    """Differentiate outputs by arguments, entry by entry.

    Returns:
        A Program with the outputs of the given one first, and the entries that can differ from 0.
    """
    inputs = [i for piece in pieces for i in piece.leaves]
    n_outputs = len(program.outputs)
    made, rows, columns = jacobians.jacobian(program, inputs, of, symmetric)
    return made, Entries(list(rows), list(columns), list(made.outputs[n_outputs:]), (len(of), len(inputs)))


def takes_at_most(program: Program, inputs: Sequence[int], of: Sequence[int], count: float) -> bool:
    """Tell whether the derivatives of all slots by the inputs that each depends on are at most so many."""
    wanted = max((program.outputs[place] for place in of), default=-1)
    depends = [0] * (wanted + 1)  # for each slot a set of inputs, as bits
    for k, i in enumerate(inputs):
        if i <= wanted:
            depends[i] = 1 << k
    codes, a, b, c = program.codes, program.a, program.b, program.c
    total = 0
    for slot in range(program.n_inputs, wanted + 1):
        if codes[slot] == CONSTANT:
            continue
        found = depends[a[slot]]
        if b[slot] >= 0:
            found |= depends[b[slot]]
            if c[slot] >= 0:
                found |= depends[c[slot]]
        depends[slot] = found
        total += found.bit_count()
        if total > count:
            return False
    return True


def laid_out(
    program: Program, entries: Entries, rows: Nest, pieces: Sequence[Piece], is_sparse: bool
) -> tuple[Program, list[tuple[Nest, Sequence[int]]]]:
    """Lay a Jacobian out as results: one for each argument.

    Args:
        program: Where the entries are computed.
        entries: The entries of all columns.
        rows: The form of what is differentiated.
        pieces: The arguments.
        is_sparse: As SciPy matrices; else in the form of the nests.
    """
    results: list[tuple[Nest, Sequence[int]]] = []
    if not is_sparse:
        program, zero = with_zero(program)
    for piece, offset in _stacked(pieces):
        own = entries.columns_from(offset, piece.nest.n_leaves)
        if is_sparse:
            results.append((sparse_nest(own), own.slots))
            continue
        table = [[zero] * own.shape[1] for _ in range(own.shape[0])]
        for row, column, slot in zip(own.rows, own.columns, own.slots, strict=True):
            table[row][column] = slot
        slots: list[int] = []
        for row, height, column, width in jacobian_order(rows, piece.nest):
            for line in table[row : row + height]:
                slots += line[column : column + width]
        results.append((jacobian_nest(rows, piece.nest), slots))
    return program, results


def jacobian(
    f: Callable[..., Any],
    wrt: int | str | Sequence[int | str] = 0,
    *,
    sparse: bool = False,
    exact: bool = False,
    strict: bool = False,
) -> Compiled:
    """Return a function that computes all first derivatives of f.

        J[i, j] = ∂ fᵢ / ∂ xⱼ

    Derivatives that cannot differ from 0 cost nothing: the structure is found when f is traced, once.

    Args:
        f: A function that returns numbers in any nest; of a tuple the first item is differentiated.
        wrt: The argument to differentiate by: its position or its name, or a tuple of several.
        sparse: Return SciPy CSR arrays of shape (number of results, number of numbers in the argument) instead.
        exact: Keep the eager sweep's order of operations.
        strict: Raise instead of computing eagerly when f takes more than 64 different paths.

    Returns:
        A function of the same arguments. An array of shape s by an array of shape t gives an array of shape s + t; in
        lists, dicts and the like each number or array of the result becomes the whole form of the argument. A tuple for
        a tuple `wrt`. Where f returns a tuple, `(jacobian, *rest)`.

    Raises:
        ShapeError: f has no such argument; on a call, f returned no number.
        NumberError: f cannot be called, or `wrt` is neither a position nor a name.

    Example:
        >>> import numpy as np
        >>> import slopewise as sw
        >>> sw.jacobian(lambda x: np.array([x[0] * x[1], x[1] ** 2]))(np.array([2.0, 3.0]))
        array([[3., 2.],
               [0., 6.]])
        >>> sw.jacobian(lambda x: {"square": x * x, "double": 2 * x})(3.0)
        {'square': 6.0, 'double': 2.0}

    Source:
        A. Griewank, A. Walther, *Evaluating Derivatives*, SIAM 2008, chapter 7.
    """
    check_function(f, "jacobian")
    transformation = Jacobian("jacobian", f, selected(f, wrt, "jacobian(wrt=…)"), exact, bool(sparse), MOST_EQUATIONS)
    return MatrixFunction(f, transformation=transformation, exact=exact, strict=strict)


def hessian(
    f: Callable[..., Any],
    wrt: int | str | Sequence[int | str] = 0,
    *,
    sparse: bool = False,
    exact: bool = False,
    strict: bool = False,
) -> Compiled:
    """Return a function that computes all second derivatives of f.

        H[i, j] = ∂²f / ∂xᵢ ∂xⱼ

    It is symmetric to the last bit: one triangle is computed and serves for both.

    Args:
        f: A function that returns one number, or a tuple whose first item is one number: that one is differentiated.
        wrt: The argument to differentiate by: its position or its name, or a tuple of several.
        sparse: Return a SciPy CSR array of shape (n, n) for an argument of n numbers instead.
        exact: Keep the eager sweep's order of operations.
        strict: Raise instead of computing eagerly when f takes more than 64 different paths.

    Returns:
        A function of the same arguments. An array of shape s gives an array of shape s + s; a nest gives its form with
        its form in each place. For a tuple `wrt` a tuple of tuples: `[i][j]` by argument i and argument j. Where f
        returns a tuple, `(hessian, *rest)`.

    Raises:
        ShapeError: f has no such argument; on a call, f returned other than one number.
        NumberError: f cannot be called, or `wrt` is neither a position nor a name.

    Example:
        >>> import numpy as np
        >>> import slopewise as sw
        >>> sw.hessian(lambda x: x[0] ** 2 * x[1])(np.array([3.0, 5.0]))
        array([[10.,  6.],
               [ 6.,  0.]])
        >>> sw.hessian(lambda x, y: x * x * y, wrt=("x", "y"))(3.0, 5.0)
        ((10.0, 6.0), (6.0, 0.0))

    Source:
        A. Griewank, A. Walther, *Evaluating Derivatives*, SIAM 2008, chapter 7.
    """
    check_function(f, "hessian")
    transformation = Hessian("hessian", f, selected(f, wrt, "hessian(wrt=…)"), exact, bool(sparse), MOST_EQUATIONS)
    return MatrixFunction(f, transformation=transformation, exact=exact, strict=strict)
