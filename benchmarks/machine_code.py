"""What each level of code generation costs and gives: `python -m benchmarks.machine_code`.

Texts of the kinds that kernels are made of: straight-line code of a few hundred and of a few thousand operations on
vectors; the same with every number stored and loaded again, in one basic block and in many; and nested loops with
vector accumulators (a product of two matrices of 64 × 64 in tiles of 4 × 2 vectors). The numbers are in
docs/decisions/machine-code.md.
"""

import ctypes
import random
import time
from collections.abc import Callable

from slopewise.backends.llvm import machine

REPEATS = 5


def straight_line(operations: int, lanes: int, seed: int = 1) -> str:
    """Return `f(in, out)`: operations on vectors, each of the oldest one that is unused and one of the latest forty."""
    chance, vector = random.Random(seed), f"<{lanes} x double>"
    lines = []
    for n in range(16):
        lines += [f"%p{n} = getelementptr double, ptr %in, i64 {n * lanes}"]
        lines += [f"%v{n} = load {vector}, ptr %p{n}, align 8"]
    unused = list(range(16))
    for n in range(16, 16 + operations):
        a = unused.pop(0) if len(unused) > 16 or chance.random() < 0.7 else chance.randrange(max(0, n - 40), n)
        b = chance.randrange(max(0, n - 40), n)
        operation = chance.choice(["fadd contract", "fmul contract", "fsub contract"])
        lines.append(f"%v{n} = {operation} {vector} %v{a}, %v{b}")
        unused.append(n)
    for place, n in enumerate(unused):
        lines += [f"%q{n} = getelementptr double, ptr %out, i64 {place * lanes}"]
        lines += [f"store {vector} %v{n}, ptr %q{n}, align 8"]
    return _function(["entry:", *lines, "ret void"])


def remembered(operations: int, lanes: int, block: int) -> str:
    """Return `f(in, out)`: a forward pass that stores each number, and a backward pass that loads them again.

    Args:
        operations: How many in all.
        lanes: Numbers of a vector.
        block: Operations of a basic block; 0 for one block. Blocks end in a branch on what LLVM cannot know.
    """
    chance, vector, half = random.Random(1), f"<{lanes} x double>", operations // 2
    lines = ["entry:", "%go = icmp ne ptr %in, null"]
    for n in range(16):
        lines += [f"%p{n} = getelementptr double, ptr %in, i64 {n * lanes}"]
        lines += [f"%v{n} = load {vector}, ptr %p{n}, align 8"]
    for n in range(16, operations):
        if block and n % block == 0:
            lines += [f"br i1 %go, label %b{n}, label %end", f"b{n}:"]
        other = f"%v{n - 1 - chance.randrange(16)}"
        if n >= half + 16:
            place = (operations - n + 15) * lanes
            lines += [f"%f{n} = getelementptr double, ptr %out, i64 {place}"]
            lines += [f"%l{n} = load {vector}, ptr %f{n}, align 8"]
            other = f"%l{n}"
        operation = chance.choice(["fadd contract", "fmul contract", "fsub contract"])
        lines.append(f"%v{n} = {operation} {vector} %v{n - 1 - chance.randrange(16)}, {other}")
        if n < half + 16:
            lines += [f"%q{n} = getelementptr double, ptr %out, i64 {n * lanes}"]
            lines += [f"store {vector} %v{n}, ptr %q{n}, align 8"]
    lines += [f"store {vector} %v{operations - 1}, ptr %out, align 8", "br label %end", "end:", "ret void"]
    return _function(lines)


