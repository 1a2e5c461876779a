# C types for calling.py, which Cython compiles with them. See docs/decisions/engine.md and docs/decisions/replay.md.

cimport cython
from cpython cimport array

from slopewise.backends.replay cimport Kernel
from slopewise.backends.runs cimport (
    Runs, bytes_of, doubles_of, execute, give_registers_back, ints_of, take_registers,
)
from slopewise.engine cimport value as engine_value
from slopewise.engine.value cimport FLOAT, MANY, WRITTEN, Value

# The numbers of calling.py, known to the C compiler.
cdef enum:
    NUMBER = 0
    DATA = 1
    GRAD = 2
    ONE = 0
    ROW = 1
    NEST = 2

cdef inline bint is_watched():
    return (
        engine_value.watching != 0
        or engine_value.recorder is not None
        or engine_value.journal is not None
        or engine_value.on_read is not None
    )

cdef object MISS

cdef class Caller:
    cdef readonly tuple shortcuts
    cdef readonly Shortcut taken

@cython.final
cdef class Recipe:
    cdef int kind
    cdef object form
    cdef int place
    cdef array.array places
    cdef list parts
    cdef tuple keys

@cython.final
cdef class Shortcut:
    cdef readonly Kernel kernel
    cdef readonly object tag
    cdef readonly long long calls
    cdef Runs runs
    cdef bint plain
    cdef Py_ssize_t count
    cdef array.array integers
    cdef list values
    cdef array.array attributes
    cdef array.array numbers
    cdef array.array guard_places
    cdef array.array guard_truths
    cdef array.array expected
    cdef list written
    cdef array.array write_places
    cdef array.array write_kinds
    cdef Recipe recipe

@cython.locals(shortcuts=tuple, shortcut=Shortcut, i=Py_ssize_t)
cdef object answer(Caller caller, tuple args, dict kwargs)
@cython.locals(parts=list, part=Recipe, row=array.array)
cdef Recipe recipe_of(object recipe, array.array places, int depth)
cdef tuple moved_to_front(tuple shortcuts, Py_ssize_t i)
@cython.locals(
    count=Py_ssize_t, i=Py_ssize_t, runs=Runs, registers=array.array, v=cython.p_double, recipe=Recipe,
    integers=cython.p_uchar,
)
cdef object attempt(Shortcut shortcut, tuple args)
cdef bint is_plain(object x) except -1
@cython.locals(
    values=list, kinds=cython.p_uchar, numbers=cython.p_double, at=Py_ssize_t, i=Py_ssize_t, kind=int, value=Value
)
cdef bint read_captured(Shortcut shortcut, double* v) except -1
@cython.locals(places=cython.p_int, truths=cython.p_uchar, expected=cython.p_double, i=Py_ssize_t, x=double)
cdef bint guards_hold(Shortcut shortcut, double* v) except -1
@cython.locals(written=list, places=cython.p_int, kinds=cython.p_uchar, i=Py_ssize_t, x=double, value=Value)
cdef int write(Shortcut shortcut, double* v) except -1
@cython.locals(places=cython.p_int, i=Py_ssize_t, part=Recipe, items=list)
cdef object nested(Recipe recipe, double* v)
