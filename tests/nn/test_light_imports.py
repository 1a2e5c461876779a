"""Importing the rooms of nets, losses, optimisers and the lecture loads nothing heavy."""

import subprocess
import sys
from typing import Any

import pytest

HEAVY = ("numpy", "safetensors", "click", "rich", "matplotlib", "sklearn")


@pytest.mark.parametrize("room", ["nn", "losses", "optim", "lecture"])
def test_nothing_heavy(room: Any) -> None:
    code = f"import sys, slopewise.{room}; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_this_test_can_fail() -> None:
    code = f"import sys, numpy; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['numpy']"
