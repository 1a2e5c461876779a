"""The tracer: a Python function on Values becomes a Program, with guards for the answers that Python needed."""

from slopewise import _native
from slopewise import engine as engine  # chooses its own form first
from slopewise import ir as ir

_native.choose(*_native.TRACER, upon=(*_native.ENGINE, *_native.IR))

from slopewise.tracer.choices import ChoiceRefusedError  # noqa: E402
from slopewise.tracer.numbers import Number  # noqa: E402
from slopewise.tracer.recording import (  # noqa: E402
    Captured,
    Constant,
    Guard,
    Trace,
    Write,
    inline,
    is_tracing,
    record,
    stands_for_number,
)
from slopewise.tracer.repeated import record_once, record_twice  # noqa: E402
from slopewise.tracer.tape import CAN_CHOOSE  # noqa: E402

__all__ = [
    "CAN_CHOOSE",
    "Captured",
    "ChoiceRefusedError",
    "Constant",
    "Guard",
    "Number",
    "Trace",
    "Write",
    "inline",
    "is_tracing",
    "record",
    "record_once",
    "record_twice",
    "stands_for_number",
]
