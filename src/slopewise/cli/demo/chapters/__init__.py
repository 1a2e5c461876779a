"""The ten chapters, in order. Each one calls the library and tells what came out; none does mathematics of its own."""

from slopewise.cli.demo.chapters.activations import ACTIVATIONS
from slopewise.cli.demo.chapters.backpropagation import BACKPROPAGATION
from slopewise.cli.demo.chapters.descent import DESCENT
from slopewise.cli.demo.chapters.differences import DIFFERENCES
from slopewise.cli.demo.chapters.lecture_net import LECTURE_NET
from slopewise.cli.demo.chapters.line import LINE
from slopewise.cli.demo.chapters.moons_net import MOONS_NET
from slopewise.cli.demo.chapters.neuron import NEURON
from slopewise.cli.demo.chapters.slopes import SLOPES
from slopewise.cli.demo.chapters.zeroing import ZEROING
from slopewise.cli.demo.page import Chapter

CHAPTERS: tuple[Chapter, ...] = (
    SLOPES,
    DIFFERENCES,
    LINE,
    DESCENT,
    BACKPROPAGATION,
    NEURON,
    LECTURE_NET,
    ZEROING,
    ACTIVATIONS,
    MOONS_NET,
)

__all__ = ["CHAPTERS"]
