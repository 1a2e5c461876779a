"""`Caller`: calls of a compiled function that go straight to its kernel.

What a call costs a compiled function is mostly finding out which kernel it means: flattening the arguments, looking up
their form, building the result. Where the arguments are plain floats, all of that can be settled beforehand. This is
ordinary Python that Cython compiles with the types in `calling.pxd`.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False)

from array import array

from slopewise.errors import InternalError

if not cython.compiled:
    from slopewise.backends.runs import bytes_of, doubles_of, execute, give_registers_back, ints_of, take_registers
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

    # The numbers in this block stand in calling.pxd, or in the engine's, too, as constants of C.
    FLOAT = 1
    MANY = 32
    WRITTEN = 2
    NUMBER = 0  # kinds of what is read at each call: nothing, the number is known
    DATA = 1
    GRAD = 2

    ONE = 0  # kinds of results
    ROW = 1
    NEST = 2

MOST_SHORTCUTS = 8  # of one function: its paths, and its numbers of arguments
DEEPEST = 64  # how deep a result may be nested

MISS = object()


class Caller:
    """Something to call, which answers calls with plain floats from kernels, and all others by `_slow`.

    A subclass defines `_slow(args, kwargs)`, and *installs* a shortcut whenever it knows that later calls of that form
    mean a kernel. From then on `__call__` takes the shortcut if all of this holds; otherwise it calls `_slow`, which
    may install another:

    - there are no keyword arguments, and as many positional ones as the shortcut takes;
    - every one of them is a float and no subclass (with `plain=True` also an int below 2**53 and any kind of float);
    - no function is being traced, no mode such as `anomalies()` is open, nobody watches what is read or written;
    - the Values that it reads hold floats or ints;
    - every guard comes out as expected. A function with several paths has several shortcuts; they are tried in turn,
      the one that answered last first.

    Threads may call at the same time, and a call may lead to another one: each has registers of its own. Installing and
    uninstalling do not touch calls that are under way.

    Example:
        >>> from slopewise import ir
        >>> from slopewise.backends.replay import Kernel
        >>> from slopewise.compiler.calling import Caller
        >>> class Squaring(Caller):
        ...     def _slow(self, args, kwargs):
        ...         return "slow"
        >>> k = Squaring()
        >>> k(3.0)
        'slow'
        >>> kernel = Kernel(ir.parse("program(%0 x) { %1 = square %0; %2 = add %0 %0; return %1 %2 }"))
        >>> shortcut = k.install(kernel, 1, recipe=(0, (1,)))
        >>> k(3.0), k(3), k(x=3.0), shortcut.calls
        ((9.0, (6.0,)), 'slow', 'slow', 1)
        >>> k.uninstall()
        >>> k(3.0)
        'slow'
    """

    def __call__(self, *args, **kwargs):
        return answer(self, args, kwargs)

    def _slow(self, args, kwargs):
        """Answer a call that no shortcut can: a subclass does this."""
        raise NotImplementedError

    def install(self, kernel, count, captured=(), guards=(), recipe=0, writes=(), plain=False, tag=None, integers=()):
        """Let calls with so many floats go straight to a kernel.

        Args:
            kernel: The `Kernel`. Its inputs are the arguments, and behind them what is captured.
            count: How many arguments there are.
            captured: For each further input a pair `(value, attribute)`, a Value and `"data"` or `"grad"`, read at each
                call; or a float that stays the same.
            guards: Pairs `(position, expected)`: the output must equal the number; if `expected` is a bool, the truth
                of the output must be that.
            recipe: The result: the position of an output for a float; a tuple, list or dict of recipes for a nest.
            writes: Triples `(position, value, attribute)`: the output is written there when all guards hold.
            plain: Whether ints, and subclasses of float, are taken as floats.
            tag: Anything; it stands in the shortcut's `tag`. Installing a shortcut takes the place of an older one with
                the same tag, unless that is None.
            integers: The positions of the arguments that must be ints below 2**53, and no floats.

        Returns:
            The `Shortcut`; `calls` counts its answers. The caller's `taken` is the one that answered last, or None
            after a slow call.

        Raises:
            InternalError: Kernel, arguments and captured numbers do not fit together.
        """
        shortcut = Shortcut(kernel, count, captured, guards, recipe, writes, plain, tag, integers)
        kept = [other for other in self.shortcuts or () if tag is None or other.tag is not tag]
        self.shortcuts = (shortcut, *kept[: MOST_SHORTCUTS - 1])
        return shortcut

    def uninstall(self):
        """Let all calls go to `_slow` again."""
        self.shortcuts = None
        self.taken = None


if not cython.compiled:
    Caller.shortcuts = None
    Caller.taken = None


def answer(caller, args, kwargs):
    """Answer a call from the first shortcut that can, or slowly."""
    shortcuts = caller.shortcuts
    if shortcuts is not None and not kwargs and not is_watched():
        for i in range(len(shortcuts)):
            shortcut = shortcuts[i]
            if shortcut.count == len(args):
                found = attempt(shortcut, args)
                if found is not MISS:
                    shortcut.calls += 1
                    caller.taken = shortcut
                    if i > 0:
                        caller.shortcuts = moved_to_front(shortcuts, i)
                    return found
    caller.taken = None
    return caller._slow(args, kwargs)


def moved_to_front(shortcuts, i):
    """Return shortcuts with one of them first."""
    return (shortcuts[i], *shortcuts[:i], *shortcuts[i + 1 :])


class Shortcut:
    """What `Caller.install` settles beforehand, as registers of the kernel.

    Attributes:
        kernel: The kernel.
        tag: What the caller gave to know it by.
        calls: How many calls it has answered.
    """

    def __init__(self, kernel, count, captured, guards, recipe, writes, plain, tag, integers):
        self.kernel = kernel
        self.tag = tag
        self.calls = 0
        self.plain = plain
        self.count = count
        self.integers = array("B", [i in integers for i in range(count)])
        self.runs = kernel.runs
        if kernel.n_inputs != count + len(captured):
            raise InternalError(
                f"a kernel of {kernel.n_inputs} inputs was installed for {count} arguments and {len(captured)} "
                f"captured numbers\nplease report this, with the function that was compiled"
            )
        self.values = []
        self.attributes = array("B")
        self.numbers = array("d")
        for item in captured:
            if isinstance(item, tuple):
                value, attribute = item
                self.values.append(value)
                self.attributes.append(kind_of(attribute))
                self.numbers.append(0.0)
            else:
                self.values.append(None)
                self.attributes.append(NUMBER)
                self.numbers.append(item)
        places = kernel.runs.places
        self.guard_places = array("i", [places[position] for position, _ in guards])
        self.guard_truths = array("B", [type(expected) is bool for _, expected in guards])
        self.expected = array("d", [float(expected) for _, expected in guards])
        self.written = [value for _, value, _ in writes]
        self.write_places = array("i", [places[position] for position, _, _ in writes])
        self.write_kinds = array("B", [kind_of(attribute) for _, _, attribute in writes])
        self.recipe = recipe_of(recipe, places, DEEPEST)


def kind_of(attribute):
    """Return the number for `"data"` or `"grad"`."""
    if attribute == "data":
        return DATA
    if attribute == "grad":
        return GRAD
    raise InternalError(f"a compiled function cannot read {attribute!r} of a Value\nplease report this")


def attempt(shortcut, args):
    """Run a shortcut, and return its result, or `MISS` when the call is none for it."""
    count = shortcut.count
    integers = bytes_of(shortcut.integers)
    for i in range(count):
        x = args[i]
        if integers[i]:
            if type(x) is not int or not is_plain(x):
                return MISS
        elif type(x) is not float and not (shortcut.plain and is_plain(x)):
            return MISS
    runs = shortcut.runs
    registers = take_registers(runs)
    v = doubles_of(registers)
    for i in range(count):
        v[i] = args[i]
    if not read_captured(shortcut, v):
        give_registers_back(runs, registers)
        return MISS
    execute(runs, registers)
    if not guards_hold(shortcut, v):
        give_registers_back(runs, registers)
        return MISS
    if shortcut.written:
        write(shortcut, v)
    recipe = shortcut.recipe
    if recipe.kind == ONE:
        found = v[recipe.place]
    else:
        found = nested(recipe, v)
    give_registers_back(runs, registers)
    return found


def is_plain(x):
    """Tell whether an argument that is no float may be taken as one."""
    return isinstance(x, float) or (type(x) is int and -9007199254740992 < x < 9007199254740992)


def read_captured(shortcut, v):
    """Read what is captured; tell whether all of it is floats and ints."""
    values = shortcut.values
    kinds = bytes_of(shortcut.attributes)
    numbers = doubles_of(shortcut.numbers)
    at = shortcut.count
    for i in range(len(values)):
        kind = kinds[i]
        if kind == NUMBER:
            v[at + i] = numbers[i]
            continue
        value = values[i]
        if kind == DATA:
            if value._kind > FLOAT:
                return False
            v[at + i] = value._data
        else:
            if value._grad_kind > FLOAT:
                return False
            v[at + i] = value._grad
    return True


def guards_hold(shortcut, v):
    """Tell whether every guard came out as expected."""
    places = ints_of(shortcut.guard_places)
    truths = bytes_of(shortcut.guard_truths)
    expected = doubles_of(shortcut.expected)
    for i in range(len(shortcut.guard_places)):
        x = v[places[i]]
        if truths[i]:
            if (x != 0.0) != (expected[i] != 0.0):  # a nan is true
                return False
        elif x != expected[i]:
            return False
    return True


def write(shortcut, v):
    """Write the state that the function writes."""
    written = shortcut.written
    places = ints_of(shortcut.write_places)
    kinds = bytes_of(shortcut.write_kinds)
    for i in range(len(written)):
        value = written[i]
        x = v[places[i]]
        if value._a is not None or value._flags & MANY or value._kind > FLOAT or value._grad_kind > FLOAT:
            if kinds[i] == DATA:
                value.data = x
            else:
                value.grad = x
        elif kinds[i] == DATA:
            value._data = x
            value._kind = FLOAT
        else:
            value._grad = x
            value._grad_kind = FLOAT
            value._flags |= WRITTEN


class Recipe:
    """How a result is built from registers."""

    def __init__(self, kind, form, place, places, parts, keys):
        self.kind = kind
        self.form = form
        self.place = place
        self.places = places
        self.parts = parts
        self.keys = keys


def recipe_of(recipe, places, depth):
    """Return a recipe of output positions as one of registers."""
    if depth == 0:
        raise InternalError(f"a result is nested more than {DEEPEST} deep\nplease report this")
    if type(recipe) is int:
        return Recipe(ONE, None, places[recipe], array("i"), [], None)
    keys = tuple(recipe) if type(recipe) is dict else None
    items = list(recipe.values()) if keys is not None else list(recipe)
    parts = [recipe_of(item, places, depth - 1) for item in items]
    row = array("i")
    for part in parts:
        if part.kind == ONE:
            row.append(part.place)
    if len(row) == len(parts):
        return Recipe(ROW, type(recipe), 0, row, [], keys)
    return Recipe(NEST, type(recipe), 0, array("i"), parts, keys)


def nested(recipe, v):
    """Return a result."""
    if recipe.kind == ROW:
        places = ints_of(recipe.places)
        items = [v[places[i]] for i in range(len(recipe.places))]
    else:
        items = []
        for part in recipe.parts:
            if part.kind == ONE:
                items.append(v[part.place])
            else:
                items.append(nested(part, v))
    if recipe.form is tuple:
        return tuple(items)
    if recipe.form is list:
        return items
    return dict(zip(recipe.keys, items, strict=True))
