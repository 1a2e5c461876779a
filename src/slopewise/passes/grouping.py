"""`group`: which equations of a Program do the same to other numbers.

Two equations are of one group if the whole formulas that they are the results of have one shape, whatever numbers and
inputs stand at the leaves, and, where a result is used just once, if they are used in the same way. Chains of additions
whose partial sums nobody else reads are one sum each; sums of the same kinds of terms are of one shape, however many
terms there are.

A group never depends on itself: a formula is deeper than its parts. Numbered by their first members, groups stand in
an order in which they can be computed.

This is ordinary Python and runs as such. The file `grouping.pxd` beside it names C types, and Cython then compiles this
very text. Nothing recurses.

Source: colour refinement, as in partitioning a graph by the shapes of its neighbourhoods; see `docs/decisions/roll.md`.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False)

from array import array

from slopewise.passes.choices import find_chains

if not cython.compiled:
    import struct

    from slopewise.ir.operations import ADD, CONSTANT, INPUT, MULTIPLY, POWER, WHERE

    TERM = 3  # where in its consumer a term of a sum stands

    def bits_of(x):
        """Return the 64 bits of a number as an integer."""
        return int.from_bytes(struct.pack("<d", x), "little")


MASK = (1 << 64) - 1  # C's arithmetic on 64 bits wraps; Python's needs to be told
FIRST_FACTOR = 0xBF58476D1CE4E5B9
SECOND_FACTOR = 0x94D049BB133111EB
STEP = 0x9E3779B97F4A7C15
COLOUR_OF_INPUTS = 0x243F6A8885A308D3
COLOUR_OF_CONSTANTS = 0x13198A2E03707344
COLOUR_OF_CHOICES = 0xA4093822299F31D0


class Groups:
    """The groups of a Program's equations.

    Equations that no output depends on are in none, nor are partial sums: those belong to the sum. Chains of choices,
    `max` and `min` of several numbers, are taken as sums are if all numbers compared are alike.

    Attributes:
        n: How many groups there are.
        codes: For each group its operation; a sum's is that of an addition.
        starts: Where the members of each group begin in `members`; one entry more than groups.
        members: The slots of the groups, each group's in ascending order.
        group_of: For each slot its group, -1 if it is in none.
        place_of: For each slot its place within its group.
        consumers: For each group whose members are all used once, in one place each, the group that uses them; else -1.
        first, second, third: The operands of each slot; those of a product in the order of their codes.
        sum_of: For each slot the number of its sum or chain of choices, -1 if it is none.
        within: For each slot 1 if it is part of a sum or a chain of choices, whose last equation stands for it.
        term_starts: Where the terms of each sum begin in `terms`; one entry more than sums.
        terms: The slots that are added up, or chosen from.
        uses: How often each slot is read, as an output too.
        contexts: For each input, where it is read: a bit for each way, though two ways may share one.
    """

    def __init__(self):
        self.n = 0
        self.codes = None
        self.starts = None
        self.members = None
        self.group_of = None
        self.place_of = None
        self.consumers = None
        self.first = None
        self.second = None
        self.third = None
        self.sum_of = None
        self.within = None
        self.term_starts = None
        self.terms = None
        self.uses = None
        self.contexts = None


def group(program):
    """Return the groups of a Program's equations, in time and memory linear in its size."""
    found = Groups()
    consumer = count_uses(program, found)
    list_terms(program, found, consumer)
    colours = colour_upwards(program, found)
    once = used_once(program, found, colours)
    colour_downwards(program, found, colours, once, consumer)
    note_contexts(program, found, colours)
    number_groups(program, found, colours, once, consumer)
    return found


