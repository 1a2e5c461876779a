# C types for recipes.py, which Cython compiles with them.

cimport cython
from cpython cimport array

from slopewise.backends.runs cimport ints_of
from slopewise.compiler.calls.taking cimport (
    finished, learn_arrays, new_block, new_row, numbers_of, put, row_of, stretches_of,
)

# The numbers of recipes.py, known to the C compiler.
cdef enum:
    ONE = 0
    ROW = 1
    BLOCK = 2
    ITEMS = 3
    ENTRIES = 4
    ITSELF = 5
    FIELDS = 6
    SPARSE = 7
    REBUILT = 8

@cython.final
cdef class Recipe:
    cdef readonly int kind
    cdef object form
    cdef array.array places
    cdef Py_ssize_t count
    cdef int place
    cdef Py_ssize_t begin
    cdef list parts
    cdef list keys
    cdef array.array begins
    cdef array.array into
    cdef array.array lengths

cpdef Recipe recipe_of(object nest, array.array places, object zeros=*, int depth=*)
cdef object whole_block(Recipe recipe, Py_ssize_t n_outputs)
@cython.locals(kind=int, parts=list, part=Recipe, i=Py_ssize_t, entries=dict, is_list=cython.bint, row=object)
cdef object build(Recipe recipe, double* v)
