import random

from micrograd.engine import Value

random.seed(20)
for trial in range(60):
    pool = [Value(random.uniform(-2, 2)) for _ in range(3)] + [Value(random.randint(-3, 3))]
    for _ in range(12):
        x, y = random.choice(pool), random.choice(pool)
        kind = random.randrange(9)
        constant = random.choice([random.gauss(0, 1), random.randint(1, 5), 0.1, -1, 2])
        if kind == 0:
            out = x + y
        elif kind == 1:
            out = x - y
        elif kind == 2:
            out = x * y
        elif kind == 3:
            out = x / y if y.data else x
        elif kind == 4:
            out = x * constant - constant
        elif kind == 5:
            out = constant - x
        elif kind == 6:
            out = constant / x if x.data else -x
        elif kind == 7:
            out = x ** random.choice([2, 3, 2.0, 1] if x.data == 0 else [2, 3, 2.0, 1, 0])
        else:
            out = x.relu()
        if abs(out.data) < 1e50:
            pool.append(out)
    total = sum(pool[4:], Value(0.0))
    print(trial, float(total.data).hex(), [float(v.data).hex() if v.data else repr(v.data) for v in pool[-3:]])
    total.backward()
    print([v.grad for v in pool[:4]])
