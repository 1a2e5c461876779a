"""Loops: what is printed is read back, the verifier finds what is wrong and nothing else, the interpreter is right."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from loop_programs import Member, by_python, loops_programs, members_of

from programs import points, quick, same_bits
from slopewise import ir
from slopewise.errors import IRError
from slopewise.ir.loops import Affine, Apply, Expression, For, Index, Kind, Let, Load, Loops, Statement, Store, Sum


@given(loops_programs())
@quick
def test_parse_of_print_is_the_same(loops: Loops) -> None:
    text = ir.print_loops(loops, full=True)
    again = ir.parse_loops(text)
    assert again == loops
    assert ir.print_loops(again, full=True) == text
    assert max(map(len, text.splitlines())) <= 100 or "names" in text or "(" in text


@given(st.data())
@quick
def test_the_interpreter_gives_what_python_gives(data: st.DataObject) -> None:
    loops = data.draw(loops_programs())
    ir.verify_loops(loops)
    inputs = data.draw(points(loops.n_inputs))
    assert same_bits(ir.interpret_loops(loops, inputs), by_python(loops, inputs))


@given(st.data())
@settings(quick, max_examples=400)
def test_the_verifier_finds_what_is_wrong_and_nothing_else(data: st.DataObject) -> None:
    """An index, a bound or the order is changed; someone else goes through all members one by one, and must agree."""
    loops = data.draw(loops_programs(most=4))
    changed = replace(loops, body=_changed(data, loops.body))
    is_right = _Slow(changed).is_right()
    try:
        ir.verify_loops(changed)
    except IRError as error:
        assert not is_right or "no Let before it" in str(error), str(error)
    else:
        assert is_right
        ir.interpret_loops(changed, [0.5] * changed.n_inputs)


def _changed(data: st.DataObject, body: tuple[Statement, ...]) -> tuple[Statement, ...]:
    if not body:
        return body
    at = data.draw(st.integers(0, len(body) - 1))
    chosen = body[at]
    way = data.draw(st.sampled_from(["earlier", "away", "inside", "inside", "inside", "ordered"]))
    if way == "earlier" and at:
        return (*body[: at - 1], chosen, body[at - 1], *body[at + 1 :])
    if way == "away":
        return (*body[:at], *body[at + 1 :])
    match chosen:
        case For(_, inner, is_ordered):
            if way == "ordered":
                return (*body[:at], replace(chosen, is_ordered=not is_ordered), *body[at + 1 :])
            new: Statement = replace(chosen, body=_changed(data, inner))
        case Store(name, index, value):
            if data.draw(st.booleans()):
                new = Store(name, _moved(data, index), value)
            else:
                new = Store(name, index, _loads_moved(data, value))
        case Let(name, value):
            new = Let(name, _loads_moved(data, value))
    return (*body[:at], new, *body[at + 1 :])


def _moved(data: st.DataObject, index: Index) -> Index:
    if index.table is not None and data.draw(st.booleans()):
        return replace(index, at=_formula_moved(data, index.at))
    return replace(index, affine=_formula_moved(data, index.affine))


def _formula_moved(data: st.DataObject, affine: Affine) -> Affine:
    terms = [(name, by + data.draw(st.sampled_from([0, 0, -2, 1]))) for name, by in affine.terms]
    return Affine(affine.offset + data.draw(st.integers(-2, 2)), tuple((name, by) for name, by in terms if by))


def _loads_moved(data: st.DataObject, expression: Expression) -> Expression:
    match expression:
        case Load(name, index):
            return Load(name, _moved(data, index))
        case Apply(code, operands):
            return Apply(code, tuple(_loads_moved(data, operand) for operand in operands))
        case Sum(ranges, term):
            return Sum(ranges, _loads_moved(data, term))
        case _:
            return expression


class _Slow:
    """Goes through all members, and notes with each element in which member of which loops it was written."""

    def __init__(self, loops: Loops) -> None:
        self.loops = loops
        self.tables = {table.name: table.values for table in loops.tables}
        self.sizes = {a.name: a.size for a in loops.arrays}
        self.written: dict[tuple[str, int], dict[int, int]] = {}
        self.local = [a for a in loops.arrays if a.kind is Kind.LOCAL]
        self.n_loops = 0

    def is_right(self) -> bool:
        return self.block(self.loops.body, {}, {}) and len(self.written) == sum(a.size for a in self.local)

    def block(self, body: Sequence[Statement], member: Member, around: dict[int, int]) -> bool:
        fine = True
        for statement in body:
            fine &= self.statement(statement, member, around)
        return fine

    def statement(self, statement: Statement, member: Member, around: dict[int, int]) -> bool:
        match statement:
            case Let(_, value):
                return self.expression(value, member, around)
            case Store(name, index, value):
                place = self.place(name, index, member)
                fine = self.expression(value, member, around)
                if place is None or (name, place) in self.written:
                    return False
                self.written[name, place] = dict(around)
                return fine
            case For(ranges, body, is_ordered):
                self.n_loops += 1
                number = self.n_loops
                fine = True
                for count, inner in enumerate(members_of(ranges, self.loops.tables, member)):
                    fine &= self.block(body, inner, around if is_ordered else {**around, number: count})
                return fine

    def expression(self, expression: Expression, member: Member, around: dict[int, int]) -> bool:
        match expression:
            case Load(name, index):
                place = self.place(name, index, member)
                if place is None:
                    return False
                if all(a.name != name for a in self.local):
                    return True
                written = self.written.get((name, place))
                return written is not None and all(written.get(loop, at) == at for loop, at in around.items())
            case Apply(_, operands):
                return all(self.expression(operand, member, around) for operand in operands)
            case Sum(ranges, term):
                inners = members_of(ranges, self.loops.tables, member)
                return all(self.expression(term, inner, around) for inner in inners)
            case _:
                return True

    def place(self, name: str, index: Index, member: Member) -> int | None:
        place = index.affine.offset + sum(by * member[variable] for variable, by in index.affine.terms)
        if index.table is not None:
            table = self.tables[index.table]
            at = index.at.offset + sum(by * member[variable] for variable, by in index.at.terms)
            if not 0 <= at < len(table):
                return None
            place += table[at]
        return place if 0 <= place < self.sizes[name] else None
