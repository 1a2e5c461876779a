"""Formulas as small trees, and how they are written: as text here, as LaTeX and MathML in the files beside this one.

    Formula = Name | Number | Gradient | Partial | Word | Sum | Product | Quotient | Power | Negative | Call | Relation

The writers put parentheses only where a reader needs them, show numbers by the rule of `basics.shown_numbers`, and
escape whatever a name holds.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, assert_never

from slopewise.basics.shown_numbers import DIGITS, MINUS, is_exact, shown
from slopewise.stories.name_text import quoted, superscript, visible


@dataclass(frozen=True, slots=True)
class Name:
    """A Value's name, any text: `a`, `x_1`, `layers.0.w.1`."""

    text: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number, shown with up to `digits` significant digits."""

    value: Any
    digits: int = DIGITS


@dataclass(frozen=True, slots=True)
class Gradient:
    """The gradient of `root` by `of`: `of.grad` in text, ∂root/∂of where fractions can be written."""

    of: Name
    root: Name


@dataclass(frozen=True, slots=True)
class Partial:
    """A local derivative that has no formula of its own: ∂of/∂by."""

    of: Name
    by: Name


@dataclass(frozen=True, slots=True)
class Word:
    """Upright words inside a formula, such as `others`."""

    text: str


@dataclass(frozen=True, slots=True)
class Sum:
    """Terms added up; a `Negative` term after the first is written as a difference."""

    terms: "tuple[Formula, ...]"


@dataclass(frozen=True, slots=True)
class Product:
    """Factors multiplied, with `·` between them."""

    factors: "tuple[Formula, ...]"


@dataclass(frozen=True, slots=True)
class Quotient:
    """A fraction."""

    above: "Formula"
    below: "Formula"


@dataclass(frozen=True, slots=True)
class Power:
    """A base to an exponent."""

    base: "Formula"
    exponent: "Formula"


@dataclass(frozen=True, slots=True)
class Negative:
    """A formula with a minus before it."""

    of: "Formula"


@dataclass(frozen=True, slots=True)
class Call:
    """A function applied to operands; `sqrt`, `exp`, `abs` and `square` have signs of their own in LaTeX and MathML."""

    function: str
    operands: "tuple[Formula, ...]"


@dataclass(frozen=True, slots=True)
class Relation:
    """Sides with a sign between each two: `a = b ≈ c`, `a.grad += 3`.

    Attributes:
        sides: The formulas.
        signs: One fewer than sides: "=", "≈", "+=", "≠", "<", ">" or "→".
    """

    sides: "tuple[Formula, ...]"
    signs: tuple[str, ...]


Formula = Name | Number | Gradient | Partial | Word | Sum | Product | Quotient | Power | Negative | Call | Relation

# How tightly a formula holds together; a part that holds less tightly than its place asks for gets parentheses.
RELATION, SUM, PRODUCT, POWER, ATOM = range(5)

Target = Literal["text", "latex", "mathml"]


def difference(left: Formula, right: Formula) -> Sum:
    """Return left − right."""
    return Sum((left, Negative(right)))


def equals(left: Formula, value: Any, digits: int = DIGITS) -> Relation:
    """Return `left = number`, or `left ≈ number` when a number in sight is rounded.

    Args:
        left: A formula, with names or with numbers.
        value: What it comes to.
        digits: The most significant digits to show.

    Example:
        >>> from slopewise.stories.formula import Name, Number, Quotient, equals, text
        >>> text(equals(Name("o"), 0.7071067811865476)), text(equals(Quotient(Number(1.0), Number(4.0)), 0.25))
        ('o ≈ 0.7071', '1 / 4 = 0.25')
    """
    exact = is_exact(value, digits) and all(is_exact(n.value, n.digits) for n in numbers_in(left))
    return Relation((left, Number(value, digits)), ("=" if exact else "≈",))


def numbers_in(formula: Formula) -> Iterator[Number]:
    """Give every number in a formula, from left to right."""
    waiting: list[Formula] = [formula]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Number):
            yield part
        else:
            waiting.extend(reversed(parts_of(part)))


def parts_of(formula: Formula) -> "tuple[Formula, ...]":
    """Return the formulas that a formula is directly made of."""
    match formula:
        case Name() | Number() | Word():
            return ()
        case Gradient(of, root):
            return (of, root)
        case Partial(of, by):
            return (of, by)
        case Sum(terms):
            return terms
        case Product(factors):
            return factors
        case Quotient(above, below):
            return (above, below)
        case Power(base, exponent):
            return (base, exponent)
        case Negative(of):
            return (of,)
        case Call(_, operands):
            return operands
        case Relation(sides, _):
            return sides
        case _:
            assert_never(formula)


def tightness(formula: Formula, target: Target = "text") -> int:
    """Tell how tightly a formula holds together when it is written for `target`."""
    match formula:
        case Name() | Word() | Call():
            return ATOM
        case Gradient():
            return ATOM if target == "text" else PRODUCT
        case Partial():
            return PRODUCT
        case Number(value, digits):
            return _tightness_of_number(value, digits, target)
        case Power():
            return POWER
        case Product(factors):
            return tightness(factors[0], target) if len(factors) == 1 else PRODUCT
        case Quotient():
            return PRODUCT if target == "text" else POWER
        case Sum(terms):
            return tightness(terms[0], target) if len(terms) == 1 else SUM
        case Negative():
            return SUM
        case Relation():
            return RELATION
        case _:
            assert_never(formula)


def _tightness_of_number(value: Any, digits: int, target: Target) -> int:
    words = shown(value, digits)
    if words.startswith(MINUS) or " " in words:
        return SUM
    if "/" in words or ("e" in words and target != "text"):
        return PRODUCT
    if "e" in words:
        return POWER
    return ATOM


def starts_negative(formula: Formula) -> bool:
    """Tell whether a formula is written with a minus first."""
    while True:
        match formula:
            case Negative():
                return True
            case Number(value, digits):
                return shown(value, digits).startswith(MINUS)
            case Sum(terms):
                formula = terms[0]
            case Product(factors):
                formula = factors[0]
            case Quotient(above, _):
                formula = above
            case _:
                return False


def needs_parentheses(part: Formula, least: int, first: bool, target: Target = "text") -> bool:
    """Tell whether a part needs parentheses where `least` tightness is asked for.

    Args:
        part: The part.
        least: How tightly it must hold.
        first: Whether it stands first, where a minus sign cannot be misread.
        target: What it is written for.
    """
    if isinstance(part, Number) and first and least <= PRODUCT:
        return least > SUM and " " in shown(part.value, part.digits)
    if isinstance(part, Negative) and first and least <= PRODUCT:
        return False
    if not first and starts_negative(part):
        return True
    return tightness(part, target) < least


def text(formula: Formula) -> str:
    """Write a formula as plain text.

    Args:
        formula: Any formula.

    Returns:
        One line; control characters in names are written as `\\x1b`, names that are no single word in quotes.

    Example:
        >>> from slopewise.stories.formula import Name, Negative, Number, Power, Product, Sum, text
        >>> a, b = Name("a"), Name("b")
        >>> text(Product((Sum((a, Negative(b))), Number(-2.0))))
        '(a − b) · (−2)'
        >>> text(Power(Sum((a, b)), Number(2)))
        '(a + b)²'
    """
    match formula:
        case Name(name):
            return quoted(name)
        case Number(value, digits):
            return visible(shown(value, digits))
        case Gradient(of, _):
            return f"{quoted(of.text)}.grad"
        case Partial(of, by):
            return f"∂{quoted(of.text)}/∂{quoted(by.text)}"
        case Word(words):
            return visible(words)
        case Negative(of):
            return MINUS + _part(of, PRODUCT, first=False)
        case Sum(terms):
            return write_sum(terms, _part, " + ", f" {MINUS} ")
        case Product(factors):
            return " · ".join(
                _part(f, least_of_factor(f, i, len(factors)), first=i == 0) for i, f in enumerate(factors)
            )
        case Quotient(above, below):
            over = POWER if isinstance(above, Quotient) or "/" in text(above) else PRODUCT
            return f"{_part(above, over, first=True)} / {_part(below, POWER, first=False)}"
        case Power(base, exponent):
            return _part(base, ATOM, first=False) + _raised(exponent)
        case Call(function, operands):
            return f"{visible(function)}({', '.join(map(text, operands))})"
        case Relation(sides, signs):
            out = text(sides[0])
            for sign, side in zip(signs, sides[1:], strict=True):
                out += f" {sign} {text(side)}"
            return out
        case _:
            assert_never(formula)


def least_of_factor(factor: Formula, place: int, count: int) -> int:
    """Return how tightly a factor must hold: a product or quotient after the first stays one thing to the eye."""
    if count == 1:
        return SUM
    return POWER if place and isinstance(factor, (Quotient, Product)) else PRODUCT


def write_sum(terms: tuple[Formula, ...], write: Callable[..., str], plus: str, minus: str) -> str:
    """Join terms with a plus, a negative one with a minus.

    Args:
        terms: The terms.
        write: Writes one, given how tightly it must hold and whether it stands first.
        plus: The plus sign with what surrounds it.
        minus: The minus sign with what surrounds it.
    """
    out = ""
    for i, term in enumerate(terms):
        if i and isinstance(term, Negative):
            out += minus + write(term.of, PRODUCT, first=False)
        else:
            out += (plus if i else "") + write(term, SUM if i == 0 else PRODUCT, first=i == 0)
    return out


def _part(part: Formula, least: int, first: bool) -> str:
    written = text(part)
    return f"({written})" if needs_parentheses(part, least, first) else written


def _raised(exponent: Formula) -> str:
    raised = None
    if isinstance(exponent, Number) and not isinstance(exponent.value, (complex, Fraction)):
        raised = superscript(shown(exponent.value, exponent.digits))
    return raised if raised is not None else f"^{_part(exponent, ATOM, first=False)}"


def latex(formula: Formula) -> str:
    """Write a formula as LaTeX, for math mode.

    Args:
        formula: Any formula.

    Example:
        >>> from slopewise.stories.formula import Gradient, Name, Quotient, latex
        >>> print(latex(Quotient(Gradient(Name("x_1"), Name("f")), Name("50% b"))))
        \\frac{\\frac{\\partial f}{\\partial x_{1}}}{\\text{`50\\% b'}}
    """
    from slopewise.stories.formula_latex import write

    return write(formula)


def mathml(formula: Formula, display: bool = False) -> str:
    """Write a formula as a MathML element.

    Args:
        formula: Any formula.
        display: Whether it stands in a line of its own.

    Example:
        >>> from slopewise.stories.formula import Name, Number, Sum, mathml
        >>> mathml(Sum((Name("a"), Number(1))))
        '<math><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow></math>'
    """
    from slopewise.stories.formula_mathml import write

    attribute = ' display="block"' if display else ""
    return f"<math{attribute}>{write(formula)}</math>"
