"""From start to a trained moons net in JAX, to be run as a new process: all steps in one jitted loop."""

import jax

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
from subjects import moons

POINTS = 100
STEPS = 100

subject = moons(POINTS)
x, y = jnp.asarray(subject.xs[0]), jnp.asarray(subject.ys[0])


def loss(parameters):
    w1, b1, w2, b2, w3, b3 = parameters
    h = jax.nn.relu(jax.nn.relu(x @ w1.T + b1) @ w2.T + b2)
    scores = (h @ w3.T + b3)[:, 0]
    return jax.nn.relu(1.0 - y * scores).mean() + 1e-4 * sum(jnp.sum(p * p) for p in parameters)


def step(parameters, k):
    value, slopes = jax.value_and_grad(loss)(parameters)
    return [p - (1.0 - 0.9 * k / 100) * g for p, g in zip(parameters, slopes)], value


train = jax.jit(lambda parameters: jax.lax.scan(step, parameters, jnp.arange(STEPS)))
parameters, losses = jax.block_until_ready(train([jnp.asarray(p) for p in subject.start]))
seconds = []
answers = losses[:3].tolist()
