"""`Recorded`: a function of numbers, what was recorded of it, and the run of a call."""

import inspect
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import update_wrapper
from typing import Any

from slopewise.basics.arguments import name_of, shortened
from slopewise.compiler import nests
from slopewise.compiler.agreements import AgreementsOnDisk
from slopewise.compiler.calls.around_calls import argument_names, arrived, as_parameters, numbers_set
from slopewise.compiler.calls.calling import Caller
from slopewise.compiler.calls.plans import Plan, plan_of
from slopewise.compiler.carried import Carried, carried, refuse_carried
from slopewise.compiler.entries import (
    IN_LANES,
    Entry,
    Indices,
    Outcome,
    beside_arguments,
    refuse_unless_number,
)
from slopewise.compiler.forms import Forms, difference
from slopewise.compiler.nests import Flat, Nest
from slopewise.compiler.paths import MOST_PATHS, Path, PathTree
from slopewise.compiler.state import Place, Substitutes
from slopewise.compiler.tiers import AUTO, BACKENDS, DTYPES, FLOAT32, FLOAT64, REPLAY
from slopewise.compiler.traceable import traceable
from slopewise.compiler.transformations.transformation import Call, Transformation, inlined
from slopewise.engine import Value, modes
from slopewise.engine.modes import frames_of_ours
from slopewise.engine.value import number_of
from slopewise.errors import DomainError, PathError, PathWarning, TraceError
from slopewise.passes.cotangents import reverse_into
from slopewise.tracer import CAN_CHOOSE, ChoiceRefusedError, Trace, record, record_once, record_twice

__all__ = ["NeedsValuesError", "NotKeptError", "Recorded", "check_options"]

MOST_ENTRIES = 256
MOST_KNOWN = 8  # forms of calls that are looked for by comparing, before they are looked up


MASK_ERRORS = (IndexError, TypeError, TraceError)  # what comes of an array of numbers where one of bools is wanted


class NotKeptError(Exception):
    """A call takes a path that is one too many; nobody outside sees this."""


class NeedsValuesError(Exception):
    """A function cannot run on the plain numbers of a call; nobody outside sees this."""


