"""Between which numbers an index lies, whatever the loop variables are."""

from collections.abc import Mapping, Sequence

from slopewise.ir.loops.structure import Affine, Index, Range, Table

Extent = tuple[int, int]  # the least and the greatest number


class Extents:
    """Finds the extents of whole numbers within loops.

    Every loop variable is replaced by its bounds, the innermost first, so that a bound that depends on another variable
    counts as it is: within `for i in 10, j in i + 1 .. 10`, `j - i` lies between 1 and 9. What a table gives lies
    between the least and the greatest of the numbers that may be looked up. Every member lies within the extent; the
    extent may be wider where a loop is empty for some of the members of those around it.

    Args:
        tables: The tables by name.

    Example:
        >>> loops = [
        ...     Range("i", Index(Affine(0)), Index(Affine(10))),
        ...     Range("j", Index(Affine(1, (("i", 1),))), Index(Affine(10))),
        ... ]
        >>> Extents({}).of_affine(Affine(0, (("i", -1), ("j", 1))), loops)
        (1, 9)
    """

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self.tables = tables
        self._of_tables: dict[tuple[str, int, int], Extent] = {}

    def of_affine(self, affine: Affine, scope: Sequence[Range]) -> Extent:
        """Return the extent of a formula within loops, outermost first.

        Raises:
            KeyError: A variable, a table or a number of a table is not there.
        """
        return self._end(affine, scope, -1), self._end(affine, scope, 1)

    def of_index(self, index: Index, scope: Sequence[Range]) -> Extent:
        """Return the extent of an index or a bound.

        Raises:
            KeyError: A variable, a table or a number of a table is not there.
        """
        low, high = self.of_affine(index.affine, scope)
        if index.table is None:
            return low, high
        least, greatest = self._of_table(index.table, self.of_affine(index.at, scope))
        return low + least, high + greatest

    def _of_table(self, name: str, where: Extent) -> Extent:
        key = (name, *where)
        if key not in self._of_tables:
            first, last = where
            values = self.tables[name].values[max(first, 0) : last + 1] if last >= 0 else None
            if not values:
                raise KeyError(name)
            self._of_tables[key] = min(values), max(values)
        return self._of_tables[key]

    def _end(self, affine: Affine, scope: Sequence[Range], side: int) -> int:
        """Return the least (side -1) or the greatest (side 1) number that a formula reaches."""
        total = affine.offset
        factors: dict[str, int] = {}
        for variable, factor in affine.terms:
            factors[variable] = factors.get(variable, 0) + factor
        for place in range(len(scope) - 1, -1, -1):
            loop = scope[place]
            factor = factors.pop(loop.variable, 0)
            if not factor:
                continue
            is_low = factor * side < 0
            bound = loop.start if is_low else loop.stop
            if not is_low:
                total -= factor
            total += factor * bound.affine.offset
            for variable, by in bound.affine.terms:
                factors[variable] = factors.get(variable, 0) + factor * by
            if bound.table is not None:
                where = self.of_affine(bound.at, scope[:place])
                total += factor * self._of_table(bound.table, where)[0 if is_low else 1]
        for variable, factor in factors.items():
            if factor:
                raise KeyError(variable)
        return total
