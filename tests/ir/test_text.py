"""A Program as text: what is printed, what is read, and that both are the same thing."""

import pytest
from hypothesis import given
from random_ir import programs, quick

from slopewise import ir
from slopewise.errors import IRError
from slopewise.ir import Builder, Program, code_of


@quick
@given(programs())
def test_parse_of_print_is_the_same(p: Program) -> None:
    text = str(p)
    assert ir.parse(text) == p
    assert str(ir.parse(text)) == text


def test_a_printed_program() -> None:
    build = Builder()
    x, y = build.input(), build.input()
    two = build.constant(2.0)
    total = build.emit(code_of("add"), build.emit(code_of("power"), x, two), y)
    chosen = build.emit(code_of("where"), build.emit(code_of("less"), x, y), total, build.constant(float("-inf")))
    assert str(build.extract([x, y], [chosen, x], ["x", "loss.w[3]"])) == (
        "program(%0 x, %1 loss.w[3]) {\n"
        "  %2 = constant 2.0\n"
        "  %3 = power %0 %2\n"
        "  %4 = add %3 %1\n"
        "  %5 = less %0 %1\n"
        "  %6 = constant -inf\n"
        "  %7 = where %5 %4 %6\n"
        "  return %7 %0\n"
        "}"
    )


def test_many_inputs_and_outputs_go_over_several_lines() -> None:
    build = Builder()
    inputs = [build.input() for _ in range(30)]
    program = build.extract(inputs, inputs, [f"w[{i}]" for i in range(30)])
    lines = str(program).splitlines()
    assert lines[0] == "program(" and lines[1].startswith("    %0 w[0], %1 w[1], ") and ") {" in lines
    assert max(map(len, lines)) <= 100
    assert not any(line != line.rstrip() for line in lines)
    assert ir.parse(str(program)) == program


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("x", "x"),
        ("_a1", "_a1"),
        ("größe", "größe"),
        ("model.layers[0].w[1]", "model.layers[0].w[1]"),
        ("", '""'),
        ("two words", '"two words"'),
        ("%0", '"%0"'),
        ("1st", '"1st"'),
        ("x,y", '"x,y"'),
        ("a#b", '"a#b"'),
        ('a"b\\c\n', '"a\\"b\\\\c\\n"'),
        ("x = 3; return", '"x = 3; return"'),
        ("\ud800", '"\\ud800"'),
        ("😀", '"\\ud83d\\ude00"'),
        ("return", "return"),
        ("program", "program"),
        ("nan", '"nan"'),
        ("inf", '"inf"'),
    ],
)
def test_names(name: str, shown: str) -> None:
    build = Builder()
    x = build.input()
    program = build.extract([x], [x], [name])
    assert str(program) == f"program(%0 {shown}) {{\n  return %0\n}}"
    assert ir.parse(str(program)) == program


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("2", "2.0"),
        ("-0.0", "-0.0"),
        (".5", "0.5"),
        ("5.", "5.0"),
        ("1E3", "1000.0"),
        ("-1e-320", "-1e-320"),
        ("1e400", "inf"),
        ("-inf", "-inf"),
        ("nan", "nan"),
        ("nan(0x7ff8000000000000)", "nan"),
        ("nan(0xfff8000000000000)", "nan(0xfff8000000000000)"),
        ("nan(0x7ff0000000000001)", "nan(0x7ff0000000000001)"),
        ("0.1000000000000000055511151231257827", "0.1"),
    ],
)
def test_numbers(number: str, shown: str) -> None:
    program = ir.parse(f"program() {{ %0 = constant {number}; return %0 }}")
    assert str(program).splitlines()[1] == f"  %0 = constant {shown}"


