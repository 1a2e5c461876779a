"""What a picture is asked to be, checked: a mistyped choice is named, with the one that was meant."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from slopewise.drawing.graphs.layout import DIRECTIONS
from slopewise.drawing.graphs.palette import THEMES
from slopewise.engine import Value
from slopewise.errors import DomainError, NumberError

LOOKS = ("fused", "lecture")
FOLDS = ("auto", "none", "neuron", "layer", "same")


@dataclass(frozen=True, slots=True)
class Choices:
    """The options of `draw`, checked.

    Attributes:
        look: `"fused"` or `"lecture"`.
        direction: `"auto"`, or one of four.
        local: Whether edges bear local derivatives.
        contributions: Whether edges bear contributions.
        colour: Whether gradients are shown by colour, dash and width.
        fold: `"auto"`, `"none"`, `"neuron"`, `"layer"` or `"same"`.
        theme: `"light"`, `"dark"` or `"auto"`.
        idioms: Whether differences, quotients, sums and means are one node each.
        everything: Whether even a very large graph is drawn whole.
        number_text: By a node's id or name, what stands in place of its number.
        gradient_text: The same for its gradient.
    """

    look: str = "fused"
    direction: str = "auto"
    local: bool = False
    contributions: bool = False
    colour: bool = True
    fold: str = "auto"
    theme: str = "light"
    idioms: bool = True
    everything: bool = False
    number_text: Mapping[int | str, str] = field(default_factory=dict)
    gradient_text: Mapping[int | str, str] = field(default_factory=dict)


def checked_choices(**given: Any) -> Choices:
    """Return the options, or say which is wrong.

    Raises:
        DomainError: An option has a value that it cannot have.
        NumberError: A replaced text belongs to something that is neither a Value nor a name.
    """
    given["fold"] = "none" if given["fold"] in (None, False) else given["fold"]
    direction = given["direction"]
    if isinstance(direction, str) and direction.upper() in DIRECTIONS:
        given["direction"] = direction.upper()
    one_of("look", given["look"], LOOKS)
    one_of("direction", given["direction"], ("auto", *DIRECTIONS))
    one_of("fold", given["fold"], FOLDS)
    one_of("theme", given["theme"], THEMES)
    for option in ("number_text", "gradient_text"):
        given[option] = _by_node(option, given[option])
    return Choices(**given)


def one_of(option: str, value: Any, known: Iterable[str]) -> None:
    """Refuse a value that an option cannot have.

    Raises:
        DomainError: It is none of the known ones.

    Example:
        >>> one_of("look", "fusd", ("fused", "lecture"))
        Traceback (most recent call last):
        ...
        slopewise.errors.DomainError: look='fusd' is none of fused, lecture
        did you mean 'fused'?
    """
    names = list(known)
    if isinstance(value, str) and value in names:
        return
    near = difflib.get_close_matches(str(value).lower(), [name.lower() for name in names], 1, 0.5)
    meant = next((name for name in names if near and name.lower() == near[0]), None)
    hint = f"\ndid you mean {meant!r}?" if meant else ""
    raise DomainError(f"{option}={value!r} is none of {', '.join(names)}{hint}")


def _by_node(option: str, given: Any) -> dict[int | str, str]:
    if given is None:
        return {}
    found: dict[int | str, str] = {}
    for key, text in dict(given).items():
        if not isinstance(key, (Value, str)):
            raise NumberError(f"{option} maps Values or names to texts, got the key {key!r}")
        found[id(key) if isinstance(key, Value) else key] = str(text)
    return found
