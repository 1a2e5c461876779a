"""Numbers out of Python's objects into registers, and out of registers into new ones.

Everything here compares before it takes: an object that is not exactly what was expected is left alone, and the caller
finds another way. This is ordinary Python that Cython compiles with the types in `taking.pxd`, where rows and arrays
are read and built in C: of an array of numpy's, its fields are read where every extension of numpy reads them, after a
look whether they are there.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False)

import sys
from array import array

if not cython.compiled:
    from slopewise.backends.runs import doubles_of, ints_of

    LARGEST = 9007199254740992  # a constant of C in taking.pxd

    def take_whole(x, scalar, v, at):
        """Take an int that a float64 holds, Python's or numpy's; tell whether it is one."""
        if (type(x) is not int and type(x) is not scalar) or not -LARGEST <= int(x) <= LARGEST:
            return False
        v[at] = int(x)
        return True

    def take_row(x, length, scalar, v, at):
        """Take the floats of a list or a tuple; tell whether it holds so many, and nothing else."""
        if len(x) != length or not all(type(item) is float or type(item) is scalar for item in x):
            return False
        v[at : at + length] = array("d", x)
        return True

    def copy_block(x, dtype, is_whole, lengths, v, at):
        """Take the numbers of an array of numpy's; tell whether it has that dtype and shape."""
        if x.dtype is not dtype or x.shape != tuple(lengths):
            return False
        numbers = x.ravel().tolist()
        if is_whole and not all(-LARGEST <= number <= LARGEST for number in numbers):
            return False
        v[at : at + len(numbers)] = array("d", numbers)
        return True

    def fill_array(x, v, begins, ends, lengths):
        """Put stretches of numbers into an array of numpy's whose numbers stand in a row."""
        numbers = x.reshape(-1)
        for i in range(len(begins)):
            numbers[ends[i] : ends[i] + lengths[i]] = v[begins[i] : begins[i] + lengths[i]]

    def is_vector(x, dtype, length):
        """Tell whether an array has that dtype, one axis and a length, and its numbers stand in a row."""
        return x.ndim == 1 and contiguous_rows(x, dtype) == length

    def numbers_at(x):
        """Return the numbers of an array of numpy's."""
        return array("d", x.tolist())

    def data_of(x):
        """Return where the numbers of an array are."""
        return x.ctypes.data

    def contiguous_rows(x, dtype):
        """Return how many rows an array has, -1 unless it has that dtype and its numbers stand in a row."""
        return len(x) if x.ndim and x.dtype is dtype and x.flags.c_contiguous else -1

    def take_row_at(x, i, is_number, is_block, lengths, v, at):
        """Take a row of an array that has rows: a number or a block of a shape; tell whether it is that."""
        if not is_number and not is_block:
            return False
        row = x[i]
        if row.shape != (() if is_number else tuple(lengths)):
            return False
        v[at : at + row.size] = array("d", row.ravel().tolist())
        return True

    def copy_places(v, places, out):
        """Put numbers from registers one behind the other."""
        for i in range(len(places)):
            out[i] = v[places[i]]

    def copy_numbers(x, begin, y, end, count):
        """Copy numbers that stand in a row."""
        y[end : end + count] = x[begin : begin + count]

    def copy_stretches(x, begins, y, ends, lengths):
        """Copy stretches of numbers from one array to another, or within one."""
        for i in range(len(begins)):
            y[ends[i] : ends[i] + lengths[i]] = x[begins[i] : begins[i] + lengths[i]]

    def items_of(row):
        """Return where the items of a tuple are."""
        return row

    def items_behind(items, count):
        """Return where the items behind the first ones are."""
        return items[count:]

    def item_at(items, i):
        """Return an item."""
        return items[i]

    def new_row(is_list, count):
        """Return a new list or tuple, to be filled by `put`."""
        return [None] * count

    def put(row, i, x):
        """Put an item into a new list or tuple."""
        row[i] = x

    def finished(is_list, row):
        """Return a list or a tuple once it is filled."""
        return row if is_list else tuple(row)

    def row_of(cls, v, places, count):
        """Return a list or a tuple of floats."""
        return cls([v[places[i]] for i in range(count)])

    def knows_layout(x, numpy_array, dtype, address, lengths, strides):
        """Tell whether the fields of an array are where they are looked for: nobody looks here."""
        return True


FLOAT_SCALAR = None  # numpy's types, once numpy is there
WHOLE_SCALAR = None
ARRAY = None
FLOATS = None
WHOLES = None
EMPTY = None
ZEROS = None


