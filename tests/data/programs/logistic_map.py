"""Three hundred steps of a chaotic map: one wrong bit anywhere would be seen everywhere."""


def program(x, r):
    for _ in range(300):
        x = r * x * (1 - x)
    return x


CALLS = [(0.3, 2.9), (0.7, 3.2)]
PATHS = 1
