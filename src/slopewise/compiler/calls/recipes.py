"""`Recipe`: how a result is built from registers, when its form is known.

This is ordinary Python that Cython compiles with the types in `recipes.pxd`.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False)

from array import array

from slopewise.compiler import structure

if not cython.compiled:
    from slopewise.backends.runs import ints_of
    from slopewise.compiler.calls.taking import (
        finished,
        learn_arrays,
        new_block,
        new_row,
        numbers_of,
        put,
        row_of,
        stretches_of,
    )

    # The numbers in this block stand in recipes.pxd too, as constants of C.
    ONE = 0  # kinds of results: a float
    ROW = 1  # a list or tuple of floats
    BLOCK = 2  # a float64 array
    ITEMS = 3  # a list or tuple of other results
    ENTRIES = 4  # a dict
    ITSELF = 5  # an object that is no number
    FIELDS = 6  # an object of a class, with what it holds
    SPARSE = 7  # a float64 array, zero but for some places
    REBUILT = 8  # anything else: its nest builds it

DEEPEST = 64
NOWHERE = array("i"), array("i"), array("i")


class Recipe:
    """How a part of a result is built from registers.

    Args:
        kind: What it is.
        form: The class of a row or of items, the shape of a block, the object itself, the nest of anything else.
        places: The registers of its numbers; of an array, those that are not zero anyway.
        parts: The recipes of its items.
        keys: The keys of a dict.
        into: For each number of an array, where it stands.
    """

    def __init__(self, kind, form, places, parts=(), keys=(), into=()):
        self.kind = kind
        self.form = form
        self.places = array("i", places)
        self.count = len(self.places)
        self.place = self.places[0] if self.count else 0
        self.begin = self.place if self.places.tolist() == list(range(self.place, self.place + self.count)) else -1
        self.parts = list(parts)
        self.keys = list(keys)
        self.begins, self.into, self.lengths = stretches_of(self.places, array("i", into)) if into else NOWHERE


def recipe_of(nest, places, zeros=frozenset(), depth=DEEPEST):
    """Return the recipe of a nest.

    Args:
        nest: The nest.
        places: The registers of its numbers, in order, an array; -1 for one that is always 0.
        zeros: The registers that always hold 0.
        depth: How deep its parts have recipes of their own.
    """
    kind, form, parts, _ = nest
    if kind == "number" and form in (structure.FLOAT, structure.VALUE):
        return Recipe(ONE, None, places)
    if kind == "row":
        cls, leaf = form
        if cls in (list, tuple) and leaf in (structure.FLOAT, structure.VALUE):
            return Recipe(ROW, cls, places)
    if kind == "array":
        learn_arrays()
        filled = [i for i in range(len(places)) if places[i] >= 0 and places[i] not in zeros]
        if 2 * len(filled) < len(places) or min(places, default=0) < 0:
            return Recipe(SPARSE, form[0], [places[i] for i in filled], into=filled)
        return Recipe(BLOCK, form[0], places, into=range(len(places)))
    if kind == "static" and form.content is form.item:
        return Recipe(ITSELF, form.item, ())
    is_dict = kind == "dict" and form[0] is dict and form[2] is None
    is_object = kind == "object"
    if depth == 0 or not (is_dict or is_object or (kind in ("list", "tuple") and form in (list, tuple))):
        return Recipe(REBUILT, nest, places)
    made = []
    start = 0
    for part in parts:
        made.append(recipe_of(part, places[start : start + part.n_leaves], zeros, depth - 1))
        start += part.n_leaves
    if is_dict:
        return Recipe(ENTRIES, None, (), made, [key.item if type(key) is not str else key for key in form[1]])
    if is_object:
        return Recipe(FIELDS, form, (), made)
    if {part.kind for part in made} == {ONE}:
        return Recipe(ROW, form, places)
    return Recipe(ITEMS, form, (), made)


def whole_block(recipe, n_outputs):
    """Return the shape of a result that is one array of all outputs in their order, None for any other."""
    return recipe.form if recipe.kind == BLOCK and recipe.begin >= 0 and recipe.count == n_outputs else None


def build(recipe, v):
    """Return a result."""
    kind = recipe.kind
    if kind == ONE:
        return v[recipe.place]
    if kind == BLOCK:
        return new_block(recipe.form, False, v, recipe.begins, recipe.into, recipe.lengths)
    if kind == ROW:
        return row_of(recipe.form, v, ints_of(recipe.places), recipe.count)
    if kind == ITEMS:
        parts = recipe.parts
        is_list = recipe.form is list
        row = new_row(is_list, len(parts))
        for i in range(len(parts)):
            put(row, i, build(parts[i], v))
        return finished(is_list, row)
    if kind == ENTRIES:
        entries = {}
        parts = recipe.parts
        for i in range(len(parts)):
            entries[recipe.keys[i]] = build(parts[i], v)
        return entries
    if kind == SPARSE:
        return new_block(recipe.form, True, v, recipe.begins, recipe.into, recipe.lengths)
    if kind == ITSELF:
        return recipe.form
    if kind == FIELDS:
        return structure.object_of(recipe.form, [build(part, v) for part in recipe.parts])
    return recipe.form.rebuild(numbers_of(v, recipe.places))
