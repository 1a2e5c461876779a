"""A loss that reads weights it closes over; one of them is frozen by `.data`, another is only scaled by a plain number."""

import slopewise as sw
from slopewise import Value


def make_loss():
    w, b, frozen = Value(0.7), Value(-0.2), Value(1.3)
    scale = 3.0

    def loss(x, *, target=0.25):
        hidden = sw.sigmoid(w * x + b * frozen.data)
        return scale * (hidden * frozen - target) ** 2 + 0.01 * w**2

    return loss, [w, b, frozen]


KEYWORDS = True
CALLS = [(0.5, {}), (2.0, {"target": 1.0}), (-1.0, {})]