class Recorded(Caller):
    """A function whose calls are recorded when they take a new path, and run by kernels otherwise.

    Args:
        f: The function.
        transformation: What is made of it: nothing, or a derivative.
        parameters: Values that stand for its vector.
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
        dtype: Any = FLOAT64,
    ) -> None:
        dtype = check_options(backend, dtype, bool(exact))
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
        self._forms = Forms()
        self._has_warned = False
        self.takes_truths = True  # arrays of bools hold numbers, until the function needs them to be arrays of bools
        self._is_only_traced = False  # also past the most paths: the function asks its floats for what Values have
        self._known_assigned: tuple[int, list[Value]] = (-1, [])
        self._latest: tuple[Entry, Path] | None = None
        update_wrapper(self, f, updated=())

    # ------------------------------------------------------------------ a call

    def _run(
        self,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        asked: str,
        instead: Substitutes | None = None,
        *,
        keeps: bool = False,
    ) -> Outcome:
        """Run a call; a path of its own is traced.

        Raises:
            NotKeptError: `keeps` is asked for, and the path would be one too many.
        """
        entry, flat = self.entry_of(args, kwargs, keeps=keeps and not self._is_only_traced)

        def trace(entry: Entry, flat: Flat) -> Path:
            return self._trace(entry, flat, instead, keeps)

        try:
            outcome = entry.run(flat, asked, self.exact, trace, instead)
        except MASK_ERRORS:
            if not entry.truths or not self.give_up_truths():
                raise
            return self._run(args, kwargs, asked, instead, keeps=keeps)
        while (
            flat.values
            and (outcome.path.has_state or outcome.starts is not None)
            and self._note_aliases(outcome.path, flat)
        ):
            entry, flat = self.entry_of(args, kwargs)
            outcome = entry.run(flat, asked, self.exact, trace, instead)
        self._latest = entry, outcome.path
        return outcome

    def give_up_truths(self) -> bool:
        """Hand arrays of bools on as they are from now on, if there were some; tell whether that is news.

        `x[mask]` wants an array of bools, not of numbers; then each mask is a form of its own.
        """
        if not self.takes_truths or not any(entry.truths for entry in self._entries.values()):
            return False
        self.takes_truths = False
        self._known = ()
        self.uninstall()
        return True

    def _inside(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call the function in the trace that is on: what it does goes onto that tape."""
        if self.transformation is not None:
            return inlined(self.f, self.transformation, args, kwargs)
        nest, leaves = nests.collect((args, kwargs))
        args, kwargs = nest.rebuild([arrived(leaf) for leaf in leaves])
        return self.f(*args, **kwargs)

    def _eagerly(self, args: tuple[Any, ...], kwargs: dict[str, Any], *, backward: bool = False) -> Any:
        """Call the function as it stands, and its result's `backward()` too; give what a call gives.

        As when it is recorded, what it has assigned is undone where it raises, as far as it is known to be assigned.

        Raises:
            NeedsValuesError: It asks its arguments, which are plain numbers here, for what Values have.
        """
        before = self._assigned()
        try:
            with modes.none():
                nest, leaves = nests.collect(self.f(*args, **kwargs), f"what {name_of(self.f)} returned")
        except BaseException as error:
            for value, number, gradient in before:
                value.data, value.grad = number, gradient
            if not isinstance(error, (AttributeError, TypeError)):
                raise
            self._is_only_traced = True
            raise NeedsValuesError from None
        if backward:
            refuse_unless_number(nest)
            if isinstance(leaves[0], Value):
                leaves[0].backward()
        return nest.rebuild([float(number_of(leaf) if isinstance(leaf, Value) else leaf) for leaf in leaves])

    def _assigned(self) -> list[tuple[Value, Any, Any]]:
        """Return the Values that the function is known to assign, with their numbers and gradients."""
        trees = [entry.tree for entry in self._entries.values()]
        count = sum(tree.n_inserted for tree in trees)
        if self._known_assigned[0] != count:
            places = [place for tree in trees for path in tree for place in path.writes]
            values = {id(place.value): place.value for place in places if place.value is not None}
            self._known_assigned = count, list(values.values())
        return [(value, value.data, value.grad) for value in self._known_assigned[1]]

    # ------------------------------------------------------------------ tracing

    def entry_of(self, args: tuple[Any, ...], kwargs: dict[str, Any], *, keeps: bool = False) -> tuple[Entry, Flat]:
        """Return where the paths of such calls are, and the numbers of this one.

        Raises:
            NotKeptError: `keeps` is asked for, and such calls hardly come back.
        """
        for known, entry in self._known:
            numbers = known.numbers(args, kwargs)
            if numbers is not None:
                return entry, Flat(entry.nest, numbers, [], known)
        filled = kwargs
        if self.transformation is not None and self.transformation.needs_preparing:
            filled = self.transformation.prepare(args, kwargs)
        flat = nests.flatten((args, filled), self._names, self._same, truths=self.takes_truths)
        entry = self._entry_at(flat, keeps=keeps)
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

    def _entry_at(self, flat: Flat, *, keeps: bool) -> Entry:
        entry = self._entries.get(flat.nest)
        if entry is None:
            with self._lock:
                count = len(self._entries)
                is_asked = (keeps and not self.strict) or (
                    self.transformation is not None and not (keeps or self._has_warned)
                )
                if is_asked and self._forms.is_in_vain(flat.nest, self._entries.values(), count):
                    self._complain_of_forms(flat.nest, is_left_out=keeps)
                    if keeps:
                        raise NotKeptError
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
        return Entry(
            nest, integers, nest.truths(), tuple(nests.call_names(nest, self._names)), self.backend, self.dtype
        )

    def _trace(self, entry: Entry, flat: Flat, instead: Substitutes | None, keeps: bool = False) -> Path:
        """Record a call; keep its path, unless there are too many."""
        with entry.lock:
            indices = entry.indices
            chosen = self._traced_with_choices(entry, flat, instead)
            if chosen is not None:
                return chosen
            keeps = keeps and not self._is_only_traced
            is_full = entry.tree.is_full or (keeps and entry.hardly_returns())
            if is_full:
                self._complain(entry)
                if keeps:
                    raise NotKeptError
            recorder = record_twice if entry.tree.root is None else record_once
            try:
                with numbers_set(self.parameters or (), instead):
                    path = self._recorded(entry, flat, recorder)
            except Exception:
                entry.indices = indices  # the call failed by itself: that says nothing of choices
                raise
            if not is_full:
                entry.tree.insert(path)
            return path

    def _traced_with_choices(self, entry: Entry, flat: Flat, instead: Substitutes | None) -> Path | None:
        """Record a call with its indices as choices, if paths by index do not come back; None if it has no choices."""
        if entry.tree.is_full or self.exact or not CAN_CHOOSE:
            return None
        begins = entry.indices is Indices.ANSWERS
        if entry.indices is not Indices.CHOICES and not (begins and entry.tree.seldom_returns()):
            return None
        try:
            with numbers_set(self.parameters or (), instead):
                path = self._recorded(entry, flat, record, choices=True)
        except ChoiceRefusedError:
            entry.indices = Indices.PATHS_ALONE
            return None
        except Exception:  # the function's own, perhaps: it is run again, and raises then
            entry.indices = Indices.ONLY_ANSWERS
            return None
        if begins:
            if path.trace.n_too_large or not path.trace.n_choices:
                entry.indices = Indices.PATHS_ALONE if path.trace.n_too_large else Indices.ONLY_ANSWERS
                return None
            entry.indices = Indices.CHOICES
            entry.tree = PathTree()
            self.uninstall()
        entry.tree.insert(path)
        return path

    def _recorded(self, entry: Entry, flat: Flat, recorder: Callable[..., Trace], choices: bool = False) -> Path:
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
            truths=entry.truths,
            values=given,
            names=entry.names,
            reverse=reverse_into,
            exact=self.exact,
            smooth=self.transformation is not None,
            choices=choices,
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
        if self._has_warned and not self.strict:
            return
        source = entry.tree.crossroads()
        where = f"most of them part at {source}" if source is not None else "they part at more than one line"
        taken = f"{MOST_PATHS} different paths"
        if not entry.tree.is_full:
            taken = f"{len(entry.tree)} different paths in nearly as many calls"
        what = f"{name_of(self.f)} has taken {taken}, and this call takes another"
        cure = "choose between numbers with sw.where(condition, x, y) instead of if, or leave this function uncompiled"
        if entry.tree.parts_by_index():
            cure = "give what the index chooses, table[i], in place of i; or leave this function uncompiled"
        if self.strict:
            raise PathError(f"{what}\n{where}\n{cure}")
        self._has_warned = True
        warnings.warn(
            f"{what}: from now on, calls that take a path of their own are run step by step, right but slowly\n"
            f"{where}\n{cure}",
            PathWarning,
            stacklevel=frames_of_ours(),
        )

    def _complain_of_forms(self, nest: Nest, *, is_left_out: bool) -> None:
        """Say once that arguments have ever new forms, and what is new.

        Args:
            nest: The form of this call.
            is_left_out: Whether calls of new forms are not recorded from now on; those of a derivative have to be.
        """
        if self._has_warned:
            return
        self._has_warned = True
        what = "another: each new form is traced and differentiated anew, right but slowly"
        cure = "give numbers, or arrays of one shape, in place of texts, of keys and of lists of any length"
        if is_left_out:
            what = (
                "another: from now on, calls of a form that comes for the first time are run step by step, right but "
                "slowly"
            )
            cure += "; or leave this function uncompiled"
        warnings.warn(
            f"{name_of(self.f)} has got arguments of {len(self._entries)} forms in nearly as many calls, and this call "
            f"has {what}\n{difference(nest, next(reversed(self._entries)), self._names)}\n{cure}",
            PathWarning,
            stacklevel=frames_of_ours(),
        )

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


