"""Units that let nothing through, and layers that get next to no gradient, pass after pass."""

import math
from collections.abc import Callable

from slopewise.doctor.diagnosis import Diagnosis
from slopewise.doctor.layers import Layers, layer_names, unit_name
from slopewise.doctor.training_notes import UnitsDead, UnitsSaturated
from slopewise.doctor.training_warnings import (
    GradientsExplode,
    GradientsVanish,
    LayerDead,
    LayerSaturated,
    UnitsAlike,
)
from slopewise.engine import Value

# The thresholds; docs/decisions/doctor.md has the measurements behind them.
PASSES = 10  # in a row
FURTHER = 4  # times as long a row must become before it is confirmed again
VANISHED = 1e-4  # root mean square of the first layer's gradients, relative to the last layer's
EXPLODED = 1e3  # the same the other way
EXCESSIVE = 1e6  # root mean square of a layer's gradients, relative to that of its parameters
STUCK_FALL = 0.01  # the largest fall of the loss over those passes, relative
STUCK_ABOVE = 0.1  # of the first loss


class Units:
    """Counts in how many passes in a row each unit was quiet.

    A look at the graph tells exactly. Between two looks, a relu unit that was off goes on being off as long as none of
    its parameters gets a gradient of its own: all are 0, or in proportion to the parameters, as a penalty on their
    squares makes them. A look at the end of a row confirms it.
    """

    def __init__(self) -> None:
        self.streaks: dict[int, int] = {}
        self.kinds: dict[int, str] = {}
        self.samples: dict[int, int] = {}
        self.losses: list[float] = []
        self.confirmed: set[int] = set()  # places whose row was long enough when the graph was last looked at
        self._next_look = PASSES  # the length of a row that is to be confirmed

    def accept(self, activity: list[tuple[int, str, int, int]], loss: float) -> None:
        """Take in the activity of one more pass; a unit that was not used in it begins anew."""
        streaks = self.streaks
        seen = {}
        for place, kind, total, quiet in activity:
            seen[place] = streaks.get(place, 0) + 1 if quiet == total else 0
            self.kinds[place] = kind
            self.samples[place] = total
        self.streaks = seen
        self.confirmed = {place for place, streak in seen.items() if streak >= PASSES}
        if any(streak >= self._next_look for streak in seen.values()):
            self._next_look *= FURTHER
        self._note_loss(loss)

    def accept_gradients(
        self, layers: Layers | None, numbers: list[float], gradients: list[float], loss: float
    ) -> None:
        """Take in a pass that is not looked at: go on counting those relu units that got no gradient."""
        self._note_loss(loss)
        for place, streak in self.streaks.items():
            if streak:
                own = layers.unit_of.get(place) if layers is not None and self.kinds[place] == "relu" else None
                if own is not None:
                    self.streaks[place] = streak + 1 if _is_left_alone(own, numbers, gradients) else 0

    @property
    def wants_look(self) -> bool:
        """Whether a row has become long enough to be confirmed, or a unit may be saturated, which only a look tells."""
        return any(
            streak + 1 >= self._next_look or (streak < PASSES and self.kinds[place] != "relu")
            for place, streak in self.streaks.items()
            if streak
        )

    def _note_loss(self, loss: float) -> None:
        self.losses.append(loss)
        if len(self.losses) > PASSES:
            del self.losses[0]

    def verdicts(
        self, parameters: list[Value], layers: Layers | None, name: Callable[[Value], str], first_loss: float
    ) -> list[Diagnosis]:
        """Return the diagnoses."""
        quiet = [place for place, streak in self.streaks.items() if streak >= PASSES and place in self.confirmed]
        if not quiet:
            return []
        found: list[Diagnosis] = []
        told: set[int] = set()
        groups = self._by_layer(layers, parameters, name)
        for title, members in groups.items():
            kind = self.kinds[members[0]]
            if not all(place in quiet for place in members):
                continue
            streak = min(self.streaks[place] for place in members)
            if kind == "relu":
                told.update(members)
                found.append(
                    LayerDead(layer=title, units=len(members), samples=self.samples[members[0]], passes=streak)
                )
            elif self._is_stuck(first_loss):
                told.update(members)
                found.append(
                    LayerSaturated(
                        kind=kind, layer=title, units=len(members), samples=self.samples[members[0]], passes=streak,
                        before=self.losses[0], loss=self.losses[-1],
                    )
                )  # fmt: skip
        for kind in ("relu", "tanh", "sigmoid"):
            places = [place for place in quiet if self.kinds[place] == kind and place not in told]
            if not places:
                continue
            names = tuple(dict.fromkeys(unit_name(name(parameters[place])) for place in places))
            units = sum(1 for place in self.streaks if self.kinds[place] == kind)
            streak = min(self.streaks[place] for place in places)
            samples = self.samples[places[0]]
            found.append(
                UnitsDead(names=names, units=units, samples=samples, passes=streak)
                if kind == "relu"
                else UnitsSaturated(kind=kind, names=names, units=units, samples=samples, passes=streak)
            )
        return found

    def _by_layer(
        self, layers: Layers | None, parameters: list[Value], name: Callable[[Value], str]
    ) -> dict[str, list[int]]:
        """Return the units, by their places, of each layer and kind; nothing where the layers are not known."""
        if layers is None:
            return {}
        titles = layer_names(layers, [name(p) for p in parameters])
        groups: dict[str, list[int]] = {}
        for place in self.streaks:
            layer = layers.of.get(place)
            if layer is not None:
                groups.setdefault(titles[layer], []).append(place)
        return {
            title: members for title, members in groups.items() if len({self.kinds[place] for place in members}) == 1
        }

    def _is_stuck(self, first_loss: float) -> bool:
        before, now = self.losses[0], self.losses[-1]
        if not (math.isfinite(before) and math.isfinite(now)):
            return False
        return now >= before - STUCK_FALL * abs(before) and abs(now) >= STUCK_ABOVE * abs(first_loss)


