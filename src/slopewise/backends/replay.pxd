# C types for replay.py, which Cython compiles with them. See docs/decisions/engine.md and docs/decisions/replay.md.

cimport cython
from cpython cimport array

from slopewise.backends.lanes cimport Lanes, lower_lanes, replay_rows
from slopewise.backends.runs cimport (
    Runs, doubles_of, execute, give_registers_back, ints_of, lower, runs_of_code, take_registers,
)

cdef class Kernel:
    cdef object known
    cdef object made_by
    cdef readonly Py_ssize_t n_inputs
    cdef readonly Py_ssize_t n_outputs
    cdef readonly Runs runs
    cdef dict lowered

    @cython.locals(registers=array.array, v=cython.p_double, i=Py_ssize_t, places=cython.p_int, outputs=list)
    cpdef list run(self, inputs)
    @cython.locals(
        x="const double[:]", y="double[:]", registers=array.array, v=cython.p_double, i=Py_ssize_t,
        places=cython.p_int,
    )
    cpdef run_array(self, inputs, outputs)
    @cython.locals(registers=array.array, v=cython.p_double, i=Py_ssize_t, places=cython.p_int)
    cdef int replay(self, double* inputs, double* outputs) except -1

@cython.locals(lanes=Lanes)
cdef Lanes lanes_of(Kernel kernel, array.array shared)
