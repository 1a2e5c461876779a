import random

from micrograd.engine import Value

random.seed(11)
a, b, c = Value(2.0), Value(-3.0), Value(10.0)
d = a * b
e = d + c
f = (e * a).relu()
g = f - d
g.grad = 1.0
topo, visited = [], set()


def build(v):
    if v not in visited:
        visited.add(v)
        for child in v._prev:
            build(child)
        topo.append(v)


build(g)
print(len(topo), topo[-1] is g)
for node in reversed(topo):
    node._backward()
by_hand = [v.grad for v in (a, b, c, d, e, f, g)]
print(by_hand)
for node in topo:
    node.grad = 0
g.backward()
print([v.grad for v in (a, b, c, d, e, f, g)], by_hand == [v.grad for v in (a, b, c, d, e, f, g)])
for node in topo:
    node.grad = 0.0
g.grad = 2.0
g._backward()
print(f.grad, [c.grad for c in sorted(g._prev, key=lambda n: n.data)])
f._backward()
print(e.grad, a.grad, [c.grad for c in f._prev])
leaf = Value(1.0)
print(leaf._backward(), leaf.grad)
