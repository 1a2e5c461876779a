"""`explain`: the door to stories."""

from typing import Any

from slopewise.engine import Value
from slopewise.errors import DomainError
from slopewise.stories.mistakes import check_mistake
from slopewise.stories.story import Story
from slopewise.views import Names, Reading, caller_names, check_root
from slopewise.views.collector import collector_paused


def explain(
    root: Value,
    *,
    wrong: str | None = None,
    model: Any = None,
    nodes: bool = False,
    most: int = 100,
    names: Names | None = None,
) -> Story:
    """Tell the backward pass from root as a story: what each operation computed, and what it handed back.

    $$ \\text{contribution} = \\text{upstream gradient} \\cdot \\text{local derivative} $$

    The story is about the pass of this root alone, computed afresh: no `.grad` is read, nor changed. If backward() was
    not run, if gradients hold more than this pass gives, or if data changed since the graph was built, it says so.

    Args:
        root: The Value that `backward()` is, or would be, called on.
        wrong: A mistake to tell beside the right pass: "order", nodes hand on before they have all of their gradient;
            "assign", `=` where `+=` belongs; "no-zero", a second pass on gradients that were not zeroed.
        model: The net whose parameters are named by their places, or several by name in a dict; found among your
            variables if not given.
        nodes: Whether `a - b`, `a / b`, `-a`, sums and means are unfolded into the nodes that they are made of.
        most: How many steps are told one by one; a longer story is told by layers, neurons and samples, or by its
            beginning, its end and its largest gradients.
        names: What the nodes are called; your variables are looked at if not given.

    Returns:
        A `Story`: print it, or let a notebook show it; `.steps` holds its steps.

    Raises:
        NumberError: root is no Value.
        DomainError: `wrong` is no mistake that is known, or `most` no count.

    Example:
        >>> import slopewise as sw
        >>> a, b = sw.Value(-2.0), sw.Value(3.0)
        >>> for step in sw.explain((a * b) * (a + b)).steps[-2:]:
        ...     print(step.formula, "|", step.numbers, "|", step.before, step.after)
        a.grad += v1.grad · b | 1 · 3 = 3 | -6.0 -3.0
        b.grad += v1.grad · a | 1 · (−2) = −2 | -6.0 -8.0
    """
    check_root(root)
    if wrong is not None:
        check_mistake(wrong)
    if type(most) is not int or most < 1:
        raise DomainError(f"most={most!r} steps cannot be told\ngive a whole number of at least 1")
    with collector_paused():
        reading = Reading(root)
        known = names if names is not None else caller_names(reading.nodes, model, depth=2)
    return Story(reading, known, idioms=not nodes and wrong != "order", most=most, wrong=wrong)
