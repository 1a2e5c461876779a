"""Which name needs which: names without a value, circles, the result, and the order in which to compute."""

import difflib
from typing import Any

from slopewise.cli.expressions.faults import fault
from slopewise.cli.expressions.functions import CONSTANTS, function_of
from slopewise.cli.expressions.grammar import Item, Statement


def by_name_of(text: str, written: list[Statement]) -> dict[str, Statement]:
    """Return the statements by the name that each gives; refuse a name given twice."""
    by_name: dict[str, Statement] = {}
    for statement in written:
        if not statement.name:
            continue
        if statement.name in by_name:
            again = any(item.kind == "name" and item.value == statement.name for item in statement.items)
            cure = "write the new one under a new name" if again else "leave one of the two out"
            fault(f"{statement.name} is given twice: {cure}", text, statement.position, statement.length)
        by_name[statement.name] = statement
    return by_name


def check_names(text: str, written: list[Statement], by_name: dict[str, Statement]) -> None:
    """Refuse names without a value, naming all of them, with the nearest name or an example of the cure."""
    missing: dict[str, Item] = {}
    for statement in written:
        for item in statement.items:
            if item.kind == "name" and item.value not in by_name and item.value not in CONSTANTS:
                missing.setdefault(item.value, item)
    if not missing:
        return
    item = next(iter(missing.values()))
    fault(_missing(list(missing), by_name), text, item.position, item.length)


def _missing(names: list[str], by_name: dict[str, Statement]) -> str:
    name = names[0]
    if function_of(name) is not None:
        return f"{name} is a function: write {name}(…), or give the name a value: {name} = 2"
    if len(names) == 1:
        near = difflib.get_close_matches(name, by_name, 1, 0.75)
        if near:
            return f"{name} has no value; did you mean {near[0]}?"
        if name == "e":
            return "e has no value: add e = 2; Euler's number is exp(1)"
        return f"{name} has no value: add {name} = 2"
    listed = f"{', '.join(names[:3])} and {len(names) - 3} more" if len(names) > 3 else _and(names)
    examples = "; ".join(f"{name} = {i + 2}" for i, name in enumerate(names[:2]))
    return f"{listed} have no value: add {examples}{' …' if len(names) > 2 else ''}"


def result_of(text: str, written: list[Statement], used: set[Any]) -> Statement:
    """Return the statement that gives the result."""
    bare = [statement for statement in written if not statement.name]
    if len(bare) > 1:
        fault("a second formula without a name: give one of them a name", text, bare[1].position, bare[1].length)
    if bare:
        return bare[0]
    unused = [statement for statement in written if statement.name not in used]
    formulas = [statement for statement in unused if any(item.kind == "name" for item in statement.items)]
    if formulas or unused:
        return (formulas or unused)[0]
    return written[0]  # every name is used: a circle, which is told with its names


def in_order(text: str, written: list[Statement], by_name: dict[str, Statement]) -> list[Statement]:
    """Return the statements, each after those whose names it uses; refuse a circle."""
    done: set[int] = set()
    order: list[Statement] = []
    for first in written:
        path: list[Statement] = []
        on_path: dict[int, Item | None] = {}
        waiting: list[tuple[Statement, Item | None, bool]] = [(first, None, False)]
        while waiting:
            statement, item, leaves = waiting.pop()
            if leaves:
                path.pop()
                del on_path[id(statement)]
                done.add(id(statement))
                order.append(statement)
                continue
            if id(statement) in done:
                continue
            if id(statement) in on_path:
                assert item is not None  # the first statement is not on the path yet
                circle = [s.name for s in path[[id(s) for s in path].index(id(statement)) :]]
                fault(_circle(circle), text, item.position, item.length)
            path.append(statement)
            on_path[id(statement)] = item
            waiting.append((statement, None, True))
            uses = [i for i in statement.items if i.kind == "name" and i.value in by_name]
            waiting.extend((by_name[i.value], i, False) for i in reversed(uses))
    return order


def _circle(names: list[str]) -> str:
    if len(names) == 1:
        return f"{names[0]} is defined by itself: give the old value a name of its own"
    shown = names if len(names) <= 4 else [*names[:2], "…", names[-1]]
    return f"{names[0]} is defined by itself: {names[0]} needs {', which needs '.join([*shown[1:], names[0]])}"


def reached_from(root: Statement, by_name: dict[str, Statement]) -> set[int]:
    """Return the ids of the statements that the result needs, its own among them."""
    reached = {id(root)}
    waiting = [root]
    while waiting:
        for item in waiting.pop().items:
            statement = by_name.get(item.value) if item.kind == "name" else None
            if statement is not None and id(statement) not in reached:
                reached.add(id(statement))
                waiting.append(statement)
    return reached


def notes_on(root: Statement, written: list[Statement], needed: set[int]) -> tuple[str, ...]:
    """Say which names have no part in the result."""
    left_out = [statement.name for statement in written if id(statement) not in needed]
    if not left_out:
        return ()
    few = left_out if len(left_out) <= 5 else [*left_out[:4], f"{len(left_out) - 4} more"]
    verb = "has" if len(left_out) == 1 else "have"
    return (f"the result is {root.name or 'the formula without a name'}; {_and(few)} {verb} no part in it",)


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
