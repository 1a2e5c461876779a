"""The optimisers and schedules against PyTorch's paths, from a record that keeps its versions."""

import json
from pathlib import Path
from typing import Any

import pytest

from slopewise import Value, optim

RECORD = json.loads((Path(__file__).parents[1] / "data" / "torch_optimisers.json").read_text(encoding="utf-8"))


def named(entry: Any) -> Any:
    settings = ", ".join(f"{key}={x}" for key, x in entry["settings"].items())
    return f"{entry['optimiser']}({settings})"


@pytest.mark.parametrize("entry", RECORD["optimisers"], ids=named)
def test_path_of_twelve_steps(entry: Any) -> None:
    settings = {key: tuple(x) if isinstance(x, list) else x for key, x in entry["settings"].items()}
    parameters = [Value(x) for x in RECORD["start"]]
    opt = getattr(optim, entry["optimiser"])(parameters, **settings)
    for gradients, expected in zip(entry["gradients"], entry["path"], strict=True):
        for p, g in zip(parameters, gradients, strict=True):
            p.grad = g
        opt.step()
        assert [p.data for p in parameters] == pytest.approx(expected, rel=1e-12, abs=1e-300)


def test_every_optimiser_is_recorded() -> None:
    assert {entry["optimiser"] for entry in RECORD["optimisers"]} == {"SGD", "RMSprop", "Adam", "AdamW"}


@pytest.mark.parametrize(
    ("name", "schedule"),
    [
        ("StepLR", optim.StepDecay(0.4, factor=0.5, every=10)),
        ("ExponentialLR", optim.Exponential(0.4, factor=0.9)),
        ("CosineAnnealingLR", optim.Cosine(0.4, steps=30, end=0.01)),
        ("LinearLR", optim.Linear(1.0, 0.1, steps=30)),
    ],
)
def test_schedules(name: Any, schedule: Any) -> None:
    expected = RECORD["schedules"][name]["rates"]
    assert [schedule(k) for k in range(len(expected))] == pytest.approx(expected, rel=1e-12)
