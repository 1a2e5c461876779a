"""The walks of the verifier, which looks at every slot between any two passes.

This is ordinary Python and runs as such. The file `inspection.pxd` beside it names C types, and Cython then compiles
this very text.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False)

from slopewise.ir.operations import ARITY

if not cython.compiled:
    from slopewise.ir.operations import CONSTANT, INPUT, UNKNOWN


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
