# C types for entries.py, which Cython compiles with them. See docs/decisions/native-build.md.

cimport cython

from slopewise.passes.cotangents cimport longer

@cython.final
cdef class Entries:
    cdef readonly Py_ssize_t size
    cdef int[::1] rows
    cdef int[::1] columns
    cdef int[::1] slots

    @cython.locals(room=Py_ssize_t)
    cpdef int find(self, int row, int column, int slot) except -1
    @cython.locals(k=Py_ssize_t, size=Py_ssize_t)
    cpdef tuple in_order(self, Py_ssize_t n_rows, Py_ssize_t n_columns, bint symmetric)

@cython.locals(place=cython.int[::1], view=cython.int[::1], k=Py_ssize_t, entry=int)
cdef object sorted_by(int[::1] keys, int[::1] order, Py_ssize_t size, Py_ssize_t n_keys)
@cython.locals(view=cython.int[::1], k=Py_ssize_t)
cdef object picked(int[::1] column, int[::1] order, Py_ssize_t size)
