"""Two training steps written as Loops, and the same with numpy: what kernels are measured and checked on."""

from array import array
from typing import Any

import numpy as np

from slopewise import ir
from slopewise.ir.loops.structure import Kind, Loops


def moons_text(samples: int, wide: int = 16, features: int = 2) -> str:
    """Return a step of the moons net: mean hinge, penalty 1e-4, full batch; parameters as `parameters()` has them."""
    s, h, d = samples, wide, features
    return f"""loops(w1[{h}, {d}], b1[{h}], w2[{h}, {h}], b2[{h}], w3[{h}], b3[1], rate[1]) {{
  local h1[{s}, {h}], h2[{s}, {h}], m[{s}], loss[1], dm[{s}], dw3[{h}], db3[1]
  local dz2[{s}, {h}], dw2[{h}, {h}], db2[{h}], dz1[{s}, {h}], dw1[{h}, {d}], db1[{h}]
  local nw1[{h}, {d}], nb1[{h}], nw2[{h}, {h}], nb2[{h}], nw3[{h}], nb3[1]
  constant x[{s}, {d}] = {", ".join(["0"] * (s * d))}
  constant y[{s}] = {", ".join(["0"] * s)}
  for s in {s}, j in {h} {{ h1[s, j] = relu(b1[j] + sum(k in {d}: w1[j, k] * x[s, k])) }}
  for s in {s}, j in {h} {{ h2[s, j] = relu(b2[j] + sum(k in {h}: w2[j, k] * h1[s, k])) }}
  for s in {s} {{ m[s] = relu(1 - y[s] * (b3[0] + sum(k in {h}: w3[k] * h2[s, k]))) }}
  loss[0] = sum(s in {s}: m[s]) * {1 / s!r} + 0.0001 * (
    sum(i in {h}, k in {d}: w1[i, k] * w1[i, k]) + sum(i in {h}: b1[i] * b1[i]) +
    sum(i in {h}, k in {h}: w2[i, k] * w2[i, k]) + sum(i in {h}: b2[i] * b2[i]) +
    sum(i in {h}: w3[i] * w3[i]) + b3[0] * b3[0])
  for s in {s} {{ dm[s] = where(m[s] > 0, y[s] * {-1 / s!r}, 0) }}
  for j in {h} {{ dw3[j] = sum(s in {s}: dm[s] * h2[s, j]) }}
  db3[0] = sum(s in {s}: dm[s])
  for s in {s}, j in {h} {{ dz2[s, j] = where(h2[s, j] > 0, dm[s] * w3[j], 0) }}
  for j in {h}, k in {h} {{ dw2[j, k] = sum(s in {s}: dz2[s, j] * h1[s, k]) }}
  for j in {h} {{ db2[j] = sum(s in {s}: dz2[s, j]) }}
  for s in {s}, k in {h} {{ dz1[s, k] = where(h1[s, k] > 0, sum(j in {h}: w2[j, k] * dz2[s, j]), 0) }}
  for j in {h}, k in {d} {{ dw1[j, k] = sum(s in {s}: dz1[s, j] * x[s, k]) }}
  for j in {h} {{ db1[j] = sum(s in {s}: dz1[s, j]) }}
  for j in {h}, k in {d} {{ nw1[j, k] = w1[j, k] - rate[0] * (dw1[j, k] + 0.0002 * w1[j, k]) }}
  for j in {h} {{ nb1[j] = b1[j] - rate[0] * (db1[j] + 0.0002 * b1[j]) }}
  for j in {h}, k in {h} {{ nw2[j, k] = w2[j, k] - rate[0] * (dw2[j, k] + 0.0002 * w2[j, k]) }}
  for j in {h} {{ nb2[j] = b2[j] - rate[0] * (db2[j] + 0.0002 * b2[j]) }}
  for j in {h} {{ nw3[j] = w3[j] - rate[0] * (dw3[j] + 0.0002 * w3[j]) }}
  nb3[0] = b3[0] - rate[0] * (db3[0] + 0.0002 * b3[0])
  return loss[0], nw1[@0 .. {h * d}], nb1[0 .. {h}], nw2[@0 .. {h * h}], nb2[0 .. {h}], nw3[0 .. {h}], nb3[0]
}}"""


def with_constants(loops: Loops, values: dict[str, Any]) -> Loops:
    """Return Loops with other numbers in their constants."""
    import dataclasses

    arrays = tuple(
        dataclasses.replace(item, values=array("d", np.ascontiguousarray(values[item.name], dtype=float).ravel()))
        if item.kind is Kind.CONSTANT
        else item
        for item in loops.arrays
    )
    return dataclasses.replace(loops, arrays=arrays)


