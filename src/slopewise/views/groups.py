"""Which neuron, which layer and which sample each node of a model's loss belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass

from slopewise.engine import Value
from slopewise.engine.reading import is_constant, survey
from slopewise.engine.value import has_own_step, operation_of
from slopewise.views.names import Names, caller_names

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


def group(root: Value, names: Names | None = None) -> Groups:
    """Tell of each node below root which neuron, layer and sample it belongs to.

    A neuron is known by its parameters' places in a model. A product with one of them, the sums of such products, and
    an activation of that sum belong to it. Each time that a neuron of the first layer is evaluated counts as a sample.

    Args:
        root: A Value, such as a loss.
        names: The names and places of the nodes; the caller's variables are looked at if not given.

    Example:
        >>> from slopewise.nn import MLP
        >>> from slopewise.views import group
        >>> net = MLP(2, [3, 1])
        >>> loss = net([1.0, 2.0]) + net([3.0, 4.0])
        >>> groups = group(loss)
        >>> groups.layers, len(groups.neurons), groups.samples
        (('layers.0', 'layers.1'), 4, 2)
    """
    nodes, operands = survey(root)
    if names is None:
        names = caller_names(nodes, depth=2)
    owner, owners = _owners_of_leaves(nodes, operands, names)
    part, rests_on_others = _evaluations(nodes, operands, owner)
    neuron_names = [neuron_of(place) for place in owners]
    layer_names = [layer_of(name) for name in neuron_names]
    neuron, layer = [""] * len(nodes), [""] * len(nodes)
    for p, evaluation in enumerate(part):
        mine = owner[p] if evaluation is None else evaluation.owner
        if mine != _NONE:
            neuron[p], layer[p] = neuron_names[mine], layer_names[mine]
    return Groups(nodes, operands, neuron, layer, _samples(operands, part, rests_on_others))


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
    return ".".join(parts[:-2]) if parts[-2].isalpha() and not parts[-3:-2] == [] else neuron


class _Evaluation:
    """One evaluation of a neuron: the products and sums that have been found to be parts of it so far."""

    __slots__ = ("into", "number", "owner", "parameters")

    def __init__(self, owner: int, parameter: int) -> None:
        self.owner = owner
        self.parameters: set[int] | int = parameter
        self.into: _Evaluation | None = None  # what this one turned out to be a part of
        self.number = _NONE  # of the sample


def _found(evaluation: _Evaluation) -> _Evaluation:
    while evaluation.into is not None:
        evaluation = evaluation.into
    return evaluation


def _owners_of_leaves(
    nodes: list[Value], operands: list[tuple[int, ...]], names: Names
) -> tuple[list[int], list[str]]:
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


def _evaluations(
    nodes: list[Value], operands: list[tuple[int, ...]], owner: list[int]
) -> tuple[list[_Evaluation | None], set[int]]:
    """Find the evaluations of neurons.

    Returns:
        The evaluation that each node is a part of, and the ids of those that rest on other neurons' outputs.
    """
    part: list[_Evaluation | None] = [None] * len(nodes)
    is_open = [False] * len(nodes)  # whether more can be added to it: not behind the activation
    rests = [False] * len(nodes)  # whether a node rests on a neuron's output
    on_others: list[_Evaluation] = []
    for p, ops in enumerate(operands):
        if not ops:
            continue
        rests[p] = any(rests[q] or part[q] is not None for q in ops)
        if len(ops) == 1:
            inner = part[ops[0]]
            if inner is not None and is_open[ops[0]] and _is_activation(nodes[p]):
                part[p] = inner
            continue
        mine = _joined(ops, owner, part, is_open)
        if mine is None:
            mine = _begun(ops, owner)
            if mine is not None and any(rests[q] or part[q] is not None for q in ops):
                on_others.append(mine)
        if mine is not None:
            part[p] = mine
            is_open[p] = True
    settled = [None if e is None else _found(e) for e in part]
    return settled, {id(_found(e)) for e in on_others}


def _joined(
    ops: tuple[int, ...], owner: list[int], part: list[_Evaluation | None], is_open: list[bool]
) -> _Evaluation | None:
    """Return the evaluation that a node adds to: all its operands are open parts of it, or its neuron's parameters."""
    mine: _Evaluation | None = None
    for q in ops:
        theirs = part[q]
        if theirs is None or not is_open[q]:
            if owner[q] == _NONE:
                return None
            continue
        theirs = _found(theirs)
        if mine is None or mine is theirs:
            mine = theirs
        elif mine.owner != theirs.owner or not _merged(mine, theirs):
            return None
    if mine is None:
        return None
    for q in ops:
        if owner[q] != _NONE and (owner[q] != mine.owner or not _added(mine, q)):
            return None
    return mine


def _begun(ops: tuple[int, ...], owner: list[int]) -> _Evaluation | None:
    """Return a new evaluation for an operation on one parameter and something that is none."""
    own = [q for q in ops if owner[q] != _NONE]
    return _Evaluation(owner[own[0]], own[0]) if len(own) == 1 and len(ops) > 1 else None


def _merged(mine: _Evaluation, theirs: _Evaluation) -> bool:
    """Make two evaluations one, unless they have a parameter in common: then they are two samples of one neuron."""
    ours, others = mine.parameters, theirs.parameters
    if isinstance(ours, int):
        ours = {ours}
    if isinstance(others, int):
        if others in ours:
            return False
        ours.add(others)
    elif ours.isdisjoint(others):
        ours |= others
    else:
        return False
    mine.parameters = ours
    theirs.into = mine
    theirs.parameters = 0
    return True


def _added(mine: _Evaluation, parameter: int) -> bool:
    ours = mine.parameters
    if isinstance(ours, int):
        ours = mine.parameters = {ours}
    if parameter in ours:
        return False
    ours.add(parameter)
    return True


def _is_activation(node: Value) -> bool:
    return operation_of(node).name in _ACTIVATIONS or has_own_step(node)


def _samples(
    operands: list[tuple[int, ...]], part: Sequence[_Evaluation | None], rests_on_others: set[int]
) -> list[int | None]:
    """Number the samples: an evaluation that rests on no other neuron begins one, the rest follows its operands."""
    counts: dict[int, int] = {}
    numbers = [_NONE] * len(operands)
    for p, ops in enumerate(operands):
        mine = part[p]
        if mine is not None and id(mine) not in rests_on_others:
            if mine.number == _NONE:
                mine.number = counts.get(mine.owner, 0)
                counts[mine.owner] = mine.number + 1
            numbers[p] = mine.number
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
