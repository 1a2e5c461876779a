"""What the microgpt rows read: names, tokens, and the first weights; and the same net in NumPy."""

import random

import numpy as np

LETTERS = "abcdefghijklmnopqrstuvwxyz."  # the point stands at both ends of a document
BLOCK, EMBEDDING, HEADS = 16, 16, 4
NAMES = (
    "ada", "amalie", "andrea", "blaise", "carl", "daniel", "emmy", "euclid", "florence", "gottfried", "grace", "hedy",
    "hypatia", "isaac", "john", "katherine", "leonhard", "maria", "mileva", "norbert", "olga", "pierre", "rosalind",
    "sofia",
)  # fmt: skip


def documents(count):
    """Return names, each between two points."""
    return [f".{name}." for name in NAMES[:count]]


def first_weights():
    """Return the weights by name: rows of normal draws with deviation 0.08, 4,192 numbers in all."""
    draw = random.Random(42)
    shapes = {"tokens": (len(LETTERS), EMBEDDING), "positions": (BLOCK, EMBEDDING), "logits": (len(LETTERS), EMBEDDING)}
    shapes |= dict.fromkeys(("queries", "keys", "values", "mixed"), (EMBEDDING, EMBEDDING))
    shapes |= {"wider": (4 * EMBEDDING, EMBEDDING), "narrower": (EMBEDDING, 4 * EMBEDDING)}
    return {name: [[draw.gauss(0.0, 0.08) for _ in range(n)] for _ in range(m)] for name, (m, n) in shapes.items()}


def answers_of(found):
    """Return what is compared of (loss, gradient) pairs: the losses, the gradients along a direction, entries."""
    answers = []
    for value, gradient in found:
        answers += [float(value), float(direction() @ gradient), *gradient[:: len(gradient) // 50].tolist()]
    return answers


def direction():
    """Return a random direction in the space of the weights."""
    return np.random.default_rng(7).normal(size=4192)


def expected():
    """Return the first document's loss and its derivative along the direction, by NumPy and an imaginary step."""
    weights, at, moved = first_weights(), 0, {}
    for name, rows in weights.items():
        rows = np.array(rows)
        moved[name] = rows + 1e-30j * direction()[at : at + rows.size].reshape(rows.shape)
        at += rows.size
    value = numpy_loss(moved, [LETTERS.index(c) for c in documents(1)[0]])
    return [float(value.real), float(value.imag / 1e-30)]


def numpy_loss(w, tokens):
    """Return the mean surprise at each next token, all positions at once."""
    length = len(tokens) - 1
    x = numpy_norm(w["tokens"][tokens[:-1]] + w["positions"][:length])
    before, x = x, numpy_norm(x)
    q, k, v = ((x @ w[name].T).reshape(length, HEADS, -1).swapaxes(0, 1) for name in ("queries", "keys", "values"))
    weights = np.exp(q @ k.swapaxes(1, 2) / 2.0) * np.tril(np.ones((length, length)))
    heads = (weights / weights.sum(axis=2, keepdims=True)) @ v
    x = heads.swapaxes(0, 1).reshape(length, EMBEDDING) @ w["mixed"].T + before
    before, x = x, numpy_norm(x)
    wide = x @ w["wider"].T
    x = np.where(wide.real > 0, wide, 0.0) @ w["narrower"].T + before
    logits = x @ w["logits"].T
    return (np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(length), tokens[1:]]).mean()


def numpy_norm(x):
    return x * ((x * x).mean(axis=1, keepdims=True) + 1e-5) ** -0.5
