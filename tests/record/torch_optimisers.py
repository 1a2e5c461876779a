"""Record PyTorch's optimisers, schedules, losses and their gradients: `python tests/record/torch_optimisers.py`.

Needs PyTorch (a CPU build will do), which the tests themselves never import. All numbers are float64; the versions are
in the record.
"""

import json
import math
import platform
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

DATA = Path(__file__).parents[1] / "data"
STEPS = 12
START = [0.5, -1.25, 2.0, 0.0, 1e-3]

OPTIMISERS = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.05, "momentum": 0.9}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "dampening": 0.3}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True}),
    ("SGD", {"lr": 0.05, "momentum": 0.5, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.05, "weight_decay": 0.1, "maximize": True}),
    ("RMSprop", {}),
    ("RMSprop", {"lr": 0.02, "alpha": 0.9, "eps": 1e-6}),
    ("RMSprop", {"lr": 0.02, "momentum": 0.8}),
    ("RMSprop", {"lr": 0.02, "centered": True}),
    ("RMSprop", {"lr": 0.02, "centered": True, "momentum": 0.5, "weight_decay": 0.05}),
    ("Adam", {}),
    ("Adam", {"lr": 0.1}),
    ("Adam", {"lr": 0.1, "betas": [0.5, 0.9], "eps": 1e-3}),
    ("Adam", {"lr": 0.1, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.1, "amsgrad": True, "betas": [0.9, 0.5]}),
    ("Adam", {"lr": 0.1, "maximize": True}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.1, "weight_decay": 0.3}),
    ("AdamW", {"lr": 0.1, "weight_decay": 0.3, "amsgrad": True, "betas": [0.9, 0.5]}),
]

SCHEDULES = {
    "StepLR": ({"step_size": 10, "gamma": 0.5}, 0.4),
    "ExponentialLR": ({"gamma": 0.9}, 0.4),
    "CosineAnnealingLR": ({"T_max": 30, "eta_min": 0.01}, 0.4),
    "LinearLR": ({"start_factor": 1.0, "end_factor": 0.1, "total_iters": 30}, 1.0),
}


def gradient(values: Any, step: Any) -> Any:
    """Return the gradient of step `step` at some values: of a bumpy bowl, with a quiet fourth parameter."""
    grads = [2.0 * v + math.sin(3.0 * v + step) for v in values]
    grads[3] = 0.0 if step < 4 else math.cos(step)
    return grads


def optimiser_record(name: Any, settings: Any) -> Any:
    """Record the path of five parameters through twelve steps."""
    p = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    given = {key: tuple(s) if isinstance(s, list) else s for key, s in settings.items()}
    opt = getattr(torch.optim, name)([p], foreach=False, **given)
    path, gradients = [], []
    for step in range(STEPS):
        gradients.append(gradient(p.detach().tolist(), step))
        p.grad = torch.tensor(gradients[-1], dtype=torch.float64)
        opt.step()
        path.append(p.detach().tolist())
    return {"optimiser": name, "settings": settings, "gradients": gradients, "path": path}


def schedule_record(name: Any, settings: Any, lr: Any) -> Any:
    """Record the rates of forty steps."""
    opt = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    schedule = getattr(torch.optim.lr_scheduler, name)(opt, **settings)
    rates = []
    for _ in range(30):
        rates.append(opt.param_groups[0]["lr"])
        opt.step()
        schedule.step()
    return {"settings": settings, "lr": lr, "rates": rates}


def loss_record(function: Any, inputs: Any, targets: Any, **keywords: Any) -> Any:
    """Record value and gradient, mean, sum and single losses."""
    out = {"inputs": inputs, "targets": targets, **keywords}
    for reduction in ("mean", "sum", "none"):
        x = torch.tensor(inputs, dtype=torch.float64, requires_grad=True)
        t = torch.tensor(
            targets, dtype=torch.int64 if function == "cross_entropy" and is_classes(targets) else torch.float64
        )
        loss = getattr(functional, function)(x, t, reduction=reduction, **keywords)
        out[reduction] = loss.tolist()
        if reduction == "mean":
            loss.backward()
            assert x.grad is not None
            out["gradient"] = x.grad.tolist()
    return out


def is_classes(targets: Any) -> Any:
    """Tell whether targets are classes and not probabilities."""
    return all(isinstance(t, int) for t in targets)


def main() -> None:
    """Write both records."""
    versions = {"torch": torch.__version__, "python": platform.python_version()}
    record = {
        "versions": versions,
        "start": START,
        "optimisers": [optimiser_record(name, settings) for name, settings in OPTIMISERS],
        "schedules": {name: schedule_record(name, *given) for name, given in SCHEDULES.items()},
    }
    (DATA / "torch_optimisers.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")

    ps, ts = [0.3, -1.7, 2.5, 0.0, 4.0], [0.5, -1.2, -0.5, 0.25, 1.0]
    zs = [0.3, -2.0, 5.5, 0.0, -3.0, 20.0, -15.0]
    rows = [[0.1, 2.0, -1.0], [3.0, 3.0, 3.0], [-5.0, 0.5, 10.0], [30.0, -2.0, 1.0]]
    losses = {
        "versions": versions,
        "squared_error": loss_record("mse_loss", ps, ts),
        "absolute_error": loss_record("l1_loss", ps, ts),
        "huber": loss_record("huber_loss", ps, ts, delta=1.0),
        "huber_wide": loss_record("huber_loss", ps, ts, delta=2.5),
        "binary_cross_entropy_with_logits": loss_record(
            "binary_cross_entropy_with_logits", zs, [1.0, 0.0, 1.0, 0.25, 0.9, 0.0, 1.0]
        ),
        "cross_entropy": loss_record("cross_entropy", rows, [1, 0, 0, 2]),
        "cross_entropy_probabilities": loss_record(
            "cross_entropy", rows, [[0.2, 0.5, 0.3], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.25, 0.25, 0.5]]
        ),
    }
    (DATA / "torch_losses.json").write_text(json.dumps(losses, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
