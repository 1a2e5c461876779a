"""Paths in words: what a path goes through, what each of its steps does, and where it dies."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from slopewise.basics.shown_numbers import relation, shown
from slopewise.engine import Value
from slopewise.engine.reading import contributions_of
from slopewise.engine.value import has_own_step, is_made, number_of, operands_of, operation_of
from slopewise.ops import BY_NAME
from slopewise.stories.formula import Formula, Name, Number, text
from slopewise.stories.slope_formulas import slope_formula
from slopewise.stories.value_formulas import value_formula
from slopewise.views.exact_sums import size_of
from slopewise.views.names import Names
from slopewise.views.path_folding import Folding, Link, Written
from slopewise.views.path_sums import is_finite, is_zero
from slopewise.views.paths import Path

_LONGEST_FORMULA = 20  # of a node without a name, in characters
_DEEPEST = 4  # operations within each other, in such a formula
_MOST_INNER = 3  # nodes that "through" names
_SATURATED = 0.05  # a squashing function passes on less than this


class PathWords:
    """Puts paths into words.

    Args:
        names: What the nodes are called.
        folding: What was written at each node: a node without a name is told by that, if it is short.
    """

    def __init__(self, names: Names, folding: Folding) -> None:
        self.names = names
        self._folding = folding
        self._formulas: dict[int, Formula] = {}
        self._nodes: dict[int, tuple[Value, ...]] = {}

    def node(self, node: Value) -> str:
        """Return a node's name; for one without a name, what was written there if that is short: `a + b`."""
        return text(self.formula(node))

    def formula(self, node: Value) -> Formula:
        """Return the same as a formula."""
        known = self._formulas.get(id(node))
        if known is None:
            known = self._formulas[id(node)] = self._formula(node, _DEEPEST)
        return known

    def _formula(self, node: Value, depth: int) -> Formula:
        name = Name(self.names.of(node)) if self.names.is_given(node) or not is_made(node) else None
        if name is None and depth:
            formula = self._written(node, depth - 1)
            if formula is not None and len(text(formula)) <= _LONGEST_FORMULA:
                return formula
        return name or Name(self.names.of(node))

    def _written(self, node: Value, depth: int) -> Formula | None:
        operation, operands = self._folding.written(node)
        if not operands or len(operands) > 2 * _MOST_INNER:
            return None
        told = tuple(self._operand(written, depth) for written in operands)
        ours = (w for w, formula in zip(operands, told, strict=True) if isinstance(formula, Name) and not w.is_constant)
        if any(is_made(written.value) and not self.names.is_given(written.value) for written in ours):
            return None  # a formula of v1 and v2 tells no more than v3
        return value_formula(operation, told)

    def _operand(self, written: Written, depth: int) -> Formula:
        return Number(written.number) if written.is_constant else self._formula(written.value, depth)

    def written(self, node: Value) -> str:
        """Return what was written at a node: `f = d · e`, or `a + b` for a node without a name."""
        operation, operands = self._folding.written(node)
        formula = text(value_formula(operation, tuple(self._operand(w, _DEEPEST - 1) for w in operands)))
        return f"{text(Name(self.names.of(node)))} = {formula}" if self.names.is_given(node) else formula

    # ------------------------------------------------------------------ what a path goes through

    def ways(self, paths: Sequence[Path]) -> list[str]:
        """Say, for each of several paths, what it goes through and the others do not: "through e"."""
        ways = [self._shortest_way(path, paths) for path in paths]
        alike = Counter(ways)
        return [
            way if alike[way] == 1 else ", ".join(filter(None, (way if way != "directly" else "", self.roles(path))))
            for way, path in zip(ways, paths, strict=True)
        ]

    def _shortest_way(self, path: Path, paths: Sequence[Path]) -> str:
        inner = path.nodes[1:-1]
        if not inner:
            return "directly"
        others = [{id(node) for node in other.nodes[1:-1]} for other in paths if other is not path]
        for node in (inner[-1], inner[0], *inner[1:-1][:100]):
            if not any(id(node) in nodes for nodes in others):
                return f"through {self.node(node)}"
        for node in inner[:100]:
            if node is not inner[-1] and not any(id(node) in n and id(inner[-1]) in n for n in others):
                return f"through {self.node(node)} and {self.node(inner[-1])}"
        jump = self._own_jump(path, paths)
        if jump is not None:
            return f"from {self.node(jump.node)} straight to {self.node(jump.operand)}"
        turns = [node for node in self.turns(path, paths) if node is not path.nodes[-1]]
        if turns and len(turns) <= _MOST_INNER:
            return "through " + _listed([self.node(node) for node in turns])
        if len(inner) <= _MOST_INNER:
            return "through " + _listed([self.node(node) for node in inner])
        begin, end = (turns[0], turns[-1]) if len(turns) > 1 else (inner[0], inner[-1])
        return f"through {self.node(begin)}, …, {self.node(end)}"

    def _own_jump(self, path: Path, paths: Sequence[Path]) -> Link | None:
        """Return a step that no other path takes and that passes by nodes of theirs; None when there is none."""
        others = {(id(link.node), id(link.operand)) for other in paths if other is not path for link in other.links}
        return next((link for link in path.links[:200] if (id(link.node), id(link.operand)) not in others), None)

    def turns(self, path: Path, paths: Sequence[Path]) -> list[Value]:
        """Return the nodes that a path turns to where other paths that came down with it so far turn elsewhere.

        These nodes, in this order, tell it apart from all others; but for paths through the same nodes, which differ
        in their roles.

        Args:
            path: The path.
            paths: All of the paths that it is to be told from, itself among them.
        """
        nodes = self._nodes_of(path)
        others = [self._nodes_of(other) for other in paths if other is not path]
        alike = [other for other in others if other != nodes]
        found = []
        i = 0
        while alike:
            i += 1
            near = [other for other in alike if len(other) > i and other[i] is nodes[i]]
            if len(near) < len(alike):
                found.append(nodes[i])
                alike = near
        return found

    def _nodes_of(self, path: Path) -> tuple[Value, ...]:
        known = self._nodes.get(id(path))
        if known is None:
            known = self._nodes[id(path)] = path.nodes
        return known

    def roles(self, path: Path) -> str:
        """Say at which of several places a path goes through the same operand: "as left factor"."""
        again = [link for link in path.links if link.is_used_again]
        if not again:
            return ""
        if len(again) == 1:
            return f"as {_role(again[0])}"
        if len(again) <= _MOST_INNER:
            return ", ".join(f"as {_role(link)} of {self.node(link.node)}" for link in again)
        counts = Counter(_role(link) for link in again)
        most, _ = counts.most_common(1)[0]
        rare = [link for link in again if _role(link) != most]
        if len(rare) > 2:
            return _listed([f"{count} times as {role}" for role, count in counts.most_common()])
        exceptions = [f"as {_role(link)} of {self.node(link.node)}" for link in rare]
        return f"{', '.join(exceptions)}, else as {most}" if exceptions else f"always as {most}"

    def chain(self, path: Path, most: int = 7) -> str:
        """Return the nodes of a path with arrows between: `f → e → a`."""
        nodes = path.nodes
        if len(nodes) > most:
            begin = " → ".join(map(self._in_chain, nodes[: most - 4]))
            end = " → ".join(map(self._in_chain, nodes[-2:]))
            return f"{begin} → … {len(nodes) - most + 2:,} more … → {end}"
        return " → ".join(map(self._in_chain, nodes))

    def meaning_of_short_names(self, path: Path, paths: Sequence[Path]) -> dict[int, str]:
        """Return what was written at the nodes that `turning_chain` calls by a short name of ours: `v5 = a + v4`."""
        found = {}
        for node in self.turns(path, paths):
            name = Name(self.names.of(node))
            if is_made(node) and not self.names.is_given(node) and self.formula(node) == name:
                found[id(node)] = f"{text(name)} = {self.written(node)}"
        return found

    def turning_chain(self, path: Path, paths: Sequence[Path]) -> str:
        """Return a path as its first node, the nodes where it parts from other paths, and its last: `f → … → e → a`.

        Args:
            path: The path.
            paths: The paths that it is to be told from, itself among them.
        """
        nodes = path.nodes
        told_nodes = {id(node) for node in self.turns(path, paths)}
        words: list[str] = []
        for i, node in enumerate(nodes):
            if i in (0, len(nodes) - 1) or id(node) in told_nodes:
                words.append(self._in_chain(node))
            elif words[-1] != "…":
                words.append("…")
        return " → ".join(words)

    def _in_chain(self, node: Value) -> str:
        words = self.node(node)
        return f"({words})" if " " in words and not words.startswith("‘") else words

    # ------------------------------------------------------------------ what the steps do

    def step(self, link: Link) -> str:
        """Say what a step does: "in f = d · e, e is multiplied by d = −6"."""
        x, factor = self.node(link.operand), shown(link.factor)
        if has_own_step(link.node):
            return self._own_step(link)
        if operation_of(link.node).name == "leaf":
            if is_zero(link.factor):
                return f"{self.node(link.node)} was made by hand and hands nothing down"
            return f"{self.node(link.node)} came with the local derivative {factor} for {x}"
        if link.operation in ("sum", "mean"):
            top = self.names.of(link.node) if self.names.is_given(link.node) else f"the {link.operation}"
            terms = f"{top} is a {link.operation} of {len(link.operands):,}"
            if not self.names.is_given(link.node):
                terms = f"in the {link.operation} of {len(link.operands):,} terms"
                return f"{terms}, {x} counts {'once' if link.operation == 'sum' else factor}"
            return f"{terms}, in which {x} counts {'once' if link.operation == 'sum' else factor}"
        where = f"in {self.written(link.node)}"
        match link.operation:
            case "addition":
                return f"{where}, {x} is added as it is"
            case "subtraction":
                return f"{where}, {x} is subtracted" if link.role == "subtracted" else f"{where}, {x} counts as it is"
            case "negation":
                return f"{where}, the sign changes"
            case "product":
                return f"{where}, {x} is multiplied by {self._other(link)}"
            case "division" if link.role == "dividend":
                return f"{where}, {x} is divided by {self._other(link)}"
            case "relu" | "ReLU":
                return f"{where}, relu is {self._relu(link)}"
            case "maximum" | "minimum" | "where":
                return f"{where}, {x} is {'not ' if is_zero(link.factor) else ''}chosen"
            case _:
                squashed = f" ({self._saturated(link)})" if self._saturated(link) else ""
                return f"{where}, the slope is {self._slope(link)}{squashed}"

    def _own_step(self, link: Link) -> str:
        """Say what a step hands on that the user wrote."""
        top, x = self.node(link.node), self.node(link.operand)
        place = next(i for i, operand in enumerate(operands_of(link.node)) if operand is link.operand)
        once, twice = contributions_of(link.node, 1)[place], contributions_of(link.node, 2)[place]
        if not is_zero(once) and size_of(once) == size_of(twice):
            return f"the _backward that was set for {top} hands {x} {shown(once)}, whatever its own gradient is"
        return f"the _backward that was set for {top} hands {x} {shown(link.factor)} times its gradient"

    def _slope(self, link: Link) -> str:
        """Return a step's local derivative, with its formula if that is short: `1 − o² ≈ 0.5`."""
        word, exponent = link.operation, None
        if word == "power" and len(link.operands) == 2:
            by = link.operands[1]
            word, exponent = ("power", by.number) if by.is_constant else ("power_value", None)
        operands = tuple(self._operand(written, 1) for written in link.operands)
        row = operation_of(link.node)
        if BY_NAME.get(row.name) is not row:
            return shown(link.factor)
        formula = slope_formula(word, operands, self.formula(link.node), link.place, exponent)
        if formula is None or isinstance(formula, Number) or len(text(formula)) > _LONGEST_FORMULA:
            return shown(link.factor)
        return f"{text(formula)} {relation(link.factor)}"

    def _other(self, link: Link) -> str:
        other = link.operands[1 - link.place] if len(link.operands) == 2 else link.operands[0]
        if other.is_constant:
            return shown(other.number)
        return f"{self.node(other.value)} {relation(other.number)}"

    def _relu(self, link: Link) -> str:
        x, number = self.node(link.operand), number_of(link.operand)
        if is_zero(link.factor):
            return f"off: {x} {relation(number)} is not above 0"
        return f"on: {x} {relation(number)} is above 0"

    def _saturated(self, link: Link) -> str:
        if link.operation in ("tanh", "sigmoid", "erf") and size_of(link.factor) < _SATURATED:
            return f"{link.operation} is saturated: it gives {shown(number_of(link.node))}"
        return ""

    # ------------------------------------------------------------------ what decides

    def cause(self, link: Link) -> str:
        """Say where a step's factor comes from: "d = −6", "the slope of tanh at n", "the minus before b"."""
        if has_own_step(link.node):
            return f"the _backward of {self.node(link.node)}, which hands on {shown(link.factor)} times its gradient"
        if operation_of(link.node).name == "leaf":
            return f"the local derivative {shown(link.factor)} that {self.node(link.node)} came with"
        match link.operation:
            case "product":
                other = link.operands[1 - link.place] if len(link.operands) == 2 else None
                if other is not None and other.is_constant:
                    return f"the constant {shown(other.number)}"
                return self._other(link)
            case "division" if link.role == "dividend":
                return f"the divisor {self._other(link)}"
            case "subtraction" | "negation":
                return f"the minus before {self.node(link.operand)}"
            case "mean":
                return f"the mean of {len(link.operands):,}, which divides by {len(link.operands):,}"
            case _:
                saturated = self._saturated(link)
                slope = f"the slope of {self.written(link.node)}, {self._slope(link)}"
                return f"{slope} ({saturated})" if saturated else slope

    def death(self, link: Link) -> str:
        """Say why a step hands nothing on."""
        x = self.node(link.operand)
        if has_own_step(link.node):
            return f"at {self.node(link.node)}, whose _backward hands {x} nothing"
        name = f" {text(Name(self.names.of(link.node)))}" if self.names.is_given(link.node) else f" of {x}"
        match link.operation:
            case "relu" | "ReLU":
                return f"at the relu{name}, which is {self._relu(link)}"
            case "product":
                return f"at the product {self.written(link.node)}, where the other factor is {self._other(link)}"
            case "tanh" | "sigmoid" | "erf":
                gives = shown(number_of(link.node))
                return f"at the {link.operation}{name}, which is saturated: it gives {gives}, and its slope there is 0"
            case "maximum" | "minimum" | "where":
                return f"at {self.written(link.node)}, which did not choose {x}"
            case _ if operation_of(link.node).name == "leaf":
                return f"at {self.node(link.node)}, which was made by hand and has no _backward"
            case _:
                return f"at {self.written(link.node)}, whose slope at {x} {relation(number_of(link.operand))} is 0"


