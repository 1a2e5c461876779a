"""Measures slopewise beside its peers, prints the table, and writes `benchmarks/results/*.json`: `make bench`.

    python benchmarks/run.py                       everything, in about fourteen minutes
    python benchmarks/run.py --only digits,adbench some groups
    python benchmarks/run.py --tiny                the smallest sizes: shows that it runs, measures and writes nothing

A wrong number ends the run with exit code 1, and nothing is written. A slow one never does.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from statistics import median
from time import monotonic
from types import ModuleType

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from benchmarks import (
    adbench,
    calls,
    chains,
    compiling,
    convolution,
    demo_step,
    digits,
    explaining,
    imports,
    lecture_net,
    lecture_step,
    machine,
    microgpt,
    moons,
    moons_step,
    node_memory,
    recurrent,
    starting,
    tracing,
    wide_net,
)
from benchmarks.contest import Bench, BenchmarkError, WrongNumberError
from benchmarks.rows import Results, Row, write_results
from benchmarks.table import peer_text, ratio_text, subject_text, tolerate_any_encoding

# The groups in order, each with its seconds of the fifteen minutes that all of them may take.
SECONDS: dict[ModuleType, int] = {
    moons: 110, lecture_net: 20, chains: 20, node_memory: 8, imports: 8, explaining: 40, tracing: 120, moons_step: 75,
    demo_step: 20, lecture_step: 25, digits: 120, wide_net: 60, convolution: 55, recurrent: 70, microgpt: 30, calls: 20,
    adbench: 45, compiling: 15, starting: 20,
}  # fmt: skip
GROUPS: dict[str, ModuleType] = {module.NAME: module for module in SECONDS}
RESULTS = Path(__file__).parent / "results"
UNJUDGED = {
    "needs native": "since the target is the native engine's, which is not built here",
    "not installed": "since the peer is not installed",
    "skipped": "since it was skipped",
}
COLOURS = {"met": "green", "not met": "bold red"}


def find_engine(console: Console) -> bool:
    """Tell whether slopewise, as it is installed for this Python, runs natively; print what it warns of."""
    code = "from slopewise.engine import NATIVE; print(NATIVE)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise BenchmarkError(f"slopewise cannot be imported by {sys.executable}: {last}\ninstall it: pip install -e .")
    if done.stderr.strip():
        console.print(f"[yellow]{escape(done.stderr.strip())}[/yellow]", highlight=False, soft_wrap=True)
    return done.stdout.strip() == "True"


def measure_group(name: str, bench: Bench) -> Results:
    """Measure one group, and return its rows with what they were measured on."""
    rows: list[Row] = GROUPS[name].measure(bench)
    return Results(
        name,
        datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        bench.engine,
        machine.describe(bench.core, bench.has_native),
        machine.versions(),
        tuple(rows),
    )


def print_machine(console: Console, bench: Bench) -> None:
    """Print what is measured on, and a warning when the machine is busy."""
    facts = {"engine": bench.engine, **machine.describe(bench.core, bench.has_native), **machine.versions()}
    packages = ", ".join(f"{name} {version}" for name, version in machine.versions().items() if name != "python")
    lines = [f"[bold]{key}[/bold]: {facts[key]}" for key in facts if key not in machine.versions()]
    console.print(Panel("\n".join([*lines, f"[bold]packages[/bold]: {packages}"]), title="measured on", expand=False))
    warning = machine.busyness()
    if warning:
        console.print(f"[yellow]Note: {warning}.[/yellow]")


def print_rows(console: Console, title: str, rows: tuple[Row, ...]) -> None:
    """Print a group's rows, and below them the remarks."""
    table = Table(title=escape(title), title_justify="left", title_style="bold", expand=False)
    for heading in ("what", "slopewise", "beside", "ratio", "target", ""):
        table.add_column(heading, justify="left" if heading in ("what", "beside", "") else "right")
    for row in rows:
        table.add_row(
            escape(row.title),
            subject_text(row),
            peer_text(row),
            ratio_text(row),
            "" if row.target is None else row.target.text(row.unit),
            f"[{COLOURS.get(row.verdict, 'yellow')}]{row.verdict}[/]" if row.verdict else "",
        )
    console.print(table)
    for row in rows:
        if row.note:
            console.print(f"  {row.title}: {row.note}", highlight=False, markup=False, soft_wrap=True)


