"""Lotka and Volterra's equations by Runge and Kutta's method, state and rates in dataclasses, the step count an int."""

from dataclasses import dataclass


@dataclass
class State:
    prey: object
    predators: object

    def __add__(self, other):
        return State(self.prey + other.prey, self.predators + other.predators)

    def __mul__(self, factor):
        return State(self.prey * factor, self.predators * factor)


@dataclass
class Rates:
    birth: object
    hunt: object
    feed: object
    death: object


def program(state, rates, duration, steps):
    def slope(s):
        meetings = s.prey * s.predators
        return State(
            rates.birth * s.prey - rates.hunt * meetings, rates.feed * meetings - rates.death * s.predators
        )

    h = duration / steps
    for _ in range(steps):
        k1 = slope(state)
        k2 = slope(state + k1 * (0.5 * h))
        k3 = slope(state + k2 * (0.5 * h))
        k4 = slope(state + k3 * h)
        state = state + (k1 + k2 * 2 + k3 * 2 + k4) * (h / 6)
    return state.prey * state.predators, state


START, RATES = State(10.0, 5.0), Rates(1.1, 0.4, 0.1, 0.4)
CALLS = [(START, RATES, 1.0, 6), (State(3.0, 1.0), RATES, 0.5, 6), (START, RATES, 1.0, 4)]
