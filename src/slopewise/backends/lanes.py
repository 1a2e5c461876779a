"""A program lowered for many rows of inputs: each register holds one number per lane, and a lane is a row.

An equation is a loop over the lanes, which the C compiler turns into vector instructions; looking at its operation is
paid once for all of them. The rows are taken in chunks so small that the registers stay in the second cache. What
depends on no column but on constants and shared numbers alone is computed once, as `runs` does it, and enters as a
single number.

This is ordinary Python that Cython compiles with the types in `lanes.pxd`.
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
        CODE_ARITY,
        FOREVER,
        bytes_of,
        doubles_of,
        execute,
        give_registers_back,
        ints_of,
        longs_of,
        lower,
        mark_needed,
        take_registers,
    )
    from slopewise.ir.evaluation import evaluate, quotient
    from slopewise.ir.operations import (
        ADD,
        CONSTANT,
        DIVIDE,
        GREATER,
        LESS,
        MAXIMUM,
        MINIMUM,
        MULTIPLY,
        NEGATE,
        RELU,
        SQUARE,
        SUBTRACT,
        WHERE,
    )

    def pointers(count):
        """Return room for the starts of so many columns."""
        return [None] * count

    pointers_of = list

    def start_of(column):
        """Return what C reads a column from."""
        return column

    def stride_of(column):
        """Return how many doubles lie from one number of a column to the next; Python's memoryview sees to it."""
        return 1

    # The numbers in this block stand in lanes.pxd too, as constants of C.
    SECOND_SHARED = 256  # added to an operation whose second operand is a single number
    FIRST_SHARED = 512  # added to one whose first operand is
    BROADCAST = CONSTANT  # puts a single number into all lanes of a register
    CACHE = 65536  # doubles that the registers of a chunk may take: half of a usual second cache
    MOST_LANES = 128
    FEW_LANES = 32  # below, looking at the operations costs more than the caches save
    FEWEST_LANES = 8
    MOST_NUMBERS = 4194304  # doubles that the registers may take for the sake of FEW_LANES


class Lanes:
    """What `lower_lanes` makes of a program.

    Attributes:
        code: For each equation its operation and form, its register, and its operands: registers, or for a shared one
            the register of `single` that holds it.
        single: The `Runs` of what is computed once.
        n_registers: How many registers there are, each of which holds `width` numbers.
        width: How many rows are computed at once.
        columns: The inputs that come in columns.
        inputs: For each of them its register.
        outputs: For each output its register, or -1 - the register of `single` that holds it.
        n_equations: How many equations are computed in lanes.
    """

    def __init__(self, code, single, n_registers, columns, inputs, outputs, n_equations):
        self.code = code
        self.single = single
        self.n_registers = n_registers
        self.columns = columns
        self.inputs = inputs
        self.outputs = outputs
        self.n_equations = n_equations
        self.width = lanes_for(n_registers)
        self.spare = []

    @property
    def n_bytes(self):
        """How much memory it takes: its code, and the registers of one call."""
        held = 4 * (len(self.code) + 2 * len(self.inputs) + len(self.outputs)) + 8 * self.n_registers * self.width
        return held + self.single.n_bytes


def lanes_for(registers):
    """Return how many lanes to give each of so many registers: a multiple of 8."""
    if registers * MOST_LANES <= CACHE:
        return MOST_LANES
    lanes = CACHE // registers // 8 * 8
    if lanes >= FEW_LANES:
        return lanes
    lanes = FEW_LANES
    while lanes > FEWEST_LANES and lanes * registers > MOST_NUMBERS:
        lanes //= 2
    return lanes


