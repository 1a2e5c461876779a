"""`Emission`: the statements of Loops as LLVM IR text.

Whatever a schedule says, the text computes the same numbers up to the order of sums: a schedule chooses the variable
that runs through the lanes, how many members are computed side by side, and in which order loops stand.

Several members of a nest are computed at the same time, each with its own variables (`Member`). A sum over them is one
loop with an accumulator for each, and what they have in common is computed once, because equal text is.

Where the length of a loop is no multiple of the step, the last block begins earlier and computes some members again:
nothing is masked, and nothing outside the arrays is touched. In a sum those are left out by a choice of lanes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from slopewise.backends.llvm.arithmetic import Arithmetic
from slopewise.backends.llvm.frozen import Frozen
from slopewise.backends.llvm.layout import Layout, axes_of, extent_of, plain
from slopewise.backends.llvm.prepared import Prepared, bounding, trips_of, variables_of, written_in
from slopewise.backends.llvm.schedule import Schedule
from slopewise.backends.llvm.writer import Linear, Number, Writer
from slopewise.errors import InternalError
from slopewise.ir.loops.structure import (
    Affine,
    Apply,
    Expression,
    For,
    Index,
    Let,
    Literal,
    Load,
    Local,
    Range,
    Statement,
    Store,
    Sum,
)
from slopewise.ir.operations import MULTIPLY

__all__ = ["Emission", "Place"]

MOST_UNROLLED = 8  # terms of a short sum that are written out
MOST_WRITTEN = 96  # terms of all members of a short sum
CHAINS = 4  # sums that are under way at the same time, so that none waits for the last addition


@dataclass(frozen=True, slots=True)
class Place:
    """Where an array stands: a pointer of the kernel, bytes from there, and the places of its elements."""

    base: str
    offset: int
    layout: Layout


@dataclass(slots=True)
class Member:
    """One of the members of a nest that are computed side by side."""

    variables: dict[str, Linear]
    locals: dict[str, Number]

    def with_variable(self, name: str, value: Linear) -> "Member":
        """Return a member further inside."""
        return Member({**self.variables, name: value}, dict(self.locals))


class Emission:
    """Writes the statements of Loops.

    Args:
        arithmetic: Writes the operations.
        prepared: The Loops.
        schedule: What was decided about nests and sums.
        frozen: Gives the place of a table in the frozen block: called with its name, or with its name and a layout
            for a table of places in an array of that layout.
    """

    def __init__(self, arithmetic: Arithmetic, prepared: Prepared, schedule: Schedule, frozen: Frozen):
        self.arithmetic = arithmetic
        self.writer: Writer = arithmetic.writer
        self.bounds = prepared.bounds
        self.schedule = schedule
        self.frozen = frozen
        self.places: dict[str, Place] = {}
        self.lane = ""
        self.lanes = 1
        self.splits: dict[tuple[Index, Layout], Affine] = {}
        self.layouts: Mapping[str, Layout] = {}  # of constants, right here

    def place(self, array: str) -> Place:
        """Return where an array stands; a constant may stand in several places, in different layouts."""
        item = self.frozen.constants.get(array)
        if item is None:
            return self.places[array]
        layout = self.layouts.get(array) or plain(item.shape)
        return Place("%frozen", self.frozen.constant(array, layout), layout)

    def first_member(self) -> Member:
        """Return what stands outside all loops."""
        return Member({}, {})

    # --------------------------------------------------------------------------------------------------- whole numbers
    def linear(self, affine: Affine, member: Member) -> Linear:
        """Return a formula's value for a member."""
        constant = affine.offset
        factors: dict[str, tuple[int, int]] = {}
        for variable, factor in affine.terms:
            value = member.variables[variable]
            constant += factor * value.constant
            for name, depth, its_factor in value.terms:
                factors[name] = (depth, factors.get(name, (depth, 0))[1] + factor * its_factor)
        terms = sorted((depth, name, factor) for name, (depth, factor) in factors.items() if factor)
        return Linear(constant, tuple((name, depth, factor) for depth, name, factor in terms))

    def split(self, index: Index, layout: Layout) -> Affine:
        """Return the formula of an index in a layout."""
        if layout.is_plain:
            return index.affine
        known = self.splits.get((index, layout))
        if known is not None:
            return known
        extent = None
        if index.table is not None:
            extent = extent_of(self.frozen.tables[index.table], layout)
            if extent is None:
                raise InternalError(f"table {index.table} goes outside the array that it points into")
        axes = axes_of(index.affine, layout.shape, self.bounds, extent)
        if axes is None:
            raise InternalError("an array has a layout that an index of it does not fit")
        self.splits[index, layout] = found = layout.index_of(axes)
        return found

    def looked_up(self, table: str, layout: Layout | None, affine: Affine, member: Member) -> Linear:
        """Return what stands in a table."""
        offset = self.frozen.table(table, layout)
        address, depth = self.writer.address("%frozen", offset, self.linear(affine, member), 4)
        depth = self.writer.load_depth("", depth)
        short = self.writer.pure(f"load i32, ptr {address}, align 4", depth)
        return Linear(0, ((self.writer.pure(f"sext i32 {short} to i64", depth), depth, 1),))

    def bound(self, index: Index, members: Sequence[Member]) -> Linear:
        """Return a bound of a loop, the same for all members."""
        values = {self._bound(index, member) for member in members}
        if len(values) != 1:
            raise InternalError("members computed side by side have loops of different lengths")
        return values.pop()

    def _bound(self, index: Index, member: Member) -> Linear:
        value = self.linear(index.affine, member)
        return value if index.table is None else value.added(self.looked_up(index.table, None, index.at, member))

    # ------------------------------------------------------------------------------------------------------ arrays
    def addresses(self, array: str, index: Index, member: Member) -> tuple[int, list[tuple[str, int]]]:
        """Return how an access runs through the lanes, and where.

        Returns:
            0: one element for all lanes; 1: neighbours; 2: one address for each lane.
        """
        place, size = self.place(array), self.arithmetic.size
        affine = self.split(index, place.layout)
        layout = None if place.layout.is_plain else place.layout
        factor = dict(affine.terms).get(self.lane, 0) if self.lane else 0
        kind = min(abs(factor), 2) if factor != -1 else 2
        if self.lane and self.lane in dict(index.at.terms):
            kind = 2
        members = [member]
        if kind == 2:
            base = member.variables[self.lane]
            members = [member.with_variable(self.lane, base.plus(lane)) for lane in range(self.lanes)]
        found = []
        for one in members:
            where = self.linear(affine, one)
            if index.table is not None:
                where = where.added(self.looked_up(index.table, layout, index.at, one))
            found.append(self.writer.address(place.base, place.offset, where, size))
        return kind, found

    def load(self, array: str, index: Index, member: Member) -> Number:
        """Return an element, or one for each lane."""
        kind, found = self.addresses(array, index, member)
        arithmetic, writer = self.arithmetic, self.writer
        align = f"align {arithmetic.size}"
        lanes = self.lanes if kind == 1 else 1
        numbers = []
        for address, depth in found:
            depth = writer.load_depth(array, depth)
            # The comment keeps arrays apart that stand in the same memory one after another.
            text = f"load {arithmetic.type_of(lanes)}, ptr {address}, {align} ; {array}"
            numbers.append(arithmetic.pure(text, depth, lanes))
        if kind != 2:
            return numbers[0]
        vector, depth = "poison", 0
        for lane, number in enumerate(numbers):
            depth = max(depth, number.depth)
            all_lanes, one = arithmetic.type_of(self.lanes), f"{arithmetic.scalar} {number.text}"
            vector = writer.pure(f"insertelement {all_lanes} {vector}, {one}, i64 {lane}", depth)
        return Number(vector, depth, self.lanes)

    def store(self, array: str, index: Index, number: Number, member: Member) -> None:
        """Write an element, or one for each lane."""
        kind, found = self.addresses(array, index, member)
        arithmetic = self.arithmetic
        number = arithmetic.as_number(number)
        align = f"align {arithmetic.size}"
        if kind == 1:
            number = arithmetic.spread(number, self.lanes)
        if kind != 2:
            kind_text, (address, depth) = arithmetic.type_of(number.lanes), found[0]
            self.writer.effect(f"store {kind_text} {number.text}, ptr {address}, {align}")
            if self.writer.load_depth(array, depth) == self.writer.depth:  # a load need not wait for the store
                self.writer.scopes[-1].known[f"load {kind_text}, ptr {address}, {align} ; {array}"] = number.text
            return
        number = arithmetic.spread(number, self.lanes)
        for lane, (address, _) in enumerate(found):
            one = self.writer.pure(
                f"extractelement {arithmetic.type_of(self.lanes)} {number.text}, i64 {lane}", number.depth
            )
            self.writer.effect(f"store {arithmetic.scalar} {one}, ptr {address}, {align}")

    # ------------------------------------------------------------------------------------------------------ statements
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
                case For(ranges, _, _):
                    if any(trips_of(range_) == 0 for range_ in ranges):
                        continue
                    self.nest(statement, members)

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

    # ------------------------------------------------------------------------------------------------------ expressions
    def values(self, node: Expression, members: list[Member]) -> list[Number]:
        """Return an expression's value for each member."""
        done: list[list[Number]] = []
        todo: list[tuple[Expression, bool]] = [(node, False)]
        arithmetic = self.arithmetic
        while todo:
            item, is_ready = todo.pop()
            match item:
                case Apply(code, operands) if is_ready:
                    first = len(done) - len(operands)
                    columns = done[first:]
                    done[first:] = [[arithmetic.apply(code, list(row)) for row in zip(*columns, strict=True)]]
                case Apply(_, operands):
                    todo.append((item, True))
                    todo.extend((operand, False) for operand in reversed(operands))
                case Literal(value):
                    done.append([arithmetic.literal(value)] * len(members))
                case Local(name):
                    done.append([member.locals[name] for member in members])
                case Load(array, index):
                    done.append([self.load(array, index, member) for member in members])
                case Sum():
                    done.append(self.sums(item, members))
        return done[0]

    def sums(self, node: Sum, members: list[Member]) -> list[Number]:
        """Return a sum for each member; members that differ in nothing that it depends on share one."""
        names = sorted(variables_of(node))
        places: dict[tuple[object, ...], int] = {}
        distinct: list[Member] = []
        which = []
        for member in members:
            key = tuple(member.variables.get(name) or member.locals.get(name) for name in names)
            if key not in places:
                places[key] = len(distinct)
                distinct.append(member)
            which.append(places[key])
        results = self.distinct_sums(node, distinct)
        return [results[place] for place in which]

    def distinct_sums(self, node: Sum, members: list[Member]) -> list[Number]:
        """Return a sum for each member."""
        arithmetic = self.arithmetic
        zero = arithmetic.literal(0.0)
        trips = [trips_of(range_) for range_ in node.ranges]
        if 0 in trips:
            return [zero] * len(members)
        plan, around = None if self.lane else self.schedule.sums.get(id(node)), self.layouts
        if plan is not None:
            self.lane, self.lanes, self.layouts = plan.lane, plan.lanes, {**around, **plan.layouts}
            results = self.looped(node, members)
            self.lane, self.lanes, self.layouts = "", 1, around
            return results
        product = 1
        for count in trips:
            product *= count if count is not None else MOST_UNROLLED + 1
        if product <= MOST_UNROLLED and product * len(members) <= MOST_WRITTEN:
            totals = [zero] * len(members)
            inner = [members]
            for range_ in node.ranges:
                offset, count = range_.start.affine.offset, trips_of(range_) or 0
                inner = [
                    [member.with_variable(range_.variable, Linear(offset + place)) for member in group]
                    for group in inner
                    for place in range(count)
                ]
            for group in inner:
                totals = self.accumulated(totals, node.term, group)
            return totals
        return self.looped(node, members)

    def accumulated(self, totals: list[Number], term: Expression, members: list[Member]) -> list[Number]:
        """Return totals with one more term each."""
        arithmetic = self.arithmetic
        if isinstance(term, Apply) and term.code == MULTIPLY:
            # One member after another: a factor is loaded right before it is used, and few registers hold factors.
            left, right = term.operands
            return [
                arithmetic.multiply_add(self.values(left, [member])[0], self.values(right, [member])[0], total)
                for member, total in zip(members, totals, strict=True)
            ]
        terms = self.values(term, members)
        return [arithmetic.add_up(x, y) for x, y in zip(totals, terms, strict=True)]

    def looped(self, node: Sum, members: list[Member]) -> list[Number]:
        """Return a sum for each member, by loops with an accumulator for each."""
        arithmetic = self.arithmetic
        is_lane_ours = any(range_.variable == self.lane for range_ in node.ranges)
        ranges = list(node.ranges)
        if is_lane_ours:
            ranges.sort(key=lambda range_: range_.variable == self.lane)
        depends = self.lane != "" and (is_lane_ours or self.in_lanes(node, members))
        width = self.lanes if depends else 1
        last = trips_of(ranges[-1])
        if is_lane_ours and last is None:
            return self.open_sums(ranges, node.term, members)
        chains = 1
        if last is not None and ranges[-1].variable not in bounding(node.term):
            step = self.lanes if is_lane_ours else 1
            while chains * len(members) < CHAINS and 2 * chains * step <= last:
                chains *= 2
        zero = arithmetic.spread(arithmetic.literal(0.0), width)
        totals = self.sum_loops(ranges, node.term, members, [zero] * (len(members) * chains), chains, width)
        results = []
        for place in range(len(members)):
            parts = totals[place * chains : (place + 1) * chains]
            while len(parts) > 1:
                parts = [arithmetic.add_up(x, y) for x, y in zip(parts[::2], parts[1::2], strict=True)]
            results.append(parts[0])
        return self.across(results) if is_lane_ours else results

    def in_lanes(self, node: Expression, members: list[Member]) -> bool:
        """Tell whether an expression differs from lane to lane."""
        names = variables_of(node)
        return self.lane in names or any(
            number.lanes > 1 for member in members for name, number in member.locals.items() if name in names
        )

    def across(self, totals: list[Number]) -> list[Number]:
        """Return the sum of the lanes of each total."""
        arithmetic = self.arithmetic
        kind = arithmetic.type_of(self.lanes)
        name = f"@llvm.vector.reduce.fadd.v{self.lanes}{arithmetic.suffix}"
        arithmetic.intrinsics.add(f"declare {arithmetic.scalar} {name}({arithmetic.scalar}, {kind})")
        start = f"{arithmetic.scalar} {arithmetic.digits(-0.0)}"
        results = []
        for total in totals:
            total = arithmetic.spread(total, self.lanes)
            text = f"call reassoc nsz contract {arithmetic.scalar} {name}({start}, {kind} {total.text})"
            results.append(arithmetic.pure(text, total.depth, 1))
        return results

    def sum_loops(
        self,
        ranges: list[Range],
        term: Expression,
        members: list[Member],
        totals: list[Number],
        chains: int,
        width: int,
    ) -> list[Number]:
        """Add up the terms of some loops; each member has `chains` totals, side by side."""
        range_, inner = ranges[0], ranges[1:]
        writer, kind = self.writer, self.arithmetic.type_of(width)
        carried = tuple((kind, total.text) for total in totals)
        trips = trips_of(range_)
        name = range_.variable
        if inner or trips is None:
            start, stop = self.bound(range_.start, members), self.bound(range_.stop, members)
            variable, texts = writer.open_loop(
                writer.whole(start), writer.whole(stop), 1, trips is not None, carried=carried
            )
            value = Linear(0, ((variable, writer.depth, 1),))
            totals = [Number(text, writer.depth, width) for text in texts]
            inside = [member.with_variable(name, value) for member in members]
            if inner:
                totals = self.sum_loops(inner, term, inside, totals, chains, width)
            else:
                totals = self.accumulated(totals, term, inside)
            return self.end(totals, width)
        lanes = self.lanes if name == self.lane else 1
        first, step = range_.start.affine.offset, chains * lanes
        whole = trips // step * step
        if whole > step:
            variable, texts = writer.open_loop(str(first), str(first + whole), step, True, carried=carried)
            value = Linear(0, ((variable, writer.depth, 1),))
            totals = [Number(text, writer.depth, width) for text in texts]
        else:
            value = Linear(first)
        if whole:
            inside = [m.with_variable(name, value.plus(lanes * chain)) for m in members for chain in range(chains)]
            totals = self.accumulated(totals, term, inside)
        if whole > step:
            totals = self.end(totals, width)
        done, chain = whole, 0
        while trips - done >= lanes:
            totals = self.add_block(totals, chain, chains, term, name, Linear(first + done), members)
            done, chain = done + lanes, (chain + 1) % chains
        if done < trips:
            totals = self.add_rest(totals, chain, chains, term, name, first + trips - lanes, trips - done, members)
        return totals

    def open_sums(self, ranges: list[Range], term: Expression, members: list[Member]) -> list[Number]:
        """Return a sum for each member, the innermost loop in the lanes and of a length that varies.

        Whole vectors of terms are added to vectors of totals, what remains to numbers.
        """
        arithmetic = self.arithmetic
        zero = arithmetic.literal(0.0)
        n = len(members)
        totals = [arithmetic.spread(zero, self.lanes)] * n + [zero] * n
        totals = self.open_loops(ranges, term, members, totals)
        return [arithmetic.add_up(x, y) for x, y in zip(self.across(totals[:n]), totals[n:], strict=True)]

    def open_loops(
        self, ranges: list[Range], term: Expression, members: list[Member], totals: list[Number]
    ) -> list[Number]:
        """Add up the terms of some loops, the innermost in the lanes, to totals of lanes and to totals of numbers."""
        writer, n = self.writer, len(members)
        range_, inner = ranges[0], ranges[1:]
        start, stop = self.bound(range_.start, members), self.bound(range_.stop, members)
        first, last = writer.whole(start), writer.whole(stop)
        if inner:
            return self.carry(
                (first, last, 1, trips_of(range_) is not None),
                totals,
                lambda value, inside: self.open_loops(
                    inner, term, [member.with_variable(range_.variable, value) for member in members], inside
                ),
            )

        def add(value: Linear, inside: list[Number]) -> list[Number]:
            return self.accumulated(inside, term, [m.with_variable(range_.variable, value) for m in members])

        depth = max(start.depth, stop.depth)
        count = writer.pure(f"sub i64 {last}, {first}", depth)
        count = writer.pure(f"call i64 @llvm.smax.i64(i64 {count}, i64 0)", depth)
        whole = writer.pure(f"and i64 {count}, {-self.lanes}", depth)
        middle = writer.pure(f"add i64 {first}, {whole}", depth)
        vectors = self.carry((first, middle, self.lanes, False), totals[:n], add)
        lane = self.lane, self.lanes
        self.lane, self.lanes = "", 1
        numbers = self.carry((middle, last, 1, False), totals[n:], add)
        self.lane, self.lanes = lane
        return [*vectors, *numbers]

    def carry(
        self,
        loop: tuple[str, str, int, bool],
        totals: list[Number],
        add: Callable[[Linear, list[Number]], list[Number]],
    ) -> list[Number]:
        """Write a loop (start, stop, step, whether it surely runs) that adds something to totals."""
        writer, arithmetic = self.writer, self.arithmetic
        carried = tuple((arithmetic.type_of(total.lanes), total.text) for total in totals)
        variable, texts = writer.open_loop(*loop, carried=carried)
        depth = writer.depth
        inside = [Number(text, depth, total.lanes) for text, total in zip(texts, totals, strict=True)]
        after = add(Linear(0, ((variable, depth, 1),)), inside)
        after = [arithmetic.spread(number, total.lanes) for number, total in zip(after, totals, strict=True)]
        names = writer.close_loop([number.text for number in after])
        return [Number(name, writer.depth, total.lanes) for name, total in zip(names, totals, strict=True)]

    def add_block(
        self,
        totals: list[Number],
        chain: int,
        chains: int,
        term: Expression,
        name: str,
        value: Linear,
        members: list[Member],
    ) -> list[Number]:
        """Add one more block of terms to one of the totals of each member."""
        inside = [member.with_variable(name, value) for member in members]
        totals = list(totals)
        totals[chain::chains] = self.accumulated(totals[chain::chains], term, inside)
        return totals

    def add_rest(
        self,
        totals: list[Number],
        chain: int,
        chains: int,
        term: Expression,
        name: str,
        first: int,
        rest: int,
        members: list[Member],
    ) -> list[Number]:
        """Add the last terms, fewer than there are lanes: a block that ends with them, its first lanes left out."""
        arithmetic, lanes = self.arithmetic, self.lanes
        inside = [member.with_variable(name, Linear(first)) for member in members]
        bits = ", ".join(f"i1 {int(lane >= lanes - rest)}" for lane in range(lanes))
        counted = Number("", 0, lanes, f"<{bits}>")
        zero = arithmetic.literal(0.0)
        terms = [arithmetic.choose(counted, number, zero) for number in self.values(term, inside)]
        totals = list(totals)
        totals[chain::chains] = [arithmetic.add_up(x, y) for x, y in zip(totals[chain::chains], terms, strict=True)]
        return totals

    def end(self, totals: list[Number], width: int) -> list[Number]:
        """End a loop that carries totals."""
        spread = [self.arithmetic.spread(total, width) for total in totals]
        names = self.writer.close_loop([total.text for total in spread])
        return [Number(name, self.writer.depth, width) for name in names]
