"""A program lowered for one row of inputs: its equations in runs of one operation.

An interpreter that looks at every equation's operation anew spends more on guessing the next one than on the
arithmetic. So equations are moved: within a window each goes to the earliest phase that its operands allow, and a phase
is one operation. What remains is some dozens of runs, each a loop over triples of registers. Every equation is
computed once, from the same numbers as in the program, so the order changes no bit.

A register holds one number: first the inputs, then the constants, then the results, whose registers are used again
once nobody reads them any more.

This is ordinary Python that Cython compiles with the types in `runs.pxd`.

Source: linear scan as in M. Poletto, V. Sarkar, "Linear scan register allocation", 1999.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from contextlib import nullcontext
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False, nogil=nullcontext())

from array import array

from slopewise.ir.operations import ARITY

if not cython.compiled:
    from struct import pack, unpack

    from slopewise.ir.builder import BYTES, DOUBLES, INTS, filled, lasting
    from slopewise.ir.evaluation import evaluate, quotient
    from slopewise.ir.operations import (
        ADD,
        CONSTANT,
        DIVIDE,
        MULTIPLY,
        NEGATE,
        RELU,
        SQUARE,
        SUBTRACT,
        WHERE,
    )

    def bytes_of(numbers):
        """Return where an array's bytes are, which C indexes like the array itself."""
        return numbers

    def ints_of(numbers):
        """Return where an array's ints are, which C indexes like the array itself."""
        return numbers

    def longs_of(numbers):
        """Return where an array's long longs are, which C indexes like the array itself."""
        return numbers

    def doubles_of(numbers):
        """Return where an array's doubles are, which C indexes like the array itself."""
        return numbers

    def bits_of(number):
        """Return the bits of a double as an int."""
        return unpack("<Q", pack("<d", number))[0]

    def outputs_of(registers, n_inputs):
        """Return where the outputs of machine code stand, behind its inputs."""
        return registers.buffer_info()[0] + 8 * n_inputs

    def numbers_from(numbers, first):
        """Return where the numbers from one on are."""
        return memoryview(numbers)[first:]

    def address_of(numbers):
        """Return the address of numbers, or an address as it is."""
        import ctypes

        return numbers if type(numbers) is int else ctypes.addressof(ctypes.c_double.from_buffer(numbers))

    def call_code(entry, frozen, inputs, outputs, registers, scratch):
        """Call machine code."""
        import ctypes

        work = -(-(address_of(registers) + 8 * scratch) // 64) * 64
        of_addresses = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 4)
        of_addresses(entry)(address_of(inputs), address_of(outputs), work, frozen)

    # The numbers in this block stand in runs.pxd too, as constants of C.
    WINDOW = 1024  # equations that may change places with each other; their numbers fit the first caches
    PHASES = 8192  # how many phases a window may have
    # Equations from which on other threads may run meanwhile, replayed and as machine code: to let go of Python's lock
    # and to get it back costs as much as hundreds of equations, and milliseconds where another thread computes.
    LONG = 20000
    LONG_AS_CODE = 200000
    LONGEST = 4194304  # equations in a run: what fits in its head
    # Machine code may work in any registers that are large enough: from so many on up to so many it takes those that
    # another kernel gave back last, which the caches still hold.
    LEAST_SHARED = 1024
    MOST_SHARED = 131072
    RECENT = 1024  # constants that are looked at for an equal one
    FOREVER = 2147483647

CODE_ARITY = array("B", ARITY)
MOST_SPARE = 4  # arrays of registers that are kept for calls that are under way at once
SHARED = {}  # spare registers by their number, a power of 2
UNASKED = 1 << 62  # runs that nobody lives to see


class Runs:
    """What `lower` makes of a program.

    Attributes:
        code: For each run a head, operation + 256 * length, then for each equation its register and its operands'.
        places: For each output that was asked for, its register.
        constants: The constants, one per register behind the inputs.
        n_inputs: How many registers hold inputs.
        n_registers: How many registers there are.
        n_equations: How many equations are computed.
        n_runs: In how many runs.
        left: How many runs are still to come before it is asked again what should run it; below 1, it is due.
        entry: The address of machine code that computes all of it in their place, or 0.
        frozen: The address of its constants.
        scratch: The first register of the memory that it works in.
        keeper: What keeps the machine code there.
        latest: Registers that were given back and hold the constants, or None.
        spare: Further ones; where it is sharing, those of all kernels of that size.
        is_sharing: Whether it takes what other kernels gave back.
    """

    def __init__(self, code, places, constants, n_inputs, n_registers, n_equations, n_runs):
        self.code = code
        self.places = places
        self.constants = constants
        self.n_inputs = n_inputs
        self.n_registers = n_registers
        self.n_equations = n_equations
        self.length = len(code)
        self.n_runs = n_runs
        self.left = UNASKED
        self.entry = 0
        self.frozen = 0
        self.scratch = 0
        self.is_sharing = False
        self.keeper = None
        self.latest = None
        self.spare = []

    @property
    def n_bytes(self):
        """How much memory it takes: its code, and the registers of one call."""
        return 4 * (self.length + len(self.places)) + 8 * (len(self.constants) + self.n_registers)


