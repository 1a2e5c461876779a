"""Three hints for a blank, from where to look to the sum with its numbers; and the whole working."""

from collections.abc import Callable

from slopewise.basics.shown_numbers import is_exact
from slopewise.quizzes.puzzle import Item, Puzzle, Use, in_formula, rounded, shown_number, written
from slopewise.quizzes.slips import listed

HINTS = 3

# The rule of an operation, by its word; {f} is the line, {x} the operand asked for, {o} the other one, {n} the node.
_RULES = {
    "addition": "{f}: addition passes the gradient on unchanged",
    "sum": "{f}: a sum passes the gradient on unchanged",
    "product": "{f}: a product passes the gradient on times the other factor, {o}",
    "negation": "{f}: a negation passes the gradient on with the opposite sign",
    "tanh": "{f}: tanh passes the gradient on times 1 − {n}²",
    "sigmoid": "{f}: a sigmoid passes the gradient on times {n} · (1 − {n})",
    "relu": "{f}: relu passes the gradient on where {x} is positive, and 0 elsewhere",
    "exp": "{f}: exp is its own derivative, it passes the gradient on times {n}",
    "log": "{f}: a logarithm passes the gradient on divided by {x}",
    "sqrt": "{f}: a root passes the gradient on divided by 2 · {n}",
    "square": "{f}: a square passes the gradient on times 2 · {x}",
    "sin": "{f}: a sine passes the gradient on times cos({x})",
    "cos": "{f}: a cosine passes the gradient on times −sin({x})",
    "mean": "{f}: a mean passes an equal share of the gradient on to each",
    "abs": "{f}: abs passes the gradient on with the sign of {x}",
    "absolute value": "{f}: abs passes the gradient on with the sign of {x}",
    "maximum": "{f}: the larger one gets the whole gradient, the other 0",
    "max": "{f}: the larger one gets the whole gradient, the other 0",
    "minimum": "{f}: the smaller one gets the whole gradient, the other 0",
    "min": "{f}: the smaller one gets the whole gradient, the other 0",
}


def gradient_hint(puzzle: Puzzle, position: int, level: int, is_known: Callable[[int], bool]) -> str:
    """Return one hint for a gradient.

    Args:
        puzzle: The graph.
        position: Whose gradient is asked.
        level: 1 says where to look, 2 which rule holds, 3 what to reckon.
        is_known: Tells whether the gradient of another node was found already; others are not given away.
    """
    if position == puzzle.root:
        return _root_hint(puzzle, level)
    if level == 1:
        return _where_to_look(puzzle, position)
    if level == 2:
        rules = list(dict.fromkeys(_rule(puzzle, use) for use in puzzle.uses[position]))
        return "; ".join(rules[:6]) + ("; and so on" if len(rules) > 6 else "")
    return _to_reckon(puzzle, position, is_known)


def gradient_working(puzzle: Puzzle, position: int) -> str:
    """Write how a gradient comes about: `a.grad = 3 · 1 (through d) + 1 · (−6) (through e) = 3 − 6 = −3`."""
    item, uses = puzzle.items[position], puzzle.uses[position]
    name = f"{item.name}.grad"
    if position == puzzle.root:
        return f"{name} = 1: it is the root, the pass begins with 1"
    if not uses:
        return f"{name} = 0: nothing between it and the root uses it"
    many = len(uses) > 1
    terms = [
        f"{in_formula(use.partial, n)} · {in_formula(use.upstream, 1)}"
        + (f" (through {puzzle.place(position, use)})" if many else "")
        for n, use in enumerate(uses[:8])
    ]
    if len(uses) > 8:
        terms.append("…")
    text = f"{name} = {' + '.join(terms)}"
    if many and len(uses) <= 8:
        text += f" = {_added([use.contribution for use in uses])}"
    return f"{text} {'=' if _is_short(item.gradient) else '≈'} {shown_number(item.gradient)}"


def value_hint(puzzle: Puzzle, position: int, level: int, is_known: Callable[[int], bool]) -> str:
    """Return one hint for a value; the arguments are those of `gradient_hint`."""
    item = puzzle.items[position]
    if level == 1:
        needed = [part.name for part in item.parts if part.position is not None and not is_known(part.position)]
        begin = f"; begin with {listed(list(dict.fromkeys(needed)))}" if needed else ""
        return f"{item.line}: look up {listed([part.name for part in item.parts])}{begin}"
    if level == 2:
        return f"{item.line} {_IN_WORDS.get(item.operation, 'applies ' + (item.symbol or item.operation))}"
    numbers = [
        in_formula(part.number, i) if part.position is None or is_known(part.position) else f"{part.name}"
        for i, part in enumerate(item.parts)
    ]
    return f"{item.name} = {written(item.operation, item.symbol, numbers)}"


