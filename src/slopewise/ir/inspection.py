"""The walks of the verifier, which looks at every slot between any two passes; and the mark that a content has.

This is ordinary Python and runs as such. The file `inspection.pxd` beside it names C types, and Cython then compiles
this very text.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False)

import hashlib
from array import array

from slopewise.ir.operations import ARITY

if not cython.compiled:
    from slopewise.ir.operations import CONSTANT, INPUT, UNKNOWN

MASK = (1 << 64) - 1  # C's arithmetic on 64 bits wraps; Python's needs to be told
FIRST = 0x9E3779B97F4A7C15
SECOND = 0xD1B54A32D192ED03
BLOCK = 32  # bytes: a word for each of four lanes


def first_doubtful(program):
    """Return the first slot of a Program that breaks a rule of slots, or -1; the rules stand in `verifier`."""
    codes = program.codes
    a = program.a
    b = program.b
    c = program.c
    arities = ARITY
    n_inputs = len(program.names)
    n_pool = len(program.pool)
    constants = 0
    for slot in range(len(codes)):
        code = codes[slot]
        arity = arities[code]
        first = a[slot]
        second = b[slot]
        third = c[slot]
        if (code == INPUT) != (slot < n_inputs) or arity == UNKNOWN:
            return slot
        if code == CONSTANT:
            if first != constants or constants >= n_pool or second != -1 or third != -1:
                return slot
            constants += 1
            continue
        if arity >= 1:
            if first < 0 or first >= slot:
                return slot
        elif first != -1:
            return slot
        if arity >= 2:
            if second < 0 or second >= slot:
                return slot
        elif second != -1:
            return slot
        if arity >= 3:
            if third < 0 or third >= slot:
                return slot
        elif third != -1:
            return slot
    return -1


def count_before(program, code, end):
    """Count the slots of a code before a slot."""
    codes = program.codes
    count = 0
    for slot in range(end):
        if codes[slot] == code:
            count += 1
    return count


def count_of(program, code):
    """Count the slots of a code."""
    return count_before(program, code, len(program.codes))


def digest(columns):
    """Return 16 bytes that stand for the content of some arrays: others, or other arrays, have other bytes.

    Where this is compiled, blocks are stirred natively, ten times as quickly as a hash made against attackers: nobody
    gains by two contents that have the same bytes but whoever runs them both.
    """
    whole = hashlib.blake2b(digest_size=16)
    for column in columns:
        view = memoryview(column).cast("B")
        n_bytes = len(view)
        whole.update(n_bytes.to_bytes(8, "little"))
        if cython.compiled:
            n_stirred = n_bytes - n_bytes % BLOCK
            whole.update(stirred(view[:n_stirred].cast("Q")))
            whole.update(view[n_stirred:])
        else:
            whole.update(view)
    return whole.digest()


def stirred(words):
    """Return 32 bytes for any number of blocks of four words; another word anywhere gives others."""
    first = FIRST
    second = SECOND
    third = FIRST ^ SECOND
    fourth = FIRST + SECOND & MASK
    view = words
    for i in range(0, len(view), 4):
        first = stir(first, view[i])
        second = stir(second, view[i + 1])
        third = stir(third, view[i + 2])
        fourth = stir(fourth, view[i + 3])
    return array("Q", (first, second, third, fourth)).tobytes()


def stir(state, word):
    """Return another state, for each word another one."""
    state = state + word * SECOND & MASK
    return ((state << 31 | state >> 33) & MASK) * FIRST & MASK
