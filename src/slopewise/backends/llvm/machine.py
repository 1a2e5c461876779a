"""From text to machine code to an address that can be called.

    text ─ compile_text ─► object code ─ load ─► Code ─ address(name) ─► a function of C
                └──────── build: by way of the cache on disk ────────┘

A text is LLVM's intermediate representation, one module, without triple and data layout. Object code is position
independent and holds no address of this process. No passes run on the text: what it says is what is selected.

What callers put into a text:

- `declare` only for names in `SYMBOLS`, for `llvm.*` intrinsics, and for names whose addresses they give to `load`;
- no function attribute for vectors: a `<8 x double>` lies in one register wherever the target has such registers
  (`Target` takes back LLVM's preference for 256 bits). Whoever does write `"min-legal-vector-width"` writes the bits of
  the widest vector in the function;
- neither `"target-cpu"` nor `"target-features"`, which would overrule the target;
- not more than about 200 loads and stores in a basic block: the time of code generation grows with their square. A
  block ends in a branch on a condition that LLVM cannot know; it merges what is joined by `br label` alone;
- `"no-stack-arg-probe"` on functions with more than 4 kB of `alloca`: Windows would call a function that is not in
  `SYMBOLS`.
"""

import itertools
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from slopewise.backends.llvm.availability import binding, is_available, tell_once, why_not
from slopewise.backends.llvm.disk_cache import Cache, key_of
from slopewise.backends.llvm.object_code import architecture_of, is_for
from slopewise.backends.llvm.refusals import check_declarations, refusal
from slopewise.backends.llvm.symbols import SYMBOLS, addresses
from slopewise.backends.llvm.targets import Target, aarch64_target, host_target
from slopewise.errors import DomainError, InternalError

__all__ = [
    "LEVEL",
    "SYMBOLS",
    "Built",
    "Code",
    "Target",
    "aarch64_target",
    "assembly",
    "build",
    "compile_text",
    "host_target",
    "is_available",
    "load",
    "tell_once",
    "why_not",
]

LEVEL = 1
"""The level of code generation; docs/decisions/machine-code.md has what each costs and gives."""

_Made = TypeVar("_Made")


class Code:
    """Machine code in memory that can be called; it goes when nobody holds this object any more.

    Whoever calls an address holds on to its Code meanwhile.
    """

    __slots__ = ("__weakref__", "_addresses", "_tracker")

    def __init__(self, tracker: Any, addresses: dict[str, int]) -> None:
        self._tracker = tracker
        self._addresses = addresses

    @property
    def names(self) -> tuple[str, ...]:
        """The functions that can be asked for."""
        return tuple(self._addresses)

    def address(self, name: str) -> int:
        """Return the address of a function; it is valid as long as this object lives.

        Raises:
            InternalError: The function was not named when the code was loaded.
        """
        if name not in self._addresses:
            raise InternalError(f"this code has no function {name!r}; loaded were {', '.join(self._addresses)}")
        return self._addresses[name]

    def __repr__(self) -> str:
        return f"Code({', '.join(self._addresses)})"


@dataclass(frozen=True, slots=True)
class Built:
    """What `build` made.

    Attributes:
        code: The loaded code.
        object_bytes: The size of the object code.
        is_from_cache: Whether it came from the disk, and no code was generated.
        generation_seconds: The time for making the object code, or for finding it.
        loading_seconds: The time for loading it.
    """

    code: Code
    object_bytes: int
    is_from_cache: bool
    generation_seconds: float
    loading_seconds: float


def compile_text(text: str, target: Target, level: int = LEVEL, *, externals: Iterable[str] = ()) -> bytes:
    """Return the object code of a text.

    Args:
        text: A module in LLVM's intermediate representation; the head of this file says what it may hold.
        target: The machine that the code is for.
        level: How hard code generation tries, 0 to 3.
        externals: What the text may declare besides `SYMBOLS`; `load` needs an address for each.

    Raises:
        InternalError: LLVM refuses the text, or it declares what it may not; with LLVM's words and the line.
        DomainError: There is no such level.
        MissingExtraError: There is no llvmlite.

    Example:
        >>> from slopewise.backends.llvm.machine import compile_text, host_target, load
        >>> text = '''define double @twice(double %x) {
        ...   %y = fadd double %x, %x
        ...   ret double %y
        ... }'''
        >>> code = load(compile_text(text, host_target()), ["twice"])
        >>> import ctypes
        >>> ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(code.address("twice"))(21.0)
        42.0
    """
    return bytes(_emitted(text, target, level, externals, lambda machine, module: machine.emit_object(module)))


def assembly(text: str, target: Target, level: int = LEVEL, *, externals: Iterable[str] = ()) -> str:
    """Return the instructions that a text becomes, as the target's assembler would read them.

    Arguments and errors are those of `compile_text`; the target may be any that llvmlite knows.
    """
    return str(_emitted(text, target, level, externals, lambda machine, module: machine.emit_assembly(module)))