def replay_rows(lanes, numbers, columns, rows, results):
    """Compute all rows.

    Args:
        lanes: What to compute.
        numbers: For each input the number that all rows share; that of a column is not looked at.
        columns: For each of `lanes.columns` a memoryview of doubles of length `rows`.
        rows: How many rows there are.
        results: For each output a writable memoryview of doubles of length `rows`.
    """
    single = take_registers(lanes.single)
    s = doubles_of(single)
    for i in range(len(numbers)):
        s[i] = numbers[i]
    execute(lanes.single, single)
    n_inputs = len(columns)
    n_outputs = len(results)
    input_starts = pointers(n_inputs)
    output_starts = pointers(n_outputs)
    from_starts = pointers_of(input_starts)
    to_starts = pointers_of(output_starts)
    input_strides = array("q", bytes(8 * n_inputs))
    output_strides = array("q", bytes(8 * n_outputs))
    from_strides = longs_of(input_strides)
    to_strides = longs_of(output_strides)
    for i in range(n_inputs):
        from_starts[i] = start_of(columns[i])
        from_strides[i] = stride_of(columns[i])
    for i in range(n_outputs):
        to_starts[i] = start_of(results[i])
        to_strides[i] = stride_of(results[i])
    try:
        registers = lanes.spare.pop()
    except IndexError:
        registers = array("d", bytes(8 * lanes.n_registers * lanes.width))
    v = doubles_of(registers)
    code = ints_of(lanes.code)
    end = len(lanes.code)
    width = lanes.width
    places = ints_of(lanes.inputs)
    ends = ints_of(lanes.outputs)
    arities = bytes_of(CODE_ARITY)
    with cython.nogil:
        row = 0
        while row < rows:
            count = width if rows - row > width else rows - row
            for i in range(n_inputs):
                place = places[i] * width
                stride = from_strides[i]
                begin = row * stride
                for k in range(count):
                    v[place + k] = from_starts[i][begin + k * stride]
            run_lanes(code, end, v, s, width, count, arities)
            for i in range(n_outputs):
                stride = to_strides[i]
                begin = row * stride
                if ends[i] < 0:
                    x = s[-1 - ends[i]]
                    for k in range(count):
                        to_starts[i][begin + k * stride] = x
                else:
                    place = ends[i] * width
                    for k in range(count):
                        to_starts[i][begin + k * stride] = v[place + k]
            row += count
    if len(lanes.spare) < 2:
        lanes.spare.append(registers)
    give_registers_back(lanes.single, single)


def run_lanes(code, end, v, s, width, count, arities):
    """Compute the first `count` of `width` lanes of all equations."""
    at = 0
    while at < end:
        operation = code[at]
        o = code[at + 1] * width
        a = code[at + 2] * width
        # ---- two columns
        if operation == ADD:
            b = code[at + 3] * width
            for k in range(count):
                v[o + k] = v[a + k] + v[b + k]
            at += 4
        elif operation == MULTIPLY:
            b = code[at + 3] * width
            for k in range(count):
                v[o + k] = v[a + k] * v[b + k]
            at += 4
        elif operation == SUBTRACT:
            b = code[at + 3] * width
            for k in range(count):
                v[o + k] = v[a + k] - v[b + k]
            at += 4
        elif operation == DIVIDE:
            b = code[at + 3] * width
            for k in range(count):
                v[o + k] = quotient(v[a + k], v[b + k])
            at += 4
        elif operation == MAXIMUM:
            b = code[at + 3] * width
            for k in range(count):
                x = v[a + k]
                y = v[b + k]
                v[o + k] = x if x >= y or x != x else y
            at += 4
        elif operation == MINIMUM:
            b = code[at + 3] * width
            for k in range(count):
                x = v[a + k]
                y = v[b + k]
                v[o + k] = x if x <= y or x != x else y
            at += 4
        elif operation == WHERE:
            b = code[at + 3] * width
            c = code[at + 4] * width
            for k in range(count):
                x = v[b + k]
                y = v[c + k]
                v[o + k] = x if v[a + k] != 0.0 else y
            at += 5
        # ---- one column
        elif operation == NEGATE:
            for k in range(count):
                v[o + k] = -v[a + k]
            at += 3
        elif operation == SQUARE:
            for k in range(count):
                v[o + k] = v[a + k] * v[a + k]
            at += 3
        elif operation == RELU:
            for k in range(count):
                x = v[a + k]
                v[o + k] = 0.0 if x < 0.0 else x
            at += 3
        # ---- a column and a single number
        elif operation == ADD + SECOND_SHARED:
            x = s[code[at + 3]]
            for k in range(count):
                v[o + k] = v[a + k] + x
            at += 4
        elif operation == MULTIPLY + SECOND_SHARED:
            x = s[code[at + 3]]
            for k in range(count):
                v[o + k] = v[a + k] * x
            at += 4
        elif operation == SUBTRACT + SECOND_SHARED:
            x = s[code[at + 3]]
            for k in range(count):
                v[o + k] = v[a + k] - x
            at += 4
        elif operation == DIVIDE + SECOND_SHARED:
            x = s[code[at + 3]]
            for k in range(count):
                v[o + k] = quotient(v[a + k], x)
            at += 4
        elif operation == GREATER + SECOND_SHARED:
            x = s[code[at + 3]]
            for k in range(count):
                v[o + k] = 1.0 if v[a + k] > x else 0.0
            at += 4
        elif operation == LESS + SECOND_SHARED:
            x = s[code[at + 3]]
            for k in range(count):
                v[o + k] = 1.0 if v[a + k] < x else 0.0
            at += 4
        elif operation == SUBTRACT + FIRST_SHARED:
            x = s[code[at + 3]]
            for k in range(count):
                v[o + k] = x - v[a + k]
            at += 4
        elif operation == DIVIDE + FIRST_SHARED:
            x = s[code[at + 3]]
            for k in range(count):
                v[o + k] = quotient(x, v[a + k])
            at += 4
        elif operation == BROADCAST:
            x = s[code[at + 2]]
            for k in range(count):
                v[o + k] = x
            at += 3
        # ---- everything else
        else:
            if operation >= SECOND_SHARED:
                x = s[code[at + 3]]
                operation -= SECOND_SHARED
                for k in range(count):
                    v[o + k] = evaluate(operation, v[a + k], x, 0.0)
                at += 4
            elif arities[operation] == 1:
                for k in range(count):
                    v[o + k] = evaluate(operation, v[a + k], 0.0, 0.0)
                at += 3
            elif arities[operation] == 2:
                b = code[at + 3] * width
                for k in range(count):
                    v[o + k] = evaluate(operation, v[a + k], v[b + k], 0.0)
                at += 4
            else:
                b = code[at + 3] * width
                c = code[at + 4] * width
                for k in range(count):
                    v[o + k] = evaluate(operation, v[a + k], v[b + k], v[c + k])
                at += 5


