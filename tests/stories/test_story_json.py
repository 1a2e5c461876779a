"""Stories as data: what `json()` gives is what the schema that ships with the package says."""

import json
import math
from fractions import Fraction
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.nn import MLP
from slopewise.stories import schema


def faults(data: Any, rule: Any, root: Any, where: str = "$") -> list[str]:
    """Check data against the part of JSON Schema that ours uses."""
    if "$ref" in rule:
        rule = root["$defs"][rule["$ref"].rsplit("/", 1)[1]]
    kinds: dict[str, Any] = {
        "object": dict,
        "array": list,
        "string": str,
        "integer": int,
        "number": (int, float),
        "null": type(None),
    }
    found: list[str] = []
    if "type" in rule:
        names = rule["type"] if isinstance(rule["type"], list) else [rule["type"]]
        plain = [n for n in names if n != "boolean"]
        good = ("boolean" in names and isinstance(data, bool)) or (
            not isinstance(data, bool) and any(isinstance(data, kinds[n]) for n in plain)
        )
        if not good:
            return [f"{where} is {data!r}, not {names}"]
    if "const" in rule and data != rule["const"]:
        found.append(f"{where} is {data!r}")
    if "enum" in rule and data not in rule["enum"]:
        found.append(f"{where} is {data!r}, not one of {rule['enum']}")
    if isinstance(data, dict):
        found += [f"{where}.{name} is missing" for name in rule.get("required", ()) if name not in data]
        properties = rule.get("properties", {})
        if where == "$" or "steps[" in where:
            found += [f"{where}.{name} is not in the schema" for name in data if properties and name not in properties]
        for name, inner in properties.items():
            if name in data:
                found += faults(data[name], inner, root, f"{where}.{name}")
        condition = rule.get("if")
        if condition and not faults(data, condition, root, ""):
            found += faults(data, rule["then"], root, where)
    if isinstance(data, list) and "items" in rule:
        for i, item in enumerate(data):
            found += faults(item, rule["items"], root, f"{where}[{i}]")
    return found


def graphs() -> list[tuple[Value, dict[str, Any]]]:
    a, b = Value(-2.0, label="a"), Value(3.0, label="b\x1b[31m")
    f = (a * b) * (a - b / 2)
    stale = a * b
    a.data = math.inf
    net = MLP(2, [3, 1])
    loss = sw.sum([net([float(i), 1.0]) ** 2 for i in range(9)])
    with sw.sources():
        recorded = sw.tanh(b * b)
    return [
        (f, {}),
        (stale, {}),
        (Value(Fraction(1, 3)) * Value(1j), {}),
        (Value(1.0), {}),
        (recorded, {}),
        (loss, {"model": net}),
        *[(Value(2.0) * b + b, {"wrong": w}) for w in ("order", "assign", "no-zero")],
    ]


@pytest.mark.parametrize("case", range(9))
def test_what_comes_is_what_the_schema_says(case: int) -> None:
    root, options = graphs()[case]
    story = sw.explain(root, **options)
    data = json.loads(json.dumps(story.json(), allow_nan=False))
    assert faults(data, schema(), schema()) == []
    assert "\\u001b" not in json.dumps(data)


def test_the_checker_sees_faults() -> None:
    good = sw.explain(Value(2.0) * 3).json()
    assert faults({**good, "number": []}, schema(), schema())
    assert faults({**good, "extra": 1}, schema(), schema())
    assert faults({k: v for k, v in good.items() if k != "steps"}, schema(), schema())
    broken = json.loads(json.dumps(good))
    del broken["steps"][1]["before"]
    assert faults(broken, schema(), schema())


def test_a_long_story_lists_its_steps_on_request() -> None:
    x = Value(1.0, label="x")
    y = x
    for _ in range(200):
        y = y * 2 - 1
    short, full = sw.explain(y).json(), sw.explain(y).json(everything=True)
    assert (short["is_complete"], short["steps"]) == (False, [])
    assert (full["is_complete"], len(full["steps"])) == (True, 800)
    assert short["graph"] == full["graph"] == {"nodes": 801, "operations": 400}


def test_the_mistake_is_in_it() -> None:
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    c, d = a + b, a * b
    data = sw.explain((c + d) + c * d, wrong="order").json()
    assert data["wrong"]["gradients"] == [
        {"name": "a", "wrong": 29.0, "right": 25.0},
        {"name": "b", "wrong": 22.0, "right": 19.0},
    ]
    step = data["steps"][data["wrong"]["parting"]]
    assert (step["contribution"], step["right"], step["right_after"]) == (1.0, 7.0, 25.0)
