# C types for calling.py, which Cython compiles with them. See docs/decisions/engine.md and docs/decisions/replay.md.

cimport cython
from cpython cimport array
from cpython.object cimport PyObject

from slopewise.backends.replay cimport Kernel
from slopewise.backends.runs cimport (
    Runs, bytes_of, doubles_of, execute, execute_code, give_registers_back, ints_of, take_registers,
)
from slopewise.compiler.calls.exchange cimport DATA, GRAD, read_numbers, write_numbers
from slopewise.compiler.calls.plans cimport Plan, take_call
from slopewise.compiler.calls.recipes cimport Recipe, build, recipe_of, whole_block
from slopewise.compiler.calls.taking cimport (
    copy_stretches, data_of, is_vector_of, item_at, items_behind, items_of, new_empty, numbers_at, numbers_of, stretches_of,
)
from slopewise.engine cimport value as engine_value

cdef inline bint is_watched():
    return (
        engine_value.watching != 0
        or engine_value.recorder is not None
        or engine_value.journal is not None
        or engine_value.on_read is not None
    )

cdef object MISS, VAIN
cdef int MOST_RUNS

cdef extern from *:
    """
    /* Python calls through a pointer in the object where its class says so. A class written in Python does not inherit
       that before 3.12, so each says so once it is needed; a class with a __call__ of its own never does. */
    static CYTHON_INLINE int sw_is_open(PyObject *self, PyObject *base)
    {
        return Py_TYPE(self)->tp_call == ((PyTypeObject *)base)->tp_call;
    }

    static void sw_open(PyObject *self, PyObject *base, void **field, void *entry)
    {
        PyTypeObject *cls = Py_TYPE(self);
        if (!sw_is_open(self, base))
            return;
        *field = entry;
        cls->tp_vectorcall_offset = (char *)field - (char *)self;
        cls->tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL;
    }

    static PyObject *sw_call_with_tuple(PyObject *self, PyObject **items, Py_ssize_t count, PyObject *names)
    {
        Py_ssize_t i, n = names ? PyTuple_GET_SIZE(names) : 0;
        PyObject *args = PyTuple_New(count), *kwargs = args && n ? PyDict_New() : NULL, *found = NULL;
        for (i = 0; args && i < count; i++) {
            Py_INCREF(items[i]);
            PyTuple_SET_ITEM(args, i, items[i]);
        }
        for (i = 0; kwargs && i < n; i++)
            if (PyDict_SetItem(kwargs, PyTuple_GET_ITEM(names, i), items[count + i]) < 0)
                Py_CLEAR(kwargs);
        if (args && (kwargs || !n))
            found = Py_TYPE(self)->tp_call(self, args, kwargs);
        Py_XDECREF(args);
        Py_XDECREF(kwargs);
        return found;
    }
    """
    bint is_open "sw_is_open"(object caller, object base) noexcept
    void c_open "sw_open"(object caller, object base, void** field, void* entry) noexcept
    object call_with_tuple "sw_call_with_tuple"(object caller, PyObject** items, Py_ssize_t count, PyObject* names)
    Py_ssize_t PyVectorcall_NARGS(size_t count) noexcept

# What Python calls, with the arguments where it keeps them: those by name, whose names are a tuple, behind the others.
cdef inline object call_in_place(object caller, PyObject** items, size_t given, PyObject* names):
    cdef Py_ssize_t count = PyVectorcall_NARGS(given)
    cdef object found
    if names is NULL and is_open(caller, Caller):
        found = answer_shortly(<Caller>caller, items, count, None)
        return found if found is not MISS else caller._slow(tuple_of(items, count), {})
    return call_with_tuple(caller, items, count, names)

cdef inline int open_door(Caller caller, object base) except -1:
    c_open(caller, base, &caller.door, <void*>call_in_place)
    return 0

cdef class Caller:
    cdef readonly tuple shortcuts
    cdef readonly Shortcut taken
    cdef void* door

@cython.final
cdef class Shortcut:
    cdef readonly Kernel kernel
    cdef readonly object tag
    cdef readonly long long calls
    cdef Runs runs
    cdef readonly Plan plan
    cdef Py_ssize_t count
    cdef list values
    cdef array.array attributes
    cdef bint has_values
    cdef array.array constants
    cdef array.array constant_places
    cdef array.array checked_places
    cdef array.array checked_numbers
    cdef array.array guard_places
    cdef array.array guard_truths
    cdef array.array expected
    cdef list written
    cdef array.array write_places
    cdef array.array write_kinds
    cdef Recipe recipe
    cdef object shape
    cdef bint is_plain
    cdef Py_ssize_t vector
    cdef array.array taken
    cdef array.array taken_places
    cdef array.array taken_lengths
    cdef object after
    cdef array.array after_places
    cdef object following
    cdef Py_ssize_t failed
    cdef double outcome
    cdef object carry

cdef object answer(Caller caller, tuple args, dict kwargs)
@cython.locals(shortcuts=tuple, shortcut=Shortcut, i=Py_ssize_t, runs=int)
cdef object answer_shortly(Caller caller, PyObject** items, Py_ssize_t count, dict kwargs)
@cython.locals(i=Py_ssize_t)
cdef tuple tuple_of(PyObject** items, Py_ssize_t count)
cdef tuple with_first(tuple shortcuts, Shortcut first)
@cython.locals(runs=Runs, registers=array.array, v=cython.p_double, is_taken=cython.bint)
cdef object attempt(Shortcut shortcut, PyObject** items, Py_ssize_t count, dict kwargs)
@cython.locals(places=cython.p_int, numbers=cython.p_double, i=Py_ssize_t)
cdef bint may_run(Shortcut shortcut, double* v) except -1
@cython.locals(v=cython.p_double, constants=cython.p_double, places=cython.p_int, i=Py_ssize_t)
cdef bint read_captured(Shortcut shortcut, array.array registers) except -1
@cython.locals(places=cython.p_int, truths=cython.p_uchar, expected=cython.p_double, i=Py_ssize_t, x=double, holds=cython.bint)
cdef bint guards_hold(Shortcut shortcut, double* v) except -1
