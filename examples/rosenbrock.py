"""Rosenbrock's valley: gradient, Hessian, and the way to the minimum, in two dimensions and in a hundred.

    python examples/rosenbrock.py

The function is plain Python arithmetic. Its minimum is 0 at (1, 1, …, 1), at the end of a bent valley with steep sides
in which walking downhill hardly gets on; methods that know the curvature do.
"""

from itertools import pairwise

import numpy as np

import slopewise as sw


def rosenbrock(x):
    total = 0.0
    for a, b in pairwise(x):
        total = total + 100.0 * (b - a**2) ** 2 + (1.0 - a) ** 2
    return total


def downhill(start, rate, steps):
    """Walk against the gradient."""
    value_and_gradient = sw.value_and_grad(rosenbrock)
    x = np.array(start)
    for _ in range(steps):
        _, gradient = value_and_gradient(x)
        x = x - rate * gradient
    return x


def newton(start, tolerance=1e-10):
    """Jump to where the gradient would be zero if the Hessian stayed as it is; return every point on the way."""
    gradient, hessian = sw.grad(rosenbrock), sw.hessian(rosenbrock)
    path = [np.array(start)]
    while np.linalg.norm(slope := gradient(path[-1])) > tolerance:
        path.append(path[-1] - np.linalg.solve(hessian(path[-1]), slope))
    return path


def main():
    start = np.array([-1.2, 1.0])
    value, gradient = sw.value_and_grad(rosenbrock)(start)
    print(f"At (-1.2, 1) the value is {value:.12g} and the gradient ({gradient[0]:.12g}, {gradient[1]:.12g}).")
    print("The Hessian there:")
    for row in sw.hessian(rosenbrock)(start):
        print("   ", " ".join(f"{entry:8.12g}" for entry in row))

    print("\nDownhill at rate 0.001, which is about as much as the steep sides allow:")
    for steps in (100, 1_000, 10_000):
        x = downhill(start, 0.001, steps)
        print(f"  after {steps:>6,} steps at ({x[0]:.6f}, {x[1]:.6f})")

    print("\nNewton's method, a linear system of the Hessian at each step:")
    value_at = sw.compile(rosenbrock)
    for number, x in enumerate(newton(start)):
        print(f"  step {number}: ({x[0]:.12f}, {x[1]:.12f}), value {value_at(x):.3e}")

    print("\nA hundred dimensions. No variable meets more than its neighbours, so the Hessian is almost empty:")
    many = np.tile(start, 50)
    sparse = sw.hessian(rosenbrock, sparse=True)(many)
    print(f"  {sparse.nnz:,} of {many.size**2:,} entries can differ from zero")
    found = sw.minimize(rosenbrock, many, tolerance=1e-9)
    print(f"  sw.minimize ends at a value of {found.value:.1e}")
    print(f"  and its point is at most {np.max(np.abs(found.x - 1.0)):.1e} away from (1, …, 1)")


if __name__ == "__main__":
    main()
