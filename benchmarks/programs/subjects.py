"""What the training rows train: data, first parameters, the order of the batches, and the loss in NumPy.

Every contender takes its numbers from here. The losses are written for arrays of any type, complex ones too, so that
the derivative along a direction follows from one step of 1e-30 along the imaginary axis: it needs no gradient code.
"""

import random
from dataclasses import dataclass

import numpy as np
from moons_data import make_moons

ENTRIES = 100  # of a gradient are compared one by one, evenly spread; all of it along DIRECTIONS random directions
DIRECTIONS = 3


@dataclass
class Subject:
    """One net to be trained by gradient descent.

    Attributes:
        start: The first parameters, a list of arrays.
        xs: Inputs, shape `(batches, rows of a batch, …)`; update k takes batch k modulo their number.
        ys: What goes with them: classes, as int64, or numbers.
        loss: The function `(parameters, xs, ys)` of one batch, in NumPy.
        rate: The learning rate of update k: `first + slope * k`.
    """

    start: list
    xs: np.ndarray
    ys: np.ndarray
    loss: object
    rate: tuple


def mlp_start(draw, sizes):
    """Return weights and biases of a net with layers of these sizes."""
    found = []
    for nin, nout in zip(sizes, sizes[1:]):
        found += [draw.normal(size=(nout, nin)) / nin**0.5, 0.1 * draw.normal(size=nout)]
    return found


def in_batches(xs, ys, rows):
    """Cut rows into whole batches; what is left over stays out."""
    count = len(xs) // rows
    whole = count * rows
    return xs[:whole].reshape(count, rows, *xs.shape[1:]), ys[:whole].reshape(count, rows, *ys.shape[1:])


# ------------------------------------------------------------------------------------------------------------- subjects
def moons(rows):
    """Micrograd's demo: the net of `slopewise.nn.MLP(2, [16, 16, 1])`, hinge loss and penalty, a falling rate."""
    np.random.seed(1337)
    draw = random.Random(1337)
    xs, ys = make_moons(n_samples=rows, noise=0.1)
    start = []
    for nin, nout in ((2, 16), (16, 16), (16, 1)):
        start += [np.array([[draw.uniform(-1, 1) for _ in range(nin)] for _ in range(nout)]), np.zeros(nout)]
    return Subject(start, xs[None], (ys * 2.0 - 1.0)[None], hinge_loss, (1.0, -0.009))


