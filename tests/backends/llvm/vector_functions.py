"""Vector functions as callables on arrays, for the tests of the mathematics."""

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np

from slopewise.backends.llvm import machine, mathematics
from slopewise.backends.llvm.mathematics.formulas import LAYOUTS, Dtype
from slopewise.ir.operations import ARITY, CODES

KEPT: list[machine.Code] = []  # code lives as long as it is held


def arity_of(name: str) -> int:
    return ARITY[CODES[name]]


def loops(names: list[str], dtype: Dtype, lanes: int, fma: bool) -> str:
    """Return a text with a function `loop_name(x, …, out, n)` for each operation; n is a multiple of the lanes."""
    scalar = LAYOUTS[dtype].float_name
    kind = scalar if lanes == 1 else f"<{lanes} x {scalar}>"
    align = LAYOUTS[dtype].bits // 8
    texts = [mathematics.definitions(names, dtype, lanes, fma=fma)]
    for name in names:
        places = range(arity_of(name))
        loads = "\n".join(
            f"  %p{i} = getelementptr {scalar}, ptr %a{i}, i64 %i\n  %x{i} = load {kind}, ptr %p{i}, align {align}"
            for i in places
        )
        given = ", ".join(f"{kind} %x{i}" for i in places)
        texts.append(f"""
define void @loop_{name}({"".join(f"ptr %a{i}, " for i in places)}ptr %out, i64 %n) {{
entry:
  br label %again
again:
  %i = phi i64 [ 0, %entry ], [ %next, %again ]
{loads}
  %r = call {kind} @{mathematics.symbol(name, dtype, lanes)}({given})
  %to = getelementptr {scalar}, ptr %out, i64 %i
  store {kind} %r, ptr %to, align {align}
  %next = add i64 %i, {lanes}
  %more = icmp ult i64 %next, %n
  br i1 %more, label %again, label %end
end:
  ret void
}}
""")
    return "\n".join(texts)


def functions(names: list[str], dtype: Dtype, lanes: int, target: machine.Target) -> dict[str, Callable[..., Any]]:
    """Return the operations as functions of arrays."""
    text = loops(names, dtype, lanes, target.has_fma)
    code = machine.load(machine.compile_text(text, target), [f"loop_{name}" for name in names])
    KEPT.append(code)
    number = np.float64 if dtype == "float64" else np.float32

    def function(name: str) -> Callable[..., Any]:
        call = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * (arity_of(name) + 1), ctypes.c_int64)(
            code.address(f"loop_{name}")
        )

        def apply(*operands: Any) -> Any:
            n = len(operands[0])
            full = -(-n // lanes) * lanes
            filled = [np.concatenate([np.asarray(x, number), np.ones(full - n, number)]) for x in operands]
            out = np.empty(full, number)
            call(*(x.ctypes.data for x in filled), out.ctypes.data, full)
            return out[:n]

        return apply

    return {name: function(name) for name in names}
