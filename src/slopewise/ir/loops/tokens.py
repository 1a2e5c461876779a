"""The words of a text of Loops, read from left to right, and the errors that show their place."""

import re
from typing import NamedTuple, NoReturn

from slopewise.ir.pointing import refuse_at

_TOKENS = re.compile(
    r"""
    (?P<blank>   (?:\s|\#[^\n]*)+ )
  | (?P<string>  "(?:[^"\\\n]|\\.)*" )
  | (?P<mark>    \.\.\.|\.\.|\*\*|//|<=|>=|==|!= )
  | (?P<number>  (?:[0-9]+(?:\.(?!\.)[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.]) | [0-9]+(?=\.\.)
               | (?:inf|nan)(?![\w.(]) | nan\(0x[0-9a-f]{1,16}\) )
  | (?P<word>    [^\W\d]\w*(?:\.\w+)* )
  | (?P<sign>    [-()\[\]{},:;=@+*/%<>] )
    """,
    re.VERBOSE,
)
_ALPHABET = "loops are made of names, numbers, signs such as + and .., brackets, and @ , : ; ="


class Token(NamedTuple):
    """A piece of the text: its kind, itself, and where it starts. The kind is `nothing` at the end."""

    kind: str
    text: str
    start: int


class Tokens:
    """A text that is read; `next` is the token that is looked at."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.next = self._token()

    def advance(self) -> Token:
        """Go on to the next token, and return the one behind."""
        passed = self.next
        self.at = passed.start + len(passed.text)
        self.next = self._token()
        return passed

    def is_at(self, text: str) -> bool:
        """Tell whether the next token is a sign or a word as given."""
        return self.next.text == text and self.next.kind != "string"

    def passes(self, text: str) -> bool:
        """Go on if the next token is as given, and tell so."""
        found = self.is_at(text)
        if found:
            self.advance()
        return found

    def take(self, text: str, rule: str) -> Token:
        """Go on if the next token is as given, and fail otherwise."""
        if not self.is_at(text):
            self.misplaced(text, rule)
        return self.advance()

    def take_kind(self, kind: str, noun: str, rule: str) -> Token:
        """Go on if the next token is of a kind, and fail otherwise."""
        if self.next.kind != kind:
            self.misplaced(noun, rule)
        return self.advance()

    def misplaced(self, due: str, rule: str) -> NoReturn:
        """Fail: the next token is not what is due."""
        if self.next.text == "...":
            self.fail(
                self.next,
                "the text is shortened here, and what is left out cannot be read",
                "print it to the end: print_loops(loops, full=True)",
            )
        shown = "the end of the text" if self.next.kind == "nothing" else self.next.text
        self.fail(self.next, f"{shown} stands where {due} is due", rule)

    def fail(self, token: Token, what: str, cure: str) -> NoReturn:
        """Raise an IRError that shows a token in its line."""
        refuse_at(self.source, token.start, what, cure)

    def _token(self) -> Token:
        found = _TOKENS.match(self.source, self.at)
        if found is not None and found.lastgroup == "blank":
            self.at = found.end()
            found = _TOKENS.match(self.source, self.at)
        if found is not None and found.lastgroup is not None:
            return Token(found.lastgroup, found.group(), self.at)
        if self.at == len(self.source):
            return Token("nothing", "", self.at)
        return self.fail(Token("", "", self.at), f"{self.source[self.at]!r} means nothing here", _ALPHABET)
