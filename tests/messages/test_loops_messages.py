"""What is said about texts that are no Loops, and about Loops that break a rule, word for word."""

from array import array
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from slopewise import ir
from slopewise.errors import IRError, ShapeError
from slopewise.ir.loops import (
    Affine,
    Apply,
    Array,
    For,
    Index,
    Let,
    Literal,
    Load,
    Local,
    Loops,
    Range,
    Store,
    Sum,
)
from slopewise.ir.operations import CODES

UNREADABLE = [
    ('', 'the end of the text stands where loops is due\nline 1, column 1:\n    \n    ^\nloops begin with: loops('),
    ('def f(x): return x', 'def stands where loops is due\nline 1, column 1:\n    def f(x): return x\n    ^\nloops begin with: loops('),
    ('loops{}', '{ stands where ( is due\nline 1, column 6:\n    loops{}\n         ^\nloops begin with: loops('),
    ('loops(x) { return }', ') stands where [ is due\nline 1, column 8:\n    loops(x) { return }\n           ^\nan array is written with the lengths of its axes: w[16, 2]'),
    ('loops(x[0.5]) { return }', '0.5 stands where the length of an axis is due\nline 1, column 9:\n    loops(x[0.5]) { return }\n            ^\nan array is written with the lengths of its axes: w[16, 2]'),
    ('loops(x[3] y[2]) { return }', 'y stands where , is due\nline 1, column 12:\n    loops(x[3] y[2]) { return }\n               ^\na comma stands between two inputs'),
    ('loops(x[3]) return', 'return stands where { is due\nline 1, column 13:\n    loops(x[3]) return\n                ^\nafter the inputs comes {'),
    ('loops(x[3], x[3]) { return }', 'x names an array already\nline 1, column 13:\n    loops(x[3], x[3]) { return }\n                ^\neverything has a name of its own'),
    ('loops(for[3]) { return }', 'for cannot be a name\nline 1, column 7:\n    loops(for[3]) { return }\n          ^\nit has a meaning of its own'),
    ('loops(x[3])\n{\n  local y[3]\n  for i in 3 { y[i] = sine(x[i]) }\n  return\n}', 'sine is no operation\nline 4, column 23:\n      for i in 3 { y[i] = sine(x[i]) }\n                          ^\ndid you mean sin?'),
    ('loops(x[3]) { y[0] = zzz(x[0]) return }', 'y is no array\nline 1, column 15:\n    loops(x[3]) { y[0] = zzz(x[0]) return }\n                  ^\nan array is declared before the statements: local y[10]'),
    ('loops() { local y[1] y[0] = constant(2) return }', 'constant is no operation\nline 1, column 29:\n    loops() { local y[1] y[0] = constant(2) return }\n                                ^\nthe operations stand in docs/program.md'),
    ('loops() { table at[2] = 1 return }', 'at is said to hold 2, and these are 1\nline 1, column 20:\n    loops() { table at[2] = 1 return }\n                       ^\na table has its whole numbers behind it: table at[3] = 0, 4, 2'),
    ('loops() { table at[1] = 1.5 return }', '1.5 stands where a whole number is due\nline 1, column 25:\n    loops() { table at[1] = 1.5 return }\n                            ^\na table has its whole numbers behind it: table at[3] = 0, 4, 2'),
    ('loops() { table at[1] = 99999999999 return }', '99999999999 is more than 2,147,483,647\nline 1, column 25:\n    loops() { table at[1] = 99999999999 return }\n                            ^\nwhole numbers are C ints'),
    ('loops() { constant c[1] = x return }', 'x stands where a number is due\nline 1, column 27:\n    loops() { constant c[1] = x return }\n                              ^\na constant has its numbers behind it: constant c[3] = 0.5, 1, 2'),
    ('loops() { constant c[2] = nan(0x1), 2 return }', 'nan(0x1) has the bits of a number\nline 1, column 27:\n    loops() { constant c[2] = nan(0x1), 2 return }\n                              ^\na nan is written nan, or with its bits as in nan(0xfff8000000000000)'),
    ('loops(x[2]) { inputs y = 3 return }', 'y is no array of inputs\nline 1, column 22:\n    loops(x[2]) { inputs y = 3 return }\n                         ^\nthey stand in the first line: loops(x[10])'),
    ('loops(x[2]) { inputs x 3 return }', '3 stands where = is due\nline 1, column 24:\n    loops(x[2]) { inputs x 3 return }\n                           ^\ninputs are placed as in: inputs x = 0 .. 10'),
    ('loops(x[2]) { inputs x = 0 .. 0 return }', 'a run of no places\nline 1, column 26:\n    loops(x[2]) { inputs x = 0 .. 0 return }\n                             ^\nit goes from its first place to before its end: 0 .. 10'),
    ('loops(x[2]) { inputs x = 0 .. 4 by 0 return }', 'a run of no places\nline 1, column 26:\n    loops(x[2]) { inputs x = 0 .. 4 by 0 return }\n                             ^\nit goes from its first place to before its end: 0 .. 10'),
    ('loops(x[2]) { inputs x = 0 .. 9999999 return }', 'a run of 9,999,999 places, and the array has 2\nline 1, column 26:\n    loops(x[2]) { inputs x = 0 .. 9999999 return }\n                             ^\nplaces are written 3, or 0 .. 10, or 0 .. 10 by 2'),
    ('loops(x[2]) { names x return }', 'x stands where a name in quotes is due\nline 1, column 21:\n    loops(x[2]) { names x return }\n                        ^\nthe names of the inputs: names "a", "b"'),
    ('loops(x[2]) { names "\\q" return }', '"\\q" is no string\nline 1, column 21:\n    loops(x[2]) { names "\\q" return }\n                        ^\na name in quotes is written as in JSON: "a\\tb"'),
    ('loops(x[100000, 100000]) { return }', 'x would hold 10,000,000,000 numbers\nline 1, column 7:\n    loops(x[100000, 100000]) { return }\n          ^\nan array holds up to 2,147,483,647'),
    ('loops(x[3]) { local y[1] y[0] = x return }', 'x is an array, and one of its elements is needed\nline 1, column 33:\n    loops(x[3]) { local y[1] y[0] = x return }\n                                    ^\nan element is written with its index: x[0]'),
    ('loops(x[3]) { local y[1] for i in 1 { y[i] = i } return }', 'i counts a loop, and stands in indices alone\nline 1, column 46:\n    ...(x[3]) { local y[1] for i in 1 { y[i] = i } return }\n                                               ^\nto compute with it, put 0, 1, 2 and so on into a constant array'),
    ('loops(x[3]) { local y[1] y[0] = t return }', 't is no name that stands for a number here\nline 1, column 33:\n    loops(x[3]) { local y[1] y[0] = t return }\n                                    ^\nnone is known here'),
    ('loops(x[3]) { time = 3; local y[1] return }', 'local stands behind a statement\nline 1, column 25:\n    loops(x[3]) { time = 3; local y[1] return }\n                            ^\ndeclarations come first'),
    ('loops(x[3]) { local y[1] time = 3; y[0] = tame return }', 'tame is no name that stands for a number here\nline 1, column 43:\n    ...ops(x[3]) { local y[1] time = 3; y[0] = tame return }\n                                               ^\ndid you mean time?'),
    ('loops(x[3]) { local y[1] y[0] = relu(x[0], 2) return }', ', stands where ) is due\nline 1, column 42:\n    ...oops(x[3]) { local y[1] y[0] = relu(x[0], 2) return }\n                                               ^\nrelu takes 1 operand'),
    ('loops(x[3]) { local y[1] y[0] = where(x[0], 2) return }', ') stands where , is due\nline 1, column 46:\n    ...(x[3]) { local y[1] y[0] = where(x[0], 2) return }\n                                               ^\nwhere takes 3 operands'),
    ('loops(x[3]) { local y[1] y[0] = 1 < x[0] <= 2 return }', '<= stands behind another comparison, <\nline 1, column 42:\n    ...oops(x[3]) { local y[1] y[0] = 1 < x[0] <= 2 return }\n                                               ^\na comparison gives 1 or 0; brackets say which comes first: (a < b) == c'),
    ('loops(x[3]) { local y[1] y[0] = x[0] 3 return }', '3 stands where a statement is due\nline 1, column 38:\n    loops(x[3]) { local y[1] y[0] = x[0] 3 return }\n                                         ^\na statement is h[i] = ..., t = ..., for i in 10 { ... } or scan t in 10 { ... }; then comes return'),
    ('loops(x[3]) { local y[1] y[0] = x[0] * / 3 return }', '/ stands where an operand is due\nline 1, column 40:\n    loops(x[3]) { local y[1] y[0] = x[0] * / 3 return }\n                                           ^\nan operand is a number, a name, h[i], or an operation: exp(t)'),
    ('loops(x[3]) { local y[1] y[0] = (x[0] return }', 'return stands where ) is due\nline 1, column 39:\n    loops(x[3]) { local y[1] y[0] = (x[0] return }\n                                          ^\na bracket is closed behind what it holds together'),
    ('loops(x[3]) { local y[1] y[0] = sum(x[0]) return }', '[ stands where in is due\nline 1, column 38:\n    loops(x[3]) { local y[1] y[0] = sum(x[0]) return }\n                                         ^\na loop is written i in 10, or i in 2 .. 10'),
    ('loops(x[3]) { local y[1] y[0] = sum(i in 3, x[i]) return }', '[ stands where in is due\nline 1, column 46:\n    ...(x[3]) { local y[1] y[0] = sum(i in 3, x[i]) return }\n                                               ^\na loop is written i in 10, or i in 2 .. 10'),
    ('loops(x[3]) { for i in 3 { t = 3 } return t[0] }', 't is no array\nline 1, column 43:\n    ...ops(x[3]) { for i in 3 { t = 3 } return t[0] }\n                                               ^\nknown here: x'),
    ('loops(x[3]) { t = 3 t = 4 return }', 't names a number already\nline 1, column 21:\n    loops(x[3]) { t = 3 t = 4 return }\n                        ^\neverything has a name of its own'),
    ('loops(x[3]) { for i in 3, i in 3 { } return }', 'i names a loop variable already\nline 1, column 27:\n    loops(x[3]) { for i in 3, i in 3 { } return }\n                              ^\neverything has a name of its own'),
    ('loops(x[3]) { z[0] = 3 return }', 'z is no array\nline 1, column 15:\n    loops(x[3]) { z[0] = 3 return }\n                  ^\nan array is declared before the statements: local z[10]'),
    ('loops(x[3]) { local y[1] y[0] = z[0] return }', 'z is no array\nline 1, column 33:\n    loops(x[3]) { local y[1] y[0] = z[0] return }\n                                    ^\nknown here: x, y'),
    ('loops(x[3]) { for i in j { } return }', 'j is no variable of a loop around this place\nline 1, column 24:\n    loops(x[3]) { for i in j { } return }\n                           ^\nan index is a number, or adds multiples of loop variables: 3*i + 1'),
    ('loops(x[3]) { for i 3 { } return }', '3 stands where in is due\nline 1, column 21:\n    loops(x[3]) { for i 3 { } return }\n                        ^\na loop is written i in 10, or i in 2 .. 10'),
    ('loops(x[3]) { for i in 3 return }', 'return stands where { is due\nline 1, column 26:\n    loops(x[3]) { for i in 3 return }\n                             ^\nafter the loops comes {'),
    ('loops(x[3]) { for i in 3 { return } }', 'return stands within a loop\nline 1, column 28:\n    loops(x[3]) { for i in 3 { return } }\n                               ^\nit stands at the end, behind all loops'),
    ('loops(x[3]) { local y[3] for i in 3 { y[i] = x[i/2] } return }', '/ stands where ] is due\nline 1, column 49:\n    ...3]) { local y[3] for i in 3 { y[i] = x[i/2] } return }\n                                               ^\nan index is a number, or adds multiples of loop variables: 3*i + 1'),
    ('loops(x[9]) { local y[3] for i in 3 { y[i] = x[i*i] } return }', 'i stands where a whole number is due\nline 1, column 50:\n    ...]) { local y[3] for i in 3 { y[i] = x[i*i] } return }\n                                               ^\nan index is a number, or adds multiples of loop variables: 3*i + 1'),
    ('loops(x[3, 3]) { local y[9] for i in 9 { y[i] = x[i] } return }', 'x has 2 axes, and 1 index stands here\nline 1, column 51:\n    ... 3]) { local y[9] for i in 9 { y[i] = x[i] } return }\n                                               ^\nthe place along all axes is written with an @: x[@0]'),
    ('loops(x[3]) { local y[3] for i in 3 { y[i] = x[i, 0] } return }', 'x has 1 axis, and 2 indices stand here\nline 1, column 48:\n    ...[3]) { local y[3] for i in 3 { y[i] = x[i, 0] } return }\n                                               ^\nthe place along all axes is written with an @: x[@0]'),
    ('loops(x[3, 3]) { table t[2] = 1, 3 local y[2] for i in 2 { y[i] = x[t[i], 1] } return }', 'x has 2 axes, and t gives one number\nline 1, column 69:\n    ...= 1, 3 local y[2] for i in 2 { y[i] = x[t[i], 1] } return }\n                                               ^\na table gives the place along all axes: x[@t[i]]'),
    ('loops(x[3, 3]) { table t[2] = 1, 3 local y[2] for i in 2 { y[i] = x[1, t[i]] } return }', 'a number of the table t stands where none may be looked up\nline 1, column 72:\n    ..., 3 local y[2] for i in 2 { y[i] = x[1, t[i]] } return }\n                                               ^\na table gives a whole index, along all axes: w[@at[k] + i]'),
    ('loops(x[3]) { table t[2] = 1, 2 local y[2] for i in 2 { y[i] = x[t[i] - t[0]] } return }', 't is a table, and an index adds one number of one table to a formula\nline 1, column 73:\n    ...local y[2] for i in 2 { y[i] = x[t[i] - t[0]] } return }\n                                               ^\nan index is written t[k] + 3*i + 1'),
    ('loops(x[3]) { table t[2] = 1, 2 local y[2] for i in 2 { y[i] = x[t] } return }', '] stands where [ is due\nline 1, column 67:\n    ... 1, 2 local y[2] for i in 2 { y[i] = x[t] } return }\n                                               ^\nt is a table, and is looked up as t[i]'),
    ('loops(x[3, 2]) { return x[0, 5] }', '5 stands where x has an axis of length 2\nline 1, column 27:\n    loops(x[3, 2]) { return x[0, 5] }\n                              ^\nan axis of length 2 is counted from 0 to 1'),
    ('loops(x[3]) { return x[0 .. 5] }', 'a run of 5 places, and the array has 3\nline 1, column 24:\n    loops(x[3]) { return x[0 .. 5] }\n                           ^\nplaces are written 3, or 0 .. 10, or 0 .. 10 by 2'),
    ('loops(x[3]) { return x[0] x[1] }', 'x stands where , is due\nline 1, column 27:\n    loops(x[3]) { return x[0] x[1] }\n                              ^\na comma stands between two outputs, and } behind the last'),
    ('loops(x[3]) { return x }', '} stands where [ is due\nline 1, column 24:\n    loops(x[3]) { return x }\n                           ^\nan output is an element of an array, or a run: y[0 .. 10]'),
    ('loops(x[3]) { return y[0] }', 'y is no array\nline 1, column 22:\n    loops(x[3]) { return y[0] }\n                         ^\nknown here: x'),
    ('loops(x[3]) { return x[0]', 'the end of the text stands where , is due\nline 1, column 26:\n    loops(x[3]) { return x[0]\n                             ^\na comma stands between two outputs, and } behind the last'),
    ('loops(x[3]) { return } }', '} stands behind the loops\nline 1, column 24:\n    loops(x[3]) { return } }\n                           ^\na text holds one function'),
    ('loops(x[3]) { constant c[99] = 1, 2, ... 97 more return }', 'the text is shortened here, and what is left out cannot be read\nline 1, column 38:\n    loops(x[3]) { constant c[99] = 1, 2, ... 97 more return }\n                                         ^\nprint it to the end: print_loops(loops, full=True)'),
    ('loops(x[3]) { return x[0], ... 97 more }', 'the text is shortened here, and what is left out cannot be read\nline 1, column 28:\n    loops(x[3]) { return x[0], ... 97 more }\n                               ^\nprint it to the end: print_loops(loops, full=True)'),
    ('loops(x[3]) { return $ }', "'$' means nothing here\nline 1, column 22:\n    loops(x[3]) { return $ }\n                         ^\nloops are made of names, numbers, signs such as + and .., brackets, and @ , : ; ="),
    ('loops(x[3]) { local y[1] y[0] = ------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------1 return }', 'loops and expressions stand more than 200 deep in one another\nline 1, column 233:\n    ...------------------------------------------------------------------------...\n                                               ^\nname a part first, on a line of its own: t = ...'),
    ('loops() { for i in 1 { t = 1 }for i in 1 { t = 1 }for i in 1 { t = 1 }for i in 1 { t = 1 }for i in 1 { t = 1 }for i in 1 { t = 1 }for i in 1 { t = 1 }for i in 1 { t = 1 }for i in 1 { t = 1 }for i in 1 { t = 1 }for i in 1 { t = 1 }for i in 1 { t = 1 }for i in 1 { t = 1 }for i in 1 { t = 1 }for i in 1 { t = 1 }for i in 1 { t = 1 }for i in 1 { t = 1 }for i in 1 { t = 1 }for i in 1 { t = 1 }for i in 1 { t = 1 } for return }', '} stands where in is due\nline 1, column 423:\n    ... t = 1 }for i in 1 { t = 1 } for return }\n                                               ^\na loop is written i in 10, or i in 2 .. 10'),
]  # fmt: skip
BROKEN = [
    ('loops(x[3]) { local y[3] for i in 3 { y[i] = x[i + 1] } return }', 'x[i + 1] reaches x[3], and x holds 3 numbers\nat y[i] = x[i + 1]\nan index lies within its array for every member'),
    ('loops(x[3]) { local y[3] for i in 4 { y[i] = 0 } return }', 'y[i] reaches y[3], and y holds 3 numbers\nat y[i] = 0\nan index lies within its array for every member'),
    ('loops(x[3, 2]) { local y[1] y[0] = sum(i in 3, j in 3: x[i, j]) return }', 'x[@2*i + j] reaches x[6], and x holds 6 numbers\nat y[0] = sum(i in 3, j in 3: x[@2*i + j])\nan index lies within its array for every member'),
    ('loops(x[3]) { table at[3] = 0, 1, 3 local y[3] for i in 3 { y[at[i]] = 0 } return }', 'y[at[i]] reaches y[3], and y holds 3 numbers\nat y[at[i]] = 0\nan index lies within its array for every member'),
    ('loops(x[3]) { table at[3] = 0, 1, 2 local y[3] for i in 3 { y[i] = x[at[i + 1] - 1] } return }', 'x[at[i + 1] - 1] reaches at[3], and at holds 3 numbers\nat y[i] = x[at[i + 1] - 1]\nan index lies within its array for every member'),
    ('loops(x[3]) { table at[3] = 0, 1, 2 local y[3] for i in 3 { y[i] = sum(j in at[i] .. at[i + 1]: x[j]) } return }', 'at[i + 1] reaches at[3], and at holds 3 numbers\nat y[i] = sum(j in at[i] .. at[i + 1]: x[j])\nwhat is looked up lies within its table for every member'),
    ('loops() { local y[3] for i in 3 { y[i] = y[i] } return }', 'y[0] is read before it is written\nat y[i] = y[i], i = 0\nan element is written before it is read'),
    ('loops() { local y[3] scan i in 3 { y[i] = y[2 - i] } return }', 'y[2] is read before it is written\nat y[i] = y[2 - i], i = 0\nan element is written before it is read'),
    ('loops(x[3]) { local y[4] y[0] = 1 for t in 3 { y[t + 1] = x[t] * y[t] } return }', 'y[1] is read, and another member of the loops writes it\nat y[t + 1] = x[t] * y[t], t = 1\nmembers of loops may run in any order; where one reads what another wrote, it is a scan'),
    ('loops(x[3]) { local y[3], z[3] for i in 3 { y[i] = x[i] z[i] = y[2 - i] } return }', 'y[2] is read before it is written\nat z[i] = y[2 - i], i = 0\nan element is written before it is read'),
    ('loops(x[3]) { local y[3, 2] for i in 2 { y[i, 0] = x[i] y[i, 1] = 2 } return }', 'y[2, 0] is never written\nin <Loops: 3 inputs, 2 nests, 0 outputs>\nevery element of a local array is written exactly once'),
    ('loops(x[3]) { local y[3] for i in 3 { y[0] = x[i] } return }', 'y[0] is written a second time\nat y[0] = x[i], i = 1\nevery element of a local array is written exactly once'),
    ('loops(x[3]) { local y[3, 2] for i in 3, j in 2 { y[i, j] = x[i] } y[1, 1] = 3 return }', 'y[1, 1] is written a second time\nat y[1, 1] = 3\nevery element of a local array is written exactly once'),
    ('loops(x[3]) { table at[3] = 0, 1, 1 local y[3] for i in 3 { y[at[i]] = 0 } return }', 'y[1] is written a second time\nat y[at[i]] = 0\nevery element of a local array is written exactly once'),
    ('loops(x[3]) { x[0] = 3 return }', 'x is written, and is an input\nat x[0] = 3\nstatements write local arrays alone'),
    ('loops(x[3]) { constant c[2] = 3 return }', 'c is a constant of 2 numbers, and has 1 of its values\namong the arrays\nan input has an input of the Program for each element, a constant a number, a local array neither'),
    ('loops(x[3]) { inputs x = 0, 1 return }', 'x is an input of 3 numbers, and has 2 of its inputs\namong the arrays\nan input has an input of the Program for each element, a constant a number, a local array neither'),
    ('loops(x[3]) { names "a" return }', 'element 1 of x is input 1, and there are names for 1\namong the arrays\neach input has a name, and is counted from 0'),
    ('loops(x[3]) { return x[3] }', 'output 0 is element 3 of x, which holds 3 numbers\nin <Loops: 3 inputs, 0 nests, 1 output>\nan output is an element of an array'),
    ('loops(x[3]) { inputs x = 0, -1, 2 return }', 'element 1 of x is input -1, and there are names for 3\namong the arrays\neach input has a name, and is counted from 0'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), UNREADABLE, ids=range(len(UNREADABLE)))
