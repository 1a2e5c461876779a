"""Reading and writing many Values and adding to their gradients, for compiled functions that depend on a whole net.

This is ordinary Python that Cython compiles with the types in `exchange.pxd`. What is not plain (a number of another
type, the gradient of a node that was made from others) is left to `state.py`.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False)

if not cython.compiled:
    from slopewise.backends.runs import bytes_of, doubles_of, ints_of
    from slopewise.engine import value as engine_value
    from slopewise.engine.value import FLOAT, MANY, RULE, WRITTEN

    # The numbers in this block stand in exchange.pxd too, as constants of C.
    DATA = 1
    GRAD = 2


def read_numbers(values, kinds, numbers, start):
    """Put what Values hold into an array.

    Args:
        values: The Values, a list; None leaves its place as it is.
        kinds: One byte for each, `DATA` or `GRAD`: an array.
        numbers: An array of doubles.
        start: The place of the first.

    Returns:
        The position of the first Value that holds neither a float nor an int, -1 if there is none.
    """
    v = doubles_of(numbers)
    attributes = bytes_of(kinds)
    at = start
    for i in range(len(values)):
        value = values[i]
        if value is not None:
            if attributes[i] == DATA:
                if value._kind > FLOAT:
                    return i
                v[at + i] = value._data
            else:
                if value._grad_kind > FLOAT:
                    return i
                v[at + i] = value._grad
    return -1


def add_to_leaves(values, gradients, adds):
    """Add numbers to the gradients of leaves, or set them.

    Args:
        values: The Values, a list; None is passed over.
        gradients: As many numbers, an array of doubles.
        adds: Whether they are added to what is there; else they take its place.

    Returns:
        The positions of Values that were left alone, because they are more than plain leaves, a list.
    """
    left = []
    is_watched = engine_value.journal is not None
    v = doubles_of(gradients)
    for i in range(len(values)):
        value = values[i]
        if value is None:
            continue
        if is_watched or value._a is not None or value._flags & (MANY | RULE) or value._grad_kind > FLOAT:
            left.append(i)
            continue
        if adds:
            value._grad += v[i]
        else:
            value._grad = v[i]
        value._grad_kind = FLOAT
        value._flags |= WRITTEN
    return left


def write_numbers(values, kinds, numbers, places):
    """Write the numbers and gradients of Values.

    Args:
        values: The Values, a list; None is passed over.
        kinds: One byte for each, `DATA` or `GRAD`: an array.
        numbers: An array of doubles.
        places: For each Value the place of its number: an array of ints.
    """
    # What is more than a plain leaf, or watched, hears of it through its attributes.
    is_watched = engine_value.watching != 0 or engine_value.recorder is not None or engine_value.journal is not None
    v = doubles_of(numbers)
    at = ints_of(places)
    attributes = bytes_of(kinds)
    for i in range(len(values)):
        value = values[i]
        if value is None:
            continue
        x = v[at[i]]
        if is_watched or value._a is not None or value._flags & MANY or value._kind > FLOAT or value._grad_kind > FLOAT:
            if attributes[i] == DATA:
                value.data = x
            else:
                value.grad = x
        elif attributes[i] == DATA:
            value._data = x
            value._kind = FLOAT
        else:
            value._grad = x
            value._grad_kind = FLOAT
            value._flags |= WRITTEN
