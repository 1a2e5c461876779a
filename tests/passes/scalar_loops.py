"""Scalar programs whose loops `roll` is to find: each is made for any size, and gives a function and its numbers."""

import functools
import random
from collections.abc import Callable
from typing import Any

import slopewise as sw
from slopewise.engine import Value

Made = tuple[Callable[[list[Any]], list[Any]], list[float]]
number = random.Random(3)


def matrix(rows: int, columns: int, scale: float = 0.5) -> list[list[Value]]:
    return [[Value(number.gauss(0, scale)) for _ in range(columns)] for _ in range(rows)]


def data(rows: int, columns: int) -> list[list[float]]:
    return [[number.random() for _ in range(columns)] for _ in range(rows)]


def through(weights: list[list[Value]], x: list[Any]) -> list[Any]:
    return [sum(w * xi for w, xi in zip(row, x)) for row in weights]


def micrograd_moons(samples: int, width: int) -> Made:
    """The loss of micrograd's demo: layers of relu, hinge, penalty."""
    number.seed(3)
    layers = [matrix(width, 3), matrix(width, width + 1), matrix(1, width + 1)]
    points = data(samples, 2)
    labels = [number.choice([-1, 1]) for _ in points]

    def loss(_: list[Any]) -> list[Any]:
        scores = []
        for point in points:
            h: list[Any] = [Value(x) for x in point]
            for layer in layers:
                h = [sum((w * x for w, x in zip(row, h)), row[-1]) for row in layer]
                h = [v.relu() for v in h] if layer is not layers[-1] else h
            scores.append(h[0])
        hinge = sum((1 + -y * s).relu() for y, s in zip(labels, scores)) * (1.0 / samples)
        return [hinge + 1e-4 * sum(p * p for layer in layers for row in layer for p in row)]

    return loss, []


def softmax_classifier(samples: int, classes: int, features: int) -> Made:
    """A softmax less its maximum, and the cross-entropy of labels that are indices."""
    number.seed(3)
    weights, points = matrix(classes, features), data(samples, features)
    labels = [(2 * i) % classes for i in range(samples)]

    def loss(_: list[Any]) -> list[Any]:
        total: Any = 0
        for x, label in zip(points, labels):
            z = through(weights, x)
            top = max(v.data for v in z)
            e = [(v - top).exp() for v in z]
            total = total - (e[label] / sum(e)).log()
        return [total / samples]

    return loss, []


