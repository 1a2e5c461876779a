# C types for runs.py, which Cython compiles with them. See docs/decisions/engine.md and docs/decisions/replay.md.

cimport cython
from cpython cimport array

from slopewise.ir.builder cimport BYTES, DOUBLES, INTS, filled, lasting
from slopewise.ir.evaluation cimport evaluate, quotient
from slopewise.ir.operations cimport ADD, CONSTANT, DIVIDE, MULTIPLY, NEGATE, RELU, SQUARE, SUBTRACT, WHERE

cdef extern from *:
    """
    #include <string.h>
    static CYTHON_INLINE unsigned long long sw_bits(double x)
    {
        unsigned long long bits;
        memcpy(&bits, &x, sizeof bits);
        return bits;
    }
    typedef void (*sw_entry)(const double *, double *, void *, const void *);
    static CYTHON_INLINE void sw_call(
        size_t entry, size_t frozen, const double *inputs, double *outputs, double *v, Py_ssize_t scratch)
    {
        size_t work = ((size_t)(v + scratch) + 63) & ~(size_t)63;
        ((sw_entry)entry)(inputs, outputs, (void *)work, (const void *)frozen);
    }
    """
    void call_code "sw_call"(
        size_t entry, size_t frozen, double* inputs, double* outputs, double* v, Py_ssize_t scratch
    ) noexcept nogil
    unsigned long long bits_of "sw_bits"(double x) noexcept nogil

# The numbers of runs.py, known to the C compiler.
cdef enum:
    WINDOW = 1024
    PHASES = 8192
    LONG = 20000
    LONG_AS_CODE = 200000
    LONGEST = 4194304
    RECENT = 1024
    FOREVER = 2147483647
    LEAST_SHARED = 1024
    MOST_SHARED = 131072

cdef inline unsigned char* bytes_of(array.array numbers):
    return numbers.data.as_uchars

cdef inline int* ints_of(array.array numbers):
    return numbers.data.as_ints

cdef inline long long* longs_of(array.array numbers):
    return numbers.data.as_longlongs

cdef inline double* doubles_of(array.array numbers):
    return numbers.data.as_doubles

cdef inline double* numbers_from(double* numbers, Py_ssize_t first):
    return numbers + first

cdef inline size_t address_of(double* numbers):
    return <size_t>numbers

cdef inline double* outputs_of(array.array registers, Py_ssize_t n_inputs):
    return registers.data.as_doubles + n_inputs

cdef array.array CODE_ARITY

cdef class Runs:
    cdef readonly array.array code
    cdef readonly array.array places
    cdef readonly array.array constants
    cdef readonly Py_ssize_t n_inputs
    cdef readonly Py_ssize_t n_registers
    cdef readonly Py_ssize_t n_equations
    cdef readonly Py_ssize_t n_runs
    cdef public long long left
    cdef readonly size_t entry
    cdef size_t frozen
    cdef Py_ssize_t scratch
    cdef object keeper
    cdef Py_ssize_t length
    cdef bint is_sharing
    cdef array.array latest
    cdef list spare

@cython.locals(registers=array.array)
cdef array.array take_registers(Runs runs)
cdef object give_registers_back(Runs runs, array.array registers)
@cython.locals(v=cython.p_double, code=cython.p_int, arities=cython.p_uchar)
cdef object execute(Runs runs, array.array registers)
cdef object execute_code(Runs runs, array.array registers, double* outputs)
@cython.locals(v=cython.p_double, entry=size_t, frozen=size_t, scratch=Py_ssize_t)
cdef object execute_from(Runs runs, array.array registers, double* inputs, double* outputs)
@cython.locals(places=array.array, n_registers=Py_ssize_t, size=Py_ssize_t, runs=Runs)
cpdef Runs runs_of_code(
    Py_ssize_t n_inputs, Py_ssize_t n_outputs, Py_ssize_t n_equations, Py_ssize_t n_nests, size_t entry, size_t frozen,
    Py_ssize_t scratch_bytes, object keeper,
)
@cython.locals(at=Py_ssize_t, stop=Py_ssize_t, length=Py_ssize_t, operation=int, x=double)
cdef void run_all(int* code, Py_ssize_t end, double* v, unsigned char* arities) noexcept nogil
@cython.locals(
    slots=Py_ssize_t, needed=array.array, count=Py_ssize_t, registers=array.array, constants=array.array,
    kept=Py_ssize_t, order=array.array, code=array.array, n_registers=Py_ssize_t, n_runs=Py_ssize_t, o=cython.p_int, r=cython.p_int,
    places=array.array, p=cython.p_int, i=Py_ssize_t,
)
cpdef Runs lower(object program, array.array outputs)
@cython.locals(
    codes=cython.p_uchar, a=cython.p_int, b=cython.p_int, c=cython.p_int, need=cython.p_uchar, o=cython.p_int, i=Py_ssize_t,
    count=Py_ssize_t, first=Py_ssize_t, n_outputs=Py_ssize_t,
)
cdef Py_ssize_t mark_needed(object program, array.array outputs, array.array needed) except -1
@cython.locals(
    codes=cython.p_uchar, a=cython.p_int, need=cython.p_uchar, r=cython.p_int, pool=cython.p_double, kept_numbers=cython.p_double,
    recent_places=array.array, recent=cython.p_int, first=Py_ssize_t, kept=Py_ssize_t, i=Py_ssize_t, slots=Py_ssize_t,
    number=double, bits=cython.ulonglong, near=Py_ssize_t, place=Py_ssize_t,
)
cdef Py_ssize_t place_constants(
    object program, array.array needed, array.array registers, array.array constants
) except -1
@cython.locals(
    codes=cython.p_uchar, a=cython.p_int, b=cython.p_int, c=cython.p_int, need=cython.p_uchar, ordered=cython.p_int, slots=Py_ssize_t,
    rank_of=array.array, rank=cython.p_int, kinds=int, mask=int, phase_of=array.array, phase=cython.p_int, count_of=array.array,
    counts=cython.p_int, ordered_before=int, start=Py_ssize_t, stop=Py_ssize_t, taken=Py_ssize_t, last_phase=int,
    i=Py_ssize_t, k=Py_ssize_t, first=Py_ssize_t, code=int, earliest=int, here=int, place=int, length=int,
)
cdef int arrange(object program, array.array needed, array.array order) except -1
@cython.locals(
    codes=cython.p_uchar, a=cython.p_int, b=cython.p_int, c=cython.p_int, r=cython.p_int, o=cython.p_int, ordered=cython.p_int, count=Py_ssize_t,
    last_of=array.array, last=cython.p_int, length=Py_ssize_t, runs=Py_ssize_t, before=int, run=int, i=Py_ssize_t, k=Py_ssize_t,
    code_array=array.array, code=cython.p_int, free_array=array.array, free=cython.p_int, n_free=Py_ssize_t, size=int,
    at=Py_ssize_t, head=Py_ssize_t, slot=Py_ssize_t, register=int, width=int, n_inputs=Py_ssize_t,
    n_outputs=Py_ssize_t,
)
cdef tuple emit(object program, array.array outputs, array.array order, array.array registers, int first)
