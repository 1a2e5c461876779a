"""An answer to `why` as a document: the sum over the paths, the paths, what decides, and what `.grad` holds."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from slopewise.basics.shown_numbers import is_exact, shown
from slopewise.stories.document import (
    Block,
    Bullets,
    Display,
    Document,
    Heading,
    Inlines,
    Note,
    Paragraph,
    Span,
    Table,
)
from slopewise.stories.formula import Formula, Gradient, Name, Negative, Number, Partial, Product, Relation, Sum, Word
from slopewise.stories.path_summary import all_paths, summary
from slopewise.stories.path_words import count_text, first_zero, paths_text
from slopewise.views.path_groups import PathGroup
from slopewise.views.path_sums import is_zero
from slopewise.views.paths import Path

if TYPE_CHECKING:
    from slopewise.stories.path_answer import Answer

_MOST_TERMS = 4  # that the sum over the paths is written with
_MOST_STEPS = 7  # of a path whose steps are told one by one
_MOST_FACTORS = 8
_MOST_NAMES = 8
_MOST_GROUPS = 12


def told(answer: "Answer") -> Document:
    """Write an answer as a document."""
    return Document(tuple(_blocks(answer)))


def _blocks(answer: "Answer") -> list[Block]:
    leaf, root = answer.leaf_name, answer.root_name
    if answer.reason:
        title = Heading(f"Why the gradient of {root} by {leaf} is 0", 1)
        reasons = [Paragraph((line,)) for line in answer.reason.split("\n")]
        return [title, *reasons, *_stored(answer)]
    blocks: list[Block] = [Heading(f"Why the gradient of {root} by {leaf} is {_about(answer.total)}", 1)]
    if answer.others.count == 0 and len(answer.paths) <= _MOST_TERMS and answer.leaf is not answer.root:
        blocks.append(Display((reading(answer),)))
    if all_paths(answer):
        blocks.append(Paragraph((all_paths(answer),)))
    blocks.extend(_grouped(answer))
    if answer.leaf is not answer.root:
        if answer.groups:
            blocks.append(Heading("The largest paths" if answer.others.count else "The paths"))
        blocks.append(_table(answer))
        blocks.extend(_short_names(answer))
    steps = _steps(answer)
    if steps:
        blocks.append(Bullets(tuple(steps)))
    blocks.extend(Paragraph((sentence,)) for sentence in summary(answer))
    blocks.extend(_stored(answer))
    return blocks


def reading(answer: "Answer") -> Formula:
    """Return the gradient as the sum of its paths."""
    left = _gradient(answer)
    terms: list[Formula] = []
    exact = is_exact(answer.total)
    if answer.count > 1:
        for path, way in list(zip(answer.paths, answer.ways, strict=True))[: _MOST_TERMS if answer.count > 6 else 6]:
            terms.append(_term(path.product, way))
            exact = exact and is_exact(path.product)
        rest = answer.count - len(terms)
        if rest:
            terms.append(_term(_rest_of(answer, len(terms)), f"along {paths_text(rest)} more"))
            exact = False
    sides: tuple[Formula, ...] = (left, Number(answer.total))
    signs: tuple[str, ...] = ("=" if is_exact(answer.total) else "≈",)
    if terms:
        sides, signs = (*sides, Sum(tuple(terms))), (*signs, "=" if exact else "≈")
    return Relation(sides, signs)


def _rest_of(answer: "Answer", told_paths: int) -> Any:
    from slopewise.views.exact_sums import exact_sum

    return exact_sum([answer.others.sum, *[path.product for path in answer.paths[told_paths:]]])


def _term(number: Any, way: str) -> Formula:
    words = shown(number)
    if words.startswith("−") and "i" not in words:
        return Negative(Word(f"{words[1:]} ({way})"))
    return Word(f"({words}) ({way})" if " " in words else f"{words} ({way})")


def _gradient(answer: "Answer") -> Formula:
    leaf, root = Name(answer.names.of(answer.leaf)), Name(answer.names.of(answer.root))
    return Gradient(leaf, root) if answer.stored.agrees else Partial(root, leaf)


def _about(number: Any) -> str:
    return shown(number) if is_exact(number) else f"about {shown(number)}"


# ---------------------------------------------------------------------- the paths


def _table(answer: "Answer") -> Table:
    rows: list[tuple[Any, ...]] = []
    tones: list[Any] = []
    several = answer.count > 1
    is_long = _is_long(answer)
    for path, chain in zip(answer.paths, _chains(answer), strict=True):
        rows.append((_share(path), chain, _factors(path, is_long)))
        tones.append("plain")
    if answer.others.count:
        rows.append((Number(answer.others.sum), f"{paths_text(answer.others.count)} more", ""))
        tones.append("quiet")
    if several:
        rows.append(
            (Number(answer.total), f"{'both' if answer.count == 2 else 'all ' + count_text(answer.count)} paths", "")
        )
        tones.append("strong")
    last = "local derivatives other than 1" if is_long else "local derivatives"
    return Table(("share", "path", last), tuple(rows), "rll", tuple(tones))


def _share(path: Path) -> Formula:
    """Return a path's product; one that is only rounded to 0 is not called 0."""
    if is_zero(path.product) and first_zero(path) is None:
        return Word("about 0")
    return Number(path.product)


