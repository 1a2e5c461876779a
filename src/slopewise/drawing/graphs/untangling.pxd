# C types for untangling.py, which Cython compiles with them. See docs/decisions/engine.md.

cimport cython

@cython.locals(
    vertices=Py_ssize_t, place=list, column=list, index=Py_ssize_t, vertex=Py_ssize_t, fewest=Py_ssize_t, best=list,
    in_vain=Py_ssize_t, sweep=Py_ssize_t, number=Py_ssize_t,
)
cpdef list untangled(list order, list before, list after)
@cython.locals(
    mean=list, column=list, moving=list, others=list, total=Py_ssize_t, vertex=Py_ssize_t, other=Py_ssize_t,
    next_one=Py_ssize_t, index=Py_ssize_t,
)
cdef int sort_columns(list order, list neighbours, list place) except -1
@cython.locals(
    column=list, index=Py_ssize_t, upper=Py_ssize_t, lower=Py_ssize_t, gain=Py_ssize_t, side=list, below=list,
    a=Py_ssize_t, b=Py_ssize_t, x=Py_ssize_t, y=Py_ssize_t,
)
cdef int swap_neighbours(list order, list before, list after, list place) except -1
@cython.locals(
    total=Py_ssize_t, column=list, heads=list, vertex=Py_ssize_t, others=list, passed=list, highest=Py_ssize_t,
    head=Py_ssize_t, count=Py_ssize_t, at=Py_ssize_t, other=Py_ssize_t,
)
cdef Py_ssize_t crossings(list order, list after, list place) except -1
