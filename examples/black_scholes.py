"""Black and Scholes: an option's price, and all its Greeks as derivatives of derivatives.

    python examples/black_scholes.py

A Greek is the price differentiated by some of its arguments, one after the other: `sw.grad` of `sw.grad`. The closed
forms of the textbooks stand beside them, and the last column says how far the two are apart.
"""

import math

import slopewise as sw


def normal_cdf(x):
    return 0.5 * (1.0 + sw.erf(x / math.sqrt(2.0)))


def price(spot, strike, years, volatility, rate, dividends):
    """The price of a European call."""
    spread = volatility * sw.sqrt(years)
    d1 = (sw.log(spot / strike) + (rate - dividends + volatility**2 / 2) * years) / spread
    d2 = d1 - spread
    return spot * sw.exp(-dividends * years) * normal_cdf(d1) - strike * sw.exp(-rate * years) * normal_cdf(d2)


# What the price is differentiated by, for each Greek.
GREEKS = {
    "delta": ("spot",),
    "vega": ("volatility",),
    "theta": ("years",),
    "rho": ("rate",),
    "epsilon": ("dividends",),
    "dual delta": ("strike",),
    "gamma": ("spot", "spot"),
    "vanna": ("spot", "volatility"),
    "volga": ("volatility", "volatility"),
    "charm": ("spot", "years"),
    "veta": ("volatility", "years"),
    "dual gamma": ("strike", "strike"),
    "speed": ("spot", "spot", "spot"),
    "zomma": ("spot", "spot", "volatility"),
    "color": ("spot", "spot", "years"),
    "ultima": ("volatility", "volatility", "volatility"),
}


def greek(name):
    """Return a Greek as a function of the price's own arguments."""
    found = price
    for argument in GREEKS[name]:
        found = sw.grad(found, wrt=argument)
    return found


def closed_forms(S, K, T, s, r, q):
    """Return every Greek by its formula, derivatives by time taken along the years left."""
    root, phi = math.sqrt(T), lambda x: math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    N = lambda x: math.erfc(-x / math.sqrt(2)) / 2
    d1 = (math.log(S / K) + (r - q + s * s / 2) * T) / (s * root)
    d2 = d1 - s * root
    paid, discount = math.exp(-q * T), math.exp(-r * T)
    vega, gamma = S * paid * phi(d1) * root, paid * phi(d1) / (S * s * root)
    drift = (2 * (r - q) * T - d2 * s * root) / (2 * T * s * root)
    return {
        "delta": paid * N(d1),
        "vega": vega,
        "theta": S * paid * phi(d1) * s / (2 * root) + r * K * discount * N(d2) - q * S * paid * N(d1),
        "rho": K * T * discount * N(d2),
        "epsilon": -S * T * paid * N(d1),
        "dual delta": -discount * N(d2),
        "gamma": gamma,
        "vanna": -paid * phi(d1) * d2 / s,
        "volga": vega * d1 * d2 / s,
        "charm": paid * (phi(d1) * drift - q * N(d1)),
        "veta": -vega * (q + (r - q) * d1 / (s * root) - (1 + d1 * d2) / (2 * T)),
        "dual gamma": discount * phi(d2) / (K * s * root),
        "speed": -gamma / S * (d1 / (s * root) + 1),
        "zomma": gamma * (d1 * d2 - 1) / s,
        "color": -gamma * (q + 1 / (2 * T) + drift * d1),
        "ultima": -vega / s**2 * (d1 * d2 * (1 - d1 * d2) + d1**2 + d2**2),
    }


def implied_volatility(target, spot, strike, years, rate, dividends):
    """Return the volatility at which the price is the target's, by Newton's method on vega."""
    price_and_vega = sw.value_and_grad(price, wrt="volatility")
    volatility = 0.5
    for _ in range(50):
        value, vega = price_and_vega(spot, strike, years, volatility, rate, dividends)
        step = (value - target) / vega
        volatility -= step
        if abs(step) < 1e-14:
            break
    return volatility


def main():
    option = (100.0, 110.0, 0.75, 0.25, 0.03, 0.01)
    print("A call on a share at 100, strike 110, nine months, volatility 25 %, rate 3 %, dividends 1 %.")
    print(f"price {sw.compile(price)(*option):.10f}\n")

    formulas = closed_forms(*option)
    print(f"{'Greek':<11} {'the price by':<33} {'slopewise':>20} {'closed form':>20}  apart")
    for name, arguments in GREEKS.items():
        ours, theirs = greek(name)(*option), formulas[name]
        print(f"{name:<11} {', '.join(arguments):<33} {ours:>20.14g} {theirs:>20.14g}  {abs(ours - theirs):.0e}")
    print("\nTheta, charm, veta and color are usually quoted for time passing: with the other sign.")

    print("\nA whole book at once: five strikes, one share; delta and vega of each.")
    strikes = [90.0, 100.0, 110.0, 120.0, 130.0]
    of_book = sw.batched(
        sw.value_and_grad(price, wrt=("spot", "volatility")),
        shared=("spot", "years", "volatility", "rate", "dividends"),
    )
    prices, (deltas, vegas) = of_book(option[0], strikes, *option[2:])
    for row in zip(strikes, prices, deltas, vegas, strict=True):
        print("strike {:3.0f}   price {:9.6f}   delta {:8.6f}   vega {:9.6f}".format(*row))

    found = implied_volatility(7.5, *option[:3], *option[4:])
    print(f"\nA market price of 7.5 means a volatility of {found:.12f}.")
    print(f"At that volatility the price is {sw.compile(price)(*option[:3], found, *option[4:]):.12f}.")


if __name__ == "__main__":
    main()