def labelled_net(samples: int, classes: int, width: int) -> Made:
    """A layer, and the logarithm of a softmax at labels that are indices: where a label stands, errors are others."""
    number.seed(5)
    inner, outer, points = matrix(width, 4), matrix(classes, width), data(samples, 4)
    labels = [(i + i // classes) % classes for i in range(samples)]

    def loss(_: list[Any]) -> list[Any]:
        total: Any = 0
        for x, label in zip(points, labels):
            z = through(outer, [v.tanh() for v in through(inner, x)])
            total = total + sum(v.exp() for v in z).log() - z[label]
        return [total / samples]

    return loss, []


def recurrent_net(steps: int, width: int, features: int, batch: int) -> Made:
    """A net that reads a sequence, its state going from step to step."""
    number.seed(3)
    w, u, b = matrix(width, width), matrix(width, features), matrix(1, width)[0]
    sequences = [data(steps, features) for _ in range(batch)]

    def loss(_: list[Any]) -> list[Any]:
        total: Any = 0
        for sequence in sequences:
            h: list[Any] = [0.0] * width
            for x in sequence:
                h = [(a + c + bias).tanh() for a, c, bias in zip(through(w, h), through(u, x), b)]
            total = total + sum(v * v for v in h)
        return [total]

    return loss, []


def convolution_net(images: int, size: int, filters: int) -> Made:
    """3×3 filters, relu, the greatest of 2×2, a layer, a softmax."""
    number.seed(3)
    kernels, biases = [matrix(3, 3) for _ in range(filters)], matrix(1, filters)[0]
    out = size - 2
    pooled = out // 2
    last = matrix(3, filters * pooled * pooled)
    pictures = [data(size, size) for _ in range(images)]

    def loss(_: list[Any]) -> list[Any]:
        total: Any = 0
        for x in pictures:
            features = []
            for kernel, bias in zip(kernels, biases):
                m = [
                    [
                        (sum(kernel[a][c] * x[r + a][s + c] for a in range(3) for c in range(3)) + bias).relu()
                        for s in range(out)
                    ]
                    for r in range(out)
                ]
                for r in range(0, 2 * pooled, 2):
                    for s in range(0, 2 * pooled, 2):
                        features.append(max(m[r][s], m[r][s + 1], m[r + 1][s], m[r + 1][s + 1]))
            e = [v.exp() for v in through(last, features)]
            total = total - (e[0] / sum(e)).log()
        return [total]

    return loss, []


def causal_attention(length: int, width: int) -> Made:
    """Each place looks at itself and at all before it."""
    number.seed(3)
    q, k, v = matrix(width, width), matrix(width, width), matrix(width, width)
    x = matrix(length, width)

    def loss(_: list[Any]) -> list[Any]:
        keys: list[list[Any]] = []
        values: list[list[Any]] = []
        total: Any = 0
        for t in range(length):
            query = through(q, x[t])
            keys.append(through(k, x[t]))
            values.append(through(v, x[t]))
            e = [(sum(a * b for a, b in zip(query, key)) / width**0.5).exp() for key in keys]
            s = sum(e)
            share = [a / s for a in e]
            mixed = [sum(share[u] * values[u][d] for u in range(t + 1)) for d in range(width)]
            total = total + sum(a * a for a in mixed)
        return [total]

    return loss, []


def causal_softmax(length: int, width: int) -> Made:
    """Each place looks at itself and at all before it, by a softmax less its maximum."""
    number.seed(3)
    q, k = matrix(width, width), matrix(width, width)
    x = matrix(length, width)

    def loss(_: list[Any]) -> list[Any]:
        keys: list[list[Any]] = []
        total: Any = 0
        for row in x:
            query = through(q, row)
            keys.append(through(k, row))
            scores = [sum(a * b for a, b in zip(query, key)) for key in keys]
            top = max(v.data for v in scores)
            e = [(v - top).exp() for v in scores]
            total = total + (e[0] / sum(e)).log()
        return [total]

    return loss, []


def mixture(samples: int, parts: int, width: int) -> Made:
    """The logarithm of the likelihood of a mixture of Gaussians."""
    number.seed(3)
    means, scales, weights = matrix(parts, width), matrix(parts, width), matrix(1, parts)[0]
    points = data(samples, width)

    def loss(_: list[Any]) -> list[Any]:
        total: Any = 0
        for x in points:
            terms = [
                a - 0.5 * sum(((xi - m) * s.exp()) ** 2 for xi, m, s in zip(x, mean, scale)) + sum(scale)
                for a, mean, scale in zip(weights, means, scales)
            ]
            likelihood: Any = sum(term.exp() for term in terms)
            total = total + likelihood.log()
        return [total]

    return loss, []


def horner(degree: int) -> Made:
    number.seed(3)
    return lambda p: [functools.reduce(lambda r, c: r * p[0] + c, p[1:])], [number.random() for _ in range(degree + 2)]


def oscillator(steps: int) -> Made:
    """An integrator's steps."""
    number.seed(3)

    def f(p: list[Any]) -> list[Any]:
        x, v, k, c = p
        for _ in range(steps):
            a = -k * x - c * v
            x, v = x + 0.01 * v, v + 0.01 * a
        return [x * x + v * v]

    return f, [1.0, 0.0, 2.0, 0.1]


def adam(n: int) -> Made:
    """One update of n parameters."""
    number.seed(3)

    def f(p: list[Any]) -> list[Any]:
        out = []
        for a, g, m, v in zip(p[:n], p[n : 2 * n], p[2 * n : 3 * n], p[3 * n :]):
            m, v = 0.9 * m + 0.1 * g, 0.99 * v + 0.01 * g * g
            out += [a - 0.01 * m / (v**0.5 + 1e-8), m, v]
        return out

    return f, [number.random() for _ in range(4 * n)]


def embedded(length: int, vocabulary: int, width: int, classes: int) -> Made:
    """Rows of a table picked by index, a layer, a cross-entropy by index."""
    number.seed(3)
    table, weights = matrix(vocabulary, width), matrix(classes, width)
    tokens = [(3 * i) % vocabulary for i in range(length)]
    labels = [(5 * i + i // classes) % classes for i in range(length)]

    def loss(_: list[Any]) -> list[Any]:
        total: Any = 0
        for token, label in zip(tokens, labels):
            e = [v.exp() for v in through(weights, table[token])]
            total = total - (e[label] / sum(e)).log()
        return [total]

    return loss, []


def pairs(n: int) -> Made:
    """A sum over all pairs."""
    number.seed(3)

    def f(x: list[Any]) -> list[Any]:
        return [sum(1 / ((x[i] - x[j]) ** 2 + 1) for i in range(n) for j in range(i + 1, n))]

    return f, [number.random() for _ in range(n)]


def triangle(n: int) -> Made:
    """A lower triangular matrix times a vector."""
    number.seed(3)

    def f(p: list[Any]) -> list[Any]:
        return [sum(sum(p[i * n + j] * p[n * n + j] for j in range(i + 1)) ** 2 for i in range(n))]

    return f, [number.random() for _ in range(n * n + n)]


def rosenbrock(n: int) -> Made:
    number.seed(3)
    return (
        lambda x: [sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(n - 1))],
        [number.random() for _ in range(n)],
    )


def epochs(steps: int, samples: int, width: int) -> Made:
    """Steps of gradient descent one after another, written out."""
    number.seed(3)
    points = data(samples, width)

    def f(p: list[Any]) -> list[Any]:
        w = list(p)
        for _ in range(steps):
            errors = [sum(a * b for a, b in zip(w, x)) - 1 for x in points]
            w = [a - 0.1 * sum(e * x[j] for e, x in zip(errors, points)) for j, a in enumerate(w)]
        return [sum(a * a for a in w)]

    return f, [number.random() for _ in range(width)]


def gated(steps: int, width: int) -> Made:
    """A net with a memory and gates that reads bits, written down as constants, and guesses the next ones."""
    number.seed(3)
    text = [[float(number.random() < 0.5) for _ in range(width)] for _ in range(steps + 1)]

    def f(p: list[Any]) -> list[Any]:
        weights = [p[i * width : (i + 1) * width] for i in range(8)]
        hidden: list[Any] = [0.1] * width
        cell: list[Any] = [0.2] * width
        total: Any = 0
        for now, after in zip(text, text[1:]):
            x = [a * w for a, w in zip(now, weights[0])]
            forget = [(a * w + b).sigmoid() for a, w, b in zip(x, weights[1], weights[2])]
            keep = [(a * w + b).sigmoid() for a, w, b in zip(hidden, weights[3], weights[4])]
            change = [(a * w + b).tanh() for a, w, b in zip(hidden, weights[5], weights[6])]
            cell = [a * b + c * d for a, b, c, d in zip(cell, forget, keep, change)]
            hidden = [c.tanh() * w for c, w in zip(cell, weights[7])]
            total = total - sum(bit * h for bit, h in zip(after, hidden))
        return [total / steps]

    return f, [number.random() for _ in range(8 * width)]


def hidden_states(steps: int, states: int) -> Made:
    """The forward algorithm of a hidden Markov model, in logarithms; what is seen is an index."""
    number.seed(3)
    seen = [number.randrange(3) for _ in range(steps)]

    def total(terms: list[Any]) -> Any:
        top = max(v.data for v in terms)
        return top + sum((v - top).exp() for v in terms).log()

    def f(p: list[Any]) -> list[Any]:
        moves = [p[states * i : states * (i + 1)] for i in range(states)]
        shown = [p[states * states + 3 * i : states * states + 3 * (i + 1)] for i in range(states)]
        a = [row[seen[0]] for row in shown]
        for k in seen[1:]:
            a = [total([a[i] + moves[i][j] for i in range(states)]) + shown[j][k] for j in range(states)]
        return [total(a)]

    return f, [number.gauss(0, 1) for _ in range(states * (states + 3))]


def runge_kutta(steps: int) -> Made:
    """Lorenz's equations by the classical rule of four stages."""

    def f(p: list[Any]) -> list[Any]:
        def slope(y: list[Any]) -> list[Any]:
            return [p[3] * (y[1] - y[0]), y[0] * (p[4] - y[2]) - y[1], y[0] * y[1] - p[5] * y[2]]

        y = p[:3]
        for _ in range(steps):
            k1 = slope(y)
            k2 = slope([a + 0.005 * b for a, b in zip(y, k1)])
            k3 = slope([a + 0.005 * b for a, b in zip(y, k2)])
            k4 = slope([a + 0.01 * b for a, b in zip(y, k3)])
            y = [a + 0.01 / 6 * (b + 2 * c + 2 * d + e) for a, b, c, d, e in zip(y, k1, k2, k3, k4)]
        return [sum(a * a for a in y)]

    return f, [1.0, 1.1, 1.2, 10.0, 28.0, 2.6]


def nested_chains(steps: int) -> Made:
    """A recurrence whose step is a polynomial by Horner's rule."""
    number.seed(3)
    x = [number.random() for _ in range(steps)]

    def f(p: list[Any]) -> list[Any]:
        h = p[0]
        for xi in x:
            total = p[1]
            for coefficient in p[2:]:
                total = total * h + coefficient
            h = (total * 0.1 + xi).tanh()
        return [h]

    return f, [number.random() for _ in range(8)]


def factors(rows: int, columns: int, width: int) -> Made:
    """A matrix that all pairs of rows of two others come near to."""
    number.seed(19)
    given = data(rows, columns)

    def f(p: list[Any]) -> list[Any]:
        left = [p[width * i : width * (i + 1)] for i in range(rows)]
        right = [p[width * j : width * (j + 1)] for j in range(rows, rows + columns)]
        pairs = ((u, v, a) for u, line in zip(left, given) for v, a in zip(right, line))
        return [sum((sum(x * y for x, y in zip(u, v)) - a) ** 2 for u, v, a in pairs)]

    return f, [number.gauss(0, 0.5) for _ in range(width * (rows + columns))]


def ratings(count: int, width: int) -> Made:
    """Numbers of users and of things multiplied, for each rating; and a penalty on all of them."""
    number.seed(3)
    users, things = 5, 4
    rated = [(k % users, (3 * k + k // users) % things, number.random()) for k in range(count)]

    def f(p: list[Any]) -> list[Any]:
        rows = [p[width * i : width * (i + 1)] for i in range(users + things)]
        errors = [sum(a * b for a, b in zip(rows[u], rows[users + i])) - y for u, i, y in rated]
        return [sum(e**2 for e in errors) + 0.001 * sum(x * x for x in p)]

    return f, [number.gauss(0, 1) for _ in range(width * (users + things))]


def observed_epidemic(n_steps: int) -> Made:
    """An epidemic's differential equation, of which every fifth step is compared with what was seen."""

    def loss(p: list[Any]) -> list[Any]:
        healthy, ill, total = 0.99, 0.01, 0.0
        for t in range(n_steps):
            infected, recovered = p[0] * healthy * ill, p[1] * ill
            healthy = healthy - infected
            ill = ill + infected - recovered
            if t % 5 == 0:
                total = total + (ill - 0.1) ** 2
        return [total]

    return loss, [0.5, 0.1]


def heated_rod(n_cells: int, n_steps: int) -> Made:
    """A heat equation whose two ends are driven."""

    def loss(u: list[Any]) -> list[Any]:
        y = [0.0] * n_cells
        for t in range(n_steps):
            z = [u[2 * t], *y, u[2 * t + 1]]
            y = [z[i] + 0.3 * (z[i - 1] - 2 * z[i] + z[i + 1]) for i in range(1, n_cells + 1)]
        return [sum((a - 0.1) ** 2 for a in y)]

    return loss, [number.gauss(0, 1) for _ in range(2 * n_steps)]


def shortest_paths(n: int) -> Made:
    """Floyd's shortest paths between all pairs."""

    def total(flat: list[Any]) -> list[Any]:
        d = [flat[n * i : n * (i + 1)] for i in range(n)]
        for k in range(n):
            d = [[sw.minimum(d[i][j], d[i][k] + d[k][j]) for j in range(n)] for i in range(n)]
        return [sum(sum(row) for row in d)]

    return total, [1 + 9 * number.random() for _ in range(n * n)]


def elimination(n: int) -> Made:
    """The logarithm of a determinant by elimination."""

    def log_determinant(flat: list[Any]) -> list[Any]:
        m = [[0.1 * flat[n * i + j] + 4.0 * (i == j) for j in range(n)] for i in range(n)]
        total = 0.0
        for k in range(n):
            total = total + m[k][k].log()
            for i in range(k + 1, n):
                factor = m[i][k] / m[k][k]
                for j in range(k + 1, n):
                    m[i][j] = m[i][j] - factor * m[k][j]
        return [total]

    return log_determinant, [number.gauss(0, 1) for _ in range(n * n)]


def cholesky(n: int) -> Made:
    """A linear system solved by Cholesky's factors; its matrix is that of a Gaussian process."""
    number.seed(3)
    x, y = [number.random() for _ in range(n)], [number.random() for _ in range(n)]

    def likelihood(p: list[Any]) -> list[Any]:
        width, height = p[0].exp(), p[1].exp()
        rows: list[list[Any]] = []
        for i in range(n):
            row: list[Any] = []
            for j in range(i + 1):
                entry = height * (-((x[i] - x[j]) ** 2) / width).exp() + (0.5 if i == j else 0.0)
                for k in range(j):
                    entry = entry - row[k] * (rows[j][k] if j < i else row[k])
                row.append(entry.sqrt() if i == j else entry / rows[j][j])
            rows.append(row)
        solved: list[Any] = []
        for i in range(n):
            rest = y[i]
            for j in range(i):
                rest = rest - rows[i][j] * solved[j]
            solved.append(rest / rows[i][i])
        return [sum(v * v for v in solved) + sum(2 * rows[i][i].log() for i in range(n))]

    return likelihood, [0.3, 1.5]


def time_warp(n: int) -> Made:
    """How far two series are from each other where either may wait: soft dynamic time warping, front by front."""
    number.seed(3)
    seen = [number.gauss(0, 1) for _ in range(n)]

    def distance(a: list[Any]) -> list[Any]:
        d: dict[tuple[int, int], Any] = {(-1, -1): 0.0}
        for i in range(n):
            for j in range(n):
                ways = [d[at] for at in ((i - 1, j), (i, j - 1), (i - 1, j - 1)) if at in d]
                best = -sw.logsumexp([-way for way in ways]) if len(ways) > 1 else ways[0]
                d[i, j] = (a[i] - seen[j]) ** 2 + best
        return [d[n - 1, n - 1]]

    return distance, [number.gauss(0, 1) for _ in range(n)]
