"""The entries of a sparse matrix, as they are found; then in order.

This is ordinary Python and runs as such. The file `entries.pxd` beside it names C types, and Cython then compiles this
very text.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False)

from array import array

if not cython.compiled:
    from slopewise.passes.cotangents import longer


class Entries:
    """Rows, columns and slots of the entries of a matrix, in three columns of C ints."""

    def __init__(self):
        self.size = 0
        self.rows = array("i", [0]) * 64
        self.columns = array("i", [0]) * 64
        self.slots = array("i", [0]) * 64

    def find(self, row, column, slot):
        """Note an entry."""
        if self.size == len(self.slots):
            room = 2 * self.size
            self.rows = longer(self.rows, self.size, array("i", [0]) * room)
            self.columns = longer(self.columns, self.size, array("i", [0]) * room)
            self.slots = longer(self.slots, self.size, array("i", [0]) * room)
        self.rows[self.size] = row
        self.columns[self.size] = column
        self.slots[self.size] = slot
        self.size += 1

    def in_order(self, n_rows, n_columns, symmetric):
        """Return rows, columns and slots, row by row; with `symmetric`, those of the mirrored entries too."""
        if symmetric:
            for k in range(self.size):
                if self.rows[k] != self.columns[k]:
                    self.find(self.columns[k], self.rows[k], self.slots[k])
        size = self.size
        order = array("i", range(size))
        order = sorted_by(self.columns, order, size, n_columns)
        order = sorted_by(self.rows, order, size, n_rows)
        rows = picked(self.rows, order, size)
        columns = picked(self.columns, order, size)
        return rows, columns, picked(self.slots, order, size)


def sorted_by(keys, order, size, n_keys):
    """Return an order of entries that goes by their keys, and where these are equal by the order given."""
    first = array("i", [0]) * (n_keys + 1)
    place = first
    for k in range(size):
        place[keys[k] + 1] += 1
    for k in range(n_keys):
        place[k + 1] += place[k]
    found = view = array("i", [0]) * size
    for k in range(size):
        entry = order[k]
        view[place[keys[entry]]] = entry
        place[keys[entry]] += 1
    return found


def picked(column, order, size):
    """Return the entries of a column in an order."""
    found = view = array("i", [0]) * size
    for k in range(size):
        view[k] = column[order[k]]
    return found
