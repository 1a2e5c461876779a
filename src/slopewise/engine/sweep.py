"""The backward pass: every node hands its operands their share of the gradient, once it has all of its own.

A share is the local derivative times the node's own gradient (`propagate`). That is the chain rule, and all there
is to backpropagation.

A node's step may run once all nodes above it have run theirs. So a pass first counts, in `_pending`, how often each
node is used below the root; then it takes the root's step, and that of each node whose count has come down to 0.
Between passes every count is 0. As long as no step can run a user's code, the steps are taken while counting down;
otherwise the order is listed first, because such code may raise, change the graph or start a pass of its own.
Nothing recurses, so a chain of ten million nodes is as good as one of ten.

Like `value.py`, this is ordinary Python that Cython compiles with the types in `sweep.pxd`.

Source: A. B. Kahn, Topological sorting of large networks, CACM 5 (1962), turned around.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False)

import os
import threading
from operator import add as object_sum
from operator import mul as object_product

from slopewise.engine import modes
from slopewise.engine.value import Value
from slopewise.errors import GraphError, ShapeError
from slopewise.ops import TABLE

if not cython.compiled:
    from slopewise.engine.value import (
        ADD,
        EXP,
        EXTRA,
        FLOAT,
        INT,
        LECTURE,
        MANY,
        MULTIPLY,
        OTHER,
        POWER,
        RELU,
        RULE,
        TANH,
        TRACED,
        USER,
        WRITTEN,
        current_recorder,
        fits,
        has_operands,
        keep,
        keep_aside,
        libm_pow,
        local_derivatives,
        mark_of,
        operands_of,
        operation_of,
        rule_operands,
        set_silent,
    )

# One thread at a time counts, and the counts of two passes must not mix.
counting = threading.RLock()
is_counting = False
on_pass = None  # called with the root after each pass, or None; see journal.py
on_clear = None  # called with the root of each graph whose gradients a user cleared, or None

if hasattr(os, "register_at_fork"):  # a child made in the midst of another thread's pass could never start one
    os.register_at_fork(before=counting.acquire, after_in_parent=counting.release, after_in_child=counting.release)


def backward(self):
    """Compute the gradient of this node with respect to every node below it.

    The gradient of this node becomes 1. Inner nodes are set afresh; leaves add up over passes, so call `zero_grad()`
    between two updates.

    Example:
        >>> from slopewise import Value
        >>> a = Value(3.0)
        >>> (a + a).backward()
        >>> a.grad
        2
    """
    run_backward(self)


def run_backward(root):
    """Run a backward pass from root, and tell whoever asked to be told."""
    tracer = current_recorder()
    if tracer is not None:
        tracer.backward(root)
    else:
        run_pass(root, modes.current().anomalies)
        if on_pass is not None:
            on_pass(root)


def run_pass(root, anomalies):
    """Run a backward pass from root; with anomalies, check every gradient."""
    global is_counting
    order = None
    with counting:
        if is_counting:
            refuse_nested_count()
        try:  # no call stands between the flag and its guard: Ctrl-C comes in at calls
            is_counting = True
            clear_gradient(root)
            if not count_uses(root) or anomalies:
                order = backward_order(root)
            root._grad = 1.0
            root._grad_kind = FLOAT if root._flags & LECTURE else INT
            root._flags |= WRITTEN
            if order is None:
                flow(root, None)
        except BaseException:
            reset_counts(root)
            raise
        finally:
            is_counting = False
    if order is not None:
        take_steps(order, anomalies)  # outside the lock: a step may wait for another thread, or start a pass


def refuse_nested_count():
    """Refuse to count in the midst of counting: the counts of two passes would mix.

    Raises:
        GraphError: Always; a signal handler, or the arithmetic of a number's own type, started a pass.
    """
    raise GraphError(
        "a backward pass cannot start in the midst of another of the same thread\n"
        "a signal handler, or the arithmetic of a number type of your own, called backward() or zero_grad()\n"
        "let it only take note, and start the pass afterwards"
    )


def zero_grad(self):
    """Set the gradient of every node of this graph to 0, leaves included.

    Example:
        >>> from slopewise import Value
        >>> a = Value(3.0)
        >>> y = a * 2
        >>> y.backward()
        >>> y.zero_grad()
        >>> a.grad
        0
    """
    clear_gradients(self)
    if on_clear is not None:
        on_clear(self)


def set_callbacks(passes, clearings):
    """Tell the engine whom to call after each pass, and after each `zero_grad()` of a graph."""
    global on_pass, on_clear
    on_pass = passes
    on_clear = clearings


def clear_gradients(root):
    """Set the gradient of root and of every node below it to 0."""
    tracer = current_recorder()
    if tracer is not None:
        tracer.clear_gradients(root)
    else:
        clear_gradient(root)
        for n in topological(root):
            clear_gradient(n)
            for operand in operands_of(n):
                clear_gradient(operand)


def propagate(n):
    """Hand each operand its contribution: the local derivative times the node's gradient."""
    code = n._code
    g = n._grad
    kind = n._grad_kind
    a = n._a
    b = n._b
    if kind > FLOAT:
        propagate_by_table(n)
    elif code == ADD and kind == FLOAT and (a._grad_kind | b._grad_kind) <= FLOAT:
        a._grad += g
        a._grad_kind = FLOAT
        a._flags |= WRITTEN
        b._grad += g
        b._grad_kind = FLOAT
        b._flags |= WRITTEN
    elif code == ADD:
        receive(a, g, kind)
        receive(b, g, kind)
    elif code == MULTIPLY and kind == FLOAT and (a._kind | b._kind | a._grad_kind | b._grad_kind) <= FLOAT:
        x = b._data * g  # both before either: a and b can be one node
        y = a._data * g
        a._grad += x
        a._grad_kind = FLOAT
        a._flags |= WRITTEN
        b._grad += y
        b._grad_kind = FLOAT
        b._flags |= WRITTEN
    elif code == MULTIPLY and (a._kind | b._kind) <= FLOAT and fits(kind, b._data * g) and fits(kind, a._data * g):
        x = b._data * g
        y = a._data * g
        receive(a, x, b._kind | kind)
        receive(b, y, a._kind | kind)
    elif code == RELU and n._kind <= FLOAT:
        receive(a, g if n._data > 0 else 0.0, kind)
    elif code == TANH and n._kind <= FLOAT:
        receive(a, (1.0 - n._data * n._data) * g, FLOAT)
    elif code == EXP and n._kind <= FLOAT:
        receive(a, n._data * g, FLOAT)
    elif code == POWER and (a._kind | b._kind) <= FLOAT:
        k = b._data
        x = k * libm_pow(a._data, k - 1.0) if k != 0 else 0.0
        kind |= a._kind | b._kind
        if k < 1:
            kind = FLOAT
        if fits(kind, x) and fits(kind, x * g):
            receive(a, x * g, kind)
        else:
            propagate_by_table(n)
    else:
        propagate_by_table(n)


