"""Kernels known from the Program that they were made from: neither rolled nor compiled again, in any later process.

The cache on disk keeps object code under the key of its text. Beside it, under the key of the Program, it keeps what
else a kernel is: the key of the object code, its constants and tables, and how much memory it works in.
"""

import ctypes
import functools
import hashlib
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from slopewise.backends.blas import pointers
from slopewise.backends.llvm import machine
from slopewise.backends.llvm.disk_cache import Cache, key_of
from slopewise.backends.llvm.frozen import ALIGNMENT
from slopewise.errors import InternalError
from slopewise.ir.program import Program

if TYPE_CHECKING:
    from slopewise.backends.llvm.kernel import LoopKernel

__all__ = ["RememberedKernel", "key_of_program", "recall", "remember"]

_HEAD = struct.Struct("<QQQ64s")  # nests, products, bytes of scratch, the key of the object code


class Counted(Protocol):
    """What says how many numbers a kernel takes and returns."""

    @property
    def n_inputs(self) -> int:
        """How many it takes."""
        ...

    @property
    def n_outputs(self) -> int:
        """How many it returns."""
        ...


@dataclass(frozen=True, slots=True)
class RememberedKernel:
    """What runs machine code: the part of a `LoopKernel` that calls need.

    Attributes:
        n_inputs: How many numbers it takes.
        n_outputs: How many it returns.
        n_nests: How many nests of loops it is.
        n_products: How many products BLAS computes.
        address: Of the entry point, as `kernel` has it.
        frozen_address: Of the constants and tables.
        scratch_bytes: The memory that one call needs.
        keeper: What keeps the code and the constants there.
    """

    n_inputs: int
    n_outputs: int
    n_nests: int
    n_products: int
    address: int
    frozen_address: int
    scratch_bytes: int
    keeper: Any


def key_of_program(program: Program, target: machine.Target, dtype: str = "float64", what: str = "") -> str:
    """Return the key of what a Program becomes on a machine: its content, the machine, and all that makes the code.

    Args:
        program: The Program.
        target: The machine.
        dtype: The numbers that it computes with.
        what: What else decides on the code.
    """
    content = f"{dtype} {pointers.setting()} {what} {program.digest().hex()}"
    return key_of(content, target, {"program": _makers()})


def remember(cache: Cache, key: str, kernel: "LoopKernel") -> bool:
    """Keep a kernel under the key of its Program, and tell whether it is kept."""
    of_object = key_of(kernel.text, kernel.target, {"level": machine.LEVEL}).encode()
    frozen = ctypes.string_at(kernel.frozen_address, kernel.frozen_bytes)
    head = _HEAD.pack(kernel.n_nests, kernel.n_products, kernel.scratch_bytes, of_object)
    return cache.put(key, head + frozen)


def recall(cache: Cache, key: str, counts: Counted) -> RememberedKernel | None:
    """Return the kernel under the key of a Program, None if it is not known or its code is gone.

    Args:
        cache: Where it is kept.
        key: The key.
        counts: How many numbers it takes and returns: the Program, if it is the kernel of one row.
    """
    kept = cache.get(key)
    if kept is None or len(kept) < _HEAD.size:
        return None
    n_nests, n_products, scratch_bytes, of_object = _HEAD.unpack_from(kept)
    found = cache.get(of_object.decode("ascii", "replace"))
    if found is None:
        return None
    try:
        code = machine.load(found, ("kernel",), pointers.addresses() if n_products else None)
    except InternalError:
        return None
    frozen = kept[_HEAD.size :]
    block = ctypes.create_string_buffer(len(frozen) + ALIGNMENT)
    address = -(-ctypes.addressof(block) // ALIGNMENT) * ALIGNMENT
    ctypes.memmove(address, frozen, len(frozen))
    return RememberedKernel(
        n_inputs=counts.n_inputs,
        n_outputs=counts.n_outputs,
        n_nests=n_nests,
        n_products=n_products,
        address=code.address("kernel"),
        frozen_address=address,
        scratch_bytes=scratch_bytes,
        keeper=(code, block),
    )


@functools.cache
def _makers() -> str:
    """Return what tells one state of our own code from another: the version does not, while it is being worked on."""
    package = Path(__file__).parents[2]
    digest = hashlib.blake2b(digest_size=16)
    waiting = [os.path.join(package, room) for room in ("ops", "ir", "passes", "backends")]
    for folder in waiting:
        with os.scandir(folder) as items:
            for item in sorted(items, key=lambda item: item.name):
                if item.name.endswith((".py", ".so", ".pyd")):
                    made = item.stat()
                    digest.update(f"{item.path} {made.st_size} {made.st_mtime_ns};".encode())
                elif item.is_dir():
                    waiting.append(item.path)
    return digest.hexdigest()
