"""What an optimiser remembers, in Values, once a step of it has been traced.

A traced function is replayed without its Python, so numbers that it keeps in Python's own variables would stay as they
were. What a Value held before the call is read again at each call, and what is assigned to it is written back. So the
first step that is traced moves the optimiser's memory into Values, where eager steps find it as well.
"""

from typing import Any

from slopewise.engine.value import Value, current_recorder, set_recorder


def is_traced() -> bool:
    """Tell whether a function is being traced in this thread."""
    return current_recorder() is not None


def value_from_before(number: float) -> Value:
    """Return a Value that counts as one that existed before the function that is being traced."""
    recorder = current_recorder()
    if recorder is None:
        return Value(number)
    set_recorder(None)
    try:
        return Value(number)
    finally:
        set_recorder(recorder)


class Cell:
    """A number that is plain until a traced step asks for it, and held by a Value from then on.

    Args:
        number: The number at first.
    """

    __slots__ = ("_number", "_value")

    def __init__(self, number: Any) -> None:
        self._number = number
        self._value: Value | None = None

    def get(self) -> Any:
        """Return the number: a traced one in a traced function."""
        if is_traced() and self._value is None:
            self._value = value_from_before(self._number)
        return self._number if self._value is None else self._value.data

    def set(self, number: Any) -> None:
        """Take another number; in a traced function, at each of its calls."""
        if is_traced() and self._value is None:
            self._value = value_from_before(self._number)
        if self._value is None:
            self._number = number
        else:
            self._value.data = number