def product(size: int, lanes: int) -> str:
    """Return `f(in, out)`: the product of two square matrices, in tiles of 4 rows and 2 vectors."""
    vector, wide = f"<{lanes} x double>", 2 * lanes
    cells = [(i, j) for i in range(4) for j in range(2)]
    lines = ["entry:", f"%b = getelementptr double, ptr %in, i64 {size * size}", "br label %rows"]
    lines += ["rows:", "%i = phi i64 [0, %entry], [%i2, %rowsend]", "br label %columns"]
    lines += ["columns:", "%j = phi i64 [0, %rows], [%j2, %store]", "br label %inner"]
    lines += ["inner:", "%k = phi i64 [0, %columns], [%k2, %inner]"]
    lines += [f"%s{i}{j} = phi {vector} [zeroinitializer, %columns], [%t{i}{j}, %inner]" for i, j in cells]
    lines += [f"%bk = mul i64 %k, {size}", "%bkj = add i64 %bk, %j"]
    for j in range(2):
        lines += [f"%bo{j} = add i64 %bkj, {j * lanes}", f"%bp{j} = getelementptr double, ptr %b, i64 %bo{j}"]
        lines += [f"%b{j} = load {vector}, ptr %bp{j}, align 8"]
    for i in range(4):
        lines += [f"%ai{i} = add i64 %i, {i}", f"%am{i} = mul i64 %ai{i}, {size}", f"%ao{i} = add i64 %am{i}, %k"]
        lines += [f"%ap{i} = getelementptr double, ptr %in, i64 %ao{i}", f"%as{i} = load double, ptr %ap{i}, align 8"]
        lines += [f"%ae{i} = insertelement {vector} poison, double %as{i}, i32 0"]
        lines += [f"%a{i} = shufflevector {vector} %ae{i}, {vector} poison, <{lanes} x i32> zeroinitializer"]
    for i, j in cells:
        lines += [f"%m{i}{j} = fmul reassoc nsz contract {vector} %a{i}, %b{j}"]
        lines += [f"%t{i}{j} = fadd reassoc nsz contract {vector} %s{i}{j}, %m{i}{j}"]
    lines += [
        "%k2 = add i64 %k, 1",
        f"%kc = icmp ult i64 %k2, {size}",
        "br i1 %kc, label %inner, label %store",
        "store:",
    ]
    for i, j in cells:
        lines += [f"%ci{i}{j} = add i64 %i, {i}", f"%cm{i}{j} = mul i64 %ci{i}{j}, {size}"]
        lines += [f"%cj{i}{j} = add i64 %cm{i}{j}, %j", f"%co{i}{j} = add i64 %cj{i}{j}, {j * lanes}"]
        lines += [f"%cp{i}{j} = getelementptr double, ptr %out, i64 %co{i}{j}"]
        lines += [f"store {vector} %t{i}{j}, ptr %cp{i}{j}, align 8"]
    lines += [
        f"%j2 = add i64 %j, {wide}",
        f"%jc = icmp ult i64 %j2, {size}",
        "br i1 %jc, label %columns, label %rowsend",
    ]
    lines += [
        "rowsend:",
        "%i2 = add i64 %i, 4",
        f"%ic = icmp ult i64 %i2, {size}",
        "br i1 %ic, label %rows, label %end",
    ]
    return _function([*lines, "end:", "ret void"])


def _function(lines: list[str]) -> str:
    return "define void @f(ptr noalias %in, ptr noalias %out) nounwind {\n" + "\n".join(lines) + "\n}\n"


def best_of(call: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the shortest of several runs, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    target = machine.host_target()
    lanes = target.lanes()
    numbers = (ctypes.c_double * 8192)(*[random.Random(2).uniform(0.5, 1.5) for _ in range(8192)])
    out = (ctypes.c_double * (1600 * 8))()
    print(
        f"{target.cpu}, vectors of {lanes} numbers; milliseconds of generation and of loading, microseconds of one run"
    )
    texts = {
        "straight-line, 300": straight_line(300, lanes),
        "straight-line, 3,000": straight_line(3000, lanes),
        "stored, 3,000 in one": remembered(3000, lanes, 0),
        "stored, in blocks": remembered(3000, lanes, 100),
        "loops, 64 × 64 × 64": product(64, lanes),
    }
    for name, text in texts.items():
        for level in range(4):
            made = machine.compile_text(text, target, level)
            code = machine.load(made, ["f"])
            function = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(code.address("f"))
            places = ctypes.addressof(numbers), ctypes.addressof(out)

            def run(function: Callable[[int, int], object] = function, places: tuple[int, int] = places) -> None:
                for _ in range(200):
                    function(*places)

            generation = best_of(lambda text=text, level=level: machine.compile_text(text, target, level))
            loading = best_of(lambda made=made: machine.load(made, ["f"]), 20)
            print(
                f"{name:22} level {level}: {generation * 1e3:7.1f} ms {loading * 1e3:6.2f} ms {len(made):8,} bytes "
                f"{best_of(run, 25) / 200 * 1e6:8.2f} µs"
            )


if __name__ == "__main__":
    main()
