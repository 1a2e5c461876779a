"""The same in JAX as its users write it: array arithmetic, double precision, jit; the array stays on JAX's device."""

from time import perf_counter

import jax
import numpy as np

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp

DIMENSIONS = 100
CALLS = 500
REPEATS = 15


def rosenbrock(x):
    return jnp.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


value_and_gradient = jax.jit(jax.value_and_grad(rosenbrock))
start = jnp.asarray(np.tile([-1.2, 1.0], DIMENSIONS // 2))
jax.block_until_ready(value_and_gradient(start))

seconds = []
for _ in range(REPEATS):
    began = perf_counter()
    for _ in range(CALLS):
        value, gradient = value_and_gradient(start)
        gradient.block_until_ready()
    seconds.append((perf_counter() - began) / CALLS)
answers = [float(value), *gradient.tolist()]
