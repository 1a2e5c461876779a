"""The collector's thresholds: put up while something is recorded, and as they were afterwards."""

import gc
from collections.abc import Iterator

import pytest

from slopewise.tracer import record
from slopewise.tracer.collecting import seldom_collecting


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.parametrize(("chosen", "inside"), [(700, 100_000), (0, 0), (200_000, 200_000)])
def test_thresholds_inside_and_after(chosen: int, inside: int) -> None:
    gc.set_threshold(chosen, 7, 5)
    with seldom_collecting():
        assert gc.get_threshold()[:2] == (inside, 7)
    assert gc.get_threshold()[:2] == (chosen, 7)


def test_a_recording_that_fails_leaves_them_as_they_were() -> None:
    gc.set_threshold(600, 7, 5)
    seen = []

    def f(x: object) -> object:
        seen.append(gc.get_threshold()[0])
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        record(f, [1.0])  # type: ignore[arg-type]
    assert seen == [100_000] and gc.get_threshold()[0] == 600


def test_what_is_chosen_in_between_stays() -> None:
    with seldom_collecting():
        gc.set_threshold(900, 7, 5)
    assert gc.get_threshold()[0] == 900
