"""What was made of a function: equations after each step, the time of each step, operations, memory."""

import html
from collections import Counter
from dataclasses import dataclass
from typing import Any

from slopewise.compiler.entries import BY_ARGUMENTS, BY_CAPTURED, IN_LANES, VALUE, WITH_GRADIENTS, Entry
from slopewise.compiler.lowering import Lowered
from slopewise.compiler.paths import Path
from slopewise.compiler.tiers import FLOAT64, Stage
from slopewise.ir import Program, name_of
from slopewise.ir.operations import CONSTANT, INPUT

__all__ = ["ROWS_IN_LANES", "KernelReport", "Report", "report_on"]

ROWS_IN_LANES = "rows in lanes"

_TITLES = {
    VALUE: "a call",
    WITH_GRADIENTS: "a call of backward()",
    BY_ARGUMENTS: "a gradient for numpy",
    BY_CAPTURED: "a gradient for numpy",
    IN_LANES: ROWS_IN_LANES,
}


@dataclass(frozen=True, slots=True)
class KernelReport:
    """How one kernel was made.

    Attributes:
        title: What it is for: `a call`, `a call of backward()`, `1,000 rows`.
        stages: The steps in order, each with the equations that it left and its seconds.
        operations: How often each operation is applied, most first.
        inputs: How many numbers go in.
        outputs: How many come out.
        constants: How many numbers are built in.
        bytes: What its program takes in memory.
        runs_as: What runs it: `replay` or `machine code`.
        products: How many products of matrices BLAS computes in it.
        why: Why that, with the counts that decided; and whether machine code was made now or found on disk.
        dtype: The numbers that it computes with: `float64` or `float32`.
    """

    title: str
    stages: tuple[Stage, ...]
    operations: tuple[tuple[str, int], ...]
    inputs: int
    outputs: int
    constants: int
    bytes: int
    runs_as: str
    products: int
    why: str
    dtype: str

    @property
    def equations(self) -> int:
        """How many operations it applies."""
        return sum(count for _, count in self.operations)

    @property
    def machinery(self) -> str:
        """What runs it, in words: products that are left to BLAS, and the dtype where it is not float64."""
        products = f", {_counted(self.products, 'product')} by BLAS" if self.products else ""
        return self.runs_as + products + (f", {self.dtype}" if self.dtype != FLOAT64 else "")

    def json(self) -> dict[str, Any]:
        """Return the report as data for `json.dumps`."""
        return {
            "title": self.title,
            "stages": [stage.json() for stage in self.stages],
            "operations": dict(self.operations),
            "equations": self.equations,
            "inputs": self.inputs,
            "outputs": self.outputs,
            "constants": self.constants,
            "bytes": self.bytes,
            "runs_as": self.runs_as,
            "products": self.products,
            "why": self.why,
            "dtype": self.dtype,
        }


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """What a compiled function's latest path is, and how it was made. Print it, or let a notebook show it.

    Attributes:
        name: The function.
        arguments: How many numbers its arguments hold.
        captured: How many it reads from Values beside them.
        results: How many numbers it returns.
        writes: How many it writes.
        guards: How many answers its course hangs on.
        paths: How many paths there are for arguments of this form, and how many of them count.
        recorded: The Program as it was recorded, or as a transformation of what was recorded: equations, seconds.
        kernels: How each kernel was made.
    """

    name: str
    arguments: int
    captured: int
    results: int
    writes: int
    guards: int
    paths: tuple[int, int]
    recorded: Stage
    kernels: tuple[KernelReport, ...]

    def __repr__(self) -> str:
        return self.text()

    def __str__(self) -> str:
        return self.text()

    def text(self) -> str:
        """Return the report as plain text."""
        lines = [f"{self.name}: {self._counts()}"]
        for kernel in self.kernels:
            lines += [
                "",
                f"{kernel.title}: {_counted(kernel.equations, 'equation')}, {_size(kernel.bytes)}, {kernel.machinery}",
                *_wrapped(f"{kernel.runs_as}: {kernel.why}"),
            ]
            stages = (self.recorded, *kernel.stages)
            width = max(len(stage.name) for stage in stages)
            digits = max(len(f"{stage.equations:,}") for stage in stages)
            for stage in stages:
                noun = "equation " if stage.equations == 1 else "equations"
                count = f"{stage.equations:>{digits},}"
                lines.append(f"  {stage.name:<{width}}  {count} {noun}  {_duration(stage.seconds)}")
            lines += _wrapped(", ".join(f"{operation} {count:,}" for operation, count in kernel.operations))
        return "\n".join(lines)

    def json(self) -> dict[str, Any]:
        """Return the report as data for `json.dumps`."""
        return {
            "name": self.name,
            "arguments": self.arguments,
            "captured": self.captured,
            "results": self.results,
            "writes": self.writes,
            "guards": self.guards,
            "paths": {"all": self.paths[0], "counted": self.paths[1]},
            "recorded": self.recorded.json(),
            "kernels": [kernel.json() for kernel in self.kernels],
        }

    def _repr_html_(self) -> str:
        """Return the report as tables, for notebooks."""
        parts = [f"<p><b>{html.escape(self.name)}</b>: {html.escape(self._counts())}</p>"]
        for kernel in self.kernels:
            rows = [
                f"<tr><td>{html.escape(s.name)}</td><td>{s.equations:,}</td><td>{_duration(s.seconds)}</td></tr>"
                for s in (self.recorded, *kernel.stages)
            ]
            operations = ", ".join(f"{html.escape(name)} {count:,}" for name, count in kernel.operations)
            parts.append(
                f"<table><caption>{html.escape(kernel.title)}: {_counted(kernel.equations, 'equation')}, "
                f"{_size(kernel.bytes)}, {kernel.machinery}</caption>"
                "<thead><tr><th>step</th><th>equations</th><th>time</th></tr></thead>"
                f"<tbody>{''.join(rows)}</tbody></table>"
                f"<p>{kernel.runs_as}: {html.escape(kernel.why)}</p><p>{operations}</p>"
            )
        return f"<div>{''.join(parts)}</div>"

    def _counts(self) -> str:
        counts = [_counted(self.arguments, "number") + " in"]
        if self.captured:
            counts.append(_counted(self.captured, "captured number"))
        counts.append(_counted(self.results, "number") + " out")
        if self.writes:
            counts.append(_counted(self.writes, "number") + " written")
        if self.guards:
            counts.append(_counted(self.guards, "guard"))
        total, counted = self.paths
        if total > 1:
            counts.append(_counted(total, "path") + (f" ({counted} counted)" if counted != total else ""))
        return ", ".join(counts)


