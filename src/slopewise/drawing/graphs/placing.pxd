# C types for placing.py, which Cython compiles with them. See docs/decisions/engine.md.

cimport cython

@cython.locals(
    means=list, masses=list, counts=list, shift=double, shifts=list, above=double, place=Py_ssize_t, want=double,
    mean=double, mass=double, other=double, count=Py_ssize_t, found=list, at=Py_ssize_t, group=Py_ssize_t,
)
cpdef list settled(list wanted, list weights, list gaps)
@cython.locals(
    nodes=Py_ssize_t, pulls_before=tuple, pulls_after=tuple, place=list, reach=list, gaps=list,
    rounds=Py_ssize_t, forward=list, backward=list,
)
cpdef list places_across(
    list order, list column_of, list before, list after, list chains, list extents, list ports, double gap
)
@cython.locals(gaps=list, column=list, steps=list, last=Py_ssize_t, vertex=Py_ssize_t, y=double, index=Py_ssize_t)
cdef list set_out(list order, list reach, double gap, list place)
@cython.locals(
    total=Py_ssize_t, before=list, before_stiff=list, before_mass=list, before_sum=list, after=list, after_stiff=list,
    after_mass=list, after_sum=list, depth=list, edge=Py_ssize_t, chain=list, tail=Py_ssize_t, head=Py_ssize_t,
    leave=double, arrive=double, firm=double, place=Py_ssize_t, apart=double, stiff=double,
)
cdef tuple pulls_of(list order, list column_of, list entering, list leaving, list chains, list ports, Py_ssize_t nodes)
cdef bint is_only_one(list leaving, list entering) except -1
cdef tuple no_pulls(Py_ssize_t count)
@cython.locals(depth=list, column=list, vertex=Py_ssize_t, most=Py_ssize_t, other=Py_ssize_t, deep=Py_ssize_t)
cdef list depths(list order, list before)
@cython.locals(
    others=list, stiffs=list, masses=list, sums=list, others_too=list, stiffs_too=list, masses_too=list, sums_too=list,
    column=list, gaps=list, wanted=list, weights=list, fits=bint, last=double, index=Py_ssize_t, vertex=Py_ssize_t,
    near=list, mass=double, total=double, stiff=list, k=Py_ssize_t, other=Py_ssize_t, want=double, extra=double,
    weight=double, at=double, least=double,
)
cdef int pull(list walk, list place, tuple pulls, tuple also) except -1
