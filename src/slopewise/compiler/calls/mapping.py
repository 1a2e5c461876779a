"""A compiled function called for each row of some columns, the loop around its kernel.

Between two calls nothing but the kernel needs to run: what the function writes and reads again goes from register to
register. Values get it when the loop is through, or when anything ends it: a guard that came out otherwise, an argument
of another form, an error, Ctrl-C. A row that the kernel cannot answer is called as any other call is, and the loop goes
on behind it.

This is ordinary Python that Cython compiles with the types in `mapping.pxd`.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from contextlib import nullcontext
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False, nogil=nullcontext())

from array import array

if not cython.compiled:
    from slopewise.backends.runs import (
        address_of,
        doubles_of,
        execute,
        execute_from,
        give_registers_back,
        numbers_from,
        take_registers,
    )
    from slopewise.compiler.calls.calling import answer, guards_hold, is_watched, may_run, read_captured
    from slopewise.compiler.calls.exchange import write_numbers
    from slopewise.compiler.calls.plans import BLOCK, NUMBER, WHOLE, take
    from slopewise.compiler.calls.recipes import build
    from slopewise.compiler.calls.taking import (
        copy_numbers,
        copy_places,
        copy_stretches,
        is_array,
        learn_arrays,
        rows_in,
        take_row_at,
    )
    from slopewise.ir.builder import DOUBLES, lasting

    # The numbers in this block stand in mapping.pxd too, as constants of C.
    RANGE = 0  # kinds of columns: a range of numbers that float64 holds
    ITEMS = 1  # a list or a tuple
    ROWS = 2  # a float64 array, its numbers one behind the other
    FIXED = 3  # the same for every call
    OFTEN = 1000000  # after so many equations Ctrl-C is looked for, and other threads may run

    def check_signals():
        """Let handlers of signals run: Python does that by itself where this is interpreted."""


LARGEST = 2**53  # the integers that float64 holds
LEAST_SWAPPED = 16  # numbers that go on from call to call: fewer are copied
FEW = 64  # other numbers that are copied so that those need not be
NO_NAMES = {}
NOTHING = object()


class Column:
    """The items of one argument.

    Attributes:
        kind: What they stand in.
        items: Where they are: a range, a list, a tuple, an array; of a fixed one, the item itself.
        length: How many there are; of a list, ask it.
        begin: The first number of a range.
        step: Its step.
        latest: The item that was taken last: what stands several times in a row is taken once.
    """

    def __init__(self, kind, items, length=0, begin=0, step=0):
        self.kind = kind
        self.items = items
        self.length = length
        self.begin = begin
        self.step = step
        self.latest = NOTHING


def column_of(items):
    """Return a column that is read without running anything of the user's, None where that cannot be."""
    cls = type(items)
    if cls is list or cls is tuple or cls is array:
        return Column(ITEMS, items)
    if cls is range:
        length = len(items)
        if length == 0 or max(abs(items[0]), abs(items[length - 1])) > LARGEST:
            return Column(ITEMS, items)
        return Column(RANGE, items, length, items[0], items[1] - items[0] if length > 1 else 0)
    learn_arrays()
    if is_array(items):
        length = rows_in(items)
        return Column(ITEMS, items) if length < 0 else Column(ROWS, items, length)
    return None


def packed(*row):
    """Return the items of a row."""
    return row


def mapped(caller, fixed, columns):
    """Return what `list(map(caller, *columns))` does.

    Args:
        caller: The `Caller`.
        fixed: Arguments before those of the columns, the same for every call.
        columns: The iterables.

    Raises:
        TypeError: There is no column, or one of them cannot be iterated over.
    """
    rows = map(packed, *columns)  # raises what map raises
    known = [Column(FIXED, item) for item in fixed]
    for items in columns:
        column = column_of(items)
        if column is None:
            return [answer(caller, (*fixed, *row), NO_NAMES) for row in rows]
        known.append(column)
    results = []
    i = 0
    while True:
        taken = caller.taken
        if taken is not None:
            i = run_on(caller, taken, known, i, results)
        args = row_of_columns(known, i)
        if args is None:
            return results
        results.append(answer(caller, args, NO_NAMES))
        i += 1


def row_of_columns(columns, i):
    """Return the arguments of a call, None when a column is over."""
    row = []
    for column in columns:
        if column.kind != FIXED and i >= (len(column.items) if column.kind == ITEMS else column.length):
            return None
        row.append(column.items if column.kind == FIXED else column.items[i])
    return tuple(row)


