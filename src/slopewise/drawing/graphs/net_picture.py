"""A net as circles and lines."""

from typing import Any

from slopewise.drawing.graphs.choices import Choices
from slopewise.drawing.graphs.picture import Picture


def is_net(what: Any) -> bool:
    """Tell whether something can be drawn as a net."""
    return False


def net_picture(net: Any, choices: Choices) -> Picture:
    """Draw a net."""
    raise NotImplementedError