def count_uses(program, found):
    """Count how often each slot is read by what the outputs need; return a reader of each."""
    codes = program.codes
    a = program.a
    b = program.b
    c = program.c
    n = len(codes)
    found.first = program.a[:]
    found.second = program.b[:]
    found.third = program.c[:]
    found.uses = read = array("i", [0]) * n
    consumer = reader = array("i", [-1]) * n
    outputs = program.outputs
    for i in range(len(outputs)):
        read[outputs[i]] += 1
        reader[outputs[i]] = n  # an output: no equation alone reads it
    for i in range(n):
        slot = n - 1 - i
        code = codes[slot]
        if read[slot] == 0 or code == INPUT or code == CONSTANT:
            continue
        operand = a[slot]
        if operand >= 0:
            read[operand] += 1
            if reader[operand] < n:
                reader[operand] = slot
        operand = b[slot]
        if operand >= 0:
            read[operand] += 1
            if reader[operand] < n:
                reader[operand] = slot
        operand = c[slot]
        if operand >= 0:
            read[operand] += 1
            if reader[operand] < n:
                reader[operand] = slot
    return consumer


def list_terms(program, found, consumer):
    """Find the sums and the chains of choices, and list their terms from left to right."""
    found.within, chains = find_chains(program, found.uses)
    inside = found.within
    codes = program.codes
    a = program.a
    b = program.b
    reader = consumer
    uses = found.uses
    n = len(codes)
    found.sum_of = numbers = array("i", [-1]) * n
    additions = 0
    sums = 0
    for slot in range(n):
        if codes[slot] == ADD and uses[slot] > 0:
            additions += 1
            if uses[slot] == 1 and reader[slot] < n and codes[reader[slot]] == ADD:
                inside[slot] = 1
            else:
                numbers[slot] = sums
                sums += 1
    chosen = sum(map(len, chains)) - len(chains)
    # a sum of k terms is k - 1 additions
    found.term_starts = where = array("i", [0]) * (sums + len(chains) + 1)
    found.terms = listed = array("i", [0]) * (additions + sums + chosen)
    pending = array("i", [0]) * (additions + 2)
    count = 0
    for slot in range(n):
        if numbers[slot] < 0:
            continue
        where[numbers[slot]] = count
        pending[0] = b[slot]
        pending[1] = a[slot]
        depth = 2
        while depth:
            depth -= 1
            term = pending[depth]
            if codes[term] == ADD and numbers[term] < 0:
                pending[depth] = b[term]
                pending[depth + 1] = a[term]
                depth += 2
            else:
                listed[count] = term
                count += 1
    for chain in chains:
        where[sums] = count
        numbers[chain[0]] = sums
        sums += 1
        for k in range(1, len(chain)):
            listed[count] = chain[k]
            count += 1
    where[sums] = count


def colour_upwards(program, found):
    """Return for each slot a number that tells the shape of the formula that it is the result of."""
    codes = program.codes
    a = found.first
    b = found.second
    c = found.third
    pool = program.pool
    places = program.a
    uses = found.uses
    numbers = found.sum_of
    starts = found.term_starts
    terms = found.terms
    n = len(codes)
    made = array("Q", [0]) * n
    colours = made
    for slot in range(n):
        code = codes[slot]
        if code == INPUT:
            colours[slot] = COLOUR_OF_INPUTS
            continue
        if code == CONSTANT:
            colours[slot] = COLOUR_OF_CONSTANTS
            continue
        if uses[slot] == 0:
            continue
        if code == ADD:
            if numbers[slot] >= 0:
                colours[slot] = colour_of_sum(colours, terms, starts[numbers[slot]], starts[numbers[slot] + 1])
            continue
        if code == MULTIPLY and codes[b[slot]] < codes[a[slot]]:  # by their own operation: what is below differs from
            operand = a[slot]  # step to step of a recurrence, and the order must not
            a[slot] = b[slot]
            b[slot] = operand
        colour = mixed(STEP, code)
        colour = mixed(colour, colours[a[slot]])
        if b[slot] >= 0:
            if code == POWER and codes[b[slot]] == CONSTANT:  # its exponent tells which operation it is
                colour = mixed(colour, bits_of(pool[places[b[slot]]]))
            else:
                colour = mixed(colour, colours[b[slot]])
        if c[slot] >= 0:
            colour = mixed(colour, colours[c[slot]])
        if code == WHERE and numbers[slot] >= 0:
            if is_of_one_colour(colours, terms, starts[numbers[slot]], starts[numbers[slot] + 1]):
                colour = mixed(mixed(COLOUR_OF_CHOICES, codes[a[slot]]), colours[terms[starts[numbers[slot]]]])
            else:
                take_apart(program, found, slot)
        colours[slot] = colour
    return made


