import math

from micrograd.engine import Value


def unary(f, df, name):
    def method(self):
        out = Value(f(self.data), (self,), name)

        def _backward():
            self.grad += df(self.data) * out.grad

        out._backward = _backward
        return out

    return method


Value.sin = unary(math.sin, math.cos, "sin")
Value.cos = unary(math.cos, lambda x: -math.sin(x), "cos")
Value.sqrt = unary(math.sqrt, lambda x: 0.5 / math.sqrt(x), "sqrt")
theta0, length = Value(0.6), Value(1.5)
theta, omega, dt = theta0, Value(0.0), 0.05
for _ in range(60):
    omega = omega - dt * 9.81 / length * theta.sin()
    theta = theta + dt * omega
loss = (theta - 0.2) ** 2
print(theta.data.hex(), loss.data.hex())
loss.backward()
print(theta0.grad, length.grad)
h = 1e-6


def simulate(t, ln):
    o = 0.0
    for _ in range(60):
        o = o - dt * 9.81 / ln * math.sin(t)
        t = t + dt * o
    return (t - 0.2) ** 2


print(abs((simulate(0.6 + h, 1.5) - simulate(0.6 - h, 1.5)) / 2 / h - theta0.grad) < 1e-6)
p, q = (Value(3.0), Value(4.0)), (Value(0.0), Value(1.0))
distance = ((p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2).sqrt()
distance.backward()
print(distance.data, [v.grad for v in p + q])
