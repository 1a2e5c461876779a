"""slopewise: scalar automatic differentiation, from the micrograd lecture to the speed of the hardware.

    from slopewise import Value

    a, b = Value(-2.0), Value(3.0)
    f = (a * b) * (a + b)
    f.backward()
    a.grad, b.grad            # (-3.0, -8.0)

Everything public is listed here and loaded when it is first used.
"""

import importlib
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "slopewise.engine": ("Value", "anomalies", "no_grad", "source_of", "sources"),
    "slopewise.engine.reductions": ("clip", "dot", "log_softmax", "logsumexp", "mean", "softmax", "sum"),
    "slopewise.ops": ("operation",),
    "slopewise.ops.functions": (
        "abs", "acos", "acosh", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "asin",
        "asinh", "atan", "atan2", "atanh", "cos", "cosh", "elu", "erf", "exp", "exp2", "expm1", "gelu", "hypot",
        "leaky_relu", "log", "log10", "log1p", "log2", "maximum", "minimum", "relu", "sigmoid", "silu", "sin", "sinh",
        "softplus", "sqrt", "square", "tan", "tanh", "where",
    ),
    "slopewise.ops.special": ("cbrt", "digamma", "erfc", "gamma", "lgamma"),
    "slopewise.basics": ("LinearRegression", "check_gradients", "descend", "slope", "step_size_study"),
    "slopewise.drawing": (
        "TrainingPath", "animate_backpropagation", "animate_boundary", "animate_descent", "plot_boundary",
        "plot_descent", "plot_function", "plot_gradients", "plot_histograms", "plot_loss_surface", "plot_regression",
        "plot_sequences", "plot_step_sizes", "plot_training", "plot_weights",
    ),
    "slopewise.stories": ("explain", "why"),
    "slopewise.compiler.compiled": ("compile",),
    "slopewise.compiler.transformations.derivatives": ("grad", "value_and_grad"),
    "slopewise.compiler.transformations.matrices": ("hessian", "jacobian"),
    "slopewise.compiler.transformations.directions": ("hvp", "jvp", "vjp"),
    "slopewise.compiler.batches.batching": ("batched",),
    "slopewise.compiler.searches.optimisation": ("minimize",),
    "slopewise.compiler.searches.fitting": ("least_squares",),
    "slopewise.quizzes": ("check_engine", "exercise", "quiz"),
    "slopewise.drawing.graphs.graph_picture": ("draw",),
    "slopewise.doctor": ("diagnose", "watch"),
}  # fmt: skip
_MODULES = ("basics", "engine", "errors", "lecture", "losses", "nn", "ops", "optim")
# What a room asks of one above it, through this door: never an import upwards, and not public.
_ABOVE = {"_dot_picture": ("slopewise.drawing.graphs.dot_picture", "dot_picture")}
# What users of other libraries look for.
_ELSEWHERE = {
    "jit": "compile", "vmap": "batched", "gradient": "grad", "value_and_gradient": "value_and_grad",
    "jacfwd": "jacobian", "jacrev": "jacobian", "tensor": "Value", "Tensor": "Value", "Variable": "Value",
    "stop_gradient": "Value.detach", "gradcheck": "check_gradients", "curve_fit": "least_squares",
    "detect_anomaly": "anomalies", "max": "maximum", "min": "minimum",
}  # fmt: skip
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = ["__version__", *sorted(_HOME_OF), *_MODULES]


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        item = getattr(importlib.import_module(_HOME_OF[name]), name)
        globals()[name] = item
        return item
    if name in _ABOVE:
        home, item_name = _ABOVE[name]
        return getattr(importlib.import_module(home), item_name)
    if name in _MODULES:
        return importlib.import_module(f"slopewise.{name}")
    raise AttributeError(f"slopewise has no {name!r}{_hint(name)}")


def _hint(name: str) -> str:
    """Return what somebody may have meant: as other libraries call it, in a module of ours, or a slip of the keys."""
    import difflib

    near = [_ELSEWHERE[name]] if name in _ELSEWHERE else []
    if not near and not name.startswith("_"):
        homes = (module for module in ("nn", "optim", "losses") if name in _names_in(module))
        near = [f"{module}.{name}" for module in homes]
    near = near or difflib.get_close_matches(name, __all__, 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _names_in(module: str) -> list[str]:
    names: list[str] = importlib.import_module(f"slopewise.{module}").__all__
    return names


def __dir__() -> list[str]:
    return sorted(__all__)
