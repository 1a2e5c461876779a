# C types for mapping.py, which Cython compiles with them.

cimport cython
from cpython cimport array

from slopewise.backends.runs cimport (
    Runs, address_of, doubles_of, execute, execute_from, give_registers_back, ints_of, numbers_from, take_registers,
)
from slopewise.compiler.calls.calling cimport (
    Caller, Shortcut, answer, guards_hold, is_watched, may_run, read_captured,
)
from slopewise.compiler.calls.exchange cimport write_numbers
from slopewise.compiler.calls.plans cimport BLOCK, NUMBER, WHOLE, Form, Plan, take
from slopewise.compiler.calls.recipes cimport build
from slopewise.compiler.calls.taking cimport (
    copy_numbers, copy_places, copy_stretches, is_array, learn_arrays, rows_in, take_row_at,
)
from slopewise.ir.builder cimport DOUBLES, lasting

cdef extern from "Python.h":
    int check_signals "PyErr_CheckSignals"() except -1

# The numbers of mapping.py, known to the C compiler.
cdef enum:
    RANGE = 0
    ITEMS = 1
    ROWS = 2
    FIXED = 3
    OFTEN = 1000000

@cython.final
cdef class Column:
    cdef int kind
    cdef object items
    cdef Py_ssize_t length
    cdef long long begin
    cdef long long step
    cdef object latest

@cython.final
cdef class Carry:
    cdef array.array sources
    cdef array.array order
    cdef bint is_tangled
    cdef array.array begins
    cdef array.array kept
    cdef array.array ends
    cdef array.array lengths
    cdef bint swaps
    cdef array.array memory

@cython.locals(length=Py_ssize_t)
cdef Column column_of(object items)
@cython.locals(known=list, column=Column, results=list, i=Py_ssize_t)
cpdef list mapped(Caller caller, tuple fixed, tuple columns)
@cython.locals(column=Column, row=list)
cdef tuple row_of_columns(list columns, Py_ssize_t i)
@cython.locals(
    column=Column, plan=Plan, runs=Runs, carry=Carry, keeps=cython.bint, kept=array.array, registers=array.array, v=cython.p_double,
    first=Py_ssize_t, done=Py_ssize_t, work=cython.longlong,
)
cdef Py_ssize_t run_on(Caller caller, Shortcut shortcut, list columns, Py_ssize_t i, list results) except -1
cdef bint let_others_run() except -1
cdef int close(Caller caller, Shortcut shortcut, Carry carry, Py_ssize_t count, array.array kept) except -1
@cython.locals(
    plan=Plan, runs=Runs, carry=Carry, begin=Py_ssize_t, length=Py_ssize_t, before=Py_ssize_t, behind=Py_ssize_t,
    size=Py_ssize_t, registers=array.array, memory=array.array, aside=array.array, given=cython.p_double,
    v=cython.p_double, x=cython.p_double, saved=cython.p_double, source=Py_ssize_t, target=Py_ssize_t, others=list,
    column=Column, first=Py_ssize_t, done=Py_ssize_t, work=cython.longlong, kept=array.array,
)
cdef Py_ssize_t run_swapping(
    Caller caller, Shortcut shortcut, list columns, Py_ssize_t i, list results
) except -1
cdef Py_ssize_t lines_up(size_t address, Py_ssize_t place)
@cython.locals(forms=list, at=Py_ssize_t, k=Py_ssize_t, column=Column, form=Form, rest=cython.p_double)
cdef bint take_columns(Plan plan, list columns, Py_ssize_t i, double* v) except -1
@cython.locals(places=dict, stretches=list)
cdef Carry carry_of(Shortcut shortcut)
cdef array.array gathered(Carry carry, double* v, array.array kept)
