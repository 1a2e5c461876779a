"""A two-link arm: which angles put its hand where it should be? Inverse kinematics by Newton's method on a Jacobian.

    python examples/robot_arm.py

The arm is four lines of trigonometry. `sw.jacobian` says how the hand moves with each joint; solving for the joints is
Newton's method. There is a formula as well, by the law of cosines, to check against.
"""

import math

import numpy as np

import slopewise as sw

UPPER, FOREARM = 1.0, 0.8


def hand(angles):
    """Return where the hand is, with the shoulder at (0, 0): angles of the shoulder, and of the elbow against it."""
    shoulder, elbow = angles
    x = UPPER * sw.cos(shoulder) + FOREARM * sw.cos(shoulder + elbow)
    y = UPPER * sw.sin(shoulder) + FOREARM * sw.sin(shoulder + elbow)
    return np.array([x, y])


jacobian = sw.jacobian(hand)
position = sw.compile(hand)


def reach(target, angles, tolerance=1e-12, damping=0.0, steps=100):
    """Return angles that put the hand at the target, and every error on the way.

    With damping the joints move less where the Jacobian says little, so that a target out of reach is approached.
    """
    errors = []
    for _ in range(steps):
        miss = target - position(angles)
        errors.append(float(np.linalg.norm(miss)))
        if errors[-1] < tolerance:
            break
        J = jacobian(angles)
        angles = angles + J.T @ np.linalg.solve(J @ J.T + damping**2 * np.eye(2), miss)
    return angles, errors


def by_formula(target, elbow_up=False):
    """Return the angles by the law of cosines."""
    x, y = target
    cosine = (x * x + y * y - UPPER**2 - FOREARM**2) / (2 * UPPER * FOREARM)
    elbow = math.acos(cosine) * (-1 if elbow_up else 1)
    shoulder = math.atan2(y, x) - math.atan2(FOREARM * math.sin(elbow), UPPER + FOREARM * math.cos(elbow))
    return np.array([shoulder, elbow])


def degrees(angles):
    return ", ".join(f"{math.degrees(a):.6f}°" for a in angles)


def main():
    target = np.array([1.2, 0.7])
    print(f"The hand should be at ({target[0]}, {target[1]}); links of {UPPER} and {FOREARM}.")
    for name, start, elbow_up in (("down", [0.2, 0.8], False), ("up", [1.0, -0.8], True)):
        angles, errors = reach(target, np.array(start))
        print(f"\nelbow {name}, from {degrees(start)}")
        print("  the hand misses by", ", ".join(f"{e:.0e}" for e in errors))
        print("  angles    ", degrees(angles))
        print("  by formula", degrees(by_formula(target, elbow_up)))

    print("\nHow the hand moves with each joint, and how far from being stuck the arm is:")
    for elbow in (1.5, 0.5, 0.0):
        J = jacobian(np.array([0.3, elbow]))
        rows = "; ".join(" ".join(f"{entry:7.4f}" for entry in row) for row in J)
        print(f"  elbow {elbow:3}: [{rows}], determinant {np.linalg.det(J):.4f} = sin(elbow) · {UPPER * FOREARM}")

    far = np.array([1.5, 1.5])
    angles, _ = reach(far, np.array([0.2, 0.8]), damping=0.3, steps=400)
    x, y = position(angles)
    print(f"\n({far[0]}, {far[1]}) is out of reach. Damped, the arm stretches towards it: ({x:.6f}, {y:.6f}),")
    print(f"{math.hypot(x, y):.6f} away from the shoulder, in the direction of {math.degrees(math.atan2(y, x)):.4f}°.")

    print("\nA circle drawn by the hand, each point from the angles of the one before:")
    angles, most, worst = by_formula((1.2, 0.0)), 0, 0.0
    for k in range(361):
        turn = math.radians(k)
        angles, errors = reach(np.array([0.9 + 0.3 * math.cos(turn), 0.3 * math.sin(turn)]), angles)
        most, worst = max(most, len(errors) - 1), max(worst, errors[-1])
    print(f"  361 points, at most {most} steps for each, the hand never more than {worst:.0e} off")


if __name__ == "__main__":
    main()
