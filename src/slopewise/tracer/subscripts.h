/* While a function is traced whose indices are to become choices, `items[i]` of a list or a tuple goes to a function of
   ours first when i is a traced number. Python itself asks such an index for its whole number only, and that answer would
   hold for this one call.

   The slot is the one that `items[i]` goes through for any index that is no int of Python's own (CPython 3.11 to 3.14).
   It is changed while such a trace runs, and other threads' indices pass through it unchanged. */

#ifndef SLOPEWISE_SUBSCRIPTS_H
#define SLOPEWISE_SUBSCRIPTS_H

static PyTypeObject *sw_number_type;
static PyObject *sw_choose;
static binaryfunc sw_list_subscript, sw_tuple_subscript;

static PyObject *sw_chosen(PyObject *items, PyObject *index, binaryfunc otherwise)
{
    if (sw_choose && Py_TYPE(index) == sw_number_type) {
        PyObject *chosen = PyObject_CallFunctionObjArgs(sw_choose, items, index, NULL);
        if (chosen != Py_NotImplemented)
            return chosen; /* NULL for an error */
        Py_DECREF(chosen);
    }
    return otherwise(items, index);
}

static PyObject *sw_list_item(PyObject *items, PyObject *index)
{
    return sw_chosen(items, index, sw_list_subscript);
}

static PyObject *sw_tuple_item(PyObject *items, PyObject *index)
{
    return sw_chosen(items, index, sw_tuple_subscript);
}

static void sw_hear_subscripts(PyObject *number_type, PyObject *choose)
{
    if (sw_choose)
        return;
    Py_INCREF(number_type);
    Py_INCREF(choose);
    sw_number_type = (PyTypeObject *)number_type;
    sw_choose = choose;
    sw_list_subscript = PyList_Type.tp_as_mapping->mp_subscript;
    sw_tuple_subscript = PyTuple_Type.tp_as_mapping->mp_subscript;
    PyList_Type.tp_as_mapping->mp_subscript = sw_list_item;
    PyTuple_Type.tp_as_mapping->mp_subscript = sw_tuple_item;
}

static void sw_ignore_subscripts(void)
{
    PyObject *choose = sw_choose;
    if (!choose)
        return;
    PyList_Type.tp_as_mapping->mp_subscript = sw_list_subscript;
    PyTuple_Type.tp_as_mapping->mp_subscript = sw_tuple_subscript;
    sw_choose = NULL;
    Py_DECREF(choose);
    Py_DECREF((PyObject *)sw_number_type);
}

#endif
