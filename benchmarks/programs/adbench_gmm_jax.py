"""The mixture's log-likelihood in JAX: all points and Gaussians at once, jit."""

import math
from time import perf_counter

import jax
import numpy as np

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
from adbench_data import entries, mixture
from adbench_gmm import wishart_constant

SIZES = (10, 25, 1_000)
REPEATS = 5

d, K, n = SIZES
*numbers, gamma, m = mixture(*SIZES)
alphas, means, factors, points = map(jnp.asarray, numbers)
columns, rows = np.triu_indices(d, 1)  # the strict lower triangle, column by column
constant = -0.5 * n * d * math.log(2.0 * math.pi) + wishart_constant(gamma, m, d, K)


def log_likelihood(alphas, means, factors):
    sums_of_q = factors[:, :d].sum(axis=1)
    diagonals = jnp.exp(factors[:, :d])
    shapes = jnp.zeros((K, d, d)).at[:, rows, columns].set(factors[:, d:]) + jax.vmap(jnp.diag)(diagonals)
    images = jnp.einsum("kij,nkj->nki", shapes, points[:, None] - means)
    terms = alphas + sums_of_q - 0.5 * jnp.sum(images * images, axis=2)
    frobenius = jnp.sum(diagonals**2) + jnp.sum(factors[:, d:] ** 2)
    prior = 0.5 * gamma**2 * frobenius - m * jnp.sum(sums_of_q)
    total = jnp.sum(jax.nn.logsumexp(terms, axis=1))
    return constant + total - n * jax.nn.logsumexp(alphas) + prior


both = jax.jit(jax.value_and_grad(log_likelihood, (0, 1, 2)))
value, gradient = jax.block_until_ready(both(alphas, means, factors))
seconds = []
for _ in range(REPEATS):
    began = perf_counter()
    value, gradient = jax.block_until_ready(both(alphas, means, factors))
    seconds.append(perf_counter() - began)
answers = entries(value, gradient)
