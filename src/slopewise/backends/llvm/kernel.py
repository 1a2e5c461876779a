"""`LoopKernel`: Loops made machine code.

The entry point is one function of C:

    void kernel(const double *inputs, double *outputs, void *scratch, const void *frozen)

`inputs` and `outputs` are in the order of the Program; they must not overlap. `scratch` is `scratch_bytes` of memory,
for this call alone; what it holds before does not matter. `frozen` is the kernel's block of constants and tables,
`frozen_address`; nobody writes to it. Both begin at multiples of 64 bytes.
"""

import ctypes
import threading
import time
from array import array
from collections.abc import Sequence
from typing import Any

from slopewise.backends.blas import pointers
from slopewise.backends.llvm import machine
from slopewise.backends.llvm.arithmetic import Dtype
from slopewise.backends.llvm.disk_cache import Cache
from slopewise.backends.llvm.frozen import ALIGNMENT
from slopewise.backends.llvm.interface import DOUBLES, Interface
from slopewise.backends.llvm.lowering import Lowered, lower_loops
from slopewise.backends.llvm.products import BLAS, least_product
from slopewise.errors import DomainError, ShapeError
from slopewise.ir.loops.structure import Loops

__all__ = ["LoopKernel"]

_DTYPES = ("float64", "float32")
_ENTRY = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)


