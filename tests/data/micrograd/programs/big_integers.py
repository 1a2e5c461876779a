from micrograd.engine import Value

LIMIT = 2**53
for start in (LIMIT - 2, LIMIT - 1, LIMIT, LIMIT + 1, -LIMIT + 1, -LIMIT, -LIMIT - 1):
    v = Value(start)
    for step in (1, -1, 2, -2):
        print(start, step, (v + step).data, (v - step).data, (step - v).data, (v * step).data)
print((Value(3) * 3002399751580331).data, (Value(94906267) * 94906267).data, (Value(94906265) ** 2).data)
print((Value(3) ** 34).data, (Value(-3) ** 33).data, (Value(2) ** 53).data, (Value(2) ** 53 + 1).data)
big = Value(10**40)
out = big * 3 - 10**40
print(out)
out.backward()
print(big.grad, type(big.grad).__name__)
a, b = Value(2**52 + 1), Value(2**52 + 3)
c = a * b
c.backward()
print(c.data, a.grad, b.grad)
d = (a + b) * 4
d.backward()
print(d.data, a.grad, b.grad)
e = Value(2**53) + 1.0
print(e.data.hex())
x = Value(2**40)
(x * x * x).backward()
print(x.grad)
y = Value(LIMIT - 1)
z = y * 1 + y * 1
for node in (z,):
    node.backward()
print(y.grad)
acc = Value(0)
acc.grad = LIMIT - 1
(acc * 2).backward()
print(acc.grad)
acc.grad = LIMIT
(acc * 1).backward()
print(acc.grad)
