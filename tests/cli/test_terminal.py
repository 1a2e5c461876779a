"""Streams of every kind: encodings, widths, colour."""

import io
import sys

import pytest

from slopewise.cli.terminal import (
    PIPE_WIDTH,
    console,
    is_coloured,
    one_line,
    printable,
    safe,
    use_plain_symbols,
    width_of,
)


def stream(encoding: str, errors: str = "strict") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding, errors=errors)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("x² ≈ −1.5", "x^2 ~ -1.5"),
        ("10⁻⁶", "10^-6"),
        ("β₁ = Σ(x−x̄)", "beta1 = sum (x-x)"),
        ("0.1 · 14 → ∞", "0.1 * 14 -> inf"),
        ("café 漢", "cafe ?"),
        ("½ 2½ ¾ ⁄", "1/2 2 1/2 3/4 /"),
        ("plain", "plain"),
    ],
)
def test_ascii_spelling(text: str, plain: str) -> None:
    assert printable(text, stream("ascii")) == plain
    assert printable(text, stream("utf-8")) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b]0;x\x07", r"a\x1b]0;x\x07"),
        ("\x9b31m\x85", r"\x9b31m\x85"),
        ("\u202ea\u2066\u200f\u061c", r"\u202ea\u2066\u200f\u061c"),
        ("a\rb\x08", r"a\rb\x08"),
        ("\udc80", r"\udc80"),
        ("two\nlines\tand a tab, 漢字 é λ 👩‍🔬", "two\nlines\tand a tab, 漢字 é λ 👩‍🔬"),
    ],
)
def test_nothing_steers_a_terminal(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_latin_1_keeps_what_it_has() -> None:
    assert printable("x² ≈ é·−", stream("latin-1")) == "x² ~ é·-"


def test_printing_never_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    out = stream("ascii")
    monkeypatch.setattr(sys, "stdout", out)
    use_plain_symbols()
    print("a ≈ 2²")
    out.flush()
    assert out.buffer.getvalue() == b"a ~ 2^2\n"  # type: ignore[attr-defined]


def test_a_table_stays_aligned_in_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    from rich.table import Table

    out = stream("ascii")
    monkeypatch.setattr(sys, "stdout", out)
    table = Table()
    table.add_column("step")
    table.add_column("x")
    table.add_row("x → 2", "1")
    table.add_row("y", "2")
    console().print(table)
    out.flush()
    lines = out.buffer.getvalue().decode("ascii").splitlines()  # type: ignore[attr-defined]
    assert len({len(line) for line in lines}) == 1
    assert any("x -> 2" in line for line in lines)


def test_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert width_of(stream("utf-8")) == PIPE_WIDTH
    monkeypatch.setenv("COLUMNS", "37")
    assert width_of(stream("utf-8")) == 37
    assert console().width == 37


def test_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert not is_coloured(stream("utf-8"))
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert is_coloured(stream("utf-8"))
    monkeypatch.setenv("TERM", "dumb")
    assert not is_coloured(stream("utf-8"))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not is_coloured(stream("utf-8"))


def test_one_line() -> None:
    assert one_line("what\nwhere\n\ncure") == "what; where; cure"
