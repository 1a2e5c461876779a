"""What is wrong with a text that LLVM will not have, and in which line of it."""

import re
from collections.abc import Container

from slopewise.errors import InternalError

_DECLARED = re.compile(r'^[ \t]*(?:declare\b[^@]*|@"?(?=[^=]*=\s*external\b))@?"?([\w.$-]+)', re.MULTILINE)


def check_declarations(text: str, allowed: Container[str]) -> None:
    """Refuse a text that declares what has no address when the code is loaded.

    Raises:
        InternalError: It declares a function or a global that is neither allowed nor an intrinsic of LLVM's.
    """
    for match in _DECLARED.finditer(text):
        name = match[1]
        if name not in allowed and not name.startswith("llvm."):
            number = text.count("\n", 0, match.start(1)) + 1
            raise InternalError(
                f"the text of a kernel declares {name}, which is not in SYMBOLS and has no address\n"
                f"line {number}: {_line(text, number)}"
            )


def refusal(words: str, text: str) -> InternalError:
    """Return LLVM's refusal, in its own words, with the line of the text that it is about.

    A text that cannot be read has a line and a column. For one that breaks a rule LLVM prints instructions in its own
    spelling: these are looked for by the name that they give and the operation.

    Args:
        words: What LLVM says.
        text: What it was given.
    """
    place = re.search(r"<string>:(\d+):(\d+): error: (.*)", words)
    if place:
        number, column, what = int(place[1]), int(place[2]), place[3]
        return InternalError(
            f"LLVM cannot read the text of a kernel: {what}\nline {number}, column {column}: {_line(text, number)}"
        )
    first, *about = [line.strip() for line in words.strip().splitlines()] or ["no reason given"]
    numbers = _lines_about(about, text)
    where = "; ".join(f"line {number}: {_line(text, number)}" for number in numbers) or " ".join(about)
    return InternalError(f"LLVM refuses the text of a kernel: {first}\n{where}".rstrip())


def _lines_about(printed: list[str], text: str) -> list[int]:
    """Return the lines of a text that LLVM has printed in its own spelling: the same name gets the same operation."""
    heads = {" ".join(line.split()[:3]) for line in printed if line}
    lines = enumerate(text.splitlines(), start=1)
    return [number for number, line in lines if " ".join(line.split()[:3]) in heads][:4]


def _line(text: str, number: int) -> str:
    lines = text.splitlines()
    return lines[number - 1].strip() if 0 < number <= len(lines) else ""
