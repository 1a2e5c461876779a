"""`rewritten`: an expression of Loops with something else in the place of its leaves."""

from collections.abc import Callable

from slopewise.ir.loops.structure import Apply, Expression

__all__ = ["rewritten"]


def rewritten(node: Expression, leaf: Callable[[Expression], Expression]) -> Expression:
    """Return an expression with other leaves.

    Args:
        node: The expression.
        leaf: Gives what stands in the place of a Load, a Local, a Literal or a Sum, in the order of the text. What
            is in a sum is left to it.

    Example:
        >>> from slopewise import ir
        >>> from slopewise.ir.loops.rewriting import rewritten
        >>> from slopewise.ir.loops.structure import Literal, Load
        >>> loops = ir.parse_loops("loops(x[2]) { local y[1] y[0] = x[0] + x[1] * 3 return y[0] }")
        >>> rewritten(loops.body[0].value, lambda item: Literal(1.0) if isinstance(item, Load) else item).operands[0]
        Literal(value=1.0)
    """
    if not isinstance(node, Apply):
        return leaf(node)
    # Operands first, on a stack of our own: a chain may be long.
    done: list[Expression] = []
    todo: list[tuple[Expression, bool]] = [(node, False)]
    while todo:
        item, is_ready = todo.pop()
        if not isinstance(item, Apply):
            done.append(leaf(item))
        elif is_ready:
            first = len(done) - len(item.operands)
            done[first:] = [Apply(item.code, tuple(done[first:]))]
        else:
            todo.append((item, True))
            todo.extend((operand, False) for operand in reversed(item.operands))
    return done[0]
