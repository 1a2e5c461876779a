"""How weights begin: the named rules, constants and users' own, and where the random numbers come from."""

import difflib
import inspect
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from slopewise.errors import DomainError, NumberError

Rule = Callable[[Any, int, int], Any]


def _uniform(limit: Callable[[int, int], float]) -> Rule:
    def draw(rng: Any, fan_in: int, fan_out: int) -> float:
        bound = limit(fan_in, fan_out)
        return float(rng.uniform(-bound, bound))

    return draw


def _normal(deviation: Callable[[int, int], float]) -> Rule:
    def draw(rng: Any, fan_in: int, fan_out: int) -> float:
        sigma = deviation(fan_in, fan_out)
        gauss = getattr(rng, "gauss", None) or rng.normal  # random.Random; numpy's generators
        return float(gauss(0.0, sigma))

    return draw


# fmt: off
_RULES: dict[str, Rule] = {
    "uniform":        lambda rng, i, o: rng.uniform(-1, 1),
    "normal":         _normal(lambda i, o: 1.0),
    "he_uniform":     _uniform(lambda i, o: math.sqrt(6.0 / i)),
    "he_normal":      _normal(lambda i, o: math.sqrt(2.0 / i)),
    "xavier_uniform": _uniform(lambda i, o: math.sqrt(6.0 / (i + o))),
    "xavier_normal":  _normal(lambda i, o: math.sqrt(2.0 / (i + o))),
    "lecun_uniform":  _uniform(lambda i, o: math.sqrt(3.0 / i)),
    "lecun_normal":   _normal(lambda i, o: math.sqrt(1.0 / i)),
    "zeros":          lambda rng, i, o: 0.0,
    "ones":           lambda rng, i, o: 1.0,
}
_ALIASES = {
    "he": "he_uniform", "kaiming": "he_uniform", "kaiming_uniform": "he_uniform", "kaiming_normal": "he_normal",
    "xavier": "xavier_uniform", "glorot": "xavier_uniform", "glorot_uniform": "xavier_uniform",
    "glorot_normal": "xavier_normal", "lecun": "lecun_uniform", "zero": "zeros", "one": "ones",
}
# fmt: on


@dataclass(frozen=True, slots=True)
class Initialiser:
    """A rule that gives one weight at a time, and the number of neurons that share the inputs.

    Args:
        rule: From the source of random numbers, the inputs and the outputs of the layer, one weight.
        fan_out: The outputs of the layer; a layer fills it in for its neurons.
    """

    rule: Rule
    fan_out: int = 1

    def weights(self, rng: Any, count: int) -> list[Any]:
        """Draw the weights of one neuron with `count` inputs, in order."""
        return [self.rule(rng, count, self.fan_out) for _ in range(count)]


def resolve_initialiser(given: Any, fan_out: int | None = None) -> Initialiser:
    """Return the rule for a name, a number (every weight equals it), or a user's function.

    Args:
        given: `"uniform"` in -1..1 (also for None), `"normal"`, `"he_uniform"` (or `"he"`), `"he_normal"`,
            `"xavier_uniform"` (or `"xavier"`, `"glorot"`), `"xavier_normal"`, `"lecun_uniform"` (or `"lecun"`),
            `"lecun_normal"`, `"zeros"`, `"ones"`; a number; or a function called once a weight with as many of `(rng,
            fan_in, fan_out)` as it takes.
        fan_out: The outputs of the layer, when the layer knows them.

    Raises:
        DomainError: The name is unknown, or the number is not finite.
        NumberError: It is no name, number or function.

    Example:
        >>> resolve_initialiser(0.5).weights(None, 2)
        [0.5, 0.5]

    Source:
        K. He et al., "Delving deep into rectifiers", 2015; X. Glorot and Y. Bengio, "Understanding the difficulty of
        training deep feedforward neural networks", 2010; Y. LeCun et al., "Efficient BackProp", 1998.
    """
    found = given if isinstance(given, Initialiser) else Initialiser(_rule_of(given))
    return found if fan_out is None else replace(found, fan_out=fan_out)


def _rule_of(given: Any) -> Rule:
    if given is None:
        return _RULES["uniform"]
    if isinstance(given, str):
        name = given.lower().replace("-", "_")
        name = _ALIASES.get(name, name)
        if name in _RULES:
            return _RULES[name]
        near = difflib.get_close_matches(name, [*_RULES, *_ALIASES], 1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise DomainError(f"init={given!r} is unknown\n{hint}the names are {', '.join(_RULES)}")
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        if not math.isfinite(given):
            raise DomainError(f"init={given!r}: every weight would be {given!r}, give a finite number")
        return lambda rng, fan_in, fan_out: given
    if callable(given):
        return _user_rule(given)
    raise NumberError(
        f"init={given!r} is no name, number or function\n"
        f'give a name such as "he", a number for every weight, or a function such as lambda rng: rng.gauss(0, 0.1)'
    )


def _user_rule(function: Callable[..., Any]) -> Rule:
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # a builtin without a signature, such as random.random
        return lambda rng, fan_in, fan_out: function()
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return function
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    needed = sum(p.default is p.empty for p in positional)
    if needed > 3:
        raise NumberError(
            f"init={function!r} needs {needed} arguments, and is given at most three: rng, fan_in, fan_out\n"
            f"bind the others first, with a lambda or functools.partial"
        )
    taken = min(len(positional), 3) if needed == len(positional) else needed
    return lambda rng, fan_in, fan_out: function(*(rng, fan_in, fan_out)[:taken])


def resolve_rng(given: Any) -> Any:
    """Return a source of random numbers: the `random` module for None, a new generator for a seed, or the one given.

    Args:
        given: None, a seed, a `random.Random`, or one of numpy's generators.

    Raises:
        NumberError: It has no method `uniform`.

    Example:
        >>> resolve_rng(1).uniform(0, 1) == resolve_rng(1).uniform(0, 1)
        True
    """
    if given is None:
        return random
    if hasattr(given, "uniform"):
        return given
    if isinstance(given, int) or hasattr(given, "__index__"):
        return random.Random(int(given))
    raise NumberError(
        f"rng={given!r} is no source of random numbers\n"
        f"give a seed such as 1337, a random.Random, or a numpy.random.Generator"
    )
