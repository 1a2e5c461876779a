# C types for tape.py, which Cython compiles with them. See docs/decisions/native-build.md.

cimport cython

from slopewise.engine.value cimport CONSTANT, MANY, OTHER, TRACED, USER, Recorder, Value, has_operands
from slopewise.ir.builder cimport DOUBLES, Builder, blank
from slopewise.ir.operations cimport CONSTANT as CONSTANT_CODE
from slopewise.ir.operations cimport INPUT as INPUT_CODE

cdef extern from "math.h" nogil:
    long long whole "llrint"(double x) noexcept

cdef extern from "subscripts.h":
    void sw_hear_subscripts(object number_type, object choose)
    void sw_ignore_subscripts()

cdef enum:
    SLOTS = 1073741824

cdef class Tape(Recorder):
    cdef readonly Builder builder
    cdef double[::1] values
    cdef public long long epoch
    cdef public list epochs
    cdef public dict lines

    @cython.locals(code=int, a=int, b=int)
    cdef int note(self, Value n) except -1
    cpdef int slot_of(self, Value n) except -1
    cpdef int place(self, Value n, long long slot) except -1
    cpdef long long place_of(self, long long slot) except -1
    cpdef int slot_at(self, long long place) except -1
    @cython.locals(epoch=cython.longlong)
    cpdef bint is_open(self, long long place) except -1
    cpdef int keep(self, int slot, double number) except -1
    cpdef int frozen(self, double number) except -1
    cpdef bint is_constant(self, int slot) except -1
    @cython.locals(a=int, b=int, c=int, slot=int)
    cpdef int emit_operation(self, int code, object slots) except -1
    @cython.locals(codes="unsigned char[::1]", slot=int, place=int, operand=int)
    cpdef list outer_slots(self, int start)
    cpdef int operand(self, int slot, int place) noexcept
    @cython.locals(codes="unsigned char[::1]", slot=int)
    cpdef int redirect(self, int start, dict moved) except -1
    cpdef int reassign(self, int slot, double number) except -1

# Functions, and no methods: those of a class that has subclasses look each time whether one is overridden.
cdef int slot_of_node(Tape tape, Value n) except -1
cdef int mark_node(Tape tape, Value n, long long slot) except -1
@cython.locals(epoch=cython.longlong)
cdef int slot_in_place(Tape tape, long long place) except -1
cdef int keep_number(Tape tape, int slot, double number) except -1
cdef int freeze(Tape tape, double number) except -1
cdef int grow(Tape tape) except -1
