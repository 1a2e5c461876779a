"""How the paths of `sw.why` are told apart."""

from typing import Any

import slopewise as sw
from slopewise import Value


def test_a_path_that_skips_what_another_passes() -> None:
    xs = [Value(1.0), Value(2.0), Value(3.0)]
    ex = [sw.exp(x) for x in xs]
    Z = sum(ex)
    p = [e / Z for e in ex]
    loss = -sw.log(p[1])
    assert sw.why(xs[1], loss).ways == ["from p[1] straight to ex[1]", "through Z"]


def test_long_paths_are_told_by_where_they_part() -> None:
    angle, speed = Value(0.5, label="angle"), Value(0.0, label="speed")

    def energy() -> Value:
        th: Any = angle
        w: Any = speed
        for _ in range(3):
            w = w - 0.981 * sw.sin(th)
            th = th + 0.1 * w
        result: Value = w * w / 2 + 9.81 * (1 - sw.cos(th))
        return result

    answer = sw.why(angle, energy())
    text = answer.text(200)
    rows = [line.strip().partition("  ")[2].partition("  ")[0].strip() for line in text.split("\n") if " → " in line]
    assert len(rows) == answer.count
    assert len(set(rows)) == len(rows), "no two paths read alike"
    assert "Here v" in text, "nodes without a name are told"


def test_many_doublings_take_no_time() -> None:
    x = Value(1.0, label="x")

    def doubled() -> Value:
        y = x
        for _ in range(5_000):
            y = y * 1.0 + y * 0.5
        return y

    assert len(sw.why(x, doubled(), most=3).ways) == 3


def test_a_gradient_of_two_is_not_called_large() -> None:
    n, m, k = Value(3.0, label="n"), Value(2.0, label="m"), Value(200.0, label="k")
    assert "It gets its size from m = 2." in str(sw.why(n, n * m))
    assert "It is large because of k = 200." in str(sw.why(n, n * k))


def test_shares_of_0_are_not_among_those_that_are_alike() -> None:
    b, w = Value(0.0, label="b"), Value(3.0, label="w")
    loss = sw.mean([w + b, w - 1 + b, w * 2 + b]) + b * b * 0.01
    text = " ".join(str(sw.why(b, loss)).split())
    assert "Each share other than 0 gets its size from the mean of 3" in text
    assert text.count("where the other factor is b = 0") == 1


def test_a_share_that_is_rounded_to_0_is_not_called_0() -> None:
    x = Value(1.0, label="x")
    y = x
    for _ in range(1200):
        y = y * 0.5 + y * 0.5
    text = sw.why(x, y, most=2).text()
    assert text.count("about 0") == 2


def test_a_path_of_ones() -> None:
    x = Value(1.0, label="x")
    y = x
    for _ in range(12):
        y = y + y
    assert "none" in str(sw.why(x, y, most=2))


def test_one_path_leads() -> None:
    q = Value(5.0, label="q")
    assert "1 path lead " not in str(sw.why(q, q))