def is_of_one_colour(colours, terms, start, stop):
    """Tell whether all terms are of one shape."""
    for i in range(start + 1, stop):
        if colours[terms[i]] != colours[terms[start]]:
            return False
    return True


def take_apart(program, found, last):
    """Have the equations of a chain of choices be equations like others."""
    numbers = found.sum_of
    inside = found.within
    a = program.a
    c = program.c
    numbers[last] = -1
    inside[a[last]] = 0
    slot = c[last]
    while inside[slot]:
        inside[slot] = 0
        inside[a[slot]] = 0
        slot = c[slot]


def colour_of_sum(colours, terms, start, stop):
    """Return the colour of a sum: which kinds of terms there are, no matter how many or in which order."""
    few = array("Q", [0]) * 8
    seen = few
    many = None
    count = 0
    total = mixed(STEP, ADD)
    latest = 0
    for i in range(start, stop):
        colour = colours[terms[i]]
        if count and colour == latest:
            continue
        latest = colour
        known = False
        if many is None:
            for k in range(count):
                if seen[k] == colour:
                    known = True
                    break
            if not known:
                if count < 8:
                    seen[count] = colour
                else:
                    many = set(few)
                    many.add(colour)
        elif colour in many:
            known = True
        else:
            many.add(colour)
        if not known:
            count += 1
            total = wrapped(total + mixed(STEP, colour))
    return mixed(total, ADD)


def used_once(program, found, colours):
    """Tell for each slot whether it and all others of its colour are read just once, and by an equation."""
    codes = program.codes
    uses = found.uses
    inside = found.within
    shades = colours
    n = len(codes)
    made = array("B", [0]) * n
    once = made
    returned = array("B", [0]) * n
    is_output = returned
    outputs = program.outputs
    for i in range(len(outputs)):
        is_output[outputs[i]] = 1
    shared, mask = new_table(n)
    table = shared
    for slot in range(n):
        code = codes[slot]
        if uses[slot] == 0 or code == INPUT or code == CONSTANT or inside[slot]:
            continue
        if uses[slot] > 1 or is_output[slot]:
            table[place_in(table, mask, shades[slot])] = shades[slot]
    for slot in range(n):
        code = codes[slot]
        if uses[slot] == 0 or code == INPUT or code == CONSTANT or inside[slot]:
            continue
        once[slot] = table[place_in(table, mask, shades[slot])] == 0
    return made


def colour_downwards(program, found, colours, once, consumer):
    """Tell apart by their use what is used once."""
    codes = program.codes
    a = found.first
    b = found.second
    numbers = found.sum_of
    shades = colours
    alone = once
    reader = consumer
    n = len(codes)
    for i in range(n):
        slot = n - 1 - i
        user = reader[slot]
        if codes[slot] == ADD and numbers[slot] < 0 and 0 <= user < n and numbers[user] < 0:
            reader[slot] = reader[user]  # of a partial sum: the whole sum, which that of its reader is already
        if not alone[slot]:
            continue
        user = reader[slot]
        if codes[user] == ADD:
            if numbers[user] < 0:  # a partial sum
                user = reader[user]
            place = TERM
        elif a[user] == slot:
            place = 0
        elif b[user] == slot:
            place = 1
        else:
            place = 2
        reader[slot] = user
        shades[slot] = mixed(mixed(shades[slot], shades[user]), place)