def receive(operand, contribution, kind):
    """Add a contribution of the given kind to an operand's gradient."""
    both = kind | operand._grad_kind
    if both == FLOAT:
        operand._grad += contribution
        operand._grad_kind = FLOAT
        operand._flags |= WRITTEN
    elif both == INT and fits(INT, operand._grad + contribution):
        operand._grad += contribution + 0.0  # an int has no -0.0
        operand._flags |= WRITTEN
    else:
        receive_general(operand, int(contribution) if kind == INT else contribution)


def receive_general(operand, contribution):
    """Add a contribution of any type to an operand's gradient."""
    gradient = operand.grad
    operand.grad = contribution if gradient is None else object_sum(gradient, contribution)


def propagate_by_table(n):
    """Propagate by the local derivatives of the node's row, or those that the node was made with."""
    if n._grad_kind == TRACED:
        tracer = current_recorder()
        if tracer is not None:
            tracer.propagate(n)
            return None
    gradient = n.grad
    operands = rule_operands(n)
    if n._code == ADD:
        receive_general(operands[0], gradient)
        receive_general(operands[1], gradient)
        return None
    try:
        partials = local_derivatives(n)
    except Exception as error:
        modes.explain_failure(error, operation_of(n), operands, "the derivative of ")
        raise
    if not partials:
        return None
    if len(partials) != len(operands):
        raise ShapeError(
            f"{operation_of(n).name}: {len(operands)} operand{'s' * (len(operands) > 1)} and "
            f"{len(partials)} local derivative{'s' * (len(partials) > 1)}\n"
            f"the derivative returns one number per operand, in a tuple"
        )
    selects = n._code != USER and TABLE[n._code].selects
    count = 1 if n._code == POWER else len(operands)
    for i in range(count):
        partial = partials[i]
        contribution = object_product(partial, gradient)
        if selects and partial == 0:
            contribution = 0.0 if isinstance(gradient, float) else 0
        receive_general(operands[i], contribution)
    return None


