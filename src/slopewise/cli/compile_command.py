"""`slopewise compile`: what a function in a file becomes: program, paths, frozen numbers, the time of each step."""

import ast
import contextlib
import copy
import difflib
import inspect
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from slopewise.cli.json_output import print_json
from slopewise.cli.terminal import fail, plain_option, remark, say
from slopewise.cli.user_code import failure_line, load_function, silenced
from slopewise.errors import InternalError, SlopewiseError

MOST_LINES = 40
MOST_OF_A_LINE = 8  # frozen numbers that are listed one by one


@dataclass(frozen=True, slots=True)
class ExampleCall:
    """Arguments to call a function with, as they were written."""

    text: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


@click.command("compile", epilog="Exit code: 0 when it was compiled, 2 for bad input.")
@click.argument("target", metavar="FILE.py:FUNCTION")
@click.option("--at", "examples", multiple=True, metavar="ARGUMENTS",
              help="A call to compile for, written as in Python: 2.0, 3.0 or x=2.0 or [1.0, 2.0], n=3. "
              "Repeat it for several calls, and for single arguments by name.")  # fmt: skip
@click.option("--wrt", multiple=True, metavar="NAME",
              help="Compile value and gradient by an argument, named or counted from 0; several: x,y.")  # fmt: skip
@click.option("--exact", is_flag=True, help="Compile for the eager engine's own bits.")
@click.option("--backend", type=click.Choice(["auto", "replay", "llvm"]), default="auto", show_default=True,
              help="What runs it: machine code at any size (llvm), or none (replay).")  # fmt: skip
@click.option("--loops", "with_loops", is_flag=True, help="Show the loops that it rolls up to, instead of the program.")
@click.option("--full", is_flag=True, help=f"Print the whole program, however long; else {MOST_LINES} lines of it.")
@click.option("--json", "as_json", is_flag=True, help="Print report, program, paths and frozen numbers as JSON.")
@plain_option
def compile_function(
    target: str,
    examples: tuple[str, ...],
    wrt: tuple[str, ...],
    exact: bool,
    backend: str,
    with_loops: bool,
    full: bool,
    as_json: bool,
) -> None:
    """Compile a function in a file of yours, and show what it became.

    The function is called with each --at: the first call traces it, a call that takes another branch adds a path. Shown
    are the results, the equations after each step and its time, the program, the paths with their guards, and the
    numbers that were frozen. A number with a point is a float; one without is an int, as in Python. The file is run.

    \b
    slopewise compile model.py:loss --at "0.5, [1.0, 2.0]"
    slopewise compile model.py:loss --at x=0.5 --at y=-1.0 --wrt x
    slopewise compile model.py:step --backend llvm --loops
    """
    path = Path(target.rpartition(":")[0])
    calls = _calls(examples)
    with silenced() as printed:
        function = load_function(target)
        if isinstance(function, type):
            fail(
                f"{target.rpartition(':')[2]} in {path} is a class, not a function: name an object of it, or a function"
            )
        calls = calls or [_empty_call(function, target)]
        for call in calls:
            _check_arguments(function, call)
        with _failures_named(target, path):
            compiled = _compiled(function, wrt, exact, backend)
        results = []
        for call in calls:
            with _failures_named(f"{target.rpartition(':')[2]}({call.text})", path):
                results.append(compiled(*call.args, **call.kwargs))
    lines = printed.getvalue().count("\n")
    if lines:
        remark(f"{path.name} printed {lines} line{'s' * (lines != 1)}, left out here")
    if as_json:
        print_json(_as_data(target, compiled, calls, results, with_loops))
    else:
        _print(target, compiled, calls, results, full, with_loops)


def _compiled(function: Any, wrt: tuple[str, ...], exact: bool, backend: str) -> Any:
    import slopewise as sw
    from slopewise.compiler.batches.batching import Batched
    from slopewise.compiler.compiled import Compiled

    names = [name.strip() for text in wrt for name in text.split(",") if name.strip()]
    if names:
        keys = tuple(int(name) if name.lstrip("-").isdigit() else name for name in names)
        derivative = sw.value_and_grad(function, wrt=keys[0] if len(keys) == 1 else keys, exact=exact)
        return derivative if backend == "auto" else sw.compile(derivative, exact=exact, backend=backend)
    if isinstance(function, (Compiled, Batched)):
        if backend != "auto":
            written = f"sw.compile(…, backend={backend!r})"
            fail(f"--backend is for functions that are not compiled yet: write {written} in the file")
        if exact and not getattr(function, "exact", False):
            fail("--exact is for functions that are not compiled yet: write sw.compile(…, exact=True) in the file")
        return function
    return sw.compile(function, exact=exact, backend=backend)


def _calls(examples: tuple[str, ...]) -> list[ExampleCall]:
    """Read every `--at`; arguments by name that do not clash make one call together."""
    calls = [_call(text) for text in examples]
    names = [name for call in calls for name in call.kwargs]
    if len(calls) > 1 and not any(call.args for call in calls) and len(set(names)) == len(names):
        kwargs = {name: item for call in calls for name, item in call.kwargs.items()}
        return [ExampleCall(", ".join(call.text for call in calls), (), kwargs)]
    return calls


