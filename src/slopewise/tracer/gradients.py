"""`GradientSession`: gradients of Values while a function is traced, and backward passes that are recorded.

What a traced function reads from `.grad`, assigns to it and adds to it by `backward()` stays on the tape: the real
gradients are as they were. A Value that existed before the trace accumulates from what it held, which is an input then.
"""

import math
from collections.abc import Callable
from typing import Any

from slopewise.engine.value import (
    Value,
    has_attributes,
    is_constant_leaf,
    is_lecture,
    is_made,
    made_as,
    mark_of,
    operands_of,
    operation_of,
    rule_operands,
)
from slopewise.ir.operations import ATTACH, DETACH, code_of
from slopewise.ops import BY_NAME
from slopewise.tracer.knowledge import Input, Known
from slopewise.tracer.numbers import Number, Plain, is_plain, plain
from slopewise.tracer.session import Session


class GradientSession(Session):
    """A session that also knows gradients."""

    def read_gradient(self, n: Value) -> Any:
        """Return what `.grad` of a Value is in a traced function."""
        self.check_choice(n)
        known = self.known_of(n)
        if known is None and mark_of(n) < 0:
            known = self.own(n)
        if known is not None and (known.existed or known.gradient is not None or not is_made(n)):
            if known.gradient is None:
                known = self.own(n)
                known.gradient = self._first_gradient(known)
            x = known.gradient
            return self.number(self.detach(self.slot_at(x._place)), x._number) if type(x) is Number else x
        slot = self.slot_of(n)
        for frame in reversed(self.frames):
            bar = frame.bar_of(slot)
            if bar is not None:
                return self.number(self.detach(bar), self.value_at(bar)) if bar >= 0 else self._zero(n)
        return self._zero(n)

    def _zero(self, n: Value) -> Plain:
        return 0.0 if is_lecture(n) else 0

    def _first_gradient(self, known: Known) -> "Number | Plain":
        """Return the gradient that a Value had before the trace: an input."""
        n = known.value
        if not known.existed:
            return self._zero(n)
        number: Any = 0.0
        if id(n) in self.outside:
            number = self.gradient_aside(n)
        if not is_plain(number):
            self.refuse(f"the gradient of {self.named(n)} is {number!r}, no float", "set it to a number first")
        slot = self.keep(self.builder.input(), float(number))
        self.frame.inputs.append(Input(slot, n, "grad"))
        return self.number(slot, float(number))

    def write_gradient(self, n: Value, x: Any) -> None:
        """Assign `.grad` of a Value in a traced function."""
        self.check_choice(n)
        known = self.own(n)
        if x is None:
            x = self._zero(n)
        if isinstance(x, Value):
            x = self.read(x)
        if type(x) is not Number and not is_plain(x):
            self.refuse(f"the gradient of {self.named(n)} is set to {x!r}, no float", "set it to a number")
        known.gradient = x if type(x) is Number else plain(x)
        known.gradient_written = True

    # ------------------------------------------------------------------ backward, inside the traced function

    def backward(self, root: Value) -> None:
        """Run a backward pass symbolically; leaves accumulate, nodes made inside are set afresh."""
        if self.reverse is None:
            self.refuse("backward() is called where nothing can differentiate", "compile it with slopewise.compile")
        assert self.reverse is not None
        self.check_choice(root)
        top = self.slot_of(root)
        seed = self.frozen(1.0)
        begin = self.builder.size
        touched = list(self.frame.known.values())
        moved = {old: known.slots[-1] for known in touched for old in known.slots[:-1]}
        starts = self._starts(touched, top) if self.exact else {}
        begin = self.builder.size
        exact = self.exact or bool(moved)  # a shorter slope may be taken from the result, which has the old number
        if starts:
            bars = self.reverse(self.builder, [top], [seed], self.frame.start, exact=True, starts=starts)
        else:
            bars = self.reverse(self.builder, [top], [seed], self.frame.start, exact=exact)
        if moved:  # local derivatives are taken at the numbers that operands hold now
            self.redirect(begin, moved)
        self.evaluate(begin)
        below: list[tuple[Value, int]] = []
        for known in touched:
            if is_made(known.value) and not known.existed:
                known.gradient = None
                continue
            found = [bars[slot] for slot in known.slots if slot < len(bars) and bars[slot] >= 0]
            if is_made(known.value):
                if found:
                    below.append((known.value, found[0]))
            elif known.slots[0] in starts:
                if found and found[0] != starts[known.slots[0]]:
                    known.gradient = self.number(found[0], self.value_at(found[0]))
                    known.gradient_written = True
            elif found and known.value is not root:
                self._accumulate(known, found)
        self.frame.passes.append(bars)
        self._add_to_outer(bars)
        self._go_on_below(below)
        if is_made(root):
            self.frame.note_bar(top, seed)
        else:
            self.write_gradient(root, 1.0 if is_lecture(root) else 1)

    def _go_on_below(self, reached: list[tuple[Value, int]]) -> None:
        """Take the pass on through graphs that were there before the trace, step by step, as eagerly."""
        graph: dict[int, Value] = {}
        stack = [n for n, _ in reached]
        while stack:
            n = stack.pop()
            if id(n) not in graph:
                graph[id(n)] = n
                stack.extend(x for x in operands_of(n) if is_made(x))
        for n in graph.values():
            self.write_gradient(n, self._zero(n))
        for n, bar in reached:
            self.write_gradient(n, self.number(bar, self.value_at(bar)))
        for n in sorted(graph.values(), key=made_as, reverse=True):
            n._backward()

    def _starts(self, touched: list[Known], top: int) -> dict[int, int]:
        """Return where the sums of leaves begin in exact mode: at the gradients that they hold, as eagerly."""
        starts = {}
        for known in touched:
            is_leaf = not is_made(known.value)
            if is_leaf and len(known.slots) == 1 and known.slots[0] != top:
                if known.gradient is None:
                    known.gradient = self._first_gradient(known)
                starts[known.slots[0]] = self.slot_of_result(known.gradient)
        return starts

    def _accumulate(self, known: Known, found: list[int]) -> None:
        before = self.read_gradient(known.value) if known.gradient is None else known.gradient
        total: int
        if type(before) is Number:
            total = self.slot_at(before._place)
        elif before == 0 and not self.exact:
            total = -1
        else:
            total = self.frozen(float(before))
        for bar in found:
            total = bar if total < 0 else self.emit_operation(code_of("add"), (total, bar))
        known.gradient = self.number(total, self.value_at(total))
        known.gradient_written = True

    def _add_to_outer(self, bars: Any) -> None:
        """Hand what reaches Values of an outer trace to those that are known by name there."""
        for frame in self.frames[:-1]:
            for outer in list(frame.known.values()):
                slot = outer.slots[-1]
                if slot < len(bars) and bars[slot] >= 0 and id(outer.value) not in self.frame.known:
                    self._accumulate(self.own(outer.value), [bars[slot]])

    def clear_gradients(self, root: Value) -> None:
        """Set the gradient of a Value and of all below it to 0."""
        seen = {id(root)}
        stack = [root]
        while stack:
            n = stack.pop()
            self.check_choice(n)
            known = self.known_of(n)
            if known is not None or not is_made(n):
                self.write_gradient(n, self._zero(n))
            elif mark_of(n) >= 0:
                self.frame.note_bar(self.slot_of(n), -1)
            for operand in operands_of(n):
                if id(operand) not in seen and not (is_constant_leaf(operand) and mark_of(operand) < 0):
                    seen.add(id(operand))
                    stack.append(operand)

    def propagate(self, n: Value) -> None:
        """Take one built-in step of the backward pass, called by hand."""
        gradient = self.read_gradient(n)
        operands = rule_operands(n)
        row = operation_of(n)
        given = n.__dict__.get("_local_grads") if has_attributes(n) else None
        if given is None and row.name == "leaf":
            return
        partials = given if given is not None else row.derivative(*map(self.raw, operands), self.raw(n))
        count = 1 if row.name == "power" else len(operands)
        for operand, partial in list(zip(operands, partials, strict=True))[:count]:
            if is_constant_leaf(operand) and mark_of(operand) < 0:
                continue
            share = partial * gradient
            if row.selects:
                share = BY_NAME["where"](partial == 0, 0.0, share)
            self.write_gradient(operand, self.read_gradient(operand) + share)

    def take_step(self, n: Value, step: Callable[[], Any]) -> None:
        """Turn a backward step that a user wrote into local derivatives, by running it once.

        The step runs on the gradient 1, and on gradients of 0 below; what it adds to one of those is the local
        derivative there. That is right as long as the step is linear in the gradient, and adds: others are refused.
        """
        begin = self.builder.size
        saved = {key: (known.gradient, known.gradient_written) for key, known in self.frame.known.items()}
        own = self.own(n)
        seed = self.frozen(1.0)
        own.gradient = self.number(self.keep(self.builder.emit(DETACH, seed), 1.0), 1.0)
        zeros = {}
        for operand in operands_of(n):
            if operand is not n and id(operand) not in zeros:
                zero = zeros[id(operand)] = self.frozen(0.0)
                self.own(operand).gradient = self.number(self.keep(self.builder.emit(DETACH, zero), 0.0), 0.0)
        before = {key: known.gradient for key, known in self.frame.known.items()}
        step()
        pairs = []
        for key, known in self.frame.known.items():
            share = known.gradient
            if known is not own and share is not None and share is not before.get(key):
                slot = self.slot_of_result(share)
                pairs.append((known.value, slot))
                if key in zeros:
                    self._check_adding(known.value, zeros[key], begin, slot)
        self._check_linear(seed, begin, [slot for _, slot in pairs])
        for key, known in list(self.frame.known.items()):
            if key in saved:
                known.gradient, known.gradient_written = saved[key]
            elif known is own or key in zeros:
                known.gradient, known.gradient_written = None, False
                if not known.existed and is_made(known.value):
                    del self.frame.known[key]
        slot = self.slot_of(n)
        out = slot if self.code_at(slot) == DETACH else self.keep(self.builder.emit(DETACH, slot), self.value_at(slot))
        for operand, partial in pairs:
            slope = self.connected(partial)
            out = self.keep(self.builder.emit(ATTACH, out, self.slot_of(operand), slope), self.value_at(out))
        self.place(n, out)

    def _check_adding(self, operand: Value, zero: int, begin: int, slot: int) -> None:
        """Refuse a user's step that sets a gradient instead of adding to it: what was there must still count."""
        share = self.value_at(slot)
        size = max(1.0, abs(share))
        if not size < math.inf:
            return
        self.reassign(zero, size)
        self.evaluate(begin)
        added = self.value_at(slot) - share
        self.reassign(zero, 0.0)
        self.evaluate(begin)
        if not abs(added - size) <= 1e-6 * size:
            self.refuse(
                f"a `_backward` set by hand assigns the gradient of {self.named(operand)} instead of adding to it",
                "write += there: a Value that is used twice gets its gradient in two parts",
            )

    def _check_linear(self, seed: int, begin: int, slots: list[int]) -> None:
        """Refuse a user's step that is not linear in the gradient: twice the gradient must give twice the shares."""
        with_one = [self.value_at(slot) for slot in slots]
        for factor in (2.0, -1.0):
            self.reassign(seed, factor)
            self.evaluate(begin)
            given = [self.value_at(slot) for slot in slots]
            self.reassign(seed, 1.0)
            self.evaluate(begin)
            for one, many in zip(with_one, given, strict=True):
                wanted = factor * one
                if many != wanted and one == one and abs(many - wanted) > 1e-12 * abs(wanted):
                    self.refuse(
                        f"a `_backward` set by hand is not linear in the gradient: "
                        f"it hands on {one!r} for the gradient 1 and {many!r} for {factor!r}",
                        "let the step multiply out.grad by the local derivative; clip gradients after backward()",
                    )
