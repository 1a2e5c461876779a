"""The lecture's whole loop body as a step: forward, zero, backward, update; nothing comes in, the loss goes out."""

import random

from slopewise.lecture import MLP

xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
ys = [1.0, -1.0, -1.0, 1.0]


def make_step():
    random.seed(1337)
    n = MLP(3, [4, 4, 1])

    def step():
        # forward pass
        ypred = [n(x) for x in xs]
        loss = sum((yout - ygt) ** 2 for ygt, yout in zip(ys, ypred))
        # backward pass
        for p in n.parameters():
            p.grad = 0.0
        loss.backward()
        # update
        for p in n.parameters():
            p.data += -0.1 * p.grad
        return loss

    return step, n.parameters()


CALLS = [()] * 20
KNOWN = {0: 6.005402783252284, 1: 3.2021496469205015, 19: 0.0177818746861576}
PATHS = 1