def take_registers(runs):
    """Return an array of registers with the constants in place: one that was given back, or a new one."""
    registers = runs.latest
    if registers is not None:  # to take it out of a list that gets empty costs as much as ten equations
        runs.latest = None
        return registers
    if len(runs.spare) > 0:
        return runs.spare.pop()
    registers = lasting(DOUBLES, max(runs.n_registers, 1))
    registers[runs.n_inputs : runs.n_inputs + len(runs.constants)] = runs.constants
    return registers


def give_registers_back(runs, registers):
    """Keep an array of registers for the next call: one for each call that was under way at once, up to four."""
    if runs.latest is None and not runs.is_sharing:
        runs.latest = registers
    elif len(runs.spare) < MOST_SPARE:
        runs.spare.append(registers)


def execute(runs, registers):
    """Compute all equations, from the inputs in the first registers."""
    if runs.entry != 0:
        execute_code(runs, registers, outputs_of(registers, runs.n_inputs))
        return
    runs.left -= 1
    v = doubles_of(registers)
    code = ints_of(runs.code)
    arities = bytes_of(CODE_ARITY)
    if runs.n_equations > LONG:
        with cython.nogil:
            run_all(code, runs.length, v, arities)
    else:
        run_all(code, runs.length, v, arities)


def execute_code(runs, registers, outputs):
    """Have machine code compute everything: inputs and the memory that it works in are registers, outputs anywhere."""
    execute_from(runs, registers, doubles_of(registers), outputs)


def execute_from(runs, registers, inputs, outputs):
    """Have machine code compute everything: the memory that it works in is registers, inputs and outputs anywhere."""
    runs.left -= 1
    v = doubles_of(registers)
    entry = runs.entry
    frozen = runs.frozen
    scratch = runs.scratch
    if runs.n_equations > LONG_AS_CODE:
        with cython.nogil:
            call_code(entry, frozen, inputs, outputs, v, scratch)
    else:
        call_code(entry, frozen, inputs, outputs, v, scratch)


def runs_of_code(n_inputs, n_outputs, n_equations, n_nests, entry, frozen, scratch_bytes, keeper):
    """Return `Runs` that machine code computes.

    Args:
        n_inputs: How many numbers it takes.
        n_outputs: How many it returns.
        n_equations: How many equations it stands for.
        n_nests: In how many nests.
        entry: The address of `void(const double* inputs, double* outputs, void* scratch, const void* frozen)`.
        frozen: The address of its constants.
        scratch_bytes: The memory that a call works in, from a multiple of 64 bytes on.
        keeper: What keeps the code and the constants there.
    """
    places = array("i", range(n_inputs, n_inputs + n_outputs))
    n_registers = n_inputs + n_outputs + (scratch_bytes + 7) // 8 + 8
    runs = Runs(array("i"), places, array("d"), n_inputs, n_registers, n_equations, n_nests)
    runs.entry = entry
    runs.frozen = frozen
    runs.scratch = n_inputs + n_outputs
    runs.keeper = keeper
    if LEAST_SHARED <= n_registers <= MOST_SHARED:
        size = LEAST_SHARED
        while size < n_registers:
            size *= 2
        runs.n_registers = size
        runs.spare = SHARED.setdefault(size, [])
        runs.is_sharing = True
    return runs


