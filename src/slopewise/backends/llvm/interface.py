"""`Interface`: where a kernel's entry point finds its inputs and leaves its outputs, and of how many bits they are."""

from dataclasses import dataclass

__all__ = ["DOUBLES", "Interface"]


@dataclass(frozen=True, slots=True)
class Interface:
    """How a kernel is called.

    Attributes:
        apart: Runs of inputs, each from one to before another, that stand elsewhere than the others: the entry point
            takes an address of their own for each, behind its other arguments.
        single: Which of those runs hold numbers of 32 bits, by their position; all other inputs are doubles.
        is_single_out: Whether the outputs are numbers of 32 bits.
    """

    apart: tuple[tuple[int, int], ...] = ()
    single: frozenset[int] = frozenset()
    is_single_out: bool = False

    def size_of(self, number: int) -> int:
        """Return how many bytes a number of one of the runs takes."""
        return 4 if number in self.single else 8

    @property
    def output_size(self) -> int:
        """How many bytes an output takes."""
        return 4 if self.is_single_out else 8


DOUBLES = Interface()
"""All inputs side by side, all numbers doubles."""