def run_on(caller, shortcut, columns, i, results):
    """Answer calls from a kernel, from call i on, until it cannot.

    Args:
        caller: Who is called.
        shortcut: The shortcut to the kernel.
        columns: The columns.
        i: The first call.
        results: A list; what each call gives is appended.

    Returns:
        The first call that was not answered.
    """
    plan = shortcut.plan
    runs = shortcut.runs
    if is_watched() or plan.names or plan.count != len(columns):
        return i
    carry = carry_of(shortcut)
    if cython.compiled and carry.swaps:
        return run_swapping(caller, shortcut, columns, i, results)
    # Where a run may end without a result, or writes to registers that are read, what the last one wrote is kept aside.
    keeps = carry.is_tangled or not cython.compiled or len(shortcut.guard_places) > 0
    kept = None
    registers = take_registers(runs)
    v = doubles_of(registers)
    for column in columns:
        column.latest = NOTHING
    first = i
    done = i
    work = 0
    try:
        if not read_captured(shortcut, registers):
            return i
        while runs.left > 0 and take_columns(plan, columns, i, v) and may_run(shortcut, v):
            execute(runs, registers)
            if not guards_hold(shortcut, v):
                break
            if keeps:
                kept = gathered(carry, v, kept)
            done += 1
            results.append(build(shortcut.recipe, v))
            if keeps:
                copy_stretches(doubles_of(kept), carry.kept, v, carry.ends, carry.lengths)
            else:
                copy_stretches(v, carry.begins, v, carry.ends, carry.lengths)
            i += 1
            work += runs.n_equations + 100
            if work > OFTEN:
                work = 0
                if let_others_run():
                    break
        return i
    finally:
        if done > first:
            if shortcut.written and not keeps:
                kept = gathered(carry, v, None)
            close(caller, shortcut, carry, done - first, kept)
        give_registers_back(runs, registers)


def let_others_run():
    """Look for Ctrl-C, let other threads run, and tell whether somebody watches by now what is read or written."""
    check_signals()
    with cython.nogil:
        pass
    return is_watched()


def close(caller, shortcut, carry, count, kept):
    """Count calls that were answered, and write what the last one wrote."""
    shortcut.calls += count
    caller.taken = shortcut
    if shortcut.written:
        write_numbers(shortcut.written, shortcut.write_kinds, kept, carry.order)


def run_swapping(caller, shortcut, columns, i, results):
    """Do what `run_on` does where one stretch of outputs is one stretch of inputs in the next call: copy nothing.

    There are two blocks of memory, each with room for the inputs. A call reads one and writes to the other, in such a
    way that what goes on stands there where the next call reads it; then they change places. Other outputs hit what
    stands before and behind: the last numbers of the arguments, which are kept aside until that block is read again,
    and the captured numbers that do not change, of which there is a copy.
    """
    plan = shortcut.plan
    runs = shortcut.runs
    carry = carry_of(shortcut)
    begin = carry.ends[0]
    length = carry.lengths[0]
    before = carry.begins[0] - runs.n_inputs
    behind = runs.n_inputs - begin - length
    size = runs.n_inputs + len(runs.places)
    registers = take_registers(runs)
    given = doubles_of(registers)
    memory = carry.memory
    carry.memory = None  # taken, while this runs
    if memory is None:
        memory = lasting(DOUBLES, 3 * size + 16)
    v = doubles_of(memory)
    # What goes on begins at a line of the cache.
    source = runs.n_inputs + lines_up(address_of(v), runs.n_inputs + begin)
    target = source + size + lines_up(address_of(v), source + size + begin)
    aside = array("d", bytes(8 * (before + 1)))
    saved = doubles_of(aside)
    others = [Column(column.kind, column.items, column.length, column.begin, column.step) for column in columns]
    for column in columns:
        column.latest = NOTHING
    first = i
    done = i
    work = 0
    try:
        if not read_captured(shortcut, registers):
            return i
        copy_numbers(given, begin, v, source + begin, length + behind)
        while True:
            if done > first:
                copy_numbers(saved, 0, v, source + begin - before, before)
            x = numbers_from(v, source)
            if runs.left <= 0 or not take_columns(plan, columns, i, x) or not may_run(shortcut, x):
                return i
            copy_numbers(given, begin + length, v, source + begin + length, behind)
            copy_numbers(v, target + begin - before, saved, 0, before)
            execute_from(runs, registers, x, numbers_from(v, target + begin - before))
            done += 1
            i += 1
            source, target = target, source
            columns, others = others, columns
            results.append(build(shortcut.recipe, numbers_from(v, source + begin - before - runs.n_inputs)))
            work += runs.n_equations + 100
            if work > OFTEN:
                work = 0
                if let_others_run():
                    return i
    finally:
        if done > first:
            kept = gathered(carry, numbers_from(v, source + begin - before - runs.n_inputs), None)
            close(caller, shortcut, carry, done - first, kept)
        carry.memory = memory
        give_registers_back(runs, registers)


