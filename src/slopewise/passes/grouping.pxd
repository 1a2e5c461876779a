# C types for grouping.py, which Cython compiles with them. See docs/decisions/native-build.md.

cimport cython

from slopewise.ir.operations cimport ADD, CONSTANT, INPUT, MULTIPLY, POWER, WHERE

cdef extern from "string.h" nogil:
    void* memcpy(void* to, const void* start, size_t size)

cdef enum:
    TERM = 3

cdef unsigned long long MASK, FIRST_FACTOR, SECOND_FACTOR, STEP
cdef unsigned long long COLOUR_OF_INPUTS, COLOUR_OF_CONSTANTS, COLOUR_OF_CHOICES

cdef inline unsigned long long bits_of(double x) noexcept:
    cdef unsigned long long bits
    memcpy(&bits, &x, 8)
    return bits

cpdef object group(object program)
@cython.locals(
    codes=cython.uchar[::1], a=cython.int[::1], b=cython.int[::1], c=cython.int[::1], n=Py_ssize_t, i=Py_ssize_t,
    slot=Py_ssize_t, code=int, operand=int, read=cython.int[::1], reader=cython.int[::1], outputs=cython.int[::1],
)
cdef object count_uses(object program, object found)
@cython.locals(
    codes=cython.uchar[::1], a=cython.int[::1], b=cython.int[::1], reader=cython.int[::1], uses=cython.int[::1],
    n=Py_ssize_t, slot=Py_ssize_t, numbers=cython.int[::1], additions=Py_ssize_t, sums=Py_ssize_t, where=cython.int[::1],
    listed=cython.int[::1], pending=cython.int[::1], count=Py_ssize_t, depth=Py_ssize_t, term=int,
    inside=cython.uchar[::1], chosen=Py_ssize_t, k=Py_ssize_t,
)
cdef object list_terms(object program, object found, object consumer)
@cython.locals(
    codes=cython.uchar[::1], a=cython.int[::1], b=cython.int[::1], c=cython.int[::1], pool=cython.double[::1],
    places=cython.int[::1], uses=cython.int[::1], numbers=cython.int[::1], starts=cython.int[::1],
    terms=cython.int[::1], n=Py_ssize_t, colours=cython.ulonglong[::1], slot=Py_ssize_t, code=int, operand=int,
    colour=cython.ulonglong,
)
cdef object colour_upwards(object program, object found)
@cython.locals(i=Py_ssize_t)
cdef bint is_of_one_colour(
    unsigned long long[::1] colours, int[::1] terms, Py_ssize_t start, Py_ssize_t stop
) except? 1
@cython.locals(
    numbers=cython.int[::1], inside=cython.uchar[::1], a=cython.int[::1], c=cython.int[::1], slot=Py_ssize_t,
)
cdef object take_apart(object program, object found, Py_ssize_t last)
@cython.locals(
    seen=cython.ulonglong[::1], count=Py_ssize_t, total=cython.ulonglong, latest=cython.ulonglong, i=Py_ssize_t,
    k=Py_ssize_t, colour=cython.ulonglong, known=cython.bint,
)
cdef unsigned long long colour_of_sum(
    unsigned long long[::1] colours, int[::1] terms, Py_ssize_t start, Py_ssize_t stop
) except? 1
@cython.locals(
    codes=cython.uchar[::1], uses=cython.int[::1], inside=cython.uchar[::1], shades=cython.ulonglong[::1], n=Py_ssize_t,
    once=cython.uchar[::1], is_output=cython.uchar[::1], outputs=cython.int[::1], i=Py_ssize_t, slot=Py_ssize_t, code=int,
    table=cython.ulonglong[::1], mask=cython.ulonglong,
)
cdef object used_once(object program, object found, object colours)
@cython.locals(
    codes=cython.uchar[::1], a=cython.int[::1], b=cython.int[::1], numbers=cython.int[::1],
    shades=cython.ulonglong[::1], alone=cython.uchar[::1], reader=cython.int[::1], n=Py_ssize_t, i=Py_ssize_t,
    slot=Py_ssize_t, user=int, place=int,
)
cdef object colour_downwards(object program, object found, object colours, object once, object consumer)
@cython.locals(
    codes=cython.uchar[::1], a=cython.int[::1], b=cython.int[::1], c=cython.int[::1], uses=cython.int[::1],
    numbers=cython.int[::1], starts=cython.int[::1], terms=cython.int[::1], shades=cython.ulonglong[::1], n=Py_ssize_t,
    inside=cython.uchar[::1], contexts=cython.ulonglong[::1],
    slot=Py_ssize_t, code=int, way=cython.ulonglong, i=Py_ssize_t,
)
cdef object note_contexts(object program, object found, object colours)
@cython.locals(
    codes=cython.uchar[::1], uses=cython.int[::1], inside=cython.uchar[::1], shades=cython.ulonglong[::1],
    alone=cython.uchar[::1], reader=cython.int[::1], n=Py_ssize_t, group_at=cython.int[::1], place_at=cython.int[::1],
    slot=Py_ssize_t, code=int, number=int, count=Py_ssize_t, i=Py_ssize_t, where=cython.int[::1], total=Py_ssize_t,
    listed=cython.int[::1], used_by=cython.int[::1], table=cython.ulonglong[::1], mask=cython.ulonglong,
    ids=cython.int[::1], size_of=cython.int[::1], place=cython.ulonglong,
)
cdef object number_groups(object program, object found, object colours, object once, object consumer)
@cython.locals(size=cython.ulonglong)
cdef tuple new_table(Py_ssize_t n)
@cython.locals(place=cython.ulonglong)
cdef unsigned long long place_in(
    unsigned long long[::1] table, unsigned long long mask, unsigned long long colour
) noexcept
@cython.locals(h=cython.ulonglong)
cdef unsigned long long mixed(unsigned long long x, unsigned long long y) noexcept
cdef unsigned long long one_bit(unsigned long long x) noexcept
cdef unsigned long long wrapped(unsigned long long x) noexcept
