"""Measures what decides when a kernel becomes machine code: `python -m benchmarks.tiers`.

Each line: equations of a program that does not roll; a run replayed and as machine code, in nanoseconds an equation,
the least of nine; rolling and compiling it, in microseconds an equation; after how many runs that is paid back. The
programs: sums, products and differences of two of the latest numbers and, in the second half, a twentieth of `exp`.
The constants of `slopewise.compiler.costs` come from here; `docs/decisions/machine-code.md` has the figures.
"""

import random
import time
from array import array

from slopewise.backends.llvm.kernel import LoopKernel
from slopewise.backends.replay import Kernel
from slopewise.ir import Builder, Program, code_of
from slopewise.passes import differentiate, pipeline
from slopewise.passes.rolling import roll

SIZES = (16, 32, 64, 128, 256, 512, 1024, 2048, 4096)


def irregular(size: int, share: int) -> Program:
    """Build the value and the gradient of operations on any two of the latest hundred numbers."""
    chance, build = random.Random(1), Builder()
    inputs = [build.input() for _ in range(8)]
    slots = list(inputs)
    for i in range(size):
        if share and i % share == share - 1:
            slots.append(build.emit(code_of("exp"), slots[-1]))
            slots.append(build.emit(code_of("tanh"), slots[-1]))
        else:
            name = chance.choice(("add", "multiply", "subtract"))
            slots.append(build.emit(code_of(name), *(chance.choice(slots[-100:]) for _ in range(2))))
    root = slots[-1]
    for slot in slots[-100:-1]:
        root = build.emit(code_of("add"), root, slot)
    return differentiate.vjp(build.extract(inputs, [root]), tuple(range(8)), (0,))


def nanoseconds(kernel: Kernel) -> float:
    """Return what a run takes, the least of nine."""
    inputs, outputs = array("d", [0.01 * i for i in range(kernel.n_inputs)]), array("d", bytes(8 * kernel.n_outputs))
    count = max(10, 2_000_000 // (100 + kernel.n_equations))
    least = float("inf")
    for _ in range(9):
        begin = time.perf_counter()
        for _ in range(count):
            kernel.run_array(inputs, outputs)
        least = min(least, (time.perf_counter() - begin) / count)
    return 1e9 * least


def main() -> None:
    """Print a line for each size."""
    roll(irregular(8, 0))
    LoopKernel(roll(irregular(8, 0)))  # what is loaded once counts for none
    for share in (0, 20):
        print(f"one of {share} is a function:" if share else "sums, products, differences:")
        for size in SIZES:
            program = irregular(size, share)
            begin = time.perf_counter()
            loops = roll(program)
            rolled = time.perf_counter()
            code = LoopKernel(loops)
            seconds = (rolled - begin, time.perf_counter() - rolled)
            finished = pipeline.run(program, (pipeline.FINISH,)).program
            n = finished.n_equations
            replay = nanoseconds(Kernel(finished))
            machine = nanoseconds(Kernel(lambda p=finished: p, code, n))
            saved = replay - machine
            paid = f"{1e9 * sum(seconds) / saved:,.0f} runs" if saved > 0 else "never"
            print(
                f"  {n:>6,} equations, {loops.n_nests:>5,} nests: replay {replay:7.0f} ns ({replay / n:.2f} each), "
                f"machine code {machine:7.0f} ns ({machine / n:.2f}); "
                f"roll {1e6 * seconds[0] / n:4.0f}, code {1e6 * seconds[1] / n:4.0f} µs each; {paid}"
            )


if __name__ == "__main__":
    main()
