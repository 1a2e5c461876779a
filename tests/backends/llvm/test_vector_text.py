"""The text of the vector functions: importing, names, what is refused, calls in the code of every target."""

import itertools
import re
import subprocess
import sys

import pytest
from vector_functions import loops

from slopewise.backends.llvm import machine, mathematics
from slopewise.backends.llvm.mathematics.formulas import Dtype
from slopewise.ir.operations import NAMES, ROWS

OPERATIONS = [name for name, row in zip(NAMES, ROWS, strict=True) if row is not None]
DTYPES: tuple[Dtype, ...] = ("float64", "float32")
needs_llvm = pytest.mark.skipif(not machine.is_available(), reason=str(machine.why_not()))


def test_every_operation_of_a_program_is_there_and_states_an_error_of_four_ulp_at_most() -> None:
    assert set(mathematics.ERRORS) == set(OPERATIONS)
    assert all(0 <= error <= 4 for error in mathematics.ERRORS.values())


def test_importing_and_writing_text_loads_neither_llvmlite_nor_numpy() -> None:
    program = (
        "import sys; from slopewise.backends.llvm import mathematics as m; m.definitions(m.ERRORS, 'float32', 4);"
        "print(sorted({'llvmlite', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_text_is_the_same_each_time_and_in_the_order_of_the_table() -> None:
    first = mathematics.definitions(["tanh", "exp", "tanh"], "float64", 4)
    assert first == mathematics.definitions(["exp", "tanh"], "float64", 4)
    assert re.findall(r"define internal <4 x double> @(\w+)", first) == ["sw_exp_f64x4", "sw_tanh_f64x4"]


def test_no_fused_instruction_unless_it_is_asked_for_and_never_a_flag() -> None:
    for dtype in DTYPES:
        plain, fused = (mathematics.definitions(OPERATIONS, dtype, 2, fma=fma) for fma in (False, True))
        assert "llvm.fma" not in plain and "llvm.fma" in fused
        assert not re.search(r"\b(reassoc|nsz|contract|nnan|ninf|arcp|afn|fast)\b", plain + fused)
        assert "declare" not in plain + fused


def test_wrong_names_and_lanes_are_refused() -> None:
    with pytest.raises(KeyError, match="cosine"):
        mathematics.definitions(["cosine"], "float64", 4)
    with pytest.raises(ValueError, match="not 3"):
        mathematics.definitions(["cos"], "float64", 3)
    with pytest.raises(KeyError, match="sin"):
        mathematics.instructions("sin", "float64", 4, ["%x"], "s")


def test_instructions_for_a_block_are_those_of_the_function() -> None:
    lines, result = mathematics.instructions("exp", "float64", 8, ["%x0"], "v", fma=True)
    text = mathematics.definitions(["exp"], "float64", 8, fma=True)
    assert "\n".join(lines) in text and f"ret <8 x double> {result}\n" in text


@needs_llvm
@pytest.mark.parametrize(
    "without", [(), ("avx512",), ("avx2",), ("sse4.1",)], ids=["all", "no-avx512", "no-avx2", "no-sse4.1"]
)
def test_x86_code_calls_nothing_but_the_functions_themselves(without: tuple[str, ...]) -> None:
    target = machine.host_target(without)
    if not target.triple.startswith("x86_64"):
        pytest.skip("no x86 here")
    for dtype, lanes in itertools.product(DTYPES, (1, target.lanes("float64"), 16)):
        text = loops(OPERATIONS, dtype, lanes, target.has_fma)
        called = set(re.findall(r"\bcall\w*\s+(\S+)", machine.assembly(text, target)))
        assert {name for name in called if not name.startswith("sw_")} == set()


@needs_llvm
def test_aarch64_code_calls_nothing_but_the_functions_themselves() -> None:
    target = machine.aarch64_target()
    for dtype, lanes in itertools.product(DTYPES, (1, 2, 4)):
        text = loops(OPERATIONS, dtype, lanes, target.has_fma)
        called = set(re.findall(r"\tbl\s+(\S+)", machine.assembly(text, target)))
        assert called and {name for name in called if not name.startswith("sw_")} == set()
