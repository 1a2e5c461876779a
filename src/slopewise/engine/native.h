/* What the native Value asks of CPython beyond what Cython can spell; see docs/decisions/0001-engine.md.

   - Methods and operators can be patched (Value.sin = ...), as on a Python class.
   - A node is untracked by the cycle collector until something is put into its __dict__: plain nodes only point downwards
     and cannot be part of a cycle, and a million of them would make every collection slow.
   - The __dict__ is made when it is first used.
   - Freeing a chain of ten million nodes goes in a loop: a node freed while another is being freed waits in a pile.

   Layout (value.pxd): the first field after the object head holds the number, 8 bytes, reused as the pile's link once the
   node is dead; the last field is the pointer to the __dict__. */

#ifndef SLOPEWISE_NATIVE_H
#define SLOPEWISE_NATIVE_H

#include <string.h>

static destructor sw_free_fields;
static traverseproc sw_visit_fields;
static inquiry sw_clear_fields;
static PyObject *sw_pile;
static int sw_freeing;
static Py_ssize_t sw_dict_offset;
static binaryfunc sw_own_add, sw_own_multiply;
static ternaryfunc sw_own_power;

#define SW_DICT(o) ((PyObject **)((char *)(o) + sw_dict_offset))
#define SW_LINK(o) ((PyObject **)((char *)(o) + sizeof(PyObject)))

static PyObject *sw_alloc(PyTypeObject *type, Py_ssize_t items)
{
    PyObject *o = PyObject_GC_New(PyObject, type);
    (void)items;
    if (o)
        memset((char *)o + sizeof(PyObject), 0, (size_t)type->tp_basicsize - sizeof(PyObject));
    return o;
}

static int sw_traverse(PyObject *o, visitproc visit, void *arg)
{
    Py_VISIT(*SW_DICT(o));
    return sw_visit_fields(o, visit, arg);
}

static int sw_clear(PyObject *o)
{
    Py_CLEAR(*SW_DICT(o));
    return sw_clear_fields(o);
}

static void sw_dealloc(PyObject *o)
{
    if (Py_TYPE(o)->tp_dealloc != sw_dealloc) { /* an instance of a Python subclass: Python frees its type afterwards */
        PyObject_GC_UnTrack(o);
        Py_CLEAR(*SW_DICT(o));
        sw_free_fields(o);
        return;
    }
    if (PyObject_GC_IsTracked(o))
        PyObject_GC_UnTrack(o);
    if (sw_freeing) {
        PyObject *dict = *SW_DICT(o);
        (void)dict;
        *SW_LINK(o) = sw_pile;
        sw_pile = o;
        return;
    }
    sw_freeing = 1;
    while (o) {
        Py_CLEAR(*SW_DICT(o));
        sw_free_fields(o);
        o = sw_pile;
        if (o)
            sw_pile = *SW_LINK(o);
    }
    sw_freeing = 0;
}

static void sw_track_if_needed(PyObject *o)
{
    if (*SW_DICT(o) && !PyObject_GC_IsTracked(o))
        PyObject_GC_Track(o);
}

static PyObject *sw_get_dict(PyObject *o, void *context)
{
    PyObject *dict = PyObject_GenericGetDict(o, context);
    if (dict)
        sw_track_if_needed(o);
    return dict;
}

static int sw_set_dict(PyObject *o, PyObject *dict, void *context)
{
    int result = PyObject_GenericSetDict(o, dict, context);
    sw_track_if_needed(o);
    return result;
}

static int sw_setattro(PyObject *o, PyObject *name, PyObject *item)
{
    int result = PyObject_GenericSetAttr(o, name, item);
    if (*SW_DICT(o))
        sw_track_if_needed(o);
    return result;
}

static PyGetSetDef sw_dict_getset = {"__dict__", sw_get_dict, sw_set_dict, NULL, NULL};

/* Whether + * ** of a node are the engine's own, neither patched nor overridden in a subclass. */
static inline int keeps_arithmetic(PyObject *o)
{
    PyNumberMethods *numbers = Py_TYPE(o)->tp_as_number;
    return numbers->nb_multiply == sw_own_multiply && numbers->nb_add == sw_own_add && numbers->nb_power == sw_own_power;
}

static inline int sw_holds_attributes(PyObject *o)
{
    PyObject *dict = *SW_DICT(o);
    return dict != NULL && PyDict_GET_SIZE(dict) > 0;
}

static inline int adopt(PyObject *cls)
{
    PyTypeObject *type = (PyTypeObject *)cls;
    PyObject *descriptor;
    if (!sw_free_fields) {
        sw_own_add = type->tp_as_number->nb_add;
        sw_own_multiply = type->tp_as_number->nb_multiply;
        sw_own_power = type->tp_as_number->nb_power;
        sw_free_fields = type->tp_dealloc;
        sw_visit_fields = type->tp_traverse;
        sw_clear_fields = type->tp_clear;
        sw_dict_offset = type->tp_basicsize - (Py_ssize_t)sizeof(PyObject *);
    }
    descriptor = PyDescr_NewGetSet(type, &sw_dict_getset);
    if (!descriptor)
        return -1;
    if (PyDict_SetItemString(type->tp_dict, "__dict__", descriptor) < 0) {
        Py_DECREF(descriptor);
        return -1;
    }
    Py_DECREF(descriptor);
    type->tp_dictoffset = sw_dict_offset;
    type->tp_alloc = sw_alloc;
    type->tp_traverse = sw_traverse;
    type->tp_clear = sw_clear;
    type->tp_dealloc = sw_dealloc;
    type->tp_setattro = sw_setattro;
    type->tp_hash = PyBaseObject_Type.tp_hash;
    type->tp_flags &= ~Py_TPFLAGS_IMMUTABLETYPE;
    PyType_Modified(type);
    return 0;
}

#endif
