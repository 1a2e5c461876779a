"""`grad` and `value_and_grad`: a traced function, differentiated backwards, once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slopewise.compiler.blocks import as_floats
from slopewise.compiler.compiled import Compiled
from slopewise.compiler.structure import Nest, tuple_nest
from slopewise.compiler.transformations.selection import Selection, selected
from slopewise.compiler.transformations.transformation import Call, Piece, Traced, arguments_of, one_or_tuple, slots_of
from slopewise.ir import Program
from slopewise.passes.differentiate import vjp

if TYPE_CHECKING:
    from slopewise.tracer import Trace

__all__ = ["grad", "value_and_grad", "value_and_grad_for"]


@dataclass(frozen=True, slots=True)
class Differentiation:
    """What all transformations of this kind share: the arguments to differentiate by.

    Attributes:
        name: The public name.
        f: The function.
        wrt: The arguments to differentiate by.
        exact: Whether sums go in the eager order.
    """

    name: str
    f: Callable[..., Any]
    wrt: Selection
    exact: bool

    @property
    def needs_preparing(self) -> bool:
        """Whether a call may leave out an argument that is differentiated by."""
        return self.wrt.has_defaults

    def prepare(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Fill in the defaults of arguments that are differentiated by."""
        return self.wrt.with_defaults(args, kwargs)

    def taken(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments of f: all of them."""
        return args, kwargs

    def apply(self, trace: "Trace", call: Call) -> tuple[Program, Nest]:
        """Return the transformed Program and the nest of its results."""
        raise NotImplementedError

    def traced(self, trace: "Trace", call: Call) -> Traced:
        """Return a view of a traced call."""
        return Traced(f"{self.name}()", self.f, trace, call)

    def differentiated(self, arguments: Nest) -> frozenset[int]:
        """Return the inputs to differentiate by."""
        positional, named = arguments_of(arguments)
        places = self.wrt.places(len(positional), named)
        pieces = [named[place] if isinstance(place, str) else positional[place] for place in places]
        return frozenset(i for piece in pieces for i in piece.leaves)

    def chosen(self, traced: Traced) -> list[Piece]:
        """Return the arguments to differentiate by."""
        positional, named = arguments_of(traced.call.arguments)
        return [traced.argument(place) for place in self.wrt.places(len(positional), named)]


@dataclass(frozen=True, slots=True)
class Gradient(Differentiation):
    """The gradient of the first result.

    Attributes:
        with_value: Whether the value is returned as well.
    """

    with_value: bool

    def apply(self, trace: "Trace", call: Call) -> tuple[Program, Nest]:
        """Differentiate backwards, once."""
        traced = self.traced(trace, call)
        pieces = self.chosen(traced)
        first = traced.first_number()
        program, gradients = gradients_of(traced, pieces, first, self.exact)
        gradient = one_or_tuple(gradients, self.wrt.is_single)
        rest = traced.rest(program)
        if self.with_value:
            results = [(traced.value.nest, slots_of(program, traced.value)), gradient]
        else:
            results = [gradient, *rest]
        nest = results[0][0] if len(results) == 1 else tuple_nest([nest for nest, _ in results])
        return traced.finished(program, results), nest


def gradients_of(
    traced: Traced, pieces: Sequence[Piece], first: Piece, exact: bool
) -> tuple[Program, list[tuple[Nest, Sequence[int]]]]:
    """Differentiate one number by some arguments.

    Returns:
        A Program with the outputs of the traced one before the gradients; and for each argument nest and slots of its
        gradient.
    """
    inputs = [i for piece in pieces for i in piece.leaves]
    program = vjp(traced.program, inputs, (first.start,), exact=exact)
    gradients: list[tuple[Nest, Sequence[int]]] = []
    start = len(traced.program.outputs)
    for piece in pieces:
        end = start + piece.nest.n_leaves
        gradients.append((as_floats(piece.nest), program.outputs[start:end]))
        start = end
    return program, gradients


def value_and_grad(
    f: Callable[..., Any], wrt: int | str | Sequence[int | str] = 0, *, exact: bool = False, strict: bool = False
) -> Compiled:
    """Return a function that computes f and its gradient in one go.

        x ↦ (f(x), ∇f(x))

    The first call runs f once on real numbers and records what it does; further calls replay that, forward and
    backward, without running f. Arguments may be numbers, arrays, lists, tuples, dicts and dataclasses of them.

    Args:
        f: A function that returns one number, or a tuple whose first item is one number: that one is differentiated.
        wrt: The argument to differentiate by: its position or its name, or a tuple of several.
        exact: Keep the eager sweep's order of operations, so that every bit is that of `backward()`.
        strict: Raise instead of computing eagerly when f takes more than 64 different paths.

    Returns:
        A function of the same arguments that returns `(value, gradient)`. The value is all that f returned; the
        gradient has the form of the argument, with floats and float64 arrays; a tuple of gradients for a tuple `wrt`.

    Raises:
        ShapeError: f has no such argument; on a call, f returned other than one number.
        NumberError: f cannot be called, or `wrt` is neither a position nor a name.

    Example:
        >>> import slopewise as sw
        >>> sw.value_and_grad(lambda x, y: x * x * y)(3.0, 2.0)
        (18.0, 12.0)
        >>> sw.value_and_grad(lambda x, y: x * x * y, wrt=("x", "y"))(3.0, 2.0)
        (18.0, (12.0, 9.0))
        >>> line = lambda p, x: p["slope"] * x + p["at_0"]
        >>> sw.value_and_grad(line)({"slope": 2.0, "at_0": 1.0}, 3.0)
        (7.0, {'slope': 3.0, 'at_0': 1.0})

    Source:
        A. Griewank, A. Walther, *Evaluating Derivatives*, SIAM 2008, chapter 3.
    """
    return _gradient("value_and_grad", f, wrt, exact, strict, with_value=True)


def grad(
    f: Callable[..., Any], wrt: int | str | Sequence[int | str] = 0, *, exact: bool = False, strict: bool = False
) -> Compiled:
    """Return a function that computes the gradient of f.

        x ↦ ∇f(x)

    Args:
        f: A function that returns one number, or a tuple whose first item is one number: that one is differentiated.
        wrt: The argument to differentiate by: its position or its name, or a tuple of several.
        exact: Keep the eager sweep's order of operations, so that every bit is that of `backward()`.
        strict: Raise instead of computing eagerly when f takes more than 64 different paths.

    Returns:
        A function of the same arguments that returns the gradient, in the form of the argument; a tuple of gradients
        for a tuple `wrt`. Where f returns a tuple, `(gradient, *rest)`.

    Raises:
        ShapeError: f has no such argument; on a call, f returned other than one number.
        NumberError: f cannot be called, or `wrt` is neither a position nor a name.

    Example:
        >>> import slopewise as sw
        >>> cube = lambda x: x**3
        >>> sw.grad(cube)(2.0), sw.grad(sw.grad(cube))(2.0), sw.grad(sw.grad(sw.grad(cube)))(2.0)
        (12.0, 12.0, 6.0)
        >>> import numpy as np
        >>> sw.grad(lambda w: sw.sum(w * w))(np.array([1.0, -2.0]))
        array([ 2., -4.])

    Source:
        A. Griewank, A. Walther, *Evaluating Derivatives*, SIAM 2008, chapter 3.
    """
    return _gradient("grad", f, wrt, exact, strict, with_value=False)


def value_and_grad_for(name: str, f: Callable[..., Any]) -> Compiled:
    """Return what `value_and_grad(f)` does, in the name of another function, which its messages say."""
    return _gradient(name, f, 0, False, False, with_value=True)


def _gradient(name: str, f: Callable[..., Any], wrt: Any, exact: bool, strict: bool, *, with_value: bool) -> Compiled:
    check_function(f, name)
    selection = selected(f, wrt, f"{name}(wrt=…)")
    transformation = Gradient(name, f, selection, exact, with_value)
    return Compiled(f, transformation=transformation, exact=exact, strict=strict)


def check_function(f: Any, name: str) -> None:
    """Refuse what cannot be called.

    Raises:
        NumberError: It cannot.
    """
    if not callable(f):
        from slopewise.basics.arguments import shortened
        from slopewise.errors import NumberError

        raise NumberError(
            f"{name}() needs a function, got {shortened(f)}\n"
            f"give the function itself, not its result: {name}(f)(x), not {name}(f(x))"
        )
