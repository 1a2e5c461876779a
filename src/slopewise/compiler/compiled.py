"""`sw.compile`: a Python function of numbers, traced when it is called and run by a kernel from then on."""

import sys
from collections.abc import Callable, Iterable
from typing import Any, overload

from slopewise.basics.arguments import name_of, shortened
from slopewise.compiler.calls.adding import Adding
from slopewise.compiler.calls.around_calls import check_columns
from slopewise.compiler.calls.bound import BoundCompiled
from slopewise.compiler.calls.mapping import mapped
from slopewise.compiler.calls.numpy_function import NumpyFunction
from slopewise.compiler.calls.shortcuts import install_shortcut
from slopewise.compiler.entries import VALUE
from slopewise.compiler.forms import Forms
from slopewise.compiler.looked import Looked
from slopewise.compiler.recorded import NeedsValuesError, NotKeptError
from slopewise.compiler.tiers import AUTO, FLOAT64
from slopewise.errors import NumberError
from slopewise.tracer import is_tracing

__all__ = ["Compiled", "compile", "name_in_module"]


class Compiled(Looked):
    """A compiled function; made by `sw.compile`, and by `sw.grad` and its kin.

    Called as the function is called, it gives what the function gives, with floats in the place of Values. The first
    call runs the function and records it; later ones run what was recorded. `backward` gives the same and adds into the
    gradients. `program`, `paths`, `constants` and `report()` show what was made.

    Args:
        f: The function.
        transformation: What is made of it: nothing, or a derivative.
        parameters: Values that `numpy` takes as its vector.
        exact: Whether results and gradients must be the eager engine's to the last bit.
        strict: Whether a call past the most paths is an error.
        backend: What runs the kernels: `auto`, `replay` or `llvm`.
        dtype: The numbers that kernels compute with: `float64` or `float32`.
    """

    def __init__(self, f: Callable[..., Any], **options: Any) -> None:
        super().__init__(f, **options)
        self._numpy: NumpyFunction | None = None
        self._adding = Adding(self)

    def __repr__(self) -> str:
        made = f"{self.transformation.name} of" if self.transformation is not None else "compiled"
        count = sum(len(entry.tree) for entry in self._entries.values())
        known = f"{count} path{'s' * (count != 1)}" if count else "not called yet"
        return f"<{made} {name_of(self.f)}: {known}>"

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """Return the method of an instance, when a class holds this."""
        return self if instance is None else BoundCompiled(self, instance)

    # ------------------------------------------------------------------ calling

    def _slow(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Answer a call that no shortcut can, and install one for the next calls of its kind."""
        if is_tracing():
            return self._inside(args, kwargs)
        try:
            outcome = self._run(args, kwargs, VALUE, keeps=self.transformation is None)
        except NotKeptError:
            try:
                return self._eagerly(args, kwargs)
            except NeedsValuesError:
                return self._slow(args, kwargs)
        outcome.write()
        install_shortcut(self, outcome)
        return outcome.result()

    def backward(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function, and add the gradient of its result into every Value that it depends on.

        Values are those captured from outside, such as a net's parameters, and those given as arguments. One that was
        made from others hands its share on to the graph below it. If the result is a tuple or list, its first element
        is differentiated.

        Returns:
            What a call returns.

        Raises:
            ShapeError: The function does not return one number first.

        Example:
            >>> import slopewise as sw
            >>> w = sw.Value(3.0)
            >>> k = sw.compile(lambda x: (w * x - 1) ** 2)
            >>> k.backward(2.0), w.grad
            (25.0, 20.0)
        """
        result = self._adding(*args, **kwargs)
        if self._adding.taken is not None:
            self._latest = self._adding.taken.tag
        return result

    def map(self, *columns: Iterable[Any]) -> list[Any]:
        """Call the function for each row of some columns: what `list(map(k, *columns))` gives, without Python between.

        Call i gets item i of every column; the shortest column says how many calls there are. An array gives its rows:
        a batch for each step, if its first axis goes over the steps. Values from outside that the function reads and
        assigns, the parameters of a net, stay in the kernel from one call to the next: they are read once, before the
        first call, and written once, after the last one, or when an error or Ctrl-C ends the loop in the middle. With a
        column that is no list, tuple, range or array (a generator, say) each call reads and writes for itself.

        Args:
            columns: For each argument its items, one per call.

        Returns:
            A list of what each call returns.

        Example:
            >>> import slopewise as sw
            >>> w = sw.Value(1.0)
            >>> @sw.compile
            ... def step(k, x):
            ...     error = (w * x - 6.0) ** 2
            ...     w.grad = 0.0
            ...     error.backward()
            ...     w.data -= 0.1 / (k + 1) * w.grad
            ...     return error
            >>> [round(error, 4) for error in step.map(range(4), [2.0, 1.0, 2.0, 3.0])], w.data
            ([16.0, 11.56, 0.0144, 8.2254], 2.5258)
        """
        check_columns(columns)
        return mapped(self, (), columns)

    @property
    def numpy(self) -> NumpyFunction:
        """The function as one of a float64 array, as `scipy.optimize` calls it: see `NumpyFunction`."""
        if self._numpy is None:
            self._numpy = NumpyFunction(self)
        return self._numpy

    def retrace(self) -> None:
        """Forget what was traced; the next call reads numbers of closures and globals again.

        Example:
            >>> import slopewise as sw
            >>> rate = 2.0
            >>> k = sw.compile(lambda x: rate * x)
            >>> k(1.0)
            2.0
            >>> rate = 3.0
            >>> k(1.0)
            2.0
            >>> k.retrace()
            >>> k(1.0)
            3.0
        """
        with self._lock:
            self._entries = {}
            self._known = ()
            self._same = {}
            self._latest = None
            self._forms = Forms()
            self._has_warned = self._is_only_traced = False
            if self._numpy is not None:
                self._numpy.forget()
            self._adding.uninstall()
            self.uninstall()

    # ------------------------------------------------------------------ copies

    def __copy__(self) -> "Compiled":
        return self._anew(self.f)

    def __deepcopy__(self, memo: dict[int, Any]) -> "Compiled":
        import copy

        return self._anew(copy.deepcopy(self.f, memo))

    def _anew(self, f: Callable[..., Any]) -> "Compiled":
        return _made_anew(*self._made_from(f))

    def _made_from(self, f: Callable[..., Any]) -> tuple[type, Callable[..., Any], dict[str, Any]]:
        options: dict[str, Any] = {"transformation": self.transformation, "parameters": self.parameters}
        given = {name: item for name, item in options.items() if item is not None}
        kept = {name: getattr(self, name) for name in ("exact", "strict", "backend", "dtype")}
        return type(self), f, {**given, **kept}

    def __reduce__(self) -> Any:
        return name_in_module(self, self) or (_made_anew, self._made_from(self.f))


def name_in_module(made: Any, named: Any) -> str:
    """Return the name of a function under which something else stands in its module; empty if it does not.

    What `@sw.compile` makes of a function is pickled by that name, as functions are.
    """
    name: str = getattr(named, "__qualname__", "")
    found: Any = sys.modules.get(getattr(named, "__module__", None) or "")
    for part in name.split("."):
        found = getattr(found, part, None)
    return name if found is made else ""


@overload
def compile(
    f: Callable[..., Any],
    parameters: Any = ...,
    exact: bool = ...,
    strict: bool = ...,
    backend: str = ...,
    dtype: Any = ...,
) -> Compiled: ...


@overload
def compile(
    f: None = ...,
    parameters: Any = ...,
    exact: bool = ...,
    strict: bool = ...,
    backend: str = ...,
    dtype: Any = ...,
) -> Callable[[Callable[..., Any]], Compiled]: ...


def compile(
    f: Any = None,
    parameters: Any = None,
    exact: bool = False,
    strict: bool = False,
    backend: str = AUTO,
    dtype: Any = FLOAT64,
) -> Any:
    """Compile a function of numbers: the first call records what it does, later calls only compute.

    The function is ordinary Python over numbers and Values: loops, branches, closures, nets, `backward()` inside. Its
    arguments are numbers, Values, arrays, and lists, tuples, dicts and dataclasses of them; every number arrives as a
    Value, an array as an object array of Values. The results come back in the same nest, as floats and float64 arrays.

    A leaf Value that existed before is read again at each call. A plain number from a closure or a global is frozen.
    A branch on a number makes one path for each of its outcomes; past 64 paths, calls run step by step, with a warning.

    Args:
        f: A function, a method, or a model that can be called. Without it, `compile` returns a decorator.
        parameters: Values, or a model with `parameters()`: the vector that `k.numpy` takes.
        exact: Give the eager engine's own numbers, to the last bit, in place of the last few ulp.
        strict: Raise for a path too many, in place of a warning.
        backend: `"replay"` runs what was recorded equation by equation; nothing is compiled. `"llvm"` finds the loops
            in it (`k.loops`) and makes machine code of them: some tenths of a second for the first call, and many times
            the speed where many equations do the same to other numbers. It is kept on disk for the next process. Sums
            may then go in another order: the last digits differ. `"auto"` does that from a thousand equations on, if
            there are many of each kind. With `exact=True`, and where there is no llvmlite, all is replayed.
        dtype: `"float32"` computes in 32 bits, by machine code whatever the size: about seven digits, in half the
            memory and up to twice the speed where much is computed. Numbers are given and come back as floats.

    Returns:
        A `Compiled`.

    Raises:
        DomainError: There is no such backend or dtype; or float32 is asked for with `exact=True` or of replay.
        NumberError: f cannot be called, or a parameter is no Value.

    Example:
        >>> import slopewise as sw
        >>> k = sw.compile(lambda x, y: x * y + sw.sin(x))
        >>> k(2.0, 3.0)
        6.909297426825682
        >>> print(k.program)
        program(%0 x, %1 y) {
          %2 = multiply %0 %1
          %3 = sin %0
          %4 = add %2 %3
          return %4
        }
    """
    if f is None:
        return lambda function: compile(function, parameters, exact, strict, backend, dtype)
    if not callable(f):
        raise NumberError(f"compile() needs a function, got {shortened(f)}\ngive the function itself, not its result")
    return Compiled(f, parameters=parameters, exact=exact, strict=strict, backend=backend, dtype=dtype)


def _made_anew(cls: type[Compiled], f: Callable[..., Any], options: dict[str, Any]) -> Compiled:
    return cls(f, **options)
