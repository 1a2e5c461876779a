from micrograd.engine import Value

x = Value(3)
y = x * 2 + 1
print(x, y)
y.backward()
print(x, y, x.grad, type(x.grad).__name__)
z = (Value(-7) * 2).relu()
print(z, type(z.data).__name__)
z.backward()
print(z)
p = Value(2) ** 10
q = Value(2) ** -1
r = Value(7) ** 0
print(p, q, r)
for n in (p, q, r):
    n.backward()
    print([(c.data, c.grad, type(c.grad).__name__) for c in n._prev], n._op)
s = Value(6) / 3
t = 6 / Value(3)
print(s, t, type(s.data).__name__)
print(Value(0) * -1, Value(0.0) * -1, -Value(0), -Value(0.0))
print(sum([Value(1), Value(2), Value(3)]))
print(Value(2) + 0.5, Value(2) * 2.0, Value(2) - 2.0)
n = Value(10)
halves = 0
while n.data != 1:
    n = n / 2 if n.data % 2 == 0 else n * 3 + 1
    halves += 1
print("collatz", halves, n)
digits = [Value(d) for d in (4, 0, 9, 6)]
number = sum(d * 10**i for i, d in enumerate(reversed(digits)))
print("digits", number, number.data == 4096)
fact = Value(1)
for k in range(1, 26):
    fact = fact * k
print("25!", fact.data, fact.data % 1000003)
fib = [Value(0), Value(1)]
for _ in range(120):
    fib.append(fib[-1] + fib[-2])
print("fib", fib[-1].data)
w = Value(3)
(w**2 * w).backward()
print(w)
