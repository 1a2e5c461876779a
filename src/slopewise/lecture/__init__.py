"""The lecture's own flavour: the classes and pictures of its notebook, so that those cells can go.

    from slopewise.lecture import MLP, Value, draw_dot

    n = MLP(3, [4, 4, 1])
    draw_dot(n([2.0, 3.0, -1.0]))

Values of this flavour print as `Value(data=…)` and their gradients are floats, 0.0 and 1.0; in all else they are
`slopewise.Value`, and the two mix. The nets use tanh on every layer and draw the bias after the weights.

Source: A. Karpathy, "The spelled-out intro to neural networks and backpropagation: building micrograd", 2022.
"""

from slopewise.engine import LectureValue as Value
from slopewise.lecture.digraph import Digraph
from slopewise.lecture.graph import draw_dot, trace
from slopewise.lecture.nets import MLP, Layer, Neuron

__all__ = ["MLP", "Digraph", "Layer", "Neuron", "Value", "draw_dot", "trace"]
