"""What a kernel costs, by counts: when machine code that was not made at the first call would have paid for itself.

To replay on and on costs more than to compile, to compile at once costs more where a function is called a few times.
Nobody knows how often it will be called; so a kernel is replayed until that has taken as long as making machine code
takes, which is made then: whatever comes, that is at most about twice the least there was to pay. Counts decide, not a
clock, so a program switches at the same run each time.

The constants are from `python -m benchmarks.tiers`; `docs/decisions/machine-code.md` has the figures.

Source: A. R. Karlin, M. S. Manasse, L. Rudolph, D. D. Sleator, "Competitive snoopy caching", 1988 (renting or buying).
"""

__all__ = ["LEAST_AT_ALL", "batches_until_paid", "runs_until_paid"]

LEAST_AT_ALL = 32  # with fewer equations, the call itself costs more
"""How many equations there have to be so that machine code is made however often they run."""

_REPLAYED_EQUATION = 1.0  # ns; of functions of libm much more; 0.4 as machine code
_REPLAYED_RUN = 3.0  # ns: what replay takes to go on to another operation
_IN_LANES = 1e5  # ns: a batch in the lanes of replay, however small, beside one of machine code
_MAKING = 2e7  # ns: an object, its linker, the first pages
_MAKING_EQUATION = 1e5  # ns: rolling, text and code of what hardly rolls; 80,000 to 300,000


def runs_until_paid(n_equations: int, n_runs: int) -> int:
    """Return after how many runs replaying took as long as making machine code does, in two digits.

    Args:
        n_equations: How many equations are replayed.
        n_runs: In how many runs of one operation each.
    """
    replayed = _REPLAYED_EQUATION * n_equations + _REPLAYED_RUN * n_runs
    paid = (_MAKING + _MAKING_EQUATION * n_equations) / max(replayed, 1.0)
    return int(float(f"{paid:.1e}"))


def batches_until_paid(n_equations: int) -> int:
    """Return after how many batches the lanes of replay took as long as making machine code does, in two digits.

    Args:
        n_equations: How many equations a row has; what they take is little beside what a batch does.
    """
    return int(float(f"{(_MAKING + _MAKING_EQUATION * n_equations) / _IN_LANES:.1e}"))
