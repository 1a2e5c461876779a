"""The graphs that exercises are made from, level by level, as lines of a small notation.

A recipe lists steps, operands before their users: `d=a*b e=a+b f=d*e`. A letter that no step makes is a leaf.
A number is a constant; `a^2` is a power; `t=tanh(n)` applies a function. The last step is the root.
"""

import re
from dataclasses import dataclass
from functools import cache

LEVELS = {
    1: "one operation, or a chain of sums and products",
    2: "an operand that is used twice",
    3: "a node with two users of its own, differences, powers",
    4: "divisions, relu, tanh and exp",
    5: "a neuron, its loss, and deeper graphs",
}

# fmt: off
RECIPES: dict[int, tuple[str, ...]] = {
    1: (
        "f=a*b",
        "d=a+b f=d*c",
        "d=a*b f=d*c",
        "d=a*b e=d+c f=e*g",
        "d=a+b e=d*c f=e*g",
        "d=a+b e=c+g f=d*e",
        "d=a*b e=c*g h=d+e f=h*k",
        "d=a*2 e=d+b f=e*c",
    ),
    2: (
        "d=a*b e=a+b f=d*e",
        "d=a+b e=d+a f=e*c",
        "d=a*b e=a*c h=d+e f=h*g",
        "d=a*b e=d+a f=e*c",
        "d=a+b e=a*c f=d*e",
        "d=a*a e=d+b f=e*c",
        "d=a+b e=d*a f=e*c",
        "d=a*b e=b+c f=d*e",
        "d=a*b e=d+c h=e*a f=h*g",
        "d=a*c e=b*c h=d+e f=h*g",
        "d=a+a e=b+c h=d*e f=h*b",
    ),
    3: (
        "c=a+b d=c*a e=c-g f=d*e",
        "c=a*b d=a-c e=c+g f=d*e",
        "c=a*b d=c+a e=c-b f=d*e",
        "d=a-b e=d^2 f=e*a",
        "d=a*b e=d-c g=d+c f=e*g",
        "c=a-b d=c*b e=c+a f=d*e",
        "d=a^2 e=d-b f=e*b",
        "d=a*b e=3-d g=d+a f=e*g",
        "d=a^3 e=a*b g=d-e f=g*c",
        "c=-a d=b-c e=d*a f=e*g",
        "c=-a d=c*b e=d+a f=e*g",
        "d=a-b e=2-a g=d*e f=g^2",
    ),
    4: (
        "d=a/b e=a-c f=d*e",
        "d=a/b e=d+b f=e*c",
        "d=a*b e=d/c g=d+c f=e*g",
        "n=a+b t=tanh(n) f=t*a",
        "n=a-b t=tanh(n) d=a*c f=t*d",
        "n=a+b y=exp(n) d=a*c f=y*d",
        "d=a*b r=relu(d) e=a-c f=e*g h=f+r s=h*c",
        "d=a-b r=relu(d) e=a*c g=r+e f=g*k",
        "d=a-b r=relu(d) e=a*b g=e-r f=g*k",
        "d=a-b q=d/c e=q^2 f=e*a",
        "d=6/a e=d-b f=e*c",
        "d=6/a e=d-a f=e*b",
        "n=a+b t=tanh(n) e=1-t f=e*c",
        "n=a+b t=tanh(n) e=t^2 f=e*c",
        "d=a*b n=d+c y=exp(n) f=y*a",
        "d=a+b r=relu(d) e=b-c s=relu(e) g=r*c h=g+s f=h*k",
    ),
    5: (
        "p=x1*w1 q=x2*w2 s=p+q n=s+b o=tanh(n)",
        "p=x1*w1 q=x2*w2 s=p+q n=s+b o=relu(n) d=o-y L=d^2",
        "p=x*w n=p+b o=tanh(n) d=o-y L=d^2",
        "p=x*w1 h=relu(p) q=h*w2 o=q+b d=o-y L=d^2",
        "p=x*w h=p+b q=h*w o=q-b d=o-y L=d^2",
        "p=x*w n=p+b h=tanh(n) q=h*v d=q-y L=d^2",
        "p=x*w n=p+b h=tanh(n) q=h*v o=q+x L=o*k",
        "p=x1*w q=x2*w u=p+b v=q+b L=u*v",
        "p=x1*w q=x2*w r=p-y1 s=q-y2 L=r*s",
        "c=a*b d=c-a e=c+b g=d*e h=g-c f=h*k",
        "p=x*w h=p+b r=relu(h) q=r*v o=q-b L=o*k",
        "p=x1*w q=x2*w u=p+b v=q+b r=relu(u) s=relu(v) g=r*v1 h=s*v2 o=g+h L=o*y",
        "a=x*w b=a+v c=a*v d=b-c L=d^2",
        "p=x*w n=p+b y=exp(n) q=y*v o=q-x L=o*k",
    ),
}
# fmt: on


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a recipe.

    Attributes:
        name: What it makes.
        operation: The operation's word.
        parts: Names of operands, or numbers for constants; a power's exponent is its second part.
    """

    name: str
    operation: str
    parts: tuple[str | float, ...]


_WORDS = {"+": "addition", "-": "subtraction", "*": "product", "/": "division", "^": "power"}
_INFIX = re.compile(r"(\w+)([-+*/^])(\w+)")
_CALL = re.compile(r"([a-z]+)\((\w+)\)")


@cache
def read_recipe(recipe: str) -> tuple[tuple[str, ...], tuple[Step, ...]]:
    """Return the leaves of a recipe in order of their names, and its steps."""
    steps: list[Step] = []
    leaves: dict[str, None] = {}
    made: set[str] = set()
    for line in recipe.split():
        name, _, formula = line.partition("=")
        if call := _CALL.fullmatch(formula):
            step = Step(name, call[1], (call[2],))
        elif formula.startswith("-"):
            step = Step(name, "negation", (formula[1:],))
        else:
            infix = _INFIX.fullmatch(formula)
            if infix is None:
                raise ValueError(f"{line!r} in the recipe {recipe!r} is no step")
            left, sign, right = infix.groups()
            step = Step(name, _WORDS[sign], (_part(left), _part(right)))
        for part in step.parts:
            if isinstance(part, str) and part not in made:
                leaves.setdefault(part)
        made.add(name)
        steps.append(step)
    return tuple(leaves), tuple(steps)


def _part(text: str) -> str | float:
    return float(text) if text.isdecimal() else text
