"""Parts of a long graph: which nodes belong to one, and what their operands held before each step of it."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from slopewise.engine import Value
from slopewise.engine.reading import contributions_of
from slopewise.engine.value import idiom_of, operands_of
from slopewise.errors import DomainError
from slopewise.stories.own_steps import after_step, assigning_places
from slopewise.stories.steps import Step, backward_step, roles_of
from slopewise.views import Names, Reading, ShownGraph, shown_graph
from slopewise.views.groups import Groups, group

REST = "rest"


class Layout:
    """What a long story knows of its graph beyond the nodes: groups, users, and the idioms that nodes are part of.

    Args:
        reading: The graph as it was read.
        names: What its nodes are called.
        idioms: Whether idioms are folded.
    """

    def __init__(self, reading: Reading, names: Names, idioms: bool) -> None:
        self.reading = reading
        self.names = names
        self.idioms = idioms
        self._told: dict[str, int] = {}
        self._positions: dict[int, int] = {}
        self._tops: dict[int, int] = {}

    def show(self, within: Sequence[int] | None = None, prefix: str = "", idioms: bool = True) -> ShownGraph:
        """Show the graph, or the nodes at some positions, and remember what they are called.

        Args:
            within: The positions; the whole graph if not given.
            prefix: A place in the model that is left out before the names of what is in it.
            idioms: Whether idioms are folded, if they are in this story.
        """
        names = NamesWithin(self.names, prefix) if prefix else self.names
        folded = self.idioms and idioms
        nodes, operands = self.reading.nodes, self.reading.operands
        if within is None:
            self._positions = self.reading.places
        else:
            within = self.whole_idioms(within) if folded else within
            for p in within:
                self._positions[id(nodes[p])] = p
                for q in operands[p]:
                    self._positions[id(nodes[q])] = q
        graph = shown_graph(self.reading.root, names, idioms=folded, reading=self.reading, within=within)
        for node in graph.nodes:
            self._told.setdefault(node.name, self._positions[id(node.value)])
        return graph

    def whole_idioms(self, positions: Iterable[int]) -> list[int]:
        """Return the positions with idioms made whole: the inner nodes belong where the idiom's result belongs."""
        chosen = set(positions)
        found: set[int] = set()
        for p in chosen:
            if self.top_of(p) == p:
                found.update(self.idiom_below(p))
        return sorted(found)

    def positions_in(self, graph: ShownGraph) -> dict[int, int]:
        """Return the positions of a shown part's nodes, by their ids."""
        return {id(node.value): self._positions[id(node.value)] for node in graph.nodes}

    def position_of(self, name: str) -> int | None:
        """Return the position of the node of a name: one from the user's code, or one that was told already."""
        told = self._told.get(name)
        if told is not None:
            return told
        for p, node in enumerate(self.reading.nodes):
            if self.names.is_given(node) and self.names.of(node) == name:
                return p
        return None

    @cached_property
    def groups(self) -> Groups:
        """The neuron, layer and sample of every node."""
        return group(self.reading.root, self.names, self.reading)

    @cached_property
    def last_user(self) -> list[int]:
        """The position of the last node that each node was used for; −1 for none."""
        found = [-1] * len(self.reading.nodes)
        for p, positions in enumerate(self.reading.operands):
            for q in positions:
                found[q] = p
        return found

    def users_of(self, wanted: Iterable[int]) -> dict[int, list[int]]:
        """Return the positions of the nodes that each of some nodes was used for."""
        found: dict[int, list[int]] = {q: [] for q in wanted}
        shared = set()
        for q, users in found.items():
            if self.reading.uses[q] == 1:
                users.append(self.last_user[q])
            elif self.reading.uses[q]:
                shared.add(q)
        if shared:
            for p, positions in enumerate(self.reading.operands):
                for q in positions:
                    if q in shared and (not found[q] or found[q][-1] != p):
                        found[q].append(p)
        return found

    def top_of(self, position: int) -> int:
        """Return the node in whose idiom a node is folded away, or the node itself."""
        if not self.idioms:
            return position
        nodes, uses = self.reading.nodes, self.reading.uses
        passed = []
        top = position
        while top not in self._tops:
            if uses[top] != 1 or self.names.is_given(nodes[top]):
                break
            user = self.last_user[top]
            if not _is_inside(nodes[top], nodes[user]):
                break
            passed.append(top)
            top = user
        top = self._tops.get(top, top)
        for p in passed:
            self._tops[p] = top
        return top

    def belonging(self, place: str, sample: int | None) -> list[int]:
        """Return the positions of the nodes of a place (a neuron, a layer, a model; "" for any) and a sample."""
        groups = self.groups
        below = place + "."
        found = []
        for p, neuron in enumerate(groups.neuron):
            if sample is not None and groups.sample[p] != sample:
                continue
            if place == REST:
                if neuron:
                    continue
            elif place and not (neuron == place or groups.layer[p] == place or neuron.startswith(below)):
                continue
            found.append(p)
        return found

    def around(self, position: int) -> list[int]:
        """Return the positions of a node and of those that it was used for, with all of their idioms."""
        found = {position}
        for user in self.users_of([position])[position]:
            found.update(self.idiom_below(self.top_of(user)))
        return sorted(found | set(self.idiom_below(position)))

    def idiom_below(self, top: int) -> list[int]:
        """Return a node and the nodes that its idiom folds away."""
        found = [top]
        waiting = [top]
        nodes, operands = self.reading.nodes, self.reading.operands
        while waiting and self.idioms:
            p = waiting.pop()
            for q in operands[p]:
                if self.reading.uses[q] == 1 and _is_inside(nodes[q], nodes[p]):
                    found.append(q)
                    waiting.append(q)
        return found

    def check_sample(self, sample: Any) -> None:
        """Refuse a sample that is not there.

        Raises:
            DomainError: There is none of that number.
        """
        count = self.groups.samples
        if isinstance(sample, bool) or not isinstance(sample, int) or not 0 <= sample < count:
            have = f"are 0 to {count - 1}" if count > 1 else "are only 0" if count else "were not found"
            sentence = f"there is no sample {sample!r} in this graph"
            raise DomainError(f"{sentence}\nthe samples that went through a model {have}")

    def no_such_place(self, place: object) -> DomainError:
        """Return the error for a place or node that is not there; the nearest name is suggested."""
        import difflib

        places = [*self.groups.layers, *sorted(self.groups.neurons, key=in_number_order)]
        known = [*places, REST] if places else []
        near = difflib.get_close_matches(str(place), [*known, *self._told], 1)
        hint = f"did you mean {near[0]!r}?" if near else _offered(known)
        return DomainError(f"nothing here is called {place!r}\n{hint}")


