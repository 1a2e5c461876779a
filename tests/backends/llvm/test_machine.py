"""From text to machine code: what is computed, what is refused and in which words, how long code lives."""

import ctypes
import gc
import math
import subprocess
import sys
import threading
import weakref
from pathlib import Path

import pytest

from slopewise.backends.llvm import machine
from slopewise.backends.llvm.disk_cache import Cache, key_of
from slopewise.backends.llvm.object_code import architecture_of
from slopewise.errors import DomainError, InternalError

pytestmark = pytest.mark.skipif(not machine.is_available(), reason=str(machine.why_not()))

SCALE = """
define void @scale(ptr %in, ptr %out) {
  %x = load <8 x double>, ptr %in, align 8
  %y = fmul <8 x double> %x, <double 1.5, double 2.0, double 2.5, double 3.0, double 3.5, double 4.0, double 4.5, double 5.0>
  store <8 x double> %y, ptr %out, align 8
  ret void
}
"""
ADD = "define double @add{n}(double %x) {{\n  %y = fadd double %x, {n}.0\n  ret double %y\n}}\n"


def scalar(code: machine.Code, name: str, *numbers: float) -> float:
    kind = ctypes.CFUNCTYPE(ctypes.c_double, *[ctypes.c_double] * len(numbers))
    return float(kind(code.address(name))(*numbers))


def code_of(text: str, *names: str, level: int = machine.LEVEL) -> machine.Code:
    return machine.load(machine.compile_text(text, machine.host_target(), level), names)


@pytest.mark.parametrize("without", [(), ("avx512",), ("avx2",), ("sse4.1",)])
@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_vectors_and_constants_on_every_target_and_level(level: int, without: tuple[str, ...]) -> None:
    code = machine.load(machine.compile_text(SCALE, machine.host_target(without), level), ["scale"])
    numbers, out = (ctypes.c_double * 8)(*range(1, 9)), (ctypes.c_double * 8)()
    ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(code.address("scale"))(
        ctypes.addressof(numbers), ctypes.addressof(out)
    )
    assert list(out) == [1.5, 4.0, 7.5, 12.0, 17.5, 24.0, 31.5, 40.0]


def test_several_functions_and_only_those_named() -> None:
    code = code_of(ADD.format(n=1) + ADD.format(n=2), "add1", "add2", "add1")
    assert (scalar(code, "add1", 1.0), scalar(code, "add2", 1.0)) == (2.0, 3.0)
    assert code.names == ("add1", "add2") and repr(code) == "Code(add1, add2)"
    with pytest.raises(InternalError, match=r"no function 'add3'; loaded were add1, add2"):
        code.address("add3")


def test_functions_of_libm_give_pythons_own_bits() -> None:
    names = ("sin", "exp", "tanh", "pow")
    text = "\n".join(f"declare double @{name}(double{', double' * (name == 'pow')})" for name in names)
    for name in names[:3]:
        text += f"\ndefine double @c_{name}(double %x) {{\n  %y = call double @{name}(double %x)\n  ret double %y\n}}\n"
    text += "\ndefine double @c_pow(double %x, double %k) {\n  %y = call double @pow(double %x, double %k)\n  ret double %y\n}"
    code = code_of(text, "c_sin", "c_exp", "c_tanh", "c_pow")
    for x in (0.1, -2.5, 1e-300, 7.0):
        assert [scalar(code, f"c_{name}", x) for name in names[:3]] == [math.sin(x), math.exp(x), math.tanh(x)]
        assert scalar(code, "c_pow", abs(x), 1.7) == abs(x) ** 1.7


def test_every_symbol_can_be_called() -> None:
    from slopewise.backends.llvm.symbols import addresses

    assert set(addresses()) == set(machine.SYMBOLS)
    assert all(addresses().values())


