from micrograd.engine import Value


def trace(root):
    nodes, edges = set(), set()

    def build(v):
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


names = {}


def name(v, text):
    names[v] = text
    v.label = text
    return v


a, b, c = name(Value(2.0), "a"), name(Value(-3.0), "b"), name(Value(10.0), "c")
e = name(a * b, "e")
d = name(e + c, "d")
f = name(Value(-2.0), "f")
L = name(d * f, "L")
nodes, edges = trace(L)
print(len(nodes), len(edges))
for n in sorted(nodes, key=names.get):
    print("{ %s | data %.4f | grad %.4f }" % (names[n], n.data, n.grad), n._op, n.label)
print(sorted((names[x], names[y]) for x, y in edges))
L.backward()
print({names[n]: n.grad for n in sorted(nodes, key=names.get)})
for p in (a, b, c, f):
    p.data += 0.01 * p.grad
print(((a * b + c) * f).data)


def depth(v):
    return 0 if not v._prev else 1 + max(depth(child) for child in v._prev)


print(depth(L), [n.label for n in sorted(nodes, key=names.get) if not n._prev])
made = Value(1.0, (a, b), "custom")
print(made._op, len(made._prev), a in made._prev, made.grad)
made.backward()
plain = Value(5.0, [a], "list")
print(plain, len(plain._prev), Value(5.0, _children=(a,), _op="kw")._op)
a._op = "renamed"
print(a._op)
