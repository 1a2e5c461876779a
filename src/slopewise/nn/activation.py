"""Activations by name, by operation, or as any function of one number."""

import difflib
from collections.abc import Callable
from typing import Any

from slopewise.engine import Value
from slopewise.errors import DomainError, NumberError
from slopewise.ops import BY_NAME, Operation

Activation = str | Callable[[Any], Any]

LINEAR = "linear"

_ALIASES = {
    "absolute": "abs",
    "identity": LINEAR,
    "logistic": "sigmoid",
    "lrelu": "leaky_relu",
    "none": LINEAR,
    "swish": "silu",
}
_SHOWN = {"relu": "ReLU", "leaky_relu": "LeakyReLU", "elu": "ELU", "gelu": "GELU", "silu": "SiLU"}
_OF_A_LAYER = ("softmax", "log_softmax", "logsumexp")
_UNARY = {row.name for row in BY_NAME.values() if row.arity - len(row.defaults) == 1 and row.name != "absolute"} | {
    "abs"
}


def resolve_activation(given: Any) -> Activation:
    """Return the name of a known activation, or the user's own function as it is.

    A name stays a name, so that a net can be pickled and its methods are looked up when they are used: a `Value.tanh`
    that a learner put in place of ours is the one that runs.

    Args:
        given: A name such as `"tanh"`, an operation such as `slopewise.tanh`, a function of one Value, or None for
            linear.

    Raises:
        DomainError: The name is unknown.
        NumberError: It is neither a name nor callable.

    Example:
        >>> import slopewise as sw
        >>> resolve_activation("identity"), resolve_activation(sw.tanh)
        ('linear', 'tanh')
    """
    if given is None:
        return LINEAR
    if isinstance(given, Operation) and BY_NAME.get(given.name) is given:
        given = given.name
    if isinstance(given, str):
        return _known_name(given)
    if not callable(given):
        raise NumberError(
            f"activation={given!r} is neither a name nor a function\n"
            f'give a name such as "tanh", an operation such as slopewise.tanh, or a function of one Value'
        )
    function: Callable[[Any], Any] = given
    return function


def _known_name(given: str) -> str:
    name = given.lower().replace("-", "_").replace(" ", "_")
    name = _ALIASES.get(name, name)
    if name == LINEAR or name in _UNARY:
        return name
    if name in _OF_A_LAYER:
        raise DomainError(
            f"activation={given!r} needs all outputs of a layer, and an activation sees one number at a time\n"
            f"apply slopewise.{name} to the list that the net returns; for training, losses.cross_entropy takes the "
            f"outputs of a linear last layer as they are"
        )
    near = difflib.get_close_matches(name, [*_UNARY, LINEAR, *_ALIASES], 1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise DomainError(
        f"activation={given!r} is unknown\n"
        f"{hint}common ones are relu, tanh, sigmoid, leaky_relu, elu, gelu, silu, softplus and linear; "
        f"any function of one Value will do too"
    )


def activate(activation: Activation, x: Any) -> Any:
    """Apply an activation to one number or Value.

    Example:
        >>> activate("relu", 2.0), activate(lambda x: x * x, 3.0)
        (2.0, 9.0)
    """
    if isinstance(activation, str):
        if activation == LINEAR:
            return x
        if isinstance(x, Value):
            return abs(x) if activation == "abs" else getattr(x, activation)()
        return BY_NAME["absolute" if activation == "abs" else activation](x)
    return activation(x)


def activation_title(activation: Activation) -> str:
    """Return the activation's name as a neuron shows it: `ReLU`, `Tanh`, `Linear`, or that of the user's function.

    Example:
        >>> activation_title("leaky_relu"), activation_title("tanh")
        ('LeakyReLU', 'Tanh')
    """
    if not isinstance(activation, str):
        activation = (
            getattr(activation, "__name__", None) or getattr(activation, "name", None) or type(activation).__name__
        )
        activation = "custom" if activation == "<lambda>" else activation
    if activation in _SHOWN:
        return _SHOWN[activation]
    return "".join(part[:1].upper() + part[1:] for part in activation.split("_"))
