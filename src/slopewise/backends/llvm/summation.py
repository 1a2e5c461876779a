"""`Summation`: expressions and their sums as LLVM IR text, for several members at the same time.

A sum over members is one loop with an accumulator for each, and what they have in common is computed once, because
equal text is. Where the last terms are fewer than the lanes, a block that ends with them is added, and those counted
already are left out by a choice of lanes.
"""

from collections.abc import Callable

from slopewise.backends.llvm.elements import Elements, Member
from slopewise.backends.llvm.prepared import TERMS, bounding, trips_of, variables_of
from slopewise.backends.llvm.writer import Linear, Number
from slopewise.ir.loops.structure import Apply, Expression, Literal, Load, Local, Range, Sum
from slopewise.ir.operations import MULTIPLY

__all__ = ["Summation"]

MOST_UNROLLED = 8  # terms of a short sum that are written out
MOST_WRITTEN = 96  # terms of all members of a short sum
CHAINS = 4  # sums that are under way at the same time, so that none waits for the last addition


class Summation(Elements):
    """Writes expressions and sums."""

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
                case Apply(code, operands) if code == TERMS:
                    totals = [arithmetic.literal(0.0)] * len(members)
                    for operand in operands:
                        totals = self.accumulated(totals, operand, members)
                    done.append(totals)
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
