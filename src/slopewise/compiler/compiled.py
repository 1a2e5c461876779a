"""`sw.compile`: a Python function of numbers, traced when it is called and run by a kernel from then on."""

import inspect
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import update_wrapper
from os import PathLike
from typing import TYPE_CHECKING, Any, overload

from slopewise.basics.arguments import name_of, shortened
from slopewise.compiler import nests
from slopewise.compiler.adding import Adding
from slopewise.compiler.agreements import AgreementsOnDisk
from slopewise.compiler.around_calls import argument_names, arrived, as_parameters, frames_of_ours, numbers_set
from slopewise.compiler.bound import BoundCompiled
from slopewise.compiler.calling import Caller
from slopewise.compiler.carried import Carried, carried, refuse_carried
from slopewise.compiler.entries import IN_LANES, VALUE, WITH_GRADIENTS, Entry, Outcome, beside_arguments
from slopewise.compiler.inspection import FrozenNumber, PathView, frozen_numbers, path_views, takes_nothing
from slopewise.compiler.lowering import rolled
from slopewise.compiler.mapping import mapped
from slopewise.compiler.nests import Flat, Nest
from slopewise.compiler.numpy_function import NumpyFunction
from slopewise.compiler.paths import MOST_PATHS, Path
from slopewise.compiler.plans import Plan, plan_of
from slopewise.compiler.report import Report, report_on
from slopewise.compiler.shortcuts import install_shortcut
from slopewise.compiler.state import Place, Substitutes
from slopewise.compiler.tiers import AUTO, BACKENDS, DTYPES, FLOAT32, FLOAT64, REPLAY
from slopewise.compiler.traceable import traceable
from slopewise.compiler.transformation import Call, Transformation, inlined
from slopewise.engine import Value
from slopewise.errors import DomainError, NumberError, PathError, PathWarning
from slopewise.ir import Program
from slopewise.passes.cotangents import reverse_into
from slopewise.tracer import Trace, is_tracing, record, record_twice

if TYPE_CHECKING:
    from slopewise.ir import Loops

__all__ = ["Compiled", "check_options", "compile"]

MOST_ENTRIES = 256
MOST_KNOWN = 8  # forms of calls that are looked for by comparing, before they are looked up


