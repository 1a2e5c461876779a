"""Nets of Values, as micrograd has them: `Neuron`, `Layer`, `MLP`, and `Module` for your own.

    import random
    from slopewise.nn import MLP

    random.seed(1337)
    net = MLP(2, [16, 16, 1])
    score = net([0.5, -1.0])

Seeded nets draw the same weights in the same order as micrograd's and build the same graph, node for node. `Value` and
`random` are here because programs import them from here.
"""

import random
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from slopewise.engine import Value
from slopewise.engine.value import chain_dot
from slopewise.errors import DomainError
from slopewise.nn.activation import LINEAR, Activation, activate, activation_title, resolve_activation
from slopewise.nn.initialisation import resolve_initialiser, resolve_rng
from slopewise.nn.module import Module
from slopewise.nn.wiring import as_count, as_inputs, as_sizes, check_inputs, explain_input

__all__ = ["MLP", "Layer", "Module", "Neuron", "Value", "random"]


class Neuron(Module):
    """A weighted sum of the inputs, plus a bias, through an activation.

    $$ a\\Big(b + \\sum_i w_i x_i\\Big) $$

    The sum starts from the bias and runs in order. The weights are drawn from `random.uniform(-1, 1)` unless told
    otherwise; the bias begins at 0 and draws nothing.

    Args:
        nin: The number of inputs.
        nonlin: Whether to apply the activation.
        activation: A name (`"relu"`, `"tanh"`, `"sigmoid"`, `"leaky_relu"`, `"elu"`, `"gelu"`, `"silu"`, `"softplus"`,
            `"linear"` …), an operation such as `slopewise.tanh`, or a function of one Value.
        bias: Whether there is a bias.
        init: How weights begin: a name (`"uniform"`, `"he"`, `"he_normal"`, `"xavier"`, `"xavier_normal"`, `"lecun"`,
            `"zeros"` …), a number, or a function of `(rng, fan_in, fan_out)`, fewer if it takes fewer.
        rng: Where random numbers come from: a seed, a `random.Random`, a numpy generator; or None for `random`.

    Attributes:
        w: The weights, a list of Values.
        b: The bias, a Value, or None.
        nonlin: Whether the activation is applied.
        activation: Its name, or the user's function.

    Raises:
        DomainError: A size is negative, or a name unknown.
        NumberError: A size is no integer, or a keyword has the wrong kind of value.

    Example:
        >>> from slopewise.nn import Neuron
        >>> n = Neuron(2, activation="tanh", init=0.5)
        >>> n, n([1.0, -1.0])
        (TanhNeuron(2), Value(data=0.0, grad=0))

    Source:
        A. Karpathy, micrograd (2020), `micrograd/nn.py`.
    """

    w: list[Any]
    b: Any
    nonlin: bool = True
    activation: Activation = "relu"

    def __init__(
        self,
        nin: int,
        nonlin: bool = True,
        *,
        activation: Any = "relu",
        bias: bool = True,
        init: Any = None,
        rng: Any = None,
    ) -> None:
        count = as_count(nin, "nin")
        if count == 0 and not bias:
            raise DomainError("a neuron with no inputs and no bias has nothing to compute: give it one or the other")
        self.w = [Value(x) for x in resolve_initialiser(init).weights(resolve_rng(rng), count)]
        self.b = Value(0) if bias else None
        self.activation = resolve_activation(activation)
        self.nonlin = bool(nonlin) and self.activation != LINEAR

    def __call__(self, x: Any) -> Any:
        """Return the neuron's output for one sample.

        Args:
            x: One number or Value per weight: a list, a tuple, a row of an array; for a single weight the bare number.

        Raises:
            ShapeError: There are more or fewer inputs than weights.
            NumberError: An input is no number.
        """
        w = self.w
        inputs = x if type(x) is list else as_inputs(x)
        if len(inputs) != len(w):
            check_inputs(self, len(w), inputs, x)
        try:
            if self.b is None:
                total = chain_dot(w[1:], inputs[1:], w[0] * inputs[0])
            else:
                total = chain_dot(w, inputs, self.b)
        except TypeError as error:
            explain_input(self, inputs, error)
            raise
        if not self.nonlin:
            return total
        return activate(self.activation, total)

    def parameters(self) -> list[Any]:
        """Return the weights, then the bias.

        Example:
            >>> from slopewise.nn import Neuron
            >>> len(Neuron(3).parameters()), len(Neuron(3, bias=False).parameters())
            (4, 3)
        """
        return list(self.w) if self.b is None else [*self.w, self.b]

    def __repr__(self) -> str:
        title = activation_title(self.activation if self.nonlin else LINEAR)
        return f"{title}Neuron({len(self.w)})"


