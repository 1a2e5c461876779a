"""The README's table: made from the results, checked against them, and nothing else in the file touched."""

import dataclasses
import doctest
import io
import sys
from pathlib import Path

import pytest
from benchmarks.rows import Results, Row, Side, Target, write_results
from benchmarks.table import BEGIN, END, MarkerError, load, markdown, number, replaced, tolerate_any_encoding

from benchmarks import table

VERSIONS = {"python": "3.11.7", "micrograd": "0.1.0", "torch": "not installed", "numpy": "2.4.6"}
MACHINE = {"processor": "a processor", "system": "a system"}
MOONS = Results(
    "moons",
    "2026-11-22 17:00 UTC",
    "native",
    MACHINE,
    VERSIONS,
    (
        Row(
            "moons.shipped",
            "micrograd as shipped",
            "ms",
            Side("slopewise native", 8.876, 8.0, 9.0, 27),
            Side("micrograd", 1330.4, 1300.0, 1400.0, 18),
            149.9,
            Target("ratio at least", 110),
        ),
    ),
)
CHAIN = Results(
    "chain",
    "2026-11-22 17:05 UTC",
    "native",
    MACHINE,
    VERSIONS,
    (
        Row("chain.million", "a | b", "ns", Side("slopewise", 61.2, 60, 62, 9), target=Target("value at most", 60)),
        Row("chain.ten-million", "ten", "ns", target=Target("ratio at most", 1.8), status="skipped", note="no memory"),
    ),
)
FOOTNOTE = (
    "Medians, measured 2026-11-22: native engine, a processor, one core, a system, Python 3.11.7, "
    "micrograd 0.1.0, torch not installed, numpy 2.4.6."
)
LINES = [
    "| measured | slopewise | beside | ratio | target |  |",
    "|---|---:|---|---:|---:|---|",
    "| Moons step: micrograd as shipped | 8.88 ms | 1,330 ms micrograd | 150 × | ≥ 110 × | met |",
    "| `backward()`, an operation: a \\| b | 61.2 ns |  |  | ≤ 60 ns | not met |",
    "| `backward()`, an operation: ten |  |  |  | ≤ 1.8 × | skipped |",
    "",
    FOOTNOTE,
    "`make bench` measures again; [how](docs/benchmarks.md).",
]
PAGE = f"# Title\n\n{BEGIN}\nold\n{END}\n\nrest | of × it\n"


@pytest.fixture
def results(tmp_path: Path) -> Path:
    folder = tmp_path / "results"
    for one in (CHAIN, MOONS):
        write_results(one, folder)
    return folder


def test_table_has_a_line_a_row_in_the_order_of_the_groups(results: Path) -> None:
    assert markdown(load(results)).splitlines() == LINES


def test_a_missing_peer_is_named_with_its_cure() -> None:
    row = dataclasses.replace(
        MOONS.rows[0], peer=None, ratio=None, status="not installed", note="micrograd: pip install 'slopewise[bench]'"
    )
    lines = markdown([dataclasses.replace(MOONS, rows=(row,))]).splitlines()
    assert lines[2] == (
        "| Moons step: micrograd as shipped | 8.88 ms | micrograd: pip install 'slopewise[bench]' |  | ≥ 110 × "
        "| not installed |"
    )


def test_two_machines_get_two_footnotes() -> None:
    other = dataclasses.replace(CHAIN, machine={**MACHINE, "processor": "another"})
    text = markdown([MOONS, other])
    assert "Medians of Moons step, measured 2026-11-22: native engine, a processor" in text
    assert "Medians of `backward()`, an operation, measured 2026-11-22: native engine, another" in text


def test_command_writes_then_agrees(results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "README.md"
    page.write_text(PAGE, encoding="utf-8")
    options = [str(page), "--results", str(results)]

    assert table.main([*options, "--check"]) == 1
    assert page.read_text(encoding="utf-8") == PAGE  # a check writes nothing
    printed = capsys.readouterr()
    assert "-old" in printed.out
    assert printed.err == (
        f"Error: {page} and {results} disagree\nwrite the table anew: python benchmarks/table.py {page}\n"
    )

    assert table.main(options) == 0
    expected = PAGE.replace("old", "\n".join(LINES))
    assert page.read_text(encoding="utf-8") == expected
    assert table.main([*options, "--check"]) == 0
    assert table.main(options) == 0
    assert page.read_text(encoding="utf-8") == expected  # writing twice changes nothing


def test_one_changed_digit_is_found(results: Path, tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text(PAGE.replace("old", "\n".join(LINES).replace("8.88", "8.87")), encoding="utf-8")
    assert table.main([str(page), "--check", "--results", str(results)]) == 1


@pytest.mark.parametrize(
    "text", ["no markers", BEGIN, END, f"{END}\n{BEGIN}", f"{BEGIN}{END}{BEGIN}", f"{BEGIN}{BEGIN}{END}{END}"]
)
def test_missing_or_doubled_markers_are_refused(text: str) -> None:
    with pytest.raises(MarkerError, match="put them where the table belongs"):
        replaced(text, "table", "README.md")


def test_command_without_results_says_how_to_get_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "README.md"
    page.write_text(PAGE, encoding="utf-8")
    assert table.main([str(page), "--results", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"Error: {tmp_path} holds no results\nrun `make bench` to write them\n"


def test_command_on_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert table.main([str(tmp_path / "none.md"), "--results", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("Error: [Errno 2]")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (0.00123, "0.00123"), (0.378, "0.378"), (1.0, "1.00"), (9.994, "9.99"), (9.996, "10.0"),
        (12.34, "12.3"), (99.94, "99.9"), (99.96, "100"), (100.4, "100"), (1330.4, "1,330"), (-3.5, "-3.50"),
    ],
)  # fmt: skip
def test_numbers_have_three_significant_digits(value: float, text: str) -> None:
    assert number(value) == text


def test_a_number_never_looks_like_the_limit_that_it_missed() -> None:
    assert (number(59.97, 60), number(60.03, 60), number(60.0, 60)) == ("59.97", "60.03", "60.0")
    row = dataclasses.replace(MOONS.rows[0], ratio=109.96)
    assert table.line("Moons", row).endswith("| 109.96 × | ≥ 110 × | not met |")
    row = dataclasses.replace(CHAIN.rows[0], subject=Side("slopewise", 60.004, 60, 61, 9))
    assert "| 60.004 ns |" in table.line("chain", row)


def test_a_stream_without_the_signs_gets_plain_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    tolerate_any_encoding()
    print("≥ 12 × in µs ┃")
    stream.flush()
    assert stream.buffer.getvalue() == b">= 12 x in us ?\n"


def test_examples() -> None:
    outcome = doctest.testmod(table)
    assert outcome.attempted >= 1
    assert outcome.failed == 0


def test_the_readme_shows_the_committed_results() -> None:
    if not any(table.RESULTS.glob("*.json")):
        pytest.skip("no results are committed yet")
    readme = Path(table.__file__).parents[1] / "README.md"
    assert table.main(["--check", str(readme)]) == 0