def test_a_function_of_ones_own() -> None:
    kind = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)
    mine = kind(lambda x: x * 100.0)
    text = "declare double @mine(double)\ndefine double @f(double %x) {\n  %y = call double @mine(double %x)\n  ret double %y\n}"
    made = machine.compile_text(text, machine.host_target(), externals=["mine"])
    code = machine.load(made, ["f"], {"mine": ctypes.cast(mine, ctypes.c_void_p).value or 0})
    assert scalar(code, "f", 2.0) == 200.0
    built = machine.build(
        text, machine.host_target(), ["f"], symbols={"mine": ctypes.cast(mine, ctypes.c_void_p).value or 0}
    )
    assert scalar(built.code, "f", 3.0) == 300.0
    with pytest.raises(InternalError, match="LLVM cannot load this code: .*\nasked for f, in .* bytes"):
        machine.load(made, ["f"])


def test_object_code_repeats_byte_for_byte_and_holds_no_address() -> None:
    """Two processes with other addresses (the stack, libm and llvmlite are elsewhere) make the same object."""
    text = (
        "declare double @exp(double)\n"
        + SCALE
        + ADD.format(n=1).replace("fadd double %x, 1.0", "call double @exp(double %x)")
    )
    here = machine.compile_text(text, machine.host_target())
    program = (
        "import sys; from slopewise.backends.llvm import machine\n"
        f"sys.stdout.write(machine.compile_text({text!r}, machine.host_target()).hex())"
    )
    there = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=True
    ).stdout
    assert bytes.fromhex(there) == here
    from slopewise.backends.llvm.symbols import addresses

    assert addresses()["exp"].to_bytes(8, "little") not in here


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            SCALE.replace("fmul", "fmull"),
            "LLVM cannot read the text of a kernel: expected instruction opcode\nline 4, column 8: %y = fmull <8 x double> %x",
        ),
        (
            "define double @f(double %x) {\n  %y = fadd double %x, %z\n  ret double %y\n}",
            "use of undefined value '%z'\nline 2, column 24: %y = fadd double %x, %z",
        ),
        (
            (
                "define double @f(double %x, i1 %c) {\n  br i1 %c, label %a, label %b\na:\n  %y = fadd double %x, 1.0\n"
                "  br label %b\nb:\n  %z = fadd double %y, 2.0\n  ret double %z\n}"
            ),
            (
                "LLVM refuses the text of a kernel: Instruction does not dominate all uses!\n"
                "line 4: %y = fadd double %x, 1.0; line 7: %z = fadd double %y, 2.0"
            ),
        ),
        (
            "\ndeclare double @system(double)\n",
            "the text of a kernel declares system, which is not in SYMBOLS and has no address\nline 2: declare double @system",
        ),
        ("@table = external global [4 x double]", "declares table, which is not in SYMBOLS"),
        (
            "no text at all",
            "LLVM cannot read the text of a kernel: expected top-level entity\nline 1, column 1: no text at all",
        ),
    ],
)
def test_a_text_that_llvm_refuses(text: str, words: str) -> None:
    with pytest.raises(InternalError) as caught:
        machine.compile_text(text, machine.host_target())
    assert words in str(caught.value)
    with pytest.raises(InternalError):
        machine.assembly(text, machine.host_target())


def test_intrinsics_may_be_declared() -> None:
    text = "declare double @llvm.sqrt.f64(double)\ndefine double @f(double %x) {\n  %y = call double @llvm.sqrt.f64(double %x)\n  ret double %y\n}"
    assert scalar(code_of(text, "f"), "f", 9.0) == 3.0


def test_a_level_that_there_is_not() -> None:
    with pytest.raises(DomainError, match="the level of code generation is 0, 1, 2 or 3, got 4"):
        machine.compile_text(SCALE, machine.host_target(), 4)


@pytest.mark.parametrize("data", [b"", b"abc", b"\x7fELF" + bytes(200)])
def test_what_is_no_object_code(data: bytes) -> None:
    with pytest.raises(InternalError, match="LLVM cannot load this code"):
        machine.load(data, ["f"])


