"""Which layer each parameter belongs to, read off the graph of one sample, whatever the net's classes are called."""

import re

from slopewise.doctor.targets import terms_of
from slopewise.engine import Value
from slopewise.engine.reading import survey
from slopewise.engine.value import is_made, operation_of

MOST_NODES = 20_000  # of one term's graph
ACTIVATIONS = frozenset({"relu", "tanh", "sigmoid", "leaky_relu", "elu", "gelu", "silu", "softplus"})
_PART = re.compile(r"\.?[^.\[\]]+|\[[^\]]*\]")


class Layers:
    """The parameters by layer, the first layer first.

    Attributes:
        places: For each layer the places of its parameters.
        of: For each parameter's place its layer.
        units: For each layer its units, each as the places of its parameters in the order of their use.
        unit_of: For the place of each parameter of a unit, the places of all that are the unit's.
    """

    __slots__ = ("of", "places", "unit_of", "units")

    def __init__(self, places: list[list[int]], units: list[list[list[int]]]) -> None:
        self.places = places
        self.units = units
        self.unit_of = {place: unit for layer in units for unit in layer for place in unit}
        self.of = {place: i for i, layer in enumerate(places) for place in layer}

    def __len__(self) -> int:
        return len(self.places)


def layers_of(root: Value, places: dict[Value, int]) -> Layers | None:
    """Sort parameters into layers by how many activations lie between them and the inputs; None when there is no net.

    One term of the loss is walked through: the first whose graph contains an activation of parameters.
    """
    for term in terms_of(root, 1_000):
        nodes, operands = survey(term)
        if len(nodes) > MOST_NODES:
            return None
        found = _sorted_into_layers(nodes, operands, places)
        if found is not None:
            return found
    return None


def _sorted_into_layers(nodes: list[Value], operands: list[tuple[int, ...]], places: dict[Value, int]) -> Layers | None:
    levels = [0] * len(nodes)
    activations: list[int] = []
    layer_of: dict[int, int] = {}
    for i, node in enumerate(nodes):
        levels[i] = max((levels[o] for o in operands[i]), default=0)
        if is_made(node) and _is_activation(node):
            activations.append(i)
            levels[i] += 1
        for o in operands[i]:
            place = places.get(nodes[o])
            if place is not None and not is_made(nodes[o]):
                layer_of[place] = max(layer_of.get(place, 0), levels[i] - (i in activations[-1:]))
    if not activations or len(layer_of) < 2:
        return None
    numbers = sorted(set(layer_of.values()))
    layers: list[list[int]] = [[] for _ in numbers]
    for place, level in layer_of.items():
        layers[numbers.index(level)].append(place)
    units: list[list[list[int]]] = [[] for _ in numbers]
    for i in activations:
        own = _own_parameters(i, nodes, operands, places)
        if own:
            units[numbers.index(layer_of[own[0]])].append(own)
    return Layers(layers, units) if any(units) else None


def _own_parameters(
    start: int, nodes: list[Value], operands: list[tuple[int, ...]], places: dict[Value, int]
) -> list[int]:
    """Return the places of the parameters below an activation and above the next ones, in order."""
    found: list[int] = []
    stack = list(reversed(operands[start]))
    steps = 0
    while stack and steps < MOST_NODES:
        steps += 1
        i = stack.pop()
        node = nodes[i]
        if not is_made(node):
            place = places.get(node)
            if place is not None:
                found.append(place)
        elif not _is_activation(node):
            stack.extend(reversed(operands[i]))
    return found


def _is_activation(node: Value) -> bool:
    name = operation_of(node).name
    return name in ACTIVATIONS or (name == "leaf" and str(node._op).lower() in ACTIVATIONS)


def layer_names(layers: Layers, names: list[str]) -> list[str]:
    """Name layers by what the names of their parameters have in common: `layers.0`, or `layer 1 (W1, b1)`.

    Args:
        layers: The layers.
        names: The name of each parameter, by its place.
    """
    found = [_common([names[place] for place in layer]) for layer in layers.places]
    if all(found) and len(set(found)) == len(found):
        return found
    return [_numbered(i + 1, [names[place] for place in layer]) for i, layer in enumerate(layers.places)]


def _common(names: list[str]) -> str:
    """Return what names have in common, up to and with the first number."""
    parts = [_PART.findall(name) for name in names]
    common: list[str] = []
    for column in zip(*parts, strict=False):
        if len(set(column)) > 1:
            break
        common.append(column[0])
        if any(c.isdigit() for c in column[0].strip(".[]")[:1]):
            break
    return "".join(common)


def _numbered(number: int, names: list[str]) -> str:
    holders = list(dict.fromkeys(_PART.findall(name)[0] for name in names if name))
    return f"layer {number} ({', '.join(holders)})" if 0 < len(holders) <= 3 else f"layer {number}"


def unit_name(name: str) -> str:
    """Return the unit that a parameter belongs to: `layers.0.neurons.3` for `layers.0.neurons.3.w.1`."""
    match = re.fullmatch(r"(.+)\.(?:[A-Za-z_]\w*)(?:\.\d+)?", name)
    return match[1] if match else f"the unit with {name}"
