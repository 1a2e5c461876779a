"""The calls of one form: traced when they meet a new path, run by a kernel otherwise."""

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from slopewise.backends.replay import Kernel
from slopewise.compiler import state
from slopewise.compiler.calls.plans import Plan
from slopewise.compiler.lowering import Lowered
from slopewise.compiler.nests import Flat, Nest
from slopewise.compiler.paths import FEW_PATHS, MANY_PATHS, Path, PathTree
from slopewise.compiler.tiers import AUTO, FLOAT64
from slopewise.compiler.transformations.transformation import described
from slopewise.engine import Value
from slopewise.engine.sweep import counting
from slopewise.errors import ShapeError
from slopewise.tracer.turns import Turn

__all__ = [
    "BY_ARGUMENTS",
    "BY_CAPTURED",
    "IN_LANES",
    "VALUE",
    "WITH_GRADIENTS",
    "Entry",
    "Indices",
    "Outcome",
    "begins_with_number",
    "beside_arguments",
    "refuse_unless_number",
]

# What a run is asked for: results; also gradients, to be added to the Values that were given and captured; gradients by
# what is captured, for themselves; gradients by the floats of the arguments, for themselves; results of many rows.
VALUE, WITH_GRADIENTS, BY_CAPTURED, BY_ARGUMENTS = "value", "gradients", "by captured", "by arguments"
IN_LANES = "in lanes"


MANY = 32


@dataclass(frozen=True, slots=True)
class Outcome:
    """A valid run.

    Attributes:
        entry: The calls of its form.
        path: The path that it took.
        lowered: What ran it.
        outputs: Results, written state, guards, gradients.
        given: The arguments that were given as Values, by position.
        starts: What the gradients started from; None when they are to be added.
        plan: How the numbers of further calls of this form are taken, where that is known.
    """

    entry: "Entry"
    path: Path
    lowered: Lowered
    outputs: "list[float] | array[float]"
    given: dict[int, Value]
    starts: "array[float] | None"
    plan: Plan | None

    def result(self) -> object:
        """Return the results in their nest."""
        n_results = self.lowered.n_results
        return self.path.result.rebuild(self.outputs if n_results == len(self.outputs) else self.outputs[:n_results])

    def write(self) -> None:
        """Write the state that the function writes."""
        if self.path.writes:
            begin, end = self.lowered.n_results, self.lowered.guards[0]
            self.path.writer.write(self.outputs[begin:end], self.given)

    def write_with_gradients(self) -> bool:
        """Write the state, then add its gradient to every Value that was given or captured.

        Returns:
            False when nothing was written: the sums began with the gradients at the beginning of the run, and another
            thread has changed those since.
        """
        path, lowered = self.path, self.lowered
        gradients = self.outputs[lowered.guards[1] :]
        if not isinstance(gradients, array):
            gradients = array("d", gradients)
        targets = path.targets(lowered, self.given)
        with counting:  # one backward pass at a time, as in the engine
            if self.starts is None:
                self.write()
                root = path.program.outputs[0]
                state.add_gradients(targets, gradients, lowered.wrt.index(root) if root in lowered.wrt else -1)
                return True
            if starts_of(path, lowered, self.given).tobytes() != self.starts.tobytes():
                return False
            self.write()
            state.set_gradients(targets, gradients)
            return True


class Indices(Enum):
    """What an int that is used as an index is, for the calls of an entry."""

    ANSWERS = "each number takes its own path"
    CHOICES = "the Program chooses"
    ONLY_ANSWERS = "choices were tried, and there is nothing to choose"
    PATHS_ALONE = "choices were tried, and are not to be had: of too much, or it matters what was chosen"


