"""What a node's `.grad` holds, beside what this root alone gives: where the difference comes from, if that can be told.

An explanation is given only when numbers support it: a multiple that all leaves share, a root whose own gradient is the
1 that a pass leaves there, the gradient that the older data give. Otherwise it is said that none fits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slopewise.basics.shown_numbers import shown
from slopewise.engine import Value
from slopewise.engine.reading import gradients_afresh, is_constant, survey
from slopewise.engine.value import is_made, was_written
from slopewise.stories.formula import Name, text
from slopewise.stories.near_numbers import is_near, is_zero, ratio_of, sum_of, whole_number
from slopewise.stories.older_data import gradient_as_built
from slopewise.views.between import Between
from slopewise.views.names import Names
from slopewise.views.path_sums import finite_factors, sums_below
from slopewise.views.staleness import Stale, stale_values

_MOST_ROOTS = 20  # other roots that are tried
_MOST_NODES = 200_000  # in all of them together
_MOST_CANDIDATES = 5  # nodes below whose pass may have come first


@dataclass(frozen=True, slots=True)
class StoredGradient:
    """What `.grad` of the leaf holds, and which explanation fits.

    Attributes:
        held: What it holds.
        difference: held − total; None where the two cannot be subtracted.
        fits: "agrees"; "not run"; "earlier passes"; "another root"; "set by hand"; "data changed"; or "nothing".
        sentence: The answer in words, with the numbers.
        stale: What was assigned since the graph was built.
    """

    held: Any
    difference: Any
    fits: str
    sentence: str
    stale: tuple[Stale, ...]

    @property
    def agrees(self) -> bool:
        """Whether `.grad` holds this root's gradient."""
        return self.fits == "agrees"


def stored_gradient(
    leaf: Value, root: Value, part: Between, total: Any, names: Names, in_sight: Mapping[str, Value]
) -> StoredGradient:
    """Compare what `.grad` holds with this root's gradient, and look for what explains a difference.

    Args:
        leaf: The node that is asked about.
        root: The root.
        part: The graph between them.
        total: This root's gradient, computed afresh.
        names: What the nodes are called.
        in_sight: The Values that the caller holds, by name.
    """
    operands = list(part.operands_of_everything)
    stale = stale_values(list(part.everything), operands, names)
    return _Question(leaf, root, part, total, names, in_sight, stale).answer()


