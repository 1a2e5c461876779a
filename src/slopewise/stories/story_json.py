"""Stories as data for `json.dumps`, and the JSON Schema that describes it."""

import json
from importlib import resources
from typing import TYPE_CHECKING, Any

from slopewise.engine.modes import Source
from slopewise.engine.value import was_written
from slopewise.stories.document_json import formula_object, number
from slopewise.stories.name_text import visible
from slopewise.stories.steps import Step
from slopewise.views import Operand, ShownNode

if TYPE_CHECKING:
    from slopewise.stories.story import Story

SCHEMA = "slopewise.story/1"


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of `story.json()`.

    Example:
        >>> from slopewise.stories import schema
        >>> schema()["title"]
        'A story of a backward pass'
    """
    text = resources.files("slopewise.stories").joinpath("story.schema.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def step_object(step: Step) -> dict[str, Any]:
    """Return a step as data."""
    out: dict[str, Any] = {
        "kind": step.kind,
        "node": visible(step.name),
        "operation": visible(step.operation),
        "rule": visible(step.rule),
        "formula": formula_object(step.formula_tree),
        "numbers": formula_object(step.numbers_tree),
        "source": source_object(step.source),
    }
    if step.kind == "backward":
        out |= {
            "operand": visible(step.operand_name),
            "role": step.role,
            "local": number(step.local),
            "upstream": number(step.upstream),
            "contribution": number(step.contribution),
            "before": number(step.before),
            "after": number(step.after),
        }
        if step.right_after is not None:
            out |= {"right": number(step.right), "right_after": number(step.right_after)}
    return out


def source_object(source: Source | None) -> dict[str, Any] | None:
    """Return a line of the user's code as data."""
    if source is None:
        return None
    return {"file": visible(source.file), "line": source.line, "function": visible(source.function)}


def node_object(node: ShownNode) -> dict[str, Any]:
    """Return a node as data; its operands are places in the list of nodes, or constants."""
    return {
        "name": visible(node.name),
        "kind": node.kind,
        "operation": visible(node.operation),
        "operands": [_operand_object(operand) for operand in node.operands],
        "number": number(node.number),
        "gradient": number(node.gradient),
        "stored": number(node.stored) if node.was_written else None,
    }


def _operand_object(operand: Operand) -> dict[str, Any]:
    return {
        "node": operand.position,
        "name": visible(operand.name),
        "number": number(operand.number),
        "local": number(operand.partial),
        "contribution": number(operand.contribution),
        "role": operand.role,
    }


def story_object(story: "Story", everything: bool = False) -> dict[str, Any]:
    """Return a story as data.

    Args:
        story: The story.
        everything: Whether a long story carries every node and step too.
    """
    out: dict[str, Any] = {"schema": SCHEMA, "title": visible(story.name), "root": visible(story.root_name)}
    reading = story.layout.reading
    is_whole = everything or not story.is_long
    operations = sum(1 for positions in reading.operands if positions)
    stale = reading.stale(story.layout.names)
    out |= {
        "number": number(story.root.data),
        "has_run": was_written(story.root),
        "stale": [{"name": visible(s.name), "now": number(s.now), "built": number(s.built)} for s in stale],
        "graph": {"nodes": len(reading.nodes), "operations": operations},
        "is_complete": is_whole,
        "nodes": [node_object(node) for node in story.graph.nodes] if is_whole else [],
        "steps": [step_object(step) for step in story.steps] if is_whole else [],
        "wrong": _mistake_object(story),
    }
    return out | story.document.json()


def _mistake_object(story: "Story") -> dict[str, Any] | None:
    mistake = story.mistake
    if mistake is None:
        return None
    gradients = None
    if mistake.gradients is not None:
        gradients = [
            {"name": visible(node.name), "wrong": number(end), "right": number(node.gradient)}
            for node, end in zip(story.graph.nodes, mistake.gradients, strict=True)
            if node.kind == "leaf"
        ]
    return {
        "mistake": mistake.name,
        "parting": story.parting,
        "cause": visible(mistake.cause),
        "visits": mistake.visits,
        "followed": mistake.followed,
        "gradients": gradients,
    }
