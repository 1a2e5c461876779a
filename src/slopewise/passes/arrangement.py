"""Arrangement: the order of the members of each formula, and its loops.

The numbers of an array may stand in any order, and so may the terms of a sum. Both are chosen so that what a formula
reads goes by formulas of loop variables, forwards if possible.
"""

import itertools
from typing import Any

from slopewise.passes.axes import axes_of_rows, by_steps, cuts_of, orders_of, product, strides_of
from slopewise.passes.columns import distinct
from slopewise.passes.formulas import Formulas
from slopewise.passes.parts import CONSTANTS, INPUTS, Item, Leaf, Space, with_inner

__all__ = ["arrange"]

MOST_SORTED = 20_000  # times all formulas of a scan that are sorted one by one


def arrange(formulas: Formulas) -> None:
    """Find an order and loops for each formula; a scan's are found together."""
    arrangement = _Arrangement(formulas)
    key = lambda item: item.run if item.run >= 0 else -1 - item.groups[0]
    for _, repeated in itertools.groupby(formulas.items, key=key):
        together = list(repeated)
        for item in together:
            arrangement.find_order(item)
        if formulas.is_by_levels and together[0].space.times:
            arrangement.order_each_time(together)
        for item in together:
            arrangement.find_axes(item)


class _Arrangement:
    def __init__(self, formulas: Formulas) -> None:
        self.of = formulas
        self.aligned: set[int] = set()  # arrays
        self.readers: dict[int, list[Leaf]] = {}
        for leaf in [leaf for part in with_inner([item.space for item in formulas.items]) for leaf in part.leaves]:
            self.readers.setdefault(leaf.source, []).append(leaf)

    def find_order(self, item: Item) -> None:
        """Have the members of a formula in an order that makes what they read regular, the same at each time."""
        import numpy as np

        space = item.space
        if item.groups[0] in self.of.united:
            self.align(item)
            return
        if space.each is not None:
            return
        self.merge_equal(item)
        n = space.size // (space.times or 1)
        if n == 1:
            return
        columns = [column[:n] for column in self.columns(space)]  # later times read what has no order yet
        best = None
        score = axes_of_rows(columns, n)[1]
        if score:
            for order in orders_of(columns, n):
                new_score = axes_of_rows([column[order] for column in columns], n)[1]
                if new_score < score:
                    score, best = new_score, order
        if best is not None:
            self.reorder(item, (np.arange(0, space.size, n)[:, None] + best).reshape(-1))

    def order_each_time(self, items: list[Item]) -> None:
        """Have the members of a scan's formulas stand as what they read does, one time after another, if it helps.

        By levels, members that took part in something else stand apart in the program, at some times and not at others.
        """
        import numpy as np

        times = items[0].space.times
        before = sum(map(self.irregular, items))
        if not before or times * len(items) > MOST_SORTED:
            return
        places = [self.of.place_of[item.slots] for item in items]
        read = [self.first_read(item.space) for item in items]
        bounds = [
            np.concatenate([[0], np.cumsum(item.space.each)])
            if item.space.each is not None
            else np.arange(times + 1) * (item.space.size // times)
            for item in items
        ]
        orders = [np.arange(item.space.size) for item in items]
        for t in range(times):
            for item, leaves, ends, order in zip(items, read, bounds, orders, strict=True):
                begin, end = ends[t], ends[t + 1]
                if end - begin < 2 or not leaves:
                    continue
                found = np.lexsort([self.of.place_of[slots[begin:end]] for slots in leaves[::-1]])
                order[begin:end] = begin + found
                slots = item.slots[begin:end]
                self.of.place_of[slots[found]] = np.sort(self.of.place_of[slots])
        for item, order in zip(items, orders, strict=True):
            self.permute(item, order)
        if sum(map(self.irregular, items)) >= before:
            for item, order, was in zip(items, orders, places, strict=True):
                self.permute(item, np.argsort(order))
                self.of.place_of[item.slots] = was

    def first_read(self, space: Space) -> list[Any]:
        """Return what each operand reads; if there is nothing but sums, what their first terms do."""
        import numpy as np

        found = [leaf.slots for leaf in space.leaves if leaf.source != CONSTANTS]
        for inner in space.inner if not found else ():
            length = inner.size // space.size
            begins = (
                np.cumsum(inner.counts) - inner.counts if inner.counts is not None else np.arange(space.size) * length
            )
            found += [leaf.slots[begins] for leaf in inner.leaves if leaf.source != CONSTANTS]
        return found

    def irregular(self, item: Item) -> int:
        """Return how many numbers have to be looked up for what the members of a scan's formula read and write."""
        space = item.space
        total = 0
        for slots in (item.slots, *self.first_read(space)):
            column = self.of.place_of[slots]
            if space.each is not None:
                total += len(column) * (by_steps(column, space.each) is None)
            else:
                total += len(column) * (axes_of_rows([column], space.size // space.times)[1] >= 1000)
        return total

    def merge_equal(self, item: Item) -> None:
        """Have what is computed from the same numbers several times, as 1 / total for each share, be computed once."""
        import numpy as np

        space = item.space
        storage = int(self.of.storage[item.groups[0]])
        arrays = [leaf for leaf in space.leaves if leaf.source != CONSTANTS]
        if space.inner or not arrays or self.of.storage_size[storage] != space.size:
            return
        times = space.times or 1
        n = space.size // times
        known = np.zeros(n, dtype=np.int64)
        for leaf in space.leaves:
            if leaf.source == INPUTS:
                return
            if leaf.source == CONSTANTS:
                values = self.of.pool[self.of.pool_places[leaf.slots]].view(np.int64)
                if not (values == values[0]).all():
                    return
                continue
            for column in self.of.place_of[leaf.slots].reshape(times, n):
                if (np.diff(column) > 0).all():
                    return
                known = np.unique(known * (int(column.max()) + 1) + column, return_inverse=True)[1].reshape(-1)
        _, firsts, which = np.unique(known, return_index=True, return_inverse=True)
        count = len(firsts)
        if count == n:
            return
        order = np.argsort(firsts)
        kept = firsts[order]
        slots = item.slots.reshape(times, n)
        instead = slots[:, firsts[which.reshape(-1)]].reshape(-1)
        by_slot = np.argsort(item.slots)
        for leaf in self.readers.get(storage, []):
            leaf.slots = instead[by_slot[np.searchsorted(item.slots, leaf.slots, sorter=by_slot)]]
        self.of.same[item.slots] = instead
        item.slots = slots[:, kept].reshape(-1)
        self.of.place_of[item.slots] = np.arange(times * count)
        for leaf in space.leaves:
            leaf.slots = leaf.slots.reshape(times, n)[:, kept].reshape(-1)
        space.size = times * count
        self.of.storage_size[storage] = space.size

    def align(self, item: Item) -> None:
        """Have the numbers of an array that several formulas fill in the order of one that all of them read."""
        import numpy as np

        storage = int(self.of.storage[item.groups[0]])
        if storage not in self.aligned:
            self.aligned.add(storage)
            items = [other for other in self.of.items if self.of.storage[other.groups[0]] == storage]
            size = int(self.of.storage_size[storage])
            for leaf in items[0].space.leaves:
                found = [next((f for f in o.space.leaves if f.source == leaf.source), None) for o in items[1:]]
                if leaf.source < 0 or leaf.source == storage or not all(found):
                    continue
                read = np.concatenate([self.of.place_of[f.slots] for f in (leaf, *found) if f is not None])
                if len(distinct(read)) != size:
                    continue
                places = np.empty(size, dtype=np.int64)
                places[np.argsort(read)] = np.arange(size)
                self.of.place_of[np.concatenate([other.slots for other in items])] = places
                if self.of.storage_size[leaf.source] == size:
                    self.of.shapes[storage] = self.of.shapes[leaf.source]
                break
        self.permute(item, np.argsort(self.of.place_of[item.slots]))

    def find_axes(self, item: Item) -> None:
        """Find the loops of a formula and of its sums."""
        space = item.space
        storage = int(self.of.storage[item.groups[0]])
        for inner in space.inner:
            if inner.counts is None:
                self.order_terms(inner, space.size)
            else:
                inner.lengths = (inner.size,)
                self.order_segments(inner)
        if space.each is not None:
            space.lengths = (space.size,)
            self.of.shapes.setdefault(storage, (int(self.of.storage_size[storage]),))
            return
        n = space.size // (space.times or 1)
        found = axes_of_rows(self.columns(space), n)[0]
        for leaf in [leaf for part in with_inner([space]) if part.counts is None for leaf in part.leaves]:
            if leaf.source >= 0 and not space.times:
                found = self.refined(found, leaf)
        if found and not space.times and item.groups[0] not in self.of.united:
            found = self.without_repeats(item, found)
            n = space.size
        space.lengths = (space.times, *found) if space.times else found
        if storage not in self.of.shapes:
            whole = int(self.of.storage_size[storage])
            shape = found or (1,)
            if whole != n:
                shape = (whole // n, *found) if whole % n == 0 else (whole,)
            self.of.shapes[storage] = shape

    def without_repeats(self, item: Item, lengths: tuple[int, ...]) -> tuple[int, ...]:
        """Leave out the axes along which all members are the same; return the others."""
        import numpy as np

        space = item.space
        storage = int(self.of.storage[item.groups[0]])
        if self.of.storage_size[storage] != space.size or any(inner.counts is not None for inner in space.inner):
            return lengths
        axes = len(lengths)
        varies = [False] * axes
        for leaf in [leaf for part in with_inner([space]) for leaf in part.leaves]:
            if leaf.source == CONSTANTS:
                read = self.of.pool[self.of.pool_places[leaf.slots]].view(np.int64)
            else:
                read = self.of.place_of[leaf.slots]
            read = read.reshape(*lengths, -1)
            for axis in range(axes):
                varies[axis] = varies[axis] or not (read == read.take([0], axis=axis)).all()
        if all(varies):
            return lengths
        first = tuple(slice(None) if varied else slice(0, 1) for varied in varies)
        kept = tuple(length for length, varied in zip(lengths, varies, strict=True) if varied)
        size = product(kept)
        places = np.arange(size).reshape(
            [length if varied else 1 for length, varied in zip(lengths, varies, strict=True)]
        )
        self.of.place_of[item.slots] = np.broadcast_to(places, lengths).reshape(-1)
        item.slots = item.slots.reshape(lengths)[first].reshape(-1)
        for part in with_inner([space]):
            for leaf in part.leaves:
                leaf.slots = leaf.slots.reshape(*lengths, -1)[first].reshape(-1)
            if part is not space:
                part.size = part.size // space.size * size
        space.size = size
        self.of.storage_size[storage] = size
        return kept

    def columns(self, space: Space) -> list[Any]:
        """Return what each operand reads, one place for each member; of the terms of a sum, where the first is."""
        columns = [self.of.place_of[leaf.slots] for leaf in space.leaves if leaf.source != CONSTANTS]
        for inner in space.inner:
            if inner.counts is None:
                length = inner.size // space.size
                columns += [self.of.place_of[leaf.slots[::length]] for leaf in inner.leaves if leaf.source != CONSTANTS]
        return columns

    def order_terms(self, inner: Space, n: int) -> None:
        """Find the loops of a sum, the same for each member; its terms may change places."""
        import numpy as np

        length = inner.size // n
        if inner.is_in_order:
            inner.lengths = (length,)
            return
        columns = [self.of.place_of[leaf.slots] for leaf in inner.leaves if leaf.source != CONSTANTS]
        found, score = axes_of_rows(columns, length)
        if score:
            owner = np.repeat(np.arange(n), length)
            best: Any = None
            for keys in (columns[::-1], columns):
                order = np.lexsort((*keys, owner))
                axes, new_score = axes_of_rows([column[order] for column in columns], length)
                if new_score < score:
                    found, score, best = axes, new_score, order
            if best is not None:
                for leaf in inner.leaves:
                    leaf.slots = leaf.slots[best]
        inner.lengths = found

    def order_segments(self, inner: Space) -> None:
        """Have the terms of sums of different lengths in an order in which more of what they read goes by steps."""
        import numpy as np

        if inner.is_in_order:
            return
        columns = [self.of.place_of[leaf.slots] for leaf in inner.leaves if leaf.source != CONSTANTS]
        score = sum(by_steps(column, inner.counts) is None for column in columns)
        if not score:
            return
        owner = np.repeat(np.arange(len(inner.counts)), inner.counts)
        best: Any = None
        for keys in (columns[::-1], columns):
            order = np.lexsort((*keys, owner))
            new_score = sum(by_steps(column[order], inner.counts) is None for column in columns)
            if new_score < score:
                score, best = new_score, order
        if best is not None:
            for leaf in inner.leaves:
                leaf.slots = leaf.slots[best]

    def reorder(self, item: Item, order: Any) -> None:
        """Have the members of a formula in another order in their array."""
        places = self.of.place_of[item.slots]
        self.permute(item, order)
        self.of.place_of[item.slots] = places

    def permute(self, item: Item, order: Any) -> None:
        """Have the members of a formula, and what they read, computed in another order."""
        import numpy as np

        space = item.space
        item.slots = item.slots[order]
        for leaf in space.leaves:
            leaf.slots = leaf.slots[order]
        for inner in space.inner:
            if inner.counts is None:
                for leaf in inner.leaves:
                    leaf.slots = leaf.slots.reshape(space.size, -1)[order].reshape(-1)
                continue
            begins = np.cumsum(inner.counts) - inner.counts
            inner.counts = inner.counts[order]
            moved = np.repeat(begins[order] - (np.cumsum(inner.counts) - inner.counts), inner.counts)
            for leaf in inner.leaves:
                leaf.slots = leaf.slots[moved + np.arange(inner.size)]

    def refined(self, lengths: tuple[int, ...], leaf: Leaf) -> tuple[int, ...]:
        """Return finer axes, if some members read an array from end to end, or every so many of its elements."""
        column = self.of.place_of[leaf.slots]
        n = leaf.space.size if leaf.space.parent is None else leaf.space.parent.size
        column = column[:: len(column) // n]
        steps = strides_of(column, (n,)) if n > 1 else None
        if steps is None or steps[0] < 1 or column[0] >= steps[0]:
            return lengths
        cuts = {cut // steps[0] for cut in cuts_of(self.of.shapes[leaf.source]) if cut % steps[0] == 0}
        ordered = sorted(cut for cut in cuts_of(lengths) | cuts if cut <= n)
        if any(high % low for low, high in itertools.pairwise(ordered)):
            return lengths
        return tuple(high // low for low, high in itertools.pairwise(ordered))[::-1]
