"""The native engine and the interpreted one give the same bits, types and texts: random programs, run in two processes."""

import json
import os
import subprocess
import sys

import pytest

import slopewise.engine

PROGRAM = r"""
import json, math, random, sys
from decimal import Decimal
from fractions import Fraction
import slopewise as sw
from slopewise import Value
from slopewise.engine import LectureValue, NATIVE
from slopewise.ops import TABLE

def shown(x):
    if isinstance(x, float):
        return "nan" if x != x else x.hex()
    return f"{type(x).__name__} {x!r}"

LITERALS = [0.0, -0.0, 1.0, -1.0, 0.5, math.inf, -math.inf, math.nan, 5e-324, 1e308, 0, 1, -1, 2, -3, 7, 2**53 - 1, 2**53, 2**53 + 1,
            -2**53, -2**53 - 1, 3002399751580331, 94906267, 10**20, Fraction(1, 3), Fraction(-2), True]
UNARY = [row for row in TABLE if row.arity == 1]
BINARY = [row for row in TABLE if row.arity == 2 and row.name not in ("add", "multiply", "power", "power_value")]

def literal(r):
    k = r.random()
    return r.uniform(-3, 3) if k < 0.4 else r.randint(-5, 5) if k < 0.6 else r.choice(LITERALS)

def program(r):
    wild = r.random() < 0.5
    lit = (lambda: literal(r)) if wild else (lambda: r.uniform(-2, 2))
    cls = LectureValue if r.random() < 0.2 else Value
    pool = [cls(lit()) for _ in range(3)]
    out = []
    for _ in range(r.randint(2, 14)):
        a, b, c = r.choice(pool), r.choice(pool), lit()
        kind = r.randrange(17)
        try:
            v = [lambda: a + b, lambda: a * b, lambda: a - b, lambda: a / b, lambda: a + c, lambda: c - a, lambda: a * c, lambda: c / a,
                 lambda: a ** r.choice([2, 3, -1, 0.5, 0, 1.0, 2.5, -2]) if abs(a.data) < 1e30 else a, lambda: -a, lambda: a.relu(), lambda: a.tanh(), lambda: a.exp(),
                 lambda: r.choice(UNARY)(a), lambda: r.choice(BINARY)(a, b), lambda: sw.where(a > b, a, c), lambda: sw.sum([a, b, c, a])][kind]()
        except Exception as error:
            out.append(f"{kind} {type(error).__name__} {error}")
            continue
        pool.append(v)
        out.append(f"{kind} {shown(v.data)} {v._op} {len(v._prev)}")
    if r.random() < 0.2:
        r.choice(pool).data = lit()
    for _ in range(r.choice([1, 1, 2])):
        try:
            pool[-1].backward()
        except Exception as error:
            out.append(f"backward {type(error).__name__} {error}")
    out.append([f"{shown(v.grad)} {v!r}" for v in pool])
    return out

json.dump([NATIVE, [program(random.Random(seed)) for seed in range(1500)]], sys.stdout)
"""


def run(setting: str) -> tuple[bool, list[list[str]]]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"SLOPEWISE_NATIVE": setting},
    )
    assert done.returncode == 0, done.stderr
    native, results = json.loads(done.stdout)
    return native, results


def test_random_programs_to_the_last_bit() -> None:
    if not slopewise.engine.NATIVE:
        pytest.skip("this run has the interpreted engine only; there is nothing to compare it with")
    (interpreted_is_native, interpreted), (native_is_native, native) = run("off"), run("require")
    assert (interpreted_is_native, native_is_native) == (False, True)
    different = [(seed, a, b) for seed, (a, b) in enumerate(zip(interpreted, native, strict=True)) if a != b]
    assert len(interpreted) == 1500
    assert different == [], f"{len(different)} programs differ, first: {different[0]}"


def test_interpreted_runs_repeat() -> None:
    assert run("off") == run("off")
