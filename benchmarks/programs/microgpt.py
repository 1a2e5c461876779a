"""A GPT of 4,192 parameters in scalars, after the description of Karpathy's microgpt: loss and gradients of a document.

One layer, four heads, sixteen numbers a token, sixteen positions; RMS norm without parameters, relu, no biases. The
tokens are letters and one mark for both ends; the loss is the mean surprise at each next token. Every document is
taken in turn.
"""

from time import perf_counter

import slopewise as sw
from names import BLOCK, EMBEDDING, HEADS, LETTERS, answers_of, documents, expected, first_weights
from slopewise import Value

DOCUMENTS = 16
REPEATS = 9

size = EMBEDDING // HEADS
weights = {name: [[Value(x) for x in row] for row in rows] for name, rows in first_weights().items()}
parameters = [p for rows in weights.values() for row in rows for p in row]


def linear(x, w):
    return [sum(wi * xi for wi, xi in zip(row, x)) for row in w]


def softmax(logits):
    highest = max(v.data for v in logits)
    exps = [(v - highest).exp() for v in logits]
    total = sum(exps)
    return [e / total for e in exps]


def rmsnorm(x):
    mean_square = sum(xi * xi for xi in x) / len(x)
    scale = (mean_square + 1e-5) ** -0.5
    return [xi * scale for xi in x]


def gpt(token, position, keys, values):
    """Return a logit for each possible next token; keys and values remember the positions before."""
    x = [t + p for t, p in zip(weights["tokens"][token], weights["positions"][position])]
    x = rmsnorm(x)

    before, x = x, rmsnorm(x)
    q = linear(x, weights["queries"])
    keys.append(linear(x, weights["keys"]))
    values.append(linear(x, weights["values"]))
    heads = []
    for head in range(HEADS):
        own = slice(head * size, (head + 1) * size)
        scores = [sum(a * b for a, b in zip(q[own], k[own])) / size**0.5 for k in keys]
        attention = softmax(scores)
        heads += [sum(a * v[own][j] for a, v in zip(attention, values)) for j in range(size)]
    x = [a + b for a, b in zip(linear(heads, weights["mixed"]), before)]

    before, x = x, rmsnorm(x)
    x = [h.relu() for h in linear(x, weights["wider"])]
    x = [a + b for a, b in zip(linear(x, weights["narrower"]), before)]
    return linear(x, weights["logits"])


def loss(tokens):
    keys, values, losses = [], [], []
    for position in range(min(BLOCK, len(tokens) - 1)):
        chances = softmax(gpt(tokens[position], position, keys, values))
        losses.append(-chances[tokens[position + 1]].log())
    return (1 / len(losses)) * sum(losses)


compiled = sw.compile(loss, parameters=parameters)
value_and_gradient = compiled.numpy.value_and_gradient
numbers = compiled.numpy.start
texts = [[LETTERS.index(c) for c in text] for text in documents(DOCUMENTS)]
began = perf_counter()
found = [value_and_gradient(numbers, text) for text in texts]
extra = {"first_s": perf_counter() - began}

seconds = []
for _ in range(REPEATS):
    began = perf_counter()
    found = [value_and_gradient(numbers, text) for text in texts]
    seconds.append((perf_counter() - began) / len(texts))

answers = answers_of(found)
expected = expected()
