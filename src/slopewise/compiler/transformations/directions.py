"""`jvp`, `vjp` and `hvp`: derivatives along a direction, without the matrix."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from inspect import Parameter, Signature, signature
from typing import TYPE_CHECKING, Any

from slopewise.basics.arguments import name_of, signature_of
from slopewise.compiler.blocks import as_floats, has_form_of
from slopewise.compiler.compiled import Compiled
from slopewise.compiler.structure import Nest, tuple_nest
from slopewise.compiler.transformations.derivatives import Differentiation, check_function, gradients_of
from slopewise.compiler.transformations.selection import Selection, parameters_of, selected
from slopewise.compiler.transformations.transformation import (
    Call,
    Piece,
    Traced,
    described,
    one_or_tuple,
    slots_of,
    with_inputs_bound,
)
from slopewise.errors import ShapeError
from slopewise.ir import Program
from slopewise.passes.differentiate import jvp as forward
from slopewise.passes.differentiate import vjp as backward

if TYPE_CHECKING:
    from slopewise.tracer import Trace

__all__ = ["hvp", "jvp", "vjp"]


@dataclass(frozen=True, slots=True)
class Directional(Differentiation):
    """A derivative along a direction that the call gives by name.

    Attributes:
        direction: The name: `tangent` or `cotangent`.
    """

    direction: str

    def taken(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments of f: all but the direction."""
        return args, {name: item for name, item in kwargs.items() if name != self.direction}

    def pieces_of_direction(self, traced: Traced, wanted: Sequence[Nest], what: str, *, is_single: bool) -> list[Piece]:
        """Return the parts of the direction, one for each nest wanted.

        Args:
            traced: The call.
            wanted: The forms that they must have.
            what: Whose form it is, for messages.
            is_single: Whether the direction is one nest and not a tuple of them.

        Raises:
            ShapeError: The direction is not given, or has another form.
        """
        given = traced.named.get(self.direction)
        if given is None:
            raise ShapeError(
                f"{traced.where} needs the direction by name: {self.direction}=…\n"
                f"give it in the form of {what}: {self.name}(f)(x, {self.direction}=v)"
            )
        pieces = [given] if is_single else given.parts
        fits = len(pieces) == len(wanted) and all(
            has_form_of(piece.nest, nest) for piece, nest in zip(pieces, wanted, strict=True)
        )
        if not fits:
            expected = " and ".join(described(nest) for nest in wanted)
            if not is_single and len(wanted) == 1:
                expected += ", in a tuple"
            raise ShapeError(
                f"{traced.where} got {described(given.nest)} as {self.direction}, and {what} is {expected}\n"
                f"give the {self.direction} in the form of {what}"
            )
        return pieces


@dataclass(frozen=True, slots=True)
class Forward(Directional):
    """The derivative of the first result along a direction of the arguments."""

    def apply(self, trace: "Trace", call: Call) -> tuple[Program, Nest]:
        """Differentiate forwards, once."""
        traced = self.traced(trace, call)
        pieces = self.chosen(traced)
        direction = self.pieces_of_direction(
            traced, [piece.nest for piece in pieces], _whose(self.wrt), is_single=self.wrt.is_single
        )
        first = traced.results[0]
        if not first.nest.n_leaves:
            traced.first_number()
        program = _pushed(traced.program, pieces, direction, first.leaves)
        tangents = program.outputs[len(traced.program.outputs) :]
        results = [
            (traced.value.nest, slots_of(program, traced.value)),
            (as_floats(first.nest), tangents),
        ]
        return traced.finished(program, results), tuple_nest([nest for nest, _ in results])


@dataclass(frozen=True, slots=True)
class Backward(Directional):
    """The derivatives by the arguments of the first result, weighted by a direction of that result."""

    def apply(self, trace: "Trace", call: Call) -> tuple[Program, Nest]:
        """Differentiate backwards, once."""
        traced = self.traced(trace, call)
        pieces = self.chosen(traced)
        first = traced.results[0]
        if self.direction not in traced.named and first.nest.n_leaves == 1:
            program, gradients = gradients_of(traced, pieces, first, self.exact)
        else:
            if not first.nest.n_leaves:
                traced.first_number()
            (direction,) = self.pieces_of_direction(traced, [first.nest], "the result", is_single=True)
            inputs = [i for piece in pieces for i in piece.leaves]
            n_inputs = traced.program.n_inputs
            program = backward(traced.program, inputs, tuple(first.leaves), seeds="inputs", exact=self.exact)
            program = with_inputs_bound(program, direction.leaves, n_inputs)
            gradients = []
            start = len(traced.program.outputs)
            for piece in pieces:
                end = start + piece.nest.n_leaves
                gradients.append((as_floats(piece.nest), program.outputs[start:end]))
                start = end
        gradient = one_or_tuple(gradients, self.wrt.is_single)
        results = [(traced.value.nest, slots_of(program, traced.value)), gradient]
        return traced.finished(program, results), tuple_nest([nest for nest, _ in results])


