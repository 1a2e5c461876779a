"""What a transformation is to a compiled function, and how it works inside another trace."""

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from slopewise import tracer
from slopewise.basics.arguments import name_of
from slopewise.compiler import nests
from slopewise.compiler.blocks import parts_of
from slopewise.compiler.structure import Nest, tuple_nest
from slopewise.compiler.transformations.selection import Place, described_place
from slopewise.engine import Value
from slopewise.engine.value import number_of
from slopewise.errors import ShapeError
from slopewise.ir import CONSTANT, Builder, Program
from slopewise.passes.simplify import simplify

if TYPE_CHECKING:
    from slopewise.tracer import Trace

__all__ = ["Call", "Piece", "Traced", "Transformation", "inlined", "with_inputs_bound", "with_outputs"]


@dataclass(frozen=True, slots=True)
class Call:
    """What one traced call looked like.

    Attributes:
        arguments: The nest of `(args, kwargs)`; its leaves are the first inputs of the Program.
        result: The nest of what the function returned; its leaves are the first outputs.
    """

    arguments: Nest
    result: Nest


class Transformation(Protocol):
    """A change of a traced function, from Program to Program.

    The inputs stay what they are: the numbers in the arguments, then what is captured. The outputs become the numbers
    of another result; what a trace has beside its results (state that it writes, guards) stays behind them.
    """

    @property
    def name(self) -> str:
        """The public name."""
        ...

    @property
    def exact(self) -> bool:
        """Whether sums go in the eager order."""
        ...

    @property
    def needs_preparing(self) -> bool:
        """Whether `prepare` has something to do."""
        ...

    def prepare(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Return the keyword arguments of a call with all that must become an input."""
        ...

    def taken(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return what the function itself is called with."""
        ...

    def differentiated(self, arguments: Nest) -> frozenset[int]:
        """Return the inputs to differentiate by, which are floats even where ints are given.

        Args:
            arguments: The nest of `(args, kwargs)`.
        """
        ...

    def apply(self, trace: "Trace", call: Call) -> tuple[Program, Nest]:
        """Return the transformed Program and the nest of its results."""
        ...


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an argument or of a result.

    Attributes:
        nest: Its form.
        start: The position of its first leaf, among the inputs or among the outputs.
    """

    nest: Nest
    start: int

    @property
    def leaves(self) -> range:
        """The positions of its leaves."""
        return range(self.start, self.start + self.nest.n_leaves)

    @property
    def parts(self) -> "list[Piece]":
        """The parts of a list, a tuple or a dict."""
        return [Piece(nest, self.start + start) for nest, start in parts_of(self.nest)]


@dataclass(frozen=True, slots=True)
class Traced:
    """A traced call, as a transformation looks at it.

    Attributes:
        where: Who transforms, for messages: `grad()`.
        f: The function.
        trace: What was recorded.
        call: The form of arguments and result.
    """

    where: str
    f: Callable[..., Any]
    trace: "Trace"
    call: Call

    @property
    def program(self) -> Program:
        """What the function computes: results, then the state it writes, then guards."""
        return self.trace.program

    @property
    def named(self) -> dict[str, Piece]:
        """The arguments given by name."""
        return arguments_of(self.call.arguments)[1]

    def argument(self, place: Place) -> Piece:
        """Return the argument at one place, which holds a number.

        Raises:
            ShapeError: It holds none, so that there is nothing to differentiate by.
        """
        positional, named = arguments_of(self.call.arguments)
        piece = named[place] if isinstance(place, str) else positional[place]
        if not piece.nest.n_leaves:
            raise ShapeError(
                f"{self.where} differentiates by {described_place(self.f, place)}, and the call gives "
                f"{described(piece.nest)} there, which holds no number\n"
                "choose an argument of numbers with wrt="
            )
        return piece

    @property
    def results(self) -> list[Piece]:
        """The first result, which is differentiated, and the rest of a tuple."""
        nest = self.call.result
        is_tuple = (nest.kind == "tuple" and nest.form is tuple) or (nest.kind == "row" and nest.form[0] is tuple)
        pieces = [Piece(part, start) for part, start in parts_of(nest)] if is_tuple else []
        return pieces or [Piece(nest, 0)]

    @property
    def value(self) -> Piece:
        """What the function returned, as it returned it."""
        return Piece(self.call.result, 0)

    @property
    def tail(self) -> range:
        """The positions of what stands behind the results: state that is written, guards."""
        return range(self.trace.n_results, len(self.program.outputs))

    def first_number(self) -> Piece:
        """Return the first result if it is one number.

        Raises:
            ShapeError: It is not.
        """
        first = self.results[0]
        if first.nest.n_leaves != 1:
            self._refuse("one number", first.nest)
        return first

    def first_numbers(self) -> Piece:
        """Return the first result if it holds a number.

        Raises:
            ShapeError: It holds none.
        """
        first = self.results[0]
        if not first.nest.n_leaves:
            self._refuse("numbers", first.nest)
        return first

    def _refuse(self, needed: str, result: Nest) -> NoReturn:
        raise ShapeError(
            f"{self.where} needs a function that returns {needed}, and {name_of(self.f)} returned {described(result)}\n"
            f"{_cure(result, self.where)}"
        )

    def finished(self, program: Program, results: Iterable[tuple[Nest, Sequence[int]]]) -> Program:
        """Return a Program with other results, and the tail of this one behind them.

        Args:
            program: It has this one's outputs before its own.
            results: The nests of the results, and the slots of their leaves.
        """
        slots = array("i")
        for _, leaves in results:
            slots.extend(leaves)
        slots.extend(program.outputs[self.tail.start : self.tail.stop])
        return with_outputs(program, slots)

    def rest(self, program: Program) -> list[tuple[Nest, Sequence[int]]]:
        """List the results after the first, with their slots."""
        return [(piece.nest, slots_of(program, piece)) for piece in self.results[1:]]


def arguments_of(nest: Nest) -> tuple[list[Piece], dict[str, Piece]]:
    """Return the arguments given by position and by name, of the nest of `(args, kwargs)`."""
    (args, _), (kwargs, first) = parts_of(nest)
    named = [Piece(part, first + start) for part, start in parts_of(kwargs)]
    return [Piece(part, start) for part, start in parts_of(args)], dict(zip(kwargs.form[1], named, strict=True))


def slots_of(program: Program, piece: Piece) -> Sequence[int]:
    """Return the slots of a part of a Program's outputs."""
    return program.outputs[piece.leaves.start : piece.leaves.stop]


def with_outputs(program: Program, slots: "array[int]") -> Program:
    """Return a Program that computes the same and returns other slots."""
    return Program(program.codes, program.a, program.b, program.c, program.pool, slots, program.names)


def with_inputs_bound(program: Program, inputs: Sequence[int], n_inputs: int) -> Program:
    """Return a Program in which the inputs from `n_inputs` on are other inputs.

    Args:
        program: Its last inputs are to go.
        inputs: For each of them the input that it is.
        n_inputs: How many inputs stay.
    """
    build = Builder()
    kept = [build.input() for _ in range(n_inputs)]
    outputs = build.inline(program, [*kept, *(kept[i] for i in inputs)])
    return build.extract(kept, outputs, program.names[:n_inputs])


def number_in(leaf: Any) -> float:
    """Return the number of this call that a leaf holds: a Value, a traced number or a plain one."""
    if isinstance(leaf, Value):
        return float(number_of(leaf))
    return float(leaf._number if isinstance(leaf, tracer.Number) else leaf)


def is_integer(leaf: Any) -> bool:
    """Tell whether a leaf is an int: traced code may count and index with it."""
    return type(leaf._number if isinstance(leaf, tracer.Number) else leaf) is int


def with_zero(program: Program) -> tuple[Program, int]:
    """Return the Program with a constant 0 more, and its slot."""
    constants, one = array("d", [0.0]), array("i", [-1])
    made = Program(
        program.codes + array("B", [CONSTANT]),
        program.a + array("i", [len(program.pool)]),
        program.b + one,
        program.c + one,
        program.pool + constants,
        program.outputs,
        program.names,
    )
    return made, len(program.codes)


def one_or_tuple(results: Sequence[tuple[Nest, Sequence[int]]], is_single: bool) -> tuple[Nest, list[int]]:
    """Return the only result as it is, or several as a tuple: nest and slots."""
    slots = [slot for _, leaves in results for slot in leaves]
    return (results[0][0] if is_single else tuple_nest([nest for nest, _ in results])), slots


def inlined(
    f: Callable[..., Any], transformation: Transformation, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Trace a function inside the trace that is on, transform it, and put its equations there.

    What it reads from outside, numbers of the outer trace among them, are inputs of the inner Program; once inlined
    they are what they were. So an outer derivative sees through an inner one, and never mistakes one for the other.

    Args:
        f: The function.
        transformation: What is made of it.
        args: As the transformed function is called.
        kwargs: As the transformed function is called.

    Returns:
        The results, as numbers of the outer trace.
    """
    if transformation.needs_preparing:
        kwargs = transformation.prepare(args, kwargs)
    arguments, leaves = nests.collect((args, kwargs))
    differentiated = transformation.differentiated(arguments)
    results: list[Nest] = []

    def call(values: list[Any]) -> list[Any]:
        f_args, f_kwargs = transformation.taken(*arguments.rebuild(values))
        nest, numbers = nests.collect(f(*f_args, **f_kwargs))
        results.append(nest)
        return numbers

    trace = tracer.record(
        call,
        [number_in(leaf) for leaf in leaves],
        integers=[i for i, leaf in enumerate(leaves) if is_integer(leaf) and i not in differentiated],
        values=[i for i, leaf in enumerate(leaves) if isinstance(leaf, Value)],
        plain=[i for i, leaf in enumerate(leaves) if not isinstance(leaf, Value) or tracer.stands_for_number(leaf)],
        names=arguments.names(),
        smooth=True,
    )
    program, nest = transformation.apply(trace, Call(arguments, results[0]))
    program = simplify(program, exact=transformation.exact)  # or derivatives of derivatives of … grow beyond need
    return nest.rebuild(tracer.inline(trace, leaves, program))


def described(nest: Nest) -> str:
    """Say in words what a nest is: `an array of shape (3,)`, `a dict of 2 numbers`."""
    if nest.kind == "static":
        text = repr(nest.form.item)
        return text if len(text) <= 60 else text[:57] + "..."
    if nest.kind in ("array", "objects", "plain"):
        return f"an array of shape {nest.shape}"
    kind = nest.form[0] if nest.kind in ("row", "dict", "object") else nest.form
    name = kind.__name__ if isinstance(kind, type) else nest.kind
    numbers = f"{nest.n_leaves} number{'s' * (nest.n_leaves != 1)}"
    return f"a {name} of {numbers}" if nest.kind != "number" else "a number"


def _cure(nest: Nest, where: str) -> str:
    if nest.kind == "static" and nest.form.item is None:
        return "does the function end without `return`?"
    if nest.n_leaves and where == "minimize()":
        return "return one of them or their sum, or use sw.least_squares, which takes residuals"
    if nest.n_leaves:
        return "return one of them or their sum, or use sw.jacobian"
    return "return a number that is computed from the arguments"
