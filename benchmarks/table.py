"""Writes the measured table into a Markdown file, from `benchmarks/results/*.json`.

    python benchmarks/table.py README.md           writes it between the two markers
    python benchmarks/table.py --check README.md   changes nothing; exit code 1 when file and results disagree

The markers are `<!-- benchmarks: begin -->` and `<!-- benchmarks: end -->`, each on a line of its own.
"""

import argparse
import codecs
import sys
from collections.abc import Sequence
from difflib import unified_diff
from io import TextIOWrapper
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.rows import Results, ResultsError, Row, read_results

RESULTS = Path(__file__).parent / "results"
BEGIN = "<!-- benchmarks: begin -->"
END = "<!-- benchmarks: end -->"
PLAIN = {"≥": ">=", "≤": "<=", "×": "x", "µ": "u", "…": "..."}
SECTIONS = {
    "moons": "Moons step",
    "lecture": "Lecture loop, a step",
    "chain": "`backward()`, an operation",
    "memory": "Memory",
    "imports": "Start, added by",
    "explaining": "Seeing it",
    "tracing": "Compiled",
    "moons-step": "Moons step compiled",
    "demo": "Micrograd's demo compiled",
    "lecture-step": "Lecture net compiled",
    "digits": "Digits 64-64-10",
    "wide": "784-128-10 in batches of 64",
    "convolution": "Convolution net in batches of 32",
    "recurrent": "Recurrent net in batches of 16",
    "microgpt": "Microgpt",
    "calls": "A call",
    "adbench": "ADBench",
    "compiling": "Compiling",
    "starting": "A new process",
}
ORDER = tuple(SECTIONS)


class MarkerError(ValueError):
    """A file without the two markers, or with more than one pair of them."""


def number(value: float, limit: float | None = None) -> str:
    """Return a number with three significant digits, or as many more as tell it from the limit; never as an exponent.

    Example:
        >>> number(1330.4), number(9.876), number(0.01234), number(112.0)
        ('1,330', '9.88', '0.0123', '112')
        >>> number(11.97), number(11.97, limit=12)
        ('12.0', '11.97')
    """
    for digits in range(3, 8):
        exponent = int(f"{value:.{digits - 1}e}".split("e")[1])
        text = f"{value:,.{max(0, digits - 1 - exponent)}f}" if value else "0"
        shown = float(text.replace(",", ""))
        if limit is None or (shown < limit, shown > limit) == (value < limit, value > limit):
            break
    return text


def subject_text(row: Row) -> str:
    """Return slopewise's median with its unit, or nothing."""
    if row.subject is None:
        return ""
    limit = row.target.limit if row.target is not None and row.target.rule.startswith("value") else None
    return f"{number(row.subject.median, limit)} {row.unit}"


def peer_text(row: Row) -> str:
    """Return the other side's median with its unit and its name, or nothing."""
    return "" if row.peer is None else f"{number(row.peer.median)} {row.unit} {row.peer.name}"


def ratio_text(row: Row) -> str:
    """Return a row's ratio, or nothing.

    Example:
        >>> ratio_text(Row("key", "title", "ms", ratio=113.4)), ratio_text(Row("key", "title", "ms"))
        ('113 ×', '')
    """
    if row.ratio is None:
        return ""
    limit = row.target.limit if row.target is not None and row.target.rule.startswith("ratio") else None
    return f"{number(row.ratio, limit)} ×"


def load(folder: Path) -> list[Results]:
    """Return every results file of a folder, in the table's order.

    Raises:
        ResultsError: There is none, or one cannot be read.
    """
    paths = sorted(folder.glob("*.json"))
    if not paths:
        raise ResultsError(f"{folder} holds no results\nrun `make bench` to write them")
    results = [read_results(path) for path in paths]
    unknown = [result.group for result in results if result.group not in ORDER]
    if unknown:
        raise ResultsError(f"{folder}: no group {unknown[0]!r}; there are {', '.join(ORDER)}")
    return sorted(results, key=lambda result: ORDER.index(result.group))


def markdown(results: Sequence[Results]) -> str:
    """Return the table, and below it what it was measured on."""
    lines = ["| measured | slopewise | beside | ratio | target |  |", "|---|---:|---|---:|---:|---|"]
    for result in results:
        lines += [line(SECTIONS[result.group], row) for row in result.rows]
    lines += ["", *(footnote(words, groups, len(results)) for words, groups in by_machine(results).items())]
    return "\n".join(lines)


def line(section: str, row: Row) -> str:
    """Return one line of the table."""
    cells = (
        f"{section}: {row.title}",
        subject_text(row),
        peer_text(row) or (row.note if row.status == "not installed" else ""),
        ratio_text(row),
        "" if row.target is None else row.target.text(row.unit),
        row.verdict,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def by_machine(results: Sequence[Results]) -> dict[str, list[Results]]:
    """Group the results by what they were measured on, in words."""
    found: dict[str, list[Results]] = {}
    for result in results:
        machine, versions = result.machine, result.versions
        peers = ", ".join(
            f"{name} {versions[name]}" for name in ("micrograd", "torch", "jax", "numpy") if name in versions
        )
        words = (
            f"{result.engine} engine, {machine['processor']}, one core, {machine['system']}, "
            f"Python {versions['python']}, {peers}"
        )
        found.setdefault(words, []).append(result)
    return found


def footnote(words: str, results: Sequence[Results], count: int) -> str:
    """Return the line that says what, when and on which machine was measured."""
    days = sorted({result.measured[:10] for result in results})
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    which = "Medians" if len(results) == count else "Medians of " + ", ".join(SECTIONS[r.group] for r in results)
    return f"{which}, measured {when}: {words}.\n`make bench` measures again; [how](docs/benchmarks.md)."


def replaced(text: str, table: str, name: str) -> str:
    """Return the text with the table between its markers.

    Raises:
        MarkerError: The markers are missing, doubled, or the wrong way round.
    """
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise MarkerError(
            f"{name} needs one line {BEGIN} and below it one line {END}; "
            f"it has {text.count(BEGIN)} and {text.count(END)}\nput them where the table belongs"
        )
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def tolerate_any_encoding() -> None:
    """Let a stream that has no `≥` or `µ` show `>=` or `u` instead of ending the command."""
    codecs.register_error("plain", spelled_plainly)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="plain")


def spelled_plainly(error: UnicodeError) -> tuple[str, int]:
    """Replace the characters that could not be encoded: an error handler, as `codecs` has them."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(PLAIN.get(one, "?") for one in error.object[error.start : error.end]), error.end


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python benchmarks/table.py", description=(__doc__ or "").split("\n\n")[0], allow_abbrev=False
    )
    parser.add_argument("file", type=Path, help="the Markdown file, such as README.md")
    parser.add_argument("--check", action="store_true", help="change nothing; fail when file and results disagree")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the JSON is (default benchmarks/results)")
    options = parser.parse_args(arguments)
    tolerate_any_encoding()
    try:
        old = options.file.read_text(encoding="utf-8")
        new = replaced(old, markdown(load(options.results)), str(options.file))
    except (OSError, ResultsError, MarkerError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    if old == new:
        print(f"{options.file} agrees with {options.results}")
        return 0
    if options.check:
        changes = unified_diff(old.splitlines(), new.splitlines(), str(options.file), str(options.results), lineterm="")
        print("\n".join(changes))
        print(
            f"Error: {options.file} and {options.results} disagree\n"
            f"write the table anew: python benchmarks/table.py {options.file}",
            file=sys.stderr,
        )
        return 1
    options.file.write_text(new, encoding="utf-8", newline="\n")
    print(f"wrote the table into {options.file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
