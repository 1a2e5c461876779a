"""Formulas: what a group computes, down to the arrays that it reads.

Groups whose members are read once, by one other group, become part of its formula; the others are roots, whose numbers
stand in arrays. The groups that a scan repeats are one formula for all times.
"""

from typing import Any

from slopewise.ir import CONSTANT, INPUT, Program
from slopewise.ir.operations import ADD, POWER, WHERE
from slopewise.passes.alternatives import unite_alternatives
from slopewise.passes.columns import as_numbers, distinct, numbers_of_rows
from slopewise.passes.corrections import Correction, corrected, find_corrections, unite_readers
from slopewise.passes.group_order import with_results_last
from slopewise.passes.grouping import Groups, group
from slopewise.passes.partition import Partition
from slopewise.passes.parts import CONSTANTS, INPUTS, Added, Applied, Chosen, Item, Leaf, Part, Space
from slopewise.passes.scans import LEAST_TIMES, Run, find_runs

__all__ = ["Formulas"]

MOST_IN_SCANS = 2_000_000  # groups among which scans are looked for; each takes 150 bytes meanwhile
MOST_KINDS = 8  # of terms in a sum that may be repeated in a scan
MOST_LENGTHS = 4  # of sums of one kind that get nests of their own
LEAST_ALIKE = 16  # sums of each of these lengths
LEAST_RUN = 8  # of them stand together in the program, on average
DEEPEST = 40  # operations in one formula, one above the other


