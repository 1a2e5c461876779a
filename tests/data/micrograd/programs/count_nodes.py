import random

from micrograd.engine import Value

random.seed(3)


def nodes(root):
    found, todo = set(), [root]
    while todo:
        node = todo.pop()
        if node not in found:
            found.add(node)
            todo.extend(node._prev)
    return found


def histogram(root):
    counts = {}
    for node in nodes(root):
        counts[node._op] = counts.get(node._op, 0) + 1
    return dict(sorted(counts.items()))


xs = [Value(random.random()) for _ in range(5)]
print(len(nodes(sum(xs))), len(nodes(sum(xs, Value(0.0)))), len(nodes(sum(xs[1:], xs[0]))))
mean = sum(xs) / len(xs)
variance = sum((x - mean) ** 2 for x in xs) / len(xs)
print(histogram(mean), histogram(variance))
sigma = variance**0.5
normal = [(x - mean) / sigma for x in xs]
loss = sum(n * n for n in normal)
print(len(nodes(loss)), histogram(loss))
leaves = [n for n in nodes(loss) if not n._prev]
print(len(leaves), all(n._op == "" for n in leaves), len({id(x) for x in xs} & {id(n) for n in leaves}))
poly = 0
x = Value(1.5)
for k in (4, 3, 2, 1):
    poly = poly * x + k
print(poly.data, histogram(poly))
