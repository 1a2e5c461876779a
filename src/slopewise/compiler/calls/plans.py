"""`Plan`: how the numbers of a call get into registers, when the form of the call is known.

To find out the form of a call costs more than a small kernel: every list is looked through for what it holds, and its
form is looked up. A plan turns that round. It knows one form, and walks the arguments comparing types, lengths, shapes
and keys with it while it takes the numbers. At the first difference it gives up, and the call is taken apart slowly.

This is ordinary Python that Cython compiles with the types in `plans.pxd`.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    import types

    cython = types.SimpleNamespace(compiled=False)

from array import array
from types import SimpleNamespace

from slopewise.compiler import structure
from slopewise.compiler.nests import declared_names
from slopewise.compiler.static import Static

if not cython.compiled:
    from slopewise.backends.runs import doubles_of
    from slopewise.compiler.calls.taking import (
        item_at,
        items_of,
        knows_arrays,
        learn_arrays,
        take_block,
        take_float,
        take_floats,
        take_int,
        take_truths,
    )
    from slopewise.engine import LectureValue, Value

    # The numbers in this block stand in plans.pxd too, as constants of C.
    NUMBER = 0  # kinds of forms: a float
    WHOLE = 1  # an int
    NODE = 2  # a Value
    ROW = 3  # a list or tuple of floats
    WHOLES = 4  # one of ints
    NODES = 5  # one of Values
    BLOCK = 6  # an array of floats
    WHOLE_BLOCK = 7  # one of ints
    ITEMS = 8  # a list or tuple of other forms
    ENTRIES = 9  # a dict
    FIELDS = 10  # an object that is a nest of what it holds
    SAME = 11  # an object that is itself
    EQUAL = 12  # one of Python's own that cannot change
    ALIKE = 13  # an object with an == of its own
    TRUTH_BLOCK = 14  # an array of bools
    FLOAT = 1  # the engine's kinds of numbers: up to here a Value holds a float or an int

DEEPEST = 64
MISSING = object()  # a field that is not there: no number, and no other object
PLAIN_TYPES = frozenset((str, int, bool, bytes, complex, float))
LEAVES = {structure.FLOAT: NUMBER, structure.INT: WHOLE, structure.VALUE: NODE}
ROWS = {structure.FLOAT: ROW, structure.INT: WHOLES, structure.VALUE: NODES}
BLOCKS = {structure.FLOAT: BLOCK, structure.INT: WHOLE_BLOCK, structure.BOOL: TRUTH_BLOCK}


class Form:
    """A part of the known form: what an object must be, and how its numbers are taken."""

    def __init__(self, kind, length, cls=None, parts=(), keys=(), item=None, lengths=()):
        self.kind = kind
        self.length = length  # how many numbers; of a static object, none
        self.cls = cls
        self.parts = list(parts)
        self.keys = list(keys)  # of a dict the forms of its keys, of an object the names of its fields
        self.item = item
        self.lengths = array("q", lengths)


def form_of(nest, depth=DEEPEST):
    """Return the form that makes a plan of a nest, None where there is none."""
    kind, form, parts, n_leaves = nest
    if kind == "number":
        return Form(LEAVES[form], 1) if form in LEAVES else None
    if kind == "row":
        cls, leaf = form
        return Form(ROWS[leaf], n_leaves, cls) if leaf in ROWS and is_plain_sequence(cls) else None
    if kind == "array":
        shape, leaf = form
        return Form(BLOCKS[leaf], n_leaves, lengths=shape) if leaf in BLOCKS and knows_arrays() else None
    if kind == "static":
        return static_form(form)
    if depth == 0:
        return None
    made = [form_of(part, depth - 1) for part in parts]
    if None in made:
        return None
    if kind in ("list", "tuple"):
        return Form(ITEMS, n_leaves, form, made) if is_plain_sequence(form) else None
    if kind == "dict":
        cls, names, factory = form
        keys = [static_form(key if type(key) is Static else Static(key)) for key in names]
        if cls is not dict or factory is not None or None in keys or ALIKE in [key.kind for key in keys]:
            return None
        return Form(ENTRIES, n_leaves, cls, made, keys)
    if kind == "object":
        return fields_form(nest, made)
    return None


def is_plain_sequence(cls):
    """Tell whether a class is list, tuple, or a named tuple that is read like one."""
    return cls is list or cls is tuple or (issubclass(cls, tuple) and cls.__iter__ is tuple.__iter__)


def static_form(known):
    """Return the form of an object that belongs to the key, None for one that is compared by a copy."""
    item = known.item
    if known.content is not item:
        return None
    cls = type(item)
    if cls in PLAIN_TYPES:
        return Form(EQUAL, 0, cls, item=item)
    is_itself = item is None or known.is_single or cls.__hash__ is object.__hash__
    return Form(SAME if is_itself else ALIKE, 0, cls, item=item if is_itself else known)


def fields_form(nest, made):
    """Return the form of an object that is a nest of what it holds, None where it does not hold all its fields."""
    cls, names = nest.form
    declared = names if cls is SimpleNamespace else tuple(declared_names(cls) or ())
    if names[: len(declared)] != declared or len(names) > len(declared) + 1:
        return None
    return Form(FIELDS, nest.n_leaves, cls, made, names)


class Plan:
    """How the numbers of calls of one form get into registers.

    Attributes:
        n_numbers: How many numbers a call gives, those that are filled in among them.
        has_values: Whether there are Values among the arguments.
    """

    def __init__(self, forms, names, named, rest):
        self.forms = forms
        self.count = len(forms)
        self.names = names
        self.named = named
        self.rest = rest
        self.n_numbers = sum([form.length for form in forms]) + sum([form.length for form in named]) + len(rest)
        self.has_values = True in [holds_values(form) for form in (*forms, *named)]

    def values(self, args, kwargs):
        """Return the Values of a call of this form by the positions of their numbers, a dict."""
        found = {}
        at = 0
        for form, x in zip((*self.forms, *self.named), (*args, *kwargs.values()), strict=True):
            if form.length > 0:
                find_values(form, x, at, found)
            at += form.length
        return found

    def numbers(self, args, kwargs):
        """Return the numbers of a call as an array, None if the call is not of this form."""
        numbers = array("d", bytes(8 * self.n_numbers))
        return numbers if take_call(self, items_of(args), len(args), kwargs, doubles_of(numbers)) else None


def holds_values(form):
    """Tell whether there are Values in a form."""
    if form.kind == NODE or form.kind == NODES:
        return True
    return True in [holds_values(part) for part in form.parts]


def find_values(form, x, at, found):
    """Note the Values of an object that has a form."""
    kind = form.kind
    if kind == NODE:
        found[at] = x
    elif kind == NODES:
        found.update(zip(range(at, at + form.length), x, strict=True))
    elif kind == ITEMS or kind == ENTRIES or kind == FIELDS:
        items = x if kind == ITEMS else x.values() if kind == ENTRIES else [getattr(x, name) for name in form.keys]
        for part, item in zip(form.parts, items, strict=True):
            find_values(part, item, at, found)
            at += part.length


def plan_of(nest, names, rest):
    """Return a plan for calls of one form, None if there is none for it.

    Args:
        nest: The nest of `(args, kwargs)`.
        names: The names of the keyword arguments that such calls give, in order; they are the first of kwargs.
        rest: The numbers of the further ones, which are filled in, an array.
    """
    learn_arrays()
    positional, keywords = nest.parts
    if positional.kind == "row":
        forms = [form_of(structure.Nest("number", positional.form[1], (), 1))] * positional.n_leaves
    else:
        forms = [form_of(part) for part in positional.parts]
    named = [form_of(part) for part in keywords.parts[: len(names)]]
    return None if None in forms or None in named else Plan(forms, tuple(names), named, rest)


# ---------------------------------------------------------------------- walking


def take_call(plan, items, count, kwargs, v):
    """Take all numbers of a call; tell whether it is of the plan's form.

    Args:
        plan: The plan.
        items: Where the arguments are.
        count: How many there are.
        kwargs: Those by name, a dict; None for none.
        v: Where the numbers go.
    """
    if count != plan.count or (len(kwargs) if kwargs is not None else 0) != len(plan.names):
        return False
    forms = plan.forms
    at = 0
    for i in range(plan.count):
        form = forms[i]
        x = item_at(items, i)
        if form.kind == NUMBER and type(x) is float:
            v[at] = x
        elif not take(form, x, v, at):
            return False
        at += form.length
    if kwargs and not take_named(plan, kwargs, v, at):
        return False
    rest = doubles_of(plan.rest)
    at = plan.n_numbers - len(plan.rest)
    for i in range(len(plan.rest)):
        v[at + i] = rest[i]
    return True


def take_named(plan, kwargs, v, at):
    """Take the numbers of keyword arguments, which come in the plan's order."""
    i = 0
    for name, x in kwargs.items():
        form = plan.named[i]
        if name != plan.names[i] or not take(form, x, v, at):
            return False
        at += form.length
        i += 1
    return True


