"""floor, ceil, truncate, round, and Python's remainder and quotient of floats.

Rounding to an integer is |x| + 2^52 - 2^52 (2^23 in single precision): SSE2 has no instruction for it, and LLVM
would call libm. A remainder is exact: in one step when the quotient fits in a double, else bit by bit, lane by
lane.
"""

from math import inf, nan

from slopewise.backends.llvm.mathematics.doubled import two_product
from slopewise.backends.llvm.mathematics.formulas import Mask, Number


def _nearest(x: Number) -> Number:
    """Return the nearest integer, the even one of two; without regard to -0.0."""
    at = x.at
    step = 2.0**at.layout.mantissa
    size = at.absolute(x)
    return at.select(size < step, at.copy_sign((size + step) - step, x), x)


def round_to_even(x: Number) -> Number:
    """Return the nearest integer, the even one of two, never -0.0."""
    return _nearest(x) + 0.0


def floor(x: Number) -> Number:
    """Return the greatest integer that is not above x, never -0.0."""
    near = _nearest(x)
    return (near - x.at.select(near > x, 1.0, 0.0)) + 0.0


def ceil(x: Number) -> Number:
    """Return the least integer that is not below x, never -0.0."""
    near = _nearest(x)
    return (near + x.at.select(near < x, 1.0, 0.0)) + 0.0


def truncate(x: Number) -> Number:
    """Return x without what stands behind its point, never -0.0."""
    at = x.at
    size = at.absolute(x)
    near = _nearest(size)
    return at.copy_sign(near - at.select(near > size, 1.0, 0.0), x) + 0.0


def remainder(x: Number, y: Number) -> Number:
    """Return |x| modulo |y|, exactly; nan when y is 0 or x is infinite."""
    at = x.at
    a, b = at.absolute(x), at.absolute(y)
    quotient = a / b
    whole = _nearest(quotient)
    whole = whole - at.select(whole > quotient, 1.0, 0.0)
    product, lost = two_product(whole, b)
    rest = (a - product) - lost
    rest = at.select(rest < 0.0, rest + b, rest)
    is_below = a < b
    rest = at.select(is_below, a, rest)
    can_divide = (a < inf) & (b > 0.0)
    is_easy = (quotient < 2.0**52) & (b > 2.0**-900) & (a < 2.0**900)
    rest = _long_way(a, b, rest, can_divide & ~is_below & ~is_easy)
    return at.select(can_divide & ~y.is_nan(), rest, nan)


# One lane the long way: subtract b · 2^d for d from the difference of the exponents down to 0. Whole numbers only.
_LANE = """\
long:
  br label %lane
lane:
  %lane.i = phi i32 [ 0, %long ], [ %lane.next, %lane.done ]
  %lane.rests = phi {vector} [ {rest}, %long ], [ %lane.rests.then, %lane.done ]
  %lane.is.hard = {take_hard}
  br i1 %lane.is.hard, label %lane.work, label %lane.done
lane.work:
  %lane.a = {take_a}
  %lane.b = {take_b}
  %lane.a.bits = bitcast double %lane.a to i64
  %lane.b.bits = bitcast double %lane.b to i64
  %lane.a.field = lshr i64 %lane.a.bits, 52
  %lane.b.field = lshr i64 %lane.b.bits, 52
  %lane.a.low = and i64 %lane.a.bits, 4503599627370495
  %lane.b.low = and i64 %lane.b.bits, 4503599627370495
  %lane.a.normal = icmp ne i64 %lane.a.field, 0
  %lane.b.normal = icmp ne i64 %lane.b.field, 0
  %lane.a.one = select i1 %lane.a.normal, i64 4503599627370496, i64 0
  %lane.b.one = select i1 %lane.b.normal, i64 4503599627370496, i64 0
  %lane.a.m = or i64 %lane.a.low, %lane.a.one
  %lane.b.m = or i64 %lane.b.low, %lane.b.one
  %lane.a.e = select i1 %lane.a.normal, i64 %lane.a.field, i64 1
  %lane.b.e = select i1 %lane.b.normal, i64 %lane.b.field, i64 1
  %lane.start = sub i64 %lane.a.e, %lane.b.e
  %lane.first = urem i64 %lane.a.m, %lane.b.m
  br label %lane.step
lane.step:
  %lane.left = phi i64 [ %lane.start, %lane.work ], [ %lane.left.then, %lane.more ]
  %lane.r = phi i64 [ %lane.first, %lane.work ], [ %lane.r.then, %lane.more ]
  %lane.is.over = icmp sle i64 %lane.left, 0
  br i1 %lane.is.over, label %lane.out, label %lane.more
lane.more:
  %lane.shift.most = icmp ult i64 %lane.left, 10
  %lane.shift = select i1 %lane.shift.most, i64 %lane.left, i64 10
  %lane.shifted = shl i64 %lane.r, %lane.shift
  %lane.r.then = urem i64 %lane.shifted, %lane.b.m
  %lane.left.then = sub i64 %lane.left, %lane.shift
  br label %lane.step
lane.out:
  %lane.r.float = sitofp i64 %lane.r to double
  %lane.r.scaled = fmul double %lane.r.float, 0x3CB0000000000000
  %lane.power.bits = shl i64 %lane.b.e, 52
  %lane.power = bitcast i64 %lane.power.bits to double
  %lane.result = fmul double %lane.r.scaled, %lane.power
  {put}
  br label %lane.done
lane.done:
  %lane.rests.then = phi {vector} [ %lane.rests, %lane ], [ %lane.rests.new, %lane.out ]
  %lane.next = add i32 %lane.i, 1
  %lane.is.last = icmp eq i32 %lane.next, {lanes}
  br i1 %lane.is.last, label %joined, label %lane
joined:"""


