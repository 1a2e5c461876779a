"""What a watch over a training loop needs of each pass: who is in the graph, and what the updates did.

A watch may take a few per cent of the loop's own time. So a census is one walk that returns counts and short lists,
never the graph, and the journal is digested in one go. Like `value.py`, this is ordinary Python that Cython compiles
with the types in `census.pxd`.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False)

from slopewise.engine.sweep import counting
from slopewise.ops import CODE

if not cython.compiled:
    from slopewise.engine import sweep
    from slopewise.engine.value import (
        ADD,
        CONSTANT,
        FLOAT,
        MANY,
        MULTIPLY,
        POWER,
        RELU,
        RULE,
        TANH,
        USER,
        number_of,
        operands_of,
        operation_of,
    )

    CANDIDATES = 64  # so many nodes at most that may be out of date; one would do
    BEFORE = 1  # how a change of a gradient and an assignment to the number came one after the other
    AFTER = 2

SIGMOID = CODE["sigmoid"]

# Beyond this share of its range a tanh or a sigmoid is saturated: its slope is below 1 % of the steepest.
SATURATED = 0.995

# What an activation is called when a user made it by hand.
HAND_MADE = {"relu": RELU, "tanh": TANH, "sigmoid": SIGMOID, "σ": SIGMOID, "logistic": SIGMOID}


def census(root):
    """Walk a graph once, and list those nodes that a diagnosis may be about.

    Args:
        root: A Value.

    Returns:
        The number of nodes, and five lists: the activations (relu, tanh, sigmoid); the leaves, constants left out; the
        nodes with a step or an operation of the user's own; the nodes where a nan or an infinity begins; and up to 64
        nodes that may be out of date, for `reading.out_of_date` to judge. The walk goes downwards, root first.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.engine.census import census
        >>> a = Value(-3.0)
        >>> census((a * 2.0).relu() + a)[:3]
        (5, [Value(data=0, grad=0)], [Value(data=-3.0, grad=0)])
    """
    activations = []
    leaves = []
    own = []
    broken = []
    stale = []
    seen = []
    constants = 0
    with counting:
        if sweep.is_counting:
            sweep.refuse_nested_count()
        try:
            sweep.is_counting = True
            root._pending = 1
            seen.append(root)
            i = 0
            while i < len(seen):
                n = seen[i]
                i += 1
                code = n._code
                a = n._a
                if code == USER or n._flags & (MANY | RULE):
                    if n._flags & RULE or code == USER:
                        own.append(n)
                    if kind_of_activation(n):
                        activations.append(n)
                    if is_broken(n):
                        if all([not is_broken(child) for child in operands_of(n)]):  # noqa: C419  a generator would not be compiled as well
                            broken.append(n)
                    elif len(stale) < CANDIDATES and (n._flags & RULE or code == USER):
                        stale.append(n)
                    for child in operands_of(n):
                        if child._pending == 0:
                            child._pending = 1
                            seen.append(child)
                    continue
                if a is None:
                    leaves.append(n)
                    if is_broken(n):
                        broken.append(n)
                    continue
                b = n._b
                if code == RELU or code == TANH or code == SIGMOID:
                    activations.append(n)
                if is_broken(n):
                    if not is_broken_operand(a) and (b is None or not is_broken_operand(b)):
                        broken.append(n)
                elif may_be_stale(n, a, b, code) and len(stale) < CANDIDATES:
                    stale.append(n)
                if a._pending == 0:
                    if a._a is None and a._flags & CONSTANT and not a._flags & (MANY | RULE):
                        constants += 1
                    else:
                        a._pending = 1
                        seen.append(a)
                if b is not None and b._pending == 0:
                    if b._a is None and b._flags & CONSTANT and not b._flags & (MANY | RULE):
                        constants += code != POWER
                    elif code != POWER:
                        b._pending = 1
                        seen.append(b)
        finally:
            for n in seen:
                n._pending = 0
            root._pending = 0
            sweep.is_counting = False
    return len(seen) + constants, activations, leaves, own, broken, stale


def is_broken(n):
    """Tell whether a node's number is a float, and not finite."""
    return n._kind <= FLOAT and n._data - n._data != 0.0


def is_broken_operand(n):
    """Tell whether an operand brought a nan or an infinity in; a constant is part of its operation."""
    return n._kind <= FLOAT and n._data - n._data != 0.0 and (n._a is not None or not n._flags & CONSTANT)


def may_be_stale(n, a, b, code):
    """Tell whether a node's number may no longer follow from its operands'; a sum or product is recomputed."""
    if n._kind != FLOAT or a._kind > FLOAT:
        return False
    if b is not None and b._kind > FLOAT:
        return False
    if code == ADD:
        return a._data + b._data != n._data
    if code == MULTIPLY:
        return a._data * b._data != n._data
    if code == RELU:
        return n._data != (0.0 if a._data < 0 else a._data)
    return a._built != a._data or (b is not None and b._built != b._data)


def kind_of_activation(n):
    """Return RELU, TANH or SIGMOID for an activation, made by hand or not, and 0 for anything else."""
    code = n._code
    if code == RELU or code == TANH or code == SIGMOID:
        return code
    if code == USER:
        return HAND_MADE.get(operation_of(n).name.lower(), 0)
    if n._flags & MANY:
        return HAND_MADE.get(str(n.__dict__.get("_op", "")).lower(), 0)
    return 0


