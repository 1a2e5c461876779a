"""An answer to `why` as data for `json.dumps`."""

from typing import TYPE_CHECKING, Any

from slopewise.stories import document_json
from slopewise.stories.name_text import visible

if TYPE_CHECKING:
    from slopewise.stories.path_answer import Answer
    from slopewise.views.path_folding import Link
    from slopewise.views.path_groups import PathGroup
    from slopewise.views.paths import Path

SCHEMA = "slopewise.why/1"
_MOST_DEATHS = 100
_EXACT = 2**53  # beyond it, readers of JSON round
_LONGEST = 4000  # digits that Python writes of an int without being asked to allow more


def answer_object(answer: "Answer") -> dict[str, Any]:
    """Return an answer as data, with the document's blocks."""
    return {**answer_data(answer), **answer.document.json()}


def answer_data(answer: "Answer") -> dict[str, Any]:
    """Return an answer as data, without the document's blocks."""
    out: dict[str, Any] = {
        "schema": SCHEMA,
        "leaf": visible(answer.names.of(answer.leaf)),
        "root": visible(answer.names.of(answer.root)),
        "total": number(answer.total),
        "count": count(answer.count),
        "paths": [_path_object(answer, path, way) for path, way in zip(answer.paths, answer.ways, strict=True)],
        "others": {"count": count(answer.others.count), "sum": number(answer.others.sum)},
        "dead": {
            "count": count(sum(death.count for death in answer.deaths)),
            "places": [
                {**_link_object(answer, death.link), "count": count(death.count), "neuron": death.neuron}
                for death in answer.deaths[:_MOST_DEATHS]
            ],
        },
        "reason": visible(answer.reason.replace("\n", " ")),
    }
    stored = answer.stored
    out["stored"] = {
        "held": number(stored.held),
        "difference": number(stored.difference),
        "fits": stored.fits,
        "sentence": visible(stored.sentence),
        "stale": [{"name": visible(s.name), "now": number(s.now), "built": number(s.built)} for s in stored.stale],
    }
    if answer.by is not None:
        out["by"] = answer.by
        out["groups"] = [_group_object(g) for g in answer.groups]
        out["stages"] = [
            {"layer": stage.layer, "groups": [_group_object(g) for g in stage.groups]} for stage in answer.stages
        ]
    return out


def count(paths: int) -> int | str:
    """Return a count as JSON can hold it: above 2⁵³ as digits in a text, above 4,000 digits in hexadecimal ones.

    Example:
        >>> from slopewise.stories.path_json import count
        >>> count(1602), count(2**60)
        (1602, '1152921504606846976')
    """
    if paths < _EXACT:
        return paths
    return str(paths) if paths.bit_length() < 3 * _LONGEST else hex(paths)


def number(x: Any) -> Any:
    """Return a number as JSON has it; an integer of thousands of digits in hexadecimal ones."""
    found = document_json.number(x)
    return hex(found) if isinstance(found, int) and found.bit_length() >= 3 * _LONGEST else found


def _path_object(answer: "Answer", path: "Path", way: str) -> dict[str, Any]:
    return {
        "product": number(path.product),
        "way": visible(way),
        "nodes": [visible(answer.names.of(node)) for node in path.nodes],
        "steps": [_link_object(answer, link) for link in path.links],
    }


def _link_object(answer: "Answer", link: "Link") -> dict[str, Any]:
    return {
        "node": visible(answer.names.of(link.node)),
        "operand": visible(answer.names.of(link.operand)),
        "operation": visible(link.operation),
        "role": link.role,
        "factor": number(link.factor),
    }


def _group_object(group: "PathGroup") -> dict[str, Any]:
    return {"name": visible(group.name), "count": count(group.count), "sum": number(group.sum)}
