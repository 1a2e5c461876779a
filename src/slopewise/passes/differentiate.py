"""Derivatives of programs, as programs: `vjp` backward (reverse mode), `jvp` forward.

What comes out holds the operations of the table and of plain arithmetic, nothing else. So it can be differentiated
again, to any order, either way.

This is ordinary Python and runs as such. The file `differentiate.pxd` beside it names C types, and Cython then compiles
this very text. Nothing recurses.

Source: A. Griewank and A. Walther, Evaluating Derivatives, 2nd edition (2008), chapter 3.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False)

from array import array

from slopewise.errors import DomainError
from slopewise.ir.builder import Builder
from slopewise.ir.program import Program
from slopewise.passes.cotangents import Cotangents, reverse_into
from slopewise.passes.stamping import Stamper

__all__ = ["check_places", "jvp", "reverse_into", "vjp"]

if not cython.compiled:
    from slopewise.ir.builder import BYTES, DOUBLES, INTS, blank, filled
    from slopewise.ir.operations import ADD, CONSTANT
    from slopewise.passes.stamping import GRADIENT, RESULT, WHOLE, W, X, Y, backward_rules, forward_rules


ROOM = 4  # times as many slots as a program has are seldom too few with its gradient; what is not used costs nothing


def vjp(program, wrt, of=(0,), seeds="one", exact=False):
    """Return a program that computes gradients too, backward: a vector times the Jacobian.

    Args:
        program: The program.
        wrt: The inputs whose gradients are wanted, by position.
        of: The outputs that are differentiated, by position. With several, their gradients add up.
        seeds: `"one"`: the gradient of each of those outputs is 1. `"inputs"`: it is a further input, one for each.
        exact: Compute just what the engine's `backward()` computes, to the last bit.

    Returns:
        A program whose outputs are those of the given one, then one gradient for each of `wrt`: the constant 0 where
        nothing leads there.

    Raises:
        DomainError: An input or output does not exist, or `seeds` is neither of the two.

    Example:
        >>> from slopewise import ir
        >>> p = ir.parse("program(%0 x) { %1 = tanh %0; return %1 }")
        >>> ir.interpret(vjp(p, [0]), [0.0])
        [0.0, 1.0]
    """
    check_places(wrt, len(program.names), "input")
    check_places(of, len(program.outputs), "output")
    if seeds not in ("one", "inputs"):
        raise DomainError(f"the seeds of vjp() are 'one' or 'inputs', got {seeds!r}")
    builder = Builder()
    builder.reserve(ROOM * len(program.codes))
    builder.inline(program, [builder.input() for _ in program.names])
    roots = [program.outputs[place] for place in of]
    inputs = list(range(len(program.names)))
    names = list(program.names)
    if seeds == "inputs":
        given = [builder.input() for _ in of]
        inputs += given
        for place in of:
            names.append(new_name(f"bar{place}", names))
    else:
        given = [builder.constant(1.0)] * len(roots)
    gradients = Cotangents(builder, exact)
    gradients.want(wrt)
    gradients.run(roots, given)
    outputs = list(program.outputs)
    for place in wrt:
        bar = gradients.of(place)
        outputs.append(bar if bar >= 0 else builder.constant(0.0))
    return whole(builder, outputs, names) if seeds == "one" else builder.extract(inputs, outputs, names)


def jvp(program, wrt, of=None):
    """Return a program that computes a directional derivative too, forward: the Jacobian times a vector.

    Args:
        program: The program.
        wrt: The inputs that move, by position.
        of: The outputs whose tangents are wanted, by position; all of them without.

    Returns:
        A program with one more input for each of `wrt`, its tangent. Its outputs are those of the given program, then
        one tangent for each of `of`: the constant 0 where nothing leads there.

    Raises:
        DomainError: An input or output does not exist.

    Example:
        >>> from slopewise import ir
        >>> p = ir.parse("program(%0 x) { %1 = square %0; return %1 }")
        >>> ir.interpret(jvp(p, [0]), [3.0, 0.5])
        [9.0, 3.0]
    """
    n_inputs = len(program.names)
    n_moving = len(wrt)
    of = range(len(program.outputs)) if of is None else of
    check_places(wrt, n_inputs, "input")
    check_places(of, len(program.outputs), "output")
    codes = program.codes
    first = program.a
    second = program.b
    third = program.c
    pool = program.pool
    n_slots = len(codes)
    builder = Builder()
    stamper = Stamper(builder, forward_rules, True)
    new = moved = filled(INTS, n_slots + 1, 255)
    dots = tangents = filled(INTS, n_slots + 1, 255)
    for slot in range(n_inputs):
        new[slot] = builder.input()
    names = list(program.names)
    for place in wrt:
        dot = builder.input()
        dots[place] = dot if dots[place] < 0 else builder.emit(ADD, dots[place], dot)
        names.append(new_name(f"{program.names[place]}_dot", names))
    for slot in range(n_inputs, n_slots):
        code = codes[slot]
        if code == CONSTANT:
            new[slot] = builder.constant(pool[first[slot]])
            continue
        a = first[slot]
        b = second[slot]
        c = third[slot]
        copy = builder.emit(code, new[a], new[b] if b >= 0 else -1, new[c] if c >= 0 else -1)
        new[slot] = copy
        active = 0
        if dots[a] >= 0:
            active = 1
        if b >= 0 and dots[b] >= 0:
            active += 2
        if c >= 0 and dots[c] >= 0:
            active += 4
        if active:
            kind = stamper.kind_of(copy)
            number = backward_rules.find(kind, 0)
            active &= backward_rules.reach[number]
        if not active:
            continue
        stamper.places[X] = new[a]
        stamper.places[Y] = new[b] if b >= 0 else -1
        stamper.places[W] = new[c] if c >= 0 else -1
        stamper.places[RESULT] = copy
        stamper.places[GRADIENT] = dots[a]
        stamper.places[GRADIENT + 1] = dots[b] if b >= 0 else -1
        stamper.places[GRADIENT + 2] = dots[c] if c >= 0 else -1
        number = forward_rules.find(kind, active)
        stamper.stamp(number, 1, WHOLE)
        dots[slot] = stamper.places[forward_rules.results[3 * number]]
    outputs = [moved[slot] for slot in program.outputs]
    for place in of:
        dot = tangents[program.outputs[place]]
        outputs.append(dot if dot >= 0 else builder.constant(0.0))
    if len(of) == len(program.outputs):
        return whole(builder, outputs, names)
    return builder.extract(range(n_inputs + n_moving), outputs, names)


def whole(builder, outputs, names):
    """Return all of a Builder whose inputs stand first: `extract` without a look at what is needed."""
    size = builder.size
    codes = column_b = blank(BYTES, size)
    a = column_1 = blank(INTS, size)
    b = column_2 = blank(INTS, size)
    c = column_3 = blank(INTS, size)
    pool = column_d = blank(DOUBLES, builder.pool_size)
    codes[:] = builder.codes[:size]
    a[:] = builder.a[:size]
    b[:] = builder.b[:size]
    c[:] = builder.c[:size]
    pool[:] = builder.pool[: builder.pool_size]
    return Program(column_b, column_1, column_2, column_3, column_d, array("i", outputs), tuple(names))


def check_places(places, count, noun):
    """Refuse positions of inputs or outputs that do not exist.

    Raises:
        DomainError: One does not.
    """
    for place in places:
        if not 0 <= place < count:
            raise DomainError(
                f"the program has {count} {noun}{'s' * (count != 1)}, and number {place} was asked for\n"
                f"the first is number 0"
            )


def new_name(wish, names):
    """Return a name that is not among the given ones: the wish, or the wish with a number."""
    if wish not in names:
        return wish
    number = 2
    while f"{wish}{number}" in names:
        number += 1
    return f"{wish}{number}"
