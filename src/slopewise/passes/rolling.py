"""`roll`: a Program as loops over arrays.

`grouping` finds the equations that do the same to other numbers. Here each group becomes one nest: groups whose members
are read once, by one other group, become part of that one's formula; the others are arrays. What the members of a
formula read, one after another, is taken apart into axes (`axes`), and read from a table where that does not succeed.

Holds before: a Program that `ir.verify` accepts. Holds after: Loops that `ir.verify_loops` accepts, and that compute
the same outputs, save for the order of sums.
"""

import dataclasses
import itertools
from array import array
from dataclasses import dataclass, field
from typing import Any

from slopewise.ir import CONSTANT, INPUT, Program, name_of
from slopewise.ir.loops.structure import (
    Affine,
    Apply,
    Array,
    Expression,
    For,
    Index,
    Kind,
    Literal,
    Load,
    Loops,
    Range,
    Statement,
    Store,
    Sum,
    Table,
)
from slopewise.ir.operations import ADD, POWER
from slopewise.passes.axes import common_axes, strides_of
from slopewise.passes.grouping import Groups, group
from slopewise.passes.scans import find_runs

__all__ = ["roll"]

MOST_KINDS = 8  # of terms in a sum that may be repeated in a scan
TIME = "t"
DEEPEST = 40  # operations in one formula, one above the other
INPUTS = -2
CONSTANTS = -3


@dataclass(slots=True, eq=False)
class Leaf:
    """What a formula reads: one slot for each member of the space that it stands in.

    Attributes:
        slots: The slots, in the order of the members.
        source: The group that they belong to, or INPUTS or CONSTANTS.
        space: Where it stands.
    """

    slots: Any
    source: int
    space: "Space"


@dataclass(slots=True, eq=False)
class Applied:
    """An operation on parts of a formula."""

    code: int
    operands: "list[Part]"


@dataclass(slots=True, eq=False)
class Added:
    """Terms of a sum.

    Attributes:
        alone: Terms of which each member has one.
        many: Terms of which each member has several, each with the space of its terms.
    """

    alone: "list[Part]"
    many: "list[tuple[Space, Part]]"


Part = Leaf | Applied | Added


@dataclass(slots=True, eq=False)
class Space:
    """The members that a formula is computed for, or the terms of a sum for each of them.

    Attributes:
        size: How many there are in all.
        times: In a scan, how often it is repeated; the members of each time stand together. Else 0.
        parent: The space whose members have these terms; None for the formula's own.
        counts: How many terms each member has, if they differ; else None.
        leaves: What is read there.
        inner: The spaces of the sums that stand in it.
        lengths: The lengths of the axes, once they are found.
        variables: Their names.
    """

    size: int
    times: int = 0
    parent: "Space | None" = None
    counts: Any = None
    leaves: list[Leaf] = field(default_factory=list)
    inner: "list[Space]" = field(default_factory=list)
    lengths: tuple[int, ...] = ()
    variables: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class Item:
    """A nest to be.

    Attributes:
        groups: The groups that it computes; several if it is repeated in a scan.
        run: The number of the scan, -1 if it is in none.
        slots: What it computes.
        space: Its members.
        part: Its formula.
    """

    groups: tuple[int, ...]
    run: int
    slots: Any
    space: Space
    part: "Part | None" = None


def roll(program: Program) -> Loops:
    """Return a Program as loops.

    Args:
        program: A Program that `ir.verify` accepts; one that was not simplified, for what is simplified by its numbers
            is no longer alike.

    Example:
        >>> import slopewise as sw
        >>> from slopewise.ir import interpret_loops
        >>> from slopewise.tracer import record
        >>> program = record(lambda x: [sum(w * w for w in x)], [1.0, 2.0, 3.0]).program
        >>> interpret_loops(roll(program), [1.0, 2.0, 3.0])
        [14.0]
    """
    return _Roller(program).run()


