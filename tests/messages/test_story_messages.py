"""The wording of what stories refuse."""

import random
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.nn import MLP


def said(call: Any) -> str:
    with pytest.raises(Exception) as caught:
        call()
    return f"{type(caught.value).__name__}: {caught.value}"


def test_what_cannot_be_explained() -> None:
    a = Value(1.0)
    assert said(lambda: sw.explain([a, a * 2])) == (  # type: ignore[arg-type]
        "NumberError: a graph ends in one Value, got 2 of them\ntake one, as in outputs[0], or their sum"
    )
    assert said(lambda: sw.explain(3.0)) == (  # type: ignore[arg-type]
        "NumberError: a graph ends in a Value, got 3.0\ngive the Value that you would call backward() on"
    )


def test_mistakes_that_are_none() -> None:
    known = '"order" (handing on too early), "assign" (= for +=) and "no-zero" (gradients not zeroed)'
    a = Value(1.0)
    assert said(lambda: sw.explain(a, wrong="ordre")) == (
        f"DomainError: wrong='ordre' is no mistake that can be told\ndid you mean 'order'? there are {known}"
    )
    assert said(lambda: sw.explain(a, wrong="no_zero")) == (
        f"DomainError: wrong='no_zero' is no mistake that can be told\ndid you mean 'no-zero'? there are {known}"
    )
    assert said(lambda: sw.explain(a, wrong="sign")) == (
        f"DomainError: wrong='sign' is no mistake that can be told\n"
        f"{'did you mean ' + chr(39) + 'assign' + chr(39) + '? '}there are {known}"
    )
    assert said(lambda: sw.explain(a, wrong="xyz")) == (
        f"DomainError: wrong='xyz' is no mistake that can be told\nthere are {known}"
    )


def test_options() -> None:
    a = Value(1.0)
    assert said(lambda: sw.explain(a, most=0)) == (
        "DomainError: most=0 steps cannot be told\ngive a whole number of at least 1"
    )
    assert said(lambda: sw.explain(a, most="all")) == (  # type: ignore[arg-type]
        "DomainError: most='all' steps cannot be told\ngive a whole number of at least 1"
    )


def test_names_that_are_not_there() -> None:
    alpha, b = Value(1.0), Value(2.0)
    y = alpha * b
    story = sw.explain(y)
    assert said(lambda: story.steps_of("alpa")) == (
        "DomainError: nothing in the story of y is called 'alpa'\ndid you mean 'alpha'?"
    )
    assert said(lambda: story.steps_of("zz")) == (
        "DomainError: nothing in the story of y is called 'zz'\nits names are alpha, b, y"
    )
    assert said(lambda: story.steps_of(Value(3.0))) == (
        "DomainError: that Value is not part of the story of y\ngive one that y was made from"
    )
    assert said(lambda: story.open("layers.0")) == (
        "DomainError: nothing here is called 'layers.0'\n"
        "no parameter of a model was found: give model=… to explain(), or the name of a node"
    )


def test_parts_that_are_not_there() -> None:
    random.seed(0)
    net = MLP(2, [2, 1])
    loss = sw.sum([net([float(i), 1.0]) for i in range(3)])
    story = sw.explain(loss, model=net)
    assert said(lambda: story.open("layer.0")) == (
        "DomainError: nothing here is called 'layer.0'\ndid you mean 'layers.0'?"
    )
    assert said(lambda: story.open("conv")) == (
        "DomainError: nothing here is called 'conv'\n"
        "there are 'layers.0', 'layers.1', 'layers.0.neurons.0', 'layers.0.neurons.1', 'layers.1.neurons.0', "
        "'rest', and the names of nodes"
    )
    assert said(lambda: story.open(sample=3)) == (
        "DomainError: there is no sample 3 in this graph\nthe samples that went through a model are 0 to 2"
    )
    assert said(lambda: story.open()) == (
        'DomainError: open() what? give a place, such as "layers.0", a node, or sample=0'
    )
    assert net is not None
