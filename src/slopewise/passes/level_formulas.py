"""Formulas of groups that stand at levels: for programs whose shapes differ from place to place.

See `levels` for what is alike there. The numbers that one operand reads may come from several groups, which then share
an array; and a scan is any stretch of kinds of formulas that repeats, wherever its operands stand.
"""

from typing import Any

from slopewise.ir.operations import ADD
from slopewise.passes.columns import as_numbers, distinct
from slopewise.passes.formulas import Formulas
from slopewise.passes.group_order import renumbered
from slopewise.passes.grouping import Groups
from slopewise.passes.levels import group_by_levels
from slopewise.passes.partition import Partition
from slopewise.passes.parts import with_inner
from slopewise.passes.scans import Run

__all__ = ["LevelFormulas"]

ARRAYS = -1000  # what is read more than once, as the kind of a term


class LevelFormulas(Formulas):
    """The groups of a Program, told apart by levels, as formulas."""

    is_by_levels = True

    def found_groups(self) -> Groups:
        """Find the groups, ordered by level, and within a level by what they are part of."""
        import numpy as np

        found, *columns = group_by_levels(self.program)
        firsts = as_numbers(found.members)[as_numbers(found.starts)[:-1]]
        levels, roots, depths, kinds = (np.frombuffer(column, dtype=column.typecode)[firsts] for column in columns)
        order = np.lexsort((firsts, kinds, -depths, roots, levels))
        self.kinds = np.unique(kinds[order], return_inverse=True)[1].reshape(-1)
        self.levels = levels[order]
        consumers = as_numbers(found.consumers)[order]
        self.ends_block = consumers < 0
        return renumbered(found, order)

    def signatures(self) -> tuple[Any, Any, Any]:
        """Return for each group what it does, as a number, and its size; what it reads does not matter."""
        import numpy as np

        firsts = self.members[self.starts[:-1]]
        sizes = np.diff(self.starts).astype(np.int64)
        self.is_loop = np.zeros(self.groups.n, dtype=bool)
        sums = np.flatnonzero((self.codes[firsts] == ADD) & (self.sum_of[firsts] >= 0))
        if len(sums):
            owner, kinds, _ = self.classes(firsts[sums])
            counts = self.n_kinds(owner, kinds, len(sums))
            self.is_loop[sums] = self.n_terms(sums) != sizes[sums] * counts
        return self.kinds, np.full((self.groups.n, 1), -1), sizes

    def n_kinds(self, owner: Any, kinds: Any, n: int) -> Any:
        """Return how many kinds of terms each of n sums has."""
        import numpy as np

        order = np.lexsort((kinds, owner))
        owner, kinds = owner[order], kinds[order]
        fresh = np.ones(len(owner), dtype=bool)
        fresh[1:] = (owner[1:] != owner[:-1]) | (kinds[1:] != kinds[:-1])
        return np.bincount(owner[fresh], minlength=n)

    def kind_of(self, slots: Any) -> Any:
        """Return the groups of slots; INPUTS, CONSTANTS or ARRAYS for what is not part of a formula."""
        import numpy as np

        kinds = super().kind_of(slots)
        read = kinds >= 0
        kinds[read] = np.where(self.ends_block[kinds[read]], ARRAYS, kinds[read])
        return kinds

    def note_sums_over_times(self) -> None:
        """Do nothing: the terms of a sum are of one kind here, whichever times they are from."""

    def turned(self, run: Run) -> Run:
        """Return a run that begins with the first group of a formula."""
        start = run.start
        while start > 0 and not self.ends_block[start - 1]:
            start += 1
        times = (run.stop - start) // run.period
        return Run(start, run.period, times)

    def try_order(self, found: Groups) -> None:
        """Keep the order: what only outputs need stands last already."""

    def share_storage(self) -> None:
        """Leave each group its own array for the time being."""
        import numpy as np

        self.storage = self.alias = np.arange(self.groups.n)
        self.united: set[int] = set()

    def kinds_of_terms(self, read: Any) -> Any:
        """Return which terms are alike: one formula, at whatever time."""
        return self.family[read]

    def lay_out(self, arrays: Partition) -> None:
        """Put side by side what is in one array: by operation, then by level, then as in the program."""
        import numpy as np

        n = self.groups.n
        self.storage = np.array([arrays.find(g) for g in range(n)], dtype=np.int64)
        slots = np.sort(self.members[np.repeat(self.is_root, np.diff(self.starts))])
        held = self.storage[self.group_of[slots]]
        self.storage_size = np.bincount(held, minlength=n)
        order = np.lexsort((self.levels[self.group_of[slots]], self.codes[slots], held))
        begins = np.cumsum(self.storage_size) - self.storage_size
        self.place_of[slots[order]] = np.arange(len(slots)) - begins[held[order]]

    def write(self) -> None:
        """Write down what each nest computes, and put into one array what one operand reads."""

        super().write()
        arrays = Partition(self.groups.n)
        leaves = [leaf for space in with_inner([item.space for item in self.items]) for leaf in space.leaves]
        leaves = [leaf for leaf in leaves if leaf.source >= 0]
        for item in self.items:
            arrays.unite(item.groups)
        for leaf in leaves:
            arrays.unite(distinct(self.group_of[leaf.slots]))
        self.lay_out(arrays)
        for leaf in leaves:
            leaf.source = int(self.storage[leaf.source])