def lecture():
    """The lecture's net 3-4-4-1, tanh on every layer, on its four samples: sum of squares, rate 0.1."""
    draw = random.Random(1337)
    start = []
    for nin, nout in ((3, 4), (4, 4), (4, 1)):
        rows = [[draw.uniform(-1, 1) for _ in range(nin + 1)] for _ in range(nout)]
        start += [np.array([row[:-1] for row in rows]), np.array([row[-1] for row in rows])]
    xs = np.array([[[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]])
    return Subject(start, xs, np.array([[1.0, -1.0, -1.0, 1.0]]), squares_loss, (0.1, 0.0))


def digits(sizes, rows):
    """A softmax classifier on scikit-learn's 1,797 digits of 8 × 8 grey levels."""
    xs, ys = digit_images()
    return Subject(mlp_start(np.random.default_rng(1337), sizes), *in_batches(xs, ys, rows), dense_loss, (0.1, 0.0))


def wide(sizes, rows):
    """A softmax classifier on 1,024 random images, with classes that another such net gave them."""
    draw = np.random.default_rng(1337)
    xs = draw.uniform(size=(max(rows, 1024), sizes[0]))
    start, teacher = mlp_start(draw, sizes), mlp_start(draw, sizes)
    ys = np.argmax(dense(teacher, xs), axis=1)
    return Subject(start, *in_batches(xs, ys, rows), dense_loss, (0.1, 0.0))


def convolution(filters, rows):
    """Digits once more: filters of 3 × 3, relu, the largest of each 2 × 2, one dense layer."""
    xs, ys = digit_images()
    draw = np.random.default_rng(1337)
    start = [draw.normal(size=(filters, 3, 3)) / 3.0, 0.1 * draw.normal(size=filters)]
    start += mlp_start(draw, (9 * filters, 10))
    return Subject(start, *in_batches(xs.reshape(-1, 8, 8), ys, rows), convolution_loss, (0.1, 0.0))


def recurrent(units, times, rows):
    """A tanh recurrence reads four numbers at each time, and guesses one number at the end."""
    draw = np.random.default_rng(1337)
    phases = draw.uniform(0.0, 2.0 * np.pi, size=(8 * rows, 1, 4))
    steps = np.arange(times).reshape(1, times, 1) * np.array([0.1, 0.2, 0.3, 0.5])
    xs = np.sin(phases + steps) + 0.1 * draw.normal(size=(8 * rows, times, 4))
    start = [draw.normal(size=(units, 4)) / 2.0, draw.normal(size=(units, units)) / units**0.5, np.zeros(units)]
    start += mlp_start(draw, (units, 1))
    return Subject(start, *in_batches(xs, np.sin(phases.sum(axis=(1, 2))), rows), recurrent_loss, (0.01, 0.0))


def digit_images():
    """Return scikit-learn's digits: grey levels from 0 to 1, shape `(1797, 64)`, and classes."""
    from sklearn.datasets import load_digits

    found = load_digits()
    return found.data / 16.0, found.target.astype(np.int64)


# -------------------------------------------------------------------------------------------------------- losses, NumPy
def relu(x):
    return np.where(x.real > 0, x, 0.0)


def dense(parameters, x):
    """Return the numbers of the last layer; relu on the others."""
    for at in range(0, len(parameters), 2):
        x = x @ parameters[at].T + parameters[at + 1]
        if at + 2 < len(parameters):
            x = relu(x)
    return x


def hinge_loss(parameters, xs, ys):
    scores = dense(parameters, xs)[:, 0]
    return relu(1.0 - ys * scores).mean() + 1e-4 * sum((p * p).sum() for p in parameters)


def squares_loss(parameters, xs, ys):
    for at in range(0, len(parameters), 2):
        xs = np.tanh(xs @ parameters[at].T + parameters[at + 1])
    return ((xs[:, 0] - ys) ** 2).sum()


def cross_entropy(logits, ys):
    highest = logits.real.max(axis=1, keepdims=True)
    normaliser = highest[:, 0] + np.log(np.exp(logits - highest).sum(axis=1))
    return (normaliser - logits[np.arange(len(ys)), ys]).mean()


def dense_loss(parameters, xs, ys):
    return cross_entropy(dense(parameters, xs), ys)


def convolution_loss(parameters, xs, ys):
    kernels, biases, *rest = parameters
    windows = np.lib.stride_tricks.sliding_window_view(xs, (3, 3), axis=(1, 2))
    maps = relu(np.einsum("rijab,fab->rfij", windows, kernels) + biases[:, None, None])
    rows, filters = maps.shape[:2]
    squares = maps.reshape(rows, filters, 3, 2, 3, 2).transpose(0, 1, 2, 4, 3, 5).reshape(rows, filters * 9, 4)
    largest = np.take_along_axis(squares, squares.real.argmax(axis=2)[..., None], axis=2)[..., 0]
    return cross_entropy(dense(rest, largest), ys)


def recurrent_loss(parameters, xs, ys):
    from_input, from_state, biases, *out = parameters
    state = np.zeros((len(xs), len(biases)))
    for time in range(xs.shape[1]):
        state = np.tanh(xs[:, time] @ from_input.T + state @ from_state.T + biases)
    return ((dense(out, state)[:, 0] - ys) ** 2).mean()


# -------------------------------------------------------------------------------------------------------------- answers
def directions(start):
    """Return random directions in the space of the parameters, each a list of arrays."""
    draw = np.random.default_rng(7)
    return [[draw.normal(size=p.shape) for p in start] for _ in range(DIRECTIONS)]


def expected_of(subject):
    """Return the loss of the first batch at the start and its derivatives along the directions, by NumPy alone."""
    xs, ys = subject.xs[0], subject.ys[0]
    along = [
        subject.loss([p + 1e-30j * d for p, d in zip(subject.start, one)], xs, ys).imag / 1e-30
        for one in directions(subject.start)
    ]
    return [float(subject.loss(subject.start, xs, ys)), *map(float, along)]


def answers_of(subject, loss, gradient, losses):
    """Return what is compared: the loss at the start, its gradient along directions and by entries, later losses."""
    gradient = [np.asarray(g, dtype=np.float64).reshape(p.shape) for g, p in zip(gradient, subject.start, strict=True)]
    along = [sum((g * d).sum() for g, d in zip(gradient, one)) for one in directions(subject.start)]
    flat = np.concatenate([g.ravel() for g in gradient])
    entries = flat[:: max(1, len(flat) // ENTRIES)]
    return [float(x) for x in (loss, *along, *entries, *losses)]
