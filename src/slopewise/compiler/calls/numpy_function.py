"""A compiled function as one of a float64 array, as `scipy.optimize` calls it."""

import inspect
from array import array
from collections.abc import Callable, Sequence
from inspect import Parameter
from typing import TYPE_CHECKING, Any

from slopewise.basics.arguments import name_of, signature_of, takes
from slopewise.compiler import nests
from slopewise.compiler.calls.calling import Caller
from slopewise.compiler.calls.plans import Plan, plan_of
from slopewise.compiler.calls.shortcuts import install_shortcut
from slopewise.compiler.entries import BY_ARGUMENTS, BY_CAPTURED, VALUE, Outcome
from slopewise.compiler.state import Substitutes
from slopewise.compiler.structure import NUMBER, Nest, array_nest, tuple_nest
from slopewise.errors import NumberError, ShapeError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from slopewise.compiler.compiled import Compiled
    from slopewise.compiler.lowering import Lowered
    from slopewise.compiler.paths import Path

    Vector = npt.NDArray[np.float64]

__all__ = ["NumpyFunction"]


MOST_KNOWN = 256


class NumpyFunction:
    """A compiled function of one float64 array.

    With `parameters=`, the array stands for the numbers of the parameters, in their order, and further arguments are
    those of the function. Otherwise the array is the first argument; a function with several arguments without a
    default gets one element for each of these. Nothing is written: neither the parameters nor any gradient. Every array
    given back is a new one.

    Calling it gives what the function gives: a float, an array, or a pair of them for `sw.value_and_grad`.

    Attributes:
        start: The numbers of the parameters now, to start a search from.

    Example:
        >>> import numpy as np
        >>> import slopewise as sw
        >>> k = sw.compile(lambda x, y: (x - 1) ** 2 + 10 * (y - x**2) ** 2)
        >>> k.numpy(np.array([0.0, 2.0]))
        41.0
        >>> k.numpy.value_and_gradient(np.array([0.0, 2.0]))
        (41.0, array([-2., 40.]))
    """

    def __init__(self, compiled: "Compiled") -> None:
        self._compiled = compiled
        self._needed = _needed(compiled.f)
        # A parameter that is given twice counts where it stands last.
        self._positions = {id(value): i for i, value in enumerate(compiled.parameters or ())}
        self._known: dict[Path, tuple[Lowered, Any, Any]] = {}
        self._is_spread = compiled.parameters is None and self._needed > 1
        self._spread: dict[tuple[int, ...], Plan | None] = {}
        self._values = _Answers(self._value)
        self._gradients = _Answers(self._value_and_gradient)
        self.__name__ = self.__qualname__ = f"{name_of(compiled.f)}.numpy"
        self.__doc__ = f"{name_of(compiled.f)} as a function of one float64 array."

    def __repr__(self) -> str:
        return f"<{self._compiled!r} of one float64 array>"

    @property
    def start(self) -> "Vector":
        """The numbers that the parameters hold now.

        Raises:
            ShapeError: The function was compiled without `parameters=`.
        """
        import numpy as np

        from slopewise.engine.value import number_of

        if self._compiled.parameters is None:
            raise ShapeError(
                f"{name_of(self._compiled.f)} was compiled without parameters, so it has no numbers to start from\n"
                "give them: sw.compile(f, parameters=model.parameters())"
            )
        return np.array([float(number_of(value)) for value in self._compiled.parameters], dtype=np.float64)

    def __call__(self, x: Any, *args: Any) -> Any:
        """Return what the function returns.

        Args:
            x: The numbers, float64, shape (n,).
            args: Further arguments of the function.
        """
        return self._values(x, *args)

    def gradient(self, x: Any, *args: Any) -> "Vector":
        """Return the gradient of the result by the array, float64, in the array's shape."""
        return self.value_and_gradient(x, *args)[1]

    def value_and_gradient(self, x: Any, *args: Any) -> "tuple[float, Vector]":
        """Return the result, one number, and its gradient by the array: what `scipy.optimize` takes with `jac=True`.

        Raises:
            ShapeError: The function does not return one number first.
        """
        found: tuple[float, Vector] = self._gradients(x, *args)
        return found

    def _value(self, caller: Caller, x: Any, args: tuple[Any, ...]) -> Any:
        outcome, x = self._run(x, args, VALUE)
        n_results = outcome.path.n_results
        self._install(caller, outcome, x, args, outcome.path.result, lambda: list(range(n_results)))
        return outcome.result()

    def _value_and_gradient(self, caller: Caller, x: Any, args: tuple[Any, ...]) -> "tuple[float, Vector]":
        import numpy as np

        parameters = self._compiled.parameters
        outcome, x = self._run(x, args, BY_ARGUMENTS if parameters is None else BY_CAPTURED)
        wrt, shares = outcome.lowered.wrt, outcome.outputs[outcome.lowered.guards[1] :]
        if parameters is None:
            # The array's numbers are the first of all arguments.
            self._install(caller, outcome, x, args, _value_and(x), lambda: _gradients_of(outcome, range(x.size)))
            if len(wrt) == x.size and (not wrt or wrt[-1] == x.size - 1):
                return outcome.outputs[0], np.array(shares).reshape(x.shape)
            gradient = np.zeros(outcome.path.trace.n_arguments)
            gradient[list(wrt)] = shares
            return outcome.outputs[0], gradient[: x.size].reshape(x.shape)
        gradient = np.zeros(len(parameters))
        from_, into = self._places_of(outcome)
        inputs = dict(zip(into.tolist(), (wrt[k] for k in from_.tolist()), strict=True))
        wanted = [inputs.get(i, -1) for i in range(len(parameters))]
        self._install(caller, outcome, x, args, _value_and(x), lambda: _gradients_of(outcome, wanted))
        gradient[into] = np.asarray(shares)[from_]
        return outcome.outputs[0], gradient

    def forget(self) -> None:
        """Look for what was traced anew at the next call."""
        self._values.uninstall()
        self._gradients.uninstall()

    def _install(
        self,
        caller: Caller,
        outcome: "Outcome",
        x: "Vector",
        args: tuple[Any, ...],
        nest: Nest,
        positions: Callable[[], Sequence[int]],
    ) -> None:
        """Let later calls of the same form go straight to the kernel."""
        plan, vector = None, None
        if outcome.plan is None or not outcome.path.is_kept:
            return
        if self._compiled.parameters is not None:  # an array in the place of captured numbers, before the arguments
            if outcome.plan.has_values:
                return
            places = outcome.path.captured
            known = self._positions
            vector = x.size, [known.get(id(p.value), -1) if p.attribute == "data" else -1 for p in places]
        elif self._is_spread and not args:  # an array in the place of as many numbers
            if x.shape not in self._spread:
                self._spread[x.shape] = plan_of(nests.flatten(((x,), {})).nest, (), array("d"))
            plan = self._spread[x.shape]
        install_shortcut(caller, outcome, plan=plan, result=(nest, positions()), writes=False, vector=vector)

    def _places_of(self, outcome: "Outcome") -> tuple[Any, Any]:
        """Return which gradients of a run are those of parameters, and of which."""
        import numpy as np

        found = self._known.get(outcome.path)
        if found is None or found[0] is not outcome.lowered:
            path, n_arguments = outcome.path, outcome.path.trace.n_arguments
            place = {id(path.captured[i - n_arguments].value): k for k, i in enumerate(outcome.lowered.wrt)}
            parameters = self._compiled.parameters or ()
            pairs = [(place[id(value)], i) for i, value in enumerate(parameters) if id(value) in place]
            from_, into = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            found = self._known[outcome.path] = outcome.lowered, from_, into
        return found[1:]

    def _run(self, x: Any, args: tuple[Any, ...], asked: str) -> "tuple[Outcome, Vector]":
        import numpy as np

        compiled = self._compiled
        if np.iscomplexobj(x):
            raise NumberError(f"{self.__name__} takes real numbers, got complex ones\ngive x.real, or both parts")
        x = np.asarray(x, dtype=np.float64)
        if compiled.parameters is not None:
            if x.shape != (len(compiled.parameters),):
                raise ShapeError(
                    f"{self.__name__} takes one number per parameter, shape ({len(compiled.parameters)},), "
                    f"got shape {x.shape}\nstart from {self.__name__}.start"
                )
            return compiled._run(args, {}, asked, instead=Substitutes(self._positions, x)), x
        if self._is_spread and not args:
            needed = self._needed
            if x.shape != (needed,):
                raise ShapeError(
                    f"{signature_of(compiled.f)} takes {needed} numbers, and {self.__name__} got an array of shape "
                    f"{x.shape}\ngive one number per argument"
                )
            return compiled._run(tuple(x.tolist()), {}, asked), x
        if not args and takes(compiled.f, 1) is False:
            raise ShapeError(
                f"{name_of(compiled.f)}() takes no argument that the array of {self.__name__} could be\n"
                "give parameters=, or let the function take what varies"
            )
        return compiled._run((x, *args), {}, asked), x


class _Answers(Caller):
    """Answers calls by what one of the methods does."""

    def __init__(self, method: Callable[[Caller, Any, tuple[Any, ...]], Any]) -> None:
        self._method = method

    def _slow(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return self._method(self, args[0], args[1:])


def _value_and(x: "Vector") -> Nest:
    """Return the nest of a number and its gradient by an array."""
    return tuple_nest([NUMBER, array_nest(x.shape)])


def _gradients_of(outcome: Outcome, inputs: Sequence[int]) -> list[int]:
    """Return which outputs the result and its gradients by some inputs are; -1 where the gradient is 0 anyway."""
    begin = outcome.lowered.guards[1]
    known = {i: begin + k for k, i in enumerate(outcome.lowered.wrt)}
    return [0, *(known.get(i, -1) for i in inputs)]


def _needed(f: Any) -> int:
    """Return how many arguments a function needs by position; 1 when Python cannot tell."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return 1
    kinds = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.kind in kinds and p.default is Parameter.empty for p in parameters)
