"""The data that ships with slopewise: real measurements to fit a line to, and the moons of micrograd's demo."""

from slopewise.data.records import recorded_medians
from slopewise.data.tables import Table, diabetes, moons

__all__ = ["Table", "diabetes", "moons", "recorded_medians"]
