from micrograd.engine import Value

xs = [k / 4 for k in range(-8, 9)]
ys = [0.5 * x**3 - x + 2 for x in xs]
coef = [Value(0) for _ in range(4)]


def predict(x):
    return sum(c * x**i for i, c in enumerate(coef))


for step in range(30):
    loss = sum((predict(x) - y) ** 2 for x, y in zip(xs, ys)) / len(xs)
    for c in coef:
        c.grad = 0
    loss.backward()
    for i, c in enumerate(coef):
        c.data -= 0.02 * c.grad
    if step in (0, 1, 10, 29):
        print(step, float(loss.data).hex() if step == 0 else loss.data)
print([c.data for c in coef], predict(2).data)
horner = Value(0)
x = Value(3)
for k in (2, -4, 0, 5):
    horner = horner * x + k
horner.backward()
print(horner, x)
