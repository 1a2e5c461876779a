from micrograd.engine import Value

signal = [Value(v) for v in (1, 0, -1, 2, 3, 0, 1)]
kernel = [Value(0.5), Value(-1.0), Value(0.25)]
out = [sum(k * signal[i + j] for j, k in enumerate(kernel)) for i in range(5)]
pooled = [(a + b) / 2 for a, b in zip(out, out[1:])]
act = [p.relu() for p in pooled]
loss = sum(a * a for a in act)
print([o.data for o in out], [a.data for a in act], loss.data)
loss.backward()
print([k.grad for k in kernel], [s.grad for s in signal])


def maximum(a, b):
    return (a + b + abs_(a - b)) / 2


def abs_(v):
    return v.relu() + (-v).relu()


m = maximum(signal[3] * 1.0, signal[4] * 2)
for s in signal:
    s.grad = 0
m.backward()
print(m.data, signal[3].grad, signal[4].grad)
grid = [[Value(i * j) for j in range(3)] for i in range(3)]
t = [[sum(grid[i][k] * grid[k][j] for k in range(3)) for j in range(3)] for i in range(3)]
trace = sum(t[i][i] for i in range(3))
trace.backward()
print(trace, [[g.grad for g in row] for row in grid])