def learn_arrays():
    """Get to know numpy's types, if numpy is loaded by now; without, no array is taken."""
    global FLOAT_SCALAR, WHOLE_SCALAR, ARRAY, FLOATS, WHOLES, EMPTY, ZEROS
    if EMPTY is not None or "numpy" not in sys.modules:
        return
    import numpy

    EMPTY = numpy.empty
    ZEROS = numpy.zeros
    FLOAT_SCALAR = numpy.float64
    WHOLE_SCALAR = numpy.int64
    FLOATS = numpy.dtype(numpy.float64)
    WHOLES = numpy.dtype(numpy.int64)
    whole = numpy.zeros((3, 4))
    for probe in (whole, whole[:, 1:3]):
        address = probe.__array_interface__["data"][0]
        if not knows_layout(probe, numpy.ndarray, FLOATS, address, array("q", probe.shape), array("q", probe.strides)):
            return
    ARRAY = numpy.ndarray


def knows_arrays():
    """Tell whether arrays can be taken."""
    return ARRAY is not None


def is_array(x):
    """Tell whether something is an array of numpy's, and of no subclass."""
    return x is not None and type(x) is ARRAY


def take_float(x, v, at):
    """Take a float, Python's or numpy's; tell whether it is one."""
    if type(x) is float or (x is not None and type(x) is FLOAT_SCALAR):
        v[at] = x
        return True
    return False


def take_int(x, v, at):
    """Take an int that a float64 holds; tell whether it is one."""
    return take_whole(x, WHOLE_SCALAR, v, at)


def take_floats(x, length, v, at):
    """Take the floats of a list or a tuple; tell whether it holds so many, and nothing else."""
    return take_row(x, length, FLOAT_SCALAR, v, at)


def take_block(x, is_whole, lengths, v, at):
    """Take an array of floats, or one of ints, of a shape; tell whether it is that."""
    if ARRAY is None or type(x) is not ARRAY:
        return False
    own = WHOLES if is_whole else FLOATS
    if copy_block(x, own, is_whole, lengths, v, at):
        return True
    dtype = x.dtype
    if dtype is own or dtype.kind not in ("iu" if is_whole else "f") or (dtype.kind == "u" and dtype.itemsize == 8):
        return False
    return copy_block(x.astype(own), own, is_whole, lengths, v, at)


def take_truths(x, lengths, v, at):
    """Take an array of bools of a shape, as 0 and 1; tell whether it is that."""
    if ARRAY is None or type(x) is not ARRAY or x.dtype.kind != "b":
        return False
    return copy_block(x.astype(FLOATS), FLOATS, False, lengths, v, at)


def rows_in(x):
    """Return how many rows an array has, -1 unless its numbers are float64 and stand one behind the other."""
    return contiguous_rows(x, FLOATS)


def new_empty(shape):
    """Return a new float64 array to be filled through `data_of`, None where that cannot be done."""
    return EMPTY(shape) if ARRAY is not None else None


def new_block(shape, is_sparse, v, begins, ends, lengths):
    """Return a new float64 array of stretches of numbers from registers.

    Args:
        shape: Its shape.
        is_sparse: Whether there are places that no stretch goes to: zeros.
        v: The registers.
        begins: For each stretch its first register.
        ends: Its first place in the array, counted row by row.
        lengths: How many numbers it is.
    """
    if EMPTY is None:
        import numpy  # noqa: F401

        learn_arrays()
    x = ZEROS(shape) if is_sparse else EMPTY(shape)
    if ARRAY is not None:
        fill_array(x, v, begins, ends, lengths)
        return x
    for i in range(len(begins)):
        for k in range(lengths[i]):
            x.flat[ends[i] + k] = v[begins[i] + k]
    return x


def stretches_of(sources, targets):
    """Join numbers that go from one place to another to stretches.

    Args:
        sources: The place of each number, an array of ints.
        targets: The place that it goes to.

    Returns:
        Three arrays of ints: for each stretch its first place, the first place that it goes to, its length.
    """
    begins = array("i")
    ends = array("i")
    lengths = array("i")
    from_ = ints_of(sources)
    into = ints_of(targets)
    length = 0
    for i in range(len(sources)):
        if length > 0 and from_[i] == from_[i - 1] + 1 and into[i] == into[i - 1] + 1:
            length += 1
            continue
        if length > 0:
            lengths.append(length)
        begins.append(from_[i])
        ends.append(into[i])
        length = 1
    if length > 0:
        lengths.append(length)
    return begins, ends, lengths


def is_vector_of(x, length):
    """Tell whether something is a float64 array of one axis and a length, its numbers one behind the other."""
    return is_array(x) and is_vector(x, FLOATS, length)


def numbers_of(v, places):
    """Return numbers from registers as an array."""
    numbers = array("d", bytes(8 * len(places)))
    copy_places(v, places, doubles_of(numbers))
    return numbers
