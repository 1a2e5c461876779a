"""`group_by_levels`: groups of a Program's equations that look no deeper than the arrays that a formula reads.

For `grouping` two equations are alike if their whole formulas are, down to the inputs. Near the edge of a grid, or in
the i-th row of an elimination, every formula is deeper than its neighbour's, and all of them stay apart. Here what is
read more than once is an array, whatever was computed into it, and a formula ends there. A group's members stand at
one level: as many arrays, one computed from the other, lie between them and the inputs. So a group never depends on
itself, and the levels are an order in which groups can be computed.

This is ordinary Python and runs as such. The file `levels.pxd` beside it names C types, and Cython then compiles this
very text. Nothing recurses.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False)

from array import array

from slopewise.passes.grouping import Groups

if not cython.compiled:
    from slopewise.ir.operations import ADD, CONSTANT, INPUT, MULTIPLY, POWER, WHERE
    from slopewise.passes.grouping import (
        TERM,
        bits_of,
        colour_of_sum,
        count_uses,
        is_of_one_colour,
        list_terms,
        mixed,
        note_contexts,
        number_groups,
        take_apart,
    )

STEP = 0x9E3779B97F4A7C15
COLOUR_OF_INPUTS = 0x243F6A8885A308D3
COLOUR_OF_CONSTANTS = 0x13198A2E03707344
COLOUR_OF_CHOICES = 0xA4093822299F31D0
COLOUR_OF_ARRAYS = 0x082EFA98EC4E6C89
HIGHEST = 24  # operations in one formula, one above the other
LAST = (1 << 31) - 1  # the level of what only outputs need


def group_by_levels(program):
    """Return groups of a Program's equations in the order of their hashes' first members; for each what orders them.

    Returns:
        The groups. Then, for each slot, its level; the kind of what it is part of; how deep in that it stands; and its
        own kind, which is the same at all levels.
    """
    found = Groups()
    consumer = count_uses(program, found)
    list_terms(program, found, consumer)
    within = find_what_sums_hold(program, found, consumer)
    seen, levels, once = look_upwards(program, found, consumer, within)
    shades, roots, depths = look_downwards(program, found, consumer, once, seen, levels)
    note_contexts(program, found, shades)
    number_groups(program, found, shades, once, consumer)
    return found, levels, roots, depths, seen


def find_what_sums_hold(program, found, consumer):
    """Return for each slot whether it, or what it alone is part of, is part of a sum's term."""
    codes = program.codes
    uses = found.uses
    reader = consumer
    n = len(codes)
    made = array("B", [0]) * n
    within = made
    for i in range(n):
        slot = n - 1 - i
        user = reader[slot]
        if uses[slot] == 1 and user < n:
            within[slot] = codes[user] == ADD or within[user]
    return made


