"""Mistakes of a training loop: the order and the sign of its steps."""

from dataclasses import dataclass
from typing import ClassVar

from slopewise.doctor.diagnosis import Diagnosis, Level
from slopewise.doctor.wording import counted, numbered, several, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientsNotZeroed(Diagnosis):
    """Between two updates nobody set the gradients to 0, so the later update used a sum of old and new ones.

    Attributes:
        names: The parameters concerned.
        passes: The number of the first pass that was added on top.
        held: What the first parameter's gradient was before that pass.
        added: What the pass added.
        updates: How many updates used such a sum.
        of_updates: How many could have.
    """

    code: ClassVar[str] = "SW101"
    level: ClassVar[Level] = "mistake"
    title: ClassVar[str] = "gradients not set to 0 between updates"
    why: ClassVar[str] = (
        "backward() adds to the gradients of leaves, so that several losses can share them. After an update the old "
        "gradients belong to old parameters, and the next update goes along a mixture of all steps so far."
    )
    cure: ClassVar[str] = (
        "Set the gradients to 0 before each backward(): model.zero_grad(), or p.grad = 0.0 for each p."
    )
    wrong: ClassVar[str] = (
        "loss = total(model)\nloss.backward()\nfor p in model.parameters():\n    p.data -= 0.1 * p.grad"
    )
    right: ClassVar[str] = (
        "loss = total(model)\nmodel.zero_grad()\nloss.backward()\n"
        "for p in model.parameters():\n    p.data -= 0.1 * p.grad"
    )

    names: tuple[str, ...]
    first_pass: int
    held: float
    added: float
    updates: int
    of_updates: int

    @property
    def sentence(self) -> str:
        total = shown(self.held + self.added)
        end = (
            f"{counted(self.updates, 'update')} of {self.of_updates:,} used such a sum"
            if self.updates
            else "the next update would use the sum"
        )
        return (
            f"Nobody set the gradient of {several(self.names, 'parameter')} to 0 between two updates: {self.names[0]} "
            f"still held {shown(self.held)} when pass {self.first_pass} added {shown(self.added)}, which makes "
            f"{total}; "
            f"{end}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BackwardNotRun(Diagnosis):
    """Parameters were updated, and no backward pass was ever run.

    Attributes:
        names: The parameters.
        assignments: How often a parameter was assigned to.
        uncalled: The line that names `backward` without calling it, if there is one.
    """

    code: ClassVar[str] = "SW102"
    level: ClassVar[Level] = "mistake"
    title: ClassVar[str] = "backward was not run"
    why: ClassVar[str] = (
        "A gradient is only there after a backward pass; until then .grad is 0, so an update by it changes nothing."
    )
    cure: ClassVar[str] = (
        "Call loss.backward(), with its parentheses, in each step between the forward pass and the update."
    )
    wrong: ClassVar[str] = "loss.backward\nw.data -= 0.1 * w.grad"
    right: ClassVar[str] = "loss.backward()\nw.data -= 0.1 * w.grad"

    names: tuple[str, ...]
    assignments: int
    uncalled: str = ""

    @property
    def sentence(self) -> str:
        said = (
            f"No backward pass was run, so {several(self.names, 'parameter')} had no gradient, and "
            f"{counted(self.assignments, 'assignment')} to .data left every number as it was."
        )
        return f"{said} {self.uncalled} names backward without calling it." if self.uncalled else said


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleGraph(Diagnosis):
    """A backward pass went through a graph that was built before parameters changed.

    Attributes:
        name: The first leaf that changed; `now` and `built`: its number and the one that the graph was built with.
        first_pass: The number of the first such pass; 0 for a graph without a loop.
        passes: How many passes did so.
    """

    code: ClassVar[str] = "SW103"
    level: ClassVar[Level] = "mistake"
    title: ClassVar[str] = "forward pass not run again after parameters changed"
    why: ClassVar[str] = (
        "A graph keeps the numbers that it was built with, while local derivatives are taken from the operands' "
        "numbers "
        "of now. A pass through an old graph mixes the two, and gives the gradient of neither."
    )
    cure: ClassVar[str] = (
        "Compute the loss anew in every step: put everything that uses the parameters inside the loop, before "
        "backward()."
    )
    wrong: ClassVar[str] = (
        "loss = total(model)\nfor step in range(100):\n    model.zero_grad()\n    loss.backward()\n    update(model)"
    )
    right: ClassVar[str] = (
        "for step in range(100):\n    loss = total(model)\n    model.zero_grad()\n    loss.backward()\n    "
        "update(model)"
    )

    name: str
    now: float
    built: float
    first_pass: int
    passes: int

    @property
    def sentence(self) -> str:
        if not self.first_pass:
            return (
                f"This graph was built before the latest change of its leaves: {self.name} is now {shown(self.now)}, "
                f"the graph was built with {shown(self.built)}."
            )
        more = f" ({counted(self.passes, 'pass')} in all)" if self.passes > 1 else ""
        return (
            f"Pass {self.first_pass} went back through a graph that was built before the latest change of its "
            f"parameters{more}: {self.name} is now {shown(self.now)}, this graph was built with {shown(self.built)}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterReplaced(Diagnosis):
    """A parameter was replaced by a new Value instead of being updated.

    Attributes:
        name: The parameter.
        passes: How many passes show it.
        links: How many subtractions lie between the loss and the old parameter by now; 0 when nothing changed at all.
        loss: The loss that all these passes gave, when nothing changed.
    """

    code: ClassVar[str] = "SW104"
    level: ClassVar[Level] = "mistake"
    title: ClassVar[str] = "parameter replaced instead of updated"
    why: ClassVar[str] = (
        "p = p - lr * p.grad makes a new Value that depends on the old one; the list, or the net, that holds the "
        "old one "
        "never hears of it. Where the new one is used, the graph of each step contains all steps before."
    )
    cure: ClassVar[str] = "Assign to the number inside: p.data -= lr * p.grad."
    wrong: ClassVar[str] = "for p in model.parameters():\n    p = p - 0.1 * p.grad"
    right: ClassVar[str] = "for p in model.parameters():\n    p.data -= 0.1 * p.grad"

    name: str
    passes: int
    links: int = 0
    loss: float | None = None

    @property
    def sentence(self) -> str:
        if self.links:
            return (
                f"{self.name} became a new Value at each update: the graph of pass {self.passes} reaches the first one "
                f"through {counted(self.links, 'subtraction')}, and it was never assigned to."
            )
        return (
            f"{counted(self.passes, 'pass')} gave the same loss, {shown(self.loss)}: the update makes a new Value each "
            f"time, and {self.name} stays as it is."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongSign(Diagnosis):
    """Updates went along +gradient, and the loss rose each time.

    Attributes:
        first_update, updates: Number of the first such update, and how many in a row.
        parameters: How many parameters moved.
        before, after: The loss before the first and after the last of them.
    """

    code: ClassVar[str] = "SW105"
    level: ClassVar[Level] = "mistake"
    title: ClassVar[str] = "update with the wrong sign"
    why: ClassVar[str] = "The gradient points to where the loss grows fastest; to make it smaller, go the other way."
    cure: ClassVar[str] = (
        "Subtract: p.data -= lr * p.grad. If this number is meant to grow, negate it and call it a loss, or give an "
        "optimiser maximize=True."
    )
    wrong: ClassVar[str] = "p.data += 0.1 * p.grad"
    right: ClassVar[str] = "p.data -= 0.1 * p.grad"

    first_update: int
    updates: int
    parameters: int
    before: float
    after: float

    @property
    def sentence(self) -> str:
        last = self.first_update + self.updates - 1
        return (
            f"{numbered((self.first_update, last), 'Update')} moved {counted(self.parameters, 'parameter')} along "
            f"+gradient, and the loss rose each time, from {shown(self.before)} to {shown(self.after)}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientsClearedTooEarly(Diagnosis):
    """The gradients were set to 0 after backward and before the update.

    Attributes:
        name: A parameter; `gradient`: what it was before it was cleared.
        parameters: How many parameters were updated with 0.
        updates: How many updates changed nothing for that reason.
        of_updates: How many updates there were.
    """

    code: ClassVar[str] = "SW106"
    level: ClassVar[Level] = "mistake"
    title: ClassVar[str] = "gradients set to 0 before they were used"
    why: ClassVar[str] = "The update then multiplies the rate by 0, and no parameter moves."
    cure: ClassVar[str] = "Set the gradients to 0 before backward(), or after the update, never between the two."
    wrong: ClassVar[str] = "loss.backward()\nmodel.zero_grad()\nupdate(model)"
    right: ClassVar[str] = "model.zero_grad()\nloss.backward()\nupdate(model)"

    name: str
    gradient: float
    parameters: int
    updates: int
    of_updates: int

    @property
    def sentence(self) -> str:
        return (
            f"{counted(self.updates, 'update')} of {self.of_updates:,} changed nothing, because the gradients had been "
            f"set to 0 after backward(): that of {self.name} was {shown(self.gradient)}, and the update of "
            f"{counted(self.parameters, 'parameter')} met 0."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientsUsedAgain(Diagnosis):
    """Several updates used the gradients of one backward pass.

    Attributes:
        name: A parameter; `gradient`: the gradient that it was moved by each time.
        after_pass: The pass that the gradients came from.
        updates: How many updates used them.
        is_equal: Whether all of them were the same step.
    """

    code: ClassVar[str] = "SW107"
    level: ClassVar[Level] = "mistake"
    title: ClassVar[str] = "backward not run again between updates"
    why: ClassVar[str] = (
        "A gradient says which way is down at the place where it was computed. After a step the place is another, and "
        "going on with the old gradient leads past the minimum."
    )
    cure: ClassVar[str] = "Put forward pass, zeroing, backward() and update into the loop, in this order."
    wrong: ClassVar[str] = "loss.backward()\nfor step in range(100):\n    w.data -= 0.1 * w.grad"
    right: ClassVar[str] = (
        "for step in range(100):\n    loss = total(w)\n    w.grad = 0.0\n    loss.backward()\n    w.data -= 0.1 "
        "* w.grad"
    )

    name: str
    gradient: float
    after_pass: int
    updates: int
    is_equal: bool = True

    @property
    def sentence(self) -> str:
        how = f"by the same multiple of {shown(self.gradient)}" if self.is_equal else f"against {shown(self.gradient)}"
        return (
            f"{counted(self.updates, 'update')} in a row used the gradients of pass {self.after_pass}: {self.name} was "
            f"moved each time {how}, and backward() was not called in between."
        )
