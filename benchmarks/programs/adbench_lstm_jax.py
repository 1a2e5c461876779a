"""The LSTM's loss in JAX: a scan over the text, jit."""

from time import perf_counter

import jax

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
from adbench_data import entries, text
from jax import lax

SIZES = (2, 1024, 14)
REPEATS = 5
UNROLL = 1

layers, count, bits = SIZES
main, extra_weights, state, characters = map(jnp.asarray, text(*SIZES))


def mean_loss(main, extra):
    gates = main.reshape(layers, 2, 4, bits)

    def read(memory, now_and_after):
        now, after = now_and_after
        x = now * extra[0]
        kept = []
        for (weights, biases), (hidden, cell) in zip(gates, memory):
            forget = jax.nn.sigmoid(x * weights[0] + biases[0])
            ingate = jax.nn.sigmoid(hidden * weights[1] + biases[1])
            outgate = jax.nn.sigmoid(x * weights[2] + biases[2])
            change = jnp.tanh(hidden * weights[3] + biases[3])
            cell = cell * forget + ingate * change
            x = outgate * jnp.tanh(cell)
            kept.append(jnp.stack([x, cell]))
        guess = x * extra[1] + extra[2]
        return jnp.stack(kept), jnp.dot(after, guess - jnp.log(jnp.sum(jnp.exp(guess)) + 2.0))

    memory = state.reshape(layers, 2, bits)
    _, gains = lax.scan(read, memory, (characters[:-1], characters[1:]), unroll=UNROLL)
    return -jnp.sum(gains) / ((count - 1) * bits)


both = jax.jit(jax.value_and_grad(mean_loss, (0, 1)))
value, gradient = jax.block_until_ready(both(main, extra_weights))
seconds = []
for _ in range(REPEATS):
    began = perf_counter()
    value, gradient = jax.block_until_ready(both(main, extra_weights))
    seconds.append(perf_counter() - began)
answers = entries(value, gradient)
