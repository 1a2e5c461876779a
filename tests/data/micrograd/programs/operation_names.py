from micrograd.engine import Value

a, b = Value(2.0), Value(3)
cases = {
    "a+b": a + b,
    "a+1": a + 1,
    "1+a": 1 + a,
    "a-b": a - b,
    "a-1": a - 1,
    "1-a": 1 - a,
    "a*b": a * b,
    "2*a": 2 * a,
    "a/b": a / b,
    "a/2": a / 2,
    "2/a": 2 / a,
    "-a": -a,
    "a**2": a**2,
    "a**2.0": a**2.0,
    "a**-1": a**-1,
    "a**0.5": a**0.5,
    "b**3": b**3,
    "a**True": a**True,
    "a**-0.0": a**-0.0,
    "a**1e-5": a**1e-5,
    "relu": a.relu(),
}


def order(node, seen, out):
    if id(node) not in seen:
        seen.add(id(node))
        for child in sorted(node._prev, key=lambda n: (n._op, str(n.data))):
            order(child, seen, out)
        out.append((node._op, node.data))
    return out


for name, value in cases.items():
    nodes = order(value, set(), [])
    print(name, value._op, len(value._prev), len(nodes), nodes)
print(repr(a._op), a in (a + b)._prev, b in (a + 1)._prev)
