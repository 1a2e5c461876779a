"""What every command needs of the terminal: a console, one-line failures, and symbols that the stream can carry.

Colour follows `NO_COLOR`, `FORCE_COLOR` and `TERM=dumb`; the width follows the terminal, or `COLUMNS`, and is 100 in a
pipe. A stream that is not UTF-8 gets plain ASCII in the place of `≈`, `·`, `−`, `²` and the like; it
never raises `UnicodeEncodeError`. `--plain` treats every stream so, and leaves colour out. What comes from a user's
labels, files and tables passes through `safe`: no character of it can steer a terminal.
"""

import codecs
import functools
import os
import re
import sys
import unicodedata
from typing import IO, TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from rich.console import Console

PIPE_WIDTH = 100

# fmt: off
_PLAIN = {
    "≈": "~", "−": "-", "·": "*", "×": "x", "÷": "/", "→": "->", "←": "<-", "↦": "->", "⇒": "=>", "…": "...",
    "≤": "<=", "≥": ">=", "≠": "!=", "±": "+-", "∞": "inf", "√": "sqrt", "Σ": "sum ", "∑": "sum ", "∂": "d",
    "Δ": "delta ", "∇": "grad ", "∈": "in", "‖": "||", "–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"',
    "•": "*", "°": " deg", "µ": "u", "μ": "mu", "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta",
    "ε": "epsilon", "η": "eta", "θ": "theta", "λ": "lambda", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau",
    "φ": "phi", "ω": "omega", "̄": "", "✓": "ok", "✔": "ok", "✗": "x", "✘": "x", "█": "#", "▓": "#", "▒": "=",
    "░": "-", "━": "-", "─": "-", "│": "|", "╸": "-", "╺": "-", "┃": "|", "┏": "+", "┓": "+", "┗": "+", "┛": "+",
    "┡": "+", "┩": "+", "┌": "+", "┐": "+", "└": "+", "┘": "+", "├": "+", "┤": "+", "┬": "+", "┴": "+", "┼": "+",
    "╷": "|", "╵": "|", "▲": "^", "▼": "v", "●": "o", "○": "o", "ℝ": "R", "ᵀ": "^T", "′": "'",
}
# fmt: on
_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+", strict=True))
_SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
_HANDLER = "slopewise.plain"
_STEERING = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)
_PLAIN_STATE = "slopewise.cli.plain"


class BadInput(click.ClickException):
    """Input that a command cannot use: one line on stderr, exit code 2."""

    exit_code = 2


def fail(message: str) -> NoReturn:
    """End the command with one clear line and the exit code 2.

    Args:
        message: What happened, with the actual value, what was needed, and the cure; without a prefix or a full stop.
    """
    raise BadInput(one_line(message))


def one_line(message: str) -> str:
    """Return a message of several lines as one."""
    return "; ".join(line.strip().rstrip(";") for line in message.splitlines() if line.strip())


def report_problem(problem: click.ClickException) -> None:
    """Print a problem as one line on stderr; for a fault in an expression, the spot with a caret below it."""
    text = safe(one_line(problem.format_message()).rstrip("."))
    text = text[:1].lower() + text[1:] if isinstance(problem, click.UsageError) else text
    excerpt = getattr(problem, "excerpt", None)
    lines = excerpt(min(width_of(sys.stderr), PIPE_WIDTH)) if excerpt is not None else ()
    for line in (f"slopewise: {text}", *lines):
        click.echo(printable(line, sys.stderr), err=True)


def say(text: str = "") -> None:
    """Print text on stdout, safe and in what the stream can carry; a pipe that is read along gets it at once."""
    click.echo(printable(safe(text)))


def remark(text: str) -> None:
    """Print a remark on stderr, beside the result: what was left out, what was assumed."""
    click.echo(printable(f"note: {safe(one_line(text))}", sys.stderr), err=True)