def _long_way(a: Number, b: Number, rest: Number, hard: Mask) -> Number:
    """Return rest, in the lanes of the mask a modulo b, computed anew; both are finite there, and a ≥ b > 0."""
    at = a.at
    vector = at.number_type
    any_hard = at.any_of(hard)
    result, before = at.fresh(), at.lines.block
    if at.lanes == 1:  # a loop that is run through once
        take_hard, take_a, take_b = (
            f"and i1 {hard.name}, true",
            f"bitcast double {a.name} to double",
            f"bitcast double {b.name} to double",
        )
        put = "%lane.rests.new = bitcast double %lane.result to double"
    else:
        take_hard = f"extractelement {hard.type} {hard.name}, i32 %lane.i"
        take_a, take_b = (f"extractelement {vector} {x.name}, i32 %lane.i" for x in (a, b))
        put = f"%lane.rests.new = insertelement {vector} %lane.rests, double %lane.result, i32 %lane.i"
    at.lines.texts.append(f"  br i1 {any_hard}, label %long, label %joined")
    at.raw(
        _LANE.format(
            vector=vector, rest=rest.name, take_hard=take_hard, take_a=take_a, take_b=take_b, put=put, lanes=at.lanes
        )
    )
    at.lines.texts.append(f"  {result} = phi {vector} [ {rest.name}, %{before} ], [ %lane.rests.then, %lane.done ]")
    at.lines.block = "joined"
    return Number(at, result)


def modulo(x: Number, y: Number) -> Number:
    """Return x % y with the sign of y, as Python has it; nan when y is 0 or x is infinite."""
    return _modulo(x, y)[1]


def _modulo(x: Number, y: Number) -> tuple[Number, Number]:
    """Return C's fmod and Python's remainder."""
    at = x.at
    rest = at.copy_sign(remainder(x, y), x)
    differ = ((x.bits ^ y.bits).is_below_zero()) & rest.is_unequal(0.0)
    python = at.select(rest.is_equal(0.0), at.copy_sign(at.number(0.0), y), at.select(differ, rest + y, rest))
    return rest, python


def floor_divide(x: Number, y: Number) -> Number:
    """Return x // y as Python has it; over 0 it is x / 0."""
    at = x.at
    rest = at.copy_sign(remainder(x, y), x)
    differ = ((x.bits ^ y.bits).is_below_zero()) & rest.is_unequal(0.0)
    quotient = x / y
    whole = (x - rest) / y
    whole = whole - at.select(differ, 1.0, 0.0)
    down = floor(whole)
    down = down + at.select(whole - down > 0.5, 1.0, 0.0)
    result = at.select(whole.is_equal(0.0), at.copy_sign(at.number(0.0), quotient), down)
    return at.select(y.is_equal(0.0), quotient, result)
