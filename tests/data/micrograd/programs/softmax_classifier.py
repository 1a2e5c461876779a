import math
import random

from micrograd.engine import Value
from micrograd.nn import Layer

random.seed(31)


def exp(self):
    out = Value(math.exp(self.data), (self,), "exp")

    def _backward():
        self.grad += out.data * out.grad

    out._backward = _backward
    return out


def log(self):
    out = Value(math.log(self.data), (self,), "log")

    def _backward():
        self.grad += out.grad / self.data

    out._backward = _backward
    return out


Value.exp, Value.log = exp, log


def softmax(logits):
    peak = max(v.data for v in logits)
    counts = [(v - peak).exp() for v in logits]
    total = sum(counts)
    return [c / total for c in counts]


layer = Layer(2, 3, nonlin=False)
data = [([random.gauss(2 * math.cos(2 * k), 0.3), random.gauss(2 * math.sin(2 * k), 0.3)], k % 3) for k in range(12)]
for step in range(10):
    loss = 0
    hits = 0
    for x, label in data:
        probs = softmax(layer(x))
        hits += max(range(3), key=lambda i: probs[i].data) == label
        loss = loss - probs[label].log()
    loss = loss * (1 / len(data)) + 0.01 * sum(p**2 for p in layer.parameters())
    layer.zero_grad()
    loss.backward()
    for p in layer.parameters():
        p.data -= 0.5 * p.grad
    if step % 3 == 0:
        print(step, loss.data, hits)
print([p.data for p in layer.parameters()])
