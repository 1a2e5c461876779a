"""The ranges of the built-in optimisers' settings."""

import math
from typing import Any

from slopewise.optim.optimiser import checked_setting


def check_not_negative(who: str, **settings: Any) -> None:
    """Raise for a setting that is negative, nan or infinite."""
    for name, number in settings.items():
        checked_setting(who, name, number, lambda x: 0 <= x < math.inf, "0 or more, and finite")


def check_positive(who: str, **settings: Any) -> None:
    """Raise for a setting that is 0, negative, nan or infinite."""
    for name, number in settings.items():
        checked_setting(who, name, number, lambda x: 0 < x < math.inf, "above 0, and finite")


def check_fractions(who: str, **settings: Any) -> None:
    """Raise for a setting that is not from 0 up to, but not including, 1."""
    for name, number in settings.items():
        checked_setting(who, name, number, lambda x: 0 <= x < 1, "from 0 up to, but not including, 1")
