"""Chapter after chapter, then the page, then what was checked."""

import gc
import pathlib
import time
from collections.abc import Sequence
from typing import Any

from slopewise.basics import shown
from slopewise.cli.demo import folder as output
from slopewise.cli.demo.expected import Check
from slopewise.cli.demo.html_page import page_text
from slopewise.cli.demo.page import Chapter, Page
from slopewise.cli.demo.printer import Printer
from slopewise.cli.json_output import print_json

NO_PLOTS = "No plots: matplotlib is not installed. To get them: python -m pip install 'slopewise[plots]'"


def run(chapters: Sequence[Chapter], out: pathlib.Path, *, quiet: bool = False, as_json: bool = False) -> bool:
    """Write the chapters to the terminal and to the folder.

    Args:
        chapters: Which, in order.
        out: The folder for pictures and page; it must be new, empty, or the demo's own.
        quiet: Print only the last lines.
        as_json: Print only what was checked, as JSON.

    Returns:
        Whether every figure is as expected.

    Raises:
        BadInput: The folder cannot be used.
    """
    from slopewise.drawing.canvas import has_matplotlib

    output.prepare(out)
    start = time.perf_counter()
    was_collecting = gc.isenabled()
    printer = Printer(quiet=quiet or as_json)
    pages: list[Page] = []
    shelf: dict[str, Any] = {}
    try:
        gc.disable()  # graphs hold no cycles: the collector would only walk them again and again
        for chapter in chapters:
            printer.heading(chapter)
            page = Page(chapter, printer, out, has_matplotlib(), shelf)
            chapter.write(page)
            pages.append(page)
            gc.collect()
    except KeyboardInterrupt:
        if pages:
            path = _write_page(pages, out)
            printer.tell_path("Stopped. The chapters that were done are in", path)
        raise
    finally:
        if was_collecting:
            gc.enable()
    path = _write_page(pages, out)
    checks = [check for page in pages for check in page.checks]
    count = sum(1 for page in pages for block in page.blocks if type(block).__name__ == "Picture")
    seconds = time.perf_counter() - start
    if as_json:
        print_json(_record(checks, path, seconds))
    else:
        _summarise(printer, checks, len(pages), count, path, seconds, has_plots=has_matplotlib())
    return all(check.ok for check in checks)


def _write_page(pages: Sequence[Page], out: pathlib.Path) -> pathlib.Path:
    path = output.claim(out, "index.html")
    path.write_text(page_text(pages), encoding="utf-8", newline="\n")
    return path


def _record(checks: list[Check], path: pathlib.Path, seconds: float) -> dict[str, Any]:
    rows = [
        {
            "chapter": check.chapter,
            "name": check.name,
            "found": check.found,
            "expected": check.expected.number,
            "digits": check.expected.digits,
            "ok": check.ok,
        }
        for check in checks
    ]
    return {"ok": all(check.ok for check in checks), "page": str(path), "seconds": seconds, "checks": rows}


def _summarise(
    printer: Printer,
    checks: list[Check],
    chapters: int,
    pictures: int,
    path: pathlib.Path,
    seconds: float,
    *,
    has_plots: bool,
) -> None:
    failed = [check for check in checks if not check.ok]
    for check in failed:
        printer.tell(
            f"Chapter {check.chapter}, {check.name}: found {check.found!r}, expected {check.expected.number!r} "
            f"to {check.expected.digits} significant digits.",
            "bold red",
        )
    good = len(checks) - len(failed)
    verdict = "all as expected" if not failed else f"{good} as expected, {len(failed)} not"
    printer.tell(
        f"Checked {len(checks)} figures in {chapters} chapter{'s' if chapters != 1 else ''}: {verdict} "
        f"({shown(seconds, 2)} s).",
        "bold green" if not failed else "bold red",
    )
    drawn = f"{pictures} picture{'s' if pictures != 1 else ''} and the whole story:" if pictures else "The whole story:"
    printer.tell_path(drawn, path)
    if not has_plots:
        printer.tell(NO_PLOTS)
