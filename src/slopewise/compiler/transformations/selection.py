"""Which arguments of a function a transformation is about: `wrt=` and `shared=`, by position or by name."""

import difflib
import inspect
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import Parameter
from typing import Any

from slopewise.basics.arguments import name_of, signature_of
from slopewise.errors import DomainError, NumberError, ShapeError

__all__ = ["Place", "Selection", "described_place", "selected"]

_POSITIONAL = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)

Place = int | str
"""Where an argument stands in one call: its position, or its name when it is given by name."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Chosen arguments of one function.

    Attributes:
        where: Who asks, as in `grad(wrt=…)`, for messages.
        function: The function whose arguments they are.
        keys: The arguments as the user named them: positions (also negative) and names.
        is_single: Whether the user gave one key and not a tuple, so that results stand alone.
    """

    where: str
    function: Callable[..., Any]
    keys: tuple[int | str, ...]
    is_single: bool

    @property
    def has_defaults(self) -> bool:
        """Whether a call may leave one of them out."""
        parameters = parameters_of(self.function)
        found = [_parameter(key, parameters) for key in self.keys]
        return any(p is not None and p.default is not Parameter.empty for p in found)

    def with_defaults(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the keyword arguments with the defaults of chosen arguments that the call leaves out."""
        parameters = parameters_of(self.function)
        filled = dict(kwargs)
        for key in self.keys:
            parameter = _parameter(key, parameters)
            if parameter is None or _place(key, len(args), kwargs, parameters) is not None:
                continue
            if parameter.default is not Parameter.empty and parameter.kind is not Parameter.POSITIONAL_ONLY:
                filled[parameter.name] = parameter.default
        return filled

    def places(self, count: int, names: Mapping[str, Any]) -> tuple[Place, ...]:
        """Find the chosen arguments in a call.

        Args:
            count: How many arguments are given by position.
            names: The arguments that are given by name.

        Returns:
            One place per key: a position of at least 0, or a name.

        Raises:
            ShapeError: The call does not give one of them, or two keys mean the same one.
        """
        parameters = parameters_of(self.function)
        found: list[Place] = []
        for key in self.keys:
            place = _place(key, count, names, parameters)
            if place is None:
                raise ShapeError(self._missing(key, count, names))
            if place in found:
                first = self.keys[found.index(place)]
                raise ShapeError(
                    f"{self.where} chooses the same argument of {signature_of(self.function)} twice, "
                    f"as {first!r} and as {key!r}\nname each argument once"
                )
            found.append(place)
        return tuple(found)

    def given(self, count: int, names: Mapping[str, Any]) -> tuple[Place, ...]:
        """Find those of the chosen arguments that a call gives, whichever it leaves out."""
        parameters = parameters_of(self.function)
        found = (_place(key, count, names, parameters) for key in self.keys)
        return tuple(place for place in found if place is not None)

    def _missing(self, key: int | str, count: int, names: Mapping[str, Any]) -> str:
        given = [f"{count} argument{'s' * (count != 1)} by position"] if count or not names else []
        given += [f"{', '.join(names)} by name"] if names else []
        return (
            f"{self.where} chooses argument {key!r} of {signature_of(self.function)}, and the call gives "
            f"{' and '.join(given)}\ngive that argument, or choose another"
        )


def selected(function: Callable[..., Any], keys: Any, where: str) -> Selection:
    """Read what a user gave as `wrt=` or `shared=`, and compare it with the function's signature.

    Args:
        function: The function.
        keys: A position, a name, or a tuple or list of them.
        where: Who asks, for messages: `grad(wrt=…)`.

    Raises:
        NumberError: A key is neither a position nor a name.
        DomainError: No key is given.
        ShapeError: The function has no such argument, or one is chosen twice.
    """
    is_single = not isinstance(keys, (tuple, list))
    chosen = (keys,) if is_single else tuple(keys)
    if not chosen:
        raise DomainError(f"{where} chooses no argument, got {keys!r}\ngive a position, a name, or several of them")
    checked = tuple(_checked_key(key, where) for key in chosen)
    parameters = parameters_of(function)
    for i, key in enumerate(checked):
        if parameters is not None:
            _check_known(function, key, parameters, where)
        if key in checked[:i]:
            raise ShapeError(f"{where} chooses argument {key!r} twice\nname each argument once")
    return Selection(where, function, checked, is_single)


def parameters_of(function: Callable[..., Any]) -> dict[str, Parameter] | None:
    """Return a function's parameters by name, or None when Python cannot tell."""
    try:
        return dict(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return None


def described_place(function: Callable[..., Any], place: Place) -> str:
    """Return what the argument at a place is called: its name where there is one, else `argument 2`."""
    if isinstance(place, str):
        return place
    parameters = parameters_of(function) or {}
    names = [name for name, p in parameters.items() if p.kind in _POSITIONAL]
    if place < len(names):
        return names[place]
    rest = [name for name, p in parameters.items() if p.kind is Parameter.VAR_POSITIONAL]
    return f"{rest[0]}[{place - len(names)}]" if rest else f"argument {place}"


def _checked_key(key: Any, where: str) -> int | str:
    if isinstance(key, str):
        return key
    if not isinstance(key, bool):
        try:
            return operator.index(key)
        except TypeError:
            pass
    keyword = "shared" if "shared" in where else "wrt"
    raise NumberError(
        f"{where} takes positions and names of arguments, got {key!r}\n"
        f"give 0 for the first, its name, or a tuple of them: {keyword}=('x', 'y')"
    )


def _check_known(function: Callable[..., Any], key: int | str, parameters: dict[str, Parameter], where: str) -> None:
    kinds = [p.kind for p in parameters.values()]
    named = parameters.get(key) if isinstance(key, str) else None
    if named is not None and named.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD):
        is_row = named.kind is Parameter.VAR_POSITIONAL
        first = sum(kind in _POSITIONAL for kind in kinds)
        raise ShapeError(
            f"{where} chooses {named} of {name_of(function)}, which stands for any number of arguments\n"
            + (f"choose them by position: {first} is the first of them" if is_row else "choose each by its name")
        )
    if isinstance(key, str):
        known = [name for name, p in parameters.items() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
        if key in known or Parameter.VAR_KEYWORD in kinds:
            return
        near = difflib.get_close_matches(key, known, 1)
        cure = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(map(repr, known)) or 'no arguments'}"
        raise ShapeError(f"{where}: {_signature(function)} has no argument {key!r}\n{cure}")
    if Parameter.VAR_POSITIONAL in kinds:
        return
    count = sum(kind in _POSITIONAL for kind in kinds)
    if not -count <= key < count:
        plural = "s" * (count != 1)
        by_name = [name for name, p in parameters.items() if p.kind is Parameter.KEYWORD_ONLY]
        cure = f"choose {by_name[0]!r} by its name" if by_name else f"positions go from 0 to {count - 1}"
        raise ShapeError(
            f"{where}: {_signature(function)} has {count} argument{plural} by position, and {key} is asked for\n"
            f"{cure if count or by_name else 'a function without arguments has no derivative'}"
        )


def _signature(function: Callable[..., Any]) -> str:
    written = signature_of(function)
    return written if written.endswith(")") else f"{written}()"


def _parameter(key: int | str, parameters: dict[str, Parameter] | None) -> Parameter | None:
    if parameters is None:
        return None
    if isinstance(key, str):
        return parameters.get(key)
    positional = [p for p in parameters.values() if p.kind in _POSITIONAL]
    return positional[key] if -len(positional) <= key < len(positional) else None


def _place(
    key: int | str, count: int, names: Mapping[str, Any], parameters: dict[str, Parameter] | None
) -> Place | None:
    """Return where a call gives an argument, or None when it does not."""
    positional = [name for name, p in (parameters or {}).items() if p.kind in _POSITIONAL]
    if isinstance(key, str):
        if key in names:
            return key
        if key in positional and positional.index(key) < count:
            return positional.index(key)
        return None
    if key < 0:
        several = parameters is None or any(p.kind is Parameter.VAR_POSITIONAL for p in parameters.values())
        key += count if several else len(positional)
    if 0 <= key < count:
        return key
    if 0 <= key < len(positional) and positional[key] in names:
        return positional[key]
    return None
