"""`why`: a gradient taken apart into the paths that it comes down on."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from slopewise.engine import Value
from slopewise.engine.reading import survey
from slopewise.engine.value import has_own_step
from slopewise.errors import DomainError, GraphError, InternalError, NumberError
from slopewise.stories.broken_chain import why_not_below
from slopewise.stories.document import Document
from slopewise.stories.formats import Told
from slopewise.stories.formula import Name, text
from slopewise.stories.path_words import PathWords
from slopewise.stories.stored_gradient import StoredGradient, stored_elsewhere, stored_gradient
from slopewise.views import Reading, check_root, shown_graph
from slopewise.views.between import Between
from slopewise.views.collector import collector_paused
from slopewise.views.exact_sums import exact_sum, size_of
from slopewise.views.groups import Groups, group
from slopewise.views.names import Names, caller_names
from slopewise.views.path_folding import Link
from slopewise.views.path_groups import PathGroup, Stage, check_kind, grouped, stages
from slopewise.views.path_sums import is_finite
from slopewise.views.paths import Others, Path, Paths, find_paths
from slopewise.views.values_in_sight import caller_values

_SMALL = 2000  # nodes; up to here, nodes without a name are numbered as `explain` numbers them


@dataclass(frozen=True, slots=True)
class Death:
    """A step that hands nothing on, and the paths that die there.

    Attributes:
        link: The step.
        count: How many paths come alive as far as this, and no further.
        neuron: The place of the neuron that it is part of, or "".
    """

    link: Link
    count: int
    neuron: str


class Answer(Told):
    """What `sw.why` returns: the gradient, and the paths that add up to it.

    Print it, or let a notebook show it.

    Attributes:
        leaf: The node that was asked about.
        root: The root.
        total: This root's gradient, computed afresh.
        paths: The paths with the largest products, the largest first; each has `nodes`, `factors` and `product`.
        others: How many paths are not listed, and what they add up to.
        count: How many paths there are.
        deaths: Where paths die: steps with the local derivative 0.
        stored: What `leaf.grad` holds beside that, and where a difference comes from.
        groups: With `by=`, all paths in groups, the largest sum first; the sums add up to the total exactly.
        stages: With `by="layer"`, what comes down through each neuron of each layer.
        reason: Why there is no path, when leaf is not below root; else "".
        handmade: Nodes whose own `_backward` keeps the paths from adding up to the total; usually none.
        names: What the nodes are called.

    Example:
        >>> import slopewise as sw
        >>> a = sw.Value(3.0)
        >>> answer = sw.why(a, a * a)
        >>> answer.total, [path.product for path in answer.paths], answer.others
        (6.0, [3.0, 3.0], Others(count=0, sum=0))
    """

    def __init__(
        self,
        leaf: Value,
        root: Value,
        found: Paths,
        names: Names,
        in_sight: Mapping[str, Value],
        groups: Groups | None,
        by: str | None,
    ) -> None:
        self.leaf, self.root, self.names, self.by = leaf, root, names, by
        self.total: Any = found.total
        self.paths: tuple[Path, ...] = found.listed
        self.others: Others = found.others
        self.count: int = found.count
        part = found.part
        self.stored: StoredGradient
        self.deaths: tuple[Death, ...] = ()
        self.groups: tuple[PathGroup, ...] = ()
        self.stages: tuple[Stage, ...] = ()
        self.reason = ""
        self.handmade: tuple[Value, ...] = ()
        self._groups = groups
        self._folding = found.folding
        if part is None or found.folding is None:
            self.reason = why_not_below(leaf, root, names, in_sight)
            self.stored = stored_elsewhere(leaf, root, names, in_sight)
            return
        neurons = [groups.neuron[p] for p in part.positions] if groups is not None else [""] * len(part.nodes)
        self.deaths = tuple(
            Death(found.folding.link(d.position, d.edge), d.count, neurons[d.position]) for d in found.dead
        )
        self._settle_names()
        self.handmade = _handmade(part, [*[path.product for path in found.listed], found.others.sum])
        self.stored = stored_gradient(leaf, root, part, self.total, names, in_sight)
        if by is not None and groups is not None:
            self.groups = grouped(part, groups, by)
            self.stages = stages(part, groups) if by == "layer" else ()

    def _settle_names(self) -> None:
        """Name what will be told, so that no name depends on what is asked for first."""
        self.names.settle((self.root, self.leaf))
        for path in self.paths:
            self.names.settle(path.nodes[:200])
            self.names.settle(path.nodes[-200:])

    @cached_property
    def words(self) -> PathWords:
        """What puts the paths into words."""
        if self._folding is None:
            raise InternalError("an answer without paths was asked for their words")
        return PathWords(self.names, self._folding)

    @property
    def leaf_name(self) -> str:
        """What the leaf is called."""
        return text(Name(self.names.of(self.leaf)))

    @property
    def root_name(self) -> str:
        """What the root is called."""
        return text(Name(self.names.of(self.root)))

    @cached_property
    def ways(self) -> list[str]:
        """What each path goes through, in words: "through e", "as left factor"; "" when there is only one."""
        from slopewise.stories.path_neurons import ways_through_neurons

        if len(self.paths) < 1 or self.count == 1:
            return [""] * len(self.paths)
        if self._groups is not None and self.is_told_by_neurons:
            return ways_through_neurons(self.paths, self._groups, [self.words.roles(path) for path in self.paths])
        return self.words.ways(self.paths)

    @cached_property
    def is_told_by_neurons(self) -> bool:
        """Whether paths are told by samples and neurons: some of them run through a net, and there are several."""
        from slopewise.stories.path_neurons import neurons_of

        groups = self._groups
        return groups is not None and len(self.paths) > 1 and any(neurons_of(p, groups) for p in self.paths)

    @cached_property
    def common_neurons(self) -> list[str]:
        """The neurons that all listed paths pass, and that `ways` leaves out."""
        from slopewise.stories.path_neurons import common_neurons

        return common_neurons(self.paths, self._groups) if self._groups is not None else []

    @cached_property
    def reading(self) -> str:
        """The gradient as the sum of its paths: `a.grad = −3 = −6 (through e) + 3 (through d)`."""
        from slopewise.stories.path_document import reading

        return text(reading(self))

    def __repr__(self) -> str:
        return (
            f"<Answer: {self.reading}; print it to read it>" if self.paths else f"<Answer: {self.reason or self.total}>"
        )

    @cached_property
    def document(self) -> Document:
        """The answer as a document without a format."""
        from slopewise.stories.path_document import told

        return told(self)

    def json(self) -> dict[str, Any]:
        """Return the answer as data for `json.dumps`; docs/why.md describes it."""
        from slopewise.stories.path_json import answer_object

        return answer_object(self)


def _handmade(part: Between, products: list[Any]) -> tuple[Value, ...]:
    """Return the nodes with a step of the user's, if the paths do not add up to what a pass gives."""
    total, summed = part.gradients[0], exact_sum(products)
    scale = max(map(size_of, (total, *products)))
    try:
        if not is_finite(total) or not is_finite(summed) or size_of(total - summed) <= 1e-9 * scale:
            return ()
    except (TypeError, ArithmeticError):
        return ()
    return tuple(node for node in part.everything if has_own_step(node))


