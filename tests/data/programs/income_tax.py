"""Tax by brackets: chained comparisons, early returns, a default argument."""


def program(income, allowance=9000.0):
    taxable = income - allowance
    if taxable <= 0:
        return 0.0 * income
    if 0 < taxable < 5000.0:
        return 0.14 * taxable + 1e-5 * taxable**2
    tax, lower, rate = 0.0, 0.0, 0.2
    for upper in (5000.0, 20000.0, 60000.0):
        if taxable > upper:
            tax += rate * (upper - lower)
            lower, rate = upper, rate + 0.1
            continue
        break
    return tax + rate * (taxable - lower)


CALLS = [(8000.0,), (12000.0,), (12000.0, 11000.0), (25000.0,), (45000.0, 5000.0), (1e6,), (25001.0,)]
