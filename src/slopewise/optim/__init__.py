"""Optimisers: how parameters change, given their gradients.

    from slopewise.optim import SGD, Linear

    opt = SGD(net.parameters(), lr=Linear(1.0, 0.1, steps=100), momentum=0.9)
    ...
    opt.zero_grad()
    loss.backward()
    opt.step()

Or without keeping the parameters: `opt = Adam(lr=0.01)` and `opt.step(net.parameters())`. The learning rate is a number
or a schedule. An optimiser is a function of single numbers, `update(p, g, state, rates)`; see `Optimiser` to write your
own.
"""

from typing import Any

from slopewise.optim.adam import Adam, AdamW
from slopewise.optim.clipping import clip_by_global_norm, clip_by_value
from slopewise.optim.optimiser import Optimiser
from slopewise.optim.rmsprop import RMSProp
from slopewise.optim.schedules import Constant, Cosine, Exponential, Linear, Schedule, StepDecay, WarmUp
from slopewise.optim.sgd import SGD

RMSprop = RMSProp  # PyTorch's spelling

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "Constant",
    "Cosine",
    "Exponential",
    "Linear",
    "Optimiser",
    "RMSProp",
    "RMSprop",
    "Schedule",
    "StepDecay",
    "WarmUp",
    "clip_by_global_norm",
    "clip_by_value",
]


def __getattr__(name: str) -> Any:
    import difflib

    if name.startswith("__"):
        raise AttributeError(f"module 'slopewise.optim' has no attribute {name!r}")
    by_case = {known.lower(): known for known in __all__}
    near = difflib.get_close_matches(name.lower(), by_case, 1, 0.7)
    rules = "the rules are SGD, RMSProp, Adam and AdamW; subclass Optimiser for one of your own"
    hint = f"did you mean {by_case[near[0]]!r}?" if near else rules
    raise AttributeError(f"slopewise.optim has no {name!r}; {hint}")