class _Roller:
    def __init__(self, program: Program) -> None:
        import numpy as np

        self.program = program
        self.groups: Groups = group(program)
        groups = self.groups
        view = lambda column: np.frombuffer(column, dtype=np.intc) if len(column) else np.zeros(0, np.intc)
        self.codes = np.frombuffer(program.codes, dtype=np.uint8)
        self.operands = [view(groups.first), view(groups.second), view(groups.third)]
        self.group_of = view(groups.group_of)
        self.contexts = (
            np.frombuffer(groups.contexts, dtype=np.uint64) if len(groups.contexts) else np.zeros(0, np.uint64)
        )
        self.members = view(groups.members)
        self.starts = view(groups.starts)
        self.sum_of = view(groups.sum_of)
        self.term_starts = view(groups.term_starts)
        self.terms = view(groups.terms)
        self.pool_places = view(program.a)
        self.pool = np.frombuffer(program.pool, dtype=np.float64) if len(program.pool) else np.zeros(0)
        self.place_of = np.array(groups.place_of, dtype=np.int64)  # of a slot, in its array
        self.array_of_input: dict[int, str] = {}
        self.arrays: list[Array] = []
        self.locals: list[Array] = []
        self.tables: list[Table] = []
        self.constants: dict[tuple[tuple[int, ...], bytes], str] = {}
        self.known_tables: dict[bytes, str] = {}
        self.names: set[str] = set()
        self.array_names: dict[int, str] = {}
        self.counts: dict[str, int] = {}
        self.shapes: dict[int, tuple[int, ...]] = {}
        self.steps_in: dict[str, set[int]] = {}  # of the loops that read an array

    # ------------------------------------------------------------------ all

    def run(self) -> Loops:
        self.find_runs()
        self.choose_roots()
        self.share_storage()
        items = self.items()
        for item in items:
            item.part = self.applied(item.groups[0], item.slots, item.space)
        inputs = self.lay_out_inputs([item.space for item in items])
        statements: list[Statement] = []
        stores: list[tuple[int, Statement]] = []
        for _, repeated in itertools.groupby(items, key=lambda item: item.run if item.run >= 0 else -1 - item.groups[0]):
            together = list(repeated)
            for item in together:
                self.find_order(item)
            for item in together:
                self.find_axes(item)
        for item in items:
            stores.append((item.run, self.nest(item)))
        for run, group_ in itertools.groupby(stores, key=lambda pair: pair[0]):
            body = tuple(statement for _, statement in group_)
            if run < 0:
                statements += body
            else:
                times = Range(TIME, Index(Affine(0)), Index(Affine(self.runs[run].times)))
                statements.append(For((times,), body, is_ordered=True))
        output_arrays, output_places = self.outputs()
        inputs = [
            dataclasses.replace(a, shape=_shape_by_steps(a.size, self.steps_in.get(a.name, set()))) for a in inputs
        ]
        order = [*inputs, *self.arrays, *self.locals]
        position = {a.name: i for i, a in enumerate(order)}
        return Loops(
            names=self.program.names,
            arrays=tuple(order),
            tables=tuple(self.tables),
            body=tuple(statements),
            output_arrays=array("i", [position[name] for name in output_arrays]),
            output_places=array("i", output_places),
        )

    def find_runs(self) -> None:
        """Find scans, and give the groups that they repeat one number: their family."""
        import numpy as np

        kinds, operands = self.signatures()
        self.runs = find_runs(kinds, operands)
        self.operand_groups = operands
        self.family = np.arange(self.groups.n)
        self.run_of = np.full(self.groups.n, -1)
        for number, run in enumerate(self.runs):
            held = np.arange(run.start, run.stop)
            self.family[held] = run.start + (held - run.start) % run.period
            self.run_of[held] = number

    def signatures(self) -> tuple[Any, Any]:
        """Return for each group what it does, as a number, and the groups that it reads; those of a sum in order."""
        import numpy as np

        n = self.groups.n
        firsts = self.members[self.starts[:-1]]
        codes = self.codes[firsts].astype(np.int64)
        operands = np.full((n, MOST_KINDS), -1, dtype=np.int64)
        shape = np.zeros((n, MOST_KINDS + 3), dtype=np.int64)
        shape[:, 0] = codes
        shape[:, 1] = np.diff(self.starts)
        plain = codes != ADD
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
            fits = rank < MOST_KINDS
            operands[sums[owner[fits]], rank[fits]] = kinds[fits]
            shape[sums[owner[~fits]], 0] = -1 - sums[owner[~fits]]  # too many kinds: like no other
        shape[:, 3:] = np.minimum(operands, 0)
        _, kinds = np.unique(shape, axis=0, return_inverse=True)
        return kinds.reshape(-1), operands

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
        is_root = [consumer < 0 for consumer in consumers]
        self.is_loop = [self.has_many(g) if groups.codes[g] == ADD else False for g in range(n)]
        for run in self.runs:
            for p in range(run.period):
                held = range(run.start + p, run.stop, run.period)
                same = {int(self.family[consumers[g]]) if consumers[g] >= 0 else -1 for g in held}
                if len(same) > 1 or any(is_root[g] for g in held) or any(self.is_loop[g] for g in held):
                    for g in held:
                        is_root[g] = True
                        self.is_loop[g] = self.is_loop[g] or any(self.is_loop[h] for h in held)
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
        parent = list(range(n))

        def find(x: int) -> int:
            while parent[x] != x:
                parent[x] = parent[parent[x]]
                x = parent[x]
            return x

        def unite(members: Any) -> None:
            first = find(int(members[0]))
            for other in members[1:]:
                root = find(int(other))
                if root != first:
                    first, other = min(first, root), max(first, root)
                    parent[other] = first

        for run in self.runs:
            held = np.arange(run.start, run.stop).reshape(run.times, run.period)
            for p in range(run.period):
                unite(held[:, p])
                for k in range(MOST_KINDS):
                    read = self.operand_groups[held[:, p], k]
                    if read[0] >= 0 and read[0] != read[1]:
                        unite(read)
        self.storage = np.array([find(g) for g in range(n)], dtype=np.int64)
        sizes = np.diff(self.starts).astype(np.int64)
        sizes[~self.is_root] = 0
        order = np.lexsort((np.arange(n), self.storage))
        ends = np.cumsum(sizes[order])
        begin = np.zeros(n, dtype=np.int64)
        begin[order] = ends - sizes[order]
        base = begin - begin[self.storage]
        self.base = base
        self.storage_size = np.bincount(self.storage, weights=sizes, minlength=n).astype(np.int64)
        slots = self.group_of >= 0
        self.place_of[slots] += base[self.group_of[slots]]

    def items(self) -> list[Item]:
        """Return the nests: groups that become arrays, those of a scan one for all times, in order."""
        import numpy as np

        made = []
        for g in range(self.groups.n):
            if not self.is_root[g] or self.family[g] != g:
                continue
            held = self.family_of(g)
            slots = np.concatenate([self.slots_of(h) for h in held])
            run = int(self.run_of[g])
            made.append(Item(tuple(held), run, slots, Space(len(slots), times=len(held) if run >= 0 else 0)))
        return made

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

    def has_many(self, g: int) -> bool:
        """Tell whether a sum has several terms of one kind."""
        import numpy as np

        slots = self.slots_of(g)
        _, kinds, _ = self.classes(slots)
        return len(kinds) != len(slots) * len(np.unique(kinds))

    # ------------------------------------------------------------------ formulas

    def part(self, slots: Any, space: Space) -> Part:
        """Return what computes some slots, one for each member of a space; all of them are of one kind."""
        first = int(slots[0])
        code = int(self.codes[first])
        g = int(self.group_of[first])
        if code == INPUT or code == CONSTANT or self.is_root[g]:
            source = INPUTS if code == INPUT else CONSTANTS if code == CONSTANT else int(self.storage[g])
            leaf = Leaf(slots, source, space)
            space.leaves.append(leaf)
            return leaf
        return self.applied(g, slots, space)

    def applied(self, g: int, slots: Any, space: Space) -> Part:
        code = self.groups.codes[g]
        if code == ADD:
            return self.added(slots, space)
        operands = [column[slots] for column in self.operands]
        return Applied(code, [self.part(operand, space) for operand in operands if operand[0] >= 0])

    def added(self, slots: Any, space: Space) -> Added:
        import numpy as np

        owner, kinds, terms = self.classes(slots)
        kinds = self.inputs_apart(owner, kinds, terms, len(slots))
        inner_groups = kinds >= 0
        read = kinds[inner_groups]
        kinds[inner_groups] = np.where(self.is_root[read], self.storage[read], self.groups.n + self.family[read])
        alone: list[Part] = []
        many: list[tuple[Space, Part]] = []
        for kind in np.unique(kinds)[::-1]:
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

    # ------------------------------------------------------------------ inputs

    def lay_out_inputs(self, spaces: list[Space]) -> list[Array]:
        """Put inputs that are read at the same place of a formula side by side."""
        import numpy as np

        n = self.program.n_inputs
        reads = [leaf for space in _all(spaces) for leaf in space.leaves if leaf.source == INPUTS]
        owner = np.full(n, -1)
        signature = np.zeros(n, dtype=np.uint64)
        parent: list[int] = []

        def find(x: int) -> int:
            while parent[x] != x:
                parent[x] = parent[parent[x]]
                x = parent[x]
            return x

        for place, leaf in enumerate(reads):
            slots = np.unique(leaf.slots)
            signature[slots] += np.uint64((place + 1) * 0x9E3779B97F4A7C15 & (1 << 64) - 1)
            met = {find(int(o)) for o in np.unique(owner[slots]) if o >= 0}
            number = min(met) if met else len(parent)
            if not met:
                parent.append(number)
            for other in met:
                parent[other] = number
            owner[slots] = number
        component = np.array([find(int(o)) if o >= 0 else -1 for o in owner], dtype=np.int64)
        _, signature = np.unique(signature, return_inverse=True)
        first_of = np.full(int(signature.max()) + 1 if n else 0, n)
        np.minimum.at(first_of, signature, np.arange(n))
        order = np.lexsort((np.arange(n), first_of[signature], component))
        made: list[Array] = []
        self.input_array = [""] * n
        for number in np.unique(component):
            held = order[component[order] == number]
            name = self.new_name(self.name_of_inputs(held))
            self.place_of[held] = np.arange(len(held))
            for slot in held:
                self.input_array[slot] = name
            made.append(Array(name, Kind.INPUT, (len(held),), array("i", held.tolist()), array("d")))
        return made

    def name_of_inputs(self, held: Any) -> str:
        stems = {self.program.names[slot].split("[")[0].rstrip("0123456789") for slot in held[:1000]}
        stem = stems.pop() if len(stems) == 1 else ""
        return stem if stem.isidentifier() else "x"

    def new_name(self, stem: str) -> str:
        number = self.counts.get(stem, 0)
        while True:
            name = stem if number == 0 else f"{stem}{number}"
            number += 1
            if name not in self.names:
                self.names.add(name)
                self.counts[stem] = number
                return name

    # ------------------------------------------------------------------ axes

    def find_order(self, item: Item) -> None:
        """Have the members of a formula in an order that makes what they read regular, the same at each time."""
        import numpy as np

        space = item.space
        n = space.size // (space.times or 1)
        if n == 1:
            return
        columns = [column[:n] for column in self.columns(space)]  # later times read what has no order yet
        best = None
        score = _axes_of_rows(columns, n)[1]
        if score:
            for order in _orders(columns, n):
                new_score = _axes_of_rows([column[order] for column in columns], n)[1]
                if new_score < score:
                    score, best = new_score, order
        if best is not None:
            self.reorder(item, (np.arange(0, space.size, n)[:, None] + best).reshape(-1))

    def find_axes(self, item: Item) -> None:
        """Find the loops of a formula and of its sums."""
        space = item.space
        for inner in space.inner:
            if inner.counts is None:
                self.order_terms(inner, space.size)
            else:
                inner.lengths = (inner.size,)
        n = space.size // (space.times or 1)
        found = _axes_of_rows(self.columns(space), n)[0]
        for leaf in [leaf for part in _all([space]) if part.counts is None for leaf in part.leaves]:
            if leaf.source >= 0 and not space.times:
                found = self.refined(found, leaf)
        if found and not space.times:
            found = self.without_repeats(item, found)
            n = space.size
        space.lengths = (space.times, *found) if space.times else found
        storage = int(self.storage[item.groups[0]])
        if storage not in self.shapes:
            whole = int(self.storage_size[storage])
            shape = found or (1,)
            if whole != n:
                shape = (whole // n, *found) if whole % n == 0 else (whole,)
            self.shapes[storage] = shape

    def without_repeats(self, item: Item, lengths: tuple[int, ...]) -> tuple[int, ...]:
        """Leave out the axes along which all members are the same; return the others."""
        import numpy as np

        space = item.space
        storage = int(self.storage[item.groups[0]])
        if self.storage_size[storage] != space.size or any(inner.counts is not None for inner in space.inner):
            return lengths
        axes = len(lengths)
        varies = [False] * axes
        for leaf in [leaf for part in _all([space]) for leaf in part.leaves]:
            if leaf.source == CONSTANTS:
                read = self.pool[self.pool_places[leaf.slots]].view(np.int64)
            else:
                read = self.place_of[leaf.slots]
            read = read.reshape(*lengths, -1)
            for axis in range(axes):
                varies[axis] = varies[axis] or not (read == read.take([0], axis=axis)).all()
        if all(varies):
            return lengths
        first = tuple(slice(None) if varied else slice(0, 1) for varied in varies)
        kept = tuple(length for length, varied in zip(lengths, varies, strict=True) if varied)
        size = _product(kept)
        places = np.arange(size).reshape(
            [length if varied else 1 for length, varied in zip(lengths, varies, strict=True)]
        )
        self.place_of[item.slots] = np.broadcast_to(places, lengths).reshape(-1)
        item.slots = item.slots.reshape(lengths)[first].reshape(-1)
        for part in _all([space]):
            for leaf in part.leaves:
                leaf.slots = leaf.slots.reshape(*lengths, -1)[first].reshape(-1)
            if part is not space:
                part.size = part.size // space.size * size
        space.size = size
        self.storage_size[storage] = size
        return kept

    def columns(self, space: Space) -> list[Any]:
        """Return what each operand reads, one place for each member; of the terms of a sum, where the first is."""
        columns = [self.place_of[leaf.slots] for leaf in space.leaves if leaf.source != CONSTANTS]
        for inner in space.inner:
            if inner.counts is None:
                length = inner.size // space.size
                columns += [self.place_of[leaf.slots[::length]] for leaf in inner.leaves if leaf.source != CONSTANTS]
        return columns

    def order_terms(self, inner: Space, n: int) -> None:
        """Find the loops of a sum, the same for each member; its terms may change places."""
        import numpy as np

        length = inner.size // n
        columns = [self.place_of[leaf.slots] for leaf in inner.leaves if leaf.source != CONSTANTS]
        found, score = _axes_of_rows(columns, length)
        if score:
            owner = np.repeat(np.arange(n), length)
            best: Any = None
            for keys in (columns[::-1], columns):
                order = np.lexsort((*keys, owner))
                axes, new_score = _axes_of_rows([column[order] for column in columns], length)
                if new_score < score:
                    found, score, best = axes, new_score, order
            if best is not None:
                for leaf in inner.leaves:
                    leaf.slots = leaf.slots[best]
        inner.lengths = found

    def reorder(self, item: Item, order: Any) -> None:
        """Have the members of a formula, and what they read, in another order."""
        import numpy as np

        space = item.space
        places = self.place_of[item.slots]
        item.slots = item.slots[order]
        self.place_of[item.slots] = places
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
        column = self.place_of[leaf.slots]
        n = leaf.space.size if leaf.space.parent is None else leaf.space.parent.size
        column = column[:: len(column) // n]
        steps = strides_of(column, (n,)) if n > 1 else None
        if steps is None or steps[0] < 1 or column[0] >= steps[0]:
            return lengths
        cuts = {cut // steps[0] for cut in _cuts(self.shapes[leaf.source]) if cut % steps[0] == 0}
        ordered = sorted(cut for cut in _cuts(lengths) | cuts if cut <= n)
        if any(high % low for low, high in itertools.pairwise(ordered)):
            return lengths
        return tuple(high // low for low, high in itertools.pairwise(ordered))[::-1]

    # ------------------------------------------------------------------ nests

    def nest(self, item: Item) -> Statement:
        space = item.space
        storage = int(self.storage[item.groups[0]])
        if storage not in self.array_names:
            name = self.array_names[storage] = self.new_name(self.name_of_root(item.groups[0]))
            self.locals.append(Array(name, Kind.LOCAL, self.shapes[storage], array("i"), array("d")))
        letters = iter(_letters())
        space.variables = tuple(
            TIME if space.times and not axis else next(letters) for axis in range(len(space.lengths))
        )
        assert item.part is not None
        value = self.expression(item.part, space, letters)
        index = self.index(self.place_of[item.slots], space.lengths, space.variables)
        store = Store(self.array_names[storage], index, value)
        ranges = _ranges(space)[1:] if space.times else _ranges(space)
        return For(ranges, (store,)) if ranges else store

    def name_of_root(self, root: int) -> str:
        code = self.groups.codes[root]
        return "sum" if code == ADD else name_of(code)

    def expression(self, part: Part, space: Space, letters: Any) -> Expression:
        if isinstance(part, Leaf):
            return self.load(part)
        if isinstance(part, Applied):
            return Apply(part.code, tuple(self.expression(operand, space, letters) for operand in part.operands))
        terms: list[Expression] = [self.expression(term, space, letters) for term in part.alone]
        for inner, term in part.many:
            inner.variables = tuple(next(letters) for _ in inner.lengths)
            ranges = self.segments(inner, space) if inner.counts is not None else _ranges(inner)
            value = self.expression(term, inner, letters)
            terms.append(value if _is_zero(value) else Sum(ranges, value))
        terms = [term for term in terms if not _is_zero(term)] or [Literal(0.0)]
        total = terms[0]
        for term in terms[1:]:
            total = Apply(ADD, (total, term))
        return total

    def segments(self, inner: Space, space: Space) -> tuple[Range, ...]:
        import numpy as np

        bounds = np.concatenate([[0], np.cumsum(inner.counts)])
        table = self.table(bounds, "start")
        at = _linear(space)
        (variable,) = inner.variables
        start = Index(Affine(0), table, at)
        return (Range(variable, start, Index(Affine(0), table, Affine(at.offset + 1, at.terms))),)

    def load(self, leaf: Leaf) -> Expression:
        space = leaf.space
        around = space.parent if space.parent is not None and space.counts is None else None
        lengths = (around.lengths if around else ()) + space.lengths
        variables = (around.variables if around else ()) + space.variables
        if leaf.source == CONSTANTS:
            return self.constant(leaf, lengths, variables)
        column = self.place_of[leaf.slots]
        name = self.input_array[leaf.slots[0]] if leaf.source == INPUTS else self.array_names[leaf.source]
        index = self.index(column, lengths, variables)
        self.steps_in.setdefault(name, set()).update(abs(step) for _, step in index.affine.terms)
        return Load(name, index)

    def index(self, column: Any, lengths: tuple[int, ...], variables: tuple[str, ...]) -> Index:
        """Return the places of a column as a formula of loop variables, or else as what is looked up."""
        strides = strides_of(column, lengths)
        if strides is not None:
            return Index(_affine(int(column[0]), variables, strides))
        return self.gathered(column, lengths, variables)

    def gathered(self, column: Any, lengths: tuple[int, ...], variables: tuple[str, ...]) -> Index:
        """Return an index that is looked up, by the outermost variables alone if the inner ones are regular."""
        import numpy as np

        best: tuple[int, tuple[int, ...]] | None = None
        for outer in range(1, len(lengths)):
            block = _product(lengths[outer:])
            rows = column.reshape(-1, block)
            pattern = rows[0] - rows[0, 0]
            if (rows == rows[:, :1] + pattern).all():
                strides = strides_of(pattern, lengths[outer:])
                if strides is not None:
                    best = (outer, strides)
                    break
        if best is None:
            table = self.table(column, "at")
            return Index(Affine(0), table, _affine(0, variables, _row_major(lengths)))
        outer, strides = best
        starts = column.reshape(-1, _product(lengths[outer:]))[:, 0]
        kept = _axes_that_matter(starts.reshape(lengths[:outer]))
        starts = starts.reshape(lengths[:outer])[tuple(slice(None) if i in kept else 0 for i in range(outer))]
        table = self.table(np.ascontiguousarray(starts).reshape(-1), "at")
        at_lengths = tuple(lengths[i] for i in kept)
        at = _affine(0, tuple(variables[i] for i in kept), _row_major(at_lengths))
        return Index(_affine(0, variables[outer:], strides), table, at)

    def table(self, values: Any, stem: str) -> str:
        import numpy as np

        held = np.ascontiguousarray(values, dtype=np.intc)
        key = held.tobytes()
        name = self.known_tables.get(key)
        if name is None:
            name = self.known_tables[key] = self.new_name(stem)
            self.tables.append(Table(name, array("i", key)))
        return name

    def constant(self, leaf: Leaf, lengths: tuple[int, ...], variables: tuple[str, ...]) -> Expression:
        """Return frozen numbers: one that is the same for all, or an array with the axes along which they differ."""
        import numpy as np

        values = self.pool[self.pool_places[leaf.slots]].reshape(lengths or (1,))
        kept = _axes_that_matter(values.view(np.int64))
        held = np.ascontiguousarray(values[tuple(slice(None) if i in kept else 0 for i in range(values.ndim))])
        if not kept:
            return Literal(float(held.reshape(-1)[0]))
        key = (held.shape, held.tobytes())
        name = self.constants.get(key)
        if name is None:
            name = self.constants[key] = self.new_name("c")
            self.arrays.append(Array(name, Kind.CONSTANT, held.shape, array("i"), array("d", key[1])))
        return Load(name, Index(_affine(0, tuple(variables[i] for i in kept), _row_major(held.shape))))

    # ------------------------------------------------------------------ outputs

    def outputs(self) -> tuple[list[str], list[int]]:
        names: list[str] = []
        places: list[int] = []
        loose: dict[int, int] = {}
        values = array("d")
        for slot in self.program.outputs:
            code = self.program.codes[slot]
            if code == CONSTANT:
                if slot not in loose:
                    loose[slot] = len(values)
                    values.append(self.program.constant_of(slot))
                names.append("")
                places.append(loose[slot])
            else:
                names.append(
                    self.input_array[slot]
                    if code == INPUT
                    else self.array_names[int(self.storage[self.group_of[slot]])]
                )
                places.append(int(self.place_of[slot]))
        if loose:
            name = self.new_name("c")
            self.arrays.append(Array(name, Kind.CONSTANT, (len(values),), array("i"), values))
            names = [given or name for given in names]
        return names, places


def _is_zero(value: Expression) -> bool:
    return isinstance(value, Literal) and value.value == 0


def _all(spaces: list[Space]) -> list[Space]:
    """Return some spaces, each before those inside it."""
    found = list(spaces)
    for space in found:
        found += space.inner
    return found


def _best_axes(columns: list[Any], n: int) -> tuple[tuple[int, ...], int]:
    """Return the axes in which most columns are regular, and a score: how far that is from all of them, going up."""
    kept = columns
    found = common_axes(kept, n)
    if found is None:
        kept = [column for column in columns if common_axes([column], n) is not None]
        found = common_axes(kept, n) if kept else None
        while found is None and kept:
            kept = kept[:-1]
            found = common_axes(kept, n) if kept else None
    if found is None:
        return ((n,) if n > 1 else ()), 1000 * len(columns) + 1
    falling = sum(step < 0 for steps in found[1] for step in steps)
    return found[0], 1000 * (len(columns) - len(kept)) + falling


def _axes_of_rows(columns: list[Any], length: int) -> tuple[tuple[int, ...], int]:
    """Return the axes within rows of one length, the same in each row, and the score."""
    regular = []
    for column in columns:
        rows = column.reshape(-1, length)
        if (rows - rows[:, :1] == rows[0] - rows[0, 0]).all():
            regular.append(rows[0])
    found, score = _best_axes(regular, length)
    return found, score + 1000 * (len(columns) - len(regular))


def _orders(columns: list[Any], n: int) -> list[Any]:
    """Return orders of members to try: backwards, and by what the operands read."""
    import numpy as np

    orders = [np.arange(n)[::-1]]
    if columns:
        orders += [np.lexsort(columns[::-1]), np.lexsort(columns)]
    return orders


def _axes_that_matter(values: Any) -> tuple[int, ...]:
    import numpy as np

    return tuple(axis for axis in range(values.ndim) if not (values == np.take(values, [0], axis=axis)).all())


def _affine(offset: int, variables: tuple[str, ...], strides: tuple[int, ...]) -> Affine:
    return Affine(offset, tuple((v, s) for v, s in zip(variables, strides, strict=True) if s))


def _linear(space: Space) -> Affine:
    return _affine(0, space.variables, _row_major(space.lengths))


def _row_major(lengths: tuple[int, ...]) -> tuple[int, ...]:
    strides: list[int] = []
    step = 1
    for length in reversed(lengths):
        strides.append(step)
        step *= length
    return tuple(reversed(strides))


def _ranges(space: Space) -> tuple[Range, ...]:
    return tuple(
        Range(v, Index(Affine(0)), Index(Affine(n))) for v, n in zip(space.variables, space.lengths, strict=True)
    )


def _product(lengths: tuple[int, ...]) -> int:
    product = 1
    for length in lengths:
        product *= length
    return product


def _shape_by_steps(size: int, steps: set[int]) -> tuple[int, ...]:
    """Return the axes of an array that loops go through in some steps: the finest that have these steps."""
    cuts = [1]
    for step in sorted(steps):
        if step > cuts[-1] and step < size and step % cuts[-1] == 0 and size % step == 0:
            cuts.append(step)
    cuts.append(size)
    shape = tuple(high // low for low, high in itertools.pairwise(cuts))[::-1]
    return shape if size > 1 else (1,)


def _cuts(lengths: tuple[int, ...]) -> set[int]:
    cuts, step = {1}, 1
    for length in reversed(lengths):
        step *= length
        cuts.add(step)
    return cuts


def _letters() -> Any:
    for round_ in range(1000):
        for letter in "ijklmnpqrs":
            yield f"{letter}{round_ or ''}"
