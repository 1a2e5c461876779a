# C types for taking.py, which Cython compiles with them, and what it does to rows and arrays in C.

cimport cython
from cpython cimport array
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF

from slopewise.backends.runs cimport doubles_of, ints_of

cdef extern from *:
    """
    #include <string.h>
    #define SW_LARGEST 9007199254740992LL

    /* The fields of an array of numpy's, as its own headers hand them to every extension. */
    typedef struct {
        PyObject_HEAD
        char *data;
        int nd;
        Py_ssize_t *dimensions;
        Py_ssize_t *strides;
        PyObject *base;
        PyObject *descr;
        int flags;
    } sw_array;
    #define SW_CONTIGUOUS 0x0001
    #define SW_ALIGNED 0x0100

    static CYTHON_INLINE int sw_take_whole(PyObject *x, PyObject *scalar, double *v, Py_ssize_t at)
    {
        int beyond = 0;
        long long number;
        if (PyLong_CheckExact(x))
            number = PyLong_AsLongLongAndOverflow(x, &beyond);
        else if ((PyObject *)Py_TYPE(x) == scalar) {
            PyObject *plain = PyNumber_Index(x);
            if (!plain) {
                PyErr_Clear();
                return 0;
            }
            number = PyLong_AsLongLongAndOverflow(plain, &beyond);
            Py_DECREF(plain);
        } else
            return 0;
        if (beyond || number > SW_LARGEST || number < -SW_LARGEST)
            return 0;
        v[at] = (double)number;
        return 1;
    }

    static CYTHON_INLINE int sw_take_row(PyObject *x, Py_ssize_t length, PyObject *scalar, double *v, Py_ssize_t at)
    {
        PyObject **items = PySequence_Fast_ITEMS(x);
        Py_ssize_t i;
        if (PySequence_Fast_GET_SIZE(x) != length)
            return 0;
        for (i = 0; i < length; i++) {
            if (!PyFloat_CheckExact(items[i]) && (PyObject *)Py_TYPE(items[i]) != scalar)
                return 0;
            v[at + i] = PyFloat_AS_DOUBLE(items[i]);
        }
        return 1;
    }

    static int sw_copy_axis(
        const char *data, int nd, const Py_ssize_t *lengths, const Py_ssize_t *strides, int is_whole, double **v)
    {
        Py_ssize_t i;
        if (nd > 0) {
            for (i = 0; i < lengths[0]; i++)
                if (!sw_copy_axis(data + i * strides[0], nd - 1, lengths + 1, strides + 1, is_whole, v))
                    return 0;
            return 1;
        }
        if (is_whole) {
            long long number = *(const long long *)data;
            if (number > SW_LARGEST || number < -SW_LARGEST)
                return 0;
            *(*v)++ = (double)number;
        } else
            *(*v)++ = *(const double *)data;
        return 1;
    }

    static CYTHON_INLINE int sw_copy_block(
        PyObject *x, PyObject *dtype, int is_whole, const long long *lengths, Py_ssize_t nd,
        double *v, Py_ssize_t at)
    {
        sw_array *a = (sw_array *)x;
        Py_ssize_t i, count = 1;
        if (a->descr != dtype || a->nd != nd || !(a->flags & SW_ALIGNED))
            return 0;
        for (i = 0; i < nd; i++) {
            if (a->dimensions[i] != lengths[i])
                return 0;
            count *= lengths[i];
        }
        v += at;
        if ((a->flags & SW_CONTIGUOUS) && !is_whole) {
            memcpy(v, a->data, (size_t)count * sizeof(double));
            return 1;
        }
        return sw_copy_axis(a->data, a->nd, a->dimensions, a->strides, is_whole, &v);
    }

    static CYTHON_INLINE void sw_copy_places(const double *v, const int *places, Py_ssize_t count, double *out)
    {
        Py_ssize_t i;
        for (i = 0; i < count; i++)
            out[i] = v[places[i]];
    }

    static CYTHON_INLINE int sw_is_vector(PyObject *x, PyObject *dtype, Py_ssize_t length)
    {
        sw_array *a = (sw_array *)x;
        int both = SW_CONTIGUOUS | SW_ALIGNED;
        return a->descr == dtype && a->nd == 1 && (a->flags & both) == both && a->dimensions[0] == length;
    }

    static CYTHON_INLINE void sw_copy_stretches(
        const double *x, const int *begins, double *y, const int *ends, const int *lengths, Py_ssize_t count)
    {
        Py_ssize_t i;
        for (i = 0; i < count; i++) {
            if (lengths[i] == 1)
                y[ends[i]] = x[begins[i]];
            else
                memcpy(y + ends[i], x + begins[i], (size_t)lengths[i] * sizeof(double));
        }
    }

    static CYTHON_INLINE void sw_copy_numbers(
        const double *x, Py_ssize_t begin, double *y, Py_ssize_t end, Py_ssize_t count)
    {
        if (count > 0)
            memcpy(y + end, x + begin, (size_t)count * sizeof(double));
    }

    static CYTHON_INLINE Py_ssize_t sw_rows_in(PyObject *x, PyObject *dtype)
    {
        sw_array *a = (sw_array *)x;
        int both = SW_CONTIGUOUS | SW_ALIGNED;
        return a->descr == dtype && a->nd > 0 && (a->flags & both) == both ? a->dimensions[0] : -1;
    }

    static CYTHON_INLINE int sw_take_row_at(
        PyObject *x, Py_ssize_t i, int is_number, int is_block, const long long *lengths, Py_ssize_t nd, double *v,
        Py_ssize_t at)
    {
        sw_array *a = (sw_array *)x;
        Py_ssize_t k, count = 1;
        if (is_number) {
            if (a->nd != 1)
                return 0;
            v[at] = ((const double *)a->data)[i];
            return 1;
        }
        if (!is_block || a->nd != nd + 1)
            return 0;
        for (k = 0; k < nd; k++) {
            if (a->dimensions[k + 1] != lengths[k])
                return 0;
            count *= lengths[k];
        }
        memcpy(v + at, (const double *)a->data + i * count, (size_t)count * sizeof(double));
        return 1;
    }

    static CYTHON_INLINE int sw_knows_layout(
        PyObject *x, PyObject *cls, PyObject *dtype, size_t address, const long long *lengths, const long long *strides)
    {
        sw_array *a = (sw_array *)x;
        return ((PyTypeObject *)cls)->tp_basicsize >= (Py_ssize_t)sizeof(sw_array) && (size_t)a->data == address
            && a->nd == 2 && a->dimensions[0] == lengths[0] && a->dimensions[1] == lengths[1]
            && a->strides[0] == strides[0] && a->strides[1] == strides[1] && a->descr == dtype
            && (a->flags & SW_ALIGNED) && (a->flags & SW_CONTIGUOUS) == (lengths[0] * lengths[1] == 12);
    }

    static CYTHON_INLINE PyObject *sw_row_of(PyObject *cls, const double *v, const int *places, Py_ssize_t count)
    {
        int is_list = cls == (PyObject *)&PyList_Type;
        PyObject *row = is_list ? PyList_New(count) : PyTuple_New(count);
        Py_ssize_t i;
        for (i = 0; row && i < count; i++) {
            PyObject *x = PyFloat_FromDouble(v[places[i]]);
            if (!x)
                Py_CLEAR(row);
            else if (is_list)
                PyList_SET_ITEM(row, i, x);
            else
                PyTuple_SET_ITEM(row, i, x);
        }
        return row;
    }
    """
    bint take_whole "sw_take_whole"(object x, object scalar, double* v, Py_ssize_t at) noexcept
    bint take_row "sw_take_row"(object x, Py_ssize_t length, object scalar, double* v, Py_ssize_t at) noexcept
    bint c_copy_block "sw_copy_block"(
        object x, object dtype, bint is_whole, long long* lengths, Py_ssize_t nd, double* v, Py_ssize_t at
    ) noexcept
    void c_copy_places "sw_copy_places"(double* v, int* places, Py_ssize_t count, double* out) noexcept
    bint is_vector "sw_is_vector"(object x, object dtype, Py_ssize_t length) noexcept
    void c_copy_stretches "sw_copy_stretches"(
        double* x, int* begins, double* y, int* ends, int* lengths, Py_ssize_t count
    ) noexcept
    Py_ssize_t contiguous_rows "sw_rows_in"(object x, object dtype) noexcept
    void copy_numbers "sw_copy_numbers"(
        double* x, Py_ssize_t begin, double* y, Py_ssize_t end, Py_ssize_t count
    ) noexcept
    bint c_take_row_at "sw_take_row_at"(
        object x, Py_ssize_t i, bint is_number, bint is_block, long long* lengths, Py_ssize_t nd, double* v,
        Py_ssize_t at
    ) noexcept
    bint c_knows_layout "sw_knows_layout"(
        object x, object cls, object dtype, size_t address, long long* lengths, long long* strides
    ) noexcept
    object row_of "sw_row_of"(object cls, double* v, int* places, Py_ssize_t count)
    ctypedef struct sw_array:
        char* data