def test_what_is_no_text_of_loops(text: str, message: str) -> None:
    with pytest.raises(IRError) as info:
        ir.parse_loops(text)
    assert str(info.value) == message


@pytest.mark.parametrize(("text", "message"), BROKEN, ids=range(len(BROKEN)))
def test_what_breaks_a_rule(text: str, message: str) -> None:
    with pytest.raises(IRError) as info:
        ir.parse_loops(text)
    assert str(info.value) == message


GOOD = ir.parse_loops("""
    loops(x[3], y[3]) {
      table at[3] = 0, 2, 1
      constant c[2] = 0.5, 2
      local h[3]
      for i in 3 { t = x[at[i]] * c[0]; h[i] = t + y[i] }
      return h[0 .. 3]
    }""")
X, Y, C, H = GOOD.arrays
I0 = Index(Affine(0))
THREE = Range("i", I0, Index(Affine(3)))


def body(*statements: Any, ranges: tuple[Range, ...] = (THREE,)) -> Loops:
    return replace(GOOD, body=(For(ranges, statements),))


def store(value: Any, place: Index = I0) -> Loops:
    return body(Store("h", place, value))


def changed(a: Array, **columns: Any) -> Loops:
    return replace(GOOD, arrays=tuple(replace(b, **columns) if b is a else b for b in GOOD.arrays))


