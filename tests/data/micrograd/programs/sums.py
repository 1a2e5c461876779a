from micrograd.engine import Value

vs = [Value(k) for k in (3, 1, 4, 1, 5)]
print(sum(vs), sum(vs)._op, len(sum(vs)._prev))
print(sum((v * v for v in vs), Value(0.0)), sum(vs, 10), sum(vs, 0.5), sum([], Value(7)), sum([]))
total = sum(vs, vs[0])
total.backward()
print([v.grad for v in vs])
floats = [Value(x) for x in (0.1, 0.2, 0.3, 1e16, -1e16, 0.4)]
print(sum(floats).data.hex(), sum(reversed(floats)).data.hex(), sum(floats, 0.0).data.hex())
nested = sum(sum(row) for row in [[Value(1), Value(2)], [Value(3), Value(4)]])
print(nested)
acc = 0
for v in vs:
    acc += v
print(acc)
acc = Value(1)
for v in vs:
    acc *= v
print(acc)
acc -= 1
acc /= 2
acc **= 2
print(acc)
print(max(vs, key=lambda v: v.data) is vs[4], sorted(vs, key=lambda v: v.data)[0].data)
