"""C written from Programs: compiled by this machine's compiler without a warning, and compared bit for bit."""

import ctypes
import math
import random
import shutil
import subprocess
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs import EDGES, OPERATIONS, points, programs, quick, same_bits
from slopewise import ir
from slopewise.backends import c_source
from slopewise.backends.c_operations import EXPRESSIONS
from slopewise.backends.c_source import safe_name, source
from slopewise.errors import IRError, ShapeError
from slopewise.ir.operations import NAMES
from slopewise.passes.differentiate import vjp
from slopewise.passes.simplify import simplify

CC = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
needs_compiler = pytest.mark.skipif(CC is None, reason="no C compiler (cc, gcc, clang) is installed")
STRICT = ("-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off")
# The compiler's own mathematics, which it does for constants, rounds better than libm's.
AS_CALLED = ("-fno-builtin", "-O1")
FORMS = {"whole": (10**9, 10**9), "parts": (4, 10**9), "table": (0, 0)}

Library = Callable[..., ctypes.CDLL]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Compile C into a library and load it."""

    def load(text: str, *flags: str) -> ctypes.CDLL:
        assert CC is not None
        file = tmp_path / "model.c"
        file.write_text(text, encoding="utf-8")
        built = tmp_path / "model.so"
        command = [CC, *STRICT, *flags, "-fPIC", "-shared", "-o", str(built), str(file), "-lm"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr[:4000]
        return ctypes.CDLL(str(built))

    return load


def call(
    function: Callable[..., float], inputs: Sequence[float], n_values: int, n_gradient: int | None = None
) -> list[float]:
    """Call a function of the library, with a guard behind each array that it writes."""
    x = (ctypes.c_double * (len(inputs) + 1))(*inputs, 7.0)
    written = [(ctypes.c_double * (n + 1))(*[7.0] * (n + 1)) for n in (n_values, n_gradient) if n is not None]
    if n_values == 1:
        function.restype = ctypes.c_double  # type: ignore[attr-defined]
        values = [function(x, *written[1:])]
    else:
        function.restype = None  # type: ignore[attr-defined]
        function(x, *written)
        values = list(written[0][:-1])
    assert same_bits(x, [*inputs, 7.0])
    assert all(array[len(array) - 1] == 7.0 for array in written)
    return values + (list(written[1][:-1]) if n_gradient is not None else [])


def sampled(count: int) -> list[tuple[ir.Program, list[list[float]]]]:
    """Draw programs of all operations, each with points."""
    drawn: list[tuple[ir.Program, list[list[float]]]] = []

    @given(st.data(), programs(outputs=(0, 4)))
    @quick
    def draw(data: st.DataObject, program: ir.Program) -> None:
        drawn.append((program, [data.draw(points(program.n_inputs)) for _ in range(4)]))

    draw()
    return drawn[-count:]


@needs_compiler
@pytest.mark.parametrize("form", FORMS)
def test_random_programs_have_the_same_bits(form: str, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    part, longest = FORMS[form]
    monkeypatch.setattr(c_source, "PART", part)
    monkeypatch.setattr(c_source, "LONGEST", longest)
    drawn = sampled(120)
    pairs = [
        (program, vjp(program, range(program.n_inputs), of=range(min(1, program.n_outputs)))) for program, _ in drawn
    ]
    # Programs as they are drawn have slots that nothing needs; those that are exported are simplified first.
    text = "\n".join(source(*pair, name=f"f{i}") for i, pair in enumerate(pairs))
    loaded = library(text, *AS_CALLED, "-Wno-unused-variable", "-Wno-unused-but-set-variable")
    for i, ((value, with_gradient), (_, tried)) in enumerate(zip(pairs, drawn)):
        n = value.n_outputs
        for inputs in tried:
            assert same_bits(call(loaded[f"f{i}"], inputs, n), ir.interpret(value, inputs)), f"{value}\n{inputs}"
            got = call(loaded[f"f{i}_with_gradient"], inputs, n, with_gradient.n_outputs - n)
            assert same_bits(got, ir.interpret(with_gradient, inputs)), f"{with_gradient}\n{inputs}"


@needs_compiler
@pytest.mark.parametrize("form", ["whole", "table"])
def test_every_operation_has_the_same_bits_at_every_edge(
    form: str, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(c_source, "LONGEST", FORMS[form][1])
    made = {}
    for code in OPERATIONS:
        build = ir.Builder()
        inputs = [build.input() for _ in range(ir.arity_of(code))]
        made[NAMES[code]] = build.extract(inputs, [build.emit(code, *inputs)])
    loaded = library("\n".join(source(p, name=f"do_{name}") for name, p in made.items()), *AS_CALLED)
    for name, p in made.items():
        function = loaded[f"do_{name}"]
        for x in product(EDGES, repeat=min(p.n_inputs, 2)):
            numbers = [*x, *[0.25] * (p.n_inputs - len(x))]
            assert same_bits(call(function, numbers, 1), ir.interpret(p, numbers)), f"{name}{numbers}"


def net(samples: int) -> ir.Program:
    """Return the loss of a small net: 49 parameters and some 290 equations a sample."""
    build = ir.Builder()
    emit, code = build.emit, ir.code_of
    draw = random.Random(5)
    weights = [build.input() for _ in range(49)]
    total = build.constant(0.0)
    for _ in range(samples):
        row = [build.constant(draw.uniform(-1, 1)) for _ in range(10)]
        score = weights[48]
        for unit in range(4):
            own = weights[unit * 11 : unit * 11 + 11]
            s = own[10]
            for w, x in zip(own, row):
                s = emit(code("add"), s, emit(code("multiply"), w, x))
            kind = ("tanh", "sigmoid", "softplus", "gelu")[unit]
            score = emit(code("add"), score, emit(code("multiply"), weights[44 + unit], emit(code(kind), s)))
        total = emit(code("add"), total, emit(code("square"), score))
    return build.extract(weights, [total], [f"w{i}" for i in range(49)])


@needs_compiler
@pytest.mark.parametrize("samples", [1, 20, 130], ids=["whole", "parts", "table"])
def test_a_net_of_any_length(samples: int, library: Library) -> None:
    value = simplify(net(samples), differentiable=False)
    with_gradient = simplify(vjp(net(samples), range(49)), differentiable=False)
    text = source(value, with_gradient, name="net loss")
    assert ("_part_2" in text, "_operations" in text) == {1: (False, False), 20: (True, False), 130: (True, True)}[
        samples
    ]
    loaded = library(text, "-O1")
    draw = random.Random(6)
    inputs = [draw.uniform(-1, 1) for _ in range(49)]
    expected = ir.interpret(with_gradient, inputs)
    assert call(loaded["net_loss"], inputs, 1) == pytest.approx(expected[:1], rel=1e-15, abs=0)
    assert call(loaded["net_loss_with_gradient"], inputs, 1, 49) == pytest.approx(expected, rel=1e-13, abs=1e-13)


@needs_compiler
def test_a_hundred_thousand_equations_compile_in_a_moment(library: Library) -> None:
    value = net(1_000)
    assert value.n_equations > 90_000
    loaded = library(source(value, name="f"), "-O2")
    inputs = [math.sin(i) for i in range(49)]
    assert call(loaded["f"], inputs, 1) == pytest.approx(ir.interpret(value, inputs), rel=1e-14)


def test_every_operation_has_an_expression() -> None:
    assert set(EXPRESSIONS) == {NAMES[code] for code in OPERATIONS}


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("rosenbrock", "rosenbrock"), ("my loss!", "my_loss"), ("double", "double_"), ("exp", "exp_"), ("2nd", "f_2nd"),
        ("", "f"), ("λ", "f"), ("a*/b", "a_b"), ("__x", "x"), ("class", "class_"), ("malloc", "malloc_"), ("main", "main_"),
        ("_Bool", "Bool"), ("f\nint x;", "f_int_x"), ("<lambda>", "lambda"),
    ],
)  # fmt: skip
def test_names_are_what_c_takes(given_name: str, name: str) -> None:
    assert safe_name(given_name) == name


@needs_compiler
def test_names_of_inputs_cannot_leave_the_comment(library: Library) -> None:
    plain = ir.parse("program(%0 x, %1 y) { return %1 %0 %1 }")
    names = ("*/ int evil; /*", "??/\\\n")
    p = ir.Program(plain.codes, plain.a, plain.b, plain.c, plain.pool, plain.outputs, names)
    text = source(p, p, name="exp")
    assert "x[0]  _/ int evil; /_" in text
    assert call(library(text)["exp_"], [1.0, 2.0], 3) == [2.0, 1.0, 2.0]


def test_many_inputs_are_not_all_named() -> None:
    build = ir.Builder()
    inputs = [build.input() for _ in range(3_000)]
    text = source(build.extract(inputs, inputs[:1]))
    assert " *     x[999]  x999\n *     ... and so on, to x[2999]\n" in text


def test_the_text_is_the_same_each_time() -> None:
    assert source(net(30), vjp(net(30), range(49))) == source(net(30), vjp(net(30), range(49)))


def test_what_belongs_together_is_checked() -> None:
    value, other = ir.parse("program(%0 x) { return %0 }"), ir.parse("program(%0 x, %1 y) { return %0 %1 }")
    with pytest.raises(ShapeError) as caught:
        source(value, other)
    assert str(caught.value).splitlines() == [
        f"source() needs two programs of the same inputs, and outputs of the first among those of the second; got {value!r} and {other!r}",
        "make the second from the first: passes.differentiate.vjp(program, wrt)",
    ]
    value.codes[0] = 9
    with pytest.raises(IRError):
        source(value)