@dataclass(eq=False, slots=True, repr=False)
class Entry:
    """The paths of the calls of one nest, and the lock under which they are traced.

    Attributes:
        nest: The nest of `(args, kwargs)`.
        integers: The positions of the numbers that were given as ints.
        truths: The positions of the numbers that were given as bools, in arrays.
        names: What the numbers are called.
        backend: What runs the kernels: `auto`, `replay` or `llvm`.
        dtype: The numbers that they compute with: `float64` or `float32`.
        tree: The paths.
        indices: What an int that is used as an index is.
        plans: How the numbers of such calls are taken, by the names that are given and the numbers that are filled in.
        lock: Held while tracing; runs need no lock.
    """

    nest: Nest
    integers: tuple[int, ...]
    truths: tuple[int, ...]
    names: tuple[str, ...]
    backend: str = AUTO
    dtype: str = FLOAT64
    tree: PathTree = field(default_factory=PathTree)
    indices: Indices = Indices.ANSWERS
    plans: dict[tuple[tuple[str, ...], bytes], Plan | None] = field(default_factory=dict)
    lock: Turn = field(default_factory=Turn)

    def hardly_returns(self) -> bool:
        """Tell whether there are so many paths, and so few calls that take a known one, that a trace is wasted."""
        return self.tree.is_seldom_taken(FEW_PATHS if self.indices is Indices.PATHS_ALONE else MANY_PATHS)

    def run(
        self,
        flat: Flat,
        asked: str,
        exact: bool,
        trace: "Callable[[Entry, Flat], Path]",
        instead: state.Substitutes | None = None,
    ) -> Outcome:
        """Run a call.

        A run whose guard came out otherwise goes on with the path of that outcome; when there is none, the call is
        traced. What was traced with these very numbers is valid by definition, so this ends.

        Args:
            flat: The arguments.
            asked: `VALUE`, `WITH_GRADIENTS`, `BY_CAPTURED` or `BY_ARGUMENTS`.
            exact: Whether every bit must be the eager sweep's.
            trace: Makes a new path of a call.
            instead: Numbers that stand for those of captured Values.
        """
        given = dict(flat.values)
        path = self.tree.latest
        is_new = path is None
        if path is None:
            path = trace(self, flat)
        last_failed = -1
        while True:
            lowered = self.lowered(path, asked, exact)
            failed = -1 if is_new else lowered.failing_integer(path.outcomes, flat.numbers)
            if failed >= 0:
                outcome = flat.numbers[lowered.integers[failed]]
            else:
                inputs = inputs_of(path, lowered, flat.numbers, given, instead)
                starts = starts_of(path, lowered, given) if lowered.accumulates else None
                outputs = _run(lowered.kernel, inputs if starts is None else inputs + starts)
                begin, end = lowered.guards
                failed = path.failing_guard(list(outputs[begin:end])) if begin < end and not is_new else -1
                if failed < 0:
                    break
                outcome = outputs[begin + failed]
            following = path.next(failed, outcome) if failed > last_failed else None
            if following is None:
                with self.lock:  # another thread may have traced it in the meantime
                    following = path.next(failed, outcome) if failed > last_failed else None
                    if following is None:
                        following, is_new = trace(self, flat), True
            path, last_failed = following, failed
        self.tree.latest = path if path.is_kept else self.tree.latest
        path.calls += 1
        return Outcome(self, path, lowered, outputs, given, starts, flat.plan)

    def lowered(self, path: Path, asked: str, exact: bool) -> Lowered:
        """Return what runs a path, made when it is asked for first."""
        made = path.kernels.get(asked)
        if made is None:
            made = path.kernels.make(
                asked,
                path,
                lambda: () if asked == VALUE else self.wrt(path, asked),
                exact=exact,
                accumulates=exact and asked == WITH_GRADIENTS,
                backend=self.backend,
                dtype=self.dtype,
            )
        return made

    def wrt(self, path: Path, asked: str) -> tuple[int, ...]:
        """List the inputs of a path by which the result is differentiated.

        Raises:
            ShapeError: The function does not return one number first.
        """
        refuse_unless_number(path.result)
        forms = self.nest.forms()
        if asked == BY_ARGUMENTS:
            return tuple(i for i, form in enumerate(forms) if form in ("value", "float"))
        given = [i for i, form in enumerate(forms) if form == "value" and asked == WITH_GRADIENTS]
        captured = [
            i
            for i, place in enumerate(path.captured, path.trace.n_arguments)
            if place.attribute == "data" and place.value is not None
        ]
        return (*given, *captured)


def inputs_of(
    path: Path,
    lowered: Lowered,
    numbers: "array[float]",
    given: dict[int, Value],
    instead: state.Substitutes | None = None,
) -> "array[float]":
    """Return all that a kernel takes: the arguments' numbers, what is captured, constants that differ between paths."""
    if not path.captured and not lowered.lifted:
        return numbers
    return numbers + beside_arguments(path, lowered, given, instead)


def beside_arguments(
    path: Path, lowered: Lowered, given: dict[int, Value], instead: state.Substitutes | None = None
) -> "array[float]":
    """Return what a kernel takes beside the arguments' numbers."""
    numbers = path.reader.read(given, instead)
    pool = path.program.pool
    numbers.extend([pool[place] for place in lowered.lifted])
    return numbers


def _run(kernel: Kernel, inputs: "array[float]") -> "list[float] | array[float]":
    """Run a kernel: few numbers come as a list, many as an array."""
    if kernel.n_outputs < MANY:
        return kernel.run(inputs)
    outputs = array("d", bytes(8 * kernel.n_outputs))
    kernel.run_array(inputs, outputs)
    return outputs


def target_of(path: Path, i: int, given: dict[int, Value]) -> Value | None:
    """Return the Value that an input's number is of, None for a plain number."""
    n_arguments = path.trace.n_arguments
    return given.get(i) if i < n_arguments else path.captured[i - n_arguments].value


def starts_of(path: Path, lowered: Lowered, given: dict[int, Value]) -> "array[float]":
    """Return what each gradient starts from: what a leaf holds, 0 for a Value that was made from others."""
    return array("d", state.gradients_before([target_of(path, i, given) for i in lowered.starts]))


def refuse_unless_number(nest: Nest) -> None:
    """Raise unless a result is something of which there is one gradient.

    Raises:
        ShapeError: It does not begin with one number.
    """
    if not begins_with_number(nest):
        raise ShapeError(
            f"the gradient of one number is asked for, and the function returned {described(nest)}\n"
            "return one number, or a tuple that begins with it"
        )


def begins_with_number(nest: Nest) -> bool:
    """Tell whether a result is one number, or a tuple or list that begins with one."""
    if nest.kind in ("list", "tuple") and nest.parts:
        nest = nest.parts[0]
    if nest.kind == "array":
        return nest.shape == ()
    return nest.kind in ("number", "row") and nest.n_leaves > 0