def note_contexts(program, found, colours):
    """Note in which ways each input is read."""
    codes = program.codes
    a = found.first
    b = found.second
    c = found.third
    uses = found.uses
    numbers = found.sum_of
    inside = found.within
    starts = found.term_starts
    terms = found.terms
    shades = colours
    n = len(codes)
    made = array("Q", [0]) * len(program.names)
    contexts = made
    for slot in range(n):
        code = codes[slot]
        if uses[slot] == 0 or code == INPUT or code == CONSTANT or inside[slot]:
            continue
        if numbers[slot] >= 0:
            way = one_bit(mixed(shades[slot], TERM))
            for i in range(starts[numbers[slot]], starts[numbers[slot] + 1]):
                if codes[terms[i]] == INPUT:
                    contexts[terms[i]] |= way
            continue
        if a[slot] >= 0 and codes[a[slot]] == INPUT:
            contexts[a[slot]] |= one_bit(mixed(shades[slot], 0))
        if b[slot] >= 0 and codes[b[slot]] == INPUT:
            contexts[b[slot]] |= one_bit(mixed(shades[slot], 1))
        if c[slot] >= 0 and codes[c[slot]] == INPUT:
            contexts[c[slot]] |= one_bit(mixed(shades[slot], 2))
    found.contexts = made


def number_groups(program, found, colours, once, consumer):
    """Number the groups by their first members, and list the members of each."""
    codes = program.codes
    uses = found.uses
    inside = found.within
    shades = colours
    alone = once
    reader = consumer
    n = len(codes)
    group_of = array("i", [-1]) * n
    place_of = array("i", [0]) * n
    group_at = group_of
    place_at = place_of
    known, mask = new_table(n)
    table = known
    ids = array("i", [-1]) * len(known)
    size_of = array("i", [0]) * n
    count = 0
    kinds = array("B")
    firsts = []
    for slot in range(n):
        code = codes[slot]
        if uses[slot] == 0 or code == INPUT or code == CONSTANT or inside[slot]:
            continue
        place = place_in(table, mask, shades[slot])
        number = ids[place]
        if number < 0:
            number = count
            count += 1
            table[place] = shades[slot]
            ids[place] = number
            kinds.append(code)
            firsts.append(slot)
        group_at[slot] = number
        place_at[slot] = size_of[number]
        size_of[number] += 1
    starts = array("i", [0]) * (count + 1)
    total = 0
    where = starts
    for i in range(count):
        where[i] = total
        total += size_of[i]
    where[count] = total
    members = array("i", [0]) * total
    listed = members
    for slot in range(n):
        if group_at[slot] >= 0:
            listed[where[group_at[slot]] + place_at[slot]] = slot
    consumers = array("i", [-1]) * count
    used_by = consumers
    for i in range(count):
        slot = firsts[i]
        if alone[slot]:
            used_by[i] = group_at[reader[slot]]
    found.n = count
    found.codes = kinds
    found.starts = starts
    found.members = members
    found.group_of = group_of
    found.place_of = place_of
    found.consumers = consumers


def new_table(n):
    """Return an empty table of numbers for so many entries, and the mask of its places."""
    size = 64
    while size < 2 * n:
        size *= 2
    return array("Q", [0]) * size, size - 1


def place_in(table, mask, colour):
    """Return where a colour is in a table, or where it belongs."""
    place = (colour >> 7) & mask
    while table[place] != 0 and table[place] != colour:
        place = (place + 1) & mask
    return place


def mixed(x, y):
    """Return a number of 64 bits that depends on two, and on which is which."""
    h = wrapped((x ^ (y * STEP & MASK)) + STEP)
    h = wrapped((h ^ (h >> 30)) * FIRST_FACTOR)
    h = wrapped((h ^ (h >> 27)) * SECOND_FACTOR)
    return (h ^ (h >> 31)) | 1  # never 0, which is an empty place of a table


def one_bit(x):
    """Return a number with one of 64 bits set."""
    return 1 << (x >> 58)


def wrapped(x):
    """Return the lower 64 bits."""
    return x & MASK
