"""From start to a trained moons net in PyTorch, to be run as a new process: eager, one thread."""

import torch
from subjects import moons
from torch.nn import functional as F

POINTS = 100
STEPS = 100

torch.set_num_threads(1)
subject = moons(POINTS)
x, y = torch.tensor(subject.xs[0]), torch.tensor(subject.ys[0])
parameters = [torch.tensor(p, requires_grad=True) for p in subject.start]


def loss():
    w1, b1, w2, b2, w3, b3 = parameters
    h = F.relu(F.linear(F.relu(F.linear(x, w1, b1)), w2, b2))
    scores = F.linear(h, w3, b3)[:, 0]
    return F.relu(1.0 - y * scores).mean() + 1e-4 * sum(p.square().sum() for p in parameters)


losses = []
for k in range(STEPS):
    value = loss()
    slopes = torch.autograd.grad(value, parameters)
    with torch.no_grad():
        torch._foreach_add_(parameters, slopes, alpha=-(1.0 - 0.9 * k / 100))
    losses.append(value.item())
seconds = []
answers = losses[:3]
