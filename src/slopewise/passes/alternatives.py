"""Alternatives: groups that take each other's place among the terms of sums share an array."""

from typing import TYPE_CHECKING, Any

from slopewise.ir import CONSTANT, INPUT
from slopewise.ir.operations import ADD, POWER
from slopewise.passes.columns import distinct

if TYPE_CHECKING:
    from slopewise.passes.formulas import Formulas
    from slopewise.passes.partition import Partition

__all__ = ["shape_of", "unite_alternatives"]


def unite_alternatives(formulas: "Formulas", arrays: "Partition") -> None:
    """Put groups into one array that take each other's place among the terms of a sum.

    A weight's gradient is a sum over samples of a product with what the sample's error is; and that may be one
    formula for the label and another for the other classes. Which of them it is differs from weight to weight, but
    that there is one does not.
    """
    import numpy as np

    for g in np.flatnonzero(formulas.is_loop).tolist():
        slots = formulas.slots_of(g)
        owner, kinds, terms = formulas.classes(slots)
        alike: dict[Any, list[tuple[int, Any, list[int]]]] = {}
        for kind in distinct(kinds).tolist():
            if kind < 0 or formulas.is_root[kind] or formulas.run_of[kind] >= 0:
                continue
            chosen = kinds == kind
            counts = np.bincount(owner[chosen], minlength=len(slots))
            if (counts == counts[0]).all():
                continue
            read: list[int] = []
            shape = shape_of(formulas, int(terms[chosen][0]), read)
            alike.setdefault(shape, []).append((kind, counts, read))
        for members in alike.values():
            total = sum(counts for _, counts, _ in members)
            places = [sorted(set(groups)) for groups in zip(*(read for _, _, read in members), strict=True)]
            differ = [groups for groups in places if len(groups) > 1]
            if (
                len(members) < 2
                or (total != total[0]).any()
                or any(formulas.run_of[h] >= 0 for groups in differ for h in groups)
            ):
                continue
            for groups in differ:
                arrays.unite(groups)
                formulas.united.update(groups)
            for kind, _, _ in members:
                formulas.alias[kind] = members[0][0]


def shape_of(formulas: "Formulas", slot: int, read: list[int]) -> Any:
    """Return the shape of a formula down to the arrays that it reads, whose groups are listed."""
    code = int(formulas.codes[slot])
    if code in (INPUT, CONSTANT):
        return code
    g = int(formulas.group_of[slot])
    if formulas.is_root[g]:
        read.append(g)
        return "array"
    if code == ADD:
        number = formulas.sum_of[slot]
        terms = formulas.terms[formulas.term_starts[number] : formulas.term_starts[number + 1]]
        return (code, *(shape_of(formulas, int(term), read) for term in terms))
    operands = [int(column[slot]) for column in formulas.operands]
    exponent = formulas.pool[formulas.pool_places[operands[1]]] if code == POWER else 0.0
    return (code, exponent, *(shape_of(formulas, operand, read) for operand in operands if operand >= 0))
