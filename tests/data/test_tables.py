"""The tables that ship: the right numbers, to the last bit, and clear words for a mistyped column."""

import hashlib
import importlib.resources
import importlib.util
import json
import math
import pathlib
import statistics
from typing import Any

import pytest

from slopewise.data import Table, diabetes, moons, recorded_medians
from slopewise.errors import DataError

RECORDER = pathlib.Path(__file__).parents[1] / "record" / "record_data.py"


def recorder() -> Any:
    spec: Any = importlib.util.spec_from_file_location("record_data", RECORDER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_diabetes_gives_the_published_line() -> None:
    table = diabetes()
    x, y = table.column("bmi"), table.column("progression")
    mean_x, mean_y = math.fsum(x) / len(x), math.fsum(y) / len(y)
    slope = math.fsum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / math.fsum(
        (a - mean_x) ** 2 for a in x
    )
    assert len(table) == 442
    assert round(slope, 3) == 10.233
    assert round(mean_y - slope * mean_x, 2) == -117.77


def test_moons_are_a_hundred_points_half_of_each_label() -> None:
    table = moons()
    assert len(table) == 100
    assert sorted(table.column("label")) == [-1.0] * 50 + [1.0] * 50


@pytest.mark.parametrize(("file", "write"), [("diabetes.csv", "diabetes_text"), ("moons.csv", "moons_text")])
def test_files_are_what_the_recorder_writes(file: str, write: str) -> None:
    pytest.importorskip("sklearn")
    shipped = importlib.resources.files("slopewise.data").joinpath(file).read_text(encoding="utf-8")
    assert shipped == getattr(recorder(), write)()


@pytest.mark.parametrize(
    ("file", "digest"),
    [
        ("diabetes.csv", "204d81f03de9e7e697edd0aeb0f930eda353fbedc2c4709b04e115342fda7844"),
        ("moons.csv", "10610b58703739323681db1f05202f71d52f438e2bb9c2deed2a9287c4a35e74"),
    ],
)
def test_files_are_the_recorded_ones(file: str, digest: str) -> None:
    shipped = importlib.resources.files("slopewise.data").joinpath(file).read_text(encoding="utf-8")
    assert hashlib.sha256(shipped.encode()).hexdigest() == digest


def test_every_column_has_a_unit_or_an_empty_string() -> None:
    for table in (diabetes(), moons()):
        assert len(table.units) == len(table.names) == len(table.rows[0])
        assert table.source


def test_points_take_all_columns_when_none_is_named() -> None:
    assert moons().points()[0] == list(moons().rows[0])


def test_mistyped_column_names_the_nearest() -> None:
    with pytest.raises(DataError, match="did you mean 'bmi'"):
        diabetes().column("bmj")
    with pytest.raises(DataError, match="the columns are x, y, label"):
        moons().column("zzz")


def test_a_table_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        moons().rows = ()  # type: ignore[misc]
    assert isinstance(moons(), Table)


def test_recorded_medians_are_those_of_the_recorded_runs() -> None:
    text = importlib.resources.files("slopewise.data").joinpath("why_relu.json").read_text(encoding="utf-8")
    record = json.loads(text)
    for name, steps in record["first_step_at_target"].items():
        assert len(steps) == 40
        middle = statistics.median(math.inf if step is None else step for step in steps)
        assert recorded_medians()[name] == (None if middle == math.inf else middle)