@dataclass(frozen=True, slots=True)
class SecondForward(Directional):
    """The Hessian of the first result, which is one number, times a direction of the arguments."""

    def apply(self, trace: "Trace", call: Call) -> tuple[Program, Nest]:
        """Differentiate backwards, and the result forwards."""
        traced = self.traced(trace, call)
        pieces = self.chosen(traced)
        direction = self.pieces_of_direction(
            traced, [piece.nest for piece in pieces], _whose(self.wrt), is_single=self.wrt.is_single
        )
        program, gradients = gradients_of(traced, pieces, traced.first_number(), self.exact)
        start, n_outputs = len(traced.program.outputs), len(program.outputs)
        program = _pushed(program, pieces, direction, range(start, n_outputs))
        products: list[tuple[Nest, Sequence[int]]] = []
        for nest, leaves in gradients:
            products.append((nest, program.outputs[n_outputs : n_outputs + len(leaves)]))
            n_outputs += len(leaves)
        everything = [one_or_tuple(products, self.wrt.is_single), *traced.rest(program)]
        nest = everything[0][0] if len(everything) == 1 else tuple_nest([nest for nest, _ in everything])
        return traced.finished(program, everything), nest


def _pushed(program: Program, pieces: Sequence[Piece], direction: Sequence[Piece], of: Sequence[int]) -> Program:
    """Differentiate some outputs forwards, along a direction that is among the inputs."""
    inputs = [i for piece in pieces for i in piece.leaves]
    made = forward(program, inputs, tuple(of))
    return with_inputs_bound(made, [i for piece in direction for i in piece.leaves], program.n_inputs)


def _whose(wrt: Selection) -> str:
    return f"argument {wrt.keys[0]!r}" if wrt.is_single else f"the tuple of arguments {wrt.keys!r}"


def jvp(f: Callable[..., Any], *at: Any, wrt: Any = None, exact: bool = False, strict: bool = False) -> Any:
    """Return a function that computes f and its derivative along a direction, forwards.

        (x, v) ↦ (f(x), J(x) v)

    It costs about as much as two or three calls of f, whatever the number of arguments.

    Args:
        f: A function that returns numbers in any nest; of a tuple the first item is differentiated.
        at: Nothing, or `wrt` by position; or the arguments and the tangents, as two tuples: then the result is returned
            at once.
        wrt: The argument to differentiate by: its position or its name, or a tuple of several; the first without.
        exact: Keep the eager sweep's order of operations.
        strict: Raise instead of computing eagerly when f takes more than 64 different paths.

    Returns:
        A function of the arguments of f and of `tangent=`, which has the form of the argument (a tuple of them for a
        tuple `wrt`); it returns `(value, derivative)`, the derivative in the form of the first result.

    Raises:
        ShapeError: f has no such argument; on a call, the tangent is missing or has another form.
        NumberError: f cannot be called, or `wrt` is neither a position nor a name.

    Example:
        >>> import slopewise as sw
        >>> f = lambda x, y: x * x * y
        >>> sw.jvp(f)(3.0, 5.0, tangent=1.0)
        (45.0, 30.0)
        >>> sw.jvp(f, wrt=("x", "y"))(3.0, 5.0, tangent=(1.0, 1.0))
        (45.0, 39.0)
        >>> sw.jvp(f, (3.0, 5.0), (1.0, 1.0))
        (45.0, 39.0)

    Source:
        R. E. Wengert, *A simple automatic derivative evaluation program*, Communications of the ACM 7(8), 1964.
    """
    return _directional("jvp", Forward, "tangent", f, at, wrt, exact, strict)


def vjp(f: Callable[..., Any], *at: Any, wrt: Any = None, exact: bool = False, strict: bool = False) -> Any:
    """Return a function that computes f and its derivatives weighted by a cotangent, backwards.

        (x, u) ↦ (f(x), uᵀ J(x))

    It costs about as much as three or four calls of f, whatever the number of arguments.

    Args:
        f: A function that returns numbers in any nest; of a tuple the first item is differentiated.
        at: Nothing, or `wrt` by position; or the arguments as a tuple and the cotangent: then the result is returned at
            once.
        wrt: The argument to differentiate by: its position or its name, or a tuple of several; the first without.
        exact: Keep the eager sweep's order of operations.
        strict: Raise instead of computing eagerly when f takes more than 64 different paths.

    Returns:
        A function of the arguments of f and of `cotangent=`, which has the form of the first result and is 1 without
        for a result of one number; it returns `(value, cotangents)`, these in the form of the argument, a tuple of
        them for a tuple `wrt`.

    Raises:
        ShapeError: f has no such argument; on a call, the cotangent is missing or has another form.
        NumberError: f cannot be called, or `wrt` is neither a position nor a name.

    Example:
        >>> import slopewise as sw
        >>> f = lambda x, y: [x * y, x + y]
        >>> sw.vjp(f, wrt=("x", "y"))(3.0, 5.0, cotangent=[1.0, 10.0])
        ([15.0, 8.0], (15.0, 13.0))
        >>> sw.vjp(f, (3.0, 5.0), [1.0, 10.0])
        ([15.0, 8.0], (15.0, 13.0))

    Source:
        S. Linnainmaa, *Taylor expansion of the accumulated rounding error*, BIT 16, 1976.
    """
    return _directional("vjp", Backward, "cotangent", f, at, wrt, exact, strict)