def run_all(code, end, v, arities):
    """Compute runs of equations; the loops of frequent operations stand here, the others call `evaluate`."""
    at = 0
    while at < end:
        operation = code[at] & 255
        length = code[at] >> 8
        at += 1
        if operation == ADD:
            stop = at + 3 * length
            while at < stop:
                v[code[at]] = v[code[at + 1]] + v[code[at + 2]]
                at += 3
        elif operation == MULTIPLY:
            stop = at + 3 * length
            while at < stop:
                v[code[at]] = v[code[at + 1]] * v[code[at + 2]]
                at += 3
        elif operation == SUBTRACT:
            stop = at + 3 * length
            while at < stop:
                v[code[at]] = v[code[at + 1]] - v[code[at + 2]]
                at += 3
        elif operation == DIVIDE:
            stop = at + 3 * length
            while at < stop:
                v[code[at]] = quotient(v[code[at + 1]], v[code[at + 2]])
                at += 3
        elif operation == NEGATE:
            stop = at + 2 * length
            while at < stop:
                v[code[at]] = -v[code[at + 1]]
                at += 2
        elif operation == SQUARE:
            stop = at + 2 * length
            while at < stop:
                x = v[code[at + 1]]
                v[code[at]] = x * x
                at += 2
        elif operation == RELU:
            stop = at + 2 * length
            while at < stop:
                x = v[code[at + 1]]
                v[code[at]] = 0.0 if x < 0.0 else x
                at += 2
        elif operation == WHERE:
            stop = at + 4 * length
            while at < stop:
                v[code[at]] = v[code[at + 2]] if v[code[at + 1]] != 0.0 else v[code[at + 3]]
                at += 4
        else:
            if arities[operation] == 1:
                stop = at + 2 * length
                while at < stop:
                    v[code[at]] = evaluate(operation, v[code[at + 1]], 0.0, 0.0)
                    at += 2
            elif arities[operation] == 2:
                stop = at + 3 * length
                while at < stop:
                    v[code[at]] = evaluate(operation, v[code[at + 1]], v[code[at + 2]], 0.0)
                    at += 3
            else:
                stop = at + 4 * length
                while at < stop:
                    v[code[at]] = evaluate(operation, v[code[at + 1]], v[code[at + 2]], v[code[at + 3]])
                    at += 4


# ---------------------------------------------------------------------- from a program to runs


def lower(program, outputs):
    """Return the runs that compute some slots of a program, and what they need.

    Args:
        program: A Program that `ir.verify` accepts.
        outputs: The slots to compute, an array of C ints.

    Returns:
        `Runs`; time and memory grow with the slots.
    """
    slots = len(program.codes)
    needed = filled(BYTES, slots, 0)
    count = mark_needed(program, outputs, needed)
    registers = filled(INTS, slots, 0)
    constants = program.pool[:]
    kept = place_constants(program, needed, registers, constants)
    del constants[kept:]
    order = filled(INTS, count, 0)
    arrange(program, needed, order)
    code, n_registers, n_runs = emit(program, outputs, order, registers, program.n_inputs + kept)
    o = ints_of(outputs)
    r = ints_of(registers)
    places = array("i", bytes(4 * len(outputs)))
    p = ints_of(places)
    for i in range(len(outputs)):
        p[i] = r[o[i]]
    return Runs(code, places, constants, program.n_inputs, n_registers, count, n_runs)


def mark_needed(program, outputs, needed):
    """Mark the slots that the outputs need, and return how many of them are equations."""
    codes = bytes_of(program.codes)
    a = ints_of(program.a)
    b = ints_of(program.b)
    c = ints_of(program.c)
    need = bytes_of(needed)
    o = ints_of(outputs)
    first = program.n_inputs
    for i in range(len(outputs)):
        need[o[i]] = 1
    count = 0
    for i in range(len(program.codes) - 1, first - 1, -1):
        if need[i] and codes[i] != CONSTANT:
            count += 1
            need[a[i]] = 1
            if b[i] >= 0:
                need[b[i]] = 1
                if c[i] >= 0:
                    need[c[i]] = 1
    return count


def place_constants(program, needed, registers, constants):
    """Give each input and each needed constant its register; equal ones that stand near share one.

    Returns:
        How many constants were kept; they now stand first in `constants`, in the order of their registers.
    """
    codes = bytes_of(program.codes)
    a = ints_of(program.a)
    need = bytes_of(needed)
    r = ints_of(registers)
    pool = doubles_of(program.pool)
    kept_numbers = doubles_of(constants)
    recent_places = array("i", bytes(4 * RECENT))
    recent = ints_of(recent_places)
    first = program.n_inputs
    slots = len(program.codes)
    kept = 0
    for i in range(first):
        r[i] = i
    for i in range(first, slots):
        if codes[i] == CONSTANT and need[i]:
            number = pool[a[i]]
            bits = bits_of(number)
            near = (bits ^ (bits >> 12) ^ (bits >> 32) ^ (bits >> 52)) & (RECENT - 1)
            place = recent[near]
            if place < kept and bits_of(kept_numbers[place]) == bits:
                r[i] = first + place
            else:
                kept_numbers[kept] = number
                recent[near] = kept
                r[i] = first + kept
                kept += 1
    return kept


