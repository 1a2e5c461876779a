"""Reading a graph without touching it: its nodes in order, its gradients computed afresh, and what is out of date.

Views, stories, pictures and diagnoses start here, so the functions take a million nodes without a long wait. Like
`value.py`, this is ordinary Python that Cython compiles with the types in `reading.pxd`.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False)

from types import CellType

from slopewise.engine.sweep import counting
from slopewise.engine.value import Value
from slopewise.errors import GraphError

if not cython.compiled:
    from slopewise.engine import sweep
    from slopewise.engine.value import (
        ADD,
        CONSTANT,
        FLOAT,
        INT,
        LEAF,
        LECTURE,
        MANY,
        MULTIPLY,
        POWER,
        RELU,
        RULE,
        TANH,
        USER,
        WRITTEN,
        general_number,
        has_attributes,
        has_operands,
        hyperbolic_tangent,
        local_derivatives,
        number_of,
        operands_of,
        operation_of,
        put_grad,
        rule_operands,
        set_silent,
    )

    OPEN = 4294967295

EMPTY_CELL = CellType()


def survey(root):
    """List every node below root, and the positions of each one's operands.

    Leaves and constants are in the list too. Nodes stand in the order in which they were made, a leaf right before
    the first node that was made from it.

    Args:
        root: A Value.

    Returns:
        The nodes, root last, and for each a tuple of its operands' positions: a node used twice is there twice.

    Raises:
        GraphError: The graph has a cycle, which only an assignment to `_prev` can make.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.engine.reading import survey
        >>> a, b = Value(2.0), Value(3.0)
        >>> nodes, operands = survey(a * a + b)
        >>> [n.data for n in nodes], operands
        ([2.0, 4.0, 3.0, 7.0], [(), (0, 0), (), (1, 2)])
    """
    nodes = []
    operands = []
    with counting:
        if sweep.is_counting:
            sweep.refuse_nested_count()
        try:
            sweep.is_counting = True
            visit(root, nodes)
            if not is_in_order(nodes):
                nodes = put_in_order(nodes)
            for n in nodes:
                operands.append(places(n, len(operands), root))
        finally:
            forget_places(root, nodes)
            sweep.is_counting = False
    return nodes, operands


# While a graph is surveyed, `_pending` holds 1 + the position of a node in the list, or OPEN.


def visit(root, nodes):
    """Append root and the nodes below it to a list, each after its operands."""
    stack = [root]
    while stack:
        n = stack[len(stack) - 1]
        if n._pending == 0 and has_operands(n):
            n._pending = OPEN
            if n._flags & MANY:
                children = operands_of(n)
                for i in range(len(children) - 1, -1, -1):
                    child = children[i]
                    if child._pending == 0:
                        stack.append(child)
                continue
            child = n._b
            if child is not None and n._code != POWER and child._pending == 0:
                stack.append(child)
            child = n._a
            if child._pending == 0:
                stack.append(child)
            continue
        stack.pop()
        if n._pending == 0 or n._pending == OPEN:
            nodes.append(n)
            n._pending = len(nodes)


def is_in_order(nodes):
    """Tell whether the made nodes of a list stand in the order in which they were made."""
    last = 0.0
    for n in nodes:
        if has_operands(n):
            if n._built < last:
                return False
            last = n._built
    return True


def put_in_order(nodes):
    """Return nodes in the order in which they were made, if that has operands first; else as they are.

    It has, unless somebody assigned to `_prev` or put together nodes that were pickled apart.
    """
    made = [n for n in nodes if has_operands(n)]
    serials = [n._built for n in made]
    ordered = []
    for n in nodes:
        n._pending = 0
    for i in sorted(range(len(made)), key=serials.__getitem__):
        n = made[i]
        for child in operands_of(n):
            if child._pending == 0:
                if has_operands(child):
                    for known in nodes:
                        known._pending = 0
                    return numbered(nodes)
                ordered.append(child)
                child._pending = len(ordered)
        ordered.append(n)
        n._pending = len(ordered)
    return ordered


def numbered(nodes):
    """Give nodes their places anew."""
    for i in range(len(nodes)):
        n = nodes[i]
        n._pending = i + 1
    return nodes


def places(n, before, root):
    """Return the positions of a node's operands, which all must stand before it."""
    if not has_operands(n):
        return ()
    children = operands_of(n)
    for child in children:
        if child._pending > before:
            raise GraphError(
                f"the graph below {root!r} has a cycle through {child!r}\n"
                f"only an assignment to _prev can make one: give it the operands that the node was computed from"
            )
    if len(children) == 1:
        child = children[0]
        return (child._pending - 1,)
    if len(children) == 2:
        child = children[0]
        other = children[1]
        return (child._pending - 1, other._pending - 1)
    return tuple([child._pending - 1 for child in children])


