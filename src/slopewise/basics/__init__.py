"""Slopes measured by hand, gradients checked, hills walked down, lines fitted.

Each name is loaded from its file when it is first used.
"""

import importlib
from typing import Any

_HOMES = {
    "slopewise.basics.descent": ("Descent", "DescentStep", "descend"),
    "slopewise.basics.gradient_check": ("GradientCheck", "GradientRow", "check_gradients"),
    "slopewise.basics.regression": ("LinearRegression",),
    "slopewise.basics.shown_numbers": ("equation", "is_exact", "relation", "shown", "signed"),
    "slopewise.basics.slopes": ("Slope", "slope"),
    "slopewise.basics.step_size": ("StepSizeRow", "StepSizeStudy", "step_size_study"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = list(_HOME_OF)


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        item = getattr(importlib.import_module(_HOME_OF[name]), name)
        globals()[name] = item
        return item
    import difflib

    near = difflib.get_close_matches(name, __all__, 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise AttributeError(f"slopewise.basics has no {name!r}{hint}")


def __dir__() -> list[str]:
    return sorted(__all__)
