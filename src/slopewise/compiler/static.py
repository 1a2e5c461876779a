"""What in a nest is no number: compared by content where it has one, by identity where it has none."""

from typing import Any


class Static:
    """An object that belongs to the key of a call.

    Two of them are equal when type and `==` agree; `True` and `1` differ. What cannot be hashed is equal to itself
    alone. A set or a bytearray is compared by what it held, and handed out as a new one each time.

    Args:
        item: The object.
        content: What it is compared by, when that is not the object itself: a frozen copy.

    Example:
        >>> from slopewise.compiler.static import Static
        >>> Static("a") == Static("a"), Static(1) == Static(True), Static(object()) == Static(object())
        (True, False, False)
    """

    __slots__ = ("_hash", "_is_single", "content", "item")

    def __init__(self, item: Any, content: Any = None) -> None:
        self.item = item
        self.content = item if content is None else content
        try:
            self._hash = hash(self.content)
            self._is_single = False
        except TypeError:
            self._hash = id(item)
            self._is_single = True

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Static):
            return NotImplemented
        if self.content is other.content:
            return type(self.item) is type(other.item)
        if self._is_single or other._is_single or self._hash != other._hash:
            return False
        if type(self.item) is not type(other.item):
            return False
        try:
            return bool(self.content == other.content)
        except Exception:  # an == of the user's own that fails, or gives no truth: not equal
            return False

    @property
    def is_single(self) -> bool:
        """Whether it is equal to itself alone."""
        return self._is_single

    def accepts(self, item: Any) -> bool:
        """Tell whether an object is the same key as this one, now."""
        other = Static(item)
        return other._hash == self._hash and other == self

    def __repr__(self) -> str:
        return f"Static({self.item!r})"

    def given(self) -> Any:
        """Return the object, or a new copy of it when it is one of those that can change."""
        return self.item if self.content is self.item else type(self.item)(self.content)