cdef extern from "Python.h":
    ctypedef struct PyTupleObject:
        PyObject** ob_item
    object PyList_New(Py_ssize_t count)
    object PyTuple_New(Py_ssize_t count)
    void PyList_SET_ITEM(object row, Py_ssize_t i, object x)
    void PyTuple_SET_ITEM(object row, Py_ssize_t i, object x)

cdef inline PyObject** items_of(tuple row):
    return (<PyTupleObject*>row).ob_item

cdef inline PyObject** items_behind(PyObject** items, Py_ssize_t count):
    return items + count

cdef inline object item_at(PyObject** items, Py_ssize_t i):
    return <object>items[i]

cdef inline object new_row(bint is_list, Py_ssize_t count):
    return PyList_New(count) if is_list else PyTuple_New(count)

cdef inline int put(object row, Py_ssize_t i, object x) except -1:
    Py_INCREF(x)
    if type(row) is list:
        PyList_SET_ITEM(row, i, x)
    else:
        PyTuple_SET_ITEM(row, i, x)
    return 0

cdef inline object finished(bint is_list, object row):
    return row

cdef object FLOAT_SCALAR, WHOLE_SCALAR, ARRAY, FLOATS, WHOLES, EMPTY, ZEROS

cdef inline bint copy_block(object x, object dtype, bint is_whole, array.array lengths, double* v, Py_ssize_t at):
    return c_copy_block(x, dtype, is_whole, lengths.data.as_longlongs, len(lengths), v, at)