def report_on(name: str, entry: Entry, path: Path, exact: bool) -> Report:
    """Return the report on a path: with the kernels that were used, that of a call in any case."""
    entry.lowered(path, VALUE, exact)
    return Report(
        name=name,
        arguments=path.trace.n_arguments,
        captured=len(path.captured),
        results=path.n_results,
        writes=len(path.writes),
        guards=len(path.outcomes),
        paths=(len(entry.tree), entry.tree.n_counted),
        recorded=Stage("trace", path.program.n_equations, path.seconds),
        kernels=tuple(_kernel(_TITLES.get(asked, asked), made) for asked, made in path.kernels.made()),
    )


def operations_of(program: Program) -> tuple[tuple[str, int], ...]:
    """Count how often a program applies each operation, most first."""
    counts = Counter(program.codes)
    found = [(name_of(code), count) for code, count in counts.items() if code not in (INPUT, CONSTANT)]
    return tuple(sorted(found, key=lambda item: (-item[1], item[0])))


def _kernel(title: str, lowered: Lowered) -> KernelReport:
    program = lowered.source if lowered.kernel.is_compiled else lowered.program
    return KernelReport(
        title=title,
        stages=lowered.stages,
        operations=operations_of(program),
        inputs=program.n_inputs,
        outputs=program.n_outputs,
        constants=program.n_constants,
        bytes=program.n_bytes,
        runs_as=lowered.tier.name,
        why=_why(lowered),
        products=lowered.n_products,
        dtype=lowered.dtype,
    )


def _why(lowered: Lowered) -> str:
    """Say why a kernel runs as it does, and when that is asked again."""
    tier, left = lowered.tier, lowered.kernel.runs_left
    if not tier.tried_after:
        return tier.why
    return f"{tier.why}; machine code is tried after {tier.tried_after:,} runs, {left:,} from now"


def _counted(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'s' * (n != 1)}"


def _duration(seconds: float) -> str:
    for factor, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if seconds >= factor:
            return f"{seconds / factor:.3g} {unit}"
    return f"{seconds / 1e-6:.2g} µs"


def _size(count: int) -> str:
    for factor, unit in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if count >= factor:
            return f"{count / factor:,.0f} {unit}" if count >= 100 * factor else f"{count / factor:.3g} {unit}"
    return f"{count} bytes"


def _wrapped(text: str) -> list[str]:
    import textwrap

    return textwrap.wrap(text, 98, initial_indent="  ", subsequent_indent="    ") if text else []
