"""The Jacobians of a bundle's observations in JAX: one observation, differentiated backwards, vmap, jit."""

from time import perf_counter

import jax
import numpy as np

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
from adbench_data import bundle, jacobian_entries

OBSERVATIONS = 31_843
REPEATS = 9


def residual(x, feature):
    rotation, centre, focal, principal, k, point, weight = (
        x[:3], x[3:6], x[6], x[7:9], x[9:11], x[11:14], x[14],
    )  # fmt: skip
    moved = point - centre
    theta = jnp.sqrt(jnp.sum(rotation * rotation))
    axis = rotation / theta
    turned = (
        moved * jnp.cos(theta)
        + jnp.cross(axis, moved) * jnp.sin(theta)
        + axis * (jnp.dot(axis, moved) * (1.0 - jnp.cos(theta)))
    )
    seen = turned[:2] / turned[2]
    r2 = jnp.sum(seen * seen)
    return weight * (focal * seen * (1.0 + k[0] * r2 + k[1] * r2 * r2) + principal - feature)


@jax.jit
def jacobian(cameras, points, weights, features, seen):
    inputs = jnp.hstack([cameras[seen[:, 0]], points[seen[:, 1]], weights[:, None]])
    return jax.vmap(jax.jacrev(residual))(inputs, features)


data = [jnp.asarray(one) for one in bundle(OBSERVATIONS)]
found = jax.block_until_ready(jacobian(*data))
seconds = []
for _ in range(REPEATS):
    began = perf_counter()
    found = jax.block_until_ready(jacobian(*data))
    seconds.append((perf_counter() - began) / OBSERVATIONS)
answers = jacobian_entries(np.asarray(found))
