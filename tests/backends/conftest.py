"""Lets these tests draw the laws' random programs (`tests/laws/programs.py`)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "laws"))
