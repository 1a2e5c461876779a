"""`IntegerArgument`: an int argument of a traced function, which Python may use as an index."""

from slopewise.engine.value import Value


class IntegerArgument(Value):
    """A Value that also works in `range`, as an index and as a key; each such use is a guard on its value."""

    def __index__(self) -> int:
        return int(self.data)