def check_options(backend: str, dtype: Any, exact: bool) -> str:
    """Raise unless a backend and a dtype are known, and go together.

    Returns:
        The name of the dtype, which may be given as numpy has it: `np.float32`, `"f4"`.

    Raises:
        DomainError: They are not.
    """
    if backend not in BACKENDS:
        raise DomainError(f"there is no backend {shortened(backend)}\nchoose {', '.join(map(repr, BACKENDS))}")
    name = dtype if isinstance(dtype, str) and dtype in DTYPES else _name_of_numpys(dtype)
    if name not in DTYPES:
        raise DomainError(f"there is no dtype {shortened(dtype)}\nchoose {', '.join(map(repr, DTYPES))}")
    if name == FLOAT32 and (exact or backend == REPLAY):
        asked = "exact=True gives the eager engine's 64 bits" if exact else "backend='replay' computes in 64 bits"
        raise DomainError(f"dtype='float32' is for machine code, and {asked}\nleave one of the two out")
    return name


def _name_of_numpys(dtype: Any) -> str:
    """Return the name of a dtype of numpy's; empty for what is none."""
    import numpy as np

    try:
        return "" if dtype is None else str(np.dtype(dtype).name)
    except TypeError:
        return ""


def _place(item: Any, position: dict[int, int]) -> Place:
    argument = position.get(id(item.value), -1)
    return Place(None if argument >= 0 else item.value, item.attribute, argument)
