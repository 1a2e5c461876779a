"""What machine code is made for: a processor, its features, and how wide its vector registers are.

The features are a text that LLVM reads, each with `+` or `-` before it, sorted by name: equal machines give equal
texts, so the text is part of the key of the cache on disk.
"""

import functools
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from slopewise.backends.llvm.availability import binding
from slopewise.errors import DomainError

SETTING = "SLOPEWISE_CPU_WITHOUT"

# What goes when a feature goes: all that LLVM would switch it on again for. A name stands for all that begin with it.
_AVX512 = ("avx512", "avx10.", "amx-avx512", "evex512")
_AVX2 = ("avx2", "fma", "avxvnni", "avxifma", "avxneconvert", "vaes", "sha512", "sm3", "sm4", *_AVX512)
_AVX = ("avx", "f16c", "xop", "vpclmulqdq", *_AVX2)
_WITHOUT = {
    "avx512": _AVX512,
    "fma": ("fma", *_AVX512),
    "avx2": _AVX2,
    "avx": _AVX,
    "sse4.1": ("sse4", "crc32", *_AVX),
}


@dataclass(frozen=True, slots=True)
class Target:
    """A machine that code is made for.

    Attributes:
        triple: LLVM's name for the kind of machine, such as `x86_64-unknown-linux-gnu`.
        cpu: LLVM's name for the processor, such as `znver4`; it decides how instructions are scheduled.
        features: What the processor has and has not, `+avx2,-avx512f,…`, sorted by name.
        vector_bytes: The width of the widest vector registers that are worth their use: 64, 32 or 16.

    Example:
        >>> from slopewise.backends.llvm.targets import aarch64_target
        >>> aarch64_target()
        Target(triple='aarch64-unknown-linux-gnu', cpu='generic', features='+neon', vector_bytes=16)
        >>> aarch64_target().lanes("float32"), aarch64_target().has_fma
        (4, True)
    """

    triple: str
    cpu: str
    features: str
    vector_bytes: int

    @property
    def architecture(self) -> str:
        """The first part of the triple: `x86_64`, `aarch64`, `arm64` …"""
        return self.triple.partition("-")[0]

    @property
    def has_fma(self) -> bool:
        """Whether the machine multiplies and adds in one instruction with one rounding."""
        return self.architecture in ("aarch64", "arm64") or self.has("fma")

    def has(self, feature: str) -> bool:
        """Tell whether a feature is switched on, by LLVM's name for it: `avx512f`."""
        return f"+{feature}" in self.features.split(",")

    def lanes(self, dtype: str = "float64") -> int:
        """Return how many numbers of a kind fill a vector register."""
        return self.vector_bytes // (4 if dtype == "float32" else 8)


def host_target(without: Iterable[str] = ()) -> Target:
    """Return this machine, without some features of its processor.

    Args:
        without: Any of `avx512`, `fma`, `avx2`, `avx`, `sse4.1`; each goes with all that stands on it: without `avx2`
            there is neither `fma` nor `avx512`. The environment variable `SLOPEWISE_CPU_WITHOUT` adds to it:
            `SLOPEWISE_CPU_WITHOUT=avx512,avx2`. On other processors than x86 they mean nothing.

    Raises:
        DomainError: There is no such feature to leave out.
        MissingExtraError: There is no llvmlite.

    Example:
        >>> from slopewise.backends.llvm.targets import host_target
        >>> host_target(without=("avx2",)).vector_bytes
        16
    """
    asked = {name.strip().lower() for name in ([without] if isinstance(without, str) else without)}
    _check(asked, "host_target(without=…)")
    from_outside = {name.strip().lower() for name in os.environ.get(SETTING, "").split(",")} - {""}
    _check(from_outside, SETTING)
    return _host(tuple(sorted(asked | from_outside)))


def aarch64_target() -> Target:
    """Return a plain 64-bit ARM machine under Linux, whatever this machine is; its code can be looked at, not run."""
    return Target("aarch64-unknown-linux-gnu", "generic", "+neon", 16)


def features_text(features: Mapping[str, bool], without: Iterable[str] = ()) -> str:
    """Return features as LLVM reads them, sorted by name, with some switched off.

    Where there is AVX-512, vectors of 512 bits are asked for: for some processors LLVM prefers 256.

    Example:
        >>> from slopewise.backends.llvm.targets import features_text
        >>> features_text({"sse2": True, "fma": True, "avx512f": True}, without=["fma"])
        '-avx512f,-fma,+sse2'
    """
    gone = tuple(prefix for name in without for prefix in _WITHOUT[name])
    kept = {name: is_on and not name.startswith(gone) for name, is_on in features.items()}
    if kept.get("avx512f"):
        kept["prefer-256-bit"] = False
    return ",".join(("+" if is_on else "-") + name for name, is_on in sorted(kept.items()))


@functools.cache
def _host(without: tuple[str, ...]) -> Target:
    llvm = binding()
    triple = llvm.get_process_triple()
    try:
        features = dict(llvm.get_host_cpu_features())
    except RuntimeError:  # LLVM cannot ask this kind of processor; its name implies what it has
        features = {}
    is_x86 = triple.startswith("x86_64")
    text = features_text(features, without if is_x86 else ())
    return Target(triple, llvm.get_host_cpu_name(), text, _vector_bytes(text) if is_x86 else 16)


def _vector_bytes(features: str) -> int:
    """Return the width of the registers in which an x86 computes; whole numbers in 32 bytes need AVX2."""
    on = set(features.split(","))
    if {"+avx512f", "+avx512dq", "+avx512vl", "+avx512bw"} <= on:
        return 64
    return 32 if "+avx2" in on else 16


def _check(names: set[str], where: str) -> None:
    unknown = sorted(names - set(_WITHOUT))
    if unknown:
        raise DomainError(f"{where} has {unknown[0]!r}; what can be left out is {', '.join(_WITHOUT)}")
