"""Reading a Program from its text; the grammar stands in `docs/program.md`."""

import difflib
import json
import re
import struct
from array import array
from typing import NamedTuple, NoReturn

from slopewise.ir.operations import CODES, CONSTANT, INPUT, arity_of
from slopewise.ir.pointing import refuse_at
from slopewise.ir.program import Program
from slopewise.ir.verifier import verify

_TOKENS = re.compile(
    r"""
    (?P<blank>   (?:[^\S\n]|\#[^\n]*)+ )
  | (?P<end>     [\n;] )
  | (?P<slot>    %\d{1,10}(?!\w) )
  | (?P<string>  "(?:[^"\\\n]|\\.)*" )
  | (?P<number>  -?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]) | -?inf(?![\w.])
               | nan(?:\(0x[0-9a-f]{1,16}\)|(?![\w.(])) )
  | (?P<word>    [^\W\d][\w.\[\]]* )
  | (?P<mark>    [(){},=] )
    """,
    re.VERBOSE,
)


class _Token(NamedTuple):
    kind: str
    text: str
    start: int


def parse(text: str) -> Program:
    """Read a Program, and verify it.

    Args:
        text: One program, as `str(program)` gives it. An equation ends at the end of its line, or at a `;`; a comment
            goes from `#` to the end of the line.

    Returns:
        The Program; `parse(str(p)) == p` for every p.

    Raises:
        IRError: The text is no program, with line and column, or the program breaks a rule.

    Example:
        >>> from slopewise import ir
        >>> p = ir.parse("program(%0 x) { %1 = multiply %0 %0; return %1 }")
        >>> ir.parse(str(p)) == p
        True
    """
    return _Reader(text).program()


class _Reader:
    """One text, read from left to right; `next` is the token that is looked at."""

    def __init__(self, text: str) -> None:
        self.source = text
        self.at = 0
        self.next = self.token()
        self.names: list[str] = []
        self.codes = array("B")
        self.operands = (array("i"), array("i"), array("i"))
        self.pool = array("d")
        self.outputs = array("i")

    def program(self) -> Program:
        self.skip_ends()
        self.take("program", "a program begins with: program(")
        self.skip_ends()
        self.inputs()
        self.skip_ends()
        self.take("{", "after the inputs comes {")
        self.skip_ends()
        while self.next.text != "return":
            self.equation()
        self.advance()
        while self.skip_ends().kind == "slot":
            self.outputs.append(self.operand("an output is one of the slots above"))
        self.take("}", "after the outputs comes }")
        if self.skip_ends().kind != "nothing":
            self.fail(self.next, f"{_shown(self.next)} stands behind the program", "a text holds one program")
        program = Program(self.codes, *self.operands, self.pool, self.outputs, tuple(self.names))
        verify(program)
        return program

    def inputs(self) -> None:
        self.take("(", "a program begins with: program(")
        while self.skip_ends().text != ")":
            if self.names:
                self.take(",", "a comma stands between two inputs")
                self.skip_ends()
            self.new_slot("an input is a slot and its name: %0 x")
            self.skip_ends()
            name = self.take_kind(("word", "string"), "an input is a slot and its name: %0 x")
            self.names.append(self.string(name) if name.kind == "string" else name.text)
            self.append(INPUT, [])
        self.advance()

    def equation(self) -> None:
        self.new_slot("an equation is written %2 = add %0 %1, and the last line begins with return")
        self.take("=", "an equation is written %2 = add %0 %1")
        name = self.take_kind(("word",), "after = comes the name of an operation")
        if name.text == "constant":
            number = self.take_kind(("number",), "a constant has its number behind it: %2 = constant 0.5")
            self.append(CONSTANT, [len(self.pool)])
            self.pool.append(self.number(number))
        else:
            code = CODES.get(name.text, INPUT)
            if code == INPUT:
                self.fail(name, f"{name.text} is no operation", _nearest(name.text))
            arity = arity_of(code)
            rule = f"{name.text} takes {arity} operand{'s' * (arity != 1)}"
            self.append(code, [self.operand(rule) for _ in range(arity)])
            if self.next.kind == "slot":
                self.fail(
                    self.next, f"{rule}, and {self.next.text} is one more", "an equation ends with its line or with ;"
                )
        if self.next.kind != "end" and self.next.text != "return":
            self.fail(
                self.next, f"{_shown(self.next)} stands behind an equation", "an equation ends with its line or with ;"
            )
        self.skip_ends()

    def new_slot(self, rule: str) -> None:
        token = self.take_kind(("slot",), rule)
        due = len(self.codes)
        if token.text != f"%{due}":
            self.fail(token, f"{token.text} stands where %{due} is due", "slots are numbered from 0 on, none left out")

    def operand(self, rule: str) -> int:
        token = self.take_kind(("slot",), rule)
        slot = int(token.text[1:])
        if slot >= len(self.codes):
            self.fail(
                token,
                f"{token.text} is read before it is computed",
                "an operation reads slots above its own line, an output is one of the slots",
            )
        return slot

    def append(self, code: int, operands: list[int]) -> None:
        self.codes.append(code)
        for place, column in enumerate(self.operands):
            column.append(operands[place] if place < len(operands) else -1)

    def number(self, token: _Token) -> float:
        if not token.text.startswith("nan("):
            return float(token.text)
        (x,) = struct.unpack("<d", struct.pack("<Q", int(token.text[4:-1], 16)))
        if x == x:
            self.fail(
                token,
                f"{token.text} has the bits of a number",
                "a nan is written nan, or with its bits as in nan(0xfff8000000000000)",
            )
        return float(x)

    def string(self, token: _Token) -> str:
        try:
            return str(json.loads(token.text))
        except ValueError:
            self.fail(token, f"{token.text} is no string", 'a name in quotes is written as in JSON: "a\\tb"')

    def take(self, text: str, rule: str) -> None:
        if self.next.text != text or self.next.kind == "string":
            self.fail(self.next, f"{_shown(self.next)} stands where {text} is due", rule)
        self.advance()

    def take_kind(self, kinds: tuple[str, ...], rule: str) -> _Token:
        token = self.next
        if token.kind not in kinds:
            self.fail(token, f"{_shown(token)} stands where {_NOUNS[kinds[0]]} is due", rule)
        self.advance()
        return token

    def skip_ends(self) -> _Token:
        while self.next.kind == "end":
            self.advance()
        return self.next

    def advance(self) -> None:
        self.at = self.next.start + len(self.next.text)
        self.next = self.token()

    def token(self) -> _Token:
        found = _TOKENS.match(self.source, self.at)
        if found is not None and found.lastgroup == "blank":
            self.at = found.end()
            found = _TOKENS.match(self.source, self.at)
        if found is not None and found.lastgroup is not None:
            return _Token(found.lastgroup, found.group(), self.at)
        if self.at == len(self.source):
            return _Token("nothing", "", self.at)
        return self.fail(_Token("", "", self.at), f"{self.source[self.at]!r} means nothing here", _ALPHABET)

    def fail(self, token: _Token, what: str, cure: str) -> NoReturn:
        refuse_at(self.source, token.start, what, cure)


_NOUNS = {"slot": "a slot", "number": "a number", "word": "a name"}
_ALPHABET = "a program is made of names, numbers, slots such as %0, and the marks ( ) { } , = ;"


def _shown(token: _Token) -> str:
    return {"nothing": "the end of the text", "end": "the end of the line"}.get(token.kind, token.text)


def _nearest(name: str) -> str:
    near = difflib.get_close_matches(name, [known for known in CODES if known != "input"], n=1)
    return f"did you mean {near[0]}?" if near else "the operations stand in docs/program.md"
