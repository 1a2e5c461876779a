"""Mistakes in what the graph is made of: gradients that end on the way, and backward steps written by hand."""

from dataclasses import dataclass
from typing import ClassVar

from slopewise.doctor.diagnosis import Diagnosis, Level
from slopewise.doctor.wording import counted, several, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientLost(Diagnosis):
    """A Value became a plain number on the way to the loss, and the gradient ended there.

    Attributes:
        what: The Value that became a number, as the code writes it; empty when that is not known.
        number: That number.
        names: The parameters that get no gradient for it.
        is_whole_loss: Whether `backward()` started from a Value with nothing below it.
        passes: In how many passes it did, when it is not known what became a number; else 0.
        is_partly: Whether they get a gradient another way.
    """

    code: ClassVar[str] = "SW108"
    level: ClassVar[Level] = "mistake"
    title: ClassVar[str] = "gradient lost: a Value became a number"
    why: ClassVar[str] = (
        "math.tanh(v), float(v), v.data and an array of floats give plain numbers. A plain number does not know "
        "what it "
        "was made from, so no gradient goes back through it."
    )
    cure: ClassVar[str] = (
        "Stay with Values: v.tanh() or sw.tanh(v) for math.tanh(v), v for v.data and float(v), dtype=object for "
        "an array."
    )
    wrong: ClassVar[str] = "h = math.tanh(w * x)\nloss = (h * v - 1) ** 2"
    right: ClassVar[str] = "h = (w * x).tanh()\nloss = (h * v - 1) ** 2"

    what: str
    number: float
    names: tuple[str, ...]
    is_whole_loss: bool = False
    passes: int = 0
    is_partly: bool = False

    @property
    def sentence(self) -> str:
        number = f"{self.what} = {shown(self.number)}" if self.what else f"A Value that held {shown(self.number)}"
        if self.passes:
            return (
                f"backward() started from a Value with nothing below it, {shown(self.number)}, in "
                f"{counted(self.passes, 'pass')}: {several(self.names, 'parameter')} {_gets(self.names)} no gradient."
            )
        if self.is_whole_loss:
            return (
                f"backward() started from a Value with nothing below it. {number} became a plain number on the "
                f"way, and "
                f"{several(self.names, 'leaf', 'leaves')} {_gets(self.names)} no gradient."
            )
        if self.is_partly:
            return (
                f"{number} became a plain number on the way to the loss: the gradient of "
                f"{several(self.names, 'parameter')} lacks what goes that way."
            )
        return (
            f"{number} became a plain number on the way to the loss: {several(self.names, 'parameter')} "
            f"{_gets(self.names)} no gradient."
        )


def _gets(names: tuple[str, ...]) -> str:
    return "gets" if len(names) == 1 else "get"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepAssigns(Diagnosis):
    """A backward step written by hand assigns to a gradient where it should add.

    Attributes:
        operation: The operation; `operand`: the operand concerned.
        held: What the operand's gradient was set to before the step, to see what comes of it.
        handed: What the step hands on.
        left: What the gradient was after it.
        nodes: How many such nodes the graph has.
    """

    code: ClassVar[str] = "SW109"
    level: ClassVar[Level] = "mistake"
    title: ClassVar[str] = "a _backward that assigns instead of adding"
    why: ClassVar[str] = (
        "A Value that is used twice gets a contribution from each use, and its gradient is their sum. `=` keeps "
        "only the "
        "one that comes last, and wipes out what earlier passes left."
    )
    cure: ClassVar[str] = "Write += in _backward: self.grad += … * out.grad."
    wrong: ClassVar[str] = "def _backward():\n    self.grad = math.cos(self.data) * out.grad"
    right: ClassVar[str] = "def _backward():\n    self.grad += math.cos(self.data) * out.grad"

    operation: str
    operand: str
    held: float
    handed: float
    left: float
    nodes: int

    @property
    def sentence(self) -> str:
        return (
            f"The backward step of {self.operation!r} ({counted(self.nodes, 'node')}) assigns to the gradient of "
            f"{self.operand}: tried with {shown(self.held)} in it, it left {shown(self.left)}, where "
            f"{shown(self.held)} + {shown(self.handed)} is right."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StepForgetsUpstream(Diagnosis):
    """A backward step written by hand does not multiply by the gradient of its result.

    Attributes:
        operation: The operation; `operand`: the operand concerned.
        once: What it hands on when the upstream gradient is 1.
        twice: What it hands on when the upstream gradient is 2.
        nodes: How many such nodes the graph has.
    """

    code: ClassVar[str] = "SW110"
    level: ClassVar[Level] = "mistake"
    title: ClassVar[str] = "a _backward that forgets the upstream gradient"
    why: ClassVar[str] = (
        "By the chain rule a contribution is the local derivative times the gradient of the result. Without that "
        "factor "
        "it is only right where the result is the loss itself."
    )
    cure: ClassVar[str] = "Multiply by the gradient of the result: self.grad += … * out.grad."
    wrong: ClassVar[str] = "def _backward():\n    self.grad += math.cos(self.data)"
    right: ClassVar[str] = "def _backward():\n    self.grad += math.cos(self.data) * out.grad"

    operation: str
    operand: str
    once: float
    twice: float
    nodes: int

    @property
    def sentence(self) -> str:
        return (
            f"The backward step of {self.operation!r} ({counted(self.nodes, 'node')}) hands {self.operand} "
            f"{shown(self.once)} when the upstream gradient is 1, and {shown(self.twice)} when it is 2: "
            f"{shown(2 * self.once)} is right then."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDisagrees(Diagnosis):
    """A backward step, or a derivative, that the user wrote disagrees with the measured slope.

    Attributes:
        operation: The operation; `operand`: the operand concerned; `at`: its number.
        handed: The local derivative that the step uses.
        slope: The central difference.
        nodes: How many such nodes the graph has.
    """

    code: ClassVar[str] = "SW111"
    level: ClassVar[Level] = "mistake"
    title: ClassVar[str] = "a derivative that disagrees with the measured slope"
    why: ClassVar[str] = "Every gradient that goes through this operation is off by the same factor or term."
    cure: ClassVar[str] = (
        "Work the derivative out again, and compare it with sw.slope or sw.check_gradients before using it."
    )
    wrong: ClassVar[str] = "self.grad += math.sin(self.data) * out.grad   # for out = sin(self)"
    right: ClassVar[str] = "self.grad += math.cos(self.data) * out.grad"

    operation: str
    operand: str
    at: float
    handed: float
    slope: float
    nodes: int

    @property
    def sentence(self) -> str:
        return (
            f"The derivative of {self.operation!r} ({counted(self.nodes, 'node')}) by {self.operand} is "
            f"{shown(self.handed)} in its backward step, at {self.operand} = {shown(self.at)}; the central difference "
            f"measures {shown(self.slope)}."
        )