def take(form, x, v, at):
    """Take the numbers of an object; tell whether it has the form."""
    kind = form.kind
    if kind == NUMBER:
        return take_float(x, v, at)
    if kind == BLOCK:
        return take_block(x, False, form.lengths, v, at)
    if kind == ROW:
        return type(x) is form.cls and take_floats(x, form.length, v, at)
    if kind == WHOLE:
        return take_int(x, v, at)
    if kind == SAME:
        return x is form.item
    if kind == EQUAL:
        return x is form.item or (type(x) is form.cls and is_equal(x, form.item))
    if kind == ITEMS:
        return type(x) is form.cls and take_items(form, x, v, at)
    if kind == ENTRIES:
        return type(x) is dict and take_entries(form, x, v, at)
    if kind == NODE:
        return take_node(x, v, at)
    if kind == WHOLE_BLOCK:
        return take_block(x, True, form.lengths, v, at)
    if kind == TRUTH_BLOCK:
        return take_truths(x, form.lengths, v, at)
    if kind == ALIKE:
        return type(x) is form.cls and form.item.accepts(x)
    if type(x) is not form.cls:
        return False
    return take_fields(form, x, v, at) if kind == FIELDS else take_row_of(form, x, v, at)


def is_equal(x, y):
    """Tell whether two objects of one of Python's own types are the same key."""
    return bool(x == y)