def moons(samples: int = 100, wide: int = 16) -> tuple[Loops, "np.ndarray[Any, Any]", "np.ndarray[Any, Any]"]:
    """Return the Loops of a step, inputs for it, and what numpy makes of these."""
    rng = np.random.default_rng(7)
    x, y = rng.normal(size=(samples, 2)), np.sign(rng.normal(size=samples))
    loops = with_constants(ir.parse_loops(moons_text(samples, wide)), {"x": x, "y": y})
    shapes = [(wide, 2), (wide,), (wide, wide), (wide,), (wide,), (1,)]
    parameters = [rng.uniform(-1, 1, size=shape) for shape in shapes]
    rate = 0.7
    w1, b1, w2, b2, w3, b3 = parameters
    h1 = np.maximum(x @ w1.T + b1, 0)
    h2 = np.maximum(h1 @ w2.T + b2, 0)
    m = np.maximum(1 - y * (h2 @ w3 + b3[0]), 0)
    loss = m.mean() + 1e-4 * sum((p**2).sum() for p in parameters)
    dm = np.where(m > 0, -y / samples, 0)
    dz2 = np.where(h2 > 0, np.outer(dm, w3), 0)
    dz1 = np.where(h1 > 0, dz2 @ w2, 0)
    slopes = [dz1.T @ x, dz1.sum(0), dz2.T @ h1, dz2.sum(0), h2.T @ dm, np.array([dm.sum()])]
    new = [p - rate * (g + 2e-4 * p) for p, g in zip(parameters, slopes)]
    return loops, _flat([*parameters, np.array([rate])]), _flat([np.array([loss]), *new])


def digits_text(n: int, d: int, h: int, c: int) -> str:
    """Return value and gradient of a classifier: relu, softmax, mean cross-entropy."""
    return f"""loops(w1[{h}, {d}], b1[{h}], w2[{c}, {h}], b2[{c}]) {{
  local h1[{n}, {h}], o[{n}, {c}], t[{n}], e[{n}, {c}], z[{n}], loss[1], do[{n}, {c}]
  local dw2[{c}, {h}], db2[{c}], dz1[{n}, {h}], dw1[{h}, {d}], db1[{h}]
  constant x[{n}, {d}] = {", ".join(["0"] * (n * d))}
  constant y[{n}, {c}] = {", ".join(["0"] * (n * c))}
  for s in {n}, j in {h} {{ h1[s, j] = relu(b1[j] + sum(k in {d}: w1[j, k] * x[s, k])) }}
  for s in {n}, j in {c} {{ o[s, j] = b2[j] + sum(k in {h}: w2[j, k] * h1[s, k]) }}
  for s in {n} {{ t[s] = sum(j in {c}: o[s, j] * y[s, j]) }}
  for s in {n}, j in {c} {{ e[s, j] = exp(o[s, j]) }}
  for s in {n} {{ z[s] = sum(j in {c}: e[s, j]) }}
  loss[0] = sum(s in {n}: log(z[s]) - t[s]) * {1 / n!r}
  for s in {n}, j in {c} {{ do[s, j] = (e[s, j] / z[s] - y[s, j]) * {1 / n!r} }}
  for j in {c}, k in {h} {{ dw2[j, k] = sum(s in {n}: do[s, j] * h1[s, k]) }}
  for j in {c} {{ db2[j] = sum(s in {n}: do[s, j]) }}
  for s in {n}, k in {h} {{ dz1[s, k] = where(h1[s, k] > 0, sum(j in {c}: w2[j, k] * do[s, j]), 0) }}
  for j in {h}, k in {d} {{ dw1[j, k] = sum(s in {n}: dz1[s, j] * x[s, k]) }}
  for j in {h} {{ db1[j] = sum(s in {n}: dz1[s, j]) }}
  return loss[0], dw1[@0 .. {h * d}], db1[0 .. {h}], dw2[@0 .. {c * h}], db2[0 .. {c}]
}}"""


def digits(
    n: int = 1797, d: int = 64, h: int = 64, c: int = 10
) -> tuple[Loops, "np.ndarray[Any, Any]", "np.ndarray[Any, Any]"]:
    """Return the Loops of value and gradient, inputs for it, and what numpy makes of these."""
    rng = np.random.default_rng(8)
    x, y = rng.normal(size=(n, d)), np.eye(c)[rng.integers(0, c, size=n)]
    loops = with_constants(ir.parse_loops(digits_text(n, d, h, c)), {"x": x, "y": y})
    w1, b1, w2, b2 = (rng.normal(size=shape) * 0.1 for shape in ((h, d), (h,), (c, h), (c,)))
    h1 = np.maximum(x @ w1.T + b1, 0)
    o = h1 @ w2.T + b2
    e = np.exp(o)
    z = e.sum(1)
    loss = (np.log(z) - (o * y).sum(1)).mean()
    do = (e / z[:, None] - y) / n
    dz1 = np.where(h1 > 0, do @ w2, 0)
    slopes = [np.array([loss]), dz1.T @ x, dz1.sum(0), do.T @ h1, do.sum(0)]
    return loops, _flat([w1, b1, w2, b2]), _flat(slopes)


def _flat(parts: "list[np.ndarray[Any, Any]]") -> "np.ndarray[Any, Any]":
    return np.concatenate([part.ravel() for part in parts])
