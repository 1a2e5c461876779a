# C types for plans.py, which Cython compiles with them. See docs/decisions/engine.md.

cimport cython
from cpython cimport array
from cpython.object cimport PyObject

from slopewise.backends.runs cimport doubles_of
from slopewise.compiler.calls.taking cimport (
    item_at, items_of, knows_arrays, learn_arrays, take_block, take_float, take_floats, take_int,
    take_truths,
)
from slopewise.engine.value cimport FLOAT, LectureValue, Value

# The numbers of plans.py, known to the C compiler.
cdef enum:
    NUMBER = 0
    WHOLE = 1
    NODE = 2
    ROW = 3
    WHOLES = 4
    NODES = 5
    BLOCK = 6
    WHOLE_BLOCK = 7
    ITEMS = 8
    ENTRIES = 9
    FIELDS = 10
    SAME = 11
    EQUAL = 12
    ALIKE = 13
    TRUTH_BLOCK = 14

@cython.final
cdef class Form:
    cdef readonly int kind
    cdef readonly Py_ssize_t length
    cdef object cls
    cdef readonly list parts
    cdef list keys
    cdef object item
    cdef array.array lengths

@cython.final
cdef class Plan:
    cdef list forms
    cdef Py_ssize_t count
    cdef tuple names
    cdef list named
    cdef array.array rest
    cdef readonly Py_ssize_t n_numbers
    cdef readonly bint has_values

    @cython.locals(form=Form, at=Py_ssize_t)
    cpdef dict values(self, tuple args, dict kwargs)
    @cython.locals(numbers=array.array)
    cpdef array.array numbers(self, tuple args, dict kwargs)

cdef Form form_of(object nest, int depth=*)
cdef Form fields_form(object nest, list made)
cdef Form static_form(object known)
@cython.locals(part=Form)
cdef bint holds_values(Form form) except -1
@cython.locals(kind=int, part=Form)
cdef object find_values(Form form, object x, Py_ssize_t at, dict found)
cpdef Plan plan_of(object nest, object names, array.array rest)
@cython.locals(forms=list, form=Form, at=Py_ssize_t, i=Py_ssize_t, rest=cython.p_double)
cdef bint take_call(Plan plan, PyObject** items, Py_ssize_t count, dict kwargs, double* v) except -1
@cython.locals(i=Py_ssize_t, form=Form)
cdef bint take_named(Plan plan, dict kwargs, double* v, Py_ssize_t at) except -1
@cython.locals(kind=int)
cdef bint take(Form form, object x, double* v, Py_ssize_t at) except -1
@cython.locals(parts=list, part=Form, count=Py_ssize_t, i=Py_ssize_t)
cdef bint take_items(Form form, object x, double* v, Py_ssize_t at) except -1
@cython.locals(parts=list, keys=list, part=Form, i=Py_ssize_t)
cdef bint take_entries(Form form, dict x, double* v, Py_ssize_t at) except -1
@cython.locals(parts=list, names=list, part=Form, i=Py_ssize_t)
cdef bint take_fields(Form form, object x, double* v, Py_ssize_t at) except -1
@cython.locals(i=Py_ssize_t)
cdef bint take_row_of(Form form, object x, double* v, Py_ssize_t at) except -1
@cython.locals(value=Value)
cdef bint take_node(object x, double* v, Py_ssize_t at) except -1
