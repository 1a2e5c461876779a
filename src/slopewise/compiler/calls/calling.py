"""`Caller`: calls of a compiled function that go straight to its kernel.

What a call costs a compiled function is mostly finding out which kernel it means: flattening the arguments, looking up
their form, building the result. Where their form is known, all of that can be settled beforehand: a plan takes the
numbers, a recipe builds the result. This is ordinary Python that Cython compiles with the types in `calling.pxd`.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False)

from array import array
from math import copysign

from slopewise.compiler.calls.taking import stretches_of
from slopewise.errors import InternalError

if not cython.compiled:
    from slopewise.backends.runs import (
        bytes_of,
        doubles_of,
        execute,
        execute_code,
        give_registers_back,
        ints_of,
        take_registers,
    )
    from slopewise.compiler.calls.exchange import read_numbers, write_numbers
    from slopewise.compiler.calls.plans import take_call
    from slopewise.compiler.calls.recipes import build, recipe_of, whole_block
    from slopewise.compiler.calls.taking import (
        copy_stretches,
        data_of,
        is_vector_of,
        item_at,
        items_behind,
        items_of,
        new_empty,
        numbers_at,
        numbers_of,
    )
    from slopewise.engine import value as engine_value

    # The fields of a compiled Value are out of reach for interpreted text: then no shortcut is taken.
    OUT_OF_REACH = engine_value.NATIVE

    def is_watched():
        """Tell whether a function is being traced, a mode is open, or somebody watches what is read or written."""
        return (
            OUT_OF_REACH
            or engine_value.watching != 0
            or engine_value.recorder is not None
            or engine_value.journal is not None
            or engine_value.on_read is not None
        )

    def open_door(caller, base):
        """Let Python hand the arguments of a call over without a tuple of them: only where this is compiled."""

    # The numbers in this block stand in calling.pxd, or in exchange's, too, as constants of C.
    DATA = 1
    GRAD = 2

MOST_SHORTCUTS = 128  # of one function: its paths, and the forms of its arguments
MOST_RUNS = 64  # how many kernels may run in vain

MISS = object()  # no result: the call is of another form
VAIN = object()  # no result: a guard came out otherwise


class Caller:
    """Something to call, which answers calls of known forms from kernels, and all others by `_slow`.

    A subclass defines `_slow(args, kwargs)`, and *installs* a shortcut whenever it knows that later calls of that form
    mean a kernel. From then on `__call__` takes the shortcut if all of this holds; otherwise it calls `_slow`, which
    may install another:

    - the arguments are of the form of its plan: as many, by the same names, of the same types, lengths, shapes, keys;
    - no function is being traced, no mode such as `anomalies()` is open, nobody watches what is read or written;
    - the Values that it reads hold floats or ints;
    - every guard comes out as expected. A function with several paths has several shortcuts; they are tried in turn,
      the one that answered last first. A shortcut that knows which one follows when a guard comes out otherwise leads
      to that one.

    Threads may call at the same time, and a call may lead to another one: each has registers of its own. Installing and
    uninstalling do not touch calls that are under way.

    Example:
        >>> from array import array
        >>> from slopewise import ir
        >>> from slopewise.backends.replay import Kernel
        >>> from slopewise.compiler.calls.calling import Caller
        >>> from slopewise.compiler.nests import flatten
        >>> from slopewise.compiler.calls.plans import plan_of
        >>> class Squaring(Caller):
        ...     def _slow(self, args, kwargs):
        ...         return "slow"
        >>> k = Squaring()
        >>> k(3.0)
        'slow'
        >>> kernel = Kernel(ir.parse("program(%0 x) { %1 = square %0; %2 = add %0 %0; return %1 %2 }"))
        >>> plan = plan_of(flatten(((3.0,), {})).nest, (), array("d"))
        >>> shortcut = k.install(kernel, plan, flatten((9.0, [6.0])).nest)
        >>> k(3.0), k(3), k(x=3.0), shortcut.calls
        ((9.0, [6.0]), 'slow', 'slow', 1)
        >>> k.uninstall()
        >>> k(3.0)
        'slow'
    """

    def __call__(self, *args, **kwargs):
        return answer(self, args, kwargs)

    def _slow(self, args, kwargs):
        """Answer a call that no shortcut can: a subclass does this."""
        raise NotImplementedError

    def install(
        self,
        kernel,
        plan,
        result,
        positions=None,
        captured=(),
        guards=(),
        writes=(),
        checked=(),
        after=None,
        vector=None,
        following=None,
        tag=None,
    ):
        """Let calls of one form go straight to a kernel.

        Args:
            kernel: The `Kernel`. Its inputs are the numbers of the plan, and behind them what is captured.
            plan: The plan that takes the numbers of such a call.
            result: The nest of the result.
            positions: Which outputs its numbers are, -1 for one that is always 0; the first ones if it is left out.
            captured: For each further input a pair `(value, attribute)`, a Value and `"data"` or `"grad"`, read at each
                call; a float that stays the same; or an int, a place in the vector.
            guards: Pairs `(position, expected)`: the output must equal the number; if `expected` is a bool, the truth
                of the output must be that.
            writes: Triples `(position, value, attribute)`: the output is written there when all guards hold.
            checked: Pairs `(position, expected)`: the input must equal the number, or the kernel need not run.
            after: A pair `(positions, do)`: when all guards hold, `do` is called with the numbers of these outputs, an
                array, and with the arguments of the call.
            vector: The length of a vector that such calls give before the arguments of the plan: an array of float64.
            following: Called with the position among the guards of the first that came out otherwise, and with what it
                came out as; returns the shortcut that goes on, or None when there is none.
            tag: Anything; it stands in the shortcut's `tag`. Installing a shortcut takes the place of an older one with
                the same tag, unless that is None.

        Returns:
            The `Shortcut`; `calls` counts its answers. The caller's `taken` is the one that answered last, or None
            after a slow call.

        Raises:
            InternalError: Kernel, arguments and captured numbers do not fit together.
        """
        positions = range(result.n_leaves) if positions is None else positions
        shortcut = Shortcut(
            kernel, plan, result, positions, captured, guards, writes, checked, after, vector, following, tag
        )
        kept = [other for other in self.shortcuts or () if tag is None or other.tag is not tag]
        self.shortcuts = (shortcut, *kept[: MOST_SHORTCUTS - 1])
        open_door(self, Caller)
        return shortcut

    def prefer(self, shortcut):
        """Try a shortcut before all others."""
        if self.shortcuts is not None and self.shortcuts[0] is not shortcut:
            self.shortcuts = with_first(self.shortcuts, shortcut)

    def drop(self, shortcut):
        """Take a shortcut away."""
        self.shortcuts = tuple([other for other in self.shortcuts or () if other is not shortcut])

    def uninstall(self):
        """Let all calls go to `_slow` again."""
        self.shortcuts = None
        self.taken = None


if not cython.compiled:
    Caller.shortcuts = None
    Caller.taken = None


def answer(caller, args, kwargs):
    """Answer a call from the first shortcut that can, or slowly."""
    found = answer_shortly(caller, items_of(args), len(args), kwargs)
    return caller._slow(args, kwargs if kwargs is not None else {}) if found is MISS else found


def answer_shortly(caller, items, count, kwargs):
    """Answer a call from the first shortcut that can; `MISS` where none can.

    Args:
        caller: Who is called.
        items: Where the arguments are.
        count: How many there are.
        kwargs: Those by name, a dict; None for none.
    """
    shortcuts = caller.shortcuts
    if shortcuts is not None and not is_watched():
        runs = 0
        for i in range(len(shortcuts)):
            shortcut = shortcuts[i]
            found = attempt(shortcut, items, count, kwargs)
            while found is VAIN and shortcut.following is not None and runs < MOST_RUNS:
                runs += 1
                shortcut = shortcut.following(shortcut.failed, shortcut.outcome)
                if shortcut is None:  # a path that is new, or has no shortcut yet
                    runs = MOST_RUNS
                    break
                found = attempt(shortcut, items, count, kwargs)
            if found is not MISS and found is not VAIN:
                shortcut.calls += 1
                if caller.taken is not shortcut:
                    caller.taken = shortcut
                if shortcut is not shortcuts[0]:
                    caller.shortcuts = with_first(shortcuts, shortcut)
                return found
            if found is VAIN:
                runs += 1
            if runs >= MOST_RUNS:
                break
    caller.taken = None
    return MISS


def tuple_of(items, count):
    """Return the arguments of a call as a tuple."""
    return tuple([item_at(items, i) for i in range(count)])


def with_first(shortcuts, first):
    """Return shortcuts with one of them first."""
    return (first, *[shortcut for shortcut in shortcuts if shortcut is not first][: MOST_SHORTCUTS - 1])


class Shortcut:
    """What `Caller.install` settles beforehand, as registers of the kernel.

    Attributes:
        kernel: The kernel.
        tag: What the caller gave to know it by.
        calls: How many calls it has answered.
    """

    def __init__(
        self, kernel, plan, result, positions, captured, guards, writes, checked, after, vector, following, tag
    ):
        self.kernel = kernel
        self.tag = tag
        self.calls = 0
        self.plan = plan
        self.count = plan.n_numbers
        self.vector = -1 if vector is None else vector
        self.runs = kernel.runs
        if kernel.n_inputs != self.count + len(captured):
            raise InternalError(
                f"a kernel of {kernel.n_inputs} inputs was installed for {self.count} arguments and {len(captured)} "
                f"captured numbers\nplease report this, with the function that was compiled"
            )
        self.values = []
        self.attributes = array("B")
        self.has_values = False
        self.constants = array("d")
        self.constant_places = array("i")
        taken = array("i")
        taken_places = array("i")
        for place, item in enumerate(captured, self.count):
            value, attribute = item if isinstance(item, tuple) else (None, "data")
            self.values.append(value)
            self.attributes.append(kind_of(attribute))
            if value is not None:
                self.has_values = True
            elif isinstance(item, int):
                taken.append(item)
                taken_places.append(place)
            else:
                self.constants.append(item)
                self.constant_places.append(place)
        self.taken, self.taken_places, self.taken_lengths = stretches_of(taken, taken_places)
        places = kernel.runs.places
        self.checked_places = array("i", [position for position, _ in checked])
        self.checked_numbers = array("d", [number for _, number in checked])
        self.guard_places = array("i", [places[position] for position, _ in guards])
        self.guard_truths = array("B", [type(expected) is bool for _, expected in guards])
        self.expected = array("d", [float(expected) for _, expected in guards])
        self.written = [value for _, value, _ in writes]
        self.write_places = array("i", [places[position] for position, _, _ in writes])
        self.write_kinds = array("B", [kind_of(attribute) for _, _, attribute in writes])
        given_back = array("i", [places[position] if position >= 0 else -1 for position in positions])
        self.recipe = recipe_of(result, given_back, zeros_of(kernel.runs))
        self.after_places = None
        self.after = None
        if after is not None:
            self.after_places = array("i", [places[position] for position in after[0]])
            self.after = after[1]
        # One array of all that machine code gives: it is written where it stands.
        is_alone = self.runs.entry != 0 and not guards and not writes and after is None
        self.shape = whole_block(self.recipe, kernel.n_outputs) if is_alone else None
        self.is_plain = (
            self.shape is None
            and self.vector < 0
            and not captured
            and not checked
            and not guards
            and not writes
            and after is None
        )
        self.following = following
        self.failed = 0
        self.outcome = 0.0
        self.carry = None  # what `mapping` finds out


def zeros_of(runs):
    """Return the registers that always hold 0, and never -0."""
    return {runs.n_inputs + i for i, x in enumerate(runs.constants) if x == 0.0 and copysign(1.0, x) > 0}


def kind_of(attribute):
    """Return the number for `"data"` or `"grad"`."""
    if attribute == "data":
        return DATA
    if attribute == "grad":
        return GRAD
    raise InternalError(f"a compiled function cannot read {attribute!r} of a Value\nplease report this")


def attempt(shortcut, items, count, kwargs):
    """Run a shortcut, and return its result; `MISS` or `VAIN` when the call is none for it."""
    runs = shortcut.runs
    if runs.left <= 0:  # what runs it is to be decided anew, by a slow call
        return MISS
    registers = take_registers(runs)
    found = MISS
    v = doubles_of(registers)
    if shortcut.vector < 0:
        is_taken = take_call(shortcut.plan, items, count, kwargs, v)
    else:
        is_taken = (
            count > 0
            and is_vector_of(item_at(items, 0), shortcut.vector)
            and take_call(shortcut.plan, items_behind(items, 1), count - 1, kwargs, v)
        )
    if is_taken and shortcut.is_plain:  # nothing but arguments and results
        execute(runs, registers)
        found = build(shortcut.recipe, v)
        give_registers_back(runs, registers)
        return found
    if is_taken and not may_run(shortcut, v):
        found = VAIN
        is_taken = False
    if is_taken and read_captured(shortcut, registers):
        if shortcut.vector >= 0:
            copy_stretches(
                numbers_at(item_at(items, 0)), shortcut.taken, v, shortcut.taken_places, shortcut.taken_lengths
            )
        if shortcut.shape is not None:
            found = new_empty(shortcut.shape)
            if found is not None:
                execute_code(runs, registers, data_of(found))
                give_registers_back(runs, registers)
                return found
        execute(runs, registers)
        found = VAIN
        if guards_hold(shortcut, v):
            if shortcut.written:
                write_numbers(shortcut.written, shortcut.write_kinds, registers, shortcut.write_places)
            if shortcut.after is not None:
                args = tuple_of(items, count)
                shortcut.after(numbers_of(v, shortcut.after_places), args, kwargs if kwargs is not None else {})
            found = build(shortcut.recipe, v)
    give_registers_back(runs, registers)
    return found


def may_run(shortcut, v):
    """Tell whether the numbers that guards ask for as they are given are the right ones."""
    places = ints_of(shortcut.checked_places)
    numbers = doubles_of(shortcut.checked_numbers)
    for i in range(len(shortcut.checked_places)):
        if v[places[i]] != numbers[i]:
            shortcut.failed = i
            shortcut.outcome = v[places[i]]
            return False
    return True


def read_captured(shortcut, registers):
    """Read what is captured; tell whether all of it is floats and ints."""
    v = doubles_of(registers)
    constants = doubles_of(shortcut.constants)
    places = ints_of(shortcut.constant_places)
    for i in range(len(shortcut.constants)):
        v[places[i]] = constants[i]
    return not shortcut.has_values or read_numbers(shortcut.values, shortcut.attributes, registers, shortcut.count) < 0


def guards_hold(shortcut, v):
    """Tell whether every guard came out as expected; note the first one that did not."""
    places = ints_of(shortcut.guard_places)
    truths = bytes_of(shortcut.guard_truths)
    expected = doubles_of(shortcut.expected)
    for i in range(len(shortcut.guard_places)):
        x = v[places[i]]
        holds = x == expected[i]
        if truths[i]:
            holds = (x != 0.0) == (expected[i] != 0.0)  # a nan is true
        if not holds:
            shortcut.failed = i
            shortcut.outcome = x
            return False
    return True