class _Question:
    def __init__(
        self,
        leaf: Value,
        root: Value,
        part: Between,
        total: Any,
        names: Names,
        in_sight: Mapping[str, Value],
        stale: tuple[Stale, ...],
    ) -> None:
        self.leaf, self.root, self.part, self.total = leaf, root, part, total
        self.names, self.in_sight, self.stale = names, in_sight, stale
        self.held = leaf.grad
        self.grad = f"{_name(names, leaf)}.grad"
        self.top = _name(names, root)

    def answer(self) -> StoredGradient:
        found = (
            self._plain()
            or self._changed()
            or self._larger()
            or self._other_root()
            or self._passes()
            or self._earlier_root()
        )
        fits, sentence = found or self._left_over()
        try:
            difference = self.held - self.total
        except (TypeError, ArithmeticError):
            difference = None
        return StoredGradient(self.held, difference, fits, sentence, self.stale)

    @property
    def has_run(self) -> bool:
        """Whether a pass from this root has left its mark: the root's gradient is 1."""
        return was_written(self.root) and is_near(self.root.grad, 1)

    # ------------------------------------------------------------------ one explanation each

    def _plain(self) -> tuple[str, str] | None:
        """It agrees, was never written, or is no number."""
        held, right = self.held, shown(self.total)
        if is_near(held, self.total) and was_written(self.leaf):
            return "agrees", f"{self.grad} holds this."
        if held is None:
            return "set by hand", f"{self.grad} is None: that was set by hand. {self._run()}"
        if not was_written(self.leaf):
            if was_written(self.root):
                above = self._step_not_taken()
                such = f", such as {above}._backward()," if above else ""
                return "not run", (
                    f"Not run as far as {_name(self.names, self.leaf)}: {self.top}.grad was written, but the steps"
                    f"{such} that lead to {self.grad} were not taken (or zero_grad() cleared it since). {self._run()}"
                )
            return "not run", (
                f"Not run: neither a pass nor you wrote {self.grad} (or zero_grad() cleared it since). {self._run()}"
            )
        if is_zero(held):
            if self.has_run:
                return "set by hand", (
                    f"{self.grad} is 0, not {right}: the pass from {self.top} has been run, and {self.grad} was set to "
                    f"0 by hand, as zero_grad() of a model does."
                )
            return "not run", (
                f"{self.grad} is 0, not {right}: it was set to 0, and backward() was not run on {self.top} since. "
                f"{self._run()}"
            )
        return None

    def _step_not_taken(self) -> str:
        """Return the name of a node that has a gradient and could hand it on to the leaf, "" when there is none."""
        for node, targets in zip(self.part.nodes, self.part.targets, strict=True):
            if 0 in targets and was_written(node) and self.names.is_given(node):
                return _name(self.names, node)
        return ""

    def _run(self) -> str:
        return f"{self.top}.backward() would make it {shown(self.total)}."

    def _changed(self) -> tuple[str, str] | None:
        """The pass was run with the numbers that the graph was built with, and some were assigned since."""
        if not self.stale or any(s.built is None for s in self.stale):
            return None
        older = gradient_as_built(self.part, {id(s.value): s.built for s in self.stale})
        what = f"{_stale_words(self.stale)}. "
        if is_near(self.held, older):
            return "data changed", (
                f"{what}With the older data the gradient is {shown(older)}, which is what {self.grad} holds: data "
                f"changed after the pass. backward() run now would give {shown(self.total)}."
            )
        for before, after in ((2, 0), (3, 0), (1, 1), (2, 1), (1, 2)):
            if not is_made(self.leaf) and is_near(self.held, before * older + after * self.total):
                sum_of = _times(before, older) + (f" + {_times(after, self.total, True)}" if after else "")
                return "data changed", (
                    f"{what}{self.grad} = {shown(self.held)} = {sum_of}: {_passes(before)} with the older data"
                    f"{f' and {_passes(after)} with the data of now' if after else ''}, without zeroing in between."
                )
        return None

    def _larger(self) -> tuple[str, str] | None:
        """The root is part of something larger, whose pass was run."""
        above = self.root.grad
        if not was_written(self.root) or is_near(above, 1) or is_zero(above) or above is None:
            return None
        if self.leaf is self.root:
            larger = self._found_above(above)
            if larger:
                return "another root", f"{self.top} is part of {larger}, whose pass gives {self.grad} = {shown(above)}."
            return None
        try:
            fits = is_near(self.held, above * self.total)
        except (TypeError, ArithmeticError):
            return None
        if fits:
            of = self._found_above(above) or "something larger"
            return "another root", (
                f"{self.top}.grad is {shown(above)}, not 1: {self.top} is part of {of}, and backward() was run "
                f"there. {shown(above)} · {_bracketed(self.total)} = {shown(self.held)} is what {self.grad} holds."
            )
        return None

    def _found_above(self, gradient: Any) -> str:
        for name, _, found in self._roots_in_sight():
            if is_near(found.get(id(self.root)), gradient):
                return _name_of_text(name)
        return ""

    def _other_root(self) -> tuple[str, str] | None:
        """Another root's pass was run instead of this one's, or as well."""
        roots = self._roots_inside()
        for name, _, found in self._roots_in_sight():
            if not is_zero(found.get(id(self.leaf), 0)):
                roots.append((_name_of_text(name), found[id(self.leaf)]))
        for name, gradient in roots:
            if is_near(self.held, gradient):
                return "another root", (
                    f"{self.grad} = {shown(self.held)} is what {name}.backward() gives: {name}.grad is 1, as its own "
                    f"pass leaves it. The gradient by {self.top} is {shown(self.total)}."
                )
        if is_made(self.leaf):
            return None  # passes do not add up here
        for some in [[root] for root in roots] + ([roots] if len(roots) > 1 else []):
            gradients = [gradient for _, gradient in some]
            shares = " + ".join(f"{_bracketed(gradient)} (from {name})" for name, gradient in some)
            if is_near(self.held, sum_of([self.total, *gradients])):
                return "another root", (
                    f"{self.grad} = {shown(self.held)} = {shown(self.total)} (from {self.top}) + {shares}: gradients "
                    f"of several roots add up in {_name(self.names, self.leaf)}."
                )
            if len(some) > 1 and is_near(self.held, sum_of(gradients)):
                return "another root", (
                    f"{self.grad} = {shown(self.held)} = {shares}, without a pass from {self.top}, which would give "
                    f"{shown(self.total)}."
                )
        return None

    def _roots_inside(self) -> list[tuple[str, Any]]:
        """Return nodes below the root that a pass was run from, as their gradient of 1 tells, and what it gave."""
        part = self.part
        found = [
            i
            for i in range(len(part.nodes) - 2, 0, -1)
            if was_written(part.nodes[i])
            and is_near(part.nodes[i].grad, 1)
            and not (was_written(self.root) and is_near(part.gradients[i], 1))
        ][:_MOST_ROOTS]
        if not found:
            return []
        below = sums_below(part, finite_factors(part))
        return [(_name(self.names, part.nodes[i]), below[i]) for i in found]

    def _roots_in_sight(self) -> list[tuple[str, Value, dict[int, Any]]]:
        """Return other roots that a pass was run from, and their gradients by the node's id."""
        inside = {id(node) for node in self.part.nodes}
        found: list[tuple[str, Value, dict[int, Any]]] = []
        size = 0
        for name, value in self.in_sight.items():
            if id(value) in inside or not is_made(value) or not was_written(value) or not is_near(value.grad, 1):
                continue
            nodes, _ = survey(value)
            size += len(nodes)
            if size > _MOST_NODES or len(found) >= _MOST_ROOTS:
                break
            inside.add(id(value))
            if any(node is self.leaf or node is self.root for node in nodes):
                gradients = gradients_afresh(value, nodes)
                found.append((name, value, {id(n): g for n, g in zip(nodes, gradients, strict=True)}))
        return found

    def _passes(self) -> tuple[str, str] | None:
        """Several passes added up, or every gradient was scaled."""
        ratio = ratio_of(self.held, self.total)
        if ratio is None:
            return None
        others = self._ratios_of_other_leaves()
        times = whole_number(ratio)
        alike = bool(others) and all(is_near(r, ratio) for r in others)
        if times is not None and times > 1 and (alike or not others or is_made(self.leaf)):
            if is_made(self.leaf):
                return "set by hand", (
                    f"{self.grad} = {shown(self.held)} = {_times(times, self.total)}. A pass sets an inner node's "
                    f"gradient anew, so passes do not add up here; steps taken by hand with _backward() do."
                )
            also = f", and {_every(len(others) + 1)} leaves hold {times} times theirs" if others else ""
            return "earlier passes", (
                f"{self.grad} = {shown(self.held)} = {_times(times, self.total)}: that is what {times} passes add up "
                f"to{also}. Zero the gradients between two passes."
            )
        if others and all(is_near(r, 1) for r in others) and self.has_run and not is_made(self.leaf):
            many = f"all {len(others)} other leaves hold" if len(others) > 1 else "the other leaf holds"
            return "set by hand", (
                f"{self.grad} is {shown(self.held)}, not {shown(self.total)}, while {many} just what the pass from "
                f"{self.top} gives. A pass reaches every leaf, so {self.grad} was written by hand, or was not 0 before."
            )
        if alike and not is_made(self.leaf):
            return "set by hand", (
                f"{self.grad} = {shown(self.held)} is {shown(ratio)} times {shown(self.total)}, and so it is for "
                f"{_every(len(others) + 1)} leaves. They were scaled by hand (clipping does that), or the pass came "
                f"from a multiple of {self.top}."
            )
        return None

    def _ratios_of_other_leaves(self) -> list[Any]:
        found = []
        for node, gradient in zip(self.part.everything, self.part.gradients_of_everything, strict=True):
            if node is not self.leaf and not is_made(node) and not is_constant(node) and was_written(node):
                ratio = ratio_of(node.grad, gradient)
                if ratio is not None:
                    found.append(ratio)
        return found

    def _rests(self) -> list[tuple[Value, Any]]:
        """Return, for every leaf that was written, what it holds beyond this pass."""
        found = []
        for node, gradient in zip(self.part.everything, self.part.gradients_of_everything, strict=True):
            if not is_made(node) and not is_constant(node) and was_written(node):
                try:
                    rest = node.grad - gradient
                except (TypeError, ArithmeticError):
                    rest = None
                found.append((node, 0 if rest is None or is_near(node.grad, gradient) else rest))
        return found

    def _earlier_root(self) -> tuple[str, str] | None:
        """A pass from a node below came first, and this root's pass has written over its mark: all leaves tell."""
        rests = self._rests()
        if is_made(self.leaf) or not self.has_run or len(rests) < 2:
            return None
        below = sums_below(self.part, finite_factors(self.part))
        rest = next((r for node, r in rests if node is self.leaf), None)
        candidates = [i for i in range(len(below) - 2, 0, -1) if rest is not None and is_near(below[i], rest)]
        for i in candidates[:_MOST_CANDIDATES]:
            node = self.part.nodes[i]
            nodes, _ = survey(node)
            by_node = {id(n): g for n, g in zip(nodes, gradients_afresh(node, nodes), strict=True)}
            if all(is_near(r, by_node.get(id(n), 0)) for n, r in rests):
                name = _name(self.names, node)
                return "another root", (
                    f"{self.grad} = {shown(self.held)} = {shown(self.total)} (from {self.top}) + {_bracketed(rest)} "
                    f"(from {name}): what {name}.backward() gives is in {_every(len(rests))} leaves besides."
                )
        return None

    def _left_over(self) -> tuple[str, str]:
        """Nothing explains the difference for certain: say what is known."""
        stale = f"{_stale_words(self.stale)}. " if self.stale else ""
        if not self.has_run:
            return "nothing", (
                f"{stale}{self.grad} is {shown(self.held)}, not {shown(self.total)}, and no pass was run from "
                f"{self.top}: it was left there by the pass of another graph, or set by hand. {self._run()}"
            )
        try:
            rest = shown(self.held - self.total)
        except (TypeError, ArithmeticError):
            return "nothing", f"{stale}{self.grad} is {shown(self.held)}, not {shown(self.total)}."
        if is_made(self.leaf):
            return "nothing", (
                f"{stale}{self.grad} is {shown(self.held)}, not {shown(self.total)}: {rest} is not from the pass from "
                f"{self.top}. It was set by hand, or another root out of sight was the last to run."
            )
        rests = self._rests()
        if len(rests) > 1 and all(not is_zero(r) for _, r in rests):
            return "earlier passes", (
                f"{stale}{self.grad} is {shown(self.held)}: {shown(self.total)} from the pass from {self.top}, and "
                f"{rest} that was there before. {_every(len(rests)).capitalize()} leaves hold more than this pass "
                f"gives, as they do when gradients are not zeroed after an earlier pass over other data."
            )
        return "nothing", (
            f"{stale}{self.grad} is {shown(self.held)}, not {shown(self.total)}: {rest} is not from the pass from "
            f"{self.top}. An earlier pass over other data that was not zeroed would look like this, and so would a "
            f"number set by hand; the numbers do not tell which."
        )


