"""Random data of the sizes that ADBench measures, and what NumPy makes of it."""

import numpy as np
from adbench_gmm import wishart_constant

# ADBench's smallest bundle: 49 cameras, 7,776 points, 31,843 observations. Here every camera and point differs.
CAMERAS, POINTS, OBSERVATIONS = 49, 7_776, 31_843


def bundle(observations=OBSERVATIONS):
    """Return cameras (n, 11), points (m, 3), weights (p,), features (p, 2), and who saw what (p, 2)."""
    draw = np.random.default_rng(1337)
    cameras = np.hstack(
        [
            0.3 * draw.normal(size=(CAMERAS, 3)),
            draw.normal(size=(CAMERAS, 3)) - [0.0, 0.0, 8.0],
            draw.uniform(500.0, 900.0, size=(CAMERAS, 1)),
            draw.normal(size=(CAMERAS, 2)),
            0.01 * draw.normal(size=(CAMERAS, 2)),
        ]
    )
    seen = np.arange(observations)
    return (
        cameras,
        draw.normal(size=(POINTS, 3)),
        draw.uniform(0.5, 1.5, size=observations),
        10.0 * draw.normal(size=(observations, 2)),
        np.stack([seen % CAMERAS, seen % POINTS], axis=1),
    )


def residuals(camera, point, weight, feature):
    """Return the residuals of many observations at once, shape (p, 2), in NumPy; complex numbers will do."""
    rotation, moved = camera[:, :3], point - camera[:, 3:6]
    theta = np.sqrt((rotation * rotation).sum(axis=1, keepdims=True))
    axis = rotation / theta
    along = (axis * moved).sum(axis=1, keepdims=True) * (1.0 - np.cos(theta))
    turned = moved * np.cos(theta) + np.cross(axis, moved) * np.sin(theta) + axis * along
    seen = turned[:, :2] / turned[:, 2:]
    r2 = (seen * seen).sum(axis=1, keepdims=True)
    seen = seen * (1.0 + camera[:, 9:10] * r2 + camera[:, 10:11] * r2 * r2)
    return weight[:, None] * (camera[:, 6:7] * seen + camera[:, 7:9] - feature)


def jacobian_entries(jacobian):
    """Return what is compared of a Jacobian (p, 2, 15): sums over all observations, and the first ones in full."""
    mixed = np.random.default_rng(7).normal(size=len(jacobian)) @ jacobian.reshape(len(jacobian), 30)
    return [*mixed.tolist(), *jacobian[:5].ravel().tolist()]


def jacobian_expected(data):
    """Return the same from NumPy, by steps along the imaginary axis."""
    cameras, points, weights, features, seen = data
    inputs = np.hstack([cameras[seen[:, 0]], points[seen[:, 1]], weights[:, None]]).astype(complex)
    jacobian = np.empty((len(inputs), 2, 15))
    for at in range(15):
        moved = inputs.copy()
        moved[:, at] += 1e-30j
        found = residuals(moved[:, :11], moved[:, 11:14], moved[:, 14], features)
        jacobian[:, :, at] = found.imag / 1e-30
    return jacobian_entries(jacobian)


def mixture(d, K, n):
    """Return alphas (K,), means (K, d), factors (K, d + d(d-1)/2), points (n, d), and the prior's gamma and m."""
    draw = np.random.default_rng(1337)
    return (
        draw.normal(size=K),
        draw.uniform(size=(K, d)),
        0.3 * draw.normal(size=(K, d * (d + 1) // 2)),
        draw.uniform(size=(n, d)),
        1.0,
        0,
    )


def text(l, c, b):
    """Return main (2 l, 4 b), extra (3, b), state (2 l, b) and characters (c, b) of zeros and ones."""
    draw = np.random.default_rng(1337)
    return (
        draw.uniform(-1.0, 1.0, size=(2 * l, 4 * b)),
        draw.uniform(-1.0, 1.0, size=(3, b)),
        draw.uniform(-1.0, 1.0, size=(2 * l, b)),
        draw.integers(2, size=(c, b)).astype(float),
    )


def entries(value, gradient):
    """Return what is compared of a value and its gradient, a list of arrays."""
    flat = np.concatenate([np.asarray(g, dtype=float).ravel() for g in gradient])
    along = float(np.random.default_rng(7).normal(size=len(flat)) @ flat)
    return [float(value), along, *flat[:: max(1, len(flat) // 50)].tolist()]


def expected_of(loss, arrays):
    """Return a loss and its derivative along the direction of `entries`, by an imaginary step."""
    draw, moved = np.random.default_rng(7), []
    flat = draw.normal(size=sum(a.size for a in arrays))
    for a in arrays:
        moved.append(a + 1e-30j * flat[: a.size].reshape(a.shape))
        flat = flat[a.size :]
    value = loss(*moved)
    return [float(value.real), float(value.imag / 1e-30)]


def mixture_expected(sizes):
    """Return the mixture's log-likelihood and its derivative along a direction, by NumPy."""
    d, K, n = sizes
    alphas, means, factors, points, gamma, m = mixture(*sizes)
    columns, rows = np.triu_indices(d, 1)
    constant = -0.5 * n * d * np.log(2.0 * np.pi) + wishart_constant(gamma, m, d, K)

    def loss(alphas, means, factors):
        diagonals, terms = np.exp(factors[:, :d]), []
        for k in range(K):
            shape = np.diag(diagonals[k])
            shape[rows, columns] = factors[k, d:]
            images = (points - means[k]) @ shape.T
            terms.append(alphas[k] + factors[k, :d].sum() - 0.5 * (images * images).sum(axis=1))
        prior = 0.5 * gamma**2 * ((diagonals**2).sum() + (factors[:, d:] ** 2).sum()) - m * factors[:, :d].sum()
        total = np.log(np.exp(np.array(terms)).sum(axis=0)).sum()
        return constant + total - n * np.log(np.exp(alphas).sum()) + prior

    return expected_of(loss, [alphas, means, factors])


def text_expected(sizes):
    """Return the LSTM's loss and its derivative along a direction, by NumPy."""
    layers, count, bits = sizes
    main, extra, state, characters = text(*sizes)
    sigmoid = lambda x: 1.0 / (1.0 + np.exp(-x))

    def loss(main, extra):
        gates = main.reshape(layers, 2, 4, bits)
        hidden, cell = list(state[0::2].astype(complex)), list(state[1::2].astype(complex))
        total = 0.0
        for now, after in zip(characters, characters[1:]):
            x = now * extra[0]
            for i, (w, c) in enumerate(gates):
                change = np.tanh(hidden[i] * w[3] + c[3])
                cell[i] = cell[i] * sigmoid(x * w[0] + c[0]) + sigmoid(hidden[i] * w[1] + c[1]) * change
                x = hidden[i] = sigmoid(x * w[2] + c[2]) * np.tanh(cell[i])
            guess = x * extra[1] + extra[2]
            total = total + (after * (guess - np.log(np.exp(guess).sum() + 2.0))).sum()
        return -total / ((count - 1) * bits)

    return expected_of(loss, [main, extra])