class Compiled(Caller):
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

    __name__: str
    __qualname__: str
    __wrapped__: Callable[..., Any]
    __signature__: inspect.Signature | None

    def __init__(
        self,
        f: Callable[..., Any],
        *,
        transformation: Transformation | None = None,
        parameters: Iterable[Value] | None = None,
        exact: bool = False,
        strict: bool = False,
        backend: str = AUTO,
        dtype: str = FLOAT64,
    ) -> None:
        check_options(backend, dtype, bool(exact))
        self.f = traceable(f)
        self.transformation = transformation
        self.parameters = as_parameters(parameters)
        self.exact = bool(exact)
        self.strict = bool(strict)
        self.backend = backend
        self.dtype = dtype
        self._names = argument_names(f)
        self._entries: dict[Nest, Entry] = {}
        self._known: tuple[tuple[Plan, Entry], ...] = ()
        self._same: dict[int, Value] = {}
        self._lock = threading.Lock()
        self._has_warned = False
        self._numpy: NumpyFunction | None = None
        self._adding = Adding(self)
        self._latest: tuple[Entry, Path] | None = None
        update_wrapper(self, f, updated=())

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
        outcome = self._run(args, kwargs, VALUE)
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
        return mapped(self, (), columns)

    @property
    def numpy(self) -> NumpyFunction:
        """The function as one of a float64 array, as `scipy.optimize` calls it: see `NumpyFunction`."""
        if self._numpy is None:
            self._numpy = NumpyFunction(self)
        return self._numpy

    def _run(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], asked: str, instead: Substitutes | None = None
    ) -> Outcome:
        entry, flat = self.entry_of(args, kwargs)

        def trace(entry: Entry, flat: Flat) -> Path:
            return self._trace(entry, flat, instead)

        outcome = entry.run(flat, asked, self.exact, trace, instead)
        while (
            flat.values
            and (outcome.path.has_state or outcome.starts is not None)
            and self._note_aliases(outcome.path, flat)
        ):
            entry, flat = self.entry_of(args, kwargs)
            outcome = entry.run(flat, asked, self.exact, trace, instead)
        self._latest = entry, outcome.path
        return outcome

    def _inside(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call the function in the trace that is on: what it does goes onto that tape."""
        if self.transformation is not None:
            return inlined(self.f, self.transformation, args, kwargs)
        nest, leaves = nests.collect((args, kwargs))
        args, kwargs = nest.rebuild([arrived(leaf) for leaf in leaves])
        return self.f(*args, **kwargs)

    # ------------------------------------------------------------------ tracing

    def entry_of(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Entry, Flat]:
        """Return where the paths of such calls are, and the numbers of this one."""
        for known, entry in self._known:
            numbers = known.numbers(args, kwargs)
            if numbers is not None:
                return entry, Flat(entry.nest, numbers, [], known)
        filled = kwargs
        if self.transformation is not None and self.transformation.needs_preparing:
            filled = self.transformation.prepare(args, kwargs)
        flat = nests.flatten((args, filled), self._names, self._same)
        entry = self._entry_at(flat)
        plan = self._plan_of(entry, flat, tuple(kwargs), list(filled.values())[len(kwargs) :])
        if plan is not None and not plan.has_values:
            self._known = ((plan, entry), *[other for other in self._known if other[0] is not plan][: MOST_KNOWN - 1])
        return entry, flat._replace(plan=plan)

    def _plan_of(self, entry: Entry, flat: Flat, names: tuple[str, ...], defaults: list[Any]) -> Plan | None:
        """Return how the numbers of such calls are taken; defaults are those of the arguments that were left out."""
        if (flat.values and self._same) or not all(type(item) is float for item in defaults):
            return None
        rest = flat.numbers[len(flat.numbers) - len(defaults) :]
        key = (names, rest.tobytes())
        if key not in entry.plans:
            entry.plans[key] = plan_of(entry.nest, names, rest)
        return entry.plans[key]

    def _entry_at(self, flat: Flat) -> Entry:
        entry = self._entries.get(flat.nest)
        if entry is None:
            with self._lock:
                entry = self._entries.get(flat.nest)
                if entry is None:
                    entry = self._new_entry(flat.nest)
                    while len(self._entries) >= MOST_ENTRIES:
                        del self._entries[next(iter(self._entries))]
                        self._known = ()
                    self._entries[flat.nest] = entry
        return entry

    def _new_entry(self, nest: Nest) -> Entry:
        smooth = self.transformation.differentiated(nest) if self.transformation is not None else ()
        integers = tuple(i for i in nest.integers() if i not in smooth)
        return Entry(nest, integers, tuple(nests.call_names(nest, self._names)), self.backend, self.dtype)

    def _trace(self, entry: Entry, flat: Flat, instead: Substitutes | None) -> Path:
        """Record a call; keep its path, unless there are too many."""
        with entry.lock:
            is_full = entry.tree.is_full
            if is_full:
                self._complain(entry)
            recorder = record_twice if entry.tree.root is None else record
            with numbers_set(self.parameters or (), instead):
                path = self._recorded(entry, flat, recorder)
            if not is_full:
                entry.tree.insert(path)
            return path

    def _recorded(self, entry: Entry, flat: Flat, recorder: Callable[..., Trace]) -> Path:
        results: list[tuple[Nest, list[Carried]]] = []

        def call(values: list[Value]) -> list[Any]:
            args, kwargs = entry.nest.rebuild(values)
            if self.transformation is not None:
                args, kwargs = self.transformation.taken(args, kwargs)
            nest, leaves = nests.collect(self.f(*args, **kwargs), f"what {name_of(self.f)} returned")
            results.append((nest, carried(nest)))
            return leaves

        given = dict(flat.values)
        begin = time.perf_counter()
        trace = recorder(
            call,
            flat.numbers,
            integers=entry.integers,
            values=given,
            names=entry.names,
            reverse=reverse_into,
            exact=self.exact,
            smooth=self.transformation is not None,
            **({"agreements": self._agreements()} if recorder is record_twice else {"lines": True}),
        )
        seconds = time.perf_counter() - begin
        (nest, held), program = results[0], trace.program
        returned = nest
        refuse_carried(self.f, held, trace.arguments)
        if self.transformation is not None:
            program, nest = self.transformation.apply(trace, Call(entry.nest, nest))
        position = {id(value): i for i, value in enumerate(trace.arguments)}
        return Path(
            trace=trace,
            program=program,
            result=nest,
            outcomes=[float(guard.expected) for guard in trace.guards],
            captured=tuple(_place(captured, position) for captured in trace.captured),
            writes=tuple(_place(write, position) for write in trace.writes),
            seconds=seconds,
            returned=returned,
        )

    def _agreements(self) -> AgreementsOnDisk | None:
        """Return what is known of recordings of the function, if it can become machine code."""
        return None if self.exact or self.backend == REPLAY else AgreementsOnDisk(self.f)

    def _note_aliases(self, path: Path, flat: Flat) -> bool:
        """Note the Values that are an argument and something else too; tell whether there are any.

        A function that reads gradients or writes must get such a Value as itself, not as another of the same number.
        """
        outside = {id(place.value) for place in (*path.captured, *path.writes) if place.value is not None}
        found = False
        for _, value in flat.values:
            if id(value) in outside:
                self._same[id(value)] = value
                self.uninstall()  # what took it as any Value
                found = True
            outside.add(id(value))
        return found

    def _complain(self, entry: Entry) -> None:
        """Say once that there are too many paths, and at which line most of them part."""
        source = entry.tree.crossroads()
        where = f"most of them part at {source}" if source is not None else "they part at more than one line"
        what = f"{name_of(self.f)} has taken {MOST_PATHS} different paths, and this call takes another"
        cure = "choose between numbers with sw.where(condition, x, y) instead of if, or leave this function uncompiled"
        if self.strict:
            raise PathError(f"{what}\n{where}\n{cure}")
        if not self._has_warned:
            self._has_warned = True
            warnings.warn(
                f"{what}: from now on, calls that take a path of their own are run step by step, right but slowly\n"
                f"{where}\n{cure}",
                PathWarning,
                stacklevel=frames_of_ours(),
            )

    def path_of(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Path | None:
        """Return the path that a call takes, traced when it is new; None when it is one path too many to be kept."""
        outcome = self._run(args, kwargs, VALUE)
        return outcome.path if outcome.path.is_kept else None

    @property
    def known_entries(self) -> dict[Nest, Entry]:
        """What was traced; another dict after `retrace()`."""
        return self._entries

    def path_of_row(self, entry: Entry, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Path:
        """Trace a call of an entry, without running it; its path is not kept when it is one too many."""
        _, flat = self.entry_of(args, kwargs)
        return self._trace(entry, flat, None)

    def note_path(self, entry: Entry, path: Path) -> None:
        """Take note that rows took a path: it is the latest."""
        self._latest = entry, path
        entry.tree.latest = path

    def run_rows(self, path: Path, columns: Sequence[Any], length: int) -> Any:
        """Run a path for many rows.

        Args:
            path: The path.
            columns: For each number in the arguments one number, or a float64 array of one for each row.
            length: How many rows there are.

        Returns:
            A float64 array, shape (outputs, rows): results, written state, guards.
        """
        lowered = path.kernels.make(IN_LANES, path, exact=self.exact, backend=REPLAY)
        return lowered.kernel.run_batch([*columns, *beside_arguments(path, lowered, {})], length)

    # ------------------------------------------------------------------ looking

    @property
    def program(self) -> Program:
        """What the latest call ran: from its numbers to its results, then the state it writes, then its guards.

        Raises:
            PathError: There was no call yet.
        """
        entry, path = self._last()
        return entry.lowered(path, VALUE, self.exact).program

    @property
    def loops(self) -> "Loops":
        """What the latest call ran as nests of loops over arrays, with the gradients if they were asked for.

        Printed, they show what the scalar code amounts to: a layer, a softmax, a product with a transposed matrix. How
        many nests there are does not depend on how many samples, units or steps the code runs over.

        Raises:
            PathError: There was no call yet.

        Example:
            >>> import slopewise as sw
            >>> w = [[sw.Value(0.1 * (3 * j + i)) for i in range(3)] for j in range(4)]
            >>> k = sw.compile(lambda x: [sum(w * x for w, x in zip(row, x)).tanh() for row in w])
            >>> h = k([1.0, 2.0, 3.0])
            >>> print(k.loops)
            loops(captured[4, 3], x[3]) {
              names "x[0]", "x[1]", "x[2]", "captured0", "captured1", "captured2", "captured3", "captured4",
                  ... 7 more
              inputs captured = 3 .. 15
              inputs x = 0 .. 3
              local tanh[4]
              for i in 4 { tanh[i] = tanh(sum(j in 3: captured[i, j] * x[j])) }
              return tanh[0 .. 4]
            }
        """
        entry, path = self._last()
        made = dict(path.kernels.made())
        lowered = made.get(WITH_GRADIENTS) or entry.lowered(path, VALUE, self.exact)
        return rolled(path, lowered, self.exact)

    @property
    def paths(self) -> tuple[PathView, ...]:
        """The paths that were seen, with the lines and outcomes of their guards."""
        return path_views(self._entries.values())

    @property
    def constants(self) -> tuple[FrozenNumber, ...]:
        """The numbers that the latest path took from outside, frozen, each with the line that brought it in."""
        return frozen_numbers(self._last()[1])

    def report(self) -> Report:
        """Tell what the latest call ran, and how it was made: see `Report`.

        Raises:
            PathError: There was no call yet.
        """
        entry, path = self._last()
        return report_on(name_of(self.f), entry, path, self.exact)

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
            self._has_warned = False
            if self._numpy is not None:
                self._numpy.forget()
            self._adding.uninstall()
            self.uninstall()

    def export(self, file: "str | PathLike[str]") -> None:
        """Write the latest path as a C file that needs nothing but the C library: the value, and its gradient.

        The functions are called like the file. They take the numbers of the arguments, and behind them those of
        `parameters=`; the gradient is by all of these but ints. What else is captured is built in as it is now; so are
        ints that decided how often a loop ran.

        Args:
            file: Where to write, such as `model.c`.

        Raises:
            PathError: The function has branches on numbers, or there was no call yet.
            TraceError: The function writes state.

        Example:
            >>> import pathlib, tempfile
            >>> import slopewise as sw
            >>> k = sw.compile(lambda x, y: x * y)
            >>> k(2.0, 3.0)
            6.0
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     file = pathlib.Path(folder) / "model.c"
            ...     k.export(file)
            ...     text = file.read_text(encoding="utf-8")
            >>> "double model(const double *x)" in text, "model_with_gradient(const double *x" in text
            (True, True)
        """
        from slopewise.compiler.exporting import export

        entry, path = self._last()
        export(name_of(self.f), entry, path, self.parameters, self.exact, file)

    def _last(self) -> tuple[Entry, Path]:
        if self.taken is not None:
            entry, path = self.taken.tag
            return entry, path
        if self._latest is None and not self._entries and takes_nothing(self.f):
            self._run((), {}, VALUE)
        if self._latest is None:
            raise PathError(
                f"{name_of(self.f)} was not called yet, so nothing is traced\n"
                f"call it once with arguments of the form that you mean"
            )
        return self._latest

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
        module = sys.modules.get(getattr(self, "__module__", None) or "")
        name = getattr(self, "__qualname__", "")
        found: Any = module
        for part in name.split("."):
            found = getattr(found, part, None)
        if found is self:  # `@sw.compile` at the top of a module: pickled by its name, as functions are
            return name
        return _made_anew, self._made_from(self.f)


@overload
def compile(
    f: Callable[..., Any],
    parameters: Any = ...,
    exact: bool = ...,
    strict: bool = ...,
    backend: str = ...,
    dtype: str = ...,
) -> Compiled: ...


@overload
def compile(
    f: None = ...,
    parameters: Any = ...,
    exact: bool = ...,
    strict: bool = ...,
    backend: str = ...,
    dtype: str = ...,
) -> Callable[[Callable[..., Any]], Compiled]: ...


def compile(
    f: Any = None,
    parameters: Any = None,
    exact: bool = False,
    strict: bool = False,
    backend: str = AUTO,
    dtype: str = FLOAT64,
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


def check_options(backend: str, dtype: str, exact: bool) -> None:
    """Raise unless a backend and a dtype are known, and go together.

    Raises:
        DomainError: They are not.
    """
    if backend not in BACKENDS:
        raise DomainError(f"there is no backend {shortened(backend)}\nchoose {', '.join(map(repr, BACKENDS))}")
    if dtype not in DTYPES:
        raise DomainError(f"there is no dtype {shortened(dtype)}\nchoose {', '.join(map(repr, DTYPES))}")
    if dtype == FLOAT32 and (exact or backend == REPLAY):
        asked = "exact=True gives the eager engine's 64 bits" if exact else "backend='replay' computes in 64 bits"
        raise DomainError(f"dtype='float32' is for machine code, and {asked}\nleave one of the two out")


def _made_anew(cls: type[Compiled], f: Callable[..., Any], options: dict[str, Any]) -> Compiled:
    return cls(f, **options)


def _place(item: Any, position: dict[int, int]) -> Place:
    argument = position.get(id(item.value), -1)
    return Place(None if argument >= 0 else item.value, item.attribute, argument)