def test_half_an_object_and_a_function_that_is_not_there() -> None:
    made = machine.compile_text(SCALE, machine.host_target())
    with pytest.raises(InternalError, match="LLVM cannot load this code"):
        machine.load(made[: len(made) // 2], ["scale"])
    with pytest.raises(InternalError, match=r"(?s)LLVM cannot load.*asked for scale, shrink"):
        machine.load(made, ["scale", "shrink"])
    assert machine.load(made, ["scale"]).names == ("scale",)  # the failure leaves nothing behind


def test_code_for_another_machine_is_not_loaded() -> None:
    other = machine.aarch64_target()
    if machine.host_target().architecture in ("aarch64", "arm64"):
        other = machine.Target("x86_64-unknown-linux-gnu", "x86-64-v3", "", 32)
    made = machine.compile_text(SCALE, other)
    with pytest.raises(InternalError, match=f"code for {architecture_of(made)} cannot be loaded on"):
        machine.load(made, ["scale"])


def test_code_lives_as_long_as_it_is_held_and_no_longer() -> None:
    made = machine.compile_text(ADD.format(n=1), machine.host_target())
    kept = [machine.load(made, ["add1"]) for _ in range(40)]
    gone = [weakref.ref(code) for code in kept[:-1]]
    last = kept[-1]
    kept.clear()
    gc.collect()
    assert not any(ref() for ref in gone)
    assert scalar(last, "add1", 4.0) == 5.0


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from Linux's /proc")
def test_loading_over_and_over_takes_no_memory() -> None:
    made = machine.compile_text(SCALE + ADD.format(n=1), machine.host_target())

    def load_many() -> int:
        for _ in range(800):
            machine.load(made, ["scale", "add1"])
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    load_many()
    before = load_many()
    assert load_many() - before < 3_000_000  # one linker for all would keep 8 MB


def test_threads_compile_and_load_at_once() -> None:
    failures: list[BaseException] = []

    def work(start: int) -> None:
        try:
            for n in range(start, start + 12):
                assert scalar(code_of(ADD.format(n=n), f"add{n}"), f"add{n}", 1.0) == n + 1.0
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(100 * i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


@pytest.mark.parametrize(
    "ending", ["pass", "del code", "import os; os.fork() or os._exit(0)", "import sys; sys.exit(0)"]
)
def test_a_process_with_code_ends_in_peace(ending: str) -> None:
    """Code in a global, in a cycle and in a thread that still runs it when Python ends."""
    if "fork" in ending and not hasattr(sys.modules["os"], "fork"):
        pytest.skip("there is no fork here")
    program = f"""
import ctypes, threading
from slopewise.backends.llvm import machine
made = machine.compile_text({ADD.format(n=1)!r}, machine.host_target())
code = machine.load(made, ["add1"])
cycle = [machine.load(made, ["add1"])]
cycle.append(cycle)
held = machine.load(made, ["add1"])
call = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(held.address("add1"))
def forever():
    while True:
        call(1.0)
threading.Thread(target=forever, daemon=True).start()
{ending}
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_build_makes_code_once_and_then_finds_it(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "kernels")
    first = machine.build(SCALE, machine.host_target(), ["scale"], cache=cache)
    second = machine.build(SCALE, machine.host_target(), ["scale"], cache=cache)
    other = machine.build(SCALE, machine.host_target(), ["scale"], cache=cache, level=0)
    assert (first.is_from_cache, second.is_from_cache, other.is_from_cache) == (False, True, False)
    assert first.object_bytes == second.object_bytes > 0
    assert len(cache.entries()) == 2
    assert second.code.names == ("scale",) and second.generation_seconds >= 0.0 and second.loading_seconds > 0.0
    assert not machine.build(SCALE, machine.host_target(), ["scale"]).is_from_cache


def test_a_kept_object_that_does_not_load_is_made_again(tmp_path: Path) -> None:
    cache, target = Cache(tmp_path / "kernels"), machine.host_target()
    key = key_of(ADD.format(n=1), target, {"level": machine.LEVEL})
    for wrong in (b"no object code", machine.compile_text(SCALE, target)):
        cache.put(key, wrong)
        built = machine.build(ADD.format(n=1), target, ["add1"], cache=cache)
        assert not built.is_from_cache and scalar(built.code, "add1", 1.0) == 2.0
        assert machine.build(ADD.format(n=1), target, ["add1"], cache=cache).is_from_cache
