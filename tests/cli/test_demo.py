"""`slopewise demo`: single chapters, the page, the folder, streams; and once the whole."""

import dataclasses
import html.parser
import json
import os
import pathlib
import re
import subprocess
import sys
from typing import Any

import pytest

from slopewise.cli.demo import expected, runner
from slopewise.cli.demo.chapters import CHAPTERS
from slopewise.cli.demo.command import chosen_chapters
from slopewise.cli.demo.printer import Printer
from slopewise.cli.terminal import BadInput
from slopewise.engine import NATIVE

FAST = (1, 2, 3, 4, 5, 6, 7)


def run_demo(*arguments: str, code: int = 0, **environment: str) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "slopewise.cli", "demo", *arguments],
        capture_output=True,
        env={**os.environ, **environment},
        check=False,
    )
    assert done.returncode == code, done.stderr.decode()
    return done


class Page(html.parser.HTMLParser):
    """What a test asks of the page: its pictures, its headings, its language, and that every tag is closed."""

    VOID = ("meta", "img", "br")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.images: list[dict[str, Any]] = []
        self.language: str | None = None
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "html":
            self.language = named.get("lang")
        if tag == "img":
            self.images.append(named)
        if "id" in named:
            self.ids.add(str(named["id"]))
        if tag == "a":
            self.links.add(str(named["href"]))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("number", FAST)
def test_each_chapter_reaches_every_figure(number: int, tmp_path: pathlib.Path, capsys: Any) -> None:
    assert runner.run([CHAPTERS[number - 1]], tmp_path / "out")
    printed = capsys.readouterr().out
    assert f"{number}. {CHAPTERS[number - 1].title}" in printed
    assert "all as expected" in printed
    assert str(tmp_path / "out" / "index.html") in printed


def test_chapters_are_numbered_in_order() -> None:
    assert [chapter.number for chapter in CHAPTERS] == list(range(1, 11))


