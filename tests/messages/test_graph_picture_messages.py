"""The exact wording of what graph pictures say when they cannot be drawn or saved."""

from collections.abc import Callable
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.errors import SlopewiseError
from slopewise.lecture import Digraph


def said(call: Callable[[], Any]) -> str:
    with pytest.raises(SlopewiseError) as caught:
        call()
    return f"{type(caught.value).__name__}: {caught.value}"


def test_what_cannot_be_drawn() -> None:
    cure = "give the Value that you would call backward() on, or a net with layers or parameters()"
    assert said(lambda: sw.draw(3.0)) == f"NumberError: draw() needs a Value or a net, got 3.0\n{cure}"
    assert said(lambda: sw.draw([])) == f"NumberError: draw() needs a Value or a net, got an empty list\n{cure}"
    assert said(lambda: sw.draw({"a": 1})) == f"NumberError: draw() needs a Value or a net, got a dict\n{cure}"
    assert said(lambda: sw.draw([Value(1.0), Value(2.0)])) == (
        "NumberError: a graph ends in one Value, got 2 of them\ntake one, as in outputs[0], or their sum"
    )


def test_choices() -> None:
    x = Value(1.0)
    assert said(lambda: sw.draw(x, look="fusd")) == (
        "DomainError: look='fusd' is none of fused, lecture\ndid you mean 'fused'?"
    )
    assert said(lambda: sw.draw(x, direction="left")) == "DomainError: direction='left' is none of auto, LR, TB, RL, BT"
    assert said(lambda: sw.draw(x, fold="neuron")) == (
        "DomainError: fold='neuron' needs the parameters of a net, and none was found below this Value\n"
        "hand the net over as model=, or fold what was made alike: fold='same'"
    )
    assert said(lambda: sw.draw(x, highlight=[Value(2.0)])) == (
        "DomainError: none of the highlighted Values is in this graph\ngive a path from this root to one of its leaves"
    )
    assert said(lambda: sw.draw(x, highlight="x")) == (
        "NumberError: highlight needs a path of why() or a list of Values, got str\n"
        "for example highlight=sw.why(a, f).paths[0], or highlight=[f, d, a]"
    )
    assert said(lambda: sw.draw(x, number_text={1: "_"})) == (
        "NumberError: number_text maps Values or names to texts, got the key 1"
    )


def test_saving(tmp_path: Any) -> None:
    picture = sw.draw(Value(1.0))
    assert said(lambda: picture.save(tmp_path / "graph.sgv")) == (
        "DomainError: a picture cannot be saved as 'graph.sgv': it ends in '.sgv', and one of .svg, .png, .pdf, .html, "
        ".dot is needed\ndid you mean graph.svg?"
    )
    assert said(lambda: picture.save(tmp_path / "graph")) == (
        "DomainError: a picture cannot be saved as 'graph': it has no ending, and one of .svg, .png, .pdf, .html, .dot "
        "is needed\nfor example graph.svg"
    )
    assert list(tmp_path.iterdir()) == []


def test_texts_that_are_no_dot() -> None:
    assert said(lambda: Digraph(body=["\ta -> [\n"]).pipe("svg")) == (
        "DataError: the DOT text cannot be read: the name of a node is needed, got '['\nat line 2"
    )
    assert said(lambda: Digraph(body=["\ta [label=\n"]).pipe("svg")) == (
        "DataError: the DOT text cannot be read: a value is needed, got '}'\nat line 3"
    )


def test_pictures_without_matplotlib(monkeypatch: Any, tmp_path: Any) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    picture = sw.draw(Value(1.0))
    for ending in ("svg", "html", "dot"):
        picture.save(tmp_path / f"graph.{ending}")
    assert said(lambda: picture.save(tmp_path / "graph.png")) == (
        "MissingExtraError: drawing a picture needs matplotlib, which is not installed: "
        "python -m pip install 'slopewise[plots]'"
    )