class LoopKernel:
    """Loops made ready to run as machine code.

    Any number of threads may run one at the same time.

    Args:
        loops: The Loops; they are taken to be right (`ir.verify_loops`).
        dtype: `float64`, or `float32`: then the kernel computes in 32 bits, and takes and returns doubles all the same,
            unless its interface says otherwise.
        target: The machine; this one if it is left out.
        cache: Where machine code is kept between processes; nowhere if it is left out.
        blas: Which products BLAS computes: those that are large enough (`auto`), all of matrices (`always`), none
            (`off`); as the variable `SLOPEWISE_BLAS` says if it is left out.
        interface: Where inputs and outputs stand, if not as above. Such a kernel is called by its address alone, not by
            `run` and `call`.

    Attributes:
        n_inputs: How many numbers it takes.
        n_outputs: How many it returns.
        text: The LLVM IR.
        seconds: What making it took: for the text, for the machine code, for loading.
        is_from_cache: Whether the machine code was there already, on disk.
        scratch_bytes: The memory that one call needs.
        address: Of the entry point.
        frozen_address: Of the constants and tables.
        frozen_bytes: How much memory those take.
        n_products: How many products BLAS computes.

    Raises:
        DomainError: There is no such dtype.
        MissingExtraError: There is no llvmlite.

    Example:
        >>> from slopewise import ir
        >>> from slopewise.backends.llvm.kernel import LoopKernel
        >>> kernel = LoopKernel(ir.parse_loops("loops(x[4]) { local y[1] y[0] = sum(i in 4: x[i]) / 4 return y[0] }"))
        >>> kernel.run([1.0, 2.0, 3.0, 4.0])
        [2.5]
    """

    def __init__(
        self,
        loops: Loops,
        dtype: str = "float64",
        target: machine.Target | None = None,
        cache: Cache | None = None,
        blas: str | None = None,
        interface: Interface = DOUBLES,
    ):
        if dtype not in _DTYPES:
            raise DomainError(f"there is no dtype {dtype!r} of kernels\nchoose float64 or float32")
        numbers: Dtype = "float32" if dtype == "float32" else "float64"
        started = time.perf_counter()
        self.loops = loops
        self.dtype = dtype
        self.target = machine.host_target() if target is None else target
        self.n_inputs = loops.n_inputs
        self.n_outputs = loops.n_outputs
        least = least_product(pointers.setting() if blas is None else blas)
        lowered: Lowered = lower_loops(loops, numbers, self.target, least_product=least, interface=interface)
        symbols = pointers.addresses() if lowered.n_products else {}
        if lowered.n_products and not symbols:
            lowered = lower_loops(loops, numbers, self.target, interface=interface)
        self.n_products = lowered.n_products
        self.text = lowered.text
        self.scratch_bytes = lowered.scratch_bytes
        emitted = time.perf_counter()
        built = machine.build(self.text, self.target, ["kernel"], cache=cache, symbols=symbols)
        self.seconds = {
            "text": emitted - started,
            "code": built.generation_seconds,
            "loading": built.loading_seconds,
        }
        self.is_from_cache = built.is_from_cache
        self._code = built.code
        self.address = built.code.address("kernel")
        self._entry = _ENTRY(self.address)
        self.frozen_bytes = len(lowered.frozen)
        self._frozen, self.frozen_address = _block(self.frozen_bytes)
        ctypes.memmove(self.frozen_address, lowered.frozen, len(lowered.frozen))
        self._spare: list[tuple[Any, int]] = []
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<LoopKernel: {self.n_inputs:,} inputs, {self.loops.n_nests:,} nests, {self.n_outputs:,} outputs>"

    def __reduce__(self) -> tuple[Any, ...]:
        return LoopKernel, (self.loops, self.dtype)

    @property
    def n_nests(self) -> int:
        """How many nests of loops there are."""
        return self.loops.n_nests

    def assembly(self) -> str:
        """Return the instructions."""
        return machine.assembly(self.text, self.target, externals=BLAS if self.n_products else ())

    def run(self, inputs: Sequence[float]) -> list[float]:
        """Run on one row.

        Args:
            inputs: One number for each input.

        Returns:
            One float for each output.

        Raises:
            ShapeError: The inputs are too few or too many.
        """
        if len(inputs) != self.n_inputs:
            self._refuse(len(inputs))
        given, results = array("d", inputs), array("d", bytes(8 * self.n_outputs))
        self.call(given.buffer_info()[0], results.buffer_info()[0])
        return results.tolist()

    def run_array(self, inputs: Any, outputs: Any) -> None:
        """Run on one row that stands in memory, and write the results to memory.

        Args:
            inputs: A buffer of as many doubles as there are inputs: an array("d"), a numpy array of float64.
            outputs: A writable buffer of as many doubles as there are outputs.

        Raises:
            ShapeError: A buffer is too long or too short, not of doubles, or has gaps.
        """
        given, results = memoryview(inputs), memoryview(outputs)
        if len(given) != self.n_inputs:
            self._refuse(len(given))
        if len(results) != self.n_outputs:
            raise ShapeError(f"the loops return {self.n_outputs} numbers, the buffer holds {len(results)}")
        for view in (given, results):
            if view.format != "d" or view.ndim != 1 or not view.c_contiguous:
                raise ShapeError("a kernel reads and writes doubles side by side\ngive array('d') or numpy's float64")
        if results.readonly:
            raise ShapeError("the buffer for the results cannot be written\ngive a writable one")
        # Addresses of a buffer can be had where it may be written; what cannot, or overlaps, is copied.
        result = ctypes.addressof(ctypes.c_char.from_buffer(results)) if self.n_outputs else 0
        given_at = 0
        if given.readonly or not self.n_inputs:
            kept = array("d", given)
        else:
            given_at = ctypes.addressof(ctypes.c_char.from_buffer(given))
            if given_at < result + results.nbytes and result < given_at + given.nbytes:
                given_at, kept = 0, array("d", given)
        self.call(given_at or kept.buffer_info()[0], result)

    def call(self, inputs: int, outputs: int) -> None:
        """Run on addresses that nobody checks: doubles in, doubles out, without overlap."""
        with self._lock:
            scratch = self._spare.pop() if self._spare else None
        if scratch is None:
            scratch = _block(self.scratch_bytes)
        self._entry(inputs, outputs, scratch[1], self.frozen_address)
        with self._lock:
            self._spare.append(scratch)

    def _refuse(self, given: int) -> None:
        names = self.loops.names
        listed = f" ({', '.join(names)})" if 0 < len(names) <= 8 else ""
        raise ShapeError(f"the loops take {self.n_inputs} inputs{listed}, got {given}")


def _block(size: int) -> tuple[Any, int]:
    """Return memory that begins at a line of the cache: what keeps it, and its address."""
    keeper = ctypes.create_string_buffer(size + ALIGNMENT)
    address = ctypes.addressof(keeper)
    return keeper, -(-address // ALIGNMENT) * ALIGNMENT
