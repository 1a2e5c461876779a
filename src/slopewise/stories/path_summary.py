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
from slopewise.views.exact_sums import exact_sum, size_of
from slopewise.views.path_sums import is_finite, is_zero

if TYPE_CHECKING:
    from slopewise.stories.path_answer import Answer

_LARGE = 10  # a gradient from here on is called large, one from 1/10 down small
_SIZED = "gets its size from"
_MOST_PLACES = 3  # where paths die, told one by one


def summary(answer: "Answer") -> list[str]:
    """Return the sentences: size and sign, then the paths that die."""
    return [sentence for sentence in (_decided(answer), _dead(answer), _handmade(answer)) if sentence]


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
            what = "Each share" if len(alive) == answer.count else "Each share other than 0"
            what = what if len({_size_and_sign(answer, path, what) for path in alive}) == 1 else ""
        elif equal:
            what = ""
    return _size_and_sign(answer, top, what)


def _size_and_sign(answer: "Answer", path: Any, what: str) -> str:
    if not what:
        return ""
    words = answer.words
    main, negative = decisive(path), negative_steps(path)
    is_negative = bool(len(negative) % 2)
    product = size_of(path.product)
    size = "is large because of" if product >= _LARGE else "is small because of" if product <= 1 / _LARGE else _SIZED
    if not main and not negative:
        if all(size_of(factor) == 1 for factor in path.factors):
            return f"{what} is passed on unchanged by every step." if what == "It" else ""
        return ""
    if main and is_negative and len(negative) == 1:
        if negative[0] is main[0]:
            return f"{what} gets its size and its sign from {words.cause(main[0])}."
        return f"{what} {size} {words.cause(main[0])}, and is negative because of {words.cause(negative[0])}."
    sentence = f"{what} {size} {words.cause(main[0])}" if main else what
    if is_negative:
        joint = ", and is negative" if main else " is negative"
        causes = [words.cause(link) for link in negative]
        if len(causes) == 1:
            return f"{sentence}{joint} because of {causes[0]}."
        return f"{sentence}{joint} because {len(causes)} of its factors are negative."
    if len(negative) == 2 and len(path.links) <= 8:
        also = ", and is" if main else " is"
        return f"{sentence}{also} positive because two of its factors are negative: minus times minus is plus."
    return f"{sentence}." if main else ""


def _wild(answer: "Answer") -> str:
    for path in answer.paths:
        link = first_wild(path)
        if link is not None:
            if is_nan(path.product) and first_zero(path) is not None:
                return f"It is nan because {answer.words.cause(link)} meets a factor of 0: ∞ · 0 has no value."
            return f"It is {shown(path.product)} because of {answer.words.cause(link)}."
    return (
        "It is not finite, although no local derivative is: products or sums on the way went beyond the largest float."
    )


def is_nan(number: Any) -> bool:
    """Tell whether a number is nan."""
    try:
        return bool(number != number)
    except (TypeError, ValueError):
        return False


def _is_rounding(answer: "Answer") -> bool:
    sizes = [size_of(path.product) for path in answer.paths]
    return answer.count > 1 and size_of(answer.total) <= 1e-13 * max(sizes) and bool(max(sizes))


def _small(answer: "Answer") -> str:
    return f"each is a product of up to {max(len(path.taken) for path in answer.paths):,} numbers"


# ---------------------------------------------------------------------- where paths die


def _dead(answer: "Answer") -> str:
    deaths = answer.deaths
    if not deaths or not is_finite(answer.total):
        return ""
    dead = sum(death.count for death in deaths)
    if answer.count == 1:
        return f"Its only path dies {_place(answer, deaths[0])}."
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
        return f"{start}, {_place(answer, deaths[0])}."
    if len(deaths) <= _MOST_PLACES:
        at: Counter[str] = Counter()
        for death in deaths:
            at[_place(answer, death)] += death.count
        if len(at) == 1:
            return f"{start}, {next(iter(at))}."
        return f"{start}: {'; '.join(f'{count_text(count)} {place}' for place, count in at.items())}."
    return f"{start}{_by_operation(answer)}.{_by_neuron(answer)}"


def _place(answer: "Answer", death: Any) -> str:
    """Say where paths die; in a net, in which neuron."""
    inside = f"in {death.neuron}, " if death.neuron else ""
    return inside + answer.words.death(death.link)


def _by_operation(answer: "Answer") -> str:
    """Say what kinds of places the paths die at: ", at 773 relus that are off"."""
    found: Counter[str] = Counter()
    places: Counter[str] = Counter()
    for death in answer.deaths:
        found[_what_dies(death)] += death.count
        places[_what_dies(death)] += 1
    if len(found) == 1:
        (kind,) = found
        return f", at {places[kind]:,} {kind}"
    top = found.most_common(_MOST_PLACES)
    words = [f"{count_text(count)} at {places[kind]:,} {kind}" for kind, count in top]
    rest = sum(found.values()) - sum(count for _, count in top)
    return ": " + "; ".join([*words, *([f"{count_text(rest)} elsewhere"] if rest else [])])


def _by_neuron(answer: "Answer") -> str:
    """Name the neurons in which most paths die."""
    found: Counter[str] = Counter()
    for death in answer.deaths:
        if death.neuron:
            found[death.neuron] += death.count
    top = [f"{name} ({count_text(count)})" for name, count in found.most_common(_MOST_PLACES)]
    if not top:
        return ""
    if len(found) == 1:
        return f" All of them die in {next(iter(found))}."
    return f" By neuron: {', '.join(top)}{' …' if len(found) > len(top) else ''}."


def _what_dies(death: Any) -> str:
    match death.link.operation:
        case "relu" | "ReLU":
            return "relus that are off"
        case "product":
            return "products whose other factor is 0"
        case "tanh" | "sigmoid":
            return f"{death.link.operation}s that are saturated"
        case operation:
            return f"steps of {operation} with slope 0"


def all_paths(answer: "Answer") -> str:
    """Say how many paths there are and what is listed of them."""
    if answer.others.count == 0:
        common = answer.common_neurons
        return f"All paths pass {' and '.join(common)}." if common else ""
    verb = "leads" if answer.count == 1 else "lead"
    return (
        f"{paths_text(answer.count)[0].upper()}{paths_text(answer.count)[1:]} {verb} from {answer.root_name} down to "
        f"{answer.leaf_name}; the gradient is the sum of their products. {_listed_ones(answer)}"
    )


def _listed_ones(answer: "Answer") -> str:
    if not answer.paths:
        return ""
    if len(answer.paths) == 1:
        return "Listed is the largest."
    common = answer.common_neurons
    through = f" All of these pass {' and '.join(common)}." if common else ""
    return f"Listed are the {len(answer.paths)} largest.{through}"


def _handmade(answer: "Answer") -> str:
    """Say that a step written by hand does not add up."""
    if not answer.handmade:
        return ""
    names = [answer.words.node(node) for node in answer.handmade[:_MOST_PLACES]]
    more = f" and {len(answer.handmade) - len(names)} more" if len(answer.handmade) > len(names) else ""
    summed = exact_sum([answer.others.sum, *[path.product for path in answer.paths]])
    return (
        f"The paths add up to {shown(summed)}, but a pass gives {shown(answer.total)}: a _backward set by hand, of "
        f"{', '.join(names)}{more}, does not add its share to what is there (it may assign with = in place of +=)."
    )