def test_the_layout_is_free_where_nothing_is_lost() -> None:
    plain = ir.parse("program(%0 x) {\n  %1 = sin %0\n  %2 = add %1 %0\n  return %2 %1\n}")
    for text in (
        "program(%0 x) { %1 = sin %0; %2 = add %1 %0; return %2 %1 }",
        "program(%0 x){%1=sin %0;;%2=add %1 %0;return %2 %1}",
        "\n# a program\nprogram\t(%0 x  # the input\n) {\r\n\r\n%1 = sin %0 # its sine\n\n%2 = add %1 %0\nreturn %2\n  %1 # both\n}\n\n# end",
        "program(%0\n  x,)\n".replace(",", "") + "{ %1 = sin %0\n %2 = add %1 %0\n return %2 %1\n}",
    ):
        assert ir.parse(text) == plain


LINE_END = "an equation ends with its line or with ;"
WRONG = [
    ("", "the end of the text stands where program is due\nline 1, column 1:\n    \n    ^\na program begins with: program("),
    ("def f(x): return x", "def stands where program is due\nline 1, column 1:\n    def f(x): return x\n    ^\na program begins with: program("),
    ("program(x) {}", "x stands where a slot is due\nline 1, column 9:\n    program(x) {}\n            ^\nan input is a slot and its name: %0 x"),
    ("program(%1 x) {}", "%1 stands where %0 is due\nline 1, column 9:\n    program(%1 x) {}\n            ^\nslots are numbered from 0 on, none left out"),
    ("program(%0) {}", ") stands where a name is due\nline 1, column 11:\n    program(%0) {}\n              ^\nan input is a slot and its name: %0 x"),
    ("program(%0 x %1 y) {}", "%1 stands where , is due\nline 1, column 14:\n    program(%0 x %1 y) {}\n                 ^\na comma stands between two inputs"),
    ("program(%0 x) return %0", "return stands where { is due\nline 1, column 15:\n    program(%0 x) return %0\n                  ^\nafter the inputs comes {"),
    ("program(%0 x) {\n  %1 = sine %0\n  return %1\n}", "sine is no operation\nline 2, column 8:\n      %1 = sine %0\n           ^\ndid you mean sin?"),
    ("program(%0 x) {\n  %1 = zzz %0\n  return %1\n}", "zzz is no operation\nline 2, column 8:\n      %1 = zzz %0\n           ^\nthe operations stand in docs/program.md"),
    ("program(%0 x) { %1 = input; return %1 }", "input is no operation\nline 1, column 22:\n    program(%0 x) { %1 = input; return %1 }\n                         ^\nthe operations stand in docs/program.md"),
    ("program(%0 x) {\n  %1 = add %0\n  return %1\n}", "the end of the line stands where a slot is due\nline 2, column 14:\n      %1 = add %0\n                 ^\nadd takes 2 operands"),
    ("program(%0 x) {\n  %1 = sin %0 %0\n  return %1\n}", f"sin takes 1 operand, and %0 is one more\nline 2, column 15:\n      %1 = sin %0 %0\n                  ^\n{LINE_END}"),
    ("program(%0 x) {\n  %1 = sin 0.5\n  return %1\n}", "0.5 stands where a slot is due\nline 2, column 12:\n      %1 = sin 0.5\n               ^\nsin takes 1 operand"),
    ("program(%0 x) { %1 = constant %0; return %1 }", "%0 stands where a number is due\nline 1, column 31:\n    program(%0 x) { %1 = constant %0; return %1 }\n                                  ^\na constant has its number behind it: %2 = constant 0.5"),
    ("program(%0 x) { %1 = constant 1 2; return %1 }", f"2 stands behind an equation\nline 1, column 33:\n    program(%0 x) {{ %1 = constant 1 2; return %1 }}\n                                    ^\n{LINE_END}"),
    ("program(%0 x) { %1 = sin %0 }", f"}} stands behind an equation\nline 1, column 29:\n    program(%0 x) {{ %1 = sin %0 }}\n                                ^\n{LINE_END}"),
    ("program(%0 x) { }", "} stands where a slot is due\nline 1, column 17:\n    program(%0 x) { }\n                    ^\nan equation is written %2 = add %0 %1, and the last line begins with return"),
    ("program(%0 x) { %1 sin %0 }", "sin stands where = is due\nline 1, column 20:\n    program(%0 x) { %1 sin %0 }\n                       ^\nan equation is written %2 = add %0 %1"),
    ("program(%0 x) { %1 = %0 }", "%0 stands where a name is due\nline 1, column 22:\n    program(%0 x) { %1 = %0 }\n                         ^\nafter = comes the name of an operation"),
    ("program(%0 x) { %1 = sin %1; return %1 }", "%1 is read before it is computed\nline 1, column 26:\n    program(%0 x) { %1 = sin %1; return %1 }\n                             ^\nan operation reads slots above its own line, an output is one of the slots"),
    ("program(%0 x) { return %1 }", "%1 is read before it is computed\nline 1, column 24:\n    program(%0 x) { return %1 }\n                           ^\nan operation reads slots above its own line, an output is one of the slots"),
    ("program(%0 x) { %1 = sin %0; %3 = sin %1; return %1 }", "%3 stands where %2 is due\nline 1, column 30:\n    program(%0 x) { %1 = sin %0; %3 = sin %1; return %1 }\n                                 ^\nslots are numbered from 0 on, none left out"),
    ("program(%0 x) { return %0", "the end of the text stands where } is due\nline 1, column 26:\n    program(%0 x) { return %0\n                             ^\nafter the outputs comes }"),
    ("program(%0 x) { return %0 } }", "} stands behind the program\nline 1, column 29:\n    program(%0 x) { return %0 } }\n                                ^\na text holds one program"),
    ("program(%0 x) { return $0 }", "'$' means nothing here\nline 1, column 24:\n    program(%0 x) { return $0 }\n                           ^\na program is made of names, numbers, slots such as %0, and the marks ( ) { } , = ;"),
    ('program(%0 "x) { return %0 }', "'\"' means nothing here\nline 1, column 12:\n    program(%0 \"x) { return %0 }\n               ^\na program is made of names, numbers, slots such as %0, and the marks ( ) { } , = ;"),
    ('program(%0 "\\q") { return %0 }', '"\\q" is no string\nline 1, column 12:\n    program(%0 "\\q") { return %0 }\n               ^\na name in quotes is written as in JSON: "a\\tb"'),
    ("program(%0 x) { %1 = constant nan(0x1); return %1 }", "nan(0x1) has the bits of a number\nline 1, column 31:\n    program(%0 x) { %1 = constant nan(0x1); return %1 }\n                                  ^\na nan is written nan, or with its bits as in nan(0xfff8000000000000)"),
    ("program(%0 x) {\n\t%1 = sine %0\n}", "sine is no operation\nline 2, column 7:\n     %1 = sine %0\n          ^\ndid you mean sin?"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), WRONG, ids=range(len(WRONG)))
def test_what_is_no_program(text: str, message: str) -> None:
    with pytest.raises(IRError) as info:
        ir.parse(text)
    assert str(info.value) == message


def test_a_long_line_is_shown_around_the_place() -> None:
    text = "program(%0 x) { " + "; ".join(f"%{i} = sin %0" for i in range(1, 40)) + "; return %99 }"
    with pytest.raises(IRError) as info:
        ir.parse(text)
    what, where, line, caret, _ = str(info.value).split("\n")
    assert what == "%99 is read before it is computed" and where == f"line 1, column {text.index('%99') + 1}:"
    assert line.startswith("    ...") and line.endswith("return %99 }") and len(line) < 90
    assert line.index("%99") == caret.index("^")


def test_a_text_cut_short_anywhere_is_an_error_and_never_something_else() -> None:
    text = 'program(%0 x, %1 "a b") {\n  %2 = constant -1.5e3\n  %3 = where %0 %1 %2\n  return %3 %0\n}'
    ir.parse(text)
    for end in range(len(text)):
        with pytest.raises(IRError):
            ir.parse(text[:end])
