# C types for differentiate.py, which Cython compiles with them. See docs/decisions/native-build.md.

cimport cython

from slopewise.ir.builder cimport BYTES, DOUBLES, INTS, Builder, blank, filled
from slopewise.ir.operations cimport ADD, CONSTANT
from slopewise.passes.cotangents cimport Cotangents
from slopewise.passes.stamping cimport GRADIENT, RESULT, WHOLE, Stamper, W, X, Y, backward_rules, forward_rules

@cython.locals(builder=Builder, gradients=Cotangents)
cpdef object vjp(object program, object wrt, object of=*, object seeds=*, bint exact=*)
@cython.locals(
    n_inputs=Py_ssize_t, codes=cython.uchar[::1], first=cython.int[::1], second=cython.int[::1], third=cython.int[::1],
    pool=cython.double[::1], n_slots=Py_ssize_t, builder=Builder, stamper=Stamper, new=cython.int[::1],
    dots=cython.int[::1], slot=Py_ssize_t, dot=int, code=int, a=int, b=int, c=int, copy=int, active=int, kind=int,
    number=int, place=Py_ssize_t,
)
cpdef object jvp(object program, object wrt, object of=*)
@cython.locals(
    size=Py_ssize_t, codes=cython.uchar[::1], a=cython.int[::1], b=cython.int[::1], c=cython.int[::1],
    pool=cython.double[::1],
)
cdef object whole(Builder builder, object outputs, object names)
