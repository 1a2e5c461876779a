# C types for levels.py, which Cython compiles with them. See docs/decisions/native-build.md.

cimport cython

from slopewise.ir.operations cimport ADD, CONSTANT, INPUT, MULTIPLY, POWER, WHERE
from slopewise.passes.grouping cimport (
    TERM, bits_of, colour_of_sum, count_uses, is_of_one_colour, list_terms, mixed, note_contexts, number_groups,
    take_apart,
)

cdef unsigned long long STEP, COLOUR_OF_INPUTS, COLOUR_OF_CONSTANTS, COLOUR_OF_CHOICES, COLOUR_OF_ARRAYS
cdef int HIGHEST, LAST

cpdef object group_by_levels(object program)
@cython.locals(
    codes=cython.uchar[::1], uses=cython.int[::1], reader=cython.int[::1], n=Py_ssize_t, within=cython.uchar[::1],
    i=Py_ssize_t, slot=Py_ssize_t, user=int,
)
cdef object find_what_sums_hold(object program, object found, object consumer)
@cython.locals(
    codes=cython.uchar[::1], a=cython.int[::1], b=cython.int[::1], c=cython.int[::1], pool=cython.double[::1],
    places=cython.int[::1], uses=cython.int[::1], reader=cython.int[::1], numbers=cython.int[::1],
    starts=cython.int[::1], terms=cython.int[::1], n=Py_ssize_t, shapes=cython.ulonglong[::1],
    seen=cython.ulonglong[::1], levels=cython.int[::1], slot=Py_ssize_t, i=Py_ssize_t, code=int, operand=int, level=int,
    colour=cython.ulonglong, within=cython.uchar[::1], once=cython.uchar[::1], height=cython.uchar[::1], high=int,
)
cdef tuple look_upwards(object program, object found, object consumer, object held)
@cython.locals(
    codes=cython.uchar[::1], a=cython.int[::1], b=cython.int[::1], numbers=cython.int[::1], uses=cython.int[::1],
    inside=cython.uchar[::1], reader=cython.int[::1], shapes=cython.ulonglong[::1], n=Py_ssize_t,
    shades=cython.ulonglong[::1], roots=cython.ulonglong[::1], depths=cython.int[::1], once=cython.uchar[::1],
    height=cython.int[::1], returned=cython.int[::1], outputs=cython.int[::1], i=Py_ssize_t, slot=Py_ssize_t, code=int,
    user=int, place=int,
)
cdef tuple look_downwards(object program, object found, object consumer, object alone, object kinds, object levels)
