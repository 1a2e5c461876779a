"""Draws the measured times as bars on a logarithmic axis, slopewise and its peers, from `benchmarks/results/*.json`.

    python benchmarks/picture.py                writes docs/benchmarks.svg
    python benchmarks/picture.py -o speed.png   any format that matplotlib writes

A bar is a median, from the quicker end of the axis; the thin line on it spans the quartiles. A mark shows the target
where it is a time, and where it is a ratio the time that it asks for beside the peer that was measured.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.beside import SCALES
from benchmarks.rows import Results, ResultsError, Row, Side
from benchmarks.table import RESULTS, SECTIONS, load, number, tolerate_any_encoding

# The groups that are drawn: functions that were compiled. The others are about single operations, memory and text.
DRAWN = (
    "moons-step", "demo", "lecture-step", "digits", "wide", "convolution", "recurrent", "microgpt", "calls", "adbench",
    "compiling", "starting",
)  # fmt: skip
PICTURE = Path(__file__).parents[1] / "docs" / "benchmarks.svg"
OURS, THEIRS, AIM = "#0072b2", "#b8b8b8", "#d55e00"
BEHIND = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.5}
TICKS = {1e-9: "1 ns", 1e-8: "10 ns", 1e-7: "100 ns", 1e-6: "1 µs", 1e-5: "10 µs", 1e-4: "100 µs",
         1e-3: "1 ms", 1e-2: "10 ms", 1e-1: "100 ms", 1.0: "1 s", 10.0: "10 s"}  # fmt: skip


def drawn_rows(results: Sequence[Results]) -> list[tuple[str, Row]]:
    """Return (label, row) for every row whose unit is a time, in the order of the table."""
    return [
        (f"{SECTIONS[result.group]}: {row.title}", row)
        for result in results
        if result.group in DRAWN
        for row in result.rows
        if row.subject is not None and row.unit in SCALES
    ]


def aim_s(row: Row) -> float | None:
    """Return the time that a row's target asks for, in seconds; None where it asks for none.

    Example:
        >>> from benchmarks.rows import Target
        >>> side = Side("JAX", 60.0, 60.0, 60.0, 1)
        >>> aim = aim_s(Row("a", "b", "µs", side, side, 1.0, Target("ratio at least", 4)))
        >>> f"{aim:.3g} s"
        '1.5e-05 s'
    """
    if row.target is None:
        return None
    unit = 1.0 / SCALES[row.unit]
    match row.target.rule:
        case "value at most" | "value below":
            return row.target.limit * unit
        case "ratio at least":
            return None if row.peer is None else row.peer.median / row.target.limit * unit
        case "ratio at most":
            return None if row.peer is None else row.peer.median * row.target.limit * unit


def draw(rows: Sequence[tuple[str, Row]], path: Path) -> None:
    """Draw the bars into a file: the same bytes for the same rows."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "slopewise"
    matplotlib.rcParams["svg.fonttype"] = "none"
    from matplotlib import pyplot

    times = [t for _, row in rows for t in times_of(row)]
    left, right = 10.0 ** floor_log(min(times) / 2), 10.0 ** (floor_log(max(times)) + 1)
    figure, axes = pyplot.subplots(figsize=(11.0, 0.8 + 0.52 * len(rows)))
    for at, (_, row) in enumerate(rows):
        draw_row(axes, at, row, left)
    axes.set_xscale("log")
    axes.set_xlim(left, right * 30)  # room for the words behind the longest bar
    shown = [tick for tick in TICKS if left <= tick <= right]
    axes.set_xticks(shown, [TICKS[tick] for tick in shown])
    axes.minorticks_off()
    axes.set_yticks(range(len(rows)), [label for label, _ in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.grid(axis="x", color="#e4e4e4")
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    for edge in ("top", "right", "left"):
        axes.spines[edge].set_visible(False)
    title = (
        "Times: slopewise (blue), the quicker of its peers (grey), the target (orange); a shorter bar is a faster one"
    )
    axes.set_title(title, loc="left", x=-0.6, fontsize=11, pad=12)
    figure.savefig(path, bbox_inches="tight", metadata={"Date": None} if path.suffix == ".svg" else None)
    pyplot.close(figure)


def draw_row(axes: Any, at: int, row: Row, left: float) -> None:
    """Draw slopewise's bar, below it the peer's, and the mark of the target."""
    for offset, side, colour in ((-0.19, row.subject, OURS), (0.19, row.peer, THEIRS)):
        if side is not None:
            low, middle, high = (value / SCALES[row.unit] for value in (side.low, side.median, side.high))
            axes.barh(at + offset, middle - left, left=left, height=0.34, color=colour)
            axes.plot([low, high], [at + offset] * 2, color="black", linewidth=0.8)
            axes.text(max(high, middle) * 1.15, at + offset, said(side, row), va="center", fontsize=8, bbox=BEHIND)
    aim = aim_s(row)
    if aim is not None:  # above the bars, below the words
        axes.plot([aim, aim], [at - 0.42, at + 0.42], color=AIM, linewidth=2, zorder=2.5)


def said(side: Side, row: Row) -> str:
    """Return the words beside a bar: the median, and whose it is."""
    return f"{spoken(side.median / SCALES[row.unit])} {'' if side is row.subject else side.name}".rstrip()


def spoken(seconds: float) -> str:
    """Return a time with three digits, in the unit that suits it.

    Example:
        >>> spoken(1.02e-8), spoken(0.00211), spoken(0.9996), spoken(1.72)
        ('10.2 ns', '2.11 ms', '1.00 s', '1.72 s')
    """
    unit = next((unit for unit, scale in SCALES.items() if float(f"{seconds:.3g}") * scale >= 1.0), "ns")
    return f"{number(seconds * SCALES[unit])} {unit}"


def times_of(row: Row) -> list[float]:
    """Return every time that a row shows, in seconds."""
    sides = [side.median / SCALES[row.unit] for side in (row.subject, row.peer) if side is not None]
    aim = aim_s(row)
    return sides if aim is None else [*sides, aim]


def floor_log(seconds: float) -> int:
    """Return the decade below a time, as a power of ten."""
    return int(f"{seconds:e}".split("e")[1])


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python benchmarks/picture.py", description=(__doc__ or "").split("\n\n")[0], allow_abbrev=False
    )
    parser.add_argument("-o", "--output", type=Path, default=PICTURE, help="the file (default docs/benchmarks.svg)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the JSON is (default benchmarks/results)")
    options = parser.parse_args(arguments)
    tolerate_any_encoding()
    try:
        rows = drawn_rows(load(options.results))
        if not rows:
            raise ResultsError(f"{options.results}: no row of {', '.join(DRAWN)}\nrun `make bench` to measure them")
        draw(rows, options.output)
    except (OSError, ResultsError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        print(f"Error: the picture needs {error.name}\ninstall it: pip install 'slopewise[plots]'", file=sys.stderr)
        return 2
    print(f"wrote {options.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