def in_number_order(name: str) -> tuple[tuple[int, str], ...]:
    """Return a key that sorts places by their numbers: layers.2 before layers.10."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in name.split("."))


def _offered(known: Sequence[str]) -> str:
    if not known:
        return "no parameter of a model was found: give model=… to explain(), or the name of a node"
    listed = ", ".join(repr(name) for name in known[:6])
    return f"there are {listed}{' …' if len(known) > 6 else ''}, and the names of nodes"


def _is_inside(inner: Value, user: Value) -> bool:
    """Tell whether a node is the inner node of the idiom that its user is the result of."""
    match idiom_of(user):
        case "sum" | "mean":
            return idiom_of(inner) == "sum" and operands_of(user)[0] is inner
        case "subtraction":
            return idiom_of(inner) == "negation" and operands_of(user)[-1] is inner
        case "reflected subtraction":
            return idiom_of(inner) == "negation" and operands_of(user)[0] is inner
        case "division":
            return inner._op == "**-1" and operands_of(user)[-1] is inner
        case "reflected division":
            return inner._op == "**-1" and operands_of(user)[0] is inner
        case _:
            return False


class NamesWithin(Names):
    """Names without the place that they are all in: `w.1` for `layers.0.neurons.3.w.1`.

    Args:
        names: The names in full.
        prefix: The place.
    """

    def __init__(self, names: Names, prefix: str) -> None:
        super().__init__()
        self._full = names
        self._prefix = prefix + "."

    def of(self, node: Value) -> str:
        """Return the node's name, shortened when it is in the place."""
        return self._full.of(node).removeprefix(self._prefix)

    def settle(self, nodes: Iterable[Value]) -> None:
        """Name nodes now, in this order."""
        self._full.settle(nodes)

    def is_given(self, node: Value) -> bool:
        """Tell whether the name comes from the user's code."""
        return self._full.is_given(node)

    def place_of(self, node: Value) -> str:
        """Return the node's place in a model."""
        return self._full.place_of(node)


def part_backward_steps(layout: Layout, graph: ShownGraph) -> list[Step]:
    """Return the backward steps of a part, with what each operand had got by then from the whole graph.

    Args:
        layout: The graph that the part is of.
        graph: The part, as it is shown.
    """
    reading = layout.reading
    places = layout.positions_in(graph)
    told = {places[id(node.value)] for node in graph.nodes if node.operands}
    root = layout.names.of(reading.root)
    wanted: dict[int, None] = {}
    for node in graph.nodes:
        for operand in node.operands:
            if operand.position is not None:
                wanted[places[id(operand.value)]] = None
    elsewhere = _contributions_elsewhere(layout, wanted, told)
    running: dict[int, Any] = dict.fromkeys(wanted, 0)
    pending = {q: iter(list_) for q, list_ in elsewhere.items()}
    upcoming = {q: next(it, None) for q, it in pending.items()}
    found: list[Step] = []
    for position in graph.backward_order:
        node = graph.nodes[position]
        here = places[id(node.value)]
        roles, assigned = roles_of(node), assigning_places(node)
        for which, operand in enumerate(node.operands):
            if operand.position is None or operand.contribution is None:
                continue
            q = places[id(operand.value)]
            while (coming := upcoming.get(q)) is not None and coming[0] > here:
                running[q] = running[q] + coming[1]
                upcoming[q] = next(pending[q], None)
            before = running[q]
            running[q] = after = after_step(which in assigned, before, operand.contribution)
            found.append(
                backward_step(node, which, root, node.gradient, operand.contribution, before, after, role=roles[which])
            )
    return found


def _contributions_elsewhere(layout: Layout, wanted: Iterable[int], told: set[int]) -> dict[int, list[tuple[int, Any]]]:
    """Return what operands get from nodes that are not told: by operand, the place of the step and the contribution."""
    reading = layout.reading
    found: dict[int, list[tuple[int, Any]]] = {}
    for q, users in layout.users_of(wanted).items():
        mine = []
        for user in users:
            top = layout.top_of(user)
            if top in told:
                continue
            shares = contributions_of(reading.nodes[user], reading.gradients[user])
            for place, p in enumerate(reading.operands[user]):
                if p == q and place < len(shares):
                    mine.append((top, shares[place]))
        mine.sort(key=lambda share: -share[0])
        found[q] = mine
    return found