def forget_places(root, nodes):
    """Bring every count back to 0, also after a walk that broke off."""
    for n in nodes:
        n._pending = 0
    if root._pending:
        sweep.reset_counts(root)


def gradients_afresh(root, nodes):
    """Compute the gradient of root with respect to each node, and leave every `.grad` as it is.

    A backward pass is run, and then all is put back. Steps that a user wrote are called, as in any pass.

    Args:
        root: A Value.
        nodes: What `survey(root)` listed.

    Returns:
        One gradient per node.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.engine.reading import gradients_afresh, survey
        >>> a = Value(3.0)
        >>> y = a * a
        >>> nodes, _ = survey(y)
        >>> gradients_afresh(y, nodes), a.grad
        ([6.0, 1], 0)
    """
    concerned = nodes
    others = []
    for n in nodes:
        if n._flags & (MANY | RULE):
            others += reached_besides(n)
    if others:
        concerned = nodes + others
    before = [(n.grad, n._flags & WRITTEN) for n in concerned]
    set_silent(+1)
    try:
        for n in nodes:
            clear(n)
        sweep.run_pass(root, False)
        return [n.grad for n in nodes]
    finally:
        set_silent(-1)
        put_back(concerned, before)


def reached_besides(n):
    """List the Values besides its operands that a node's step may write to.

    They are what the operation was applied to, when `_prev` says something else, and what a step made by hand holds in
    its closure, its defaults, or as a global variable.
    """
    found = list(rule_operands(n)) if n._a is not None else []
    if n._flags & RULE:
        step = n.__dict__["_backward"]
        step = getattr(step, "__func__", step)
        code = getattr(step, "__code__", None)
        if code is not None:
            held = [cell.cell_contents for cell in step.__closure__ or () if cell != EMPTY_CELL]
            held += step.__defaults__ or ()
            held += [step.__globals__.get(name) for name in code.co_names]
            for item in held:
                if isinstance(item, (list, tuple)):
                    found += [part for part in item if isinstance(part, Value)]
                elif isinstance(item, dict):
                    found += [part for part in item.values() if isinstance(part, Value)]
                elif isinstance(item, Value):
                    found.append(item)
    return found


def clear(n):
    """Set a node's gradient to what it is before any pass."""
    put_grad(n, 0.0 if n._flags & LECTURE else 0)
    n._flags &= 255 - WRITTEN


def put_back(nodes, before):
    """Give nodes the gradients, and the marks of having been written, that they had."""
    for i in range(len(nodes)):
        n = nodes[i]
        gradient, written = before[i]
        put_grad(n, gradient)
        n._flags = (n._flags & (255 - WRITTEN)) | written


def out_of_date(nodes):
    """List the positions of nodes whose number no longer follows from the numbers of their operands.

    Something below them, or they themselves, were assigned a number after they had been made. Of an operation that a
    user made by hand, only a change of its operands since then can be told.

    Args:
        nodes: What `survey` listed.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.engine.reading import out_of_date, survey
        >>> a = Value(3.0)
        >>> y = a * 2.0 + 1.0
        >>> a.data = 5.0
        >>> out_of_date(survey(y)[0])
        [2]
    """
    found = []
    for i in range(len(nodes)):
        n = nodes[i]
        if has_operands(n) and not is_up_to_date(n):
            found.append(i)
    return found


def is_up_to_date(n):
    """Tell whether a node's number follows from those of its operands."""
    code = n._code
    a = n._a
    b = n._b
    if a is not None and n._kind == FLOAT and a._kind <= FLOAT:
        if b is not None and b._kind <= FLOAT and (code == ADD or code == MULTIPLY):
            x = a._data + b._data if code == ADD else a._data * b._data
            return x == n._data or (x != x and n._data != n._data)
        if code == RELU:
            return n._data == (0.0 if a._data < 0 else a._data) or (a._data != a._data and n._data != n._data)
        if code == TANH:
            return n._data == hyperbolic_tangent(a._data) or a._data != a._data
    operands = rule_operands(n)
    if code == LEAF:
        for operand in operands:
            if operand._kind <= FLOAT and operand._built != operand._data and operand._data == operand._data:
                return False
        return True
    try:
        return is_same(general_number(code, operands, operation_of(n) if code == USER else None), number_of(n))
    except Exception:
        return True  # its number cannot be computed any more: nothing can be said


def is_same(x, y):
    """Tell whether two numbers are equal, nan to nan included; of Values as numbers, those that they hold."""
    while isinstance(x, Value) and isinstance(y, Value):
        x = number_of(x)
        y = number_of(y)
    return bool(x == y) or (x != x and y != y)