def why(
    leaf: Value,
    root: Value,
    *,
    most: int | None = None,
    by: str | None = None,
    model: Any = None,
    names: Names | None = None,
) -> Answer:
    """Tell why a gradient is what it is: along which paths it comes down, and what each contributes.

    $$ \\frac{\\partial\\,\\text{root}}{\\partial\\,\\text{leaf}} = \\sum_{\\text{paths}} \\prod_{\\text{steps}}
    \\text{local derivative} $$

    The gradient is computed afresh, for this root alone; no `.grad` is changed. Where `leaf.grad` holds something else,
    the answer says by how much, and where that comes from if the numbers tell. However many paths there are, the
    largest are found without going through them all, and the count and the sum of the others are exact.

    Args:
        leaf: The node whose gradient is asked about: a leaf, or any other node below root.
        root: What it is the gradient of, such as a loss.
        most: How many paths to list. Without it, all are listed when they are 30 or fewer, and else the 10 largest.
        by: Groups to add the paths up in: "layer", "sample" or "neuron".
        model: The net whose parameters are named by their places, or several by name in a dict; found among your
            variables if not given.
        names: What the nodes are called; your variables are looked at if not given.

    Returns:
        An `Answer`: print it, or let a notebook show it.

    Raises:
        NumberError: leaf or root is no Value.
        GraphError: root lies below leaf: the two were swapped.
        DomainError: `by` or `most` is not as it should be, or there are no such groups.

    Example:
        >>> import slopewise as sw
        >>> a, b = sw.Value(-2.0), sw.Value(3.0)
        >>> d, e = a * b, a + b
        >>> f = d * e
        >>> f.backward()
        >>> sw.why(a, f).reading
        'a.grad = −3 = −6 (through e) + 3 (through d)'

    Source: F. L. Bauer, Computational graphs and rounding error, SIAM Journal on Numerical Analysis 11 (1974), for
    derivatives as sums over paths.
    """
    if not isinstance(leaf, Value):
        raise NumberError(_no_leaf(leaf))
    check_root(root)
    if by is not None:
        check_kind(by)
    given: object = most
    if given is not None and (isinstance(given, bool) or not isinstance(given, int) or given < 1):
        raise DomainError(f"most={most!r} paths cannot be listed\ngive a whole number of at least 1")
    with collector_paused():
        return _answer(leaf, root, most, by, model, names)


