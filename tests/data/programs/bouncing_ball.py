"""A ball on a floor: an inner `while` finds the impacts, each takes some energy, and the ball may come to rest."""

import slopewise as sw


def program(height, elasticity, seconds):
    position, speed, left, bounces = height, 0.0, seconds, 0
    while True:
        impact = (speed + sw.sqrt(speed * speed + 2 * 9.81 * position)) / 9.81
        if impact > left:
            break
        left = left - impact
        speed = elasticity * (9.81 * impact - speed)
        position = 0.0
        bounces += 1
        if speed < 0.05:
            return 0.0 * height, bounces
    return position + speed * left - 9.81 / 2 * left**2, bounces


CALLS = [(2.0, 0.8, 0.5), (2.0, 0.8, 2.0), (2.0, 0.8, 2.9), (1.0, 0.2, 9.0), (2.0, 0.81, 2.0)]
