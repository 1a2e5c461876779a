"""The training rows in PyTorch as its users write it: a batch is a tensor, one thread.

EAGER: autograd, and all parameters updated by one call. COMPILED: loss, gradients and update in one `torch.compile`.
"""

from time import perf_counter

import numpy as np
import torch
from subjects import answers_of, digits, expected_of
from torch.nn import functional as F

SUBJECT = digits((64, 64, 10), 1797)
FORM = "EAGER"
LOSS = "dense_loss"
DTYPE = "float64"
STEPS = 4
REPEATS = 3

torch.set_num_threads(1)
number = getattr(torch, DTYPE)


def dense(parameters, x):
    for at in range(0, len(parameters), 2):
        x = F.linear(x, parameters[at], parameters[at + 1])
        if at + 2 < len(parameters):
            x = F.relu(x)
    return x


def hinge_loss(parameters, xs, ys):
    scores = dense(parameters, xs)[:, 0]
    return F.relu(1.0 - ys * scores).mean() + 1e-4 * sum(p.square().sum() for p in parameters)


def squares_loss(parameters, xs, ys):
    for at in range(0, len(parameters), 2):
        xs = torch.tanh(F.linear(xs, parameters[at], parameters[at + 1]))
    return (xs[:, 0] - ys).square().sum()


def dense_loss(parameters, xs, ys):
    return F.cross_entropy(dense(parameters, xs), ys)


def convolution_loss(parameters, xs, ys):
    kernels, biases, *rest = parameters
    maps = F.relu(F.conv2d(xs[:, None], kernels[:, None], biases))
    return F.cross_entropy(dense(rest, F.max_pool2d(maps, 2).flatten(1)), ys)


def recurrent_loss(parameters, xs, ys):
    from_input, from_state, biases, *out = parameters
    inputs = F.linear(xs, from_input, biases).unbind(1)
    state = torch.zeros_like(inputs[0])
    for x in inputs:
        state = torch.tanh(torch.addmm(x, state, from_state.T))
    return F.mse_loss(dense(out, state)[:, 0], ys)


loss = globals()[LOSS]
xs = torch.tensor(SUBJECT.xs, dtype=number)
ys = torch.tensor(SUBJECT.ys, dtype=torch.int64 if SUBJECT.ys.dtype == np.int64 else number)
batches = list(zip(xs, ys))
rates = [SUBJECT.rate[0] + SUBJECT.rate[1] * k for k in range(STEPS)]
rate_tensors = [torch.tensor(rate, dtype=number) for rate in rates]


def eager(parameters):
    losses = []
    for k in range(STEPS):
        value = loss(parameters, *batches[k % len(batches)])
        slopes = torch.autograd.grad(value, parameters)
        with torch.no_grad():
            torch._foreach_add_(parameters, slopes, alpha=-rates[k])
        losses.append(value.detach())
    return losses


@torch.compile
def step(parameters, rate, x, y):
    slopes, value = torch.func.grad_and_value(loss)(parameters, x, y)
    for p, g in zip(parameters, slopes):
        p -= rate * g
    return value


def compiled(parameters):
    losses = []
    with torch.no_grad():
        for k in range(STEPS):
            losses.append(step(parameters, rate_tensors[k], *batches[k % len(batches)]))
    return losses


def start():
    return [torch.tensor(p, dtype=number, requires_grad=FORM == "EAGER") for p in SUBJECT.start]


train = eager if FORM == "EAGER" else compiled
if FORM == "COMPILED":
    try:
        torch.compile(lambda x: x + 1.0)(torch.ones(2))
    except Exception as error:  # there is a compiler, but it, or a header, will not do
        raise SystemExit("missing: a C++ compiler that torch.compile can use") from error
began = perf_counter()
train(start())
extra = {"first_s": perf_counter() - began}
seconds = []
for _ in range(REPEATS):
    parameters = start()
    began = perf_counter()
    losses = train(parameters)
    seconds.append((perf_counter() - began) / STEPS)

parameters = [p.detach().requires_grad_() for p in start()]
value = loss(parameters, *batches[0])
slopes = torch.autograd.grad(value, parameters)
answers = answers_of(SUBJECT, value.item(), [g.numpy() for g in slopes], [float(one) for one in losses[:3]])
expected = expected_of(SUBJECT)
