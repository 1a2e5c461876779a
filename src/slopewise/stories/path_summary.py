"""What a gradient's paths come to, in a few sentences: what decides its size and sign, and where paths die."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from slopewise.basics.shown_numbers import shown
from slopewise.stories.path_words import (
    count_text,
    decisive,
    first_wild,
    first_zero,
    negative_steps,
    paths_text,
)
from slopewise.views.exact_sums import size_of
from slopewise.views.path_sums import is_finite, is_zero

if TYPE_CHECKING:
    from slopewise.stories.path_answer import Answer

_MOST_PLACES = 3  # where paths die, told one by one


def summary(answer: "Answer") -> list[str]:
    """Return the sentences: size and sign, then the paths that die."""
    return [sentence for sentence in (_decided(answer), _dead(answer)) if sentence]


def _decided(answer: "Answer") -> str:
    name, total = answer.leaf_name, answer.total
    if answer.leaf is answer.root:
        return f"{name} is the root itself: if it grows by a little, it grows by just that."
    if not answer.paths:
        return ""
    alive = [path for path in answer.paths if not is_zero(path.product)]
    if not is_finite(total):
        return _wild(answer)
    if not alive:
        return (
            ""
            if first_zero(answer.paths[0])
            else f"The shares are so small that they are rounded to 0: {_small(answer)}."
        )
    if _is_rounding(answer):
        exactly = "" if is_zero(total) else f"; {shown(total)} is what rounding leaves"
        return f"The shares cancel: what one path adds, another takes away{exactly}."
    top = alive[0]
    what = "It"
    if answer.count > 1:
        way = answer.ways[answer.paths.index(top)]
        what = f"The largest share, {shown(top.product)} ({way}),"
        equal = [path for path in alive[1:] if size_of(path.product) == size_of(top.product)]
        if equal and answer.others.count == 0 and len(equal) == len(alive) - 1:
            what = "Each share" if len({_size_and_sign(answer, path, "Each share") for path in alive}) == 1 else ""
        elif equal:
            what = ""
    return _size_and_sign(answer, top, what)


def _size_and_sign(answer: "Answer", path: Any, what: str) -> str:
    if not what:
        return ""
    words = answer.words
    main, negative = decisive(path), negative_steps(path)
    is_negative = bool(len(negative) % 2)
    large = bool(main) and size_of(main[0].factor) >= 2
    size = "large" if large else "small"
    if not main and not negative:
        if all(size_of(factor) == 1 for factor in path.factors):
            return f"{what} is passed on unchanged by every step." if what == "It" else ""
        return ""
    if main and is_negative and len(negative) == 1:
        if negative[0] is main[0]:
            return f"{what} gets its size and its sign from {words.cause(main[0])}."
        return (
            f"{what} is {size} because of {words.cause(main[0])}, and negative because of {words.cause(negative[0])}."
        )
    sentence = f"{what} is {size} because of {words.cause(main[0])}" if main else what
    if is_negative:
        joint = ", and negative" if main else " is negative"
        causes = [words.cause(link) for link in negative]
        if len(causes) == 1:
            return f"{sentence}{joint} because of {causes[0]}."
        return f"{sentence}{joint} because {len(causes)} of its factors are."
    if len(negative) == 2 and len(path.links) <= 8:
        also = ", and" if main else " is"
        return f"{sentence}{also} positive because two of its factors are negative: minus times minus is plus."
    return f"{sentence}." if main else ""


def _wild(answer: "Answer") -> str:
    for path in answer.paths:
        link = first_wild(path)
        if link is not None:
            return f"It is not finite because of {answer.words.cause(link)}."
    return (
        "It is not finite, although no local derivative is: products or sums on the way went beyond the largest float."
    )


def _is_rounding(answer: "Answer") -> bool:
    sizes = [size_of(path.product) for path in answer.paths]
    return answer.count > 1 and size_of(answer.total) <= 1e-13 * max(sizes) and bool(max(sizes))


def _small(answer: "Answer") -> str:
    return f"each is a product of up to {max(len(path.taken) for path in answer.paths):,} numbers"


# ---------------------------------------------------------------------- where paths die


def _dead(answer: "Answer") -> str:
    deaths = answer.deaths
    if not deaths:
        return ""
    dead = sum(death.count for death in deaths)
    if answer.count == 1:
        return f"Its only path dies {answer.words.death(deaths[0].link)}."
    if dead == answer.count:
        start = (
            "No gradient comes down: both paths die"
            if dead == 2
            else f"No gradient comes down: all {count_text(dead)} paths die"
        )
    else:
        start = (
            f"{count_text(dead)} of the {count_text(answer.count)} paths {'dies' if dead == 1 else 'die'} on the way"
        )
    if len(deaths) == 1:
        return f"{start}, {answer.words.death(deaths[0].link)}."
    if len(deaths) <= _MOST_PLACES:
        places = "; ".join(f"{count_text(death.count)} {answer.words.death(death.link)}" for death in deaths)
        return f"{start}: {places}."
    return f"{start}: {_by_neuron(answer) or _by_operation(answer)}."


def _by_neuron(answer: "Answer") -> str:
    found: Counter[str] = Counter()
    places: Counter[str] = Counter()
    for death in answer.deaths:
        if not death.neuron:
            return ""
        place = f"{_what_dies(death)} in {death.neuron}"
        found[place] += death.count
        places[place] += 1
    return _largest(found, places)


def _by_operation(answer: "Answer") -> str:
    found: Counter[str] = Counter()
    places: Counter[str] = Counter()
    for death in answer.deaths:
        found[_what_dies(death)] += death.count
        places[_what_dies(death)] += 1
    return _largest(found, places)


def _what_dies(death: Any) -> str:
    match death.link.operation:
        case "relu" | "ReLU":
            return "relus that are off"
        case "product":
            return "products with a factor 0"
        case "tanh" | "sigmoid":
            return f"saturated {death.link.operation}"
        case operation:
            return f"{operation} with slope 0"


def _largest(found: Counter[str], places: Counter[str]) -> str:
    top = found.most_common(_MOST_PLACES)
    words = [f"{count_text(count)} at {place}" + _times(places[place]) for place, count in top]
    rest = sum(found.values()) - sum(count for _, count in top)
    if rest:
        words.append(f"{count_text(rest)} elsewhere")
    return "; ".join(words)


def _times(places: int) -> str:
    return f" ({places:,} places)" if places > 1 else ""


def all_paths(answer: "Answer") -> str:
    """Say how many paths there are and what is listed of them."""
    if answer.others.count == 0:
        return ""
    return (
        f"{paths_text(answer.count)[0].upper()}{paths_text(answer.count)[1:]} lead from {answer.root_name} down to "
        f"{answer.leaf_name}; the gradient is the sum of their products. These are the {len(answer.paths)} largest."
    )
