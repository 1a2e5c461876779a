"""`items[i]` with a traced whole number i, as a choice that the Program makes at every call.

An index is an answer: Python reads the item of this call, and the next number takes another path through the function.
That suits a few cases. A batch of ids into a table of embeddings is other at every call, and no path ever comes back.
In a trace that makes choices, each number of what `items[i]` gives is

    where(i == 0, items[0], 0) + where(i == 1, items[1], 0) + …

so that one Program serves every i, its gradient reaches every item, and the loops of it are found as any others. What
is left to ask is whether i is inside the list: one truth value.

Eagerly `items[i]` is the item itself. The choice is as good wherever its number counts; where it matters which Value it
is (its gradient is read, it is assigned to), `ChoiceRefusedError` ends the trace, and the function is traced in paths.
"""

from collections.abc import Iterator
from typing import Any

from slopewise.engine.value import Value, current_recorder, mark_of
from slopewise.errors import TraceError
from slopewise.ir.operations import ADD, EQUAL, LESS, LESS_EQUAL, MULTIPLY, WHERE
from slopewise.tracer.numbers import Number, is_plain, plain

__all__ = ["ChoiceRefusedError", "Choices", "choose"]

MOST_ITEMS = 16_384  # numbers that one index may choose from: rows times numbers in a row
MOST_TERMS = 400_000  # of all choices of a trace


class ChoiceRefusedError(TraceError):
    """The function asks which Value was chosen: it cannot be traced with choices. Nobody outside ever sees it."""


class Choices:
    """The choices of a trace.

    Attributes:
        made: How many there are.
        too_large: How many indices choose from too much.
        slots: Those of the numbers that were chosen.
    """

    __slots__ = ("_cases", "_inside", "_terms", "made", "slots", "too_large")

    def __init__(self) -> None:
        self.made = 0
        self.too_large = 0
        self.slots: set[int] = set()
        self._terms = 0
        self._cases: dict[tuple[int, int], int] = {}  # of a number and what it may be: whether it is
        self._inside: dict[tuple[int, int], int] = {}  # of a number and a length: whether it is an index

    def chosen(self, session: Any, items: "list[Any] | tuple[Any, ...]", number: Number) -> Any:
        """Return what `items[number]` is in every call; NotImplemented where it cannot be a choice."""
        count, i = len(items), number._number
        if count < 2 or type(i) is not int:
            return NotImplemented
        columns = _columns(items)
        if columns is None:
            return NotImplemented
        if count * len(columns) > MOST_ITEMS or self._terms + count * len(columns) > MOST_TERMS:
            self.too_large += 1
            return NotImplemented
        index = session.slot_at(number._place)
        if session.is_constant(index):
            return NotImplemented
        is_inside = 0 <= i < count
        session.guard("truth", self._is_inside(session, index, count), is_inside)
        if not is_inside:  # from the end of the list, or an error: for Python to say
            return NotImplemented
        self.made += 1
        leaves = iter([self._choice(session, column, index, i) for column in columns])
        return _rebuilt(items[0], leaves)

    def _is_inside(self, session: Any, index: int, count: int) -> int:
        slot = self._inside.get((index, count))
        if slot is None:
            above = session.emit_operation(LESS_EQUAL, (session.frozen(0.0), index))
            below = session.emit_operation(LESS, (index, session.frozen(float(count))))
            slot = self._inside[index, count] = session.emit_operation(MULTIPLY, (above, below))
        return slot

    def _choice(self, session: Any, column: list[Any], index: int, i: int) -> Any:
        """Return the choice between numbers: a Value if one of them is."""
        first = column[0]
        if all(x is first for x in column):
            return first
        build = session.builder
        known = [session.slot_of_result(x) for x in column]
        cases = [self._case(session, index, k) for k in range(len(column))]
        zero = session.frozen(0.0)
        begin = build.size
        total = build.emit(WHERE, cases[0], known[0], zero)
        for case, slot in zip(cases[1:], known[1:], strict=True):
            total = build.emit(ADD, total, build.emit(WHERE, case, slot, zero))
        session.evaluate(begin)
        self._terms += len(column)
        if isinstance(first, Value):
            self.slots.add(total)
            return session.as_value(total)
        item = column[i]
        return session.number(total, item._number if type(item) is Number else plain(item))

    def _case(self, session: Any, index: int, k: int) -> int:
        slot = self._cases.get((index, k))
        if slot is None:
            slot = self._cases[index, k] = session.emit_operation(EQUAL, (index, session.frozen(float(k))))
        return slot

    def forget(self, start: int) -> None:
        """Forget the slots from `start` on."""
        if self.made:
            self.slots = {slot for slot in self.slots if slot < start}
            self._cases = {key: slot for key, slot in self._cases.items() if slot < start}
            self._inside = {key: slot for key, slot in self._inside.items() if slot < start}

    def check(self, session: Any, n: Value) -> None:
        """Refuse to say which Value was chosen.

        Raises:
            ChoiceRefusedError: This one was.
        """
        if self.slots and mark_of(n) >= 0 and session.slot_at(int(mark_of(n))) in self.slots:
            raise ChoiceRefusedError("it matters which Value was chosen")


def choose(items: Any, number: Number) -> Any:
    """Return what `items[number]` is in every later call; NotImplemented where Python shall go on by itself."""
    session = current_recorder()
    if session is None or session.choices is None or not session.is_open(number._place):
        return NotImplemented
    return session.choices.chosen(session, items, number)


def _columns(items: "list[Any] | tuple[Any, ...]") -> list[list[Any]] | None:
    """Return, for each number of an item, what it is in every item; None where items differ in form."""
    rows: list[list[Any]] = []
    form = _form(items[0])
    for item in items:
        if form is None or _form(item) != form:
            return None
        leaves: list[Any] = []
        _collect(item, leaves)
        rows.append(leaves)
    return [list(column) for column in zip(*rows, strict=True)]


def _form(item: Any) -> Any:
    """Return what items have in common that one can be chosen from: lists of lists, down to numbers of one type."""
    if type(item) is list or type(item) is tuple:
        forms = [_form(part) for part in item]
        return (type(item), *forms) if forms and None not in forms else None
    if type(item) is Value:
        return Value
    if type(item) is Number:
        return type(item._number)
    return type(plain(item)) if is_plain(item) else None


def _collect(item: Any, leaves: list[Any]) -> None:
    if type(item) in (list, tuple):
        for part in item:
            _collect(part, leaves)
    else:
        leaves.append(item)


def _rebuilt(like: Any, leaves: Iterator[Any]) -> Any:
    if type(like) in (list, tuple):
        parts = [_rebuilt(part, leaves) for part in like]
        return _Row(parts) if type(like) is list else tuple(parts)
    return next(leaves)


def _refuse(*_: Any, **__: Any) -> Any:
    raise ChoiceRefusedError("a list that was chosen is changed")


class _Row(list[Any]):
    """A list that was chosen among others: to be read, since a change would have to reach the one that was chosen."""

    def __getitem__(self, i: Any) -> Any:
        if type(i) is Number:
            chosen = choose(list(self), i)
            if chosen is not NotImplemented:
                return chosen
        return list.__getitem__(self, i)

    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = extend = insert = pop = remove = clear = sort = reverse = _refuse
