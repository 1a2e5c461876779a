"""`simplify`: the same numbers from fewer and cheaper equations. Its rules stand in `algebra`, its memory in `sharing`.

Two walks: one down from the outputs finds what is needed, and where the sign of a zero matters; one up writes each
needed equation, unless it is there already, its operands are constants, or a rule knows something shorter. What the rules
leave unused is not extracted. Time and memory are linear in the slots.

This is ordinary Python. The file `simplify.pxd` beside it names C types, and Cython then compiles this very text.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False)

from array import array

from slopewise.errors import DomainError
from slopewise.ir.operations import NAMES
from slopewise.ir.operations import POWER as POWER_CODE
from slopewise.ir.operations import POWER_VALUE as POWER_VALUE_CODE
from slopewise.passes.algebra import Algebra
from slopewise.passes.sharing import Sharing

if not cython.compiled:
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

    Always: what no output needs goes, and of equal equations one stays (`a + b` and `b + a` are equal, so are `a < b` and
    `b > a`). With constants merged: what depends on constants alone is computed now, by the functions that would compute
    it later. Then these rules, x and y being any floats:

    | rule | why it is right for nan, ±inf and -0.0 |
    |---|---|
    | -(-x) = x | only the sign is turned, twice |
    | x + (-y) = x - y, (-x) + y = y - x, x - (-y) = x + y | IEEE 754 defines a difference so |
    | x * 1, x / 1, x ** 1 = x; x * -1, x / -1 = -x | no rounding; signs as IEEE has them. pow(x, 1) is x in any libm |
    | x ** 0 = 1 | also for nan and 0, says C (Annex F) |
    | x + (-0.0), x - 0.0 = x; -0.0 - x = -x | -0.0 is the neutral element of addition: 0.0 is not, -0.0 + 0.0 is 0.0 |
    | x + 0.0, x - (-0.0) = x | if x is never -0.0: an exponential, a square, a sum with such a one, … |
    | (-x) * (-y) = x * y, (-x) / (-y) = x / y, (-x) * k = x * -k, -(x * k) = x * -k, and so for / | a sign is no rounding; k is a constant |
    | x * x = square(x), square(-x) = square(x), abs(-x) = abs(x) = abs(abs(x)) | the same product; the sign is dropped anyway |
    | x / k = x * (1/k) for k = ±2**n with 1/k normal | 1/k is exact, so both round the same real number |
    | relu(relu(x)) = relu(x) | what passed once passes again, nan and -0.0 too |
    | max(x, x), max(x, -inf), min(x, x), min(x, inf) = x | also for nan: a nan wins |
    | where(k, x, y) is one of them, where(c, x, x) = x; where(c, where(c, x, y), z) = where(c, x, z), and on the other side | the choice is made by the same number; nan is true |
    | where(-c, …), where(abs(c), …), where(c != 0, …) = where(c, …); where(c == 0, x, y) = where(c, y, x) | 0 and -0.0 alone are false, and nan == 0 is false |
    | where(t, 1, 0), t != 0, t > 0, t == 1 = t; (x == y) == 0 is x != y, (x != y) == 0 is x == y | t is 1 or 0, the result of a comparison. Only == and != are each other's negation when there is a nan |
    | x < x, x > x = 0 | nan too. x == x is not 1 for nan, and x <= x neither: they stay |
    | floor(x) = x, and so for ceil, truncate, round | if x is a whole number, an infinity or nan, and never -0.0 |
    | detach(detach(x)), detach(t), attach(x, k, y): the inner one | no derivative passes, or none is asked |
    | x ** k as power_value = power | a constant exponent has no derivative |

    Never: x * 0 (nan, inf), x - x and x / x (nan, inf, 0), another order or grouping of sums and products (rounding).

    Only by default, not with `exact`:

    | rule | what it costs |
    |---|---|
    | x + 0.0, x - (-0.0) = x; 0.0 - x = -x; -(x - y) = y - x; floor(x) = x for any whole x | a zero may have the other sign, where no output shows it but as the sign of a zero: nowhere below does anything divide by it, take its atan2 or a negative power |
    | x ** 2 = square(x), x ** -1 = 1 / x | at most one unit in the last place: libm's pow rounds a few of ten thousand otherwise. Poles, signs, nan and inf are the same |
    | x ** 0.5 = sqrt(x) | the same, if x is never negative; pow(-inf, 0.5) is inf |

    Only when the result will not be differentiated: detach(x) and attach(x, y, z) are x, abs(x) and relu(x) are x if x is
    at least 0, square(abs(x)) = square(x), max(-inf, x) = min(inf, x) = x. The numbers are the same, but not the slopes.

    Args:
        program: What to simplify.
        exact: Whether each number keeps every bit, the sign of a zero included. All nans count as one.
        constants: `"merge"`: equal constants become one, and rules look at them. `"keep"`: those that are needed stay
            as they are, an entry of the pool for each, so that repeated parts of a program stay alike; only the rules
            about signs (the first two rows) are applied then.
        differentiable: Whether the result may be differentiated.

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
    needs_column = array("B", (0,)) * len(program.codes)
    n_needed = find_needs(program, exact or not merges, needs_column)
    new_column = array("i", (-1,)) * len(program.codes)
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


# What becomes of the sign of a zero, operand by operand: the result's value shows it (1/0.0 is inf, 1/-0.0 is -inf), the
# result's own zero passes it on, or it is forgotten. A derivative of the operation does nothing worse.
_FORGETS = (
    "absolute exp exp2 log log2 log10 square cos acos cosh acosh sigmoid softplus hypot floor ceil truncate round"
    " less less_equal greater greater_equal equal not_equal"
)
_SHOWN_IN = {"atan2": (2, 2), "power": (2, 2), "power_value": (2, 2), "divide": (1, 2), "floor_divide": (1, 2)}
_IN_PLACE = {"where": (0, 1, 1), **_SHOWN_IN, **{name: (0, 0, 0) for name in _FORGETS.split()}}
SIGNS = bytes(sign for name in NAMES for sign in (*_IN_PLACE.get(name, (1, 1, 1)), 0)[:3])
