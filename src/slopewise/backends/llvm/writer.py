"""`Writer`: LLVM IR text in which every computation stands once, and outside the loops that it does not depend on.

A pure instruction is its own key: the same text in the same block gives the same name. It is placed in the innermost
block that one of its operands comes from, so that code motion and common subexpressions cost nothing here, and no pass
of LLVM has to find them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["Linear", "Number", "Writer"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number, or several side by side, in the text.

    Attributes:
        text: Its name or its digits.
        depth: How many loops stand around the block that computes it.
        lanes: How many numbers it is.
        mask: Of a comparison the truth itself (bits); `text` is empty then.
    """

    text: str
    depth: int
    lanes: int = 1
    mask: str = ""


@dataclass(frozen=True, slots=True)
class Linear:
    """A whole number: a constant and multiples of names in the text.

    Attributes:
        constant: The constant.
        terms: Name, depth and factor; each name once, shallow ones first.
    """

    constant: int
    terms: tuple[tuple[str, int, int], ...] = ()

    def plus(self, constant: int) -> "Linear":
        """Return this and a constant."""
        return Linear(self.constant + constant, self.terms) if constant else self

    def added(self, other: "Linear") -> "Linear":
        """Return the sum of this and another."""
        factors: dict[str, tuple[int, int]] = {}
        for name, depth, factor in (*self.terms, *other.terms):
            factors[name] = (depth, factors.get(name, (depth, 0))[1] + factor)
        terms = sorted((depth, name, factor) for name, (depth, factor) in factors.items() if factor)
        return Linear(self.constant + other.constant, tuple((name, depth, factor) for depth, name, factor in terms))

    @property
    def depth(self) -> int:
        """How many loops stand around it."""
        return max((depth for _, depth, _ in self.terms), default=0)


@dataclass(slots=True)
class Scope:
    """A block in the making: what was written to it, and what can be used again."""

    depth: int
    label: str  # of the block that is being written
    lines: list[str] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)
    writes: frozenset[str] = frozenset()
    is_sure: bool = True
    head: str = ""
    start: str = "0"
    stop: str = "0"
    step: int = 1
    variable: str = ""
    carried: tuple[tuple[str, str, str], ...] = ()


class Writer:
    """Text in the making: a stack of loops, the innermost last."""

    def __init__(self) -> None:
        self.count = 0
        self.scopes = [Scope(0, "entry")]

    @property
    def depth(self) -> int:
        """How many loops are open."""
        return len(self.scopes) - 1

    def new_name(self) -> str:
        """Return a name that nothing bears."""
        self.count += 1
        return f"%v{self.count}"

    def pure(self, instruction: str, depth: int) -> str:
        """Return the name of what an instruction without effect gives; it is written at most once."""
        scope = self.scopes[depth]
        name = scope.known.get(instruction)
        if name is None:
            name = self.new_name()
            scope.known[instruction] = name
            scope.lines.append(f"  {name} = {instruction}")
        return name

    def effect(self, instruction: str) -> None:
        """Write an instruction where we are."""
        self.scopes[-1].lines.append("  " + instruction)

    def whole(self, linear: Linear) -> str:
        """Return a whole number (i64) as an operand."""
        total, depth = "", 0
        for name, its_depth, factor in linear.terms:
            depth = max(depth, its_depth)
            term = name if factor == 1 else self.pure(f"mul i64 {name}, {factor}", its_depth)
            total = term if not total else self.pure(f"add i64 {total}, {term}", depth)
        if not total:
            return str(linear.constant)
        return total if not linear.constant else self.pure(f"add i64 {total}, {linear.constant}", depth)

    def address(self, base: str, offset: int, linear: Linear, size: int) -> tuple[str, int]:
        """Return where an element stands, and the depth of that: `linear` counts elements of `size` bytes."""
        scaled = Linear(0, tuple((name, depth, factor * size) for name, depth, factor in linear.terms))
        place, depth = base, scaled.depth
        if scaled.terms:
            place = self.pure(f"getelementptr i8, ptr {base}, i64 {self.whole(scaled)}", depth)
        constant = offset + linear.constant * size
        if constant:
            place = self.pure(f"getelementptr i8, ptr {place}, i64 {constant}", depth)
        return place, depth

    def load_depth(self, array: str, depth: int) -> int:
        """Return how far out a load may stand: behind what writes the array, and not where it might not happen."""
        for scope in reversed(self.scopes[depth + 1 :]):
            if not scope.is_sure or array in scope.writes:
                return scope.depth
        return depth

    def open_loop(
        self,
        start: str,
        stop: str,
        step: int,
        is_sure: bool,
        writes: frozenset[str] = frozenset(),
        carried: tuple[tuple[str, str], ...] = (),
    ) -> tuple[str, list[str]]:
        """Begin a loop; return its variable and the numbers that it carries, given as pairs of type and first value.

        `is_sure` says that it runs at least once, `writes` which arrays it writes.
        """
        self.count += 1
        scope = Scope(len(self.scopes), f"loop{self.count}", writes=writes, is_sure=is_sure)
        scope.head, scope.start, scope.stop, scope.step = scope.label, start, stop, step
        scope.variable = self.new_name()
        scope.carried = tuple((type_, first, self.new_name()) for type_, first in carried)
        self.scopes.append(scope)
        return scope.variable, [name for _, _, name in scope.carried]

    def close_loop(self, following: Sequence[str] = ()) -> list[str]:
        """End the innermost loop, given what it carries on; return what is carried out."""
        scope = self.scopes.pop()
        around = self.scopes[-1]
        before, out, lines = around.label, f"after{scope.head[4:]}", around.lines
        raised, test, entered = self.new_name(), self.new_name(), self.new_name()
        if scope.is_sure:
            lines.append(f"  br label %{scope.head}")
        else:
            lines.append(f"  {entered} = icmp slt i64 {scope.start}, {scope.stop}")
            lines.append(f"  br i1 {entered}, label %{scope.head}, label %{out}")
        lines.append(f"{scope.head}:")
        lines.append(f"  {scope.variable} = phi i64 [ {scope.start}, %{before} ], [ {raised}, %{scope.label} ]")
        for (type_, first, name), last in zip(scope.carried, following, strict=True):
            lines.append(f"  {name} = phi {type_} [ {first}, %{before} ], [ {last}, %{scope.label} ]")
        lines.extend(scope.lines)
        lines.append(f"  {raised} = add nsw i64 {scope.variable}, {scope.step}")
        lines.append(f"  {test} = icmp slt i64 {raised}, {scope.stop}")
        lines.append(f"  br i1 {test}, label %{scope.head}, label %{out}")
        lines.append(f"{out}:")
        around.label = out
        if scope.is_sure:
            return list(following)
        results = []
        for (type_, first, _), last in zip(scope.carried, following, strict=True):
            results.append(self.new_name())
            lines.append(f"  {results[-1]} = phi {type_} [ {first}, %{before} ], [ {last}, %{scope.label} ]")
        return results