def load(object_code: bytes, names: Iterable[str], symbols: Mapping[str, int] | None = None) -> Code:
    """Bring object code into memory, ready to be called.

    Args:
        object_code: What `compile_text` returned, in this process or another.
        names: The functions whose addresses are wanted.
        symbols: Addresses of functions that the text declares besides `SYMBOLS`; they go before those.

    Raises:
        InternalError: It is no object code for this machine, or a function is missing.
        MissingExtraError: There is no llvmlite.
    """
    wanted = tuple(dict.fromkeys(names))
    llvm = binding()
    here = host_target().architecture
    if not is_for(object_code, here):
        raise InternalError(f"code for {architecture_of(object_code)} cannot be loaded on {here}")
    library = llvm.JITLibraryBuilder().add_object_img(object_code)
    for name, address in {**addresses(), **(symbols or {})}.items():
        library.import_symbol(name, address)
    for name in wanted:
        library.export_symbol(name)
    linker, number = _Linker.next(llvm)
    try:
        tracker = library.link(linker, f"code{number}")
    except RuntimeError as error:
        raise InternalError(
            f"LLVM cannot load this code: {' '.join(str(error).split())}\n"
            f"asked for {', '.join(wanted)}, in {len(object_code)} bytes of object code\n"
            f"the text must define these, and what it declares must be in SYMBOLS or in symbols="
        ) from None
    return Code(tracker, {name: tracker[name] for name in wanted})


def build(
    text: str,
    target: Target,
    names: Iterable[str],
    *,
    level: int = LEVEL,
    cache: Cache | None = None,
    symbols: Mapping[str, int] | None = None,
) -> Built:
    """Load the code of a text: from the cache when it is there, otherwise made now, and kept there.

    Args:
        text: As for `compile_text`.
        target: This machine, perhaps without some of its features.
        names: The functions whose addresses are wanted.
        level: As for `compile_text`.
        cache: Where object code is kept; without one, nothing is read or written.
        symbols: As for `load`.

    Raises:
        InternalError: As for `compile_text` and `load`.
    """
    wanted = tuple(names)
    started = time.perf_counter()
    key = key_of(text, target, {"level": level}) if cache is not None else ""
    kept = cache.get(key) if cache is not None else None
    if kept is not None:
        found = time.perf_counter()
        try:
            code = load(kept, wanted, symbols)
            return Built(code, len(kept), True, found - started, time.perf_counter() - found)
        except InternalError:  # whatever it is, it is not what this text becomes
            kept = None
    made = compile_text(text, target, level, externals=symbols or ())
    if cache is not None:
        cache.put(key, made)
    generated = time.perf_counter()
    code = load(made, wanted, symbols)
    return Built(code, len(made), False, generated - started, time.perf_counter() - generated)


class _Linker:
    """The linkers in use.

    A linker never forgets the name of what it has loaded (about 10 kB each), and making one takes a millisecond. So
    each serves a few objects, and goes when the last of them goes.
    """

    SERVES = 16
    _lock = threading.Lock()
    _numbers = itertools.count()
    _current: Any = None

    @classmethod
    def next(cls, llvm: Any) -> tuple[Any, int]:
        with cls._lock:
            number = next(cls._numbers)
            if number % cls.SERVES == 0 or cls._current is None:
                # JITLink puts code and data into one piece of memory. The other linker, LLVM's choice on Windows, may
                # put them so far apart that code cannot reach its data.
                cls._current = llvm.create_lljit_compiler(use_jit_link=os.name != "nt", suppress_errors=True)
            return cls._current, number


def _emitted(
    text: str, target: Target, level: int, externals: Iterable[str], emit: Callable[[Any, Any], _Made]
) -> _Made:
    if level not in (0, 1, 2, 3):
        raise DomainError(f"the level of code generation is 0, 1, 2 or 3, got {level!r}")
    llvm = binding()
    check_declarations(text, {*SYMBOLS, *externals})
    try:
        machine = _code_generator(llvm, target).create_target_machine(
            cpu=target.cpu, features=target.features, opt=level, reloc="pic", codemodel="small"
        )
    except RuntimeError as error:
        raise InternalError(f"LLVM has no code generator for {target.triple}: {' '.join(str(error).split())}") from None
    with llvm.create_context() as context:
        try:
            with llvm.parse_assembly(text, context) as module:
                module.triple = target.triple
                module.data_layout = str(machine.target_data)
                module.verify()
                return emit(machine, module)
        except RuntimeError as error:
            raise refusal(str(error), text) from None


def _code_generator(llvm: Any, target: Target) -> Any:
    try:
        return llvm.Target.from_triple(target.triple)
    except RuntimeError:  # not this machine's: the others are made ready when one is asked for
        llvm.initialize_all_targets()
        llvm.initialize_all_asmprinters()
        return llvm.Target.from_triple(target.triple)
