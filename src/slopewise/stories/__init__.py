"""A backward pass told step by step, and why a gradient is what it is; as text, Markdown, LaTeX, HTML and JSON."""

import importlib
from typing import Any

_HOMES = {
    "Answer": "slopewise.stories.path_answer",
    "why": "slopewise.stories.path_answer",
    "explain": "slopewise.stories.explaining",
    "Story": "slopewise.stories.story",
    "Step": "slopewise.stories.steps",
    "schema": "slopewise.stories.story_json",
}

__all__ = ["Answer", "Step", "Story", "explain", "schema", "why"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        item = getattr(importlib.import_module(_HOMES[name]), name)
        globals()[name] = item
        return item
    raise AttributeError(f"module 'slopewise.stories' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
