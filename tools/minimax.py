"""Compute the coefficients of slopewise/backends/llvm/mathematics/coefficients.py, and print that module.

Each polynomial is the best one in the weighted maximum norm, found by Remez' exchange in 60-digit decimals:
take degree + 2 points, solve for the polynomial whose weighted error has the same size and alternating signs there,
move the points to where the error is largest, repeat until its peaks are level. The coefficients are then rounded to
doubles. Since the leading terms are exact and apart, that costs next to nothing; the error printed beside each
polynomial is that of the rounded one.

    python tools/minimax.py > src/slopewise/backends/llvm/mathematics/coefficients.py

Functions are written as what is left after their exact leading terms, since those are added apart.
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, getcontext, localcontext

D = Decimal
getcontext().prec = 60
_TINY = D(10) ** -58
_GRID = 240  # points between which the peaks of the error are looked for

Function = Callable[[D], D]


def series(first: D, ratio: Callable[[int], D]) -> D:
    """Return first + first * ratio(1) + first * ratio(1) * ratio(2) + …"""
    total, term, k = first, first, 0
    while abs(term) > _TINY * max(abs(total), _TINY):
        k += 1
        term *= ratio(k)
        total += term
    return total


def pi() -> D:
    """Return π by Machin's formula."""
    return 16 * atan_ratio(D(1) / 25) / 5 - 4 * atan_ratio(D(1) / 57121) / 239


def atan_ratio(z: D) -> D:
    """Return atan(√z) / √z = 1 - z/3 + z²/5 - …"""
    total, term, k = D(0), D(1), 0
    while abs(term) > _TINY:
        total += term / (2 * k + 1)
        term *= -z
        k += 1
    return total


def asin_ratio(z: D) -> D:
    """Return asin(√z) / √z."""
    total, term, k = D(0), D(1), 0
    while abs(term) > _TINY:
        total += term / (2 * k + 1)
        k += 1
        term *= z * (2 * k - 1) / (2 * k)
    return total


def erf_ratio(z: D) -> D:
    """Return erf(√z) / √z."""
    total, term, k = D(0), D(1), 0
    while abs(term) > _TINY:
        total += term / (2 * k + 1)
        k += 1
        term *= -z / k
    return 2 * total / pi().sqrt()


def scaled_erfc(x: D) -> D:
    """Return exp(x²) · erfc(x) for x ≥ 0: by the series below 3, by the continued fraction above."""
    if x < 3:
        inner = series(x, lambda k: 2 * x * x / (2 * k + 1)) if x else D(0)
        return (x * x).exp() - 2 * inner / pi().sqrt()
    fraction = x
    for k in range(700, 0, -1):
        fraction = x + D(k) / 2 / fraction
    return 1 / fraction / pi().sqrt()


def exp_rest(r: D) -> D:
    """Return (e^r - 1 - r) / r²."""
    return series(D(1) / 2, lambda k: r / (k + 2))


def log_rest(z: D) -> D:
    """Return what 2·artanh(s) / s leaves after 2, over z = s²."""
    total, term, k = D(0), D(2), 3
    while abs(term) > _TINY:
        total += term / k
        term *= z
        k += 2
    return total


def log_rest_of_two(z: D) -> D:
    """Return what artanh(s) / s leaves after 1 + z/3, over z² = s⁴."""
    total, term, k = D(0), D(1), 5
    while abs(term) > _TINY:
        total += term / k
        term *= z
        k += 2
    return total


def sin_rest(z: D) -> D:
    """Return (sin(r) / r - 1) / z with z = r²."""
    return series(D(-1) / 6, lambda k: -z / ((2 * k + 2) * (2 * k + 3)))


def cos_rest(z: D) -> D:
    """Return (cos(r) - 1 + z/2) / z² with z = r²."""
    return series(D(1) / 24, lambda k: -z / ((2 * k + 3) * (2 * k + 4)))


def over(f: Function, leading: D) -> Function:
    """Return (f(z) - leading) / z, its limit by a difference next to 0."""
    return lambda z: (f(max(z, D(10) ** -20)) - leading) / max(z, D(10) ** -20)


def scaled_tail(a: D) -> D:
    """Return a·e^(a²/2)·Φ(-a), Φ the normal distribution function."""
    return a * scaled_erfc(a / D(2).sqrt()) / 2


def _tail_centre() -> float:
    """Return where scaled_tail is 3/8: the constant term of TAIL has then no rounding error to speak of."""
    low, high = D(3), D(5)
    while high - low > D(10) ** -40:
        middle = (low + high) / 2
        low, high = (middle, high) if scaled_tail(middle) < D("0.375") else (low, middle)
    return float(low)


TAIL_CENTRE = _tail_centre()