# ---------------------------------------------------------------------- from a program to lanes


def lower_lanes(program, shared):
    """Return the lanes that compute a program's outputs.

    Args:
        program: A Program that `ir.verify` accepts.
        shared: For each input 1 when all rows share a number, 0 when it comes in a column; an array of bytes.

    Returns:
        `Lanes`; time and memory grow with the slots.
    """
    slots = len(program.codes)
    needed = array("B", bytes(slots))
    mark_needed(program, program.outputs, needed)
    varies = array("B", bytes(slots))
    mark_varying(program, shared, varies)
    wanted = array("i")
    homes = array("i", bytes(4 * slots))
    list_shared(program, needed, varies, wanted, homes)
    single = lower(program, wanted)
    home = ints_of(homes)
    places = ints_of(single.places)
    slot_of = ints_of(wanted)
    for i in range(len(wanted)):
        home[slot_of[i]] = places[i]
    columns = array("i", [i for i in range(program.n_inputs) if not shared[i]])
    for i, slot in enumerate(columns):
        homes[slot] = i
    code, registers, count = emit_lanes(program, needed, varies, homes, len(columns))
    outputs = array("i", [homes[slot] if varies[slot] else -1 - homes[slot] for slot in program.outputs])
    return Lanes(code, single, registers, columns, array("i", range(len(columns))), outputs, count)


def mark_varying(program, shared, varies):
    """Mark the slots that depend on a column."""
    codes = bytes_of(program.codes)
    a = ints_of(program.a)
    b = ints_of(program.b)
    c = ints_of(program.c)
    vary = bytes_of(varies)
    is_shared = bytes_of(shared)
    first = program.n_inputs
    slots = len(program.codes)
    for i in range(first):
        vary[i] = 1 - is_shared[i]
    for i in range(first, slots):
        if codes[i] != CONSTANT:
            if vary[a[i]]:
                vary[i] = 1
            elif b[i] >= 0:
                if vary[b[i]]:
                    vary[i] = 1
                elif c[i] >= 0:
                    vary[i] = vary[c[i]]


