"""Rows: medians, targets, and JSON that is read back as it was written, or refused."""

import dataclasses
import doctest
import json
from pathlib import Path
from typing import Any

import pytest
from benchmarks.rows import Results, ResultsError, Row, Side, Target, read_results, write_results

from benchmarks import rows

SIDE = Side.of("slopewise native", [9.0, 8.0, 10.0, 7.0])
PEER = Side("micrograd", 1330.0, 1300.0, 1400.0, 18)
ROW = Row("moons.shipped", "as shipped", "ms", SIDE, PEER, 150.0, Target("ratio at least", 110))
RESULTS = Results("moons", "2026-11-22 17:00 UTC", "native", {"processor": "a processor"}, {"python": "3.11.7"}, (ROW,))


def test_side_keeps_median_and_quartiles() -> None:
    assert Side("slopewise native", 8.5, 7.75, 9.25, 4) == SIDE
    assert Side.of("one", [3.0]) == Side("one", 3.0, 3.0, 3.0, 1)


def test_side_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="slopewise: no samples"):
        Side.of("slopewise", [])


@pytest.mark.parametrize(
    ("rule", "limit", "value", "ratio", "met"),
    [
        ("ratio at least", 13.0, 1.0, 13.0, True),
        ("ratio at least", 13.0, 1.0, 12.99, False),
        ("ratio at least", 13.0, 1.0, None, False),
        ("ratio at most", 1.8, 1.0, 1.8, True),
        ("ratio at most", 1.8, 1.0, 1.81, False),
        ("value at most", 60.0, 60.0, None, True),
        ("value at most", 60.0, 60.1, None, False),
        ("value below", 50.0, 49.9, None, True),
        ("value below", 50.0, 50.0, None, False),
    ],
)
def test_target_is_met(rule: Any, limit: float, value: float, ratio: float | None, met: bool) -> None:
    assert Target(rule, limit).is_met(value, ratio) is met


def test_verdicts() -> None:
    assert (ROW.is_met, ROW.verdict) == (True, "met")
    slow = dataclasses.replace(ROW, ratio=109.0)
    assert (slow.is_met, slow.verdict) == (False, "not met")
    assert (slow.unjudged().is_met, slow.unjudged().verdict) == (None, "needs native")
    missing = Row("key", "title", "ms", SIDE, target=ROW.target, status="not installed")
    assert (missing.is_met, missing.verdict) == (None, "not installed")
    assert dataclasses.replace(ROW, target=None).verdict == ""


def test_results_are_read_back_as_written(tmp_path: Path) -> None:
    path = write_results(RESULTS, tmp_path / "results")
    assert path == tmp_path / "results" / "moons.json"
    assert read_results(path) == RESULTS
    assert list(path.parent.iterdir()) == [path]  # no half-written file beside it


def test_results_without_a_peer_are_read_back(tmp_path: Path) -> None:
    row = Row("chain.million", "a million", "ns", SIDE, target=Target("value at most", 60))
    results = dataclasses.replace(RESULTS, rows=(row,))
    assert read_results(write_results(results, tmp_path)) == results


def broken(tmp_path: Path, change: Any) -> Path:
    """Write the results with one change to their JSON, and return the path."""
    path = write_results(RESULTS, tmp_path)
    found = json.loads(path.read_text(encoding="utf-8"))
    change(found)
    path.write_text(json.dumps(found), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda found: found.update(schema=0), "not a results file of schema 1"),
        (lambda found: found.update(rows=None), "rows must be a list, got None"),
        (lambda found: found.pop("machine"), "needs the fields engine, group, machine"),
        (lambda found: found.update(group="other"), "holds group 'other'"),
        (lambda found: found["rows"].append(3), "row 2: a row must be an object, got 3"),
        (lambda found: found["rows"][0].pop("unit"), "row 1: needs the fields"),
        (lambda found: found["rows"][0]["subject"].pop("median"), "row 1, subject: needs the fields"),
        (lambda found: found["rows"][0].update(status="fast"), "row 1: status 'fast' is none of measured"),
        (lambda found: found["rows"][0]["target"].update(rule="about"), "row 1: target rule 'about' is none of"),
        (lambda found: found["rows"][0].update(subject=None), "measured, but without slopewise's side"),
    ],
)
def test_broken_results_are_refused(tmp_path: Path, change: Any, message: str) -> None:
    path = broken(tmp_path, change)
    with pytest.raises(ResultsError) as caught:
        read_results(path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(path))


def test_a_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "moons.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(ResultsError, match="not JSON"):
        read_results(path)


def test_examples() -> None:
    outcome = doctest.testmod(rows)
    assert outcome.attempted >= 1
    assert outcome.failed == 0
