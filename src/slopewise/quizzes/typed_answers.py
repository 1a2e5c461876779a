"""Reading an answer as a person types it: `-6 + 3`, `−1½`, `3 × (−2)`, `2/3`, `3·10⁻²`; parsed, never run as code."""

import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from numbers import Real
from typing import Any, NoReturn

from slopewise.basics.shown_numbers import shown
from slopewise.engine import Value
from slopewise.errors import AnswerError

LONGEST = 200
DEEPEST = 40
AGREEMENT = 1e-3

_MINUS = "-−–—‒﹣－"
_TIMES = "*×·⋅∙•✕✖"
_OVER = "/÷∕⁄:"
_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+", strict=True))
_SPACES = " \t\n\r\u00a0\u2009\u202f"
_NUMBER = re.compile(r"(\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE]([+\-−]?\d+))?", re.ASCII)
_LETTER_TIMES = re.compile(r"(?<=[\d\s)])[xX](?=\s*[-−+(.,\d])")
_NAME = re.compile(r"[^\W\d]\w*(?:\.\w+|\[\w+\])*")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # number, fraction, power, name, end, or the sign itself: + - * / ^ ( )
    at: int
    text: str
    number: float = 0.0


def read_answer(answer: Any, name: str = "") -> float:
    """Return the number that an answer stands for.

    Text may hold numbers, `+ - * /`, `^` or `**`, brackets, and what keyboards and phones make of them: `− × · ÷`, `½`,
    `2½` (two and a half), `10⁻³`. A single comma is a decimal comma (`0,75`). `a.grad = -6 + 3 = -3` is read too: the
    sides have to agree.

    Args:
        answer: The text, or a number of any real type.
        name: What is asked for, so that `name = …` and `name.grad = …` can be told from a mistyped answer.

    Returns:
        The number as a float, always finite.

    Raises:
        AnswerError: It cannot be read; the message shows the place with a caret.

    Example:
        >>> from slopewise.quizzes.typed_answers import read_answer
        >>> read_answer("-6 + 3"), read_answer("−1½"), read_answer("2·(0,5 − 3)"), read_answer("3·10⁻²")
        (-3.0, -1.5, -5.0, 0.03)
        >>> read_answer("2 * (3 +")
        Traceback (most recent call last):
        ...
        slopewise.errors.AnswerError: '2 * (3 +' cannot be read: a number is missing at the end
           2 * (3 +
                   ^
    """
    if not isinstance(answer, str):
        return _plain_number(answer)
    if len(answer) > LONGEST:
        raise AnswerError(f"the answer has {len(answer)} characters, at most {LONGEST} are read\ngive the number alone")
    text = answer.translate({ord(space): " " for space in _SPACES}).rstrip()
    if not text.strip():
        raise AnswerError("the answer is empty\ngive a number, such as −3 or -6 + 3 or 2/3")
    sides = list(_sides(text))
    first = text[: sides[0][1]]
    if len(sides) > 1 and _NAME.fullmatch(first.strip()):
        _check_name(first.strip(), name, answer)
        sides = sides[1:]
    elif len(sides) > 1 and not first.strip():
        sides = sides[1:]
    numbers = [_Reader(text, start, end).read() for start, end in sides]
    for (start, end), number in zip(sides, numbers, strict=True):
        if abs(number - numbers[-1]) > AGREEMENT * max(abs(number), abs(numbers[-1])):
            side = text[start:end].strip()
            last = text[sides[-1][0] :].strip()
            raise AnswerError(f"{side} is {shown(number)}, not {last}\ngive one number, or sides that agree")
    return numbers[-1]