def list_shared(program, needed, varies, wanted, homes):
    """List, once each, the slots that depend on no column and are read by one that does, or are outputs."""
    a = ints_of(program.a)
    b = ints_of(program.b)
    c = ints_of(program.c)
    vary = bytes_of(varies)
    need = bytes_of(needed)
    home = ints_of(homes)  # 1 for what is on the list already
    slots = len(program.codes)
    first = program.n_inputs
    for i in range(first, slots):
        if need[i] and vary[i]:
            for k in range(3):
                slot = a[i] if k == 0 else b[i] if k == 1 else c[i]
                if slot >= 0 and not vary[slot] and home[slot] == 0:
                    home[slot] = 1
                    wanted.append(slot)
    for slot in program.outputs:
        if not vary[slot] and home[slot] == 0:
            home[slot] = 1
            wanted.append(slot)


def emit_lanes(program, needed, varies, homes, first):
    """Write the code of the equations that vary, in the program's order, and give each a register, from `first` on.

    A result never goes to a register that its own equation reads: then the C compiler need not mind their order.

    Returns:
        The code, how many registers there are, and how many equations.
    """
    codes = bytes_of(program.codes)
    a = ints_of(program.a)
    b = ints_of(program.b)
    c = ints_of(program.c)
    vary = bytes_of(varies)
    need = bytes_of(needed)
    home = ints_of(homes)
    arities = bytes_of(CODE_ARITY)
    slots = len(program.codes)
    inputs = program.n_inputs
    last_of = array("i", bytes(4 * slots))
    last = ints_of(last_of)
    count = 0
    length = 0
    for i in range(inputs, slots):
        if need[i] and vary[i]:
            count += 1
            arity = arities[codes[i]]
            length += 2 + arity
            last[a[i]] = i
            if arity > 1:
                last[b[i]] = i
                if arity > 2:
                    last[c[i]] = i
            for k in range(arity):  # at most what putting them into lanes takes
                slot = a[i] if k == 0 else b[i] if k == 1 else c[i]
                if not vary[slot]:
                    length += 3
    for slot in program.outputs:
        last[slot] = FOREVER
    for i in range(inputs):
        last[i] = FOREVER
    code_array = array("i", bytes(4 * length))
    code = ints_of(code_array)
    free_array = array("i", bytes(4 * (count + 3)))
    free = ints_of(free_array)
    n_free = 0
    size = first
    at = 0
    for i in range(inputs, slots):
        if not need[i] or not vary[i]:
            continue
        operation = codes[i]
        arity = arities[operation]
        lent = 0
        x = a[i]
        y = b[i]
        z = c[i]
        form = 0
        if arity == 2:
            if not vary[y]:
                form = SECOND_SHARED
            elif not vary[x]:
                if operation == ADD or operation == MULTIPLY:
                    form = SECOND_SHARED
                    x = b[i]
                    y = a[i]
                elif operation == SUBTRACT or operation == DIVIDE:
                    form = FIRST_SHARED
                    x = b[i]
                    y = a[i]
        # Put the other single numbers into lanes, in registers that are lent for this equation.
        lent_x = -1
        lent_y = -1
        lent_z = -1
        for k in range(arity):
            slot = x if k == 0 else y if k == 1 else z
            if vary[slot] or (k == 1 and form != 0):
                continue
            if n_free > 0:
                n_free -= 1
                register = free[n_free]
            else:
                register = size
                size += 1
            code[at] = BROADCAST
            code[at + 1] = register
            code[at + 2] = home[slot]
            at += 3
            if k == 0:
                lent_x = register
            elif k == 1:
                lent_y = register
            else:
                lent_z = register
        if n_free > 0:
            n_free -= 1
            register = free[n_free]
        else:
            register = size
            size += 1
        code[at] = operation + form
        code[at + 1] = register
        code[at + 2] = lent_x if lent_x >= 0 else home[x]
        if arity > 1:
            code[at + 3] = lent_y if lent_y >= 0 else home[y]
            if arity > 2:
                code[at + 4] = lent_z if lent_z >= 0 else home[z]
        at += 2 + arity
        home[i] = register
        # Free what nobody reads any more.
        for k in range(arity):
            lent = lent_x if k == 0 else lent_y if k == 1 else lent_z
            slot = x if k == 0 else y if k == 1 else z
            if lent >= 0:
                free[n_free] = lent
                n_free += 1
            elif vary[slot] and last[slot] == i:
                last[slot] = -1
                free[n_free] = home[slot]
                n_free += 1
    del code_array[at:]
    return code_array, size, count