def look_upwards(program, found, consumer, held):
    """Return for each slot a number that tells its formula down to the arrays that it reads; and its level.

    Also, whether it is part of the formula that reads it. A sum is not if that is a sum too, nor what stands too high:
    or else a recurrence would be one formula, and no step of it would be like the next.
    """
    within = held
    codes = program.codes
    a = found.first
    b = found.second
    c = found.third
    pool = program.pool
    places = program.a
    uses = found.uses
    reader = consumer
    numbers = found.sum_of
    starts = found.term_starts
    terms = found.terms
    n = len(codes)
    made_shapes = array("Q", [0]) * n
    shapes = made_shapes  # of their own
    made_seen = array("Q", [0]) * n
    seen = made_seen  # as others see them
    made_levels = array("i", [0]) * n
    levels = made_levels
    made_once = array("B", [0]) * n
    once = made_once
    heights = array("B", [0]) * n
    height = heights
    for slot in range(n):
        code = codes[slot]
        if code == INPUT:
            shapes[slot] = seen[slot] = COLOUR_OF_INPUTS
            continue
        if code == CONSTANT:
            shapes[slot] = seen[slot] = COLOUR_OF_CONSTANTS
            continue
        if uses[slot] == 0 or (code == ADD and numbers[slot] < 0):
            continue
        level = 0
        high = 0
        if code == ADD:
            colour = colour_of_sum(seen, terms, starts[numbers[slot]], starts[numbers[slot] + 1])
            for i in range(starts[numbers[slot]], starts[numbers[slot] + 1]):
                if levels[terms[i]] > level:
                    level = levels[terms[i]]
                if height[terms[i]] > high:
                    high = height[terms[i]]
        else:
            if code == MULTIPLY and seen[b[slot]] < seen[a[slot]]:
                operand = a[slot]
                a[slot] = b[slot]
                b[slot] = operand
            colour = mixed(STEP, code)
            colour = mixed(colour, seen[a[slot]])
            level = levels[a[slot]]
            high = height[a[slot]]
            if b[slot] >= 0:
                if code == POWER and codes[b[slot]] == CONSTANT:  # its exponent tells which operation it is
                    colour = mixed(colour, bits_of(pool[places[b[slot]]]))
                else:
                    colour = mixed(colour, seen[b[slot]])
                if levels[b[slot]] > level:
                    level = levels[b[slot]]
                if height[b[slot]] > high:
                    high = height[b[slot]]
            if c[slot] >= 0:
                colour = mixed(colour, seen[c[slot]])
                if levels[c[slot]] > level:
                    level = levels[c[slot]]
                if height[c[slot]] > high:
                    high = height[c[slot]]
            if code == WHERE and numbers[slot] >= 0:
                if is_of_one_colour(seen, terms, starts[numbers[slot]], starts[numbers[slot] + 1]):
                    colour = mixed(mixed(COLOUR_OF_CHOICES, codes[a[slot]]), seen[terms[starts[numbers[slot]]]])
                    level = 0
                    for i in range(starts[numbers[slot]], starts[numbers[slot] + 1]):
                        if levels[terms[i]] > level:
                            level = levels[terms[i]]
                else:
                    take_apart(program, found, slot)
        shapes[slot] = colour
        levels[slot] = level
        if uses[slot] == 1 and reader[slot] < n and high < HIGHEST and (code != ADD or not within[slot]):
            once[slot] = 1
            seen[slot] = colour
            height[slot] = high + 1
        else:
            seen[slot] = COLOUR_OF_ARRAYS
            levels[slot] = level + 1
    return made_shapes, made_levels, made_once


def look_downwards(program, found, consumer, alone, kinds, levels):
    """Have what is read once be told by what reads it; return colours that tell groups, and what orders them."""
    codes = program.codes
    a = found.first
    b = found.second
    numbers = found.sum_of
    uses = found.uses
    inside = found.within
    reader = consumer
    shapes = kinds
    n = len(codes)
    made_shades = array("Q", [0]) * n
    shades = made_shades
    made_roots = array("Q", [0]) * n
    roots = made_roots
    made_depths = array("i", [0]) * n
    depths = made_depths
    once = alone
    height = levels
    made_read = array("i", [0]) * n
    returned = made_read
    outputs = program.outputs
    for i in range(len(outputs)):
        returned[outputs[i]] += 1
    for i in range(n):
        slot = n - 1 - i
        code = codes[slot]
        user = reader[slot]
        if code == ADD and numbers[slot] < 0 and 0 <= user < n and numbers[user] < 0:
            reader[slot] = reader[user]  # of a partial sum: the whole sum, which that of its reader is already
        if uses[slot] == 0 or code == INPUT or code == CONSTANT or inside[slot]:
            continue
        if not once[slot]:
            if returned[slot] == uses[slot]:
                height[slot] = LAST
            roots[slot] = shapes[slot]
            shades[slot] = mixed(shapes[slot], height[slot])
            continue
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
        shades[slot] = mixed(mixed(shapes[slot], shades[user]), place)
        shapes[slot] = mixed(mixed(shapes[slot], shapes[user]), place)
        roots[slot] = roots[user]
        height[slot] = height[user]
        depths[slot] = depths[user] + 1
    return made_shades, made_roots, made_depths
