"""The programs in `examples/` run as they stand."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

from slopewise.engine import NATIVE

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"


def output_of(name: str, *arguments: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(EXAMPLES / name), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_lecture() -> None:
    lines = output_of("lecture.py")
    assert lines[0].startswith("0 6.0054027832")
    assert lines[19].startswith("19 0.01778187")
    assert lines[20].startswith("[Value(data=0.923")


@pytest.mark.skipif(not NATIVE, reason="a hundred steps of moons take the interpreted engine half a minute")
def test_moons(tmp_path: pathlib.Path) -> None:
    pytest.importorskip("matplotlib")
    lines = output_of("moons.py", str(tmp_path / "boundary.png"))
    assert lines[1] == "number of parameters 337"
    assert lines[2].startswith("step 0 loss 0.895844102868")
    assert lines[2].endswith("accuracy 50.0%")
    assert lines[101].endswith("accuracy 100.0%")
    assert (tmp_path / "boundary.png").read_bytes().startswith(b"\x89PNG")


def test_why_relu(tmp_path: pathlib.Path) -> None:
    lines = output_of("why_relu.py", "--starts", "1", "--steps", "2", "--json", str(tmp_path / "record.json"))
    assert [line.split()[0] for line in lines[1:4]] == ["relu", "tanh", "sigmoid"]
    assert "relu never got there, within 2 steps." in lines
    record = json.loads((tmp_path / "record.json").read_text(encoding="utf-8"))
    assert record["first_step_at_target"] == {"relu": [None], "tanh": [None], "sigmoid": [None]}
