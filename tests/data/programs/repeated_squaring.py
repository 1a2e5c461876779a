"""x to a whole power by repeated squaring: an int that is halved, tested and compared on the way."""


def program(x, n):
    result, base = 1.0, x
    while n > 0:
        if n % 2 == 1:
            result = result * base
        base = base * base
        n //= 2
    return result


CALLS = [(1.5, 10), (1.5, 13), (0.5, 1), (-2.0, 3), (1.1, 0), (2.0, 10)]
KNOWN = {0: 1.5**10, 3: -8.0}
