"""Which neuron, which layer and which sample each node of a model's loss belongs to."""

from dataclasses import dataclass

from slopewise.engine import Value
from slopewise.engine.evaluations import find_evaluations
from slopewise.engine.reading import is_constant
from slopewise.views.names import Names, caller_names
from slopewise.views.reading import Reading

_NONE = -1


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of a graph's nodes, by their positions.

    Attributes:
        nodes: The nodes, as `engine.reading.survey` lists them.
        operands: Their operands' positions.
        neuron: The place of the neuron that a node belongs to, such as `"layers.0.neurons.3"`: the neuron's parameters,
            its products, sums and activation; "" for what belongs to none.
        layer: The place of that neuron's layer, such as `"layers.0"`, or "".
        sample: The number of the sample that a node is computed from, counted from 0 as they went through the model;
            None for parameters, and for what is made from no sample or from several.
    """

    nodes: list[Value]
    operands: list[tuple[int, ...]]
    neuron: list[str]
    layer: list[str]
    sample: list[int | None]

    @property
    def neurons(self) -> tuple[str, ...]:
        """The neurons that occur, in the order of the graph."""
        return tuple(dict.fromkeys(name for name in self.neuron if name))

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that occur, in the order of the graph."""
        return tuple(sorted(dict.fromkeys(name for name in self.layer if name), key=_in_number_order))

    @property
    def samples(self) -> int:
        """How many samples went through the model."""
        return max((s for s in self.sample if s is not None), default=-1) + 1


def group(root: Value, names: Names | None = None, reading: Reading | None = None) -> Groups:
    """Tell of each node below root which neuron, layer and sample it belongs to.

    A neuron is known by its parameters' places in a model. A product with one of them, the sums of such products, and
    an activation of that sum belong to it. Each time that a neuron of the first layer is evaluated counts as a sample.

    Args:
        root: A Value, such as a loss.
        names: The names and places of the nodes; the caller's variables are looked at if not given.
        reading: What has been read of the graph already.

    Raises:
        NumberError: root is no Value.

    Example:
        >>> from slopewise.nn import MLP
        >>> from slopewise.views import group
        >>> net = MLP(2, [3, 1])
        >>> loss = net([1.0, 2.0]) + net([3.0, 4.0])
        >>> groups = group(loss)
        >>> groups.layers, len(groups.neurons), groups.samples
        (('layers.0', 'layers.1'), 4, 2)
    """
    reading = reading if reading is not None else Reading(root)
    nodes, operands = reading.nodes, reading.operands
    if names is None:
        names = caller_names(nodes, depth=2)
    owner, owners = _owners_of_leaves(nodes, operands, names)
    part, owner_of, samples = find_evaluations(nodes, operands, owner)
    neuron_names = [neuron_of(place) for place in owners]
    layer_names = [layer_of(name) for name in neuron_names]
    mine = [own if evaluation == _NONE else owner_of[evaluation] for own, evaluation in zip(owner, part, strict=True)]
    neuron = list(map([*neuron_names, ""].__getitem__, mine))  # _NONE, −1, is the last
    layer = list(map([*layer_names, ""].__getitem__, mine))
    return Groups(nodes, operands, neuron, layer, samples)


def neuron_of(place: str) -> str:
    """Return the place of what a parameter belongs to.

    Args:
        place: A parameter's place in a model.

    Example:
        >>> from slopewise.views.groups import neuron_of
        >>> neuron_of("layers.0.neurons.3.w.1"), neuron_of("layers.0.neurons.3.b"), neuron_of("w1.3.2")
        ('layers.0.neurons.3', 'layers.0.neurons.3', 'w1.3')
    """
    parts = place.split(".")
    holder = list(parts)
    while len(holder) > 1 and holder[-1].isdigit():
        holder.pop()
    holder.pop()
    if holder:
        return ".".join(holder)
    return ".".join(parts[:2]) if len(parts) > 2 else parts[0]


def layer_of(neuron: str) -> str:
    """Return the place of a neuron's layer.

    Args:
        neuron: A neuron's place in a model.

    Example:
        >>> from slopewise.views.groups import layer_of
        >>> layer_of("layers.0.neurons.3"), layer_of("w1.3"), layer_of("output")
        ('layers.0', 'w1', 'output')
    """
    parts = neuron.split(".")
    if len(parts) < 2 or not parts[-1].isdigit():
        return neuron
    if len(parts) == 2:
        return neuron if parts[0] in ("layers", "blocks") else parts[0]
    return ".".join(parts[:-2]) if parts[-2].isalpha() and len(parts) > 2 else neuron


def _owners_of_leaves(nodes: list[Value], operands: list[tuple[int, ...]], names: Names) -> tuple[list[int], list[str]]:
    """Return, for each node, the number of the neuron whose parameter it is; and a place for each number."""
    owner = [_NONE] * len(nodes)
    numbers: dict[str, int] = {}
    owners: list[str] = []
    place_of = names.place_of
    for p, node in enumerate(nodes):
        if not operands[p]:
            place = place_of(node)
            if place and not is_constant(node):
                neuron = neuron_of(place)
                if neuron not in numbers:
                    numbers[neuron] = len(owners)
                    owners.append(place)
                owner[p] = numbers[neuron]
    return owner, owners


def _in_number_order(name: str) -> tuple[tuple[int, str], ...]:
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in name.split("."))
