"""The text of a table file: which encoding its bytes are in, and what to say of a file that is no text."""

import codecs
import sys
from pathlib import Path

from slopewise.errors import DataError

__all__ = ["decode", "read_bytes"]

STANDARD_INPUT = Path("-")

# What a file of another kind begins with.
_OTHER_KINDS = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF"),
    (b"SQLite format 3", "a SQLite database"),
)


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes; those of the standard input for the path `-`.

    Raises:
        DataError: There is no such file (the nearest name in its folder is given), it is a folder, or may not be read.
    """
    if path == STANDARD_INPUT:
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"there is no file {path}{_near(path)}") from None
    except IsADirectoryError:
        raise DataError(f"{path} is a folder\ngive a file in it") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from None


def decode(content: bytes, name: str, encoding: str | None = None) -> tuple[str, str]:
    """Return the text and the encoding that it was read in.

    A byte order mark decides; then UTF-8, if the bytes are that; then Windows-1252, which is what remains in practice.

    Args:
        content: The file's bytes.
        name: Of the file, for messages.
        encoding: What the caller says it is, or None.

    Raises:
        DataError: The file is empty, is no text, or is not in the encoding given.

    Example:
        >>> decode("é,1".encode("utf-16"), "data.csv")
        ('é,1', 'UTF-16')
        >>> decode("é,1".encode("latin-1"), "data.csv")
        ('é,1', 'Windows-1252')
    """
    if not content.strip(b"\x00\r\n\t \xef\xbb\xbf\xff\xfe"):
        raise DataError(f"{name} is empty; a table with a header and rows is needed")
    if encoding is not None:
        try:
            known = codecs.lookup(encoding).name
        except LookupError:
            raise DataError(f"no encoding {encoding!r}\nutf-8, utf-16 and latin-1 are common ones") from None
        try:
            return content.decode("utf-8-sig" if known == "utf-8" else known), encoding
        except UnicodeError as error:
            raise DataError(f"{name} is not in {encoding}: {error}") from None
    for start, kind in _OTHER_KINDS:
        if content.startswith(start):
            raise DataError(f"{name} is {kind}, not a text table\nsave it as CSV first")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decoded(content, name, "utf-16", "UTF-16")
    zeros = content[:1000].count(0)
    if zeros:
        half = len(content[:1000]) // 2
        if zeros > 0.6 * half:  # western text in two bytes a character
            order = "utf-16-le" if content[1:1000:2].count(0) > content[0:1000:2].count(0) else "utf-16-be"
            return _decoded(content, name, order, "UTF-16")
        raise DataError(f"{name} is not a text file: it holds zero bytes\nsave the table as CSV first")
    try:
        return content.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace"), "Windows-1252"


def _decoded(content: bytes, name: str, codec: str, title: str) -> tuple[str, str]:
    try:
        return content.decode(codec).removeprefix("\ufeff"), title
    except UnicodeError as error:
        raise DataError(f"{name} looks like {title} and is damaged: {error}") from None


def _near(path: Path) -> str:
    import difflib

    if not path.parent.is_dir():
        return f"\nthere is no folder {path.parent} either"
    near = difflib.get_close_matches(path.name, [entry.name for entry in path.parent.iterdir()], 1)
    return f"\ndid you mean {path.parent / near[0]}?" if near else ""