def clear_gradient(n):
    """Set a node's gradient to 0, as before any pass."""
    if n._grad_kind < OTHER or not clear_apart(n):
        n._grad = 0.0
        n._grad_kind = FLOAT if n._flags & LECTURE else INT
        n._flags &= 255 - WRITTEN


def clear_apart(n):
    """Clear a gradient that is not in the field of the gradient; tell whether the field must be left as it is."""
    if n._grad_kind == TRACED:
        return keep_aside(n, 0)
    n.__dict__.pop("_grad", None)
    return False


# ---------------------------------------------------------------------- the order of the steps


# The loops of the next functions are the engine's hottest. So they treat both operands in line, and their stack is a
# list that never shrinks, of which `depth` entries are in use.


def count_uses(root):
    """Count the uses of every node below root, and set its gradient to 0; tell whether no step runs a user's code."""
    simple = True
    stack = [root]
    depth = 1
    while depth:
        depth -= 1
        n = stack[depth]
        if n._flags & EXTRA:
            simple = False
            if n._flags & MANY:
                for child in n.__dict__["_prev"]:
                    depth = count_use(child, stack, depth)
                continue
        child = n._a
        if child is not None and (child._a is not None or child._flags & (MANY | RULE)):
            child._pending += 1
            if child._pending == 1:
                if child._flags & WRITTEN:
                    clear_gradient(child)
                if depth < len(stack):
                    stack[depth] = child
                else:
                    stack.append(child)
                depth += 1
        child = n._b
        if child is not None and (child._a is not None or child._flags & (MANY | RULE)):
            child._pending += 1
            if child._pending == 1:
                if child._flags & WRITTEN:
                    clear_gradient(child)
                if depth < len(stack):
                    stack[depth] = child
                else:
                    stack.append(child)
                depth += 1
    return simple


def count_use(n, stack, depth):
    """Count one more use of a node that has a step; at the first, clear its gradient and put it on the stack."""
    if n._a is not None or n._flags & (MANY | RULE):
        n._pending += 1
        if n._pending == 1:
            clear_gradient(n)
            return push(n, stack, depth)
    return depth


def push(n, stack, depth):
    """Put a node on a stack of the given depth, and return the new depth."""
    if depth < len(stack):
        stack[depth] = n
    else:
        stack.append(n)
    return depth + 1


def flow(root, order):
    """Visit root and the counted nodes below it, each after all that use it: append it to order, or take its step."""
    stack = [root]
    depth = 1
    while depth:
        depth -= 1
        n = stack[depth]
        if order is None:
            propagate(n)
        else:
            order.append(n)
        if n._flags & MANY:
            for child in n.__dict__["_prev"]:
                depth = discount_use(child, stack, depth)
            continue
        child = n._a
        if child is not None and child._pending:
            child._pending -= 1
            if not child._pending:
                if depth < len(stack):
                    stack[depth] = child
                else:
                    stack.append(child)
                depth += 1
        child = n._b
        if child is not None and child._pending:
            child._pending -= 1
            if not child._pending:
                if depth < len(stack):
                    stack[depth] = child
                else:
                    stack.append(child)
                depth += 1


