import math
import random

from micrograd.engine import Value

random.seed(9)


class Adam:
    def __init__(self, params, lr=0.05, betas=(0.9, 0.999), eps=1e-8):
        self.params, self.lr, self.betas, self.eps, self.t = params, lr, betas, eps, 0
        for p in params:
            p.m = 0.0
            p.v = 0.0

    def step(self):
        self.t += 1
        b1, b2 = self.betas
        for p in self.params:
            p.m = b1 * p.m + (1 - b1) * p.grad
            p.v = b2 * p.v + (1 - b2) * p.grad**2
            mhat, vhat = p.m / (1 - b1**self.t), p.v / (1 - b2**self.t)
            p.data -= self.lr * mhat / (math.sqrt(vhat) + self.eps)

    def zero_grad(self):
        for p in self.params:
            p.grad = 0


class Momentum:
    def __init__(self, params, lr, mu=0.9):
        self.params, self.lr, self.mu = params, lr, mu
        self.velocity = {p: 0.0 for p in params}

    def step(self):
        for p in self.params:
            self.velocity[p] = self.mu * self.velocity[p] - self.lr * p.grad
            p.data += self.velocity[p]


def rosenbrock(x, y):
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


p = [Value(-1.0), Value(1.5)]
opt = Adam(p)
for k in range(60):
    loss = rosenbrock(*p)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if k % 20 == 0:
        print(k, loss.data)
print([v.data for v in p], [v.m for v in p], hasattr(p[0], "v"), sorted(k for k in ("m", "v") if k in vars(p[0])))
q = [Value(random.uniform(-2, 2)) for _ in range(3)]
mom = Momentum(q, 0.02)
for k in range(30):
    loss = sum((v - i) ** 2 for i, v in enumerate(q))
    for v in q:
        v.grad = 0
    loss.backward()
    total = math.sqrt(sum(v.grad**2 for v in q))
    if total > 1.0:
        for v in q:
            v.grad *= 1.0 / total
    mom.step()
print([v.data for v in q], q.index(q[2]), len({*q}))
best = min(q, key=lambda v: v.data)
print(best is q[0], [v in q for v in (q[1], Value(q[1].data))])