def deep(n: int) -> Any:
    value: Any = Literal(1.0)
    for _ in range(n):
        value = Apply(CODES["negate"], (value,))
    return value


ANY: Any = None
NUMBER: Any = 5
CASES: dict[str, Callable[[], Any]] = {
    "no Loops": lambda: ir.parse("program() { return }"),
    "a name": lambda: replace(GOOD, names=(*GOOD.names[:5], NUMBER)),
    "an array's name": lambda: changed(X, name="x[0]"),
    "two arrays": lambda: changed(X, name="y"),
    "a table and an array": lambda: changed(X, name="at"),
    "the kinds": lambda: replace(GOOD, arrays=(X, C, Y, H)),
    "no axis": lambda: changed(H, shape=()),
    "an empty axis": lambda: changed(H, shape=(3, 0)),
    "a list": lambda: changed(C, values=[1.0, 2.0]),
    "longs": lambda: changed(X, inputs=array("l", [0, 1, 2])),
    "too many values": lambda: changed(H, values=array("d", [1.0])),
    "an empty table": lambda: replace(GOOD, tables=(replace(GOOD.tables[0], values=array("i")),)),
    "outputs": lambda: replace(GOOD, output_places=array("i", [1])),
    "an output's array": lambda: replace(GOOD, output_arrays=array("i", [3, 4, 3])),
    "no statement": lambda: body(None),
    "no expression": lambda: store(None),
    "no number": lambda: store(Literal(ANY)),
    "no range": lambda: body(ranges=()),
    "undeclared, written": lambda: body(Store("z", I0, Literal(1.0))),
    "undeclared, read": lambda: store(Load("z", I0)),
    "undeclared table": lambda: store(Load("x", Index(Affine(0), "z"))),
    "undeclared bound": lambda: body(ranges=(replace(THREE, stop=Index(Affine(0), "z")),)),
    "a place without a table": lambda: store(Load("x", Index(Affine(0), None, Affine(1)))),
    "an unknown local": lambda: store(Local("t")),
    "a variable as a number": lambda: store(Local("i")),
    "a local of another block": lambda: replace(
        GOOD, body=(For((THREE,), (Let("t", Literal(1.0)),)), Store("h", I0, Local("t")))
    ),
    "a local's name": lambda: body(Let("x", Literal(1.0))),
    "a variable's name": lambda: body(ranges=(THREE, THREE)),
    "a bad name": lambda: body(Let("2t", Literal(1.0))),
    "a code": lambda: store(Apply(62, ())),
    "an input's code": lambda: store(Apply(0, ())),
    "the arity": lambda: store(Apply(CODES["where"], (Literal(1.0),))),
    "an unknown variable": lambda: store(Load("x", Index(Affine(0, (("j", 1),))))),
    "a variable of a sum": lambda: store(
        Sum((Range("k", Index(Affine(0, (("k", 1),))), Index(Affine(3))),), Literal(1.0))
    ),
    "a factor of 0": lambda: store(Load("x", Index(Affine(0, (("i", 0),))))),
    "the order of terms": lambda: body(
        Store("h", Index(Affine(0, (("j", 1), ("i", 1)))), Literal(1.0)), ranges=(THREE, replace(THREE, variable="j"))
    ),
    "too deep": lambda: store(deep(200)),
}
MESSAGES = {
    'no Loops': 'verify_loops() takes Loops, got Program',
    'a name': 'input 5 is named 5, and a name is a string',
    "an array's name": "an array is named 'x[0]'\namong the names\na name is made of letters, digits, _ and dots, and is not for, scan, in, by, return, inf or nan",
    'two arrays': 'y names an array and an array\namong the names\neverything has a name of its own',
    'a table and an array': 'at names a table and an array\namong the names\neverything has a name of its own',
    'the kinds': 'y is an input, and stands behind a constant\namong the arrays\ninputs come first, then constants, then local arrays',
    'no axis': 'h has the shape ()\namong the arrays\nan array has at least one axis, each of length 1 or more, and at most 2,147,483,647 numbers',
    'an empty axis': 'h has the shape (3, 0)\namong the arrays\nan array has at least one axis, each of length 1 or more, and at most 2,147,483,647 numbers',
    'a list': "values of c are list, and have to be array('d')",
    'longs': "inputs of x are array('l'), and have to be array('i')",
    'too many values': 'h is a local array of 3 numbers, and has 1 of its values\namong the arrays\nan input has an input of the Program for each element, a constant a number, a local array neither',
    'an empty table': 'at is an empty table\namong the tables\na table holds at least one number',
    'outputs': '3 outputs have an array, and 1 a place in it\nin <Loops: 6 inputs, 1 nest, 1 output>\nevery output has both',
    "an output's array": 'output 1 stands in array 4, and there are 4 arrays\nin <Loops: 6 inputs, 1 nest, 3 outputs>\nan output is an element of an array',
    'no statement': 'NoneType is no statement\nat <NoneType>\na block holds Let, Store and For',
    'no expression': 'NoneType is no expression\nat h[0] = <NoneType>\nLiteral, Local, Load, Apply and Sum are',
    'no number': 'None stands where a number is due\nat h[0] = None\na Literal holds a float',
    'no range': 'a loop has no range\nat for\na loop has at least one variable with its bounds',
    'undeclared, written': 'z is written, and no array bears that name\nat z[@0] = 1\narrays and tables are declared before the statements',
    'undeclared, read': 'z is read, and no array bears that name\nat h[0] = z[@0]\narrays and tables are declared before the statements',
    'undeclared table': 'z is looked up, and no table bears that name\nat h[0] = x[z[0]]\narrays and tables are declared before the statements',
    'undeclared bound': 'z is looked up, and no table bears that name\nat for i in z[0]\narrays and tables are declared before the statements',
    'a place without a table': 'an index has a place in a table, and no table\nat h[0] = x[0]\nwithout a table `at` is Affine(0)',
    'an unknown local': 't is read, and no Let before it in its block or around it names it\nat h[0] = t\nvariables and locals are known within their own block',
    'a variable as a number': 'i is read, and no Let before it in its block or around it names it\nat h[0] = i\nvariables and locals are known within their own block',
    'a local of another block': 't is read, and no Let before it in its block or around it names it\nat h[0] = t\nvariables and locals are known within their own block',
    "a local's name": 'x names a local, and an array already\nat x = 1\neverything has a name of its own',
    "a variable's name": 'i names a loop variable, and a loop variable already\nat for i in 3, i in 3\neverything has a name of its own',
    'a bad name': "a local is named '2t'\nat 2t = 1\na name is made of letters, digits, _ and dots",
    'a code': 'the code 62 means no operation\nat h[0] = code 62()\nthe codes stand in slopewise.ir.operations',
    "an input's code": 'the code 0 means no operation\nat h[0] = input()\nthe codes stand in slopewise.ir.operations',
    'the arity': 'where takes 3 operands, and has 1\nat h[0] = where(1)\nthe operations stand in docs/program.md',
    'an unknown variable': 'j stands in an index, and no loop around it counts by it\nat h[0] = x[j]\nvariables and locals are known within their own block',
    'a variable of a sum': 'k stands in an index, and no loop around it counts by it\nat h[0] = sum(k in k .. 3: 1)\nvariables and locals are known within their own block',
    'a factor of 0': 'i has the factor 0 in 0*i\nat h[0] = x[0*i]\nno factor is 0',
    'the order of terms': 'the terms of j + i are out of order\nat h[j + i] = 1\neach variable occurs once, that of the outermost loop first',
    'too deep': 'loops and expressions stand more than 200 deep in one another\nat h[0] = -(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(- ...\nname a part first, with a Let of its own',
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_rule_has_an_error_of_its_own(case: str) -> None:
    ir.verify_loops(GOOD)
    with pytest.raises(IRError) as info:
        ir.verify_loops(CASES[case]())
    assert str(info.value) == MESSAGES[case]


def test_two_hundred_deep_is_not_too_deep() -> None:
    ir.verify_loops(store(deep(198), Index(Affine(0, (("i", 1),)))))


def test_inputs_that_are_too_few() -> None:
    with pytest.raises(ShapeError) as info:
        ir.interpret_loops(GOOD, [1.0])
    assert str(info.value) == (
        "the loops take 6 inputs, got 1\ngive one number for each of 'x[0]', 'x[1]', 'x[2]', 'y[0]', 'y[1]', 'y[2]'"
    )


def test_many_members_are_not_gone_through_and_doubtful_indices_then_refused() -> None:
    loops = ir.parse_loops(
        "loops(x[9]) { local y[10] for i in 10, j in i + 1 .. 10 { t = x[i] } for i in 10 { y[i] = 1 } return }"
    )
    with pytest.raises(IRError) as info:
        ir.verify_loops(loops, most_steps=5)
    assert str(info.value) == (
        "an index of x is not shown to lie within its 9 numbers\n"
        "at t = x[i]\n"
        "so many members are not gone through: give bounds that show it"
    )