def tail_at(t: D) -> D:
    """Return scaled_tail at the a with t = (a - centre) / (a + centre)."""
    return scaled_tail(D(TAIL_CENTRE) * (1 + t) / (1 - t))


def tail_place(a: str) -> D:
    """Return the t of an a."""
    return (D(a) - D(TAIL_CENTRE)) / (D(a) + D(TAIL_CENTRE))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A function, where it is wanted, what its error is weighed by, the degree, and what it is for."""

    name: str
    function: Function
    low: D
    high: D
    weight: Function
    degree: int
    purpose: str


def solve(rows: list[list[D]]) -> list[D]:
    """Solve a linear system whose rows end in the right side, by elimination with pivots."""
    n = len(rows)
    for i in range(n):
        pivot = max(range(i, n), key=lambda j: abs(rows[j][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for j in range(i + 1, n):
            factor = rows[j][i] / rows[i][i]
            if factor:
                rows[j] = [a - factor * b for a, b in zip(rows[j], rows[i], strict=True)]
    result = [D(0)] * n
    for i in reversed(range(n)):
        known = sum((rows[i][j] * result[j] for j in range(i + 1, n)), D(0))
        result[i] = (rows[i][n] - known) / rows[i][i]
    return result


def horner(coefficients: list[D], x: D) -> D:
    """Return c₀ + c₁x + c₂x² + …"""
    total = D(0)
    for c in reversed(coefficients):
        total = total * x + c
    return total


def remez(values: list[tuple[D, D, D]], degree: int) -> list[D]:
    """Return the best coefficients of 1, x … x^degree for samples (x, value, weight)."""
    count = degree + 1
    picked = [round((len(values) - 1) * i / count) for i in range(count + 1)]
    for _ in range(40):
        rows = [
            [w * x**k for k in range(count)] + [D((-1) ** i), w * f]
            for i, (x, f, w) in enumerate(values[j] for j in picked)
        ]
        *coefficients, level = solve(rows)
        errors = [w * (f - horner(coefficients, x)) for x, f, w in values]
        if max(abs(e) for e in errors) <= abs(level) * D("1.001"):
            break
        picked = _peaks(errors, count + 1)
    return coefficients


def _peaks(errors: list[D], wanted: int) -> list[int]:
    peaks: list[int] = []
    for i, error in enumerate(errors):
        if peaks and (errors[peaks[-1]] > 0) == (error > 0):
            if abs(error) > abs(errors[peaks[-1]]):
                peaks[-1] = i
        else:
            peaks.append(i)
    while len(peaks) > wanted:
        peaks.pop(0 if abs(errors[peaks[0]]) < abs(errors[peaks[-1]]) else -1)
    if len(peaks) < wanted:
        raise ArithmeticError(f"the error has {len(peaks)} peaks, {wanted} are needed: lower the degree")
    return peaks


def fit(wanted: Wanted) -> tuple[list[float], D]:
    """Return the rounded coefficients, the constant one first, and the largest weighted error that they leave."""
    middle, half = (wanted.low + wanted.high) / 2, (wanted.high - wanted.low) / 2
    points = [middle - half * D(math.cos(math.pi * i / _GRID)) for i in range(_GRID + 1)]
    samples = [(x, wanted.function(x), wanted.weight(x)) for x in points if x]
    result = [float(c) for c in remez(samples, wanted.degree)]
    error = max(abs(w * (f - horner([D(c) for c in result], x))) for x, f, w in samples)
    return result, error


def everything() -> list[Wanted]:
    """Return what the package needs."""
    half_ln2 = D(2).ln() / 2 * D("1.0005")
    half_pi = pi() / 2
    root = (D(2).sqrt() - 1) / (D(2).sqrt() + 1)
    s2 = root * root * D("1.0005")
    quarter = (half_pi / 2) ** 2 * D("1.0005")
    eighth = (D(2).sqrt() - 1) ** 2 * D("1.0005")
    near = D("0.75")
    # fmt: off
    return [
        Wanted("EXP", exp_rest, -half_ln2, half_ln2, lambda r: abs(r) + D("0.05"), 10,
               "(e^r - 1 - r) / r², |r| ≤ ln(2)/2"),
        Wanted("LOG", log_rest, D(0), s2, lambda z: z + D("0.001"), 6,
               "(2 artanh(s)/s - 2) / z, z = s², √½ ≤ (1+s)/(1-s) ≤ √2"),
        Wanted("LOG_TAIL", log_rest_of_two, D(0), s2, lambda z: z * z + D("0.0001"), 6,
               "(artanh(s)/s - 1 - z/3) / z²"),
        Wanted("SIN", sin_rest, D(0), quarter, lambda z: z + D("0.01"), 5, "(sin(r)/r - 1) / z, z = r², |r| ≤ π/4"),
        Wanted("COS", cos_rest, D(0), quarter, lambda z: z * z + D("0.01"), 5, "(cos(r) - 1 + z/2) / z²"),
        Wanted("ASIN", over(asin_ratio, D(1)), D(0), D("0.2502"), lambda z: z + D("0.01"), 12,
               "(asin(s)/s - 1) / z, z = s² ≤ 1/4"),
        Wanted("ATAN", over(atan_ratio, D(1)), D(0), eighth, lambda z: z + D("0.01"), 11,
               "(atan(t)/t - 1) / z, z = t², t ≤ √2 - 1"),
        Wanted("ERF", lambda z: erf_ratio(z) - 1, D(0), near, lambda z: D(1), 11, f"erf(x)/x - 1 in z = x² ≤ {near}"),
        Wanted("TAIL", tail_at, tail_place("0.7"), tail_place("39.5"), lambda t: 1 / tail_at(t), 23,
               "a e^(a²/2) Φ(-a) in t = (a - TAIL_CENTRE) / (a + TAIL_CENTRE), 0.7 ≤ a ≤ 39"),
    ]
    # fmt: on


def cut(x: D, *widths: int) -> tuple[float, ...]:
    """Return numbers whose sum is x, each of so many bits, the first the largest."""
    pieces = []
    for width in widths:
        exponent = math.frexp(float(x))[1] - width
        whole = (x / D(2) ** exponent).to_integral_value(ROUND_HALF_EVEN)
        pieces.append(math.ldexp(int(whole), exponent))
        x -= D(pieces[-1])
    return tuple(pieces)


def constants() -> dict[str, tuple[str, object]]:
    """Return numbers in pieces: what each is for, and its pieces."""
    ln2, ln10, half_pi = D(2).ln(), D(10).ln(), pi() / 2
    with localcontext() as context:
        context.prec = 420
        global _TINY
        kept, _TINY = _TINY, D(10) ** -415
        bits = int(D(2) ** 1280 * 2 / pi())
        _TINY = kept
    words = [0, *(bits >> (1280 - 64 * (i + 1)) & (2**64 - 1) for i in range(20))]
    return {
        "LOG2_E": ("1/ln 2", cut(1 / ln2, 53)[0]),
        "LN2": ("ln 2: 32 bits, whose product with an exponent is exact, and the rest", cut(ln2, 32, 53)),
        "LN2_FULL": ("ln 2: a double and the rest", cut(ln2, 53, 53)),
        "INVERSE_LN2": ("1/ln 2: 31 bits, whose product with 21 bits is exact, and the rest", cut(1 / ln2, 31, 53)),
        "INVERSE_LN10": ("1/ln 10, likewise", cut(1 / ln10, 31, 53)),
        "LOG10_2": ("log₁₀ 2: 40 bits, whose product with an exponent is exact, and the rest", cut(ln2 / ln10, 40, 53)),
        "THIRD": ("1/3: a double and the rest", cut(D(1) / 3, 53, 53)),
        "SQRT_HALF": ("√½", cut(D("0.5").sqrt(), 53)[0]),
        "SQRT_2": ("√2", cut(D(2).sqrt(), 53)[0]),
        "TAIL_CENTRE": ("where the function of TAIL is 3/8", TAIL_CENTRE),
        "TWO_OVER_PI": ("2/π", cut(1 / half_pi, 53)[0]),
        "HALF_PI": ("π/2 in doubles", cut(half_pi, 53, 53, 53)),
        "HALF_PI_SHORT": (
            "π/2: three times 33 bits, whose products with 20 bits are exact, and the rest",
            cut(half_pi, 33, 33, 33, 53),
        ),
        "TWO_OVER_PI_WORDS": ("the first 1,280 bits of 2/π in words of 64 bits, after a word of zeros", tuple(words)),
    }


def main() -> None:
    """Print the module; what each polynomial leaves goes to standard error."""
    names = sys.argv[1:]
    print(
        '"""Coefficients of the polynomials, constant term first; written by `tools/minimax.py`, which says how."""\n'
    )
    for name, (purpose, value) in constants().items():
        print(f"# {purpose}")
        if isinstance(value, tuple):
            print(f"{name} = (")
            for piece in value:
                print(f"    0x{piece:016X}," if isinstance(piece, int) else f"    {piece!r},")
            print(")\n")
        else:
            print(f"{name} = {value!r}\n")
    for wanted in everything():
        if names and wanted.name not in names:
            continue
        coefficients, error = fit(wanted)
        print(f"{wanted.name}: 2**{math.log2(error):.1f}", file=sys.stderr)
        print(f"# {wanted.purpose}; largest weighted error 2**{math.log2(error):.1f}")
        print(f"{wanted.name} = (")
        for c in coefficients:
            print(f"    {c!r},")
        print(")\n")


if __name__ == "__main__":
    main()