def test_a_wrong_figure_is_named_and_fails(
    tmp_path: pathlib.Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(expected.EXPECTED, "f(3)", expected.Expected(20.5))
    assert not runner.run(CHAPTERS[:1], tmp_path / "out")
    printed = " ".join(capsys.readouterr().out.split())
    assert "Chapter 1, f(3): found 20.0, expected 20.5 to 12 significant digits." in printed
    assert "2 as expected, 1 not" in printed
    assert "differs" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


def test_page_shows_every_picture_with_words_and_size(tmp_path: pathlib.Path) -> None:
    from PIL import Image

    runner.run([CHAPTERS[0], CHAPTERS[4]], tmp_path / "out", quiet=True)
    page = Page((tmp_path / "out" / "index.html").read_text(encoding="utf-8"))
    assert page.language == "en"
    assert {link.removeprefix("#") for link in page.links} <= page.ids
    files = sorted(path.name for path in (tmp_path / "out").iterdir() if path.suffix in (".png", ".svg"))
    assert sorted(str(image["src"]) for image in page.images) == files
    for image in page.images:
        assert len(str(image["alt"])) > 40
        if str(image["src"]).endswith(".svg"):
            continue
        with Image.open(tmp_path / "out" / str(image["src"])) as picture:
            assert picture.size == (int(str(image["width"])), int(str(image["height"])))


def test_the_story_and_the_graph_of_the_article(tmp_path: pathlib.Path, capsys: Any) -> None:
    runner.run([CHAPTERS[4]], tmp_path / "out")
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert "Backpropagation through f" in lines
    assert "a.grad += d.grad · b  = 1 · 3 = 3      −6 → −3" in lines
    assert "a.grad = −3  −6 through e and 3 through d" in lines
    text = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    page = Page(text)
    (graph,) = [image for image in page.images if str(image["src"]).endswith(".svg")]
    svg = (tmp_path / "out" / str(graph["src"])).read_text(encoding="utf-8")
    assert svg.startswith("<svg")
    assert 'role="img"' in svg
    width = re.search(r'width="([\d.]+)"', svg)
    assert width is not None
    assert abs(float(width[1]) - int(str(graph["width"]))) < 1
    assert "Gradients, from f back: f 1, e −6, d 1, b −8 and a −3." in str(graph["alt"])
    assert "<math" in text
    levels = [int(level) for level in re.findall(r"<h([1-6])", text)]
    assert all(b - a <= 1 for a, b in zip(levels, levels[1:]))


def test_the_same_run_gives_the_same_files(tmp_path: pathlib.Path) -> None:
    for name in ("a", "b"):
        runner.run([CHAPTERS[0]], tmp_path / name, quiet=True)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_a_folder_of_its_own_is_overwritten_and_other_files_stay(tmp_path: pathlib.Path) -> None:
    out = tmp_path / "out"
    runner.run([CHAPTERS[5]], out, quiet=True)
    (out / "mine.txt").write_text("keep")
    runner.run([CHAPTERS[3]], out, quiet=True)
    assert (out / "mine.txt").read_text() == "keep"
    assert sorted(path.name[:2] for path in out.glob("*.png")) == ["04", "04"]


def test_an_empty_folder_is_used(tmp_path: pathlib.Path) -> None:
    assert runner.run([CHAPTERS[5]], tmp_path, quiet=True)


def test_a_marker_cannot_reach_outside_its_folder(tmp_path: pathlib.Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (tmp_path / "precious").write_text("keep")
    (out / ".slopewise-demo").write_text("a marker\n../precious\n..\n/etc/hostname\n")
    runner.run([CHAPTERS[5]], out, quiet=True)
    assert (tmp_path / "precious").read_text() == "keep"


@pytest.mark.parametrize("kind", ["a file", "a strange folder", "a strange picture"])
def test_what_is_not_its_own_is_refused(kind: str, tmp_path: pathlib.Path) -> None:
    out = tmp_path / "out"
    if kind == "a file":
        out.write_text("mine")
        words = "is a file, not a folder"
    elif kind == "a strange folder":
        out.mkdir()
        (out / "index.html").write_text("mine")
        words = "holds files that `slopewise demo` did not write"
    else:
        runner.run([CHAPTERS[0]], out, quiet=True)
        (out / "index.html").unlink()
        (out / ".slopewise-demo").write_text("a marker\n")
        words = "01-a-function-and-its-slopes.png is not from `slopewise demo`"
    with pytest.raises(BadInput, match=re.escape(words)):
        runner.run([CHAPTERS[0]], out, quiet=True)


def test_refusal_is_one_line_and_exit_code_2(tmp_path: pathlib.Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    done = run_demo("--out", str(tmp_path), code=2)
    assert done.stdout == b""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(b"slopewise: --out ")


@pytest.mark.parametrize(
    ("text", "words"),
    [("11", "no chapter 11; there are 1 to 10"), ("0", "no chapter 0"), ("x", "'x' is not"), ("3-1", "write 1-3")],
)
def test_mistyped_chapters(text: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        chosen_chapters(text, 10)


def test_without_matplotlib_the_report_runs_and_names_the_command(
    tmp_path: pathlib.Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slopewise.drawing.canvas.has_matplotlib", lambda: False)
    assert runner.run([CHAPTERS[0]], tmp_path / "out")
    printed = " ".join(capsys.readouterr().out.split())
    assert "No plots: matplotlib is not installed." in printed
    assert printed.count("pip install") == 1
    assert not list((tmp_path / "out").glob("*.png"))
    assert "<img" not in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


def test_without_matplotlib_graphs_are_drawn_all_the_same(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slopewise.drawing.canvas.has_matplotlib", lambda: False)
    runner.run([CHAPTERS[4]], tmp_path / "out", quiet=True)
    assert [path.name for path in (tmp_path / "out").glob("*.svg")] == ["05-the-graph-of-f.svg"]


def test_interrupted_it_keeps_the_chapters_done(tmp_path: pathlib.Path, capsys: Any) -> None:
    def stop(page: Any) -> None:
        raise KeyboardInterrupt

    broken = dataclasses.replace(CHAPTERS[1], write=stop)
    with pytest.raises(KeyboardInterrupt):
        runner.run([CHAPTERS[0], broken], tmp_path / "out")
    assert "The chapters that were done are in" in capsys.readouterr().out
    assert 'id="chapter-1"' in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("columns", ["40", "60", "140"])
def test_lines_fit_the_width(columns: str, tmp_path: pathlib.Path) -> None:
    done = run_demo("--only", "1,4-6", "--out", str(tmp_path / "o"), COLUMNS=columns)
    lines = done.stdout.decode().splitlines()[:-1]  # the last ends in a path, which is never broken
    assert max(map(len, lines)) <= int(columns)


def test_a_pipe_gets_no_bars_and_no_colours(tmp_path: pathlib.Path) -> None:
    done = run_demo("--only", "7", "--out", str(tmp_path / "o"))
    assert b"\x1b" not in done.stdout + done.stderr
    assert b"\r" not in done.stdout


def test_a_stream_without_utf8_gets_ascii(tmp_path: pathlib.Path) -> None:
    done = run_demo("--only", "1-6", "--out", str(tmp_path / "o"), PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    done.stdout.decode("ascii")
    assert b"3x^2 - 4x + 5" in done.stdout
    assert b"?" not in done.stdout.replace(b"?\n", b"").replace(b"? ", b"")


def test_json_says_what_was_checked_and_nothing_else(tmp_path: pathlib.Path) -> None:
    report = json.loads(run_demo("--only", "4", "--json", "--out", str(tmp_path / "o")).stdout)
    assert report["ok"] is True
    assert [check["chapter"] for check in report["checks"]] == [4] * 5
    assert report["checks"][0]["expected"] == 1.6
    assert report["page"].endswith("index.html")


def test_plain_is_ascii_without_lines_around_tables(tmp_path: pathlib.Path) -> None:
    done = run_demo("--only", "5", "--plain", "--out", str(tmp_path / "o"), PYTHONIOENCODING="utf-8")
    text = done.stdout.decode("ascii")
    assert "a.grad = -3  -6 through e and 3 through d" in text
    assert "+--" not in text
    assert "|" not in text


def test_quiet_prints_the_last_lines_only(tmp_path: pathlib.Path) -> None:
    lines = run_demo("--only", "4", "--quiet", "--out", str(tmp_path / "o")).stdout.decode().splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("Checked ")
    assert "2 pictures" in lines[1]


def test_bars_show_on_a_terminal_and_vanish(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slopewise.cli.demo.printer.is_terminal", lambda stream: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    with Printer().bar("moons", 2) as advance:
        advance()
        advance()
    printed = capsys.readouterr().out
    assert "moons" in printed
    assert "2/2" in printed
    assert printed.rstrip().endswith("\x1b[2K")  # the line is cleared again


@pytest.mark.skipif(not NATIVE, reason="the interpreted engine needs most of a minute")
def test_the_whole_demo(tmp_path: pathlib.Path) -> None:
    """All ten chapters, in a fresh process, as `make demo` ends."""
    done = run_demo("--out", str(tmp_path / "demo-out"))
    text = done.stdout.decode()
    for chapter in CHAPTERS:
        assert f"{chapter.number}. {chapter.title}" in text
    assert "all as expected" in text
    page = Page((tmp_path / "demo-out" / "index.html").read_text(encoding="utf-8"))
    assert len(page.images) == 17
    reached = set(re.findall(r"agrees", (tmp_path / "demo-out" / "index.html").read_text(encoding="utf-8")))
    assert reached == {"agrees"}


def test_tolerance_is_half_a_unit_in_the_last_digit() -> None:
    from slopewise.cli.demo.expected import Expected, compare

    assert compare(3, "β₀", -117.774, Expected(-117.77, 5)).ok
    assert not compare(3, "β₀", -117.776, Expected(-117.77, 5)).ok
    assert compare(6, "w2", 0.0, Expected(0.0)).ok
    assert not compare(6, "w2", 1e-9, Expected(0.0)).ok
    assert not compare(6, "w2", float("nan"), Expected(0.0)).ok


def test_a_table_has_one_kind_of_minus(tmp_path: pathlib.Path) -> None:
    text = run_demo("--only", "2", "--out", str(tmp_path / "out"), PYTHONIOENCODING="utf-8").stdout.decode()
    (row,) = [line for line in text.splitlines() if "3.000000000010772" in line]
    assert row.count("−3") == 2
    assert "-" not in row
