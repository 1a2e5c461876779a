"""Evaluations of neurons in a graph: which products, sums and activations belong together, and to which sample.

A graph knows nothing of neurons; but a product with a parameter begins an evaluation of the neuron that owns it, a sum
joins evaluations, and an activation closes one. Like `value.py`, this is ordinary Python that Cython compiles with the
types in `evaluations.pxd`: a million nodes take a moment.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False)

from slopewise.engine.value import Value  # noqa: F401  the pxd beside this file types nodes with it

if not cython.compiled:
    from slopewise.engine.reading import is_constant
    from slopewise.engine.value import has_own_step, number_of, operation_of

    NONE = -1
    MIXED = -2

ACTIVATIONS = frozenset(
    ("relu", "leaky_relu", "tanh", "sigmoid", "elu", "gelu", "silu", "softplus", "sin", "cos", "erf", "identity")
)


class Evaluations:
    """Evaluations of neurons, by number: the products and sums that have been found to belong together."""

    def __init__(self):
        self.owner = []
        self.into = []  # the evaluation that one turned out to be a part of, or itself
        self.parameters = []  # their positions: one position, or a set of several
        self.rests = []  # whether it rests on another neuron's output


def begin(known, owner, parameter, rests):
    """Begin an evaluation, and return its number."""
    number = len(known.owner)
    known.owner.append(owner)
    known.into.append(number)
    known.parameters.append(parameter)
    known.rests.append(rests)
    return number


def found(known, number):
    """Return the evaluation that one has become a part of."""
    into = known.into
    above = into[number]
    while above != number:
        into[number] = into[above]
        number = above
        above = into[number]
    return number


def merge(known, mine, theirs):
    """Make two evaluations one, unless they have a parameter in common: then they are two samples."""
    ours = known.parameters[mine]
    others = known.parameters[theirs]
    if type(ours) is int:
        ours = {ours}
    if type(others) is int:
        if others in ours:
            return False
        ours.add(others)
    elif ours.isdisjoint(others):
        ours.update(others)
    else:
        return False
    known.parameters[mine] = ours
    known.parameters[theirs] = None
    known.into[theirs] = mine
    known.rests[mine] = known.rests[mine] or known.rests[theirs]
    return True


def add(known, mine, parameter):
    """Add a parameter, such as the bias, unless the evaluation has it already."""
    ours = known.parameters[mine]
    if type(ours) is int:
        ours = {ours}
        known.parameters[mine] = ours
    if parameter in ours:
        return False
    ours.add(parameter)
    return True


def find_evaluations(nodes, operands, owner):
    """Find the evaluation, and the sample, that each node belongs to.

    Args:
        nodes: The nodes, as `reading.survey` lists them.
        operands: Their operands' positions.
        owner: For each node, the number of the neuron whose parameter it is, or -1.

    Returns:
        For each node the number of its evaluation, or -1; for each evaluation its neuron; and for each node the number
        of its sample, or None. Evaluations that rest on no other neuron count the samples of their neuron.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.engine.evaluations import find_evaluations
        >>> from slopewise.engine.reading import survey
        >>> w = Value(2.0)
        >>> nodes, operands = survey(w * 3.0 + w * 5.0)
        >>> part, _, samples = find_evaluations(nodes, operands, [0 if n is w else -1 for n in nodes])
        >>> part, samples
        ([-1, -1, 0, -1, 1, -1], [None, None, 0, None, 1, None])
    """
    known = Evaluations()
    count = len(nodes)
    part = [NONE] * count
    is_open = [False] * count  # whether more can be added to it: not behind the activation
    rests = [False] * count  # whether a node is, or rests on, a part of an evaluation
    for p in range(count):
        ops = operands[p]
        size = len(ops)
        if size == 0:
            continue
        first = ops[0]
        if size == 1:
            rests[p] = rests[first]
            if is_open[first] and is_activation(nodes[p]):
                part[p] = part[first]
            continue
        mine = NONE
        if size == 2:
            second = ops[1]
            rest = rests[first] or rests[second]
            if not is_open[first] and not is_open[second]:  # the commonest case: a parameter times an input
                mine_owns = owner[first]
                theirs_owns = owner[second]
                if mine_owns != NONE and theirs_owns == NONE:
                    mine = begin(known, mine_owns, first, rest)
                elif mine_owns == NONE and theirs_owns != NONE:
                    mine = begin(known, theirs_owns, second, rest)
            else:
                mine = join_or_begin(nodes, p, ops, owner, part, is_open, rest, known)
        else:
            rest = False
            for q in ops:
                rest = rest or rests[q]
            mine = join_or_begin(nodes, p, ops, owner, part, is_open, rest, known)
        if mine != NONE:
            part[p] = mine
            is_open[p] = True
            rest = True
        rests[p] = rest
    for p in range(count):
        mine = part[p]
        if mine != NONE:
            part[p] = found(known, mine)
    return part, known.owner, samples_of(operands, part, known)


def join_or_begin(nodes, p, ops, owner, part, is_open, rest, known):
    """Return the evaluation that a node adds to, or a new one for a parameter and something that is none, or -1."""
    mine = join(nodes, p, ops, owner, part, is_open, known)
    if mine != NONE:
        return mine
    parameters = 0
    parameter = NONE
    for q in ops:
        if owner[q] != NONE:
            parameters += 1
            parameter = q
    return begin(known, owner[parameter], parameter, rest) if parameters == 1 else NONE


def join(nodes, p, ops, owner, part, is_open, known):
    """Return the evaluation of which all operands are open parts, or its neuron's parameters; -1 for none.

    A parameter that is added may come from elsewhere: many nets keep their biases in a list of their own.
    """
    mine = NONE
    for q in ops:
        if is_open[q]:
            theirs = found(known, part[q])
            if mine == NONE:
                mine = theirs
            elif mine != theirs and (known.owner[mine] != known.owner[theirs] or not merge(known, mine, theirs)):
                return NONE
        elif owner[q] == NONE and not is_start_of_sum(nodes[p], nodes[q]):
            return NONE
    if mine == NONE:
        return NONE
    for q in ops:
        if owner[q] != NONE:
            if owner[q] != known.owner[mine] and operation_of(nodes[p]).name != "add":
                return NONE
            if not add(known, mine, q):
                return NONE
    return mine


def is_start_of_sum(node, operand):
    """Tell whether an operand is the 0 that a sum starts from."""
    return is_constant(operand) and operation_of(node).name == "add" and bool(number_of(operand) == 0)


def is_activation(node):
    """Tell whether a node is an activation: one of those known, or a step that a user made by hand."""
    return operation_of(node).name in ACTIVATIONS or has_own_step(node)


def samples_of(operands, part, known):
    """Number the samples: an evaluation that rests on no other neuron begins one, the rest follows its operands."""
    counts = {}
    begun = {}
    numbers = [NONE] * len(operands)
    result = [None] * len(operands)
    for p in range(len(operands)):
        mine = part[p]
        number = NONE
        if mine != NONE and not known.rests[mine]:
            known_number = begun.get(mine)
            if known_number is None:
                neuron = known.owner[mine]
                known_number = counts.get(neuron, 0)
                begun[mine] = known_number
                counts[neuron] = known_number + 1
            number = known_number
        else:
            for q in operands[p]:
                theirs = numbers[q]
                if theirs != NONE and theirs != number:
                    number = theirs if number == NONE else MIXED
        if number != NONE:
            numbers[p] = number
            if number != MIXED:
                result[p] = number
    return result
