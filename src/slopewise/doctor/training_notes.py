"""What is true of many healthy runs, and worth knowing."""

from dataclasses import dataclass
from typing import ClassVar

from slopewise.doctor.diagnosis import Diagnosis, Level
from slopewise.doctor.wording import counted, named, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsDead(Diagnosis):
    """Some relu units are off on every sample, pass after pass.

    Attributes:
        names: The units; `units`: how many relu units the net has.
        samples: How many activations a unit has in a pass.
        passes: How many passes in a row were seen so.
    """

    code: ClassVar[str] = "SW301"
    level: ClassVar[Level] = "note"
    title: ClassVar[str] = "relu units that are dead"
    why: ClassVar[str] = (
        "A relu that is off on every sample hands no gradient on, so its weights stay as they are. Nets mostly get on "
        "without some of their units: micrograd's own moons demo has two such units, and learns to 100 %."
    )
    cure: ClassVar[str] = "Nothing, as long as the loss falls; else a lower rate, smaller first weights, or leaky_relu."

    names: tuple[str, ...]
    units: int
    samples: int
    passes: int

    @property
    def sentence(self) -> str:
        return (
            f"{len(self.names)} of {counted(self.units, 'relu unit')} gave 0 on every sample{_when(self.passes)}: "
            f"{named(self.names)}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsSaturated(Diagnosis):
    """Some tanh or sigmoid units are saturated on every sample, pass after pass.

    Attributes:
        kind: "tanh" or "sigmoid"; `names`: the units; `units`: how many of the kind the net has; `samples`, `passes`.
    """

    code: ClassVar[str] = "SW302"
    level: ClassVar[Level] = "note"
    title: ClassVar[str] = "units that are saturated"
    why: ClassVar[str] = (
        "Beyond 99.5 % of its range the slope of tanh or sigmoid is below 1 % of its steepest, and the unit "
        "hardly learns. "
        "An output that has reached a target of 1 is there too, and rightly so."
    )
    cure: ClassVar[str] = (
        "Nothing, as long as the loss falls; else smaller first weights, or inputs scaled to about −1..1."
    )

    kind: str
    names: tuple[str, ...]
    units: int
    samples: int
    passes: int

    @property
    def sentence(self) -> str:
        was = "was" if len(self.names) == 1 else "were"
        return (
            f"{len(self.names)} of {counted(self.units, f'{self.kind} unit')} {was} saturated on every sample"
            f"{_when(self.passes)}: {named(self.names)}."
        )


def _when(passes: int) -> str:
    return f" in the last {counted(passes, 'pass')} looked at" if passes else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LossRose(Diagnosis):
    """The loss rose at some updates.

    Attributes:
        rises: At how many updates; `of_updates`: of how many.
        before, after: The loss before and after the largest rise.
    """

    code: ClassVar[str] = "SW303"
    level: ClassVar[Level] = "note"
    title: ClassVar[str] = "the loss rose at some updates"
    why: ClassVar[str] = (
        "A step of finite length can overshoot, and with samples drawn anew in each step the losses are of different "
        "samples. What counts is where the loss goes over many steps."
    )
    cure: ClassVar[str] = "Nothing, as long as it falls over many steps; else a lower rate, or one that decays."

    rises: int
    of_updates: int
    before: float
    after: float

    @property
    def sentence(self) -> str:
        return (
            f"The loss rose at {self.rises:,} of {counted(self.of_updates, 'update')}, the most from "
            f"{shown(self.before)} to {shown(self.after)}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StepUphill(Diagnosis):
    """A few updates went along +gradient.

    Attributes:
        updates: How many; `first_update`: the number of the first; `parameters`: how many parameters it moved.
        factor: By how much of the gradient.
    """

    code: ClassVar[str] = "SW304"
    level: ClassVar[Level] = "note"
    title: ClassVar[str] = "a step along +gradient"
    why: ClassVar[str] = (
        "It makes the number grow, which the lecture does once, on purpose; a loss is to go the other way."
    )
    cure: ClassVar[str] = "Nothing, if that was meant; else subtract."

    updates: int
    first_update: int
    parameters: int
    factor: float

    @property
    def sentence(self) -> str:
        if self.updates == 1:
            return (
                f"Update {self.first_update} moved {counted(self.parameters, 'parameter')} along +gradient, by "
                f"{shown(self.factor)} times it."
            )
        return (
            f"{counted(self.updates, 'update')} moved along +gradient, the first of them update "
            f"{self.first_update}, by "
            f"{shown(self.factor)} times it."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondPass(Diagnosis):
    """backward() ran more than once on the same graph, without an update or a zeroing in between.

    Attributes:
        name: A leaf; `held`, `added`: its gradient before the second pass, and what that added.
        at_pass: The number of the second pass.
        times: How often that happened.
    """

    code: ClassVar[str] = "SW305"
    level: ClassVar[Level] = "note"
    title: ClassVar[str] = "backward() twice on the same graph"
    why: ClassVar[str] = "Leaves add up over passes, so they now hold twice the gradient."
    cure: ClassVar[str] = "Call backward() once per graph, or set the gradients to 0 in between."

    name: str
    held: float
    added: float
    at_pass: int
    times: int

    @property
    def sentence(self) -> str:
        more = f" ({self.times:,} times in all)" if self.times > 1 else ""
        return (
            f"Pass {self.at_pass} went through the same graph as the one before{more}: {self.name} held "
            f"{shown(self.held)}, got {shown(self.added)} more, and holds {shown(self.held + self.added)}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberDetached(Diagnosis):
    """The number of a Value went into the loss as a constant.

    Attributes:
        what: The Value; `number`: its number.
    """

    code: ClassVar[str] = "SW306"
    level: ClassVar[Level] = "note"
    title: ClassVar[str] = "a number taken out of the graph and put back"
    why: ClassVar[str] = (
        "As a constant it carries no gradient. That is meant for the largest logit that a softmax subtracts, or for a "
        "target; in a loss it may be a part that does not teach."
    )
    cure: ClassVar[str] = "Nothing, if that was meant; else use the Value itself instead of its .data."

    what: str
    number: float

    @property
    def sentence(self) -> str:
        number = f"{self.what} = {shown(self.number)}" if self.what else f"A Value that held {shown(self.number)}"
        return f"{number} was read as a number and stands in the graph as a constant: no gradient goes that way."


@dataclass(frozen=True, slots=True, kw_only=True)
class EntriesUnused(Diagnosis):
    """Some entries of a table of parameters were never used.

    Attributes:
        names: The entries; `table`: what they belong to; `entries`: how many it has.
        passes: How many passes were seen.
    """

    code: ClassVar[str] = "SW307"
    level: ClassVar[Level] = "note"
    title: ClassVar[str] = "entries that no pass reached"
    why: ClassVar[str] = (
        "An entry that no sample asks for, as the row of a rare letter, gets no gradient and stays as it is."
    )
    cure: ClassVar[str] = "Nothing, if these samples do not need it."

    names: tuple[str, ...]
    table: str
    entries: int
    passes: int

    @property
    def sentence(self) -> str:
        return (
            f"{len(self.names):,} of {self.entries:,} entries of {self.table} were not reached by any of "
            f"{counted(self.passes, 'pass')}: {named(self.names)}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientHoldsMore(Diagnosis):
    """A leaf's gradient is not that of this graph alone.

    Attributes:
        name: The leaf; `held`: what its .grad is; `own`: its gradient in this graph.
        leaves: How many leaves differ so.
    """

    code: ClassVar[str] = "SW308"
    level: ClassVar[Level] = "note"
    title: ClassVar[str] = "a gradient that is not of this graph alone"
    why: ClassVar[str] = (
        "A leaf adds up what all passes hand it: earlier ones, those of other graphs, and what was assigned by hand."
    )
    cure: ClassVar[str] = (
        "Nothing, if several losses are meant to add up; else set the gradients to 0 before backward()."
    )

    name: str
    held: float
    own: float
    leaves: int

    @property
    def sentence(self) -> str:
        more = f" ({counted(self.leaves, 'leaf', 'leaves')} differ so)" if self.leaves > 1 else ""
        return f"{self.name}.grad is {shown(self.held)}, and this graph alone gives {shown(self.own)}{more}."
