"""The two half circles of scikit-learn's `make_moons`, drawn in the same order from numpy's global generator.

Written out here so that the benchmarks need numpy alone; a test compares it with scikit-learn bit by bit.
"""

import numpy as np
import numpy.typing as npt


def make_moons(n_samples: int, noise: float) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return points, shape `(n_samples, 2)`, and classes 0 or 1, shape `(n_samples,)`, shuffled, then disturbed.

    Args:
        n_samples: How many points, both moons together.
        noise: Standard deviation of the normal disturbance of each coordinate.
    """
    n_outer = n_samples // 2
    n_inner = n_samples - n_outer
    outer, inner = np.linspace(0, np.pi, n_outer), np.linspace(0, np.pi, n_inner)
    points = np.vstack(
        [
            np.append(np.cos(outer), 1 - np.cos(inner)),
            np.append(np.sin(outer), 1 - np.sin(inner) - 0.5),
        ]
    ).T
    classes = np.hstack([np.zeros(n_outer, dtype=np.int64), np.ones(n_inner, dtype=np.int64)])
    order = np.arange(n_samples)
    np.random.shuffle(order)
    points, classes = points[order], classes[order]
    points += np.random.normal(scale=noise, size=points.shape)
    return points, classes
