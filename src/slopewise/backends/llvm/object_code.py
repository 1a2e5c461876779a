"""What kind of machine object code is for, read from its first bytes: LLVM's linker would load any."""

_ELF = {62: "x86_64", 183: "aarch64", 21: "powerpc64", 243: "riscv64"}
_MACH_O = {0x0100_0007: "x86_64", 0x0100_000C: "aarch64"}
_COFF = {0x8664: "x86_64", 0xAA64: "aarch64"}
_SPELLED = {"arm64": "aarch64", "amd64": "x86_64", "powerpc64le": "powerpc64"}


def architecture_of(object_code: bytes) -> str | None:
    """Return the machine that object code is for, or None when this is no object code, or for a machine unknown here.

    Example:
        >>> from slopewise.backends.llvm.machine import aarch64_target, compile_text
        >>> from slopewise.backends.llvm.object_code import architecture_of
        >>> architecture_of(compile_text("define void @nothing() { ret void }", aarch64_target()))
        'aarch64'
    """
    if object_code[:4] == b"\x7fELF":
        return _ELF.get(int.from_bytes(object_code[18:20], "big" if object_code[5:6] == b"\x02" else "little"))
    if object_code[:4] == b"\xcf\xfa\xed\xfe":
        return _MACH_O.get(int.from_bytes(object_code[4:8], "little"))
    return _COFF.get(int.from_bytes(object_code[:2], "little"))


def is_for(object_code: bytes, architecture: str) -> bool:
    """Tell whether object code may be for a machine, named by the first part of a triple."""
    found = architecture_of(object_code)
    return found is None or found == _SPELLED.get(architecture, architecture)
