"""Programs that hypothesis makes up: every operation, any constant, inputs and outputs anywhere."""

import struct

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from slopewise.ir import Builder, Program, arity_of
from slopewise.ir.operations import ROWS

EQUATIONS = [code for code, row in enumerate(ROWS) if row is not None]
quick = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
ANY_BITS = st.integers(0, 2**64 - 1).map(lambda bits: struct.unpack("<d", struct.pack("<Q", bits))[0])
NUMBERS = st.one_of(st.floats(), st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, 2.0]), ANY_BITS)


@st.composite
def builders(draw: st.DrawFn, most: int = 30) -> tuple[Builder, list[int]]:
    """Return a Builder with slots of every kind in any order, and the slots of its inputs."""
    build = Builder()
    inputs = [build.input() for _ in range(draw(st.integers(0, 4)))]
    for _ in range(draw(st.integers(0 if inputs else 1, most))):
        kind = draw(st.integers(0, 9))
        if kind == 0 or not len(build):
            build.constant(draw(NUMBERS))
        elif kind == 1:
            inputs.append(build.input())
        else:
            code = draw(st.sampled_from(EQUATIONS))
            slots = st.integers(0, len(build) - 1)
            build.emit(code, *[draw(slots) for _ in range(arity_of(code))])
    return build, inputs


@st.composite
def programs(draw: st.DrawFn, most: int = 30) -> Program:
    """Return a Program; its names are any strings."""
    build, inputs = draw(builders(most))
    outputs = draw(st.lists(st.integers(0, len(build) - 1), max_size=5))
    names = [draw(st.text()) for _ in inputs]
    return build.extract(draw(st.permutations(inputs)), outputs, names)