def safe(text: str) -> str:
    """Return a text with everything that could steer a terminal spelled out: `\\x1b`, `\\u202e`.

    Line feeds and tabs stay. Spelled out are the other control characters, C1 ones too, the marks
    that turn the direction of writing, further line ends, and halves of surrogate pairs, which no stream can carry.

    Example:
        >>> from slopewise.cli.terminal import safe
        >>> safe("a\\x1b]0;x\\x07")
        'a\\\\x1b]0;x\\\\x07'
    """
    return _STEERING.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def console(*, stderr: bool = False) -> "Console":
    """Return a rich console for stdout (or stderr) that suits the stream, however narrow or plain.

    In a pipe, lines are 100 columns wide unless `COLUMNS` says otherwise. Strings printed or put into tables are
    brought to what the stream can carry before they are laid out, so columns stay aligned.
    """
    from rich.console import Console

    class PlainConsole(Console):
        def render_str(self, text: str, *args: Any, **options: Any) -> Any:
            return super().render_str(printable(text, self.file), *args, **options)

    stream = sys.stderr if stderr else sys.stdout
    width = None if is_terminal(stream) or os.environ.get("COLUMNS") else PIPE_WIDTH
    use_plain_symbols()
    return PlainConsole(
        file=stream,
        width=width,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
        color_system=None if is_plain() else "auto",
        no_color=True if is_plain() else None,
    )


def is_terminal(stream: IO[str] | None = None) -> bool:
    """Tell whether a stream (stdout unless given) is a terminal: only there do bars and colours belong."""
    stream = sys.stdout if stream is None else stream
    try:
        return stream.isatty()
    except (AttributeError, ValueError):
        return False


def plain_option(command: Any) -> Any:
    """Add `--plain` to a command: ASCII alone, no colour, no lines drawn around tables.

    While the command runs, stdout and stderr are ASCII, so that whatever prints there is spelled plainly.
    """

    def use(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
        if not wanted or ctx.resilient_parsing:
            return
        _register()
        ctx.meta[_PLAIN_STATE] = True
        for stream in (sys.stdout, sys.stderr):
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure is None:
                continue
            before = {"encoding": stream.encoding, "errors": stream.errors}
            reconfigure(encoding="ascii", errors=_HANDLER)
            ctx.call_on_close(lambda stream=stream, before=before: stream.reconfigure(**before))

    return click.option(
        "--plain", is_flag=True, expose_value=False, is_eager=True, callback=use,
        help="ASCII alone, without colour and without lines around tables.",
    )(command)  # fmt: skip


def is_plain() -> bool:
    """Tell whether the running command was called with `--plain`."""
    ctx = click.get_current_context(silent=True)
    return ctx is not None and bool(ctx.meta.get(_PLAIN_STATE))


def is_coloured(stream: IO[str] | None = None) -> bool:
    """Tell whether to colour text: on a terminal or with `FORCE_COLOR`, never with `NO_COLOR` or `TERM=dumb`."""
    if is_plain() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or is_terminal(stream)


def width_of(stream: IO[str] | None = None) -> int:
    """Return how many columns a line may have."""
    import shutil

    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        return int(columns)
    return shutil.get_terminal_size().columns if is_terminal(stream) else PIPE_WIDTH


def printable(text: str, stream: IO[str] | None = None) -> str:
    """Return the text with every character that the stream (stdout unless given) cannot carry spelled in ASCII.

    Example:
        >>> import io
        >>> from slopewise.cli.terminal import printable
        >>> printable("x² ≈ −1.5", io.TextIOWrapper(io.BytesIO(), "ascii"))
        'x^2 ~ -1.5'
    """
    stream = sys.stdout if stream is None else stream
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        _register()
        return text.encode(encoding, _HANDLER).decode(encoding)
    except LookupError:
        return text
    return text


def use_plain_symbols() -> None:
    """Let stdout and stderr spell in ASCII what their encoding cannot carry, whoever prints it."""
    _register()
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is None or (stream.encoding or "").lower().startswith("utf"):
            continue
        if stream.errors in ("strict", "backslashreplace", "surrogateescape"):
            reconfigure(errors=_HANDLER)


@functools.cache
def _register() -> None:
    codecs.register_error(_HANDLER, _spell_plainly)


def _spell_plainly(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    before = error.object[error.start - 1] if error.start else ""
    parts = []
    for character in text:
        if character in _SUPERSCRIPTS:
            parts.append(("" if before in _SUPERSCRIPTS else "^") + _SUPERSCRIPTS[character])
        elif character in _SUBSCRIPTS:
            parts.append(_SUBSCRIPTS[character])
        elif character in _PLAIN:
            parts.append(_PLAIN[character])
        else:
            is_mixed = before.isdigit() and "<fraction>" in unicodedata.decomposition(character)
            parts.append(" " * is_mixed + _ascii_of(character))  # 2½ is 2 1/2, not 21/2
        before = character
    return "".join(parts), error.end


def _ascii_of(character: str) -> str:
    """Return the letters, digits and signs that a character is made of, `?` when none is ASCII."""
    return unicodedata.normalize("NFKD", character).replace("⁄", "/").encode("ascii", "ignore").decode() or "?"
