"""A damped oscillator: its parameters found from noisy measurements, through a Runge-Kutta integration.

    python examples/oscillator.py

The model is a loop that integrates x'' + 2 ζ ω x' + ω² x = 0. Nothing in it knows about derivatives: `sw.least_squares`
differentiates through all its steps, and gives standard errors with the estimates.
"""

import math
import random

import slopewise as sw

TIMES = [0.25 * k for k in range(1, 41)]
SUBSTEPS = 5
BOUNDS = [(0.0, 10.0), (0.0, 0.999), (-10.0, 10.0), (-10.0, 10.0)]


def simulate(omega, zeta, x, v, times, substeps=SUBSTEPS):
    """Return the positions at the times by Runge and Kutta's method, from a position and a speed at 0."""

    def slope(x, v):
        return v, -2.0 * zeta * omega * v - omega**2 * x

    positions, now = [], 0.0
    for time in times:
        h = (time - now) / substeps
        for _ in range(substeps):
            a1, b1 = slope(x, v)
            a2, b2 = slope(x + h / 2 * a1, v + h / 2 * b1)
            a3, b3 = slope(x + h / 2 * a2, v + h / 2 * b2)
            a4, b4 = slope(x + h * a3, v + h * b3)
            x = x + h / 6 * (a1 + 2 * a2 + 2 * a3 + a4)
            v = v + h / 6 * (b1 + 2 * b2 + 2 * b3 + b4)
        positions.append(x)
        now = time
    return positions


def exact(omega, zeta, x, v, times):
    """Return the positions by the formula, for a damping below 1."""
    damped = omega * math.sqrt(1 - zeta**2)
    sine = (v + zeta * omega * x) / damped
    return [math.exp(-zeta * omega * t) * (x * math.cos(damped * t) + sine * math.sin(damped * t)) for t in times]


def measurements(omega, zeta, x, v, noise, seed=0):
    """Return what an instrument with normal noise would have seen."""
    draw = random.Random(seed)
    return [position + draw.gauss(0.0, noise) for position in exact(omega, zeta, x, v, TIMES)]


def fit(measured, start, bounds=None):
    """Return the estimates of ω, ζ, x and v, and what belongs to them."""

    def residuals(omega, zeta, x, v):
        return [p - m for p, m in zip(simulate(omega, zeta, x, v, TIMES), measured, strict=True)]

    return sw.least_squares(residuals, start, bounds=bounds)


def main():
    truth, noise = (2.0, 0.1, 1.0, 0.0), 0.05
    off = max(abs(a - b) for a, b in zip(simulate(*truth, TIMES), exact(*truth, TIMES), strict=True))
    print(f"Runge-Kutta with {SUBSTEPS} steps between measurements is at most {off:.1e} away from the formula.")

    measured = measurements(*truth, noise)
    found = fit(measured, (1.5, 0.3, 0.5, 0.5), BOUNDS)
    print(f"\n{len(measured)} measurements with noise {noise}, fitted from a start far away:")
    print(f"{'':<10} {'truth':>8} {'estimate':>10} {'std. error':>11}")
    for name, true, estimate, error in zip("ωζxv", truth, found.x, found.standard_errors, strict=True):
        print(f"{name:<10} {true:>8.4f} {estimate:>10.6f} {error:>11.6f}")

    # How the last position depends on each parameter: one gradient through 200 integration steps.
    last = sw.value_and_grad(lambda *parameters: simulate(*parameters, TIMES)[-1], wrt=(0, 1, 2, 3))
    position, slopes = last(*truth)
    print(f"\nx({TIMES[-1]:g}) = {position:.6f}; its slopes by ω, ζ, x, v:", ", ".join(f"{s:.6f}" for s in slopes))


if __name__ == "__main__":
    main()
