import numpy as np

from micrograd.engine import Value

w = Value(0.3)
for x in (np.float64(1.7), np.float32(1.7), np.int64(3), np.int32(-2), np.float16(0.1), np.bool_(True)):
    name = type(x).__name__
    results = [w * x, x * w, w + x, x + w, w - x if name not in ("bool", "bool_") else w, x - w, x / w]
    print(name, [float(r.data).hex() for r in results])
    print([len(r._prev) for r in results], [r._op for r in results], [type(r).__name__ for r in results])
v = Value(np.float64(2.0))
out = (v * v + np.float64(1.0)) ** 2
out.backward()
print(float(out.data), float(v.grad))
row = np.array([0.5, -1.5, 2.5])
weights = [Value(k) for k in (1.0, 2.0, 3.0)]
act = sum((wi * xi for wi, xi in zip(weights, row)), Value(0))
print(float(act.data).hex())
act.backward()
print([float(k.grad) for k in weights])
act2 = sum(xi * wi for wi, xi in zip(weights, row))
print(float(act2.data).hex())
labels = np.array([1, -1])
print([float((1 + -yi * weights[1]).relu().data) for yi in labels])
w.data -= np.float64(0.1) * np.float64(2.0)
print(float(w.data).hex())
print(float((w ** np.float64(2.0)).data).hex())