def _call(text: str) -> ExampleCall:
    try:
        tree = ast.parse(f"f({text})", mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        fail(f"--at {text!r} cannot be read: write arguments as in a call, 2.0, [1.0, 2.0] or x=2.0")
    if not isinstance(tree, ast.Call) or ast.unparse(tree.func) != "f":
        fail(f"--at {text!r} is more than the arguments of one call: give one --at for each call")
    args = tuple(_literal(node, text) for node in tree.args)
    kwargs = {}
    for keyword in tree.keywords:
        if keyword.arg is None:
            fail(f"--at {text!r}: ** is not understood here: write each argument as name=number")
        kwargs[keyword.arg] = _literal(keyword.value, text)
    return ExampleCall(text.strip(), args, kwargs)


class _Infinities(ast.NodeTransformer):
    """Puts the numbers in for `nan` and `inf`, which Python has no literal for."""

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Constant(float(node.id)) if node.id in ("nan", "inf") else node


def _literal(node: ast.expr, text: str) -> Any:
    try:
        return ast.literal_eval(_Infinities().visit(copy.deepcopy(node)))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        shown = ast.unparse(node)
        fail(
            f"--at {text!r}: {shown} is no plain number, text, list, tuple or dict; "
            f"for anything else, write a function without arguments in the file that makes the call"
        )


def _empty_call(function: Any, target: str) -> ExampleCall:
    """Return the call without arguments; ends the command with one line when the function needs some."""
    from slopewise.basics.arguments import signature_of

    try:
        inspect.signature(function).bind()
    except TypeError:
        signature = signature_of(function)
        fail(f"say what to call {signature} with: --at 2.0,3.0 by position, or --at x=2.0 by name")
    except ValueError:
        fail(f"say what to call {target.rpartition(':')[2]} with: --at 2.0,3.0")
    return ExampleCall("", (), {})


def _check_arguments(function: Any, call: ExampleCall) -> None:
    """End the command with one line when a function cannot be called like this."""
    from slopewise.basics.arguments import signature_of

    try:
        parameters = inspect.signature(function).parameters
        inspect.signature(function).bind(*call.args, **call.kwargs)
    except ValueError:  # Python does not know what it takes
        return
    except TypeError as error:
        by_position = [p for p in parameters.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        given = {p.name for p in by_position[: len(call.args)]} | set(call.kwargs)
        missing = [p for p in parameters.values() if p.default is p.empty and p.name not in given]
        missing = [p for p in missing if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
        signature, n = signature_of(function), len(call.args)
        unknown = next((name for name in call.kwargs if name not in parameters), None)
        if unknown is not None:
            near = difflib.get_close_matches(unknown, list(parameters), 1)
            fail(f"--at {call.text!r}: {signature} has no {unknown}{f'; did you mean {near[0]}?' if near else ''}")
        if n > len(by_position):
            fail(
                f"--at {call.text!r} has {n} argument{'s' * (n != 1)}, "
                f"and {signature} takes {len(by_position)} by position"
            )
        if missing:
            example = ", ".join([*([call.text] if call.text else []), *(f"{p.name}=2.0" for p in missing)])
            fail(f"--at {call.text!r} misses {' and '.join(p.name for p in missing)} of {signature}: --at {example!r}")
        fail(f"--at {call.text!r}: {signature} cannot be called like this: {error}")


@contextlib.contextmanager
def _failures_named(what: str, path: Path) -> Iterator[None]:
    """Say in one line what the user's function raised, and what the compiler refused; warnings become remarks."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        except InternalError:
            raise
        except SlopewiseError as error:
            fail(str(error))
        except click.ClickException:
            raise
        except Exception as error:
            fail(f"{what} raised {failure_line(error, path)}")
    for warning in caught:
        remark(str(warning.message))


def _print(
    target: str, compiled: Any, calls: list[ExampleCall], results: list[Any], full: bool, with_loops: bool
) -> None:
    name = target.rpartition(":")[2]
    for call, result in zip(calls, results, strict=True):
        say(f"{name}({call.text}) = {result!r}")
    say()
    say(compiled.report().text())
    say()
    lines = str(compiled.loops if with_loops else compiled.program).split("\n")
    shown = lines if full or len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 2], "  …", lines[-2], lines[-1]]
    say("\n".join(shown))
    if len(shown) < len(lines):
        what = "loops" if with_loops else "program"
        remark(f"{len(lines) - len(shown) + 1} lines of the {what} are left out: --full prints all")
    paths = compiled.paths
    if len(paths) > 1 or any(path.guards for path in paths):
        say()
        say("\n".join(str(path) for path in paths))
    constants = compiled.constants
    if constants:
        say()
        say("frozen numbers")
        listed = _frozen(constants)
        say("\n".join(listed[:MOST_LINES]))
        if len(listed) > MOST_LINES:
            say(f"  … and {len(listed) - MOST_LINES} more")


def _frozen(constants: Sequence[Any]) -> list[str]:
    """List frozen numbers, each different one once; of a line that froze many, the first few."""
    by_line: dict[str, Counter[str]] = {}
    for constant in constants:
        number, where = str(constant).split(" at ", 1)
        by_line.setdefault(where, Counter())[number] += 1
    listed = []
    for where, counts in by_line.items():
        if len(counts) > MOST_OF_A_LINE:
            first = ", ".join(list(counts)[:3])
            listed.append(f"  {counts.total():,} numbers, {len(counts):,} different: {first}, … at {where}")
        else:
            times = {number: f"  ({count:,} times)" if count > 1 else "" for number, count in counts.items()}
            listed += [f"  {number} at {where}{times[number]}" for number in counts]
    return listed


def _as_data(
    target: str, compiled: Any, calls: list[ExampleCall], results: list[Any], with_loops: bool
) -> dict[str, Any]:
    return {
        "target": target,
        "calls": [{"at": call.text, "result": result} for call, result in zip(calls, results, strict=True)],
        "report": compiled.report().json(),
        "program": str(compiled.program),
        **({"loops": str(compiled.loops)} if with_loops else {}),
        "paths": [path.json() for path in compiled.paths],
        "constants": [constant.json() for constant in compiled.constants],
    }
