"""Loops that are right pass, however they are put; what a look at the text cannot show is found by going through it."""

import subprocess
import sys
from array import array

import pytest

from slopewise import ir
from slopewise.errors import IRError
from slopewise.ir.loops import Affine, Array, For, Index, Kind, Load, Loops, Range, Store, Table

RIGHT = {
    "a slice each": "loops(x[4]) { local y[4] for i in 2 { y[2*i] = x[i] } for i in 2 { y[3 - 2*i] = x[i] } return }",
    "interleaved": "loops() { local y[3, 2] for i in 3 { y[i, 0] = 1 y[i, 1] = y[i, 0] } return }",
    "a member reads its own": "loops() { local y[3], z[3] for i in 3 { y[i] = 1 z[i] = y[i] } return }",
    "nested members": "loops() { local y[2, 2], z[2] for i in 2 { for j in 2 { y[i, j] = 1 } z[i] = sum(j in 2: y[i, j]) } return }",
    "a scan in a loop": "loops() { local y[2, 4] for s in 2 { y[s, 0] = 1 scan t in 3 { y[s, t + 1] = y[s, t] } } return }",
    "a loop in a scan": "loops() { local y[4, 2] for s in 2 { y[0, s] = 1 } scan t in 3 { for s in 2 { y[t + 1, s] = y[t, 1 - s] } } return }",
    "a scan over two": "loops() { local y[7] y[0] = 1 scan i in 3, j in 2 { y[2*i + j + 1] = y[2*i + j] } return }",
    "Fibonacci": "loops() { local y[9] y[0] = 1 y[1] = 1 scan t in 7 { y[t + 2] = y[t] + y[t + 1] } return }",
    "a triangle": "loops() { table at[4] = 0, 0, 1, 3 local y[6] for i in 4, j in i { y[@at[i] + j] = 1 } return }".replace(
        "@", ""
    ),
    "a shuffle": "loops() { table at[4] = 2, 0, 3, 1 local y[4] for i in 4 { y[at[3 - i]] = 1 } return }",
    "rows": "loops() { table row[2] = 3, 0 local y[2, 3] for i in 2, d in 3 { y[@row[i] + d] = 1 } return }",
    "rows turned": "loops() { table row[2] = 3, 0 local y[2, 3] for i in 2, d in 3 { y[@row[i] - d + 2] = 1 } return }",
    "bounds alone do not show it": "loops(x[9]) { local y[1] y[0] = sum(i in 10, j in i + 1 .. 10: x[i]) return }",
    "nothing runs": "loops(x[1]) { for i in 0 { for j in 5 { t = x[i + 7] } } return }",
    "nothing is looked up": "loops(x[1]) { table at[2] = 0, 9 for i in 0 { for j in at[i + 5] .. at[i + 6] { t = x[j] } } return }",
    "an empty block": "loops() { for i in 3 { } return }",
    "written late, read later": "loops() { local y[2], z[2] for i in 2 { z[i] = 1 } for i in 2 { y[i] = z[1 - i] } return }",
    "the same name in two loops": "loops() { local y[3] for i in 2 { t = 1 y[i] = t } for i in 1 { t = 2 y[i + 2] = t } return }",
}
WRONG = {
    "another member": "loops() { local y[2], z[2] for i in 2 { y[i] = 1 z[i] = y[0] } return }",
    "another member of the outer loop": "loops() { local y[2, 2] for s in 2 { y[s, 0] = 1 scan t in 1 { y[s, t + 1] = y[0, t] } } return }",
    "another member of the inner loop": "loops() { local y[2, 2], z[2, 2] scan s in 2 { for j in 2 { y[s, j] = 1 z[s, j] = y[s, 0] } } return }",
    "what a scan in another member wrote": "loops() { local y[2, 3], z[2] for s in 2 { y[s, 0] = 1 scan t in 2 { y[s, t + 1] = y[s, t] } z[s] = y[0, 2] } return }",
    "all written, but by others": "loops() { local y[2], z[2] for i in 2 { y[1 - i] = 1 z[i] = y[1] } return }",
    "too early in a scan": "loops() { local y[3] y[2] = 1 scan t in 2 { y[t] = y[t + 1] } return }",
    "its own value": "loops() { local y[1] y[0] = y[0] return }",
    "a hole": "loops() { local y[3] for i in 2 { y[2*i] = 1 } return }",
    "a later hole": "loops() { local y[3], z[1] for i in 2 { y[2*i] = 1 } z[0] = sum(i in 3: y[i]) y[1] = 1 return }",
    "twice by a loop that does not count": "loops() { local y[2] for i in 2, j in 2 { y[i] = 1 } return }",
    "twice by a sum of variables": "loops() { local y[3] for i in 2, j in 2 { y[i + j] = 1 } return }",
    "twice by a table": "loops() { table at[2] = 1, 1 local y[2] for i in 2 { y[at[i]] = 1 } return }",
    "twice by one number of a table": "loops() { table at[2] = 0, 1 local y[2] for i in 2 { y[at[0]] = 1 } return }",
    "rows that overlap": "loops() { table row[2] = 0, 2 local y[2, 3] for i in 2, d in 3 { y[@row[i] + d] = 1 } return }",
    "outside by a table": "loops(x[2]) { table at[2] = 0, -1 local y[2] for i in 2 { y[i] = x[at[i]] } return }",
    "outside at the last member": "loops(x[8]) { local y[1] y[0] = sum(i in 10, j in i + 1 .. 10: x[i]) return }",
    "below": "loops(x[2]) { local y[2] for i in 2 { y[i] = x[i - 1] } return }",
    "a bound looks up too much": "loops(x[9]) { table at[2] = 0, 9 local y[2] for i in 2 { y[i] = sum(j in at[i] .. at[i + 1]: x[j]) } return }",
}  # fmt: skip


