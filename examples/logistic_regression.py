"""Logistic regression on the half moons: fitted by Newton's method, with standard errors from the Hessian.

    python examples/logistic_regression.py

The likelihood is written for one sample; `sw.batched` takes functions of one sample over all of them, and `sw.grad` and
`sw.hessian` do the rest.
"""

import math

import numpy as np

import slopewise as sw
from slopewise.data import moons

table = moons()
points, labels = np.array(table.points("x", "y")), np.array(table.column("label"))


def margin(weights, point):
    """How sure the model is that the label is 1: positive on one side of a line, negative on the other."""
    bias, *slopes = weights
    return bias + sw.dot(slopes, point)


def sample_loss(weights, point, label):
    """Minus the log-probability of one label, which is 1 or -1."""
    return sw.softplus(-label * margin(weights, point))


def loss(weights):
    """Minus the log-likelihood of all samples."""
    return sw.sum(sample_loss(weights, point, label) for point, label in zip(points, labels, strict=True))


def fit(weights, tolerance=1e-10):
    """Return the weights that make the loss smallest, and the losses on the way, by Newton's method."""
    value_and_gradient, hessian = sw.value_and_grad(loss), sw.hessian(loss)
    losses = []
    while True:
        value, gradient = value_and_gradient(weights)
        losses.append(value)
        if np.linalg.norm(gradient) < tolerance:
            return weights, losses
        weights = weights - np.linalg.solve(hessian(weights), gradient)


def main():
    weights, losses = fit(np.zeros(3))
    for step, value in enumerate(losses):
        print(f"step {step}: loss {value:.12f}")

    information = sw.hessian(loss)(weights)
    covariance = np.linalg.inv(information)
    errors = np.sqrt(np.diag(covariance))
    print(f"\n{'':<6} {'estimate':>12} {'std. error':>12} {'z':>8} {'p':>9}")
    for name, weight, error in zip(("bias", "x", "y"), weights, errors, strict=True):
        z = weight / error
        print(f"{name:<6} {weight:>12.8f} {error:>12.8f} {z:>8.3f} {math.erfc(abs(z) / math.sqrt(2)):>9.2g}")

    margins = sw.batched(margin, shared="weights")(weights, points)
    right = np.mean((margins > 0) == (labels > 0))
    print(f"\n{right:.0%} of the points lie on their side of the line")

    # One gradient per sample: how much each would like to change the fit. At the minimum they cancel.
    of_samples = sw.batched(sw.grad(sample_loss), shared="weights")(weights, points, labels)
    pull = np.linalg.norm(of_samples, axis=1)
    loudest = int(np.argmax(pull))
    print(f"the samples' {len(of_samples)} gradients add up to {np.linalg.norm(of_samples.sum(axis=0)):.0e}")
    print(f"the loudest is that of point {loudest} at ({points[loudest, 0]:.3f}, {points[loudest, 1]:.3f})")

    # The sandwich: errors that stay right when the model is not.
    sandwich = covariance @ (of_samples.T @ of_samples) @ covariance
    print("errors without trusting the model:", ", ".join(f"{e:.6f}" for e in np.sqrt(np.diag(sandwich))))


if __name__ == "__main__":
    main()
