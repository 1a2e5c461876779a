"""The engine: `Value`, its backward pass and its modes."""

from slopewise import _native

_native.choose(*_native.ENGINE)

from slopewise.engine import sweep  # noqa: E402, F401  gives Value its backward()
from slopewise.engine.modes import anomalies, no_grad, source_of, sources  # noqa: E402
from slopewise.engine.value import NATIVE, LectureValue, Value  # noqa: E402

__all__ = ["NATIVE", "LectureValue", "Value", "anomalies", "no_grad", "source_of", "sources"]
