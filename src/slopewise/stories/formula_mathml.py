"""Formulas as MathML Core, which browsers show without any library."""

from html import escape
from typing import assert_never

from slopewise.basics.shown_numbers import MINUS, shown
from slopewise.stories.formula import (
    ATOM,
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
from slopewise.stories.formula_latex import GREEK
from slopewise.stories.name_text import parts_of_name, visible


def write(formula: Formula) -> str:
    """Write a formula as one MathML element."""
    match formula:
        case Name(name):
            return _name(name)
        case Number(value, digits):
            return _number(shown(value, digits))
        case Gradient(of, root):
            return f"<mfrac><mrow><mi>∂</mi>{write(root)}</mrow><mrow><mi>∂</mi>{write(of)}</mrow></mfrac>"
        case Partial(of, by):
            return f"<mfrac><mrow><mi>∂</mi>{write(of)}</mrow><mrow><mi>∂</mi>{write(by)}</mrow></mfrac>"
        case Word(words):
            return f"<mtext>{escape(visible(words))}</mtext>"
        case Negative(of):
            return _row("<mo>−</mo>", _part(of, PRODUCT, first=False))
        case Sum(terms):
            return _row(write_sum(terms, _part, "<mo>+</mo>", "<mo>−</mo>"))
        case Product(factors):
            written = [_part(f, least_of_factor(f, i, len(factors)), first=i == 0) for i, f in enumerate(factors)]
            return _row("<mo>·</mo>".join(written))
        case Quotient(above, below):
            return f"<mfrac>{write(above)}{write(below)}</mfrac>"
        case Power(base, exponent):
            return f"<msup>{_part(base, ATOM, first=False)}{write(exponent)}</msup>"
        case Call(function, operands):
            return _call(function, operands)
        case Relation(sides, signs_between):
            out = write(sides[0])
            for sign, side in zip(signs_between, sides[1:], strict=True):
                out += f"<mo>{escape(sign)}</mo>{write(side)}"
            return _row(out)
        case _:
            assert_never(formula)


def _row(*elements: str) -> str:
    return f"<mrow>{''.join(elements)}</mrow>"


def _part(part: Formula, least: int, first: bool) -> str:
    written = write(part)
    if isinstance(part, (Gradient, Partial)) and least < ATOM:
        return written
    return _fenced(written) if needs_parentheses(part, least, first, "mathml") else written


def _fenced(inside: str, left: str = "(", right: str = ")") -> str:
    return f'<mrow><mo fence="true">{left}</mo>{inside}<mo fence="true">{right}</mo></mrow>'


def _call(function: str, operands: tuple[Formula, ...]) -> str:
    written = [write(operand) for operand in operands]
    inside = "<mo>,</mo>".join(written)
    match function, len(operands):
        case "sqrt", 1:
            return f"<msqrt>{inside}</msqrt>"
        case "exp", 1:
            return f"<msup><mi>e</mi>{inside}</msup>"
        case "exp2", 1:
            return f"<msup><mn>2</mn>{inside}</msup>"
        case "abs", 1:
            return _fenced(inside, "|", "|")
        case "square", 1:
            return f"<msup>{_part(operands[0], ATOM, first=False)}<mn>2</mn></msup>"
        case _:
            names = {"log": "ln", "sigmoid": "σ"}
            name = names.get(function, function)
            return f"<mrow><mi>{escape(visible(name))}</mi><mo>&#x2061;</mo>{_fenced(inside)}</mrow>"


def _number(words: str) -> str:
    plain = words.removeprefix(MINUS)
    sign = "<mo>−</mo>" if words.startswith(MINUS) else ""
    above, slash, below = plain.partition("/")
    mantissa, e, exponent = plain.partition("e")
    if plain == "nan":
        return "<mi>nan</mi>"
    if slash and above.isdigit() and below.isdigit():
        out = f"<mfrac><mn>{above}</mn><mn>{below}</mn></mfrac>"
    elif e and exponent.removeprefix(MINUS).isdigit():
        out = f"<mrow><mn>{mantissa}</mn><mo>·</mo><msup><mn>10</mn><mn>{exponent}</mn></msup></mrow>"
    elif all(c in "0123456789.∞" for c in plain):
        out = f"<mn>{plain}</mn>"
    else:
        return f"<mtext>{escape(visible(words))}</mtext>"
    return _row(sign, out) if sign else out


def _name(name: str) -> str:
    parts = parts_of_name(name)
    if not parts.is_word:
        return f"<mtext>‘{escape(parts.base)}’</mtext>"
    base = _letters(parts.base)
    if parts.index and parts.raised:
        base = f"<msubsup>{base}{_letters(parts.index)}<mn>{parts.raised}</mn></msubsup>"
    elif parts.index:
        base = f"<msub>{base}{_letters(parts.index)}</msub>"
    elif parts.raised:
        base = f"<msup>{base}<mn>{parts.raised}</mn></msup>"
    return _row(f"<mtext>{escape(parts.place)}</mtext>", base) if parts.place else base


def _letters(text: str) -> str:
    return f"<mn>{text}</mn>" if text.isdigit() else f"<mi>{escape(GREEK.get(text, text))}</mi>"