@pytest.mark.parametrize("case", RIGHT)
def test_what_is_right_passes(case: str) -> None:
    loops = ir.parse_loops(RIGHT[case])
    ir.verify_loops(loops)
    ir.interpret_loops(loops, [0.5] * loops.n_inputs)


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_does_not(case: str) -> None:
    with pytest.raises(IRError):
        ir.parse_loops(WRONG[case])


def test_tens_of_thousands_of_inputs_and_outputs() -> None:
    """All of them shuffled: printed, read back and gone through; a time that grew with the square would be minutes."""
    n = 20_000
    order = array("i", [place * 61_987 % n for place in range(n)])
    i = Index(Affine(0, (("i", 1),)))
    place = Index(Affine(0), "at", Affine(0, (("i", 1),)))
    loops = Loops(
        tuple(f"p{k}" for k in range(n)),
        (
            Array("x", Kind.INPUT, (n,), order, array("d")),
            Array("y", Kind.LOCAL, (n // 10, 10), array("i"), array("d")),
        ),
        (Table("at", order),),
        (For((Range("i", Index(Affine(0)), Index(Affine(n))),), (Store("y", place, Load("x", i)),)),),
        array("i", [1]) * n,
        order,
    )
    ir.verify_loops(loops)
    assert len(str(loops)) < 1500
    assert ir.parse_loops(ir.print_loops(loops, full=True)) == loops
    twice = array("i", order)
    twice[n - 1] = twice[0]
    wrong = Loops(
        loops.names, loops.arrays, (Table("at", twice),), loops.body, loops.output_arrays, loops.output_places
    )
    with pytest.raises(IRError, match="written a second time"):
        ir.verify_loops(wrong)


def test_very_many_members_end_the_search_and_are_taken_as_right() -> None:
    text = "loops(x[1]) {{ local h[10000001] h[0] = 0 scan t in 10000000 {{ h[t + 1] = h[t{}] * x[0] }} return h[10000000] }}"
    loops = ir.parse_loops(text.format(""))
    ir.verify_loops(loops, most_steps=1000)
    with pytest.raises(IRError, match="read before it is written"):
        ir.parse_loops(text.format(" + 1"))


def test_importing_programs_does_not_load_loops() -> None:
    """What is loaded late stays out of `import slopewise`; that this test can fail shows its second half."""
    source = "import sys, slopewise; from slopewise import ir; {}; print('slopewise.ir.loops' in sys.modules)"
    for used, found in (("ir.parse", "False"), ("ir.Loops", "True"), ("ir.parse_loops", "True")):
        run = subprocess.run([sys.executable, "-c", source.format(used)], capture_output=True, text=True, check=True)
        assert run.stdout.strip() == found
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        ir.nothing  # type: ignore[attr-defined]
