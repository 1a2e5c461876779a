"""The training rows in JAX as its users write it: arrays, jit, buffers donated.

LOOP: all steps in one jitted `lax.scan`. STEP: one jitted step, called from Python.
"""

from functools import partial
from time import perf_counter

import jax
import numpy as np

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
from jax import lax
from subjects import answers_of, digits, expected_of

SUBJECT = digits((64, 64, 10), 1797)
FORM = "LOOP"
LOSS = "dense_loss"
DTYPE = "float64"
STEPS = 4
REPEATS = 3
UNROLL = 5


def dense(parameters, x):
    for at in range(0, len(parameters), 2):
        x = x @ parameters[at].T + parameters[at + 1]
        if at + 2 < len(parameters):
            x = jax.nn.relu(x)
    return x


def hinge_loss(parameters, xs, ys):
    scores = dense(parameters, xs)[:, 0]
    return jax.nn.relu(1.0 - ys * scores).mean() + 1e-4 * sum(jnp.sum(p * p) for p in parameters)


def squares_loss(parameters, xs, ys):
    for at in range(0, len(parameters), 2):
        xs = jnp.tanh(xs @ parameters[at].T + parameters[at + 1])
    return ((xs[:, 0] - ys) ** 2).sum()


def cross_entropy(logits, ys):
    picked = jnp.take_along_axis(logits, ys[:, None], axis=1)[:, 0]
    return (jax.nn.logsumexp(logits, axis=1) - picked).mean()


def dense_loss(parameters, xs, ys):
    return cross_entropy(dense(parameters, xs), ys)


def convolution_loss(parameters, xs, ys):
    # One product of all windows: 1.5 times as fast here as lax.conv.
    kernels, biases, *rest = parameters
    windows = jnp.stack([xs[:, a : a + 6, b : b + 6] for a in range(3) for b in range(3)], axis=-1)
    maps = windows.reshape(-1, 9) @ kernels.reshape(-1, 9).T + biases
    maps = jax.nn.relu(maps).reshape(len(xs), 6, 6, -1).transpose(0, 3, 1, 2)
    rows, filters = maps.shape[:2]
    largest = maps.reshape(rows, filters, 3, 2, 3, 2).max(axis=(3, 5)).reshape(rows, -1)
    return cross_entropy(dense(rest, largest), ys)


def recurrent_loss(parameters, xs, ys):
    from_input, from_state, biases, *out = parameters
    inputs = jnp.swapaxes(xs @ from_input.T + biases, 0, 1)
    state, _ = lax.scan(
        lambda state, x: (jnp.tanh(x + state @ from_state.T), None),
        jnp.zeros(inputs.shape[1:], xs.dtype),
        inputs,
        unroll=UNROLL,
    )
    return jnp.mean((dense(out, state)[:, 0] - ys) ** 2)


loss = globals()[LOSS]
xs = jnp.asarray(SUBJECT.xs, DTYPE)
ys = jnp.asarray(SUBJECT.ys, None if SUBJECT.ys.dtype == np.int64 else DTYPE)
first, slope = SUBJECT.rate


def step(parameters, k, x, y):
    value, slopes = jax.value_and_grad(loss)(parameters, x, y)
    rate = jnp.asarray(first + slope * k, DTYPE)
    return [p - rate * g for p, g in zip(parameters, slopes)], value


@partial(jax.jit, donate_argnums=0)
def loop(parameters):
    return lax.scan(lambda p, k: step(p, k, xs[k % len(xs)], ys[k % len(xs)]), parameters, jnp.arange(STEPS))


step_once = jax.jit(step, donate_argnums=0)
batches = [(jnp.copy(x), jnp.copy(y)) for x, y in zip(xs, ys)]


def steps_one_by_one(parameters):
    losses = []
    for k in range(STEPS):
        parameters, value = step_once(parameters, k, *batches[k % len(batches)])
        losses.append(value)
    return parameters, losses


def start():
    return [jax.block_until_ready(jnp.array(p, DTYPE)) for p in SUBJECT.start]


train = loop if FORM == "LOOP" else steps_one_by_one
jax.block_until_ready(train(start()))
seconds = []
for _ in range(REPEATS):
    parameters = start()
    began = perf_counter()
    parameters, losses = jax.block_until_ready(train(parameters))
    seconds.append((perf_counter() - began) / STEPS)

value, slopes = jax.jit(jax.value_and_grad(loss))(start(), xs[0], ys[0])
answers = answers_of(SUBJECT, value, slopes, losses[:3])
expected = expected_of(SUBJECT)
