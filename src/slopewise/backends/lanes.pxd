# C types for lanes.py, which Cython compiles with them. See docs/decisions/engine.md and docs/decisions/replay.md.

cimport cython
from cpython cimport array

from slopewise.backends.runs cimport (
    CODE_ARITY, FOREVER, Runs, bytes_of, doubles_of, execute, give_registers_back, ints_of, longs_of, lower,
    mark_needed, take_registers,
)
from slopewise.ir.evaluation cimport evaluate, quotient
from slopewise.ir.operations cimport (
    ADD, CONSTANT, DIVIDE, GREATER, LESS, MAXIMUM, MINIMUM, MULTIPLY, NEGATE, RELU, SQUARE, SUBTRACT, WHERE,
)

# The numbers of lanes.py, known to the C compiler.
cdef enum:
    SECOND_SHARED = 256
    FIRST_SHARED = 512
    BROADCAST = 63
    CACHE = 65536
    MOST_LANES = 128
    FEW_LANES = 32
    FEWEST_LANES = 8
    MOST_NUMBERS = 4194304

cdef inline array.array pointers(Py_ssize_t count):
    return array.array("Q", bytes(8 * count))

cdef inline double** pointers_of(array.array starts):
    return <double**>starts.data.as_voidptr

cdef inline double* start_of(object column) except? NULL:
    cdef const double[:] numbers = column
    return <double*>&numbers[0]

cdef inline Py_ssize_t stride_of(object column) except? -1:
    cdef const double[:] numbers = column
    return numbers.strides[0] // <Py_ssize_t>sizeof(double)

cdef class Lanes:
    cdef readonly array.array code
    cdef readonly Runs single
    cdef readonly Py_ssize_t n_registers
    cdef readonly Py_ssize_t width
    cdef readonly array.array columns
    cdef readonly array.array inputs
    cdef readonly array.array outputs
    cdef readonly Py_ssize_t n_equations
    cdef list spare

@cython.locals(lanes=Py_ssize_t)
cpdef Py_ssize_t lanes_for(Py_ssize_t registers) except -1
@cython.locals(
    single=array.array, s=cython.p_double, i=Py_ssize_t, k=Py_ssize_t, n_inputs=Py_ssize_t, n_outputs=Py_ssize_t,
    input_starts=array.array, output_starts=array.array, from_starts=cython.pp_double, to_starts=cython.pp_double,
    input_strides=array.array, output_strides=array.array, from_strides=cython.p_longlong,
    to_strides=cython.p_longlong, registers=array.array, v=cython.p_double, code=cython.p_int, end=Py_ssize_t,
    width=Py_ssize_t, places=cython.p_int, ends=cython.p_int, arities=cython.p_uchar, row=Py_ssize_t,
    count=Py_ssize_t, place=Py_ssize_t, stride=Py_ssize_t, begin=Py_ssize_t, x=double,
)
cpdef replay_rows(Lanes lanes, list numbers, list columns, Py_ssize_t rows, list results)
@cython.locals(
    at=Py_ssize_t, operation=int, o=Py_ssize_t, a=Py_ssize_t, b=Py_ssize_t, c=Py_ssize_t, k=Py_ssize_t, x=double,
    y=double,
)
cdef void run_lanes(
    int* code, Py_ssize_t end, double* v, double* s, Py_ssize_t width, Py_ssize_t count, unsigned char* arities
) noexcept nogil
@cython.locals(
    slots=Py_ssize_t, needed=array.array, varies=array.array, wanted=array.array, homes=array.array, single=Runs,
    home=cython.p_int, places=cython.p_int, slot_of=cython.p_int, i=Py_ssize_t, registers=Py_ssize_t,
    count=Py_ssize_t, slot=Py_ssize_t,
)
cpdef Lanes lower_lanes(object program, array.array shared)
@cython.locals(
    codes=cython.p_uchar, a=cython.p_int, b=cython.p_int, c=cython.p_int, vary=cython.p_uchar,
    is_shared=cython.p_uchar, first=Py_ssize_t, slots=Py_ssize_t, i=Py_ssize_t,
)
cdef int mark_varying(object program, array.array shared, array.array varies) except -1
@cython.locals(
    codes=cython.p_uchar, a=cython.p_int, b=cython.p_int, c=cython.p_int, vary=cython.p_uchar, need=cython.p_uchar,
    home=cython.p_int, slots=Py_ssize_t, first=Py_ssize_t, i=Py_ssize_t, k=int, slot=int,
)
cdef int list_shared(
    object program, array.array needed, array.array varies, array.array wanted, array.array homes
) except -1
@cython.locals(
    codes=cython.p_uchar, a=cython.p_int, b=cython.p_int, c=cython.p_int, vary=cython.p_uchar, need=cython.p_uchar,
    home=cython.p_int, arities=cython.p_uchar, slots=Py_ssize_t, inputs=Py_ssize_t, last_of=array.array,
    last=cython.p_int, count=Py_ssize_t, length=Py_ssize_t, i=Py_ssize_t, arity=int, k=int, slot=int,
    code_array=array.array, code=cython.p_int, free_array=array.array, free=cython.p_int, n_free=Py_ssize_t, size=int,
    at=Py_ssize_t, operation=int, x=int, y=int, z=int, form=int, lent=int, lent_x=int, lent_y=int, lent_z=int,
    register=int,
)
cdef tuple emit_lanes(object program, array.array needed, array.array varies, array.array homes, int first)