cdef inline int fill_array(
    object x, double* v, array.array begins, array.array ends, array.array lengths
) except -1:
    c_copy_stretches(v, begins.data.as_ints, data_of(x), ends.data.as_ints, lengths.data.as_ints, len(begins))
    return 0

cdef inline double* data_of(object x):
    return <double*>(<sw_array*><void*>x).data

cdef inline double* numbers_at(object x):
    return data_of(x)

cdef inline int copy_places(double* v, array.array places, double* out) except -1:
    c_copy_places(v, places.data.as_ints, len(places), out)
    return 0

cdef inline int copy_stretches(
    double* x, array.array begins, double* y, array.array ends, array.array lengths
) except -1:
    c_copy_stretches(x, begins.data.as_ints, y, ends.data.as_ints, lengths.data.as_ints, len(begins))
    return 0

cdef inline bint take_row_at(
    object x, Py_ssize_t i, bint is_number, bint is_block, array.array lengths, double* v, Py_ssize_t at
):
    return c_take_row_at(x, i, is_number, is_block, lengths.data.as_longlongs, len(lengths), v, at)

cdef inline bint knows_layout(
    object x, object numpy_array, object dtype, size_t address, array.array lengths, array.array strides
):
    return c_knows_layout(x, numpy_array, dtype, address, lengths.data.as_longlongs, strides.data.as_longlongs)

cpdef learn_arrays()
cpdef bint knows_arrays()
cdef bint take_float(object x, double* v, Py_ssize_t at) except -1
cdef bint take_int(object x, double* v, Py_ssize_t at) except -1
cdef bint take_floats(object x, Py_ssize_t length, double* v, Py_ssize_t at) except -1
cdef bint take_block(object x, bint is_whole, array.array lengths, double* v, Py_ssize_t at) except -1
cdef bint take_truths(object x, array.array lengths, double* v, Py_ssize_t at) except -1
cdef bint is_array(object x) except -1
cdef Py_ssize_t rows_in(object x) except -2
cdef object new_empty(object shape)
@cython.locals(i=Py_ssize_t, k=Py_ssize_t)
cdef object new_block(
    object shape, bint is_sparse, double* v, array.array begins, array.array ends, array.array lengths
)
@cython.locals(from_=cython.p_int, into=cython.p_int, i=Py_ssize_t, length=int)
cpdef tuple stretches_of(array.array sources, array.array targets)
cdef bint is_vector_of(object x, Py_ssize_t length) except -1
@cython.locals(numbers=array.array)
cdef array.array numbers_of(double* v, array.array places)