def built_with(n):
    """Return the number that a node held when others were made from it.

    It differs from `n.data` when that was assigned since: graphs made before still hold what followed from the older
    number. For a leaf it is the number at the latest use, so only of use for a leaf that has been an operand; for a
    node that was made from others, the number that it was computed as.

    Args:
        n: A Value; a leaf whose number is neither a float nor a small integer is taken to be as it was.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.engine.reading import built_with
        >>> a = Value(-2.0)
        >>> y = a * 3
        >>> a.data = -1.7
        >>> y.data = 5.0
        >>> built_with(a), built_with(y)
        (-2.0, -6.0)
    """
    if has_operands(n):
        return n.__dict__["_computed"] if was_assigned(n) else number_of(n)
    if n._kind > FLOAT:
        return number_of(n)
    if n._kind == INT and n._built == int(n._built):
        return int(n._built)
    return n._built


def was_assigned(n):
    """Tell whether the number of a node that was made from others was later assigned by hand.

    Args:
        n: A Value.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.engine.reading import was_assigned
        >>> y = Value(2.0) * 3
        >>> y.data = 5.0
        >>> was_assigned(y)
        True
    """
    return has_operands(n) and has_attributes(n) and "_computed" in n.__dict__


def computed_now(n):
    """Compute a node's number anew, from the numbers that its operands hold now.

    Args:
        n: A Value that was made from others by an operation of the table or a registered one; of any other, and of one
            that cannot be computed any more, the number that it holds is returned.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.engine.reading import computed_now
        >>> a = Value(2.0)
        >>> y = a * 3
        >>> a.data = 5.0
        >>> y.data, computed_now(y)
        (6.0, 15.0)
    """
    code = n._code
    if code == LEAF:
        return number_of(n)
    try:
        return general_number(code, rule_operands(n), operation_of(n) if code == USER else None)
    except Exception:
        return number_of(n)


def is_constant(n):
    """Tell whether a leaf was made by an operator from a plain number, as the 2 of `a * 2`.

    Args:
        n: A Value.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.engine.reading import is_constant
        >>> a = Value(3.0)
        >>> [is_constant(n) for n in (a * 2)._prev]
        [False, True]
    """
    return not has_operands(n) and (n._flags & CONSTANT) != 0 and not n._flags & RULE


def contributions_of(n, upstream):
    """Compute what a node's backward step hands to each operand, and leave every `.grad` as it is.

    Of a step that a user wrote, an operand that is there twice is told its whole share at its first place.

    Args:
        n: A Value.
        upstream: The gradient that the node is to have.

    Returns:
        One contribution per operand, the local derivative times upstream.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.engine.reading import contributions_of
        >>> contributions_of(Value(-2.0) * Value(3.0), 10.0)
        (30.0, -20.0)
    """
    operands = operands_of(n)
    if not operands:
        return ()
    if n._flags & RULE:
        return observed_contributions(n, upstream, operands)
    row = operation_of(n)
    partials = local_derivatives(n)
    found = []
    for i in range(min(len(partials), len(operands))):
        partial = partials[i]
        # A selection hands nothing to what it did not select, not even 0 times infinity.
        found.append(0 * partial if row.selects and n._code != USER and partial == 0 else partial * upstream)
    return tuple(found)


def observed_contributions(n, upstream, operands):
    """Run a step that a user wrote, and see what it adds to the operands' gradients."""
    held = gradients_after_step(n, upstream, None)
    found = []
    seen = set()
    for i in range(len(operands)):
        key = id(operands[i])
        found.append(0 if key in seen else held[i])
        seen.add(key)
    return tuple(found)


def gradients_after_step(n, upstream, start):
    """Run a node's backward step by itself, tell what gradient each operand holds after it, and put all back.

    Args:
        n: A Value with a step.
        upstream: The gradient that it is to have.
        start: The gradient that each operand is to have before; None for that of a graph before any pass.

    Returns:
        One gradient per operand.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.engine.reading import gradients_after_step
        >>> gradients_after_step(Value(2.0) * Value(3.0), 10.0, 100.0)
        (130.0, 120.0)
    """
    operands = operands_of(n)
    concerned = [n, *operands, *reached_besides(n)]
    before = [(c.grad, c._flags & WRITTEN) for c in concerned]
    set_silent(+1)
    try:
        for operand in operands:
            clear(operand)
            if start is not None:
                put_grad(operand, start)
        put_grad(n, upstream)
        n._backward()
        return tuple([operand.grad for operand in operands])
    finally:
        set_silent(-1)
        put_back(concerned, before)