def _plain_number(answer: Any) -> float:
    if isinstance(answer, Value):
        answer = answer.data
    is_number = isinstance(answer, (Real, Decimal, Fraction)) and not isinstance(answer, bool)
    if not is_number:
        shape = getattr(answer, "shape", None)
        if shape != () or not hasattr(answer, "item"):
            kind = type(answer).__name__
            raise AnswerError(f"an answer is a number or text, got {_short(answer)} of type {kind}")
        answer = answer.item()
    try:
        number = float(answer)
    except (OverflowError, TypeError, ValueError):
        raise AnswerError(f"an answer is a number that a float can hold, got {_short(answer)}") from None
    if not math.isfinite(number):
        raise AnswerError(f"an answer is a finite number, got {shown(number)}")
    return number


def _short(answer: Any) -> str:
    text = repr(answer)
    return text if len(text) <= 40 else text[:37] + "..."


def _sides(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in re.finditer(r"[=≈≃≅]+", text):
        yield start, match.start()
        start = match.end()
    yield start, len(text)


def _check_name(given: str, name: str, answer: str) -> None:
    bare = re.sub(r"\.(grad|data)$", "", given)
    if name and bare != name:
        raise AnswerError(f"{answer.strip()!r} answers {bare}, but {name} was asked\ngive the number alone")


class _Reader:
    """A parser of one side, by recursive descent with a bounded depth."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.end = end
        self.tokens = list(self._split(start))
        self.next = 0
        self.depth = 0

    def read(self) -> float:
        number = self._sum()
        token = self._token()
        if token.kind == ")":
            self._refuse("this bracket was never opened", token.at)
        if token.kind != "end":
            self._refuse(f"{token.text!r} does not fit here", token.at)
        return number

    # ------------------------------------------------------------------ characters to tokens

    def _split(self, at: int) -> Iterator[_Token]:
        text = self.text
        while at < self.end:
            mark = text[at]
            match = _NUMBER.match(text, at, self.end)
            if mark == " ":
                at += 1
            elif match:
                yield _Token("number", at, match[0], self._float(match, at))
                at = match.end()
            elif mark in _SUPERSCRIPTS:
                stop = at
                while stop < self.end and text[stop] in _SUPERSCRIPTS:
                    stop += 1
                written = "".join(_SUPERSCRIPTS[c] for c in text[at:stop])
                try:
                    yield _Token("power", at, text[at:stop], float(int(written)))
                except ValueError:
                    self._refuse(f"{text[at:stop]!r} is no exponent", at)
                at = stop
            elif _fraction(mark) is not None:
                yield _Token("fraction", at, mark, _fraction(mark) or 0.0)
                at += 1
            elif text.startswith("**", at) or mark == "^":
                yield _Token("^", at, "**" if mark == "*" else mark)
                at += 2 if mark == "*" else 1
            elif mark in _MINUS or mark in "+＋﹢":
                yield _Token("-" if mark in _MINUS else "+", at, mark)
                at += 1
            elif mark in _TIMES or _LETTER_TIMES.match(text, at, self.end):
                yield _Token("*", at, mark)
                at += 1
            elif mark in _OVER:
                yield _Token("/", at, mark)
                at += 1
            elif mark in "()[]":
                yield _Token("(" if mark in "([" else ")", at, mark)
                at += 1
            else:
                self._refuse(self._unknown(at), at)
        yield _Token("end", self.end, "")

    def _float(self, match: re.Match[str], at: int) -> float:
        digits, exponent = match[1], (match[2] or "0").replace("−", "-")
        if "," in digits:
            whole, _, rest = digits.partition(",")
            if len(rest) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0"):
                self._refuse(
                    f"{digits} can be read as {whole}.{rest} or as {whole}{rest}; write it without a comma", at
                )
            digits = f"{whole}.{rest}"
        after = self.text[match.end() : match.end() + 1]
        if after in (".", ",") and after:
            self._refuse("one decimal point is enough", match.end())
        number = float(f"{digits}e{exponent}")
        if math.isinf(number):
            self._refuse("this number is too large", at)
        return number

    def _unknown(self, at: int) -> str:
        name = _NAME.match(self.text, at, self.end)
        if name:
            word = name[0]
            if word.lower() in ("inf", "infinity", "nan"):
                return "an answer is a finite number"
            return f"{_visible(word)} is a name; put its number there"
        if self.text[at] == "∞":
            return "an answer is a finite number"
        if self.text[at] == "%":
            return "percent are not read; write 0.5 for 50 %"
        return f"{_visible(self.text[at])!r} is not known here"

    # ------------------------------------------------------------------ tokens to a number

    def _token(self) -> _Token:
        return self.tokens[self.next]

    def _take(self, *kinds: str) -> _Token | None:
        token = self.tokens[self.next]
        if token.kind not in kinds:
            return None
        self.next += 1
        return token

    def _sum(self) -> float:
        self.depth += 1
        if self.depth > DEEPEST:
            self._refuse(f"more than {DEEPEST} brackets inside one another", self._token().at)
        number = self._product()
        while sign := self._take("+", "-"):
            term = self._product()
            number = self._finite(number + term if sign.kind == "+" else number - term, sign)
        self.depth -= 1
        return number

    def _product(self) -> float:
        number = self._signed()
        while True:
            if sign := self._take("*"):
                number = self._finite(number * self._signed(), sign)
            elif sign := self._take("/"):
                divisor = self._signed()
                if divisor == 0:
                    self._refuse("this divides by 0", sign.at)
                number = self._finite(number / divisor, sign)
            elif self._token().kind == "(":  # 2(3 + 4)
                number = self._finite(number * self._signed(), self._token())
            else:
                return number

    def _signed(self) -> float:
        negative = False
        while sign := self._take("-", "+"):
            negative ^= sign.kind == "-"
        number = self._power()
        return -number if negative else number

    def _power(self) -> float:
        base = self._atom()
        if raised := self._take("power"):
            return self._raise(base, raised.number, raised)
        if sign := self._take("^"):
            self.depth += 1
            if self.depth > DEEPEST:
                self._refuse(f"more than {DEEPEST} powers inside one another", sign.at)
            exponent = self._signed()
            self.depth -= 1
            return self._raise(base, exponent, sign)
        return base

    def _raise(self, base: float, exponent: float, sign: _Token) -> float:
        if base == 0 and exponent < 0:
            self._refuse("this divides by 0", sign.at)
        try:
            number = base**exponent
        except OverflowError:
            number = math.inf
        if isinstance(number, complex):
            self._refuse("this root has no real number", sign.at)
        return self._finite(float(number), sign)

    def _atom(self) -> float:
        if token := self._take("number"):
            if part := self._take("fraction"):  # 2½ is two and a half
                if not token.text.isdecimal():
                    self._refuse(f"{part.text} can follow a whole number only", part.at)
                return token.number + part.number
            if self._token().kind == "number":
                self._refuse("two numbers follow each other; a sign is missing between them", self._token().at)
            return token.number
        if token := self._take("fraction"):
            return token.number
        if opened := self._take("("):
            number = self._sum()
            if not self._take(")"):
                token = self._token()
                if token.kind == "end":
                    self._refuse("this bracket is never closed", opened.at)
                self._refuse(f"{token.text!r} does not fit here", token.at)
            return number
        token = self._token()
        if token.kind == "end":
            self._refuse("a number is missing at the end", token.at)
        self._refuse("a number is missing here", token.at)

    def _finite(self, number: float, token: _Token) -> float:
        if not math.isfinite(number):
            self._refuse("this becomes too large", token.at)
        return number

    def _refuse(self, why: str, at: int) -> NoReturn:
        lead = len(self.text) - len(self.text.lstrip())
        line = _visible(self.text.strip())
        raise AnswerError(f"{line!r} cannot be read: {why}\n   {line}\n   {' ' * (at - lead)}^")


def _fraction(mark: str) -> float | None:
    """Return the number of `½`, `⅓` and their like."""
    if unicodedata.category(mark) != "No" or "FRACTION" not in unicodedata.name(mark, ""):
        return None
    return float(unicodedata.numeric(mark))


def _visible(text: str) -> str:
    """Replace what would steer a terminal, one character for one, so that the caret still fits."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
