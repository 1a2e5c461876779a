import numpy as np

from micrograd.engine import Value


def arr(*xs):
    return np.array([Value(x) for x in xs])


a, b = arr(1.0, 2.0, 3.0), arr(-1.0, 0.5, 2.0)
print((a + b).dtype, [v.data for v in a + b], [v.data for v in a * b], [v.data for v in a - b], [v.data for v in a / b])
print((a @ b).data, np.dot(a, b).data, np.sum(a).data, a.sum().data)
out = np.dot(a, b) + np.sum(a * a)
out.backward()
print([v.grad for v in a], [v.grad for v in b])
M = np.array([[Value(float(i + j)) for j in range(3)] for i in range(2)])
print([v.data for v in M @ a], [v.data for v in M @ np.array([1.0, 0.0, -1.0])], M.T.shape)
print([[v.data for v in row] for row in M @ M.T])
print([v.data for v in a * 2], [v.data for v in 2 * a], [v.data for v in 1 - a], [v.data for v in a**2], [v.data for v in -a])
print([v.data for v in a + np.array([10, 20, 30])], [v.data for v in np.array([10, 20, 30]) * a])
print([v.data for v in a + Value(1.0)], [v.data for v in a * Value(2.0)])
print([[v.data for v in row] for row in np.outer(a, b)])
relu = np.vectorize(lambda v: v.relu(), otypes=[object])
print([v.data for v in relu(a - 2)])
print(np.array([v.data for v in a]).mean(), a.shape, np.prod(a).data)
W = np.array([[Value(0.1 * (i + 1) * (j - 1)) for j in range(3)] for i in range(4)])
x = np.array([0.5, -0.25, 1.0])
h = relu(W @ x + arr(0.0, 0.1, 0.2, 0.3))
loss = ((h - 1) ** 2).sum()
loss.backward()
print(loss.data, [[v.grad for v in row] for row in W])
boxed = np.array(Value(3.0))
print(boxed.dtype, boxed.shape, boxed.item().data)
