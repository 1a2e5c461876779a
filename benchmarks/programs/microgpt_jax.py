"""The GPT of microgpt.py in JAX: all positions at once, causal attention, one jitted function for each length."""

from time import perf_counter

import jax
import numpy as np

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
from names import HEADS, LETTERS, answers_of, documents, first_weights

DOCUMENTS = 16
REPEATS = 9

weights = {name: jnp.array(rows) for name, rows in first_weights().items()}


def rmsnorm(x):
    return x * (jnp.mean(x * x, axis=-1, keepdims=True) + 1e-5) ** -0.5


def split(x):
    return x.reshape(len(x), HEADS, -1).transpose(1, 0, 2)


def loss(w, tokens):
    length = len(tokens) - 1
    x = rmsnorm(w["tokens"][tokens[:-1]] + w["positions"][:length])

    before, x = x, rmsnorm(x)
    q, k, v = (split(x @ w[name].T) for name in ("queries", "keys", "values"))
    scores = q @ k.transpose(0, 2, 1) / q.shape[-1] ** 0.5
    scores = jnp.where(jnp.tril(jnp.ones((length, length), bool)), scores, -jnp.inf)
    heads = (jax.nn.softmax(scores) @ v).transpose(1, 0, 2).reshape(length, -1)
    x = heads @ w["mixed"].T + before

    before, x = x, rmsnorm(x)
    x = jax.nn.relu(x @ w["wider"].T) @ w["narrower"].T + before
    chances = jax.nn.log_softmax(x @ w["logits"].T)
    return -jnp.mean(jnp.take_along_axis(chances, tokens[1:, None], axis=1))


value_and_gradient = jax.jit(jax.value_and_grad(loss))
texts = [jnp.array([LETTERS.index(c) for c in text]) for text in documents(DOCUMENTS)]
found = jax.block_until_ready([value_and_gradient(weights, text) for text in texts])

seconds = []
for _ in range(REPEATS):
    began = perf_counter()
    found = [jax.block_until_ready(value_and_gradient(weights, text)) for text in texts]
    seconds.append((perf_counter() - began) / len(texts))

answers = answers_of(
    [(value, np.concatenate([np.asarray(slopes[name]).ravel() for name in weights])) for value, slopes in found]
)
