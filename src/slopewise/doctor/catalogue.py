"""Every diagnosis that there is, by its code."""

from slopewise.doctor import graph_mistakes, loop_mistakes, training_notes, training_warnings
from slopewise.doctor.diagnosis import Diagnosis


def _kinds() -> dict[str, type[Diagnosis]]:
    found = {}
    for module in (loop_mistakes, graph_mistakes, training_warnings, training_notes):
        for item in vars(module).values():
            if isinstance(item, type) and issubclass(item, Diagnosis) and item.code:
                found[item.code] = item
    return dict(sorted(found.items()))


DIAGNOSES: dict[str, type[Diagnosis]] = _kinds()
