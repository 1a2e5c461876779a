"""Pictures: functions and their tangents, walks downhill, fits, training runs, regions, loss surfaces, animations.

Every `plot_…` function draws on matplotlib axes and returns them: hand in yours as `ax=`, or get a new figure. None of
them changes a setting of matplotlib or opens a window. matplotlib is loaded when the first picture is drawn.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from slopewise.drawing.animation import Animation
    from slopewise.drawing.canvas import new_axes, new_row, save_picture
    from slopewise.drawing.curves import plot_function
    from slopewise.drawing.fits import plot_regression
    from slopewise.drawing.loss_surface import plot_loss_surface
    from slopewise.drawing.moving_graphs import animate_backpropagation
    from slopewise.drawing.moving_regions import animate_boundary
    from slopewise.drawing.moving_walks import animate_descent
    from slopewise.drawing.parameter_histograms import plot_gradients, plot_histograms, plot_weights
    from slopewise.drawing.regions import plot_boundary
    from slopewise.drawing.runs import plot_sequences, plot_step_sizes, plot_training
    from slopewise.drawing.training_path import TrainingPath
    from slopewise.drawing.walks import plot_descent

_HOMES = {
    "slopewise.drawing.animation": ("Animation",),
    "slopewise.drawing.canvas": ("new_axes", "new_row", "save_picture"),
    "slopewise.drawing.curves": ("plot_function",),
    "slopewise.drawing.fits": ("plot_regression",),
    "slopewise.drawing.loss_surface": ("plot_loss_surface",),
    "slopewise.drawing.moving_graphs": ("animate_backpropagation",),
    "slopewise.drawing.moving_regions": ("animate_boundary",),
    "slopewise.drawing.moving_walks": ("animate_descent",),
    "slopewise.drawing.parameter_histograms": ("plot_gradients", "plot_histograms", "plot_weights"),
    "slopewise.drawing.regions": ("plot_boundary",),
    "slopewise.drawing.runs": ("plot_sequences", "plot_step_sizes", "plot_training"),
    "slopewise.drawing.training_path": ("TrainingPath",),
    "slopewise.drawing.walks": ("plot_descent",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Animation",
    "TrainingPath",
    "animate_backpropagation",
    "animate_boundary",
    "animate_descent",
    "new_axes",
    "new_row",
    "plot_boundary",
    "plot_descent",
    "plot_function",
    "plot_gradients",
    "plot_histograms",
    "plot_loss_surface",
    "plot_regression",
    "plot_sequences",
    "plot_step_sizes",
    "plot_training",
    "plot_weights",
    "save_picture",
]


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        item = getattr(importlib.import_module(_HOME_OF[name]), name)
        globals()[name] = item
        return item
    import difflib

    near = difflib.get_close_matches(name, __all__, 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise AttributeError(f"slopewise.drawing has no {name!r}{hint}")


def __dir__() -> list[str]:
    return sorted(__all__)
