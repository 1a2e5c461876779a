"""The GPT of microgpt.py in PyTorch, eager: all positions at once, the library's own causal attention, one thread."""

from time import perf_counter

import torch
from names import EMBEDDING, HEADS, LETTERS, answers_of, documents, first_weights
from torch.nn import functional as F

DOCUMENTS = 16
REPEATS = 9

torch.set_num_threads(1)
weights = {name: torch.tensor(rows, dtype=torch.float64, requires_grad=True) for name, rows in first_weights().items()}
parameters = list(weights.values())


def rmsnorm(x):
    return x * (x.square().mean(-1, keepdim=True) + 1e-5).rsqrt()


def split(x):
    return x.view(len(x), HEADS, -1).transpose(0, 1)


def loss(tokens):
    w, length = weights, len(tokens) - 1
    x = rmsnorm(F.embedding(tokens[:-1], w["tokens"]) + w["positions"][:length])

    before, x = x, rmsnorm(x)
    q, k, v = (split(F.linear(x, w[name])) for name in ("queries", "keys", "values"))
    heads = F.scaled_dot_product_attention(q[None], k[None], v[None], is_causal=True)[0]
    x = F.linear(heads.transpose(0, 1).reshape(length, EMBEDDING), w["mixed"]) + before

    before, x = x, rmsnorm(x)
    x = F.linear(F.relu(F.linear(x, w["wider"])), w["narrower"]) + before
    return F.cross_entropy(F.linear(x, w["logits"]), tokens[1:])


def value_and_gradient(tokens):
    value = loss(tokens)
    return value, torch.autograd.grad(value, parameters)


texts = [torch.tensor([LETTERS.index(c) for c in text]) for text in documents(DOCUMENTS)]
found = [value_and_gradient(text) for text in texts]

seconds = []
for _ in range(REPEATS):
    began = perf_counter()
    found = [value_and_gradient(text) for text in texts]
    seconds.append((perf_counter() - began) / len(texts))

answers = answers_of([(value.item(), torch.cat([g.ravel() for g in slopes]).numpy()) for value, slopes in found])
