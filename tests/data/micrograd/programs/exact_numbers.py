from decimal import Decimal
from fractions import Fraction

from micrograd.engine import Value

a, b = Value(Fraction(1, 3)), Value(Fraction(-2, 7))
c = a * b + a / b - b**3 + (a - b).relu()
print(a, b)
print(c)
c.backward()
print(a.grad, b.grad)
h = sum(Value(Fraction(1, k)) for k in range(1, 20))
print(h.data)
d = Value(Decimal("1.10"))
e = Value(Decimal("2.20"))
f = (d + e) * e - 3 * d
print(f)
f.backward()
print(d, e)
g = d**3
g.backward()
print(g.data, d.grad)
i = d / e
print(i.data)
d.grad = e.grad = 0
i.backward()
print(d.grad, e.grad)
j = Value(1 + 2j)
k = Value(3 - 1j)
m = j * k + k**2 + 2 * j - 1j * k
print(m)
m.backward()
print(j.grad, k.grad)
n = j / k
j.grad = k.grad = 0
n.backward()
print(abs(n.data - (1 + 2j) / (3 - 1j)) < 1e-15, abs(j.grad - 1 / (3 - 1j)) < 1e-15)
print(Value(True) + True, Value(True) * 3, Value(False), Value(True).relu())
print((Value(Fraction(1, 2)) + 1).data, (Value(Fraction(1, 2)) + 0.5).data, (1 - Value(Fraction(1, 2))).data)
print(repr(Value(Fraction(4, 2))), repr(Value(Decimal("0.00"))))
print(Value(Value(2.0)))
inner = Value(2.0)
outer = Value(inner) * 3
print(outer.data, type(outer.data).__name__)
