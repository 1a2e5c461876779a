"""Corrections: a group whose members are those of another group and something more.

What a sample's error is for each class is its probability, and for the label one less. That is a formula of its own,
and the sums that read a label's error here and a probability there would have to look up which of them it is. Where
nothing else reads the number that the formula starts from, both are one formula for all members: the number, and what
is added to it, or -0.0, which changes no number.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slopewise.ir import CONSTANT, INPUT
from slopewise.ir.operations import ADD, MULTIPLY, NEGATE, SUBTRACT, WHERE
from slopewise.passes.alternatives import shape_of
from slopewise.passes.columns import distinct
from slopewise.passes.parts import CONSTANTS, Added, Applied, Leaf, Space

if TYPE_CHECKING:
    from slopewise.passes.formulas import Formulas
    from slopewise.passes.partition import Partition

__all__ = ["Correction", "corrected", "find_corrections", "unite_readers"]

CHEAP = frozenset({MULTIPLY, NEGATE, SUBTRACT})  # what may be computed for members that do not need it


@dataclass(frozen=True, slots=True)
class Correction:
    """A group whose members take the place of some of another group's.

    Attributes:
        group: The other group.
        is_corrected: For each of its members, whether one of the correcting group takes its place.
        slots: Its members, those of the correcting group in the place of what they start from.
        added: What is added, a column of slots for each term; where nothing is, any slot of the same formula.
    """

    group: int
    is_corrected: Any
    slots: Any
    added: list[Any]


def find_corrections(formulas: "Formulas", arrays: "Partition") -> dict[int, Correction]:
    """Return the corrections among the groups that share an array, by the group that corrects.

    Args:
        formulas: The formulas, whose roots are known.
        arrays: Which groups share an array.
    """
    found: dict[int, Correction] = {}
    taken: set[int] = set()
    for g in sorted(formulas.united):
        for correction in _corrections_by(formulas, arrays, g):
            if not {correction.group, g} & taken:
                found[g] = correction
                taken |= {correction.group, g}
    return found


def corrected(formulas: "Formulas", correction: Correction, space: Space) -> Added:
    """Return the formula of all members: the number, and what is added to it or -0.0."""
    import numpy as np

    members = formulas.slots_of(correction.group)
    terms = [formulas.applied(correction.group, members, space)]
    first = formulas.program.n_slots
    for column in correction.added:
        chooses = Leaf(first + correction.is_corrected, CONSTANTS, space)
        value = formulas.part(column, space)
        nothing = Leaf(np.full(len(members), first + 2), CONSTANTS, space)
        space.leaves += [chooses, nothing]
        terms.append(Applied(WHERE, [chooses, value, nothing]))
    return Added(terms, [])


def unite_readers(formulas: "Formulas") -> None:
    """Have what a sum reads of a group, and of the one that corrects it, be terms of one kind."""
    consumers, codes = formulas.groups.consumers, formulas.groups.codes
    for g, correction in formulas.corrections.items():
        known: dict[Any, int] = {}
        for kind in (correction.group, g):
            for term in _readers(formulas, kind):
                while not formulas.is_root[term] and codes[consumers[term]] != ADD:
                    term = consumers[term]
                if formulas.is_root[term] or formulas.run_of[term] >= 0:
                    continue
                total = consumers[term]
                read: list[int] = []
                shape = shape_of(formulas, int(formulas.slots_of(term)[0]), read)
                key = total, shape, tuple(correction.group if h == g else h for h in read)
                if known.setdefault(key, term) != term and _may_be_loop(formulas, total):
                    formulas.alias[term] = formulas.alias[known[key]]
                    formulas.is_loop[total] = True


def _may_be_loop(formulas: "Formulas", g: int) -> bool:
    """Tell whether a sum may be a loop: outside scans, and in no other sum's loop."""
    if formulas.run_of[g] >= 0:
        return False
    while not formulas.is_root[g]:
        g = formulas.groups.consumers[g]
        if formulas.is_loop[g]:
            return False
    return True


def _corrections_by(formulas: "Formulas", arrays: "Partition", g: int) -> list[Correction]:
    """Return what a group may correct, if it does."""
    import numpy as np

    if not _is_plain(formulas, g) or formulas.groups.codes[g] != ADD:
        return []
    slots = formulas.slots_of(g)
    owner, kinds, terms = formulas.classes(slots)
    order = np.lexsort((kinds, owner))
    kinds, terms = (column[order].reshape(len(slots), -1) for column in (kinds, terms))
    found = []
    for k, kind in enumerate(kinds[0].tolist()):
        started = terms[:, k]
        if (
            kind not in formulas.united
            or (kinds[:, k] != kind).any()
            or arrays.find(kind) != arrays.find(g)
            or not _is_plain(formulas, kind)
            or (formulas.uses[started] != 1).any()
            or _first_reader(formulas, kind, g) <= g
        ):
            continue
        members = formulas.slots_of(kind)
        places = np.searchsorted(members, started)
        added = _for_all(formulas, members, places, [terms[:, j] for j in range(terms.shape[1]) if j != k])
        if added is None:
            continue
        is_corrected = np.zeros(len(members), dtype=np.int64)
        is_corrected[places] = 1
        merged = members.copy()
        merged[places] = slots
        found.append(Correction(kind, is_corrected, merged, added))
    return found