def take_items(form, x, v, at):
    """Take the numbers of what a list or a tuple holds."""
    parts = form.parts
    count = len(parts)
    if len(x) != count:
        return False
    for i in range(count):
        if len(x) != count:  # an == of the user's own has changed it
            return False
        part = parts[i]
        if not take(part, x[i], v, at):
            return False
        at += part.length
    return True


def take_entries(form, x, v, at):
    """Take the numbers of what a dict holds, under the keys of the form and in their order."""
    parts = form.parts
    keys = form.keys
    if len(x) != len(parts):
        return False
    i = 0
    for key, item in x.items():
        part = parts[i]
        if not take(keys[i], key, v, at) or not take(part, item, v, at):
            return False
        at += part.length
        i += 1
    return True


def take_fields(form, x, v, at):
    """Take the numbers of what an object holds, if it holds what the form knows and nothing else."""
    parts = form.parts
    names = form.keys
    held = getattr(x, "__dict__", None)
    if held is not None and (len(held) != len(names) or (form.cls is SimpleNamespace and list(held) != names)):
        return False
    for i in range(len(parts)):
        if held is not None and names[i] not in held:
            return False
        part = parts[i]
        if not take(part, getattr(x, names[i], MISSING), v, at):
            return False
        at += part.length
    return True


def take_row_of(form, x, v, at):
    """Take the ints or the Values of a list or a tuple."""
    if len(x) != form.length:
        return False
    for i in range(form.length):
        if form.kind == WHOLES:
            if not take_int(x[i], v, at + i):
                return False
        elif not take_node(x[i], v, at + i):
            return False
    return True


def take_node(x, v, at):
    """Take the number of a Value, if it is a float or an int."""
    if type(x) is not Value and type(x) is not LectureValue:
        return False
    value = x
    if value._kind > FLOAT:
        return False
    v[at] = value._data
    return True