def stored_elsewhere(leaf: Value, root: Value, names: Names, in_sight: Mapping[str, Value]) -> StoredGradient:
    """Say what `.grad` holds of a node that root does not depend on.

    Args:
        leaf: The node.
        root: The root.
        names: What the nodes are called.
        in_sight: The Values that the caller holds, by name.
    """
    held = leaf.grad
    if is_zero(held):
        return StoredGradient(held, held, "agrees", "", ())
    grad = f"{_name(names, leaf)}.grad"
    for name, value in list(in_sight.items())[: _MOST_CANDIDATES * 100]:
        if value is not root and is_made(value) and was_written(value) and is_near(value.grad, 1):
            nodes, _ = survey(value)
            if len(nodes) < _MOST_NODES:
                for node, gradient in zip(nodes, gradients_afresh(value, nodes), strict=True):
                    if node is leaf and is_near(held, gradient):
                        sentence = f"{grad} holds {shown(held)}, which is from {_name_of_text(name)}.backward()."
                        return StoredGradient(held, held, "another root", sentence, ())
    sentence = f"{grad} holds {shown(held)}, which is not from {_name(names, root)}."
    return StoredGradient(held, held, "nothing", sentence, ())


# ---------------------------------------------------------------------- words


def _times(times: int, number: Any, behind: bool = False) -> str:
    if times == 1:
        return _bracketed(number) if behind else shown(number)
    return f"{times} · {_bracketed(number)}"


def _bracketed(number: Any) -> str:
    words = shown(number)
    return f"({words})" if words.startswith("−") or " " in words else words


def _every(count: int) -> str:
    return "both" if count == 2 else f"all {count}"


def _passes(count: int) -> str:
    return "one pass" if count == 1 else f"{count} passes"


def _stale_words(stale: tuple[Stale, ...]) -> str:
    words = stale[0].sentence
    if len(stale) > 1:
        words += f", and {len(stale) - 1} other value{'s' * (len(stale) > 2)} changed too"
    return words


def _name(names: Names, node: Value) -> str:
    return text(Name(names.of(node)))


def _name_of_text(name: str) -> str:
    return text(Name(name))
