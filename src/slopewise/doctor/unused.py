"""Parameters that the loss does not depend on: left out of the formula, or entries that no sample asked for."""

import re
from collections.abc import Callable

from slopewise.doctor.diagnosis import Diagnosis
from slopewise.doctor.training_notes import EntriesUnused
from slopewise.doctor.training_warnings import ParameterUnused
from slopewise.engine import Value

ENOUGH_PASSES = 2


def unused_parameters(
    waiting: list[Value], parameters: list[Value], name: Callable[[Value], str], passes: int, updates: int
) -> list[Diagnosis]:
    """Return the diagnoses of parameters that no pass reached.

    Args:
        waiting: Those parameters.
        parameters: All parameters.
        name: Names a parameter.
        passes: How many passes there were.
        updates: How many updates there were.
    """
    if not waiting or passes < ENOUGH_PASSES:
        return []
    left = set(waiting)
    tables: dict[str, list[Value]] = {}
    for p in parameters:
        tables.setdefault(_table(name(p)), []).append(p)
    found: list[Diagnosis] = []
    whole: list[str] = []
    for table, members in tables.items():
        unused = [p for p in members if p in left]
        if not unused:
            continue
        names = tuple(name(p) for p in unused)
        if table and len(unused) < len(members):
            found.append(EntriesUnused(names=names, table=table, entries=len(members), passes=passes))
        else:
            whole.extend(names)
    if whole:
        found.append(ParameterUnused(names=tuple(whole), passes=passes, updates=updates))
    return found


def _table(name: str) -> str:
    """Return the table that an entry belongs to: C of `C[3][1]`, `layers.0` of `layers.0.neurons.3.b`; else ""."""
    match = re.match(r"([^\[\].]+)\[", name) or re.match(r"(.*?\.\d+)\.", name)
    return match[1] if match else ""
