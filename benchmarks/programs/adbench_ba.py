"""ADBench's bundle adjustment: cameras, points in space, and where the cameras saw them; the residuals and their Jacobian.

A camera is 11 numbers: a rotation as axis times angle (3), a centre (3), a focal length, a principal point (2) and two
coefficients of radial distortion. One observation depends on one camera (11), one point (3) and its own weight: its two
residuals have 15 derivatives each out of 11 n + 3 m + p, and a second set of p residuals, 1 - w^2, has one each.

Source: F. Srajer, Z. Kukelova, A. Fitzgibbon, "A benchmark of selected algorithmic differentiation tools on some
problems in computer vision and machine learning", Optimization Methods and Software 33 (2018), section 2.
"""

from dataclasses import dataclass

import slopewise as sw

CAMERA, POINT = 11, 3


@dataclass
class Bundle:
    """One data file: n cameras, m points, p observations."""

    cameras: list  # n rows of 11
    points: list  # m rows of 3
    weights: list  # p
    features: list  # p rows of 2: where it was seen
    observations: list  # p pairs (camera, point)


def read_bundle(path):
    """Read a file: `n m p`, then one camera, one point, one weight and one feature, each repeated as often as needed."""
    with open(path, encoding="ascii") as file:
        words = iter(file.read().split())
    n, m, p = (int(next(words)) for _ in range(3))
    camera = [float(next(words)) for _ in range(CAMERA)]
    point = [float(next(words)) for _ in range(POINT)]
    weight = float(next(words))
    feature = [float(next(words)) for _ in range(2)]
    return Bundle(
        [list(camera) for _ in range(n)],
        [list(point) for _ in range(m)],
        [weight] * p,
        [list(feature) for _ in range(p)],
        [(i % n, i % m) for i in range(p)],
    )


def residual(camera, point, weight, feature):
    """Return the two weighted distances between where a point should be seen and where it was."""
    u, v = project(camera, point)
    return [weight * (u - feature[0]), weight * (v - feature[1])]


def weight_residual(weight):
    """Return what keeps a weight from shrinking to nothing."""
    return 1.0 - weight * weight


def project(camera, point):
    """Return where a camera sees a point: turned, divided by its depth, distorted, scaled."""
    rotation, centre, focal = camera[0:3], camera[3:6], camera[6]
    u0, v0, k1, k2 = camera[7:11]
    x, y, z = rotate(rotation, [point[i] - centre[i] for i in range(3)])
    x, y = x / z, y / z
    r2 = x * x + y * y
    distortion = 1.0 + k1 * r2 + k2 * r2 * r2
    return focal * (x * distortion) + u0, focal * (y * distortion) + v0


def rotate(rotation, v):
    """Turn a vector about an axis by the axis's length: Rodrigues' formula; near no turn at all, its first order."""
    theta2 = sum(r * r for r in rotation)
    if theta2 == 0.0:
        return [a + b for a, b in zip(v, cross(rotation, v))]
    theta = sw.sqrt(theta2)
    cosine, sine = sw.cos(theta), sw.sin(theta)
    axis = [r / theta for r in rotation]
    along = sum(a * b for a, b in zip(axis, v)) * (1.0 - cosine)
    across = cross(axis, v)
    return [v[i] * cosine + across[i] * sine + axis[i] * along for i in range(3)]


def cross(a, b):
    return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]


def flat(bundle):
    """Return all 11 n + 3 m + p parameters in the order of the Jacobian's columns."""
    return [x for rows in (bundle.cameras, bundle.points) for row in rows for x in row] + list(bundle.weights)


def residuals(bundle):
    """Return the function of all parameters that gives all 3 p residuals, in the order of the Jacobian's rows."""
    n, m = len(bundle.cameras), len(bundle.points)

    def objective(parameters):
        cameras = [parameters[CAMERA * i : CAMERA * (i + 1)] for i in range(n)]
        points = [parameters[CAMERA * n + POINT * j : CAMERA * n + POINT * (j + 1)] for j in range(m)]
        weights = parameters[CAMERA * n + POINT * m :]
        found = []
        for (i, j), w, feature in zip(bundle.observations, weights, bundle.features):
            found += residual(cameras[i], points[j], w, feature)
        return found + [weight_residual(w) for w in weights]

    return objective
