"""`Emission`: the statements of Loops as LLVM IR text.

Whatever a schedule says, the text computes the same numbers up to the order of sums: a schedule chooses the variable
that runs through the lanes, how many members are computed side by side, and in which order loops stand.

Several members of a nest are computed at the same time, each with its own variables (`Member`). A sum over them is one
loop with an accumulator for each, and what they have in common is computed once, because equal text is.

Where the length of a loop is no multiple of the step, the last block begins earlier and computes some members again:
nothing is masked, and nothing outside the arrays is touched. In a sum those are left out by a choice of lanes.
"""

from collections.abc import Mapping, Sequence

from slopewise.backends.llvm.elements import Member, Place
from slopewise.backends.llvm.prepared import carried_by, trips_of, written_in
from slopewise.backends.llvm.products import Matrix, Product
from slopewise.backends.llvm.summation import Summation
from slopewise.backends.llvm.writer import Linear
from slopewise.ir.loops.structure import For, Let, Range, Statement, Store

__all__ = ["Emission", "Place"]


class Emission(Summation):
    """Writes the statements of Loops; it is made as `Elements` are."""

    def block(self, statements: Sequence[Statement], members: list[Member]) -> None:
        """Write statements, for several members at the same time."""
        for statement in statements:
            match statement:
                case Let(name, value):
                    for member, number in zip(members, self.values(value, members), strict=True):
                        member.locals[name] = number
                case Store(array, index, value):
                    for member, number in zip(members, self.values(value, members), strict=True):
                        self.store(array, index, number, member)
                        self.stored[id(statement)] = number
                case For() if self.is_chain(statement, members):
                    self.chain(statement, members[0])
                case For() if id(statement) in self.products:
                    self.product(self.products[id(statement)], members[0])
                case For(ranges, _, _):
                    if any(trips_of(range_) == 0 for range_ in ranges):
                        continue
                    self.nest(statement, members)

    def product(self, product: Product, member: Member) -> None:
        """Write a call of BLAS, which counts by columns: our rows are its columns, so factors change places."""
        frozen, columns = self.frozen, product.result.strides[0] == 1
        first, second, m, n = product.right, product.left, product.n, product.m
        if columns:
            first, second, m, n = second, first, n, m
        # A factor stands as it is wanted where rows of the result, or terms, run as in memory.
        as_it_is = first.strides[0 if columns else 1] == 1, second.strides[0 if columns else 1] == 1
        letters = ["N" if is_fit else "T" for is_fit in as_it_is]
        counts = (m, n, product.k, *(max(matrix.strides) for matrix in (first, second, product.result)))
        whole = frozen.whole_numbers(("product", *letters, *counts), [*map(ord, letters), *counts])
        one, zero = (self.writer.address("%frozen", frozen.number(x), Linear(0), 1)[0] for x in (1.0, 0.0))
        at = [self.writer.address("%frozen", whole + 4 * place, Linear(0), 1)[0] for place in range(8)]
        a, b, c = (self.matrix(matrix, member) for matrix in (first, second, product.result))
        texts = [*at[:5], one, a, at[5], b, at[6], zero, c, at[7]]
        name = "dgemm" if self.arithmetic.dtype == "float64" else "sgemm"
        self.arithmetic.intrinsics.add(f"declare void @{name}({', '.join(['ptr'] * len(texts))}) nounwind")
        self.writer.effect(f"call void @{name}({', '.join(f'ptr {text}' for text in texts)})")

    def matrix(self, matrix: Matrix, member: Member) -> str:
        """Return the address of the first element of a matrix."""
        place = self.place(matrix.array)
        return self.writer.address(place.base, place.offset, self.linear(matrix.start, member), self.arithmetic.size)[0]

    def is_chain(self, statement: For, members: Sequence[Member]) -> bool:
        """Tell whether this is a scan, of known length, that may carry numbers from step to step in registers."""
        is_one = statement.is_ordered and len(statement.ranges) == len(members) == 1 and not self.lane
        return is_one and (trips_of(statement.ranges[0]) or 0) > 1

    def chain(self, statement: For, member: Member) -> None:
        """Write a scan; what a step stores and the next one reads need not come back from memory."""
        writer, arithmetic, range_ = self.writer, self.arithmetic, statement.ranges[0]
        start, trips = range_.start.affine.offset, trips_of(range_) or 0
        carried = [pair for pair in carried_by(statement) if self.is_inside(pair[0], {range_.variable: (start, start)})]
        before = member.with_variable(range_.variable, Linear(start))
        begun = [self.load(load.array, load.index, before) for load, _ in carried]
        name, names = writer.open_loop(
            str(start),
            str(start + trips),
            1,
            True,
            written_in(statement.body),
            tuple((arithmetic.scalar, number.text) for number in begun),
        )
        inside = member.with_variable(range_.variable, Linear(0, ((name, writer.depth, 1),)))
        for (load, _), held in zip(carried, names, strict=True):
            writer.scopes[-1].known[self.load_text(load.array, load.index, inside)] = held
        self.block(statement.body, [inside])
        following = [arithmetic.as_number(self.stored[id(store)]).text for _, store in carried]
        writer.close_loop(following)

    def nest(self, statement: For, members: list[Member]) -> None:
        """Write loops around a block."""
        plan, around = None if self.lane else self.schedule.nests.get(id(statement)), self.layouts
        ranges = statement.ranges
        steps: Mapping[str, tuple[int, int]] = {}
        if plan is not None:
            by_name = {range_.variable: range_ for range_ in ranges}
            ranges = tuple(by_name[name] for name in plan.order)
            steps = plan.steps
            self.lane, self.lanes, self.layouts = plan.lane, plan.lanes, plan.layouts
        writes = written_in(statement.body)
        n_open = 0
        for range_ in ranges:
            side, lanes = steps.get(range_.variable, (1, 1))
            opened, value = self.begin(range_, members, side * lanes, writes)
            n_open += opened
            inside = [
                [m.with_variable(range_.variable, value.plus(place * lanes)) for place in range(side)] for m in members
            ]
            # Vectors stay in registers while numbers to be spread come and go: the lanes' blocks are innermost.
            is_outer = len(members) > 1 and self.lane != range_.variable
            members = [m for group in (zip(*inside, strict=True) if is_outer else inside) for m in group]
        self.block(statement.body, members)
        for _ in range(n_open):
            self.writer.close_loop()
        if plan is not None:
            self.lane, self.lanes, self.layouts = "", 1, around

    def begin(self, range_: Range, members: Sequence[Member], step: int, writes: frozenset[str]) -> tuple[bool, Linear]:
        """Begin a loop over blocks of members; return whether there is one, and the first member of the block."""
        writer = self.writer
        trips = trips_of(range_)
        if trips is None:
            start, stop = self.bound(range_.start, members), self.bound(range_.stop, members)
            name, _ = writer.open_loop(writer.whole(start), writer.whole(stop), 1, False, writes)
            return True, Linear(0, ((name, writer.depth, 1),))
        start_at = range_.start.affine.offset
        if trips <= step:
            return False, Linear(start_at)
        name, _ = writer.open_loop(str(start_at), str(start_at + trips), step, True, writes)
        if trips % step:
            name = writer.pure(f"call i64 @llvm.smin.i64(i64 {name}, i64 {start_at + trips - step})", writer.depth)
        return True, Linear(0, ((name, writer.depth, 1),))
