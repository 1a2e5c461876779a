"""Training a classifier on all points at once, as micrograd's demo does, and comparing activations on the same task."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from slopewise.training.activations import (
        ActivationResult,
        compare_activations,
        conclusions,
        nanoseconds_per_element,
    )
    from slopewise.training.classifier import TrainingStep, count_dead_units, hinge_loss, train_classifier

_HOMES = {
    "slopewise.training.activations": (
        "ActivationResult",
        "compare_activations",
        "conclusions",
        "nanoseconds_per_element",
    ),
    "slopewise.training.classifier": ("TrainingStep", "count_dead_units", "hinge_loss", "train_classifier"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "ActivationResult",
    "TrainingStep",
    "compare_activations",
    "conclusions",
    "count_dead_units",
    "hinge_loss",
    "nanoseconds_per_element",
    "train_classifier",
]


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        item = getattr(importlib.import_module(_HOME_OF[name]), name)
        globals()[name] = item
        return item
    import difflib

    near = difflib.get_close_matches(name, __all__, 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise AttributeError(f"slopewise.training has no {name!r}{hint}")


def __dir__() -> list[str]:
    return sorted(__all__)