def arrange(program, needed, order):
    """List the needed equations so that many of one operation stand in a row, and each after its operands.

    A phase is a round, in its upper bits, and the rank of an operation, in its lower ones. An equation goes to the
    first phase of its operation that is no earlier than its operands' phases. Within a phase the program's order stays.
    """
    codes = bytes_of(program.codes)
    a = ints_of(program.a)
    b = ints_of(program.b)
    c = ints_of(program.c)
    need = bytes_of(needed)
    ordered = ints_of(order)
    slots = len(program.codes)
    rank_of = array("i", [-1] * 256)
    rank = ints_of(rank_of)
    kinds = 0
    first = program.n_inputs
    for i in range(first, slots):
        if need[i] and rank[codes[i]] < 0 and codes[i] != CONSTANT:
            rank[codes[i]] = kinds
            kinds += 1
    mask = 1
    while mask < kinds:
        mask *= 2
    mask -= 1
    phase_of = filled(INTS, slots, 0)
    phase = ints_of(phase_of)
    count_of = array("i", bytes(4 * (PHASES + 512)))
    counts = ints_of(count_of)
    ordered_before = 0
    start = first
    while start < slots:
        # Find the phase of each equation of the window.
        taken = 0
        last_phase = 0
        i = start
        while i < slots and taken < WINDOW and last_phase < PHASES:
            code = codes[i]
            if need[i] and code != CONSTANT:
                earliest = 0
                if a[i] >= start:
                    earliest = phase[a[i]]
                if b[i] >= start and phase[b[i]] > earliest:
                    earliest = phase[b[i]]
                if c[i] >= start and phase[c[i]] > earliest:
                    earliest = phase[c[i]]
                here = (earliest & ~mask) | rank[code]
                if here < earliest:
                    here += mask + 1
                phase[i] = here
                counts[here] += 1
                if here > last_phase:
                    last_phase = here
                taken += 1
            i += 1
        stop = i
        # Sort by phase: where each begins, then one after the other to its place.
        place = ordered_before
        for k in range(last_phase + 1):
            length = counts[k]
            counts[k] = place
            place += length
        for i in range(start, stop):
            if need[i] and codes[i] != CONSTANT:
                k = phase[i]
                ordered[counts[k]] = i
                counts[k] += 1
        for k in range(last_phase + 1):
            counts[k] = 0
        ordered_before = place
        start = stop


def emit(program, outputs, order, registers, first):
    """Write the code of equations in an order, and give each a register, from `first` on.

    Returns:
        The code, how many registers there are, and how many runs.
    """
    codes = bytes_of(program.codes)
    a = ints_of(program.a)
    b = ints_of(program.b)
    c = ints_of(program.c)
    r = ints_of(registers)
    o = ints_of(outputs)
    ordered = ints_of(order)
    count = len(order)
    # Who reads a slot last, and how long the code will be.
    last_of = filled(INTS, len(program.codes), 0)
    last = ints_of(last_of)
    length = 0
    runs = 0
    before = 0
    run = 0
    for k in range(count):
        i = ordered[k]
        run += 1
        if codes[i] != before or run > LONGEST:
            before = codes[i]
            run = 1
            runs += 1
            length += 1
        last[a[i]] = k
        length += 2
        if b[i] >= 0:
            last[b[i]] = k
            length += 1
            if c[i] >= 0:
                last[c[i]] = k
                length += 1
    for i in range(len(outputs)):
        last[o[i]] = FOREVER
    code_array = lasting(INTS, length)
    code = ints_of(code_array)
    free_array = filled(INTS, count, 0)
    free = ints_of(free_array)
    n_free = 0
    size = first
    at = 0
    head = 0
    before = 0
    run = 0
    for k in range(count):
        i = ordered[k]
        run += 1
        if codes[i] != before or run > LONGEST:
            before = codes[i]
            run = 1
            head = at
            code[head] = before
            at += 1
        code[head] += 256
        slot = a[i]
        register = r[slot]
        code[at + 1] = register
        if last[slot] == k and register >= first:
            last[slot] = -1
            free[n_free] = register
            n_free += 1
        slot = b[i]
        width = 2
        if slot >= 0:
            register = r[slot]
            code[at + 2] = register
            width = 3
            if last[slot] == k and register >= first:
                last[slot] = -1
                free[n_free] = register
                n_free += 1
            slot = c[i]
            if slot >= 0:
                register = r[slot]
                code[at + 3] = register
                width = 4
                if last[slot] == k and register >= first:
                    last[slot] = -1
                    free[n_free] = register
                    n_free += 1
        if n_free > 0:
            n_free -= 1
            register = free[n_free]
        else:
            register = size
            size += 1
        r[i] = register
        code[at] = register
        at += width
    return code_array, size, runs
