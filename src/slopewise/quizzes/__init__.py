"""Exercises and their checking: quizzes on a graph, worksheets, derivatives and engines of the learner's own.

Each name is loaded from its file when it is first used.
"""

import importlib
from typing import Any

_HOMES = {
    "slopewise.quizzes.engine_check": ("check_engine",),
    "slopewise.quizzes.engine_report": ("EngineCheck", "Rung"),
    "slopewise.quizzes.exercise_check": ("exercise",),
    "slopewise.quizzes.exercise_report": ("CounterExample", "ExerciseCheck"),
    "slopewise.quizzes.generator": ("Exercise", "make_exercise"),
    "slopewise.quizzes.quiz_play": ("Quiz", "quiz"),
    "slopewise.quizzes.typed_answers": ("read_answer",),
    "slopewise.quizzes.worksheet_pages": ("answer_key", "worksheet"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = list(_HOME_OF)


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        item = getattr(importlib.import_module(_HOME_OF[name]), name)
        globals()[name] = item
        return item
    import difflib

    near = difflib.get_close_matches(name, __all__, 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise AttributeError(f"slopewise.quizzes has no {name!r}{hint}")


def __dir__() -> list[str]:
    return sorted(__all__)
