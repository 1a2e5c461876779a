from micrograd.engine import Value

a, b = Value(2.0), Value(3.0)
c = a * b
b.data = 10.0
a.data = -1.0
c.backward()
print(c.data, a.grad, b.grad)
x = Value(2.0)
y = x**3
x.data = 5.0
y.backward()
print(y.data, x.grad)
u = Value(-2.0)
v = u.relu()
u.data = 9.0
v.backward()
print(u.grad)
v.data = 4.0
v.backward()
print(u.grad)
p = Value(1.0)
q = p + p
p.data = 100.0
q.backward()
print(q.data, p.grad)
m, n = Value(4.0), Value(5.0)
o = m / n
n.data = 2.0
o.backward()
print(o.data, m.grad, n.grad)
s = Value(3)
t = s * 2
s.data = 1.5
t.backward()
print(s, t)
