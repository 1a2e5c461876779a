# C types for builder.py, which Cython compiles with them. See docs/decisions/native-build.md.

cimport cython
from cpython cimport array

from slopewise.ir.operations cimport CONSTANT, INPUT

cdef enum:
    FIRST_CAPACITY = 64
    LAST_CAPACITY = 2147483647

cdef array.array BYTES, INTS, DOUBLES, WORDS
cdef Py_ssize_t FEW

cdef extern from *:
    """
    #if defined(__linux__)
    #include <stdint.h>
    #include <sys/mman.h>
    #endif
    /* Asks for large pages of a large memory that nobody has written to yet: each page costs microseconds when it is. */
    static inline void sw_in_large_pages(void *start, size_t size) {
    #if defined(__linux__) && defined(MADV_HUGEPAGE)
        if (size >= ((size_t)1 << 22)) {
            uintptr_t first = ((uintptr_t)start + 4095) & ~(uintptr_t)4095, last = ((uintptr_t)start + size) & ~(uintptr_t)4095;
            (void)madvise((void *)first, last - first, MADV_HUGEPAGE);
        }
    #else
        (void)start; (void)size;
    #endif
    }
    """
    void sw_in_large_pages(void* start, size_t size) noexcept nogil

cdef extern from "string.h" nogil:
    void* memset(void* start, int byte, size_t size)

cdef inline array.array blank(array.array kind, Py_ssize_t size):
    return array.clone(kind, size, False)

cdef inline array.array filled(array.array kind, Py_ssize_t size, int byte):
    cdef array.array made = blank(kind, size)
    memset(made.data.as_voidptr, byte, size * kind.itemsize)
    return made

cdef inline array.array lasting(array.array kind, Py_ssize_t size):
    cdef array.array made = blank(kind, size)
    sw_in_large_pages(made.data.as_voidptr, size * kind.itemsize)
    memset(made.data.as_voidptr, 0, size * kind.itemsize)
    return made

@cython.final
cdef class Builder:
    cdef unsigned char[::1] codes
    cdef int[::1] a
    cdef int[::1] b
    cdef int[::1] c
    cdef double[::1] pool
    cdef int[::1] marks
    cdef readonly object kept
    cdef readonly Py_ssize_t size
    cdef readonly Py_ssize_t pool_size
    cdef Py_ssize_t capacity
    cdef Py_ssize_t pool_capacity

    @cython.locals(slot=Py_ssize_t)
    cpdef int emit(self, int code, int a, int b=*, int c=*) except -1
    @cython.locals(place=Py_ssize_t)
    cpdef int constant(self, double x) except -1
    cpdef int input(self) except -1
    cpdef int reserve(self, Py_ssize_t size) except -1
    cpdef int reserve_pool(self, Py_ssize_t size) except -1
    cpdef int truncate(self, Py_ssize_t size, Py_ssize_t pool_size) except -1
    cpdef object extract(self, object inputs, object outputs, object names=*)
    @cython.locals(
        codes=cython.uchar[::1], a=cython.int[::1], b=cython.int[::1], c=cython.int[::1], pool=cython.double[::1],
        marks=cython.int[::1], slot=Py_ssize_t, n_inputs=int, high=Py_ssize_t, low=Py_ssize_t, waiting=Py_ssize_t,
        size=Py_ssize_t, constants=int, code=int, operand=int, second=int, third=int, place=Py_ssize_t,
        returned=cython.int[::1], new_codes=cython.uchar[::1], new_a=cython.int[::1], new_b=cython.int[::1],
        new_c=cython.int[::1], new_pool=cython.double[::1], kept=cython.int[::1], new=int,
    )
    cdef object cut_out(self, object inputs, object outputs, object names)
    cdef int checked(self, Py_ssize_t slot) except -1
    @cython.locals(
        n_inputs=Py_ssize_t, i=Py_ssize_t, codes=cython.uchar[::1], a=cython.int[::1], b=cython.int[::1],
        c=cython.int[::1], pool=cython.double[::1], size=Py_ssize_t, new=cython.int[::1], slot=Py_ssize_t, code=int,
        second=int, third=int,
    )
    cpdef list inline(self, object program, object operands)

cdef object misplaced(Py_ssize_t slot, int first, int second, int third)
cpdef Builder from_program(object program)