def print_summary(console: Console, results: list[Results], bench: Bench, seconds: float) -> None:
    """Print how many targets were met, and how steady the machine was."""
    rows = [row for result in results for row in result.rows]
    judged = [row for row in rows if row.is_met is not None]
    met = sum(row.is_met is True for row in judged)
    missed = "; ".join(f"{row.key}" for row in judged if not row.is_met)
    console.print(f"\n{met} of {len(judged)} targets met{f'; not met: {missed}' if missed else ''}.")
    for status, reason in UNJUDGED.items():
        keys = [row.key for row in rows if row.status == status and row.target is not None]
        if keys:
            console.print(f"Not judged, {reason}: {', '.join(keys)}.", highlight=False)
    if bench.rounds_left_out:
        console.print(
            f"The machine is slow: {bench.rounds_left_out} rounds did not fit into --budget and were left out."
        )
    if bench.calibrations_s:
        spread = max(bench.calibrations_s) / min(bench.calibrations_s)
        typical = median(bench.calibrations_s) / min(bench.calibrations_s)
        console.print(
            f"The same piece of Python took up to {spread:.2f} × its best time from process to process, "
            f"{typical:.2f} × in the median: that is this machine's noise."
        )
    console.print(f"All numbers agreed between the contenders. {seconds:.0f} s.")


def share_through(name: str, chosen: Sequence[str]) -> float:
    """Return the part of the whole time after which a group should be through, when these are measured in order."""
    seconds = {one: SECONDS.get(GROUPS[one], 1) for one in chosen}
    through = list(chosen)[: list(chosen).index(name) + 1]
    return sum(seconds[one] for one in through) / sum(seconds[one] for one in chosen)


def chosen_groups(text: str) -> list[str]:
    """Return the groups that `--only` names.

    Raises:
        argparse.ArgumentTypeError: A name is none of them.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in GROUPS:
            near = get_close_matches(name, GROUPS, 1)
            hint = f"; did you mean {near[0]!r}?" if near else "."
            raise argparse.ArgumentTypeError(f"no group {name!r}{hint} There are {', '.join(GROUPS)}")
    return names


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python benchmarks/run.py", description=(__doc__ or "").split("\n\n")[0], allow_abbrev=False
    )
    parser.add_argument("--only", type=chosen_groups, default=list(GROUPS), metavar="GROUP,…", help=", ".join(GROUPS))
    parser.add_argument("--rounds", type=int, default=3, help="how often each contender runs (default 3)")
    parser.add_argument(
        "--budget",
        type=float,
        default=840,
        help="seconds that all should fit in; later rounds are left out (default 840)",
    )
    parser.add_argument("--core", type=int, help="the core to run on (default: the last one)")
    parser.add_argument(
        "--results", type=Path, default=RESULTS, help="where the JSON goes (default benchmarks/results)"
    )
    parser.add_argument("--tiny", action="store_true", help="smallest sizes: checks that all runs, writes nothing")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error(f"--rounds is {options.rounds}; at least one round is needed")
    cores = machine.usable_cores()
    if options.core is not None and options.core not in cores:
        parser.error(f"--core {options.core}: this process may use {', '.join(map(str, cores)) or 'no core by number'}")
    core = options.core if options.core is not None else (cores[-1] if cores else None)

    tolerate_any_encoding()
    console, began = Console(), monotonic()
    results: list[Results] = []
    try:
        bench = Bench(core, 1 if options.tiny else options.rounds, find_engine(console), options.tiny)
        print_machine(console, bench)
        for name in options.only:
            title = GROUPS[name].TITLE
            bench.deadline_s = began + options.budget * share_through(name, options.only)
            with console.status(escape(title)) as status:
                bench.say = lambda text, title=title: status.update(escape(f"{title}: {text}"))  # type: ignore[misc]
                results.append(measure_group(name, bench))
            print_rows(console, title, results[-1].rows)
    except (BenchmarkError, WrongNumberError, subprocess.TimeoutExpired) as error:
        console.print(f"[bold red]Error:[/bold red] {escape(str(error))}", highlight=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped; nothing was written.")
        return 130
    print_summary(console, results, bench, monotonic() - began)
    if options.tiny:
        console.print("Smallest sizes: these are no measurements, and nothing was written.")
        return 0
    for result in results:
        console.print(f"wrote {write_results(result, options.results)}", highlight=False, soft_wrap=True)
    console.print(
        "README: python benchmarks/table.py README.md; picture: python benchmarks/picture.py", highlight=False
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