def activity(activations, places):
    """Count, for each unit, how many of its activations there are and how many of them let nothing through.

    A unit is told by a parameter that its weighted sum begins or ends with; activations that share it are one unit on
    several samples.

    Args:
        activations: What `census` listed.
        places: The place of each parameter.

    Returns:
        A list of `(place, kind, total, quiet)`, one for each unit, in the order of the places: kind is "relu", "tanh"
        or "sigmoid"; quiet counts the outputs 0 of a relu, and those of a tanh or sigmoid that is saturated.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.engine.census import activity, census
        >>> w, b = Value(2.0), Value(-1.0)
        >>> outs = [(w * x + b).relu() for x in (-1.0, 0.0, 1.0)]
        >>> activity(census(sum(outs))[1], {w: 0, b: 1})
        [(1, 'relu', 3, 2)]
    """
    size = len(places)
    totals = [0] * size
    quiets = [0] * size
    kinds = [0] * size
    for n in activations:
        place = place_of_unit(n, places)
        if place < 0:
            continue
        kind = kind_of_activation(n)
        kinds[place] = kind
        totals[place] += 1
        x = n._data
        if n._kind > FLOAT:
            continue
        if kind == RELU:
            quiets[place] += x <= 0.0
        elif kind == TANH:
            quiets[place] += x >= SATURATED or x <= -SATURATED
        else:
            quiets[place] += 2.0 * x - 1.0 >= SATURATED or 2.0 * x - 1.0 <= -SATURATED
    found = []
    for place in range(size):
        if totals[place]:
            kind = kinds[place]
            name = "relu" if kind == RELU else "tanh" if kind == TANH else "sigmoid"
            found.append((place, name, totals[place], quiets[place]))
    return found


def place_of_unit(n, places):
    """Return the place of a parameter in the weighted sum below an activation, the nearest to its end, or -1."""
    operands = operands_of(n)
    if len(operands) != 1:
        return -1
    a = operands[0]
    steps = 0
    while a is not None and steps < 4096:
        steps += 1
        if a._a is None:
            return places.get(a, -1)
        b = a._b
        if a._code == MULTIPLY:
            if a._a._a is None and a._a in places:
                return places[a._a]
            if b._a is None and b in places:
                return places[b]
            return -1
        if a._code != ADD:
            return -1
        if b._a is None:
            if b in places:
                return places[b]
        elif b._code == MULTIPLY:
            if b._a._a is None and b._a in places:
                return places[b._a]
            if b._b._a is None and b._b in places:
                return places[b._b]
        a = a._a
    return -1


# ---------------------------------------------------------------------- between two passes


def figures(parameters):
    """Return the numbers and the gradients of parameters as two lists of floats; nan for what is no float or int.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.engine.census import figures
        >>> figures([Value(2), Value(0.5)])
        ([2.0, 0.5], [0.0, 0.0])
    """
    numbers = []
    gradients = []
    for p in parameters:
        numbers.append(p._data if p._kind <= FLOAT else as_float(number_of(p)))
        gradients.append(p._grad if p._grad_kind <= FLOAT else as_float(p.grad))
    return numbers, gradients


def as_float(x):
    """Return a number of any kind as a float, and nan for what cannot be one."""
    try:
        return float(x)
    except (TypeError, ValueError, OverflowError):
        return float("nan")


def digest(events, places, gradients):
    """Go through the journal of what lies between two passes.

    Args:
        events: The journal's events.
        places: The place of each known parameter.
        gradients: Their gradients after the first of the two passes; brought up to what they are before the second.

    Returns:
        For each place the gradient with which the first assignment to `.data` was met, or None; for each place how a
        change of `.grad` came: BEFORE the assignment, AFTER it (or without one), both, or 0; the events of other nodes;
        and the roots whose `zero_grad()` was called.
    """
    size = len(gradients)
    met = [None] * size
    touched = [0] * size
    others = []
    roots = []
    for event in events:
        what, n, before, after = event
        if what == "data":
            place = places.get(n)
            if place is None:
                others.append(event)
            elif met[place] is None:
                met[place] = gradients[place]
        elif what == "grad":
            place = places.get(n)
            if place is None:
                others.append(event)
            elif before is not after and not is_equal(before, after):
                touched[place] |= AFTER if met[place] is not None else BEFORE
                gradients[place] = after if type(after) is float else as_float(after)
        elif what == "clear":
            roots.append(n)
            for i in range(size):
                touched[i] |= AFTER if met[i] is not None else BEFORE
                gradients[i] = 0.0
    return met, touched, others, roots


def is_equal(x, y):
    """Tell whether two numbers are equal; what cannot be compared is not."""
    try:
        return bool(x == y)
    except (TypeError, ValueError):
        return False


def alignment(before, after, met):
    """Compare the step that parameters took with the gradients that it was met with.

    Args:
        before: Their numbers before the update.
        after: Their numbers after it.
        met: Their gradients at the update, None for those that were not assigned to.

    Returns:
        How many were assigned to, how many of those changed, and the sums of step · gradient, |step · gradient|,
        gradient², step² and number² over those that were assigned to.

    Example:
        >>> from slopewise.engine.census import alignment
        >>> alignment([3.0, 1.0], [2.0, 1.0], [10.0, 0.0])
        (2, 1, -10.0, 10.0, 100.0, 1.0, 10.0)
    """
    assigned = 0
    changed = 0
    dot = 0.0
    size = 0.0
    gg = 0.0
    ss = 0.0
    pp = 0.0
    for i in range(len(met)):
        g = met[i]
        if g is None:
            continue
        gradient = g
        x = before[i]
        step = after[i] - x
        assigned += 1
        changed += step != 0.0
        dot += step * gradient
        size += abs(step * gradient)
        gg += gradient * gradient
        ss += step * step
        pp += x * x
    return assigned, changed, dot, size, gg, ss, pp
