"""Which neuron, which layer and which sample each node of a model's loss belongs to."""

from dataclasses import dataclass
from typing import Any

from slopewise.engine import Value
from slopewise.engine.reading import is_constant
from slopewise.engine.value import has_own_step, number_of, operation_of
from slopewise.views.names import Names, caller_names
from slopewise.views.reading import Reading

_ACTIVATIONS = frozenset(
    ("relu", "leaky_relu", "tanh", "sigmoid", "elu", "gelu", "silu", "softplus", "sin", "cos", "erf", "identity")
)
_NONE = -1
_MIXED = -2


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
    part, known = _evaluations(nodes, operands, owner)
    neuron_names = [neuron_of(place) for place in owners]
    layer_names = [layer_of(name) for name in neuron_names]
    neuron, layer = [""] * len(nodes), [""] * len(nodes)
    for p, evaluation in enumerate(part):
        mine = owner[p] if evaluation == _NONE else known.owner[evaluation]
        if mine != _NONE:
            neuron[p], layer[p] = neuron_names[mine], layer_names[mine]
    return Groups(nodes, operands, neuron, layer, _samples(operands, part, known))


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


class _Evaluations:
    """Evaluations of neurons, by number: the products and sums that have been found to belong together."""

    def __init__(self) -> None:
        self.owner: list[int] = []
        self.into: list[int] = []  # the evaluation that one turned out to be a part of, or itself
        self.parameters: list[Any] = []  # their positions: one position, or a set of several
        self.rests: list[bool] = []  # whether it rests on another neuron's output

    def begin(self, owner: int, parameter: int, rests: bool) -> int:
        number = len(self.owner)
        self.owner.append(owner)
        self.into.append(number)
        self.parameters.append(parameter)
        self.rests.append(rests)
        return number

    def found(self, number: int) -> int:
        into = self.into
        while into[number] != number:
            into[number] = number = into[into[number]]
        return number

    def merge(self, mine: int, theirs: int) -> bool:
        """Make two evaluations one, unless they have a parameter in common: then they are two samples."""
        ours, others = self.parameters[mine], self.parameters[theirs]
        if type(ours) is int:
            ours = {ours}
        if type(others) is int:
            if others in ours:
                return False
            ours.add(others)
        elif ours.isdisjoint(others):
            ours |= others
        else:
            return False
        self.parameters[mine] = ours
        self.parameters[theirs] = None
        self.into[theirs] = mine
        self.rests[mine] |= self.rests[theirs]
        return True

    def add(self, mine: int, parameter: int) -> bool:
        """Add a parameter, such as the bias, unless the evaluation has it already."""
        ours = self.parameters[mine]
        if type(ours) is int:
            ours = self.parameters[mine] = {ours}
        if parameter in ours:
            return False
        ours.add(parameter)
        return True


def _evaluations(
    nodes: list[Value], operands: list[tuple[int, ...]], owner: list[int]
) -> tuple[list[int], _Evaluations]:
    """Find the evaluation that each node is a part of; -1 for none."""
    known = _Evaluations()
    part = [_NONE] * len(nodes)
    is_open = [False] * len(nodes)  # whether more can be added to it: not behind the activation
    rests = [False] * len(nodes)  # whether a node is, or rests on, a part of an evaluation
    for p, ops in enumerate(operands):
        if not ops:
            continue
        first = ops[0]
        if len(ops) == 1:
            rests[p] = rests[first]
            if is_open[first] and _is_activation(nodes[p]):
                part[p] = part[first]
            continue
        if len(ops) == 2:
            second = ops[1]
            rest = rests[first] or rests[second]
            if not is_open[first] and not is_open[second]:  # the commonest case: a parameter times an input
                mine = _NONE
                if (owner[first] == _NONE) != (owner[second] == _NONE):
                    parameter = first if owner[first] != _NONE else second
                    mine = known.begin(owner[parameter], parameter, rest)
            else:
                mine = _joined_or_begun(nodes, p, ops, owner, part, is_open, rest, known)
        else:
            rest = any(rests[q] for q in ops)
            mine = _joined_or_begun(nodes, p, ops, owner, part, is_open, rest, known)
        if mine != _NONE:
            part[p] = mine
            is_open[p] = rest = True
        rests[p] = rest
    found = known.found
    return [e if e == _NONE else found(e) for e in part], known


def _joined_or_begun(
    nodes: list[Value],
    p: int,
    ops: tuple[int, ...],
    owner: list[int],
    part: list[int],
    is_open: list[bool],
    rest: bool,
    known: _Evaluations,
) -> int:
    """Return the evaluation that a node adds to, or a new one for a parameter and something that is none, or -1."""
    mine = _joined(nodes, p, ops, owner, part, is_open, known)
    if mine != _NONE:
        return mine
    own = [q for q in ops if owner[q] != _NONE]
    return known.begin(owner[own[0]], own[0], rest) if len(own) == 1 else _NONE


def _joined(
    nodes: list[Value],
    p: int,
    ops: tuple[int, ...],
    owner: list[int],
    part: list[int],
    is_open: list[bool],
    known: _Evaluations,
) -> int:
    """Return the evaluation of which all operands are open parts, or its neuron's parameters; -1 for none.

    A parameter that is added may come from elsewhere: many nets keep their biases in a list of their own.
    """
    mine = _NONE
    for q in ops:
        if is_open[q]:
            theirs = known.found(part[q])
            if mine == _NONE:
                mine = theirs
            elif mine != theirs and (known.owner[mine] != known.owner[theirs] or not known.merge(mine, theirs)):
                return _NONE
        elif owner[q] == _NONE and not _is_start_of_sum(nodes[p], nodes[q]):
            return _NONE
    if mine == _NONE:
        return _NONE
    for q in ops:
        if owner[q] != _NONE and not (_may_take(nodes[p], owner[q], known.owner[mine]) and known.add(mine, q)):
            return _NONE
    return mine


def _is_start_of_sum(node: Value, operand: Value) -> bool:
    """Tell whether an operand is the 0 that a sum starts from."""
    return is_constant(operand) and operation_of(node).name == "add" and bool(number_of(operand) == 0)


def _may_take(node: Value, theirs: int, mine: int) -> bool:
    return theirs == mine or operation_of(node).name == "add"


def _is_activation(node: Value) -> bool:
    return operation_of(node).name in _ACTIVATIONS or has_own_step(node)


def _samples(operands: list[tuple[int, ...]], part: list[int], known: _Evaluations) -> list[int | None]:
    """Number the samples: an evaluation that rests on no other neuron begins one, the rest follows its operands."""
    counts: dict[int, int] = {}
    begun: dict[int, int] = {}
    numbers = [_NONE] * len(operands)
    for p, ops in enumerate(operands):
        mine = part[p]
        if mine != _NONE and not known.rests[mine]:
            if mine not in begun:
                owner = known.owner[mine]
                begun[mine] = counts.get(owner, 0)
                counts[owner] = begun[mine] + 1
            numbers[p] = begun[mine]
            continue
        number = _NONE
        for q in ops:
            theirs = numbers[q]
            if theirs != _NONE and theirs != number:
                number = theirs if number == _NONE else _MIXED
        numbers[p] = number
    return [None if number < 0 else number for number in numbers]


def _in_number_order(name: str) -> tuple[tuple[int, str], ...]:
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in name.split("."))
