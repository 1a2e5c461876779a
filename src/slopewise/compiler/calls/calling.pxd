# C types for calling.py, which Cython compiles with them. See docs/decisions/engine.md and docs/decisions/replay.md.

cimport cython
from cpython cimport array

from slopewise.backends.replay cimport Kernel
from slopewise.backends.runs cimport (
    Runs, bytes_of, doubles_of, execute, execute_code, give_registers_back, ints_of, take_registers,
)
from slopewise.compiler.calls.exchange cimport DATA, GRAD, read_numbers, write_numbers
from slopewise.compiler.calls.plans cimport Plan, take_call
from slopewise.compiler.calls.recipes cimport Recipe, build, recipe_of, whole_block
from slopewise.compiler.calls.taking cimport (
    copy_stretches, data_of, is_vector_of, new_empty, numbers_at, numbers_of, stretches_of,
)
from slopewise.engine cimport value as engine_value

cdef inline bint is_watched():
    return (
        engine_value.watching != 0
        or engine_value.recorder is not None
        or engine_value.journal is not None
        or engine_value.on_read is not None
    )

cdef object MISS, VAIN
cdef int MOST_RUNS

cdef class Caller:
    cdef readonly tuple shortcuts
    cdef readonly Shortcut taken

@cython.final
cdef class Shortcut:
    cdef readonly Kernel kernel
    cdef readonly object tag
    cdef readonly long long calls
    cdef Runs runs
    cdef readonly Plan plan
    cdef Py_ssize_t count
    cdef list values
    cdef array.array attributes
    cdef bint has_values
    cdef array.array constants
    cdef array.array constant_places
    cdef array.array checked_places
    cdef array.array checked_numbers
    cdef array.array guard_places
    cdef array.array guard_truths
    cdef array.array expected
    cdef list written
    cdef array.array write_places
    cdef array.array write_kinds
    cdef Recipe recipe
    cdef object shape
    cdef Py_ssize_t vector
    cdef array.array taken
    cdef array.array taken_places
    cdef array.array taken_lengths
    cdef object after
    cdef array.array after_places
    cdef object following
    cdef Py_ssize_t failed
    cdef double outcome
    cdef object carry

@cython.locals(shortcuts=tuple, shortcut=Shortcut, i=Py_ssize_t, runs=int)
cdef object answer(Caller caller, tuple args, dict kwargs)
cdef tuple with_first(tuple shortcuts, Shortcut first)
@cython.locals(runs=Runs, registers=array.array, v=cython.p_double, is_taken=cython.bint)
cdef object attempt(Shortcut shortcut, tuple args, dict kwargs)
@cython.locals(places=cython.p_int, numbers=cython.p_double, i=Py_ssize_t)
cdef bint may_run(Shortcut shortcut, double* v) except -1
@cython.locals(v=cython.p_double, constants=cython.p_double, places=cython.p_int, i=Py_ssize_t)
cdef bint read_captured(Shortcut shortcut, array.array registers) except -1
@cython.locals(places=cython.p_int, truths=cython.p_uchar, expected=cython.p_double, i=Py_ssize_t, x=double, holds=cython.bint)
cdef bint guards_hold(Shortcut shortcut, double* v) except -1
