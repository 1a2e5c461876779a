from micrograd.engine import Value

a, b = Value(1.0), Value(1.0)
print(a == a, a == b, a != b, a == 1.0, hash(a) == hash(b), len({a, b, a}), bool(Value(0)), bool(Value(0.0)), not Value(0))
print([a, b].index(b), [a, b].count(a), a in [b], a in {a: 1}, {a: "x"}[a])
print(a.data == b.data, isinstance(a, Value), callable(a._backward), a._backward() is None)
a.note = {"k": [1]}
a.anything = None
print(a.note, hasattr(b, "note"), "note" in vars(a))
del a.note
print(hasattr(a, "note"), getattr(a, "missing", "default"))
a.data += 1
a.grad += 2.5
a.grad -= 1
print(a, str(a) == repr(a), f"{a}", "%s" % a, [a], (a,), {"a": a})
try:
    a.nothing
except AttributeError as error:
    print(type(error).__name__)
c = a + b
print(c._prev == {a, b} or set(c._prev) == {a, b}, sorted(v.data for v in c._prev))
wrapped = []
inner = c._backward


def outer():
    wrapped.append(c.grad)
    inner()


c._backward = outer
c.backward()
print(wrapped, a.grad, b.grad)
c._backward = inner
c.backward()
print(wrapped, a.grad, b.grad)
