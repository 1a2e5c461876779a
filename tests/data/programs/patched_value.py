"""Methods that the user puts on `Value` and on a class of its own below it, as notebooks do."""

import math

from slopewise import Value


def softsign(self):
    out = Value(self.data / (1 + abs(self.data)), (self,), "softsign")

    def _backward():
        self.grad += out.grad / (1 + abs(self.data)) ** 2

    out._backward = _backward
    return out


class Weight(Value):
    def shrunk(self):
        return self * 0.9

    def cube(self):
        out = Value(self.data**3, (self,), "cube")

        def _backward():
            self.grad += 3 * self.data**2 * out.grad

        out._backward = _backward
        return out


def make_loss():
    Value.softsign_of_a_program = softsign
    w, v = Weight(0.7), Weight(-0.4)

    def loss(x):
        h = (w.shrunk() * x + v.cube()).softsign_of_a_program()
        return h * h + math.tau * 0.01 * (w - v) ** 2

    return loss, [w, v]


CALLS = [(0.5,), (-2.0,), (0.0,)]
PATHS = 1
INEXACT = "a step of its own divides the gradient; compiled, it is multiplied by a local derivative"
