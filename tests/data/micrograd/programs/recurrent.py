import math
import random

from micrograd.engine import Value

random.seed(2)


def tanh(x):
    t = math.tanh(x.data)
    out = Value(t, (x,), "tanh")

    def _backward():
        x.grad += (1 - t * t) * out.grad

    out._backward = _backward
    return out


H = 3
wxh = [Value(random.uniform(-0.5, 0.5)) for _ in range(H)]
whh = [[Value(random.uniform(-0.5, 0.5)) for _ in range(H)] for _ in range(H)]
why = [Value(random.uniform(-0.5, 0.5)) for _ in range(H)]
params = wxh + [w for row in whh for w in row] + why
sequence = [math.sin(0.4 * t) for t in range(12)]


def run():
    h = [Value(0.0) for _ in range(H)]
    loss = 0
    for x, target in zip(sequence, sequence[1:]):
        h = [tanh(wxh[i] * x + sum(whh[i][j] * h[j] for j in range(H))) for i in range(H)]
        y = sum(w * hi for w, hi in zip(why, h))
        loss += (y - target) ** 2
    return loss / (len(sequence) - 1)


for k in range(12):
    loss = run()
    for p in params:
        p.grad = 0.0
    loss.backward()
    norm = sum(p.grad**2 for p in params) ** 0.5
    scale = min(1.0, 1.0 / norm)
    for p in params:
        p.data -= 0.3 * scale * p.grad
    if k % 4 == 0:
        print(k, float(loss.data), norm)
print([p.data for p in params[:4]])
