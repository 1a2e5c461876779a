"""Targets: this machine with and without some features, a machine that is not here, and what the code then looks like."""

import re

import pytest

from slopewise.backends.llvm import machine
from slopewise.backends.llvm.targets import features_text
from slopewise.errors import DomainError, InternalError

pytestmark = pytest.mark.skipif(not machine.is_available(), reason=str(machine.why_not()))

SQUARE = """
define void @square(ptr %in, ptr %out) ATTRIBUTES {
  %x = load <8 x double>, ptr %in, align 8
  %y = fmul contract <8 x double> %x, %x
  %z = fadd contract <8 x double> %y, %x
  store <8 x double> %z, ptr %out, align 8
  ret void
}
"""
X86 = "x86_64-unknown-linux-gnu"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLOPEWISE_CPU_WITHOUT", raising=False)


def is_x86() -> bool:
    return machine.host_target().architecture == "x86_64"


def registers(target: machine.Target, attributes: str = "") -> set[str]:
    return set(re.findall(r"\b([xyz]mm|v)\d", machine.assembly(SQUARE.replace("ATTRIBUTES", attributes), target)))


@pytest.mark.parametrize("cpu", ["skylake-avx512", "icelake-server", "sapphirerapids", "znver4", "x86-64-v4"])
@pytest.mark.parametrize(
    "attributes", ["", '"min-legal-vector-width"="0"', '"min-legal-vector-width"="512" "prefer-vector-width"="512"']
)
def test_eight_numbers_lie_in_one_register_where_there_is_avx512(cpu: str, attributes: str) -> None:
    """LLVM would take two of 256 bits on Intel's; a target of ours takes its preference back."""
    features = features_text({"avx512f": True, "avx512vl": True})
    assert registers(machine.Target(X86, cpu, features, 64), attributes) == {"zmm"}


def test_without_the_feature_llvm_does_prefer_256_bits() -> None:
    """So the test above can fail."""
    assert registers(machine.Target(X86, "skylake-avx512", "", 64), '"min-legal-vector-width"="0"') == {"ymm"}


@pytest.mark.parametrize(
    ("without", "widest", "register"),
    [
        (("avx512",), 32, "ymm"),
        (("avx2",), 16, "ymm"),
        (("avx",), 16, "xmm"),
        (("sse4.1",), 16, "xmm"),
        (("avx512", "avx2"), 16, "ymm"),
    ],
)
def test_features_of_this_machine_can_be_left_out(without: tuple[str, ...], widest: int, register: str) -> None:
    if not is_x86():
        assert machine.host_target(without) == machine.host_target()
        return
    target = machine.host_target(without)
    assert target.vector_bytes == min(widest, machine.host_target().vector_bytes)
    if machine.host_target().vector_bytes == 64:
        assert registers(target) == {register}


@pytest.mark.parametrize("without", ["fma", "avx2", "avx", "sse4.1"])
def test_without_fma_nothing_is_fused(without: str) -> None:
    if not is_x86():
        pytest.skip("features are left out on x86 alone")
    if machine.host_target().has_fma:
        assert "vfmadd" in machine.assembly(SQUARE.replace("ATTRIBUTES", ""), machine.host_target())
    target = machine.host_target((without,))
    assert not target.has_fma and not target.has("avx512f")
    assert "vfmadd" not in machine.assembly(SQUARE.replace("ATTRIBUTES", ""), target)


def test_the_environment_leaves_features_out_too(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = machine.host_target(("avx512", "avx2"))
    monkeypatch.setenv("SLOPEWISE_CPU_WITHOUT", " AVX512, avx2,")
    assert machine.host_target() == expected == machine.host_target("avx512")
    monkeypatch.setenv("SLOPEWISE_CPU_WITHOUT", "mmx")
    with pytest.raises(
        DomainError, match=r"SLOPEWISE_CPU_WITHOUT has 'mmx'; what can be left out is avx512, fma, avx2, avx, sse4.1"
    ):
        machine.host_target()


def test_a_feature_that_cannot_be_left_out() -> None:
    with pytest.raises(DomainError, match=r"host_target\(without=…\) has 'AVX-512'|has 'avx-512'"):
        machine.host_target(("AVX-512",))


def test_the_features_are_sorted_and_the_same_each_time() -> None:
    target = machine.host_target()
    names = [feature[1:] for feature in target.features.split(",") if feature]
    assert names == sorted(names) and target == machine.host_target() and hash(target) == hash(machine.host_target())
    assert features_text({"b": True, "a": False}) == features_text({"a": False, "b": True}) == "-a,+b"


def test_what_goes_with_a_feature() -> None:
    """A feature that stands on another would switch it on again."""
    every = dict.fromkeys(
        ["avx", "avx2", "avx512f", "avx512fp16", "avx10.1", "avxvnni", "f16c", "fma", "sse2", "sse4.2", "vaes"], True
    )

    def left(name: str) -> list[str]:
        return [feature[1:] for feature in features_text(every, [name]).split(",") if feature[0] == "+"]

    assert left("avx512") == ["avx", "avx2", "avxvnni", "f16c", "fma", "sse2", "sse4.2", "vaes"]
    assert left("fma") == ["avx", "avx2", "avxvnni", "f16c", "sse2", "sse4.2", "vaes"]
    assert left("avx2") == ["avx", "f16c", "sse2", "sse4.2"]
    assert left("avx") == ["sse2", "sse4.2"]
    assert left("sse4.1") == ["sse2"]


def test_lanes() -> None:
    target = machine.Target(X86, "x86-64-v4", "", 64)
    assert (target.lanes(), target.lanes("float32")) == (8, 16)
    assert not machine.Target(X86, "x86-64", "", 16).has_fma


def test_arm_is_lowered_to_its_instructions() -> None:
    target = machine.aarch64_target()
    text = machine.assembly(SQUARE.replace("ATTRIBUTES", ""), target)
    assert registers(target) == {"v"} and text.count("fmla\t") == 4 and "\tret" in text
    assert machine.compile_text(SQUARE.replace("ATTRIBUTES", ""), target)[:4] == b"\x7fELF"


def test_a_machine_that_llvm_does_not_know() -> None:
    with pytest.raises(InternalError, match=r"LLVM has no code generator for abacus-unknown-none: .*abacus"):
        machine.assembly(SQUARE.replace("ATTRIBUTES", ""), machine.Target("abacus-unknown-none", "generic", "", 16))