class LayerGradients:
    """Compares the gradients of the first layer with those of the last, pass by pass."""

    def __init__(self) -> None:
        self.passes = 0
        self.vanished = 0
        self.exploded = 0
        self.vanishing: tuple[int, float, float] | None = None
        self.exploding: tuple[int, float, float, float] | None = None
        self.longest_vanished = 0
        self.longest_exploded = 0
        self.smallest = math.inf
        self.largest = 0.0
        self.heaviest = 0.0

    @property
    def wants_pass(self) -> bool:
        """Whether there were too few passes so far to judge."""
        return self.passes <= PASSES

    def accept(self, layers: Layers, gradients: list[float], numbers: list[float]) -> None:
        """Take in one more pass."""
        self.passes += 1
        if len(layers) < 3:
            return
        sizes = [_root_mean_square(gradients, layer) for layer in layers.places]
        last = sizes[-1]
        if not all(map(math.isfinite, sizes)) or not last > 0:
            self.vanished = 0
            return
        least = min(range(len(sizes) - 1), key=lambda i: sizes[i])
        most = max(range(len(sizes) - 1), key=lambda i: sizes[i])
        own = _root_mean_square(numbers, layers.places[most])
        self.smallest = min(self.smallest, sizes[least] / last)
        self.largest = max(self.largest, sizes[most] / last)
        self.heaviest = max(self.heaviest, sizes[most] / max(own, 1e-300))
        self.vanished = self.vanished + 1 if sizes[least] < VANISHED * last else 0
        grew = sizes[most] > EXPLODED * last and sizes[most] > 10 * own
        self.exploded = self.exploded + 1 if grew or sizes[most] > EXCESSIVE * max(own, 1e-300) else 0
        if self.vanished >= self.longest_vanished and self.vanished:
            self.longest_vanished, self.vanishing = self.vanished, (least, sizes[least], last)
        if self.exploded >= self.longest_exploded and self.exploded:
            self.longest_exploded, self.exploding = self.exploded, (most, sizes[most], last, own)

    def verdicts(self, layers: Layers, titles: list[str], dead: set[str]) -> list[Diagnosis]:
        """Return the diagnoses; a layer below one that is dead has been told already."""
        found: list[Diagnosis] = []
        if self.vanishing is not None and self.longest_vanished >= PASSES and not dead:
            i, size, last = self.vanishing
            found.append(
                GradientsVanish(
                    first=titles[i], last=titles[-1], first_size=size, last_size=last, passes=self.longest_vanished
                )
            )
        if self.exploding is not None and self.longest_exploded >= EXPLODING_PASSES:
            i, size, last, own = self.exploding
            found.append(
                GradientsExplode(
                    first=titles[i], last=titles[-1], first_size=size, last_size=last, numbers=own,
                    passes=self.longest_exploded,
                )
            )  # fmt: skip
        return found


EXPLODING_PASSES = 2  # after a few more the numbers are not finite any longer


def _is_left_alone(places: list[int], numbers: list[float], gradients: list[float]) -> bool:
    """Tell whether gradients are 0, or one multiple of the parameters, as a penalty on their squares makes them."""
    largest = max(places, key=lambda i: abs(numbers[i]))
    if not numbers[largest]:
        return not any(gradients[i] for i in places)
    multiple = gradients[largest] / numbers[largest]
    allowed = 1e-9 * abs(gradients[largest])
    return all(abs(gradients[i] - multiple * numbers[i]) <= allowed for i in places)


def _root_mean_square(numbers: list[float], places: list[int]) -> float:
    return math.sqrt(sum(numbers[i] * numbers[i] for i in places) / len(places))


def alike_units(
    layers: Layers, parameters: list[Value], numbers: list[float], titles: list[str], updates: int
) -> list[Diagnosis]:
    """Look for layers of which all units hold the same parameters."""
    found: list[Diagnosis] = []
    for title, units in zip(titles, layers.units, strict=True):
        contents = {tuple(numbers[place] for place in unit) for unit in units}
        if len(units) > 1 and len({tuple(unit) for unit in units}) == len(units) and len(contents) == 1:
            found.append(UnitsAlike(layer=title, units=len(units), updates=updates))
    return found
