import math

from micrograd.engine import Value


def tanh(self):
    t = (math.exp(2 * self.data) - 1) / (math.exp(2 * self.data) + 1)
    out = Value(t, (self,), "tanh")

    def _backward():
        self.grad += (1 - t**2) * out.grad

    out._backward = _backward
    return out


def exp(self):
    out = Value(math.exp(self.data), (self,), "exp")

    def _backward():
        self.grad += out.data * out.grad

    out._backward = _backward
    return out


def log(self):
    out = Value(math.log(self.data), (self,), "log")

    def _backward():
        self.grad += (1 / self.data) * out.grad

    out._backward = _backward
    return out


def sin(self):
    out = Value(math.sin(self.data), (self,), "sin")

    def _backward():
        self.grad += math.cos(self.data) * out.grad

    out._backward = _backward
    return out


def cos(self):
    out = Value(math.cos(self.data), (self,), "cos")

    def _backward():
        self.grad += -math.sin(self.data) * out.grad

    out._backward = _backward
    return out


Value.tanh, Value.exp, Value.log, Value.sin, Value.cos = tanh, exp, log, sin, cos
Value.sigmoid = lambda self: 1 / (1 + (-self).exp())

x1, x2 = Value(2.0), Value(0.0)
w1, w2 = Value(-3.0), Value(1.0)
b = Value(6.8813735870195432)
n = x1 * w1 + x2 * w2 + b
o = n.tanh()
print(o.data.hex(), o._op, n.data.hex())
o.backward()
print(x1.grad, w1.grad, x2.grad, w2.grad, b.grad)
x = Value(0.7)
y = x.sin() * x.cos() + x.exp().log() - x.sigmoid() ** 2
print(y.data.hex())
y.backward()
print(x.grad)
logits = [Value(v) for v in (1.0, -2.0, 0.5)]
counts = [v.exp() for v in logits]
total = sum(counts)
probs = [c / total for c in counts]
loss = -probs[2].log()
loss.backward()
print(loss.data.hex(), [v.grad for v in logits], sorted(c._op for c in probs[0]._prev))


def power(self, other):
    if isinstance(other, (int, float)):
        out = Value(self.data**other, (self,), f"pow{other}")

        def _backward():
            self.grad += other * self.data ** (other - 1) * out.grad

        out._backward = _backward
        return out
    return (self.log() * other).exp()


Value.__pow__ = power
u, v = Value(2.0), Value(3.0)
z = u**v + u**2
print(z.data, sorted(c._op for c in z._prev))
z.backward()
print(u.grad, v.grad)
q = u / v
print(sorted(c._op for c in q._prev if c._op))
Value.__lt__ = lambda self, other: self.data < other
Value.__getitem__ = lambda self, key: (self.data, key)
Value.__call__ = lambda self: "called"
Value.double = property(lambda self: self * 2)
print(u < 5, u["k"], u(), u.double.data)
