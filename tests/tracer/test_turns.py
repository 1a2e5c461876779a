"""One thread traces at a time, and nobody waits for ever."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import slopewise as sw
from slopewise.errors import TraceError


def joined(call: Any) -> Any:
    """Return what a thread's call gives, or the error that it raises."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(call())
        except TraceError as error:
            found.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return found[0]


def test_a_traced_function_that_joins_a_thread_that_traces_is_told() -> None:
    g = sw.compile(lambda x: x * x)
    seen: list[Any] = []

    def f(x: Any) -> Any:
        seen.append(joined(lambda: g(2.0)))
        return x * 3

    k = sw.compile(f)
    assert k(1.0) == 3.0
    assert len(seen) >= 1 and all(isinstance(error, TraceError) for error in seen)
    what, where, cure = str(seen[0]).split("\n")
    assert "waits for this thread" in what and where.startswith(f"it waits at {__file__}:") and "once before" in cure
    assert g(2.0) == 4.0 and k(2.0) == 6.0
    k.retrace()
    seen.clear()
    assert k(1.0) == 3.0 and set(seen) == {4.0}  # known by now: nothing is to be traced


def test_a_thread_that_calls_the_function_that_is_being_traced_is_told() -> None:
    seen: list[Any] = []

    def f(x: Any) -> Any:
        if threading.current_thread() is threading.main_thread():
            seen.append(joined(lambda: k(5.0)))
        return x * 3

    k = sw.compile(f)
    assert k(1.0) == 3.0
    assert isinstance(seen[0], TraceError)


def test_what_a_pool_computes_is_told_too() -> None:
    g = sw.compile(lambda x: x * x)

    def f(x: Any) -> Any:
        with ThreadPoolExecutor(1) as pool:
            return x * pool.submit(g, 2.0).result()

    with pytest.raises(TraceError, match="waits for this thread"):
        sw.compile(f)(3.0)
    assert g(2.0) == 4.0
    assert sw.compile(f)(3.0) == 12.0


def test_who_only_has_to_wait_waits() -> None:
    begun = threading.Event()

    def slow(x: Any) -> Any:
        begun.set()
        time.sleep(0.2)
        return x + 1

    k, g = sw.compile(slow), sw.compile(lambda x: x * x)
    thread = threading.Thread(target=lambda: k(1.0))
    thread.start()
    begun.wait()
    assert g(3.0) == 9.0
    thread.join()
    assert k(1.0) == 2.0