class Formulas:
    """The groups of a Program as formulas.

    Args:
        program: The Program.
        most_groups: With more groups than these, all times of a scan counted once, it is given up.

    Attributes:
        is_given_up: Whether it was: then there is nothing else here.
        place_of: For each slot its place in its array; it changes while orders are found.
        same: For each slot the one that stands for it: itself, unless it is computed twice from the same numbers.
        storage: For each group the group that stands for its array.
        storage_size: How many numbers the array of a group holds.
        shapes: The axes of the arrays that are known so far.
        runs: The scans.
        united: Groups that share an array with others which take their place.
        corrections: Groups whose members are those of another group and something more.
        items: The nests to be, in order.
        is_by_levels: Whether the groups are those of levels.
    """

    is_by_levels = False

    def __init__(self, program: Program, most_groups: int | None = None) -> None:
        import numpy as np

        self.program = program
        self.codes = np.frombuffer(program.codes, dtype=np.uint8)
        self.pool_places = as_numbers(program.a)
        self.pool: Any = np.array(program.pool, dtype=np.float64)
        self.same: Any = np.arange(program.n_slots)
        self.corrections: dict[int, Correction] = {}
        self.shapes: dict[int, tuple[int, ...]] = {}
        found = self.found_groups()
        self.n_groups = found.n
        self.is_given_up = most_groups is not None and found.n > MOST_IN_SCANS
        if self.is_given_up:
            return
        self.look_at(found)
        self.find_runs()
        self.try_order(found)
        self.n_groups = found.n - sum(run.saves for run in self.runs)
        self.is_given_up = most_groups is not None and self.n_groups > most_groups

    def write(self) -> None:
        """Write down what each nest computes."""
        self.choose_roots()
        self.share_storage()
        self.items = self.find_items()
        for item in self.items:
            correction = self.corrections.get(item.groups[0])
            if correction is not None:
                item.part = corrected(self, correction, item.space)
                continue
            item.part = self.applied(item.groups[0], item.slots, item.space)

    def found_groups(self) -> Groups:
        """Find the groups."""
        return group(self.program)

    def look_at(self, groups: Groups) -> None:
        """Take the groups."""
        import numpy as np

        self.groups = groups
        self.operands = [as_numbers(groups.first), as_numbers(groups.second), as_numbers(groups.third)]
        self.group_of = as_numbers(groups.group_of)
        self.contexts: Any = np.array(groups.contexts, dtype=np.uint64)
        self.members = as_numbers(groups.members)
        self.starts = as_numbers(groups.starts)
        self.sum_of = as_numbers(groups.sum_of)
        self.uses = as_numbers(groups.uses)
        self.term_starts = as_numbers(groups.term_starts)
        self.terms = as_numbers(groups.terms)
        self.place_of: Any = np.array(groups.place_of, dtype=np.int64)

    def try_order(self, found: Groups) -> None:
        """Take the groups with results last if more of them are in scans then."""
        groups = with_results_last(found, self.program)
        if groups is found:
            return
        before = dict(vars(self))
        self.look_at(groups)
        self.find_runs()
        if sum(run.saves for run in self.runs) <= sum(run.saves for run in before["runs"]):
            vars(self).update(before)

    def find_runs(self) -> None:
        """Find scans, and give the groups that they repeat one number: their family."""
        import numpy as np

        kinds, operands, sizes = self.signatures()
        self.runs = [self.turned(run) for run in find_runs(kinds, operands, sizes)]
        self.operand_groups = operands
        self.family = np.arange(self.groups.n)
        self.run_of = np.full(self.groups.n, -1)
        for number, run in enumerate(self.runs):
            held = np.arange(run.start, run.stop)
            self.family[held] = run.start + (held - run.start) % run.period
            self.run_of[held] = number
        self.note_sums_over_times()

    def turned(self, run: Run) -> Run:
        """Return a run that begins where the least that is read once goes from one time to the next.

        What is read once, at the time that it is made, is part of a formula; at the next time it would be an array.
        """
        if run.times <= LEAST_TIMES:
            return run
        consumers = self.groups.consumers
        begin, period = run.start + run.period, run.period
        crossed = [0] * period  # for each group that a time may begin with, how many numbers go to the next
        for p in range(period):
            read_at = consumers[begin + p] - begin
            size = int(self.starts[begin + p + 1] - self.starts[begin + p])
            if consumers[begin + p] >= 0 and read_at - p < period and not self.is_loop[begin + p]:
                for q in (*range(p + 1, min(read_at, period - 1) + 1), *range(read_at - period + 1)):
                    crossed[q] += size
        first = min(range(period), key=lambda q: (crossed[q], q))
        is_worth_it = crossed[0] - crossed[first] > period  # what is cut off stands apart
        return run if not is_worth_it else Run(run.start + first, period, run.times - 1)

    def note_sums_over_times(self) -> None:
        """Have a sum of what a scan makes from time to time be a loop, though its terms are of different groups."""
        import numpy as np

        firsts = self.members[self.starts[:-1]]
        sums = np.flatnonzero((self.codes[firsts] == ADD) & (self.run_of < 0) & ~self.is_loop)
        if not self.runs or not len(sums):
            return
        owner, kinds, _ = self.classes(firsts[sums])
        made = kinds >= 0
        owner, kinds = owner[made], self.family[kinds[made]]
        owner, kinds = owner[self.run_of[kinds] >= 0], kinds[self.run_of[kinds] >= 0]
        order = np.lexsort((kinds, owner))
        owner, kinds = owner[order], kinds[order]
        again = (owner[1:] == owner[:-1]) & (kinds[1:] == kinds[:-1])
        self.is_loop[sums[owner[1:][again]]] = True

    def signatures(self) -> tuple[Any, Any, Any]:
        """Return for each group what it does, as a number, and what it reads, a sum in order; sizes, if they matter."""
        import numpy as np

        n = self.groups.n
        self.is_loop = np.zeros(n, dtype=bool)  # whether it is a sum with several terms of one kind
        firsts = self.members[self.starts[:-1]]
        codes = self.codes[firsts].astype(np.int64)
        operands = np.full((n, MOST_KINDS), -1, dtype=np.int64)
        shape = np.zeros((n, MOST_KINDS + 3), dtype=np.int64)
        shape[:, 0] = codes
        shape[:, 1] = np.diff(self.starts)
        is_chosen = self.is_chosen(firsts)
        shape[is_chosen, 0] = -1 - self.codes[self.operands[0][firsts[is_chosen]]].astype(np.int64) - len(codes)
        plain = self.sum_of[firsts] < 0
        for k, column in enumerate(self.operands):
            chosen = np.flatnonzero(plain & (column[firsts] >= 0))
            slots = column[firsts[chosen]]
            operands[chosen, k] = self.kind_of(slots)
        powers = np.flatnonzero((codes == POWER) & (operands[:, 1] == CONSTANTS))
        if len(powers):
            values = self.pool[self.pool_places[self.operands[1][firsts[powers]]]]
            shape[powers, 2] = values.view(np.int64)
        sums = np.flatnonzero(~plain)
        if len(sums):
            owner, kinds, _ = self.classes(firsts[sums])
            shape[sums, 2] = np.bincount(owner, minlength=len(sums))
            order = np.lexsort((kinds, owner))
            owner, kinds = owner[order], kinds[order]
            fresh = np.ones(len(owner), dtype=bool)
            fresh[1:] = (owner[1:] != owner[:-1]) | (kinds[1:] != kinds[:-1])
            owner, kinds = owner[fresh], kinds[fresh]
            rank = np.arange(len(owner)) - np.searchsorted(owner, owner)
            self.is_loop[sums] = self.n_terms(sums) != np.diff(self.starts)[sums] * np.bincount(owner)
            self.is_loop[is_chosen] = False
            fits = rank < MOST_KINDS
            operands[sums[owner[fits]], rank[fits]] = kinds[fits]
            shape[sums[owner[~fits]], 0] = -1 - sums[owner[~fits]]  # too many kinds: like no other
        shape[:, 3:] = np.minimum(operands, 0)
        return numbers_of_rows(shape), operands, None

    def is_chosen(self, slots: Any) -> Any:
        """Tell which slots are the greatest or the least of several numbers."""
        return (self.sum_of[slots] >= 0) & (self.codes[slots] == WHERE)

    def kind_of(self, slots: Any) -> Any:
        """Return the groups of slots, INPUTS or CONSTANTS for what is in none."""
        kinds = self.group_of[slots].astype("int64")
        codes = self.codes[slots]
        kinds[codes == INPUT] = INPUTS
        kinds[codes == CONSTANT] = CONSTANTS
        return kinds

    def choose_roots(self) -> None:
        """Choose what becomes an array: what is read more than once, and where a formula grows too deep.

        All times of a scan are treated alike. What a scan reads is an array, unless it is of the same time.
        """
        import numpy as np

        groups = self.groups
        n = groups.n
        consumers = groups.consumers
        is_chosen = self.is_chosen(self.members[self.starts[:-1]]).tolist()
        is_root = [consumer < 0 or chosen for consumer, chosen in zip(consumers, is_chosen, strict=True)]
        for run in self.runs:
            for p in range(run.period):
                held = range(run.start + p, run.stop, run.period)
                same = {int(self.family[consumers[g]]) if consumers[g] >= 0 else -1 for g in held}
                is_loop = bool(self.is_loop[run.start + p : run.stop : run.period].any())
                if len(same) > 1 or is_loop or any(is_root[g] for g in held):
                    self.is_loop[run.start + p : run.stop : run.period] = is_loop
                    for g in held:
                        is_root[g] = True
        depth = [0] * n
        in_sum = [False] * n
        for g in range(n - 1, -1, -1):
            user = consumers[g]
            if is_root[g]:
                continue
            depth[g] = depth[user] + 1
            in_sum[g] = in_sum[user] or self.is_loop[user]
            elsewhere = self.run_of[g] != self.run_of[user] and self.run_of[user] >= 0
            if depth[g] > DEEPEST or (self.is_loop[g] and in_sum[g]) or elsewhere:
                for h in self.family_of(g):
                    is_root[h] = True
                depth[g] = 0
                in_sum[g] = False
        self.is_root = np.array(is_root, dtype=bool)

    def family_of(self, g: int) -> range:
        number = int(self.run_of[g])
        if number < 0:
            return range(g, g + 1)
        run = self.runs[number]
        return range(int(self.family[g]), run.stop, run.period)

    def share_storage(self) -> None:
        """Put side by side in one array the groups that a scan writes, or reads, from time to time."""
        import numpy as np

        n = self.groups.n
        arrays = Partition(n)
        for run in self.runs:
            held = np.arange(run.start, run.stop).reshape(run.times, run.period)
            for p in range(run.period):
                arrays.unite(held[:, p])
                for k in range(MOST_KINDS):
                    read = self.operand_groups[held[:, p], k]
                    if read[0] >= 0 and read[0] != read[1]:
                        arrays.unite(read)
        self.alias: Any = np.arange(n)
        self.united: set[int] = set()
        unite_alternatives(self, arrays)
        self.corrections = find_corrections(self, arrays)
        if self.corrections:  # which members are corrected, and what the others add: constants of ours
            self.pool_places = np.append(self.pool_places, len(self.pool) + np.arange(3))
            self.pool = np.append(self.pool, [0.0, 1.0, -0.0])
            unite_readers(self)
        self.lay_out(arrays)

    def lay_out(self, arrays: Partition) -> None:
        """Put side by side what is in one array."""
        import numpy as np

        n = self.groups.n
        self.storage = np.array([arrays.find(g) for g in range(n)], dtype=np.int64)
        sizes = np.diff(self.starts).astype(np.int64)
        sizes[~self.is_root] = 0
        sizes[list(self.corrections)] = 0
        order = np.lexsort((np.arange(n), self.storage))
        ends = np.cumsum(sizes[order])
        begin = np.zeros(n, dtype=np.int64)
        begin[order] = ends - sizes[order]
        base = begin - begin[self.storage]
        self.storage_size = np.bincount(self.storage, weights=sizes, minlength=n).astype(np.int64)
        slots = self.group_of >= 0
        self.place_of[slots] += base[self.group_of[slots]]
        for correction in self.corrections.values():
            self.place_of[correction.slots] = self.place_of[self.slots_of(correction.group)]

    def find_items(self) -> list[Item]:
        """Return the nests: groups that become arrays, those of a scan one for all times, in order."""
        import numpy as np

        made = []
        begun = {correction.group for correction in self.corrections.values()}
        for g in range(self.groups.n):
            if not self.is_root[g] or self.family[g] != g or g in begun:
                continue
            if g in self.corrections:
                slots = self.corrections[g].slots
                made.append(Item((g,), -1, slots, Space(len(slots))))
                continue
            held = self.family_of(g)
            slots = np.concatenate([self.slots_of(h) for h in held])
            run = int(self.run_of[g])
            if run >= 0:
                each = np.diff(self.starts)[held]
                each = None if (each == each[0]).all() else each
                made.append(Item(tuple(held), run, slots, Space(len(slots), times=len(held), each=each)))
                continue
            for part in self.by_length(g, slots):
                made.append(Item((g,), run, part, Space(len(part))))
        return made

    def by_length(self, g: int, slots: Any) -> list[Any]:
        """Return the members of a group, sums of equally many terms together, if they have few lengths and stand so.

        A penalty on all weights may be a sum of the same kind of terms as each of many products; and the gradients by
        the two factors of a product of matrices have as many terms as the other one has rows.
        """
        import numpy as np

        if not self.is_loop[g] or len(slots) < 3 or g in self.united:
            return [slots]
        numbers = self.sum_of[slots]
        counts = self.term_starts[numbers + 1] - self.term_starts[numbers]
        found, how_many = np.unique(counts, return_counts=True)
        n = len(found)
        is_one_odd = n == 2 and how_many.min() == 1
        are_few = n <= MOST_LENGTHS and how_many.min() >= LEAST_ALIKE
        if n == 1 or not (is_one_odd or (are_few and LEAST_RUN * np.count_nonzero(np.diff(counts)) <= len(slots))):
            return [slots]
        parts = [slots[counts == count] for count in found[np.argsort(-how_many, kind="stable")]]
        self.place_of[np.concatenate(parts)] = np.sort(self.place_of[slots])
        return parts

    def slots_of(self, g: int) -> Any:
        return self.members[self.starts[g] : self.starts[g + 1]]

    def classes(self, slots: Any) -> tuple[Any, Any, Any]:
        """Return the terms of some sums: for each the place of its sum, its kind and its slot."""
        import numpy as np

        numbers = self.sum_of[slots]
        begins, ends = self.term_starts[numbers], self.term_starts[numbers + 1]
        counts = ends - begins
        owner = np.repeat(np.arange(len(slots)), counts)
        within = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
        terms = self.terms[np.repeat(begins, counts) + within]
        return owner, self.kind_of(terms), terms

    def n_terms(self, sums: Any) -> Any:
        """Return how many terms all members of each of some groups of sums have."""
        import numpy as np

        counts = np.zeros(len(self.members) + 1, dtype=np.int64)
        numbers = self.sum_of[self.members]
        counts[1:][numbers >= 0] = np.diff(self.term_starts)[numbers[numbers >= 0]]
        counts = np.cumsum(counts)
        return counts[self.starts[sums + 1]] - counts[self.starts[sums]]

    def part(self, slots: Any, space: Space) -> Part:
        """Return what computes some slots, one for each member of a space; all of them are of one kind."""
        first = int(slots[0])
        code = int(self.codes[first])
        g = int(self.group_of[first])
        if code in (INPUT, CONSTANT) or self.is_root[g]:
            source = INPUTS if code == INPUT else CONSTANTS if code == CONSTANT else int(self.storage[g])
            leaf = Leaf(slots, source, space)
            space.leaves.append(leaf)
            return leaf
        return self.applied(g, slots, space)

    def applied(self, g: int, slots: Any, space: Space) -> Part:
        code = self.groups.codes[g]
        if code == ADD:
            return self.added(g, slots, space)
        if self.sum_of[slots[0]] >= 0:
            return self.chosen(slots, space)
        operands = [column[slots] for column in self.operands]
        return Applied(code, [self.part(operand, space) for operand in operands if operand[0] >= 0])

    def added(self, g: int, slots: Any, space: Space) -> Added:
        import numpy as np

        owner, kinds, terms = self.classes(slots)
        if self.is_loop[g]:
            kinds = self.inputs_apart(owner, kinds, terms, len(slots))
            kinds[kinds >= 0] = self.kinds_of_terms(kinds[kinds >= 0])
        else:  # one term of each kind, though at each time of a scan they are others
            order = np.lexsort((kinds, owner))
            owner, terms = owner[order], terms[order]
            kinds = np.arange(len(owner)) - np.searchsorted(owner, owner)
        alone: list[Part] = []
        many: list[tuple[Space, Part]] = []
        for kind in distinct(kinds)[::-1]:
            chosen = kinds == kind
            counts = np.bincount(owner[chosen], minlength=len(slots))
            of_kind = terms[chosen]
            if (counts == 1).all():
                alone.append(self.part(of_kind, space))
                continue
            uniform = bool((counts == counts[0]).all())
            inner = Space(len(of_kind), parent=space, counts=None if uniform else counts)
            space.inner.append(inner)
            many.append((inner, self.part(of_kind, inner)))
        return Added(alone, many)

    def kinds_of_terms(self, read: Any) -> Any:
        """Return which terms are alike: numbers of an array, or one formula."""
        import numpy as np

        return np.where(self.is_root[read], self.storage[read], self.groups.n + self.alias[self.family[read]])

    def chosen(self, slots: Any, space: Space) -> Chosen:
        import numpy as np

        owner, _, terms = self.classes(slots)
        is_first = np.ones(len(owner), dtype=bool)
        is_first[1:] = owner[1:] != owner[:-1]
        counts = np.bincount(owner[~is_first], minlength=len(slots))
        uniform = bool((counts == counts[0]).all())
        first = self.part(terms[is_first], space)
        others = Space(int(counts.sum()), parent=space, counts=None if uniform else counts, is_in_order=True)
        space.inner.append(others)
        other = self.part(terms[~is_first], others)
        assert isinstance(first, Leaf)
        assert isinstance(other, Leaf)
        return Chosen(int(self.codes[self.operands[0][slots[0]]]), first, others, other)

    def inputs_apart(self, owner: Any, kinds: Any, terms: Any, n: int) -> Any:
        """Tell inputs among the terms of sums apart that are read in other ways elsewhere, if all sums have each."""
        import numpy as np

        chosen = np.flatnonzero(kinds == INPUTS)
        if len(chosen) <= n:
            return kinds
        ways, which = np.unique(self.contexts[terms[chosen]], return_inverse=True)
        counts = np.bincount(which * n + owner[chosen], minlength=len(ways) * n).reshape(len(ways), n)
        if len(ways) == 1 or len(ways) > MOST_KINDS or (counts != counts[:, :1]).any():
            return kinds
        kinds = kinds.copy()
        kinds[chosen] = -4 - which
        return kinds
