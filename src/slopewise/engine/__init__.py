"""The engine: `Value`, its backward pass and its modes."""

from slopewise.engine.modes import anomalies, no_grad, source_of, sources
from slopewise.engine.value import NATIVE, LectureValue, Value

__all__ = ["NATIVE", "LectureValue", "Value", "anomalies", "no_grad", "source_of", "sources"]