def lines_up(address, place):
    """Return how many numbers further on than a place from an address a line of the cache begins."""
    return (8 - (address // 8 + place) % 8) % 8


def take_columns(plan, columns, i, v):
    """Take the numbers of call i; tell whether there is one of the plan's form."""
    forms = plan.forms
    at = 0
    for k in range(len(columns)):
        column = columns[k]
        form = forms[k]
        if column.kind == RANGE:
            if i >= column.length or form.kind != WHOLE:
                return False
            v[at] = column.begin + i * column.step
        elif column.kind == ROWS:
            if i >= column.length:
                return False
            if not take_row_at(column.items, i, form.kind == NUMBER, form.kind == BLOCK, form.lengths, v, at) and (
                not take(form, column.items[i], v, at)
            ):
                return False
        else:
            if column.kind == ITEMS and i >= len(column.items):
                return False
            x = column.items if column.kind == FIXED else column.items[i]
            if x is not column.latest:
                column.latest = NOTHING
                if not take(form, x, v, at):
                    return False
                column.latest = x
        at += form.length
    rest = doubles_of(plan.rest)
    for k in range(len(plan.rest)):
        v[at + k] = rest[k]
    return True


# ---------------------------------------------------------------------- state


class Carry:
    """Where what a shortcut writes goes when it is called again.

    Attributes:
        sources: The registers that are written, in the order of the writes.
        order: The positions of the writes.
        is_tangled: Whether one of these registers is read, too.
        begins: Of each stretch of numbers that go together, its first register.
        kept: Its first position among the writes.
        ends: The first register that it goes to.
        lengths: How many there are.
        swaps: Whether it is one stretch, of machine code's, that needs no copy from one call to the next.
        memory: Where `run_swapping` has its blocks; None while it runs.
    """

    def __init__(self, sources, order, is_tangled, stretches, n_inputs):
        self.sources = sources
        self.order = order
        self.is_tangled = is_tangled
        self.begins = array("i", [stretch[0] for stretch in stretches])
        self.kept = array("i", [stretch[1] for stretch in stretches])
        self.ends = array("i", [stretch[2] for stretch in stretches])
        self.lengths = array("i", [stretch[3] for stretch in stretches])
        self.swaps = False
        self.memory = None
        if len(stretches) == 1 and not is_tangled:
            begin, _, end, length = stretches[0]
            before = begin - n_inputs
            behind = n_inputs - end - length
            self.swaps = length >= LEAST_SWAPPED and before <= min(end, FEW) and behind <= FEW


def carry_of(shortcut):
    """Return where what a shortcut writes goes, found out when it is asked for first."""
    if shortcut.carry is not None:
        return shortcut.carry
    sources = shortcut.write_places
    places = {}
    for k, value in enumerate(shortcut.values):
        if value is not None:
            places.setdefault((id(value), shortcut.attributes[k]), []).append(shortcut.count + k)
    stretches = []
    for position, value in enumerate(shortcut.written):
        for end in places.get((id(value), shortcut.write_kinds[position]), ()):
            begin = sources[position]
            if stretches:
                last = stretches[len(stretches) - 1]
                n = last[3]
                if (begin, position, end) == (last[0] + n, last[1] + n, last[2] + n):
                    last[3] += 1
                    continue
            stretches.append([begin, position, end, 1])
    n_inputs = shortcut.count + len(shortcut.values)
    is_tangled = min(sources, default=n_inputs) < n_inputs
    carry = Carry(sources, array("i", range(len(sources))), is_tangled, stretches, n_inputs)
    carry.swaps = carry.swaps and shortcut.runs.entry != 0 and len(shortcut.guard_places) == 0
    shortcut.carry = carry
    return carry


def gathered(carry, v, kept):
    """Return what a run has written, in an array that may be used again."""
    if kept is None or not cython.compiled:  # a new one, so that an interruption finds either all of it or nothing
        kept = array("d", bytes(8 * len(carry.sources)))
    copy_places(v, carry.sources, doubles_of(kept))
    return kept
