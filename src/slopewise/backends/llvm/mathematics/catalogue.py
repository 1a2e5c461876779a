"""What there is: for every operation of a Program its formula, and how far from the truth it may be."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from slopewise.backends.llvm.mathematics import (
    choices,
    circular,
    exponential,
    hyperbolic,
    inverse_circular,
    logarithm,
    normal,
    powers,
    rounding,
)
from slopewise.backends.llvm.mathematics.formulas import LAYOUTS, Dtype, Formula, Lines, Number
from slopewise.backends.llvm.mathematics.large_angles import TABLE, table
from slopewise.ir.operations import ARITY, CODES


class Single(Enum):
    """How a formula serves float32."""

    SAME = auto()  # as it is
    THROUGH_DOUBLE = auto()  # on float64, rounded at the end


@dataclass(frozen=True, slots=True)
class Function:
    """One operation: its formula, its stated error in ulp (0 is exact), and its way to float32."""

    formula: Callable[..., Number]
    error: float
    single: Single

    def apply(self, at: Formula, operands: list[Number]) -> Number:
        """Write the formula and return its result."""
        if at.dtype == "float64" or self.single is Single.SAME:
            return self.formula(*operands)
        return at.narrowed(self.formula(*(at.widened(x) for x in operands)))


_SAME, _THROUGH = Single.SAME, Single.THROUGH_DOUBLE

# fmt: off
FUNCTIONS: dict[str, Function] = {
    "add":           Function(lambda x, y: x + y, 0, _SAME),
    "subtract":      Function(lambda x, y: x - y, 0, _SAME),
    "multiply":      Function(lambda x, y: x * y, 0, _SAME),
    "divide":        Function(lambda x, y: x / y, 0, _SAME),
    "negate":        Function(lambda x: -x, 0, _SAME),
    "square":        Function(lambda x: x * x, 0, _SAME),
    "absolute":      Function(choices.absolute, 0, _SAME),
    "detach":        Function(lambda x: x, 0, _SAME),
    "attach":        Function(lambda z, x, p: z, 0, _SAME),
    "relu":          Function(choices.relu, 0, _SAME),
    "leaky_relu":    Function(choices.leaky_relu, 0, _SAME),
    "maximum":       Function(choices.maximum, 0, _SAME),
    "minimum":       Function(choices.minimum, 0, _SAME),
    "where":         Function(choices.where, 0, _SAME),
    "less":          Function(choices.less, 0, _SAME),
    "less_equal":    Function(choices.less_equal, 0, _SAME),
    "greater":       Function(choices.greater, 0, _SAME),
    "greater_equal": Function(choices.greater_equal, 0, _SAME),
    "equal":         Function(choices.equal, 0, _SAME),
    "not_equal":     Function(choices.not_equal, 0, _SAME),
    "sqrt":          Function(choices.sqrt, 0, _SAME),
    "floor":         Function(rounding.floor, 0, _SAME),
    "ceil":          Function(rounding.ceil, 0, _SAME),
    "truncate":      Function(rounding.truncate, 0, _SAME),
    "round":         Function(rounding.round_to_even, 0, _SAME),
    "modulo":        Function(rounding.modulo, 0, _THROUGH),
    "floor_divide":  Function(rounding.floor_divide, 0, _THROUGH),
    "exp":           Function(exponential.exp, 1.5, _THROUGH),
    "exp2":          Function(exponential.exp2, 1.5, _THROUGH),
    "expm1":         Function(exponential.expm1, 2.0, _THROUGH),
    "tanh":          Function(exponential.tanh, 3.0, _THROUGH),
    "sigmoid":       Function(exponential.sigmoid, 3.0, _THROUGH),
    "silu":          Function(exponential.silu, 3.5, _THROUGH),
    "elu":           Function(exponential.elu, 2.5, _THROUGH),
    "log":           Function(logarithm.log, 1.0, _THROUGH),
    "log2":          Function(logarithm.log2, 1.0, _THROUGH),
    "log10":         Function(logarithm.log10, 1.0, _THROUGH),
    "log1p":         Function(logarithm.log1p, 1.5, _THROUGH),
    "softplus":      Function(logarithm.softplus, 2.5, _THROUGH),
    "sin":           Function(circular.sin, 1.0, _THROUGH),
    "cos":           Function(circular.cos, 1.0, _THROUGH),
    "tan":           Function(circular.tan, 2.5, _THROUGH),
    "asin":          Function(inverse_circular.asin, 1.5, _THROUGH),
    "acos":          Function(inverse_circular.acos, 1.5, _THROUGH),
    "atan":          Function(inverse_circular.atan, 2.0, _THROUGH),
    "atan2":         Function(inverse_circular.atan2, 2.5, _THROUGH),
    "sinh":          Function(hyperbolic.sinh, 3.0, _THROUGH),
    "cosh":          Function(hyperbolic.cosh, 2.0, _THROUGH),
    "asinh":         Function(hyperbolic.asinh, 2.5, _THROUGH),
    "acosh":         Function(hyperbolic.acosh, 3.0, _THROUGH),
    "atanh":         Function(hyperbolic.atanh, 2.5, _THROUGH),
    "erf":           Function(normal.erf, 1.5, _THROUGH),
    "gelu":          Function(normal.gelu, 4.0, _THROUGH),
    "power":         Function(powers.power, 1.5, _THROUGH),
    "power_value":   Function(powers.power, 1.5, _THROUGH),
    "hypot":         Function(powers.hypot, 1.0, _THROUGH),
}
# fmt: on

ERRORS: dict[str, float] = {name: function.error for name, function in FUNCTIONS.items()}
"""The stated error of each operation in units in the last place of the float64 result; 0 where it is
exact or rounded correctly. In float32 it is 0.51, since what is not exact is computed in float64."""


BRANCHING = frozenset({"sin", "cos", "tan", "modulo", "floor_divide"})
"""The operations whose text has branches: rare operands, very large angles and quotients, take another way."""


def symbol(name: str, dtype: Dtype, lanes: int) -> str:
    """Return the name of a function in the text, without LLVM's `@`.

    Example:
        >>> symbol("exp", "float64", 8), symbol("tanh", "float32", 1)
        ('sw_exp_f64x8', 'sw_tanh_f32x1')
    """
    return f"sw_{name}_{LAYOUTS[dtype].mangled}x{lanes}"


def definitions(names: Iterable[str], dtype: Dtype, lanes: int, fma: bool = False) -> str:
    """Return LLVM IR that defines these operations on registers of so many lanes.

    Each is `define internal T @sw_name_f64x8(T, …)`, T a vector, or a plain scalar for one lane. None calls another,
    and what it reads is its own, so that texts may be put one after the other. Intrinsics need no declaration.

    Args:
        names: Names of operations, as in a Program; each is defined once, in the table's order.
        dtype: What a lane holds.
        lanes: 1, 2, 4, 8 or 16.
        fma: Whether the target has a fused multiply and add; without it none is used, and the stated errors hold too.

    Raises:
        KeyError: No operation has that name.
        ValueError: There is no register of so many lanes.

    Example:
        >>> print(definitions(["relu"], "float64", 2))
        define internal <2 x double> @sw_relu_f64x2(<2 x double> %x0) {
        entry:
          %v1 = fcmp olt <2 x double> %x0, splat (double 0x0000000000000000)
          %v2 = select <2 x i1> %v1, <2 x double> splat (double 0x0000000000000000), <2 x double> %x0
          ret <2 x double> %v2
        }
        <BLANKLINE>
    """
    if lanes not in (1, 2, 4, 8, 16):
        raise ValueError(f"a register has 1, 2, 4, 8 or 16 lanes, not {lanes!r}")
    wanted = set(names)
    for name in sorted(wanted - FUNCTIONS.keys()):
        raise KeyError(name)
    return "\n".join(_definition(name, dtype, lanes, fma) for name in FUNCTIONS if name in wanted)


def instructions(
    name: str, dtype: Dtype, lanes: int, operands: Sequence[str], prefix: str, fma: bool = False
) -> tuple[list[str], str]:
    """Return the instructions of an operation for a block of the caller's, and the name of the result.

    A call costs about 4 ns, nearly as much as `exp` itself, and loads the constants each time. Operations that branch
    (`BRANCHING`) can only be called.

    Args:
        name: An operation, not one of `BRANCHING`.
        dtype: What a lane holds.
        lanes: 1, 2, 4, 8 or 16.
        operands: Names of registers (`%x`), or constants as LLVM writes them.
        prefix: What the names of the results begin with; the caller sees that nothing else begins so.
        fma: Whether the target has a fused multiply and add.

    Raises:
        KeyError: No operation has that name, or it branches.

    Example:
        >>> instructions("maximum", "float64", 1, ["%a", "%b"], "m")[0][-1]
        '  %m4 = select i1 %m3, double %a, double %b'
    """
    if name in BRANCHING:
        raise KeyError(name)
    at = Formula(dtype, lanes, fma, Lines(prefix=prefix))
    result = FUNCTIONS[name].apply(at, [at.argument(x) for x in operands])
    return at.lines.texts, result.name


def _definition(name: str, dtype: Dtype, lanes: int, fma: bool) -> str:
    at = Formula(dtype, lanes, fma)
    operands = [at.argument(f"%x{i}") for i in range(ARITY[CODES[name]])]
    result = FUNCTIONS[name].apply(at, operands)
    own, kind = symbol(name, dtype, lanes), at.number_type
    parameters = ", ".join(f"{x.type} {x.name}" for x in operands)
    head = f"define internal {kind} @{own}({parameters}) {{"
    text = "\n".join([head, "entry:", *at.lines.texts, f"  ret {kind} {result.name}", "}\n"])
    if at.lines.reads_table:
        bits = f"@{own}.two_over_pi"
        text = table(bits) + text.replace(TABLE, bits)
    return text
