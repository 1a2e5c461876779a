"""`simplify`: the same numbers from fewer and cheaper equations. Its rules stand in `algebra`, its memory in `sharing`.

Two walks: one down from the outputs finds what is needed, and where the sign of a zero matters; one up writes each
needed equation, unless it is there already, its operands are constants, or a rule knows a shorter one. What the rules
leave unused is not extracted. Time and memory are linear in the slots.

This is ordinary Python. The file `simplify.pxd` beside it names C types, and Cython then compiles this very text.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False)


from slopewise.errors import DomainError
from slopewise.ir.operations import NAMES
from slopewise.passes.algebra import Algebra
from slopewise.passes.sharing import Sharing

if not cython.compiled:
    from slopewise.ir.builder import BYTES, INTS, filled
    from slopewise.ir.operations import CONSTANT, POWER, POWER_VALUE

    DEAD = 0
    LOOSE = 1
    STRICT = 3
    FORGETS = 0
    PASSES = 1
    SHOWS = 2

ROUNDS = 8


def simplify(program, exact=False, constants="merge", differentiable=True):
    """Return a Program that gives the same numbers from fewer equations.

    Before and after: any Program that `ir.verify` accepts. Inputs and outputs keep their number and order. Simplifying
    the result again changes nothing, and there are never more equations than before.

    Always: what no output needs goes, and of equal equations one stays (`a + b` and `b + a` are equal, so are `a < b`
    and `b > a`). With constants merged: what depends on constants alone is computed now, by the functions that would
    compute it later. Then these rules, for x and y any floats, each with the reason why no nan, infinity or zero
    breaks it:

    - `-(-x)` is x: only the sign is turned, twice.
    - `x + (-y)` is `x - y`, `(-x) + y` is `y - x`, `x - (-y)` is `x + y`: IEEE 754 defines a difference so.
    - `x * 1`, `x / 1` and `x ** 1` are x; `x * -1` and `x / -1` are `-x`: nothing is rounded, and signs follow the
      same rule.
    - `x ** 0` is 1: also for nan and 0, says C in Annex F.
    - `x + (-0.0)` and `x - 0.0` are x, `-0.0 - x` is `-x`: -0.0 is the neutral element of addition. 0.0 is not, since
      `-0.0 + 0.0` is 0.0.
    - `x + 0.0` and `x - (-0.0)` are x if x is never -0.0: an exponential, a square, a sum with such a one, …
    - `(-x) * (-y)` is `x * y`; `(-x) * k`, `-(x * k)` are `x * -k` for a constant k; so for `/`: a sign rounds
      nothing.
    - `x * x` is `square(x)`, `square(-x)` is `square(x)`: the same product.
    - `abs(-x)` and `abs(abs(x))` are `abs(x)`, `relu(relu(x))` is `relu(x)`: what passed once passes again, nan and
      -0.0 too.
    - `x / k` is `x * (1 / k)` for k = ±2**n if 1 / k is normal: it is exact then, so both round the same real number.
    - `max(x, x)`, `max(x, -inf)`, `min(x, x)` and `min(x, inf)` are x: also for nan, which wins.
    - `where(k, x, y)` is one of them for a constant k, `where(c, x, x)` is x, `where(c, where(c, x, y), z)` is
      `where(c, x, z)`, and so on the other side: the same number chooses; nan is true.
    - `where(-c, …)`, `where(abs(c), …)`, `where(c != 0, …)` are `where(c, …)`, `where(c == 0, x, y)` is `where(c, y,
      x)`: 0.0 and -0.0 alone are false, and `nan == 0` is false too.
    - `where(t, 1, 0)`, `t != 0`, `t > 0` and `t == 1` are t if t is 1 or 0, being the result of a comparison; then
      `(x == y) == 0` is `x != y`, and `(x != y) == 0` is `x == y`. Nan keeps the other comparisons from being negated
      so.
    - `x < x` and `x > x` are 0: also for nan. `x == x` and `x <= x` are not 1 for nan, so they stay.
    - `floor(x)`, `ceil(x)`, `truncate(x)` and `round(x)` are x if it is whole, an infinity or nan, and never -0.0.
    - `detach(detach(x))` is `detach(x)`, `detach(t)` is t, `attach(x, k, y)` is x: no derivative passes there anyway.
    - `power_value(x, k)` is `power(x, k)`: they differ in the derivative by k alone.

    Never: `x * 0` (nan, inf), `x - x` and `x / x` (nan, inf, 0), other orders and groupings of sums and products
    (rounding).

    By default, but not with `exact`:

    - `x + 0.0` and `x - (-0.0)` are x, `0.0 - x` is `-x`, `-(x - y)` is `y - x`, `floor(x)` is any whole x: a zero
      may have the other sign. This is done where all that can come of it is the sign of an output that is 0: nothing
      below divides by that zero, takes its atan2 or a negative power of it.
    - `x ** 2` is `square(x)`, `x ** -1` is `1 / x`: at most one unit in the last place off, since libm's pow rounds a
      few in ten thousand otherwise. Poles, signs, nan and the infinities are the same.
    - `x ** 0.5` is `sqrt(x)` if x is never negative: the same; and `(-inf) ** 0.5` is inf.

    Only if the result will not be differentiated: `detach(x)` and `attach(x, y, z)` are x, `abs(x)` and `relu(x)` are
    x if it is at least 0, `square(abs(x))` is `square(x)`, `max(-inf, x)` and `min(inf, x)` are x. The numbers are
    equal, but not the slopes.

    Args:
        program: What to simplify.
        exact: Whether each number keeps every bit, the sign of a zero included. All nans count as one.
        constants: `"merge"`: equal constants become one, and rules look at them. `"keep"`: those that are needed stay
            as they are, an entry of the pool for each, so that repeated parts of a program stay alike; only the rules
            about signs (the first two) are applied then.
        differentiable: Whether the result may be differentiated. Its slopes are those of the program, apart from
            rounding; but what is no longer there, such as a choice not made, adds no 0 * nan to them.

    Raises:
        DomainError: `constants` is neither of the two.

    Example:
        >>> from slopewise import ir
        >>> from slopewise.passes.simplify import simplify
        >>> print(simplify(ir.parse('''
        ...     program(%0 x, %1 y) {
        ...       %2 = constant -1.0
        ...       %3 = multiply %1 %2
        ...       %4 = add %0 %3
        ...       %5 = multiply %1 %2
        ...       %6 = add %0 %5
        ...       %7 = multiply %4 %6
        ...       return %7
        ...     }''')))
        program(%0 x, %1 y) {
          %2 = subtract %0 %1
          %3 = square %2
          return %3
        }

    Source: J. Cocke, Global common subexpression elimination, 1970; IEEE 754-2019; ISO C, Annex F.
    """
    if constants not in ("merge", "keep"):
        raise DomainError(f"simplify() needs constants='merge' or 'keep', got {constants!r}")
    merges = constants == "merge"
    for _ in range(ROUNDS):
        # A sign that mattered may no longer matter once other rules have removed what it mattered to.
        simpler, refused = simplified(program, exact, merges, differentiable)
        if not refused or simpler.n_equations == program.n_equations:
            break
        program = simpler
    return simpler


def simplified(program, exact, merges, differentiable):
    """Do it once; return also whether a rule was held back by the sign of a zero."""
    needs_column = filled(BYTES, len(program.codes), 0)
    n_needed = find_needs(program, exact or not merges, needs_column)
    new_column = filled(INTS, len(program.codes), 255)
    share = Sharing(n_needed + len(program.names), merges)
    rules = Algebra(share, exact, differentiable)
    codes = program.codes
    a = program.a
    b = program.b
    c = program.c
    pool = program.pool
    needs = needs_column
    new = new_column
    n_inputs = len(program.names)
    for slot in range(n_inputs):
        new[slot] = share.input()
    for slot in range(n_inputs, len(program.codes)):
        need = needs[slot]
        if need == DEAD:
            continue
        code = codes[slot]
        if code == CONSTANT:
            new[slot] = share.constant(pool[a[slot]])
            continue
        second = b[slot]
        third = c[slot]
        rules.loose = need == LOOSE
        new[slot] = rules.apply(
            code, new[a[slot]], new[second] if second >= 0 else -1, new[third] if third >= 0 else -1
        )
    outputs = [new_column[slot] for slot in program.outputs]
    return share.build.extract(range(n_inputs), outputs, program.names), rules.refused


def find_needs(program, strict, needs_column):
    """Mark what the outputs need, and where more is needed of a number than that it be equal: the sign of its zero.

    Args:
        program: The program.
        strict: Whether all signs matter.
        needs_column: One byte a slot, all 0; becomes DEAD, LOOSE or STRICT for each.

    Returns:
        How many slots are needed.
    """
    codes = program.codes
    a = program.a
    b = program.b
    c = program.c
    pool = program.pool
    needs = needs_column
    signs = SIGNS
    least = STRICT if strict else LOOSE
    for slot in program.outputs:
        needs[slot] = least
    count = 0
    for slot in range(len(needs_column) - 1, -1, -1):
        need = needs[slot]
        if need == DEAD:
            continue
        count += 1
        code = codes[slot]
        first = a[slot]
        if code == CONSTANT or first < 0:
            continue
        second = b[slot]
        third = c[slot]
        sign = signs[3 * code]
        if (code == POWER or code == POWER_VALUE) and codes[second] == CONSTANT:
            sign = sign_through_power(pool[a[second]])
        needs[first] |= STRICT if sign == SHOWS or (sign == PASSES and need == STRICT) else least
        if second >= 0:
            sign = signs[3 * code + 1]
            needs[second] |= STRICT if sign == SHOWS or (sign == PASSES and need == STRICT) else least
        if third >= 0:
            sign = signs[3 * code + 2]
            needs[third] |= STRICT if sign == SHOWS or (sign == PASSES and need == STRICT) else least
    return count


def sign_through_power(k):
    """Return what becomes of the sign of a zero that is raised to a constant power."""
    if k < 0.0:  # an odd k makes ±inf of it, and an even one's derivative does
        return SHOWS
    return PASSES if k % 2.0 == 1.0 else FORGETS


# What becomes of the sign of a zero, operand by operand: the result's value shows it (1/0.0 is inf, 1/-0.0 is -inf),
# the result's own zero passes it on, or it is forgotten. A derivative of the operation does nothing worse.
_FORGETS = (
    "absolute exp exp2 log log2 log10 square cos acos cosh acosh sigmoid softplus hypot floor ceil truncate round"
    " less less_equal greater greater_equal equal not_equal"
)
_SHOWN_IN = {"atan2": (2, 2), "power": (2, 2), "power_value": (2, 2), "divide": (1, 2), "floor_divide": (1, 2)}
_IN_PLACE = {"where": (0, 1, 1), **_SHOWN_IN, **dict.fromkeys(_FORGETS.split(), (0, 0, 0))}
SIGNS = bytes(sign for name in NAMES for sign in (*_IN_PLACE.get(name, (1, 1, 1)), 0)[:3])
