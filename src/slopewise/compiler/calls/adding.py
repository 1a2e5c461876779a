"""`k.backward(…)`: calls that add gradients, as a caller with shortcuts of its own."""

from array import array
from typing import TYPE_CHECKING, Any

from slopewise.compiler import state
from slopewise.compiler.calls.calling import Caller
from slopewise.compiler.calls.shortcuts import install_shortcut
from slopewise.compiler.entries import WITH_GRADIENTS, Outcome
from slopewise.compiler.recorded import NeedsValuesError, NotKeptError
from slopewise.engine import Value
from slopewise.engine.sweep import counting
from slopewise.tracer import is_tracing

if TYPE_CHECKING:
    from slopewise.compiler.compiled import Compiled

__all__ = ["Adding"]


class Adding(Caller):
    """Calls a compiled function, and adds the gradient of its result: see `Compiled.backward`.

    Args:
        compiled: The compiled function.
    """

    def __init__(self, compiled: "Compiled") -> None:
        self._compiled = compiled

    def _slow(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        compiled = self._compiled
        if is_tracing():
            result = compiled._inside(args, kwargs)
            first = result[0] if isinstance(result, (tuple, list)) else result
            if isinstance(first, Value):
                first.backward()
            return result
        keeps = compiled.transformation is None
        try:
            outcome = compiled._run(args, kwargs, WITH_GRADIENTS, keeps=keeps)
            while not outcome.write_with_gradients():
                outcome = compiled._run(args, kwargs, WITH_GRADIENTS, keeps=keeps)
        except NotKeptError:
            try:
                return compiled._eagerly(args, kwargs, backward=True)
            except NeedsValuesError:
                return self._slow(args, kwargs)
        if outcome.starts is None and not outcome.path.writes:
            self._install(outcome)
        return outcome.result()

    def _install(self, outcome: Outcome) -> None:
        path, lowered = outcome.path, outcome.lowered
        plan = outcome.plan if outcome.plan is not None and outcome.plan.has_values else None
        targets = path.targets(lowered, {})
        root = path.program.outputs[0]
        position = lowered.wrt.index(root) if root in lowered.wrt else -1

        def add(gradients: "array[float]", args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            values = targets if plan is None else path.targets(lowered, plan.values(args, kwargs))
            with counting:  # one backward pass at a time, as in the engine
                state.add_gradients(values, gradients, position)

        begin = lowered.guards[1]
        install_shortcut(self, outcome, after=(range(begin, begin + len(lowered.wrt)), add))
