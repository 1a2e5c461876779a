"""`source`: a Program as C99 that needs nothing but the C library's mathematics.

A short program is one function, a statement an equation. A long one is cut into functions of a few hundred statements,
which hand each other values in an array: compilers take more than linear time in the length of a function. A very long
one becomes tables of operations and operands, which one loop runs through.
"""

import re
from collections.abc import Iterator, Sequence

from slopewise.backends.c_operations import expression, functions, number
from slopewise.backends.c_table import table
from slopewise.errors import ShapeError
from slopewise.ir import CONSTANT, INPUT, Program, verify
from slopewise.ir.operations import ARITY

PART = 400  # equations in a function
LONGEST = 20_000  # equations that are written out
MOST_NAMES = 1000  # inputs that the header names

_TAKEN = frozenset(
    """
    auto break case char const continue default do double else enum extern float for goto if inline int long register
    restrict return short signed sizeof static struct switch typedef union unsigned void volatile while main
    asm bool true false catch class const_cast constexpr decltype delete dynamic_cast explicit export friend mutable
    namespace new noexcept nullptr operator private protected public reinterpret_cast static_assert static_cast template
    this thread_local throw try typeid typename using virtual and and_eq bitand bitor compl not not_eq or or_eq xor
    acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp2 expm1 fabs fdim floor fma fmax
    fmin fmod frexp hypot ilogb ldexp lgamma llrint llround log log10 log1p log2 logb lrint lround modf nan nearbyint
    nextafter nexttoward pow remainder remquo rint round scalbln scalbn sin sinh sqrt tan tanh tgamma trunc gamma drem
    significand j0 j1 jn y0 y1 yn isnan isinf isfinite isnormal signbit fpclassify finite exp10 pow10 sincos
    abs div labs ldiv llabs atof atoi atol strtod rand srand malloc calloc realloc free abort exit atexit system getenv
    bsearch qsort memcpy random select signal time clock index read write open close link pipe
    """.split()  # noqa: SIM905
)


def source(
    value: Program,
    with_gradient: Program | None = None,
    name: str = "model",
    gradient_of: Sequence[str] | None = None,
) -> str:
    """Return C99 that computes what a Program does, and its gradient.

    With one output the functions are `double NAME(const double *x)` and
    `double NAME_with_gradient(const double *x, double *gradient)`; with several,
    `void NAME(const double *x, double *y)` and
    `void NAME_with_gradient(const double *x, double *y, double *gradient)`. They keep nothing between calls, so threads
    may share them. Constants are written in hexadecimal, so that no bit is lost; each operation is what it is in the
    interpreter, with one C library the same to the last bit.

    Args:
        value: The Program of the value; nothing but its outputs is computed.
        with_gradient: A Program of the same inputs whose first outputs are those of `value`, and whose others are the
            gradient.
        name: What the functions are called. What C cannot call a function is changed: `"my loss"` becomes `my_loss`,
            `"exp"` becomes `exp_`.
        gradient_of: A name for each number of the gradient, for the comment; the inputs' names if there are as many.

    Raises:
        IRError: A Program breaks a rule.
        ShapeError: The two Programs do not belong together.

    Example:
        >>> from slopewise import ir
        >>> from slopewise.backends.c_source import source
        >>> text = source(ir.parse("program(%0 x) { %1 = constant 0.1; %2 = multiply %0 %1; return %2 }"), name="tenth")
        >>> print(text[text.index("double tenth(const double *x) {"):])
        double tenth(const double *x) {
            const double v2 = x[0] * 0x1.999999999999ap-4;
            return v2;
        }
        <BLANKLINE>

    Source: ISO/IEC 9899:1999, sections 6.4.4.2 (hexadecimal constants), 7.12 and Annex F.
    """
    verify(value)
    if with_gradient is not None:
        verify(with_gradient)
        if with_gradient.n_inputs != value.n_inputs or with_gradient.n_outputs < value.n_outputs:
            raise ShapeError(
                f"source() needs two programs of the same inputs, and outputs of the first among those of the second; "
                f"got {value!r} and {with_gradient!r}\n"
                f"make the second from the first: passes.differentiate.vjp(program, wrt)"
            )
    name = safe_name(name)
    programs = [value] if with_gradient is None else [value, with_gradient]
    used = {program.codes[slot] for program in programs for slot in _needed(program)}
    chunks = [
        *_header(value, with_gradient, name, gradient_of),
        *functions(used, f"{name}_"),
        *_definition(value, value.n_outputs, name, name),
    ]
    if with_gradient is not None:
        chunks += _definition(with_gradient, value.n_outputs, f"{name}_with_gradient", name)
    return "\n".join(chunks)