class Layer(Module):
    """Neurons side by side, each seeing all inputs.

    Args:
        nin: The number of inputs.
        nout: The number of neurons.
        kwargs: Whatever `Neuron` takes.

    Attributes:
        neurons: The neurons, a list.

    Raises:
        DomainError: A size is negative, or a name unknown.

    Example:
        >>> from slopewise.nn import Layer
        >>> Layer(2, 3, nonlin=False)
        Layer of [LinearNeuron(2), LinearNeuron(2), LinearNeuron(2)]

    Source:
        A. Karpathy, micrograd (2020), `micrograd/nn.py`.
    """

    neurons: list[Any]

    def __init__(self, nin: int, nout: int, **kwargs: Any) -> None:
        count = as_count(nout, "nout")
        if "init" in kwargs:
            kwargs["init"] = resolve_initialiser(kwargs["init"], fan_out=count)
        if "rng" in kwargs:
            kwargs["rng"] = resolve_rng(kwargs["rng"])
        self.neurons = [Neuron(nin, **kwargs) for _ in range(count)]

    def __call__(self, x: Any) -> Any:
        """Return the outputs for one sample: a list, or the bare Value when there is one neuron.

        Args:
            x: One number or Value per input; a bare one for a single input.

        Raises:
            ShapeError: The number of inputs is wrong.
        """
        if not hasattr(x, "__len__"):
            x = as_inputs(x)  # an iterator can be read once only, and every neuron reads it
        out = [n(x) for n in self.neurons]
        return out[0] if len(out) == 1 else out

    def parameters(self) -> list[Any]:
        """Return the parameters, neuron by neuron.

        Example:
            >>> from slopewise.nn import Layer
            >>> len(Layer(3, 2).parameters())
            8
        """
        return [p for n in self.neurons for p in n.parameters()]

    def __repr__(self) -> str:
        return f"Layer of [{', '.join(str(n) for n in self.neurons)}]"


class MLP(Module):
    """A multi-layer perceptron: layers one after the other, relu on all but the last unless told otherwise.

    Args:
        nin: The number of inputs.
        nouts: The number of neurons in each layer.
        activation: That of every layer but the last: see `Neuron`.
        output: That of the last layer.
        bias: Whether neurons have a bias.
        init: How weights begin: see `Neuron`.
        rng: Where random numbers come from: see `Neuron`.

    Attributes:
        layers: The layers, a list.

    Raises:
        DomainError: A size is negative, or a name unknown.
        NumberError: `nouts` is no list of integers, or a keyword has the wrong kind of value.

    Example:
        >>> from slopewise.nn import MLP
        >>> net = MLP(2, [16, 16, 1])
        >>> len(net.parameters())
        337
        >>> MLP(3, [4, 1], activation="gelu", output="sigmoid", init="xavier", rng=1337)
        MLP of [Layer of [GELUNeuron(3), GELUNeuron(3), GELUNeuron(3), GELUNeuron(3)], Layer of [SigmoidNeuron(4)]]

    Source:
        A. Karpathy, micrograd (2020), `micrograd/nn.py`.
    """

    layers: list[Any]

    def __init__(
        self,
        nin: int,
        nouts: Iterable[int],
        *,
        activation: Any = "relu",
        output: Any = LINEAR,
        bias: bool = True,
        init: Any = None,
        rng: Any = None,
    ) -> None:
        sizes = as_sizes(nin, nouts)
        hidden, last = resolve_activation(activation), resolve_activation(output)
        keywords: dict[str, Any] = {}  # only what was asked for: a Layer of the user's own may know none of these
        if not bias:
            keywords["bias"] = bias
        if init is not None:
            keywords["init"] = init
        if rng is not None:
            keywords["rng"] = resolve_rng(rng)
        self.layers = []
        for i, (fan_in, fan_out) in enumerate(pairwise(sizes)):
            chosen = last if i == len(sizes) - 2 else hidden
            if chosen not in ("relu", LINEAR):
                keywords["activation"] = chosen
            else:
                keywords.pop("activation", None)
            self.layers.append(Layer(fan_in, fan_out, nonlin=chosen != LINEAR, **keywords))

    def __call__(self, x: Any) -> Any:
        """Return the net's output for one sample: a list, or the bare Value when the last layer has one neuron.

        Args:
            x: One number or Value per input.

        Raises:
            ShapeError: The number of inputs is wrong.
        """
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self) -> list[Any]:
        """Return the parameters, layer by layer.

        Example:
            >>> from slopewise.nn import MLP
            >>> len(MLP(3, [4, 4, 1]).parameters())
            41
        """
        return [p for layer in self.layers for p in layer.parameters()]

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(str(layer) for layer in self.layers)}]"