def discount_use(n, stack, depth):
    """Take back one use of a counted node; at the last, put it on the stack."""
    if n._pending:
        n._pending -= 1
        if not n._pending:
            return push(n, stack, depth)
    return depth


def backward_order(root):
    """List root and the counted nodes below it, each after all that use it.

    Raises:
        GraphError: The graph has a cycle, which only an assignment to `_prev` can make.
    """
    order = []
    flow(root, order)
    for n in order:
        for child in operands_of(n):
            if child._pending != 0:
                raise GraphError(
                    f"the graph below {root!r} has a cycle through {child!r}\n"
                    f"only an assignment to _prev can make one: give it the operands that the node was computed from"
                )
    return order


def reset_counts(root):
    """Bring every count below root back to 0, after a pass that broke off."""
    seen = {id(root)}
    stack = [root]
    root._pending = 0
    while stack:
        for child in operands_of(stack.pop()):
            child._pending = 0
            if id(child) not in seen:
                seen.add(id(child))
                stack.append(child)


def topological(root):
    """List the nodes below root that have a backward step, root included, each after its operands."""
    global is_counting
    with counting:
        if is_counting:
            refuse_nested_count()
        try:
            is_counting = True
            order = uncleared_order(root)
        except BaseException:
            reset_counts(root)
            raise
        finally:
            is_counting = False
    order.reverse()
    return order


def uncleared_order(root):
    """List root and the nodes below it, each after all that use it, and leave their gradients alone."""
    stack = [root]
    while stack:
        n = stack.pop()
        for child in operands_of(n):
            if child._a is not None or child._flags & (MANY | RULE):
                if child._pending == 0:
                    stack.append(child)
                child._pending += 1
    return backward_order(root)


def take_steps(order, anomalies):
    """Take the backward step of each node of the list: the user's own, if there is one, or the engine's."""
    set_silent(+1)
    try:
        for n in order:
            if n._flags & RULE:
                n.__dict__["_backward"]()
            else:
                propagate(n)
            if anomalies:
                modes.check_gradients(n)
    finally:
        set_silent(-1)


# ---------------------------------------------------------------------- one step, in the learner's hands


def nothing():
    """The backward step of a leaf."""


class Step:
    """The built-in backward step of a node, as `Value._backward` hands it out."""

    __slots__ = ("node",)

    def __init__(self, n):
        self.node = n

    def __call__(self):
        propagate(self.node)

    def __repr__(self):
        return f"<backward step of {self.node!r}>"


def get_step(self):
    """Return the node's step of the backward pass: call it, wrap it, or put your own in its place."""
    return step_of(self)


def step_of(n):
    """Return the callable that a node's backward step is."""
    if n._flags & RULE:
        return n.__dict__["_backward"]
    return Step(n) if has_operands(n) else nothing


def set_step(self, step):
    """Replace the node's step of the backward pass."""
    replace_step(self, step)


def replace_step(n, step):
    """Put a callable in the place of a node's backward step; the original, put back, leaves no trace."""
    if not callable(step):
        raise TypeError(f"_backward must be callable, got {step!r}")
    if step is nothing or (type(step) is Step and step.node is n):
        n._flags &= 255 - RULE
        n.__dict__.pop("_backward", None)
    elif mark_of(n) >= 0 and current_recorder() is not None:
        current_recorder().take_step(n, step)
        keep(n, "_backward", step)
        n._flags |= RULE
    elif has_operands(n) or not modes.current().no_grad:  # a node made without a graph gets no step either
        keep(n, "_backward", step)
        n._flags |= RULE


Value.backward = backward
Value.zero_grad = zero_grad
Value._backward = property(get_step, set_step)