def safe_name(name: str) -> str:
    """Return what C can call a function, as near to a name as can be.

    Example:
        >>> safe_name("my loss"), safe_name("exp"), safe_name("2nd"), safe_name("λ"), safe_name("_Bool")
        ('my_loss', 'exp_', 'f_2nd', 'f', 'Bool')
    """
    name = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_") or "f"
    if name[0].isdigit():
        name = f"f_{name}"
    return f"{name}_" if name in _TAKEN else name


def _prototype(name: str, n_values: int, has_gradient: bool) -> str:
    """Return how a function is declared."""
    result = "double" if n_values == 1 else "void"
    values = "" if n_values == 1 else ", double *y"
    return f"{result} {name}(const double *x{values}{', double *gradient' * has_gradient})"


def _header(
    value: Program, with_gradient: Program | None, name: str, gradient_of: Sequence[str] | None
) -> Iterator[str]:
    n_values = value.n_outputs
    declared = [_prototype(name, n_values, False)]
    if with_gradient is not None:
        declared.append(_prototype(f"{name}_with_gradient", n_values, True))
    yield f"/* {name}: written by slopewise. C99; needs the C library's mathematics alone."
    yield f" *\n *     cc -std=c99 -O2 -c {name}.c        and link with -lm\n *"
    yield from (f" *     {prototype};" for prototype in declared)
    yield " *\n * x points to the inputs:" if value.n_inputs else " *\n * There are no inputs: x may be NULL."
    yield from _listed("x", value.names)
    if n_values != 1:
        yield f" * y points to room for {n_values:,} values."
    if with_gradient is not None:
        count = with_gradient.n_outputs - n_values
        names = gradient_of if gradient_of is not None else value.names if count == value.n_inputs else ()
        yield f" * gradient points to room for {count:,} derivative{'s' * (count != 1)}{', by' if names else '.'}"
        yield from _listed("gradient", names)
    yield " *\n * What is written must not overlap what is read. Nothing is kept between calls: threads may share"
    yield " * the functions. The results have the very bits that slopewise computes where the C library is the"
    yield " * same and no product is fused into a sum: with GCC, -std=c99 or -ffp-contract=off sees to that;"
    yield " * elsewhere last digits may differ.\n */"
    yield "#include <math.h>"
    if max(p.n_equations for p in (value, with_gradient) if p is not None) > LONGEST:
        yield "#include <stdint.h>\n#include <stdlib.h>"
    yield "\n#ifdef __FAST_MATH__"
    yield "#error compile without -ffast-math: nan and the infinities mean something here\n#endif"
    yield "#ifdef __clang__\n#pragma STDC FP_CONTRACT OFF\n#endif\n"
    yield from (f"{prototype};" for prototype in declared)
    yield ""


def _listed(array: str, names: Sequence[str]) -> Iterator[str]:
    for place, name in enumerate(names[:MOST_NAMES]):
        shown = "".join(c if c.isprintable() and c not in "*\\?" else "_" for c in name)
        yield f" *     {array}[{place}]  {shown}".rstrip()
    if len(names) > MOST_NAMES:
        yield f" *     ... and so on, to {array}[{len(names) - 1}]"


def _definition(program: Program, n_values: int, name: str, prefix: str) -> Iterator[str]:
    """Yield the definition of one function, and those of its parts before it."""
    outputs: dict[int, list[str]] = {}
    for place, slot in enumerate(program.outputs):
        gradient = f"gradient[{place - n_values}]"
        outputs.setdefault(slot, []).append(gradient if place >= n_values else f"y[{place}]")
    needed = _needed(program)
    prototype = _prototype(name, n_values, program.n_outputs > n_values or name != prefix)
    has_gradient = "*gradient" in prototype
    if len(needed) > LONGEST:
        yield from table(program, needed, n_values, name, f"{prefix}_", prototype)
    elif len(needed) > PART:
        yield from _parts(program, needed, outputs, name, f"{prefix}_", prototype, n_values, has_gradient)
    else:
        yield from _whole(program, needed, outputs, f"{prefix}_", prototype)