def hvp(f: Callable[..., Any], *at: Any, wrt: Any = None, exact: bool = False, strict: bool = False) -> Any:
    """Return a function that computes the Hessian of f times a direction, without the Hessian.

        (x, v) ↦ ∇²f(x) v

    It costs a small multiple of one call of f, whatever the number of arguments.

    Args:
        f: A function that returns one number, or a tuple whose first item is one number: that one is differentiated.
        at: Nothing, or `wrt` by position; or the arguments and the tangents, as two tuples: then the result is returned
            at once.
        wrt: The argument to differentiate by: its position or its name, or a tuple of several; the first without.
        exact: Keep the eager sweep's order of operations.
        strict: Raise instead of computing eagerly when f takes more than 64 different paths.

    Returns:
        A function of the arguments of f and of `tangent=`, which has the form of the argument (a tuple of them for a
        tuple `wrt`); it returns the product in the same form. Where f returns a tuple, `(product, *rest)`.

    Raises:
        ShapeError: f has no such argument; on a call, f returned other than one number, or the tangent is missing or
            has another form.
        NumberError: f cannot be called, or `wrt` is neither a position nor a name.

    Example:
        >>> import slopewise as sw
        >>> f = lambda p: p[0] ** 2 * p[1]
        >>> sw.hvp(f)([3.0, 5.0], tangent=[1.0, 0.0])
        [10.0, 6.0]
        >>> sw.hvp(f, ([3.0, 5.0],), ([1.0, 0.0],))
        ([10.0, 6.0],)

    Source:
        B. A. Pearlmutter, *Fast exact multiplication by the Hessian*, Neural Computation 6(1), 1994.
    """
    return _directional("hvp", SecondForward, "tangent", f, at, wrt, exact, strict)


def _directional(
    name: str,
    kind: type[Directional],
    direction: str,
    f: Callable[..., Any],
    at: tuple[Any, ...],
    wrt: Any,
    exact: bool,
    strict: bool,
) -> Any:
    check_function(f, name)
    at_once = f"{name}(f, (x,), {'u' if direction == 'cotangent' else '(v,)'})"
    if len(at) > 2 or (at and wrt is not None):
        raise ShapeError(
            f"{name}() takes f and wrt, or f, its arguments and the {direction}, got {1 + len(at)} by position"
            f"{' and wrt' if wrt is not None else ''}\n"
            f"write {name}(f, wrt=0)(x, {direction}=v), or {at_once}"
        )
    if direction in (parameters_of(f) or {}):
        raise ShapeError(
            f"{name}() hands its {direction} over by that name, and {signature_of(f)} has an argument of that name\n"
            f"wrap it: lambda x, {direction}_: {name_of(f)}(x, {direction}={direction}_)"
        )
    if len(at) == 2:
        primals = at[0]
        if not isinstance(primals, (tuple, list)):
            raise ShapeError(
                f"{name}(f, arguments, {direction}) takes the arguments as a tuple, got {primals!r}\nwrite {at_once}"
            )
        selection = selected(f, tuple(range(len(primals))), f"{name}()")
        compiled = _compiled(name, kind, direction, f, selection, exact, strict)
        direction_given = at[1] if direction == "cotangent" else tuple(at[1])
        return compiled(*primals, **{direction: direction_given})
    chosen = at[0] if at else 0 if wrt is None else wrt
    return _compiled(name, kind, direction, f, selected(f, chosen, f"{name}(wrt=…)"), exact, strict)


def _compiled(
    name: str,
    kind: type[Directional],
    direction: str,
    f: Callable[..., Any],
    selection: Selection,
    exact: bool,
    strict: bool,
) -> Compiled:
    compiled = Compiled(f, transformation=kind(name, f, selection, exact, direction), exact=exact, strict=strict)
    compiled.__signature__ = _with_direction(f, direction)
    return compiled


def _with_direction(f: Callable[..., Any], direction: str) -> Signature | None:
    """Return the signature of f with the direction as one more argument, by name."""
    try:
        of_f = signature(f)
    except (TypeError, ValueError):
        return None
    parameters = list(of_f.parameters.values())
    default = None if direction == "cotangent" else Parameter.empty
    more = Parameter(direction, Parameter.KEYWORD_ONLY, default=default)
    keywords = [p for p in parameters if p.kind is Parameter.VAR_KEYWORD]
    others = [p for p in parameters if p.kind is not Parameter.VAR_KEYWORD]
    return Signature([*others, more, *keywords])
