"""Formulas as LaTeX, for math mode; `amsmath` is all that they need."""

from typing import Any, assert_never

from slopewise.basics.shown_numbers import MINUS, shown
from slopewise.stories.formula import (
    ATOM,
    POWER,
    PRODUCT,
    Call,
    Formula,
    Gradient,
    Name,
    Negative,
    Number,
    Partial,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Word,
    least_of_factor,
    needs_parentheses,
    write_sum,
)
from slopewise.stories.name_text import parts_of_name, visible

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\^{}", "~": r"\~{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", "−": r"\(-\)",
    "∞": r"\(\infty\)", "·": r"\(\cdot\)", "≈": r"\(\approx\)", "→": r"\(\to\)", "≠": r"\(\neq\)", "∂": r"\(\partial\)",
    "′": r"\('\)", "″": r"\(''\)", "…": r"\ldots{}", "÷": r"\(\div\)", "×": r"\(\times\)", "Σ": r"\(\Sigma\)",
    "`": r"\textasciigrave{}", "²": r"\(^2\)", "³": r"\(^3\)", "⁻": r"\(^-\)", "¹": r"\(^1\)", "½": r"\(\tfrac12\)",
    "‘": "`", "’": "'", "“": "``", "”": "''",
}  # fmt: skip
_SIGNS = {"=": "=", "≈": r"\approx", "+=": r"\mathrel{+}=", "≠": r"\neq", "<": "<", ">": ">", "→": r"\to"}
_FUNCTIONS = {
    "sin": r"\sin", "cos": r"\cos", "tan": r"\tan", "sinh": r"\sinh", "cosh": r"\cosh", "tanh": r"\tanh",
    "asin": r"\arcsin", "acos": r"\arccos", "atan": r"\arctan", "log": r"\ln", "log2": r"\log_{2}",
    "log10": r"\log_{10}", "max": r"\max", "min": r"\min", "sigmoid": r"\sigma",
}  # fmt: skip
GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ",
    "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ",
    "tau": "τ", "upsilon": "υ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ",
    "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
_GREEK_COMMANDS = {letter: rf"\{name}" for name, letter in GREEK.items()}


def escape(text: str) -> str:
    """Return a text as LaTeX outside math mode: every special character is written and not obeyed.

    Example:
        >>> from slopewise.stories.formula_latex import escape
        >>> print(escape("50% of a_1 & {b}"))
        50\\% of a\\_1 \\& \\{b\\}
    """
    return "".join(_SPECIAL.get(c) or _greek_text(c) for c in visible(text))


def _greek_text(c: str) -> str:
    return rf"\({_GREEK_COMMANDS[c]}\)" if c in _GREEK_COMMANDS else c


def write(formula: Formula) -> str:
    """Write a formula as LaTeX, for math mode."""
    match formula:
        case Name(name):
            return _name(name)
        case Number(value, digits):
            return number(value, digits)
        case Gradient(of, root):
            return rf"\frac{{\partial {write(root)}}}{{\partial {write(of)}}}"
        case Partial(of, by):
            return rf"\frac{{\partial {write(of)}}}{{\partial {write(by)}}}"
        case Word(words):
            return rf"\text{{{escape(words)}}}"
        case Negative(of):
            return "-" + _part(of, PRODUCT, first=False)
        case Sum(terms):
            return write_sum(terms, _part, " + ", " - ")
        case Product(factors):
            return r" \cdot ".join(
                _part(f, least_of_factor(f, i, len(factors)), first=i == 0) for i, f in enumerate(factors)
            )
        case Quotient(above, below):
            return rf"\frac{{{write(above)}}}{{{write(below)}}}"
        case Power(base, exponent):
            return f"{_part(base, ATOM, first=False)}^{{{write(exponent)}}}"
        case Call(function, operands):
            return _call(function, operands)
        case Relation(sides, signs):
            out = write(sides[0])
            for sign, side in zip(signs, sides[1:], strict=True):
                out += f" {_SIGNS[sign]} {write(side)}"
            return out
        case _:
            assert_never(formula)


def _part(part: Formula, least: int, first: bool) -> str:
    written = write(part)
    # A gradient is a fraction of its own, which no product can be mistaken about.
    if isinstance(part, (Gradient, Partial)) and least < ATOM:
        return written
    return rf"\left({written}\right)" if needs_parentheses(part, least, first, "latex") else written


def _call(function: str, operands: tuple[Formula, ...]) -> str:
    inside = ", ".join(map(write, operands))
    match function, len(operands):
        case "sqrt", 1:
            return rf"\sqrt{{{inside}}}"
        case "exp", 1:
            return f"e^{{{inside}}}"
        case "exp2", 1:
            return f"2^{{{inside}}}"
        case "abs", 1:
            return rf"\left|{inside}\right|"
        case "square", 1:
            return f"{_part(operands[0], ATOM, first=False)}^{{2}}"
        case "mod", 2:
            return rf"{_part(operands[0], POWER, first=False)} \bmod {_part(operands[1], POWER, first=False)}"
        case _:
            command = _FUNCTIONS.get(function) or rf"\operatorname{{{escape(function)}}}"
            return rf"{command}\left({inside}\right)"


def number(value: Any, digits: int) -> str:
    """Write a number for math mode, by the shown-number rule."""
    words = shown(value, digits)
    sign = "-" if words.startswith(MINUS) else ""
    plain = words.removeprefix(MINUS)
    if plain == "nan":
        return r"\mathrm{nan}"
    if plain == "∞":
        return sign + r"\infty"
    above, slash, below = plain.partition("/")
    if slash and above.isdigit() and below.isdigit():
        return rf"{sign}\frac{{{above}}}{{{below}}}"
    mantissa, e, exponent = plain.partition("e")
    if e and exponent.removeprefix(MINUS).isdigit():
        return rf"{sign}{mantissa} \cdot 10^{{{exponent.replace(MINUS, '-')}}}"
    if all(c in "0123456789. +−i" for c in plain):
        return sign + plain.replace(MINUS, "-")
    return rf"\text{{{escape(words)}}}"


def _name(name: str) -> str:
    parts = parts_of_name(name)
    if not parts.is_word:
        return rf"\text{{`{escape(parts.base)}'}}"
    out = _letters(parts.place, upright=True) + _letters(parts.base)
    if parts.index:
        out += f"_{{{_letters(parts.index)}}}"
    return out + (f"^{{{parts.raised}}}" if parts.raised else "")


def _letters(text: str, upright: bool = False) -> str:
    if not text:
        return ""
    if text.isdigit():
        return text
    if text in GREEK:
        return _GREEK_COMMANDS[GREEK[text]]
    if text in _GREEK_COMMANDS:
        return _GREEK_COMMANDS[text]
    primes = len(text) - len(text.rstrip("'′"))
    bare = text[: len(text) - primes]
    if len(bare) == 1 and bare.isalpha() and not upright:
        return bare + "'" * primes
    return (rf"\mathrm{{{bare}}}" if bare.isascii() and bare.isalnum() else rf"\text{{{escape(bare)}}}") + "'" * primes
