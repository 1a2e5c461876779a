"""`Partition`: things that are put together two by two, and which of them are together.

Source: R. E. Tarjan, Efficiency of a good but not linear set union algorithm, JACM 22 (1975); with path halving.
"""

from collections.abc import Iterable

__all__ = ["Partition"]


class Partition:
    """The numbers below n in sets; at first each is alone.

    Args:
        n: How many there are.

    Example:
        >>> partition = Partition(4)
        >>> partition.unite([3, 1])
        >>> [partition.find(i) for i in range(4)]
        [0, 1, 2, 1]
    """

    def __init__(self, n: int) -> None:
        self._parent = list(range(n))

    def add(self) -> int:
        """Add a number that is alone, and return it."""
        self._parent.append(len(self._parent))
        return len(self._parent) - 1

    def find(self, x: int) -> int:
        """Return the least number that is together with one."""
        parent = self._parent
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    def unite(self, members: Iterable[int]) -> None:
        """Put some numbers, and all that are together with them, into one set."""
        roots = {self.find(int(member)) for member in members}
        least = min(roots)
        for root in roots:
            self._parent[root] = least