def decisive(path: Path) -> list[Link]:
    """Return the step that makes a path large or small, most of the way by itself; none when no step stands out."""
    sized = [(size_of(link.factor), link) for link in path.links]
    apart = [(size, link) for size, link in sized if not 0.5 < size < 2]
    if not apart or not is_finite(path.product) or is_zero(path.product):
        return []
    product = size_of(path.product)
    if 0.5 < product < 2:
        return []
    large = product >= 2
    link = max(apart, key=lambda item: item[0] if large else -item[0])[1]
    return [link] if (size_of(link.factor) >= 2 if large else size_of(link.factor) <= 0.5) else []


def negative_steps(path: Path) -> list[Link]:
    """Return the steps whose factor is negative."""
    return [link for link in path.links if _is_negative(link.factor)]


def first_zero(path: Path) -> Link | None:
    """Return the first step, from the root, that hands nothing on."""
    return next((link for link in path.links if is_zero(link.factor)), None)


def first_wild(path: Path) -> Link | None:
    """Return the first step, from the root, whose factor is not finite."""
    return next((link for link in path.links if not is_finite(link.factor)), None)


def _is_negative(x: Any) -> bool:
    try:
        return bool(x < 0)
    except (TypeError, ValueError):
        return False


def _role(link: Link) -> str:
    return link.role or f"operand {link.place + 1}"


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def count_text(count: int) -> str:
    """Write a count for a reader: `1,602`, `2⁹⁰`, `about 1.267e30`; digit by digit up to 10²⁴.

    Example:
        >>> from slopewise.stories.path_words import count_text
        >>> count_text(1602), count_text(2**90), count_text(10**30)
        ('1,602', '2⁹⁰', 'about 1e30')
    """
    power = "2" + str(count.bit_length() - 1).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    if count < 10**24:
        return f"{count:,}" + (f" ({power})" if count > 10**6 and count.bit_count() == 1 else "")
    return power if count.bit_count() == 1 else f"about {shown(count)}"


def paths_text(count: int) -> str:
    """Write how many paths: `1 path`, `1,602 paths`."""
    return f"{count_text(count)} path{'s' * (count != 1)}"
