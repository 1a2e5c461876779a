"""The lecture's nets: tanh on every layer, and a bias that is drawn like the weights, after them."""

import random
from collections.abc import Iterable
from typing import Any

from slopewise.engine import LectureValue
from slopewise.engine.value import chain_dot
from slopewise.errors import NumberError, ShapeError


class _Parametric:
    """What the three classes share beyond the lecture: clearing their gradients."""

    def parameters(self) -> list[Any]:
        return []

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0.0."""
        for p in self.parameters():
            p.grad = 0.0


class Neuron(_Parametric):
    """A weighted sum of the inputs plus a bias, through tanh.

    $$ \\tanh\\Big(b + \\sum_i w_i x_i\\Big) $$

    Args:
        nin: The number of inputs. As many weights are drawn from `random.uniform(-1, 1)`, and then the bias.

    Attributes:
        w: The weights, a list of Values.
        b: The bias, a Value.

    Example:
        >>> from slopewise.lecture import Neuron, Value
        >>> n = Neuron(2)
        >>> n.w, n.b = [Value(-3.0), Value(1.0)], Value(6.881373587019543)
        >>> print(f"{n([2.0, 0.0]).data:.4f}")
        0.7071

    Source:
        A. Karpathy, "The spelled-out intro to neural networks and backpropagation: building micrograd", 2022.
    """

    w: list[Any]
    b: Any

    def __init__(self, nin: int) -> None:
        self.w = [LectureValue(random.uniform(-1, 1)) for _ in range(nin)]
        self.b = LectureValue(random.uniform(-1, 1))

    def __call__(self, x: Any) -> Any:
        """Return the neuron's output for one sample, which has one number or Value per weight.

        Raises:
            ShapeError: There are more or fewer inputs than weights.
            NumberError: An input is no number.
        """
        w = self.w
        inputs = x if type(x) is list else _as_inputs(x)
        if len(inputs) != len(w):
            raise ShapeError(
                f"{self!r} takes {len(w)} input{'s' * (len(w) != 1)}, got {len(inputs)}\n"
                f"give one number per weight, or build the net for {len(inputs)}"
            )
        try:
            act = chain_dot(w, inputs, self.b)
        except TypeError as error:
            for i, item in enumerate(inputs):
                if item is None or isinstance(item, (str, list, tuple)):
                    raise NumberError(
                        f"input {i} of {self!r} is {item!r}, a number or Value is needed\n"
                        f"give one sample at a time, as in [n(x) for x in xs]"
                    ) from error
            raise
        return act.tanh()

    def parameters(self) -> list[Any]:
        """Return the weights, then the bias."""
        return [*self.w, self.b]

    def __repr__(self) -> str:
        return f"Neuron({len(self.w)})"


class Layer(_Parametric):
    """Neurons side by side, each seeing all inputs.

    Args:
        nin: The number of inputs.
        nout: The number of neurons.

    Attributes:
        neurons: The neurons, a list.

    Example:
        >>> from slopewise.lecture import Layer
        >>> len(Layer(2, 3)([1.0, -1.0]))
        3

    Source:
        A. Karpathy, "The spelled-out intro to neural networks and backpropagation: building micrograd", 2022.
    """

    neurons: list[Any]

    def __init__(self, nin: int, nout: int) -> None:
        self.neurons = [Neuron(nin) for _ in range(nout)]

    def __call__(self, x: Any) -> Any:
        """Return the outputs for one sample: a list, or the bare Value when there is one neuron."""
        if not hasattr(x, "__len__"):
            x = _as_inputs(x)
        outs = [n(x) for n in self.neurons]
        return outs[0] if len(outs) == 1 else outs

    def parameters(self) -> list[Any]:
        """Return the parameters, neuron by neuron."""
        return [p for neuron in self.neurons for p in neuron.parameters()]

    def __repr__(self) -> str:
        return f"Layer of {self.neurons!r}"


class MLP(_Parametric):
    """A multi-layer perceptron, layers one after the other.

    Args:
        nin: The number of inputs.
        nouts: The number of neurons in each layer.

    Attributes:
        layers: The layers, a list.

    Example:
        >>> import random
        >>> from slopewise.lecture import MLP
        >>> random.seed(1337)
        >>> n = MLP(3, [4, 4, 1])
        >>> len(n.parameters()), round(n([2.0, 3.0, -1.0]).data, 12)
        (41, 0.427678112488)

    Source:
        A. Karpathy, "The spelled-out intro to neural networks and backpropagation: building micrograd", 2022.
    """

    layers: list[Any]

    def __init__(self, nin: int, nouts: Iterable[int]) -> None:
        sz = [nin, *nouts]
        self.layers = [Layer(sz[i], sz[i + 1]) for i in range(len(sz) - 1)]

    def __call__(self, x: Any) -> Any:
        """Return the net's output for one sample: a list, or the bare Value when the last layer has one neuron."""
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self) -> list[Any]:
        """Return the parameters, layer by layer."""
        return [p for layer in self.layers for p in layer.parameters()]

    def __repr__(self) -> str:
        return f"MLP of {self.layers!r}"


def _as_inputs(x: Any) -> Any:
    """Return one sample as a list or tuple; a bare number or Value is a sample of one."""
    if isinstance(x, (list, tuple)):
        return x
    if getattr(x, "shape", None) == () or not hasattr(x, "__iter__"):
        return [x]
    return list(x)