_IN_WORDS = {
    "addition": "adds its two terms",
    "sum": "adds all its terms",
    "subtraction": "takes the second from the first; minus a negative number adds",
    "product": "multiplies its two factors; two negative ones give a positive number",
    "division": "divides the first by the second",
    "negation": "turns the sign round",
    "power": "multiplies the base by itself, as often as the exponent says",
    "relu": "keeps a positive number and makes 0 of a negative one",
    "tanh": "squashes the number between −1 and 1",
    "exp": "raises e to that number",
    "mean": "adds all its terms and divides by how many there are",
}


def value_working(puzzle: Puzzle, position: int) -> str:
    """Write how a value comes about: `d = a · b = −2 · 3 = −6`."""
    item = puzzle.items[position]
    return f"{item.line} = {item.with_numbers()} {'=' if _is_short(item.number) else '≈'} {shown_number(item.number)}"


def _is_short(x: float) -> bool:
    return is_exact(rounded(x))


def _added(terms: list[float]) -> str:
    text = shown_number(terms[0])
    for term in terms[1:]:
        number = shown_number(term)
        text += f" − {number[1:]}" if number.startswith("−") else f" + {number}"
    return text


def _root_hint(puzzle: Puzzle, level: int) -> str:
    name = puzzle.items[puzzle.root].name
    if level == 1:
        return f"{name} is the root: the backward pass begins here"
    if level == 2:
        return f"{name}.grad is how much {name} changes when {name} changes by 1"
    return f"∂{name}/∂{name}: anything by itself"


def _where_to_look(puzzle: Puzzle, position: int) -> str:
    name, uses = puzzle.items[position].name, puzzle.uses[position]
    if not uses:
        return f"does anything between {name} and {puzzle.items[puzzle.root].name} use {name}?"
    if len(uses) == 1:
        return f"{name} goes into one place only: {puzzle.items[uses[0].user].line}"
    places = [puzzle.place(position, use) for use in uses]
    said = listed(places) if len(places) <= 6 else f"{', '.join(places[:5])} and {len(places) - 5} more"
    count = {2: "two", 3: "three", 4: "four"}.get(len(uses), str(len(uses)))
    return f"{name} goes into {said}: {count} contributions, which add up"


def _rule(puzzle: Puzzle, use: Use) -> str:
    user = puzzle.items[use.user]
    part = user.parts[use.slot]
    if user.operation == "subtraction":
        if use.slot == 0:
            return f"{user.line}: the first term gets the gradient unchanged"
        return f"{user.line}: the subtracted term gets the gradient with the opposite sign"
    if user.operation == "division" and len(user.parts) == 2:
        top, bottom = (p.name for p in user.parts)
        return f"{user.line}: the derivative by {part.name} is {'1' if use.slot == 0 else '−' + top}/{bottom}" + (
            "" if use.slot == 0 else "²"
        )
    if user.operation == "power" and use.slot == 0 and user.parts[-1].position is None:
        return f"{user.line}: {_power_rule(user)}"
    pattern = _RULES.get(user.operation)
    if pattern is None or (user.operation == "product" and len(user.parts) != 2):
        return f"{user.line}: multiply its gradient by the local derivative ∂{user.name}/∂{part.name}"
    other = user.parts[1 - use.slot].name if len(user.parts) == 2 else ""
    return pattern.format(f=user.line, x=part.name, o=other, n=user.name)


def _power_rule(user: Item) -> str:
    k, base = shown_number(user.parts[1].number), user.parts[0].name
    lower = written("power", "", [base, shown_number(user.parts[1].number - 1)])
    return f"bring the exponent down and lower it by one, {k} · {base if lower == f'{base}¹' else lower}"


def _to_reckon(puzzle: Puzzle, position: int, is_known: Callable[[int], bool]) -> str:
    item, uses = puzzle.items[position], puzzle.uses[position]
    if not uses:
        return f"{item.name} has no way to the root: nothing arrives"
    terms = [f"{in_formula(use.partial, n)} · {puzzle.items[use.user].name}.grad" for n, use in enumerate(uses[:6])] + [
        "…"
    ] * (len(uses) > 6)
    users = list(dict.fromkeys(use.user for use in uses))[:6]
    known = [f"{puzzle.items[u].name}.grad = {shown_number(puzzle.items[u].gradient)}" for u in users if is_known(u)]
    open_ones = [f"{puzzle.items[u].name}.grad" for u in users if not is_known(u)]
    text = f"{item.name}.grad = {' + '.join(terms)}"
    if known:
        text += f", with {listed(known)}"
    if open_ones:
        text += f"; {listed(open_ones)} {'is' if len(open_ones) == 1 else 'are'} still to be found"
    return text