def _whole(
    program: Program, needed: Sequence[int], outputs: dict[int, list[str]], prefix: str, prototype: str
) -> Iterator[str]:
    """Yield one function of all equations."""
    value_of = _Operands(program)
    lines = list(_statements(program, needed, value_of, prefix))
    returns = prototype.startswith("double")
    for slot, places in outputs.items():
        lines += [f"    {place} = {value_of(slot)};" for place in places if not returns or place != "y[0]"]
    if returns:
        lines.append(f"    return {value_of(program.outputs[0])};")
    text = "\n".join(lines)
    yield f"{prototype} {{\n{_unused(prototype, text)}{text}\n}}\n"


def _unused(prototype: str, text: str) -> str:
    """Return statements that tell the compiler which arguments a text does not use, and that it is meant."""
    arguments = re.findall(r"\*(\w+)", prototype)
    return "".join(f"    (void){argument};\n" for argument in arguments if not re.search(rf"\b{argument}\[", text))


def _needed(program: Program) -> list[int]:
    """List the equations that the outputs need, in order."""
    marks = bytearray(program.n_slots)
    for slot in program.outputs:
        marks[slot] = 1
    for slot in range(program.n_slots - 1, -1, -1):
        if marks[slot]:
            for operand in _operands(program, slot):
                marks[operand] = 1
    return [slot for slot in range(program.n_slots) if marks[slot] and program.codes[slot] not in (INPUT, CONSTANT)]


def _operands(program: Program, slot: int) -> tuple[int, ...]:
    return (program.a[slot], program.b[slot], program.c[slot])[: ARITY[program.codes[slot]]]


class _Operands:
    """What C calls the number of a slot: an input, a constant, a variable, or an element of what parts share."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.shared: dict[int, str] = {}

    def __call__(self, slot: int) -> str:
        code = self.program.codes[slot]
        if code == INPUT:
            return f"x[{slot}]"
        if code == CONSTANT:
            return number(self.program.constant_of(slot))
        return self.shared.get(slot) or f"v{slot}"


def _statements(program: Program, slots: Sequence[int], value_of: _Operands, prefix: str) -> Iterator[str]:
    for slot in slots:
        operands = [value_of(operand) for operand in _operands(program, slot)]
        yield f"    const double v{slot} = {expression(program.codes[slot], prefix, *operands)};"


def _parts(
    program: Program,
    needed: Sequence[int],
    outputs: dict[int, list[str]],
    name: str,
    prefix: str,
    prototype: str,
    n_values: int,
    has_gradient: bool,
) -> Iterator[str]:
    """Yield functions of `PART` equations, and one that calls them; they share what a later part reads, in an array.

    A place of the array is used again once no later part reads what it holds.
    """
    parts = [needed[start : start + PART] for start in range(0, len(needed), PART)]
    part_of = {slot: part for part, slots in enumerate(parts) for slot in slots}
    last = dict(part_of)
    for slot in needed:
        for operand in _operands(program, slot):
            if operand in last:
                last[operand] = max(last[operand], part_of[slot])
    value_of = _Operands(program)
    free: list[int] = []
    size = 0
    ends: dict[int, list[int]] = {}
    arguments = "const double *x, double *v, double *y" + ", double *gradient" * has_gradient
    names = [argument.split("*")[1] for argument in arguments.split(", ")]
    for part, slots in enumerate(parts):
        lines = list(_statements(program, slots, value_of, prefix))
        shared = {}
        for slot in slots:
            lines += [f"    {place} = v{slot};" for place in outputs.get(slot, ())]
            if last[slot] > part:
                if not free:
                    free.append(size)
                    size += 1
                place = free.pop()
                shared[slot] = f"v[{place}]"
                ends.setdefault(last[slot], []).append(place)
                lines.append(f"    v[{place}] = v{slot};")
        value_of.shared.update(shared)
        free += reversed(ends.pop(part, []))
        text = "\n".join(lines)
        yield f"static void {name}_part_{part + 1}({arguments}) {{\n{_unused(arguments, text)}{text}\n}}\n"
    yield f"{prototype} {{"
    yield f"    double v[{max(size, 1)}];"
    if n_values == 1:
        yield "    double value = 0.0;\n    double *y = &value;"
    for slot, places in outputs.items():
        if slot not in part_of:  # an input or a constant
            yield from (f"    {place} = {value_of(slot)};" for place in places)
    for part in range(len(parts)):
        yield f"    {name}_part_{part + 1}({', '.join(names)});"
    if n_values == 1:
        yield "    return value;"
    yield "}\n"
