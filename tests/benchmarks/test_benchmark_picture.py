"""The picture: one bar a side and a mark for the target, the same bytes each time; without results it says how to get them."""

import dataclasses
import doctest
from pathlib import Path

import pytest
from benchmarks.picture import TICKS, aim_s, drawn_rows, floor_log
from benchmarks.rows import Results, Row, Side, Target, write_results

from benchmarks import picture

MINE, JAX = Side("slopewise native", 299.0, 280.0, 320.0, 9), Side("JAX scan", 13.5, 13.0, 14.0, 9)
ROWS = (
    Row("moons-step.jax", "beside JAX", "µs", MINE, JAX, 0.045, Target("ratio at least", 4)),
    Row("moons-step.gone", "not there", "µs", target=Target("ratio at least", 4), status="not installed"),
    Row("moons-step.bytes", "no time", "bytes", MINE),
)
RESULTS = Results("moons-step", "2026-11-23 04:00 UTC", "native", {}, {}, ROWS)


def test_only_times_that_were_measured_are_drawn() -> None:
    other = dataclasses.replace(RESULTS, group="memory")
    assert [(label, row.key) for label, row in drawn_rows([RESULTS, other])] == [
        ("Moons step compiled: beside JAX", "moons-step.jax")
    ]


@pytest.mark.parametrize(
    ("target", "peer", "seconds"),
    [
        (Target("ratio at least", 4), JAX, 13.5e-6 / 4),
        (Target("ratio at most", 4), JAX, 13.5e-6 * 4),
        (Target("value at most", 60), JAX, 60e-6),
        (Target("value below", 50), None, 50e-6),
        (Target("ratio at least", 4), None, None),
        (None, JAX, None),
    ],
)
def test_the_time_that_a_target_asks_for(target: Target | None, peer: Side | None, seconds: float | None) -> None:
    found = aim_s(Row("a", "b", "µs", MINE, peer, 1.0, target))
    assert found == (None if seconds is None else pytest.approx(seconds))


def test_decades_and_their_names() -> None:
    assert [floor_log(s) for s in (1e-9, 9.99e-4, 1e-3, 2.0)] == [-9, -4, -3, 0]
    assert [TICKS[10.0**k] for k in (-9, -6, -3, 0)] == ["1 ns", "1 µs", "1 ms", "1 s"]


def test_command_draws_the_same_bytes_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    write_results(RESULTS, tmp_path)
    first, second = tmp_path / "first.svg", tmp_path / "second.svg"
    for path in (first, second):
        assert picture.main(["-o", str(path), "--results", str(tmp_path)]) == 0
        assert capsys.readouterr().out == f"wrote {path}\n"
    text = first.read_text(encoding="utf-8")
    assert text == second.read_text(encoding="utf-8")
    for words in ("Moons step compiled: beside JAX", "299 µs", "13.5 µs JAX scan", "10 µs", "1 ms"):
        assert words in text


def test_command_without_results_says_how_to_get_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert picture.main(["--results", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"Error: {tmp_path} holds no results\nrun `make bench` to write them\n"
    write_results(dataclasses.replace(RESULTS, group="memory"), tmp_path)
    assert picture.main(["--results", str(tmp_path)]) == 2
    assert "no row of moons-step, demo" in capsys.readouterr().err


def test_the_examples_in_the_docstrings() -> None:
    found = doctest.testmod(picture)
    assert (found.failed, found.attempted) == (0, 5)