def _answer(leaf: Value, root: Value, most: int | None, by: str | None, model: Any, names: Names | None) -> Answer:
    """Read the graph once, and answer."""
    reading = Reading(root)
    everything = reading.nodes
    names = names if names is not None else caller_names([*everything, leaf], model, depth=3)
    in_sight = caller_values(depth=3)
    if len(everything) <= _SMALL:
        shown_graph(root, names, gradients=False, reading=reading)  # so that v1, v2 … are those of the story
    found = find_paths(leaf, root, most, names, reading)
    if found.part is None and leaf is not root and any(node is root for node in survey(leaf)[0]):
        names.settle((root, leaf))
        top, low = text(Name(names.of(leaf))), text(Name(names.of(root)))
        raise GraphError(
            f"{top} is not below {low}: it is made from it\n"
            f"why() takes the leaf first and the root second\n"
            f"ask the other way round: why({low}, {top})"
        )
    in_model = by is not None or any(map(names.place_of, everything))
    groups = group(root, names, reading) if in_model and found.part is not None else None
    if by is not None and groups is None:
        raise DomainError(
            f"by={by!r}: {text(Name(names.of(leaf)))} is not below {text(Name(names.of(root)))}, so there is nothing "
            f"to group\nleave by out to see why"
        )
    return Answer(leaf, root, found, names, in_sight, groups, by)


def _no_leaf(leaf: Any) -> str:
    if isinstance(leaf, (list, tuple)) and leaf and all(isinstance(item, Value) for item in leaf):
        return f"why() asks about one Value, got {len(leaf)} of them\ntake one, as in parameters[0]"
    if isinstance(leaf, str):
        return f"why() asks about a Value, got the text {leaf!r}\ngive the Value itself, without quotes"
    what = type(leaf).__name__ if isinstance(leaf, (list, tuple, dict, set)) or callable(leaf) else repr(leaf)
    return f"why() asks about a Value, got {what}\ngive the Value whose gradient you want to know about"
