from micrograd.engine import Value

inf, nan = float("inf"), float("nan")
specials = [0.0, -0.0, 1.0, -1.0, inf, -inf, nan, 5e-324, 1.7e308, 0, 1, -1]


def show(x):
    return x.hex() if isinstance(x, float) else repr(x)


for x in specials:
    v = Value(x)
    print(show(x), "relu", show(v.relu().data), "neg", show((-v).data), "half", show((v / 2).data), "square", show((v * v).data))
    print([show((v + y).data) for y in specials])
    print([show((v * y).data) for y in specials])
    print([show((v - y).data) for y in specials], [show((y - v).data) for y in specials])
for x in (2.5, -2.5, 0.0, -0.0, 3, -3, 0):
    v = Value(x)
    out = v.relu()
    out.backward()
    print(x, v.grad, type(v.grad).__name__)
