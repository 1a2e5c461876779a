import math

from micrograd.engine import Value


class Tracked(Value):
    made = 0

    def __init__(self, data, _children=(), _op="", name=None):
        super().__init__(data, _children, _op)
        self.name = name
        type(self).made += 1

    def __add__(self, other):
        other = other if isinstance(other, Value) else Tracked(other)
        out = Tracked(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Tracked(other)
        out = Tracked(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out

    def softplus(self):
        out = Tracked(math.log1p(math.exp(self.data)), (self,), "softplus")

        def _backward():
            self.grad += out.grad / (1 + math.exp(-self.data))

        out._backward = _backward
        return out

    def __repr__(self):
        return f"Tracked({self.name}: {self.data})"


a, b = Tracked(2.0, name="a"), Tracked(-3.0, name="b")
c = a * b + a
d = c - b
e = -d
f = 1 - e
print(c, d, e, f, type(d).__name__, type(e).__name__, type(f).__name__)
s = sum([a, b, c])
print(type(s).__name__, s.data)
g = f.softplus() * 2
print(type(g).__name__, Tracked.made, isinstance(g, Value))
g.backward()
print(a.grad, b.grad)


class Scalar(Value):
    """Keeps its own fields and never calls the base constructor."""

    def __init__(self, number):
        self.data = number
        self.grad = 0
        self._backward = lambda: None
        self._prev = set()
        self._op = "scalar"


p = Scalar(4.0)
q = p * p + 1
print(q.data, p._op, len(p._prev), type(q).__name__)
q.backward()
print(p.grad)


class Parameter(Value):
    def __init__(self, data, trainable=True):
        super().__init__(data)
        self.trainable = trainable


ps = [Parameter(1.0), Parameter(2.0, trainable=False)]
loss = (ps[0] * 3 - ps[1]) ** 2
loss.backward()
for p in ps:
    if p.trainable:
        p.data -= 0.1 * p.grad
print([p.data for p in ps], type(ps[0] * 1).__name__)
