"""Angles past 2^20: x·2/π modulo 4 from the bits of 2/π that matter, lane by lane.

A double is M·2^e with a whole M of 53 bits. Of x·2/π only what is left modulo 4 is wanted, so the bits of 2/π
before the e - 1st drop out, and 192 bits from there on give 137 and more behind the point: enough for the double
that comes closest to a multiple of π/2. The three products M times a word are whole numbers of 128 bits, which
every target multiplies inline.

Source: M. H. Payne and R. N. Hanek, "Radian reduction for trigonometric functions", 1983.
"""

from slopewise.backends.llvm.mathematics import coefficients as c
from slopewise.backends.llvm.mathematics.doubled import quick_two_sum, two_product, two_sum
from slopewise.backends.llvm.mathematics.formulas import Bits, Formula, Lines, Number

LARGE = 2.0**20

TABLE = "@sw_two_over_pi"


def table(name: str) -> str:
    """Return a constant of that name that holds the bits of 2/π."""
    words = ", ".join(f"i64 {word - (word >> 63 << 64)}" for word in c.TWO_OVER_PI_WORDS)
    count = len(c.TWO_OVER_PI_WORDS)
    return f"{name} = private unnamed_addr constant [{count} x i64] [{words}], align 64\n"


# What a lane does. %lane.x comes in; the quadrant %lane.q and whole words %lane.f1 … f4 of the fraction go out.
_LANE = """\
  %lane.bits = bitcast double %lane.x to i64
  %lane.field = lshr i64 %lane.bits, 52
  %lane.biased = and i64 %lane.field, 2047
  %lane.low52 = and i64 %lane.bits, 4503599627370495
  %lane.m = or i64 %lane.low52, 4503599627370496
  %lane.at = sub i64 %lane.biased, 1013
  %lane.word = lshr i64 %lane.at, 6
  %lane.shift = and i64 %lane.at, 63
  %lane.p0 = getelementptr i64, ptr {table}, i64 %lane.word
  %lane.p1 = getelementptr i64, ptr %lane.p0, i64 1
  %lane.p2 = getelementptr i64, ptr %lane.p0, i64 2
  %lane.p3 = getelementptr i64, ptr %lane.p0, i64 3
  %lane.t0 = load i64, ptr %lane.p0
  %lane.t1 = load i64, ptr %lane.p1
  %lane.t2 = load i64, ptr %lane.p2
  %lane.t3 = load i64, ptr %lane.p3
  %lane.g0 = call i64 @llvm.fshl.i64(i64 %lane.t0, i64 %lane.t1, i64 %lane.shift)
  %lane.g1 = call i64 @llvm.fshl.i64(i64 %lane.t1, i64 %lane.t2, i64 %lane.shift)
  %lane.g2 = call i64 @llvm.fshl.i64(i64 %lane.t2, i64 %lane.t3, i64 %lane.shift)
  %lane.wide.m = zext i64 %lane.m to i128
  %lane.wide.g1 = zext i64 %lane.g1 to i128
  %lane.wide.g2 = zext i64 %lane.g2 to i128
  %lane.product2 = mul i128 %lane.wide.m, %lane.wide.g2
  %lane.product1 = mul i128 %lane.wide.m, %lane.wide.g1
  %lane.carried = lshr i128 %lane.product2, 64
  %lane.sum = add i128 %lane.product1, %lane.carried
  %lane.middle = trunc i128 %lane.sum to i64
  %lane.above = lshr i128 %lane.sum, 64
  %lane.above64 = trunc i128 %lane.above to i64
  %lane.product0 = mul i64 %lane.m, %lane.g0
  %lane.top = add i64 %lane.above64, %lane.product0
  %lane.lowest = trunc i128 %lane.product2 to i64
  %lane.whole = lshr i64 %lane.top, 62
  %lane.high = call i64 @llvm.fshl.i64(i64 %lane.top, i64 %lane.middle, i64 2)
  %lane.low = call i64 @llvm.fshl.i64(i64 %lane.middle, i64 %lane.lowest, i64 2)
  %lane.half = lshr i64 %lane.high, 63
  %lane.up = add i64 %lane.whole, %lane.half
  %lane.negated = sub i64 0, %lane.up
  %lane.is.negative = icmp slt i64 %lane.bits, 0
  %lane.q = select i1 %lane.is.negative, i64 %lane.negated, i64 %lane.up
  %lane.a1 = ashr i64 %lane.high, 32
  %lane.a0 = and i64 %lane.high, 4294967295
  %lane.b1 = lshr i64 %lane.low, 32
  %lane.b0 = and i64 %lane.low, 4294967295
  %lane.f1 = sitofp i64 %lane.a1 to double
  %lane.f2 = sitofp i64 %lane.a0 to double
  %lane.f3 = sitofp i64 %lane.b1 to double
  %lane.f4 = sitofp i64 %lane.b0 to double
"""


