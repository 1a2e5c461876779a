"""What harms training although the code is right: rates, activations, gradients that vanish, numbers that break."""

from dataclasses import dataclass
from typing import ClassVar

from slopewise.doctor.diagnosis import Diagnosis, Level
from slopewise.doctor.wording import counted, named, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class LossDiverges(Diagnosis):
    """The loss grows without end, or is not finite any more.

    Attributes:
        first, last: The loss at the first update and at the end.
        updates: How many updates were seen.
        broke_at: The pass whose loss, or gradient, was the first that was not finite; 0 if all were.
    """

    code: ClassVar[str] = "SW201"
    level: ClassVar[Level] = "warning"
    title: ClassVar[str] = "the loss diverges"
    why: ClassVar[str] = (
        "A step that is too long lands further up on the other side than where it began, and the next step is "
        "longer still."
    )
    cure: ClassVar[str] = (
        "Lower the learning rate, ten times at first; scale inputs to about −1..1; or hold gradients with "
        "sw.optim.clip_by_global_norm."
    )
    wrong: ClassVar[str] = "w.data -= 2.0 * w.grad"
    right: ClassVar[str] = "w.data -= 0.1 * w.grad"

    first: float
    last: float
    updates: int
    broke_at: int = 0

    @property
    def sentence(self) -> str:
        if self.broke_at:
            return (
                f"The loss went from {shown(self.first)} to {shown(self.last)} in {counted(self.updates, 'update')}, "
                f"and at pass {self.broke_at} a number was no longer finite."
            )
        return (
            f"The loss went from {shown(self.first)} to {shown(self.last)} in {counted(self.updates, 'update')}, "
            f"and was still rising at the end."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RateTooSmall(Diagnosis):
    """The loss hardly falls although the gradient is large.

    Attributes:
        first, last: The loss at the first update and at the last.
        updates: How many updates lie between them.
        gradient: The norm of the gradient (the median over the updates).
        step: The norm of a step (likewise).
        needed: How many updates it takes, at this pace, to halve the loss.
    """

    code: ClassVar[str] = "SW202"
    level: ClassVar[Level] = "warning"
    title: ClassVar[str] = "the learning rate is far too small"
    why: ClassVar[str] = "The way down is steep, and the steps along it are tiny."
    cure: ClassVar[str] = "Raise the learning rate, ten times at first, until the loss falls visibly in each step."
    wrong: ClassVar[str] = "w.data -= 1e-9 * w.grad"
    right: ClassVar[str] = "w.data -= 1e-2 * w.grad"

    first: float
    last: float
    updates: int
    gradient: float
    step: float
    needed: float

    @property
    def sentence(self) -> str:
        pace = (
            f"at this pace halving it takes about {float(f'{self.needed:.1e}'):,.0f} updates"
            if self.needed < 1e15
            else "at this pace it never halves"
        )
        return (
            f"The loss fell from {shown(self.first, 6)} to {shown(self.last, 6)} in "
            f"{counted(self.updates, 'update')}, although the gradient is large (norm {shown(self.gradient)}): a "
            f"step is "
            f"{shown(self.step)} long, and {pace}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerDead(Diagnosis):
    """Every relu of a layer is off on every sample, pass after pass.

    Attributes:
        layer: The layer; `units`: how many it has.
        samples: How many activations a unit has in a pass.
        passes: How many passes in a row were seen so.
    """

    code: ClassVar[str] = "SW203"
    level: ClassVar[Level] = "warning"
    title: ClassVar[str] = "a layer is dead"
    why: ClassVar[str] = (
        "A relu that is off hands no gradient on. With all of a layer off, nothing before it can learn any more."
    )
    cure: ClassVar[str] = (
        "Lower the learning rate, start from smaller weights (init='he'), or use an activation with a slope on "
        "both sides: "
        "leaky_relu, elu, tanh."
    )

    layer: str
    units: int
    samples: int
    passes: int

    @property
    def sentence(self) -> str:
        units = "The only relu unit" if self.units == 1 else f"All {self.units} relu units"
        return (
            f"{units} of {self.layer} gave 0 on {_samples(self.samples)} in the last {self.passes} passes looked "
            f"at: no "
            f"gradient gets below {'it' if self.units == 1 else 'them'}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerSaturated(Diagnosis):
    """Every tanh or sigmoid of a layer is saturated on every sample, and the loss does not fall.

    Attributes:
        kind: "tanh" or "sigmoid"; `layer`, `units`, `samples`, `passes`: as for a dead layer.
        loss: The loss now; `before`: the loss that many passes ago.
    """

    code: ClassVar[str] = "SW204"
    level: ClassVar[Level] = "warning"
    title: ClassVar[str] = "training is stuck behind a saturated layer"
    why: ClassVar[str] = (
        "Where tanh or sigmoid is flat its slope is nearly 0, and so is every gradient that goes through it: the units "
        "cannot leave the place where they are."
    )
    cure: ClassVar[str] = (
        "Start from smaller weights (init='xavier'), scale inputs to about −1..1, or lower the learning rate."
    )

    kind: str
    layer: str
    units: int
    samples: int
    passes: int
    before: float
    loss: float

    @property
    def sentence(self) -> str:
        units = f"The only {self.kind} unit" if self.units == 1 else f"All {self.units} {self.kind} units"
        return (
            f"{units} of {self.layer} {'was' if self.units == 1 else 'were'} saturated on "
            f"{_samples(self.samples)} in the "
            f"last {self.passes} passes looked at, and the loss stayed where it was: {shown(self.before)}, then "
            f"{shown(self.loss)}."
        )


def _samples(count: int) -> str:
    return "its only sample" if count == 1 else f"all {count} samples"


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientsVanish(Diagnosis):
    """The gradients of an early layer are tiny beside those of the last.

    Attributes:
        first, last: The two layers; `first_size`, `last_size`: root mean square of their gradients.
        passes: In how many passes in a row.
    """

    code: ClassVar[str] = "SW205"
    level: ClassVar[Level] = "warning"
    title: ClassVar[str] = "gradients vanish on the way down"
    why: ClassVar[str] = (
        "Each layer multiplies the gradient by its weights and by the slope of its activation. Where that is far "
        "below 1, "
        "little is left for the first layers, and they hardly learn."
    )
    cure: ClassVar[str] = (
        "Use relu or tanh in place of sigmoid, larger first weights (init='he' or 'xavier'), or fewer layers."
    )

    first: str
    last: str
    first_size: float
    last_size: float
    passes: int

    @property
    def sentence(self) -> str:
        return (
            f"In {self.passes} passes in a row {self.first} got gradients of about {shown(self.first_size)}, and "
            f"{self.last} of about {shown(self.last_size)}: {_times(self.last_size, self.first_size)} as much."
        )


def _times(large: float, small: float) -> str:
    return f"{float(f'{large / small:.1e}'):,.0f} times" if small > 0 else "infinitely"


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientsExplode(Diagnosis):
    """The gradients of an early layer are huge, beside those of the last layer or beside its own numbers.

    Attributes:
        first, last: The early layer and the last one; `first_size`, `last_size`: root mean square of their gradients.
        numbers: Root mean square of the early layer's parameters.
        passes: In how many passes in a row.
    """

    code: ClassVar[str] = "SW206"
    level: ClassVar[Level] = "warning"
    title: ClassVar[str] = "gradients explode on the way down"
    why: ClassVar[str] = (
        "Each layer multiplies the gradient by its weights. Where that is far above 1, the first layers get "
        "gradients that "
        "throw them far away in one step."
    )
    cure: ClassVar[str] = "Start from smaller weights (init='he' or 'xavier'), clip the gradients, or use fewer layers."

    first: str
    last: str
    first_size: float
    last_size: float
    numbers: float
    passes: int

    @property
    def sentence(self) -> str:
        return (
            f"In {self.passes} passes in a row {self.first} got gradients of about {shown(self.first_size)}, for "
            f"parameters "
            f"of about {shown(self.numbers)}; {self.last} got {shown(self.last_size)}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberNotFinite(Diagnosis):
    """A nan or an infinity appeared.

    Attributes:
        operation: The operation that made it, empty for a leaf that came in like that.
        name: The node; `number`: what it holds.
        operands: What it was made from, written out.
        in_gradient: Whether it is a gradient, made by the operation's backward step.
        at_pass: The pass in which it was first seen; 0 for a graph without a loop.
        others: How many more such beginnings the same pass had.
    """

    code: ClassVar[str] = "SW207"
    level: ClassVar[Level] = "warning"
    title: ClassVar[str] = "a number is not finite"
    why: ClassVar[str] = (
        "A nan or an infinity spreads to everything computed from it, and to every gradient and parameter."
    )
    cure: ClassVar[str] = (
        "Keep the operands inside the operation's domain, clip them before it, or write the formula another way; "
        "with sw.anomalies(): stops at the very line."
    )
    wrong: ClassVar[str] = "loss = -p.log()            # p can become 0"
    right: ClassVar[str] = "loss = -p.clip(1e-12).log()"

    operation: str
    name: str
    number: float
    operands: str
    in_gradient: bool
    at_pass: int
    others: int = 0

    @property
    def sentence(self) -> str:
        more = f"; {self.others:,} more began in this pass" if self.others else ""
        where = f"In pass {self.at_pass} " if self.at_pass else ""
        if not self.operation:
            met = f" when pass {self.at_pass} met it" if self.at_pass else ""
            return f"{self.name or 'A leaf'} was {shown(self.number)}{met}: it came in like that{more}."
        if self.in_gradient:
            return (
                f"{where}{'the' if where else 'The'} backward step of {self.operation} made the gradient of "
                f"{self.name or 'an operand'} "
                f"{shown(self.number)}, from {self.operands}{more}."
            )
        return f"{where}{self.operation} made {shown(self.number)} from {self.operands}{more}."


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterUnused(Diagnosis):
    """A parameter is updated, and the loss does not depend on it.

    Attributes:
        names: The parameters; `passes`, `updates`: how many were seen.
    """

    code: ClassVar[str] = "SW208"
    level: ClassVar[Level] = "warning"
    title: ClassVar[str] = "the loss does not depend on a parameter"
    why: ClassVar[str] = (
        "Its gradient is 0 for ever, and no update moves it: it was left out of the formula, or is left over."
    )
    cure: ClassVar[str] = "Use it in the forward pass, or take it out of the list of parameters."
    wrong: ClassVar[str] = "y = w * x           # and b?\nfor p in [w, b]:\n    p.data -= 0.1 * p.grad"
    right: ClassVar[str] = "y = w * x + b"

    names: tuple[str, ...]
    passes: int
    updates: int

    @property
    def sentence(self) -> str:
        one = len(self.names) == 1
        if not self.passes:
            return f"The loss does not depend on {named(self.names)}."
        return (
            f"The loss does not depend on {named(self.names)}: none of {counted(self.passes, 'pass')} reached "
            f"{'it' if one else 'them'}, and {counted(self.updates, 'update')} met a gradient of 0."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetsOutOfReach(Diagnosis):
    """The outputs cannot reach the targets.

    Attributes:
        kind: The outputs' activation; `lowest`, `highest`: what it can give.
        targets: Targets beyond that, the first few.
        beyond: How many there are; `of_targets`: among how many.
    """

    code: ClassVar[str] = "SW209"
    level: ClassVar[Level] = "warning"
    title: ClassVar[str] = "outputs that cannot reach the targets"
    why: ClassVar[str] = "The error cannot become 0, and the output is pushed to its limit, where its slope is 0."
    cure: ClassVar[str] = "Scale the targets into the activation's range, or leave the last layer linear."

    kind: str
    lowest: float
    highest: float
    targets: tuple[float, ...]
    beyond: int
    of_targets: int

    @property
    def sentence(self) -> str:
        above = self.highest == float("inf")
        what = f"below {shown(self.lowest)}" if above else f"outside {shown(self.lowest)}..{shown(self.highest)}"
        return (
            f"{self.beyond} of {counted(self.of_targets, 'target')} "
            f"{'lies' if self.beyond == 1 else 'lie'} {what}, which {self.kind} cannot give: "
            f"{named([shown(t) for t in self.targets])}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsAlike(Diagnosis):
    """All units of a layer hold the same parameters, and always will.

    Attributes:
        layer: The layer; `units`: how many it has; `updates`: after how many updates they were still alike.
    """

    code: ClassVar[str] = "SW210"
    level: ClassVar[Level] = "warning"
    title: ClassVar[str] = "units that are all alike"
    why: ClassVar[str] = (
        "Units that begin alike get the same gradients and stay alike: the layer can do no more than one unit."
    )
    cure: ClassVar[str] = "Begin with random weights, different for each unit."
    wrong: ClassVar[str] = "self.w = [Value(0.5) for _ in range(nin)]"
    right: ClassVar[str] = "self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]"

    layer: str
    units: int
    updates: int

    @property
    def sentence(self) -> str:
        return (
            f"The {self.units} units of {self.layer} began with the same parameters, and after "
            f"{counted(self.updates, 'update')} they are still alike."
        )