def _is_plain(formulas: "Formulas", g: int) -> bool:
    """Tell whether a group is an array of its own, outside scans, and neither a long sum nor a choice."""
    first = formulas.members[formulas.starts[g]]
    is_chosen = formulas.sum_of[first] >= 0 and formulas.codes[first] == WHERE
    return bool(formulas.is_root[g] and formulas.run_of[g] < 0 and not formulas.is_loop[g] and not is_chosen)


def _first_reader(formulas: "Formulas", kind: int, but: int) -> int:
    """Return the first array, other than one, whose formula reads a group."""
    first = formulas.groups.n
    for g in _readers(formulas, kind):
        while g >= 0 and not formulas.is_root[g]:
            g = formulas.groups.consumers[g]
        if g not in (-1, but):
            first = min(first, g)
    return first


def _readers(formulas: "Formulas", kind: int) -> list[int]:
    """Return the groups that read a group."""
    import numpy as np

    n = formulas.program.n_slots
    is_read = np.zeros(n + 1, dtype=bool)
    is_read[:n] = formulas.group_of == kind
    found = [formulas.group_of[is_read[column]] for column in formulas.operands]  # -1, no operand, is none of them
    of_sum = np.empty(len(formulas.term_starts) - 1, dtype=np.int64)
    sums = np.flatnonzero(formulas.sum_of >= 0)
    of_sum[formulas.sum_of[sums]] = sums
    terms = np.flatnonzero(is_read[formulas.terms])
    found.append(formulas.group_of[of_sum[np.searchsorted(formulas.term_starts, terms, side="right") - 1]])
    return [g for g in distinct(np.concatenate(found)).tolist() if g >= 0]  # partial sums are in none


def _for_all(formulas: "Formulas", members: Any, places: Any, terms: list[Any]) -> list[Any] | None:
    """Return columns of what is added for all members of a group, found from what is for some of them.

    It is one slot for all, or one for all members that read the same number somewhere: those of a row.
    """
    import numpy as np

    known: dict[int, Any] = {}
    for j, term in enumerate(terms):
        if not _is_cheap(formulas, int(term[0])):
            return None
        same = term == term[0]
        if formulas.codes[term[0]] == CONSTANT:
            values = formulas.pool[formulas.pool_places[term]].view(np.int64)
            same = (formulas.codes[term] == CONSTANT) & (values == values[0])
        if same.all():
            known[j] = np.full(len(members), term[0])
    if len(known) < len(terms):
        for read in _columns_read(formulas, members):
            rows, first, which = np.unique(read[places], return_index=True, return_inverse=True)
            row = np.minimum(np.searchsorted(rows, read), len(rows) - 1)
            others = [j for j in range(len(terms)) if j not in known]
            if (rows[row] == read).all() and all((terms[j][first][which] == terms[j]).all() for j in others):
                known |= {j: terms[j][first][row] for j in others}
                break
        else:
            return None
    return [known[j] for j in range(len(terms))]


def _columns_read(formulas: "Formulas", members: Any) -> list[Any]:
    """Return what the formula of a group reads, each a column of slots; not what stands in its sums."""
    found = []
    pending = [column[members] for column in formulas.operands if column[members[0]] >= 0]
    while pending:
        read = pending.pop()
        code, g = formulas.codes[read[0]], formulas.group_of[read[0]]
        if code == INPUT or (g >= 0 and formulas.is_root[g]):
            found.append(read)
        elif g >= 0 and formulas.sum_of[read[0]] < 0:
            pending += [column[read] for column in formulas.operands if column[read[0]] >= 0]
    return found


def _is_cheap(formulas: "Formulas", slot: int) -> bool:
    """Tell whether a formula is but a few operations on what is there already."""
    pending = [slot]
    while pending:
        slot = pending.pop()
        g = formulas.group_of[slot]
        if formulas.codes[slot] in (INPUT, CONSTANT) or formulas.is_root[g]:
            continue
        if formulas.codes[slot] not in CHEAP:
            return False
        pending += [int(column[slot]) for column in formulas.operands if column[slot] >= 0]
    return True