def _fraction_times_half_pi(fma: bool) -> tuple[str, str, str]:
    """Return the text that turns the words of the fraction into r + low, and the names of the two."""
    lines = Lines()
    at = Formula("float64", 1, fma, lines)
    f1, f2, f3, f4 = (Number(at, f"%lane.f{i}") for i in (1, 2, 3, 4))
    high, lost = quick_two_sum(f1 * 2.0**-32, f2 * 2.0**-64)
    high, low = two_sum(high, lost + (f3 * 2.0**-96 + f4 * 2.0**-128))
    product, rest = two_product(high, at.number(c.HALF_PI[0]))
    r, tail = quick_two_sum(product, rest + (high * c.HALF_PI[1] + low * c.HALF_PI[0]))
    is_negative = Number(at, "%lane.x") < 0.0
    signed = at.select(is_negative, -r, r), at.select(is_negative, -tail, tail)
    text = "\n".join(lines.texts).replace("%v", "%lane.v")
    r_name, low_name = (number.name.replace("%v", "%lane.v") for number in signed)
    return text + "\n", r_name, low_name


def with_large_angles(x: Number, quadrant: Bits, r: Number, low: Number) -> tuple[Bits, Number, Number]:
    """Return quadrant, r and low, those of lanes past 2^20 computed anew where there is any; inf and nan stay nan."""
    at = x.at
    size = at.absolute(x)
    any_large = at.any_of((size >= LARGE) & (size < float("inf")))
    results = [at.fresh() for _ in range(3)]
    final = at.lines.texts
    fraction, r_name, low_name = _fraction_times_half_pi(at.fma)
    entry = at.lines.block
    lanes, vector, integers = at.lanes, at.number_type, at.bits_type
    take = f"extractelement {vector} {x.name}, i32 %lane.i"
    put = {
        name: f"insertelement {kind} %lane.{name}s, {scalar}, i32 %lane.i"
        for name, kind, scalar in (
            ("q", integers, "i64 %lane.q"), ("r", vector, f"double {r_name}"), ("low", vector, f"double {low_name}"),
        )
    }  # fmt: skip
    if lanes == 1:  # a loop that is run through once
        take = f"bitcast double {x.name} to double"
        put = {"q": "bitcast i64 %lane.q to i64", "r": f"bitcast double {r_name} to double"}
        put["low"] = f"bitcast double {low_name} to double"
    at.raw(f"""\
  br i1 {any_large}, label %large, label %joined
large:
  br label %lane
lane:
  %lane.i = phi i32 [ 0, %large ], [ %lane.next, %lane.done ]
  %lane.qs = phi {integers} [ {quadrant.name}, %large ], [ %lane.qs.then, %lane.done ]
  %lane.rs = phi {vector} [ {r.name}, %large ], [ %lane.rs.then, %lane.done ]
  %lane.lows = phi {vector} [ {low.name}, %large ], [ %lane.lows.then, %lane.done ]
  %lane.x = {take}
  %lane.size = call double @llvm.fabs.f64(double %lane.x)
  %lane.is.large = fcmp oge double %lane.size, {at_number(LARGE)}
  %lane.is.finite = fcmp olt double %lane.size, 0x7FF0000000000000
  %lane.is.wanted = and i1 %lane.is.large, %lane.is.finite
  br i1 %lane.is.wanted, label %lane.work, label %lane.done
lane.work:""")
    at.raw(_LANE.format(table=TABLE) + fraction)
    at.raw(f"""\
  %lane.qs.new = {put["q"]}
  %lane.rs.new = {put["r"]}
  %lane.lows.new = {put["low"]}
  br label %lane.done
lane.done:
  %lane.qs.then = phi {integers} [ %lane.qs, %lane ], [ %lane.qs.new, %lane.work ]
  %lane.rs.then = phi {vector} [ %lane.rs, %lane ], [ %lane.rs.new, %lane.work ]
  %lane.lows.then = phi {vector} [ %lane.lows, %lane ], [ %lane.lows.new, %lane.work ]
  %lane.next = add i32 %lane.i, 1
  %lane.is.last = icmp eq i32 %lane.next, {lanes}
  br i1 %lane.is.last, label %joined, label %lane
joined:""")
    new = ["%lane.qs.then", "%lane.rs.then", "%lane.lows.then"]
    before: list[Bits | Number] = [quadrant, r, low]
    for name, old, other in zip(results, before, new, strict=True):
        final.append(f"  {name} = phi {old.type} [ {old.name}, %{entry} ], [ {other}, %lane.done ]")
    at.lines.block = "joined"
    at.lines.reads_table = True
    return Bits(at, results[0]), Number(at, results[1]), Number(at, results[2])


def at_number(x: float) -> str:
    """Return a double as LLVM reads it."""
    return Formula("float64", 1, False).number(x).name
