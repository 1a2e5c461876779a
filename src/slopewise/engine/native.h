/* What the native Value asks of CPython beyond what Cython can spell; see docs/decisions/engine.md.

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
static const char *const sw_arithmetic[3] = {"__add__", "__mul__", "__pow__"};
static PyObject *sw_own_arithmetic[3];

#define SW_DICT(o) ((PyObject **)((char *)(o) + sw_dict_offset))
#define SW_LINK(o) ((PyObject **)((char *)(o) + sizeof(PyObject)))

/* The memory of the latest dead nodes, for the next ones: a training loop frees one graph and builds the next. */
#define SW_POOL 384
static PyObject *sw_pool[SW_POOL];
static int sw_pooled;
static int sw_was_tracked;

static PyObject *sw_alloc(PyTypeObject *type, Py_ssize_t items)
{
    PyObject *o;
    (void)items;
    if (sw_pooled)
        o = PyObject_Init(sw_pool[--sw_pooled], type);
    else
        o = PyObject_GC_New(PyObject, type);
    if (o)
        memset((char *)o + sizeof(PyObject), 0, (size_t)type->tp_basicsize - sizeof(PyObject));
    return o;
}

static void sw_free(void *memory)
{
    if (sw_pooled < SW_POOL && !sw_was_tracked)
        sw_pool[sw_pooled++] = (PyObject *)memory;
    else
        PyObject_GC_Del(memory);
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
        if (PyObject_GC_IsTracked(o))
            PyObject_GC_UnTrack(o);
        Py_CLEAR(*SW_DICT(o));
        sw_free_fields(o);
        return;
    }
    if (PyObject_GC_IsTracked(o))
        PyObject_GC_UnTrack(o);
    if (sw_freeing) {
        *SW_LINK(o) = sw_pile;
        sw_pile = o;
        return;
    }
    sw_freeing = 1;
    while (o) {
        int had_dict = *SW_DICT(o) != NULL;
        Py_CLEAR(*SW_DICT(o));
        sw_was_tracked = had_dict; /* a node is tracked from its dict on; the collector may have marked such memory */
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

/* Cython constructs by vectorcall, past tp_init; a patched __init__ or __new__ must be seen. */
typedef struct {
    PyTypeObject *type;
    vectorcallfunc construct;
    initproc init;
    newfunc make;
} sw_constructor;
static sw_constructor sw_constructors[2];
static int sw_constructor_count;

static PyObject *sw_construct(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *names)
{
    Py_ssize_t i, count = PyVectorcall_NARGS(nargsf), named = names ? PyTuple_GET_SIZE(names) : 0;
    PyTypeObject *t = (PyTypeObject *)type;
    PyObject *positional, *keywords = NULL, *made = NULL;
    for (i = 0; i < sw_constructor_count; i++) {
        sw_constructor *own = &sw_constructors[i];
        if (own->type == t && own->init == t->tp_init && own->make == t->tp_new)
            return own->construct(type, args, nargsf, names);
    }
    positional = PyTuple_New(count);
    if (!positional)
        return NULL;
    for (i = 0; i < count; i++)
        PyTuple_SET_ITEM(positional, i, Py_NewRef(args[i]));
    if (named && !(keywords = PyDict_New()))
        goto done;
    for (i = 0; i < named; i++)
        if (PyDict_SetItem(keywords, PyTuple_GET_ITEM(names, i), args[count + i]) < 0)
            goto done;
    made = PyType_Type.tp_call(type, positional, keywords);
done:
    Py_DECREF(positional);
    Py_XDECREF(keywords);
    return made;
}

static PyGetSetDef sw_dict_getset = {"__dict__", sw_get_dict, sw_set_dict, NULL, NULL};

/* Whether + * ** of a node are the engine's own, neither patched nor overridden in a subclass. */
static inline int keeps_arithmetic(PyObject *o)
{
    PyTypeObject *type = Py_TYPE(o);
    PyNumberMethods *numbers = type->tp_as_number;
    int i, own = 1;
    if (numbers->nb_multiply == sw_own_multiply && numbers->nb_add == sw_own_add && numbers->nb_power == sw_own_power)
        return 1;
    /* A subclass, or a class that was patched and mended, may reach the same methods through another slot. */
    for (i = 0; i < 3 && own; i++) {
        PyObject *found = PyObject_GetAttrString((PyObject *)type, sw_arithmetic[i]);
        if (!found)
            PyErr_Clear();
        own = found == sw_own_arithmetic[i];
        Py_XDECREF(found);
    }
    return own;
}

static inline int sw_holds_attributes(PyObject *o)
{
    PyObject *dict = *SW_DICT(o);
    return dict != NULL && PyDict_GET_SIZE(dict) > 0;
}

/* Put sw_setattro under the name that super() and a patch look for; object's own wrapper of that name lends its form. */
static int sw_name_setter(PyTypeObject *type, const char *name)
{
    int result = -1;
    PyObject *named = NULL, *generic = PyObject_GetAttrString((PyObject *)&PyBaseObject_Type, name);
    if (generic && (named = PyDescr_NewWrapper(type, ((PyWrapperDescrObject *)generic)->d_base, (void *)sw_setattro)))
        result = PyDict_SetItemString(type->tp_dict, name, named);
    Py_XDECREF(named);
    Py_XDECREF(generic);
    return result;
}

static inline int adopt(PyObject *cls)
{
    PyTypeObject *type = (PyTypeObject *)cls;
    PyObject *descriptor;
    int i;
    for (i = 0; i < 3 && !sw_free_fields; i++) {
        sw_own_arithmetic[i] = PyObject_GetAttrString(cls, sw_arithmetic[i]);
        if (!sw_own_arithmetic[i])
            return -1;
    }
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
    type->tp_free = sw_free;
    type->tp_traverse = sw_traverse;
    type->tp_clear = sw_clear;
    type->tp_dealloc = sw_dealloc;
    type->tp_setattro = sw_setattro;
    if (sw_name_setter(type, "__setattr__") < 0 || sw_name_setter(type, "__delattr__") < 0)
        return -1;
    type->tp_hash = PyBaseObject_Type.tp_hash;
    /* Room for operators that are patched in later: __getitem__, __len__, __await__, ... */
    if (!type->tp_as_mapping)
        type->tp_as_mapping = (PyMappingMethods *)PyMem_Calloc(1, sizeof(PyMappingMethods));
    if (!type->tp_as_sequence)
        type->tp_as_sequence = (PySequenceMethods *)PyMem_Calloc(1, sizeof(PySequenceMethods));
    if (!type->tp_as_async)
        type->tp_as_async = (PyAsyncMethods *)PyMem_Calloc(1, sizeof(PyAsyncMethods));
    if (!type->tp_as_mapping || !type->tp_as_sequence || !type->tp_as_async) {
        PyErr_NoMemory();
        return -1;
    }
    if (type->tp_vectorcall && sw_constructor_count < 2) {
        sw_constructor own = {type, type->tp_vectorcall, type->tp_init, type->tp_new};
        sw_constructors[sw_constructor_count++] = own;
        type->tp_vectorcall = sw_construct;
    }
    type->tp_flags &= ~Py_TPFLAGS_IMMUTABLETYPE;
    PyType_Modified(type);
    return 0;
}

#endif
