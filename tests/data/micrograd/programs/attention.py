import math
import random

from micrograd.engine import Value

random.seed(8)


def exp(self):
    out = Value(math.exp(self.data), (self,), "exp")

    def _backward():
        self.grad += out.data * out.grad

    out._backward = _backward
    return out


Value.exp = exp
D, T = 2, 3
mat = lambda r, c: [[Value(random.gauss(0, 0.5)) for _ in range(c)] for _ in range(r)]
matvec = lambda m, v: [sum(a * b for a, b in zip(row, v)) for row in m]
wq, wk, wv = mat(D, D), mat(D, D), mat(D, D)
tokens = [[Value(random.gauss(0, 1)) for _ in range(D)] for _ in range(T)]
q, k, v = ([matvec(w, t) for t in tokens] for w in (wq, wk, wv))
out = []
for i in range(T):
    scores = [sum(a * b for a, b in zip(q[i], k[j])) / D**0.5 for j in range(i + 1)]
    counts = [s.exp() for s in scores]
    z = sum(counts)
    out.append([sum(counts[j] / z * v[j][d] for j in range(i + 1)) for d in range(D)])
rms = [(sum(x * x for x in row) / D + 1e-5) ** -0.5 for row in out]
loss = sum(x * r for row, r in zip(out, rms) for x in row)
print(loss.data.hex())
loss.backward()
print([w.grad for m in (wq, wk, wv) for row in m for w in row])
print([t.grad for row in tokens for t in row])
