"""A recurrent net on sequences of different lengths; its first state is made inside, from plain numbers."""

import random

from slopewise import Value


class RNN:
    def __init__(self, inputs, hidden):
        rand = lambda: Value(random.uniform(-0.7, 0.7))
        self.wx = [[rand() for _ in range(inputs)] for _ in range(hidden)]
        self.wh = [[rand() for _ in range(hidden)] for _ in range(hidden)]
        self.b = [rand() for _ in range(hidden)]
        self.out = [rand() for _ in range(hidden)]

    def __call__(self, sequence):
        h = [Value(0.0) for _ in self.b]
        for x in sequence:
            h = [
                sum((w * xi for w, xi in zip(wx, x)), b) + sum(w * hi for w, hi in zip(wh, h))
                for wx, wh, b in zip(self.wx, self.wh, self.b)
            ]
            h = [hi.tanh() for hi in h]
        return sum(w * hi for w, hi in zip(self.out, h))

    def parameters(self):
        return [p for row in self.wx + self.wh for p in row] + self.b + self.out


def make_loss():
    random.seed(11)
    net = RNN(2, 3)

    def loss(sequence, target):
        return (net(sequence) - target) ** 2

    return loss, net.parameters()


CALLS = [
    ([[0.1, 0.2], [-0.5, 1.0], [0.3, 0.3]], 0.5),
    ([[1.1, 0.2], [-0.5, -1.0], [0.3, 0.3]], -0.5),
    ([[0.1, 0.2], [-0.5, 1.0], [0.3, 0.3], [0.9, 0.0], [0.0, -0.4]], 0.5),
]