def _chains(answer: "Answer") -> list[str]:
    """Return how each path runs: its nodes with arrows between; in a net, its neurons."""
    if answer.is_told_by_neurons:
        return answer.ways
    words, paths = answer.words, answer.paths
    chains = [words.chain(path) for path in paths]
    if max(Counter(chains).values(), default=0) > 1 and any("…" in chain for chain in chains):
        chains = [words.turning_chain(path, paths) if "…" in words.chain(path) else words.chain(path) for path in paths]
    alike = Counter(chains)
    return [
        chain if alike[chain] == 1 else ", ".join(filter(None, (chain, words.roles(path))))
        for path, chain in zip(paths, chains, strict=True)
    ]


def _short_names(answer: "Answer") -> list[Block]:
    """Say what the nodes are that have no name of their own, where long paths are told apart by them."""
    words, paths = answer.words, answer.paths
    if answer.is_told_by_neurons or not any("…" in words.chain(path) for path in paths):
        return []
    found: dict[int, str] = {}
    for path in paths:
        found.update(words.meaning_of_short_names(path, paths))
    told_ones = sorted(found.values(), key=lambda line: (len(line.partition(" ")[0]), line))[:_MOST_NAMES]
    more = f", and {len(found) - len(told_ones)} more" if len(found) > len(told_ones) else ""
    return [Note((f"Here {', '.join(told_ones)}{more}.",), "quiet")] if told_ones else []


def _is_long(answer: "Answer") -> bool:
    return any(len(path.factors) > _MOST_FACTORS for path in answer.paths)


def _factors(path: Path, without_ones: bool) -> Formula:
    factors = path.factors
    if without_ones:
        factors = tuple(factor for factor in factors if not is_one(factor))
        if not factors:
            return Word("none")
    if len(factors) <= _MOST_FACTORS:
        return Product(tuple(map(Number, factors)))
    told_factors: list[Formula] = [*map(Number, factors[: _MOST_FACTORS - 2]), Word("…"), Number(factors[-1])]
    return Product(tuple(told_factors))


def is_one(factor: Any) -> bool:
    """Tell whether a local derivative is 1."""
    return isinstance(factor, (int, float)) and factor == 1


def _steps(answer: "Answer") -> list[Inlines]:
    """Tell the steps of each path, if they are few."""
    if answer.others.count or len(answer.paths) > _MOST_TERMS or answer.leaf is answer.root:
        return []
    if any(len(path.links) > _MOST_STEPS for path in answer.paths):
        return []
    items: list[Inlines] = []
    for path, way in zip(answer.paths, answer.ways, strict=True):
        sentence = "; ".join(answer.words.step(link) for link in path.links)
        begin = f"{way[0].upper()}{way[1:]}" if way else "On its only path"
        items.append((Span(f"{begin}, {shown(path.product)}: ", "strong"), sentence + "."))
    return items


# ---------------------------------------------------------------------- groups, and what .grad holds


def _grouped(answer: "Answer") -> list[Block]:
    if not answer.groups:
        return []
    blocks: list[Block] = [Heading(f"By {answer.by}"), _group_table(answer, answer.groups, f"{answer.by}")]
    for stage in answer.stages:
        blocks += [Heading(f"Through the neurons of {stage.layer}", 3), _group_table(answer, stage.groups, "neuron")]
    return blocks


def _group_table(answer: "Answer", groups: tuple[PathGroup, ...], what: str) -> Table:
    listed = groups if len(groups) <= _MOST_GROUPS else groups[: _MOST_GROUPS - 2]
    rows: list[tuple[Any, ...]] = [(Number(g.sum), g.name, count_text(g.count)) for g in listed]
    tones: list[Any] = ["plain"] * len(rows)
    if len(listed) < len(groups):
        from slopewise.views.exact_sums import exact_sum

        rest = groups[len(listed) :]
        rows.append(
            (Number(exact_sum([g.sum for g in rest])), f"{len(rest):,} more", count_text(sum(g.count for g in rest)))
        )
        tones.append("quiet")
    if len(groups) > 1:
        rows.append((Number(answer.total), "all together", count_text(answer.count)))
        tones.append("strong")
    return Table(("share", what, "paths"), tuple(rows), "rlr", tuple(tones))


def _stored(answer: "Answer") -> list[Block]:
    stored = answer.stored
    if not stored.sentence:
        return []
    if stored.agrees:
        blocks: list[Block] = [Note((stored.sentence,), "good")]
    else:
        blocks = [Note((stored.sentence,), "quiet" if stored.fits == "not run" else "bad")]
    return [*blocks, *_stale(answer)]


def _stale(answer: "Answer") -> list[Block]:
    """Say what was changed since the graph was built, unless the sentence on `.grad` has said it."""
    stale = answer.stored.stale
    if not stale or stale[0].sentence in answer.stored.sentence:
        return []
    more = f" ({len(stale) - 1} more changed)" if len(stale) > 1 else ""
    words = f"{stale[0].sentence}{more}. Run the forward pass again for numbers that belong together."
    return [Note((words,), "bad")]
