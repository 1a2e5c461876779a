"""The watch's memory: takes in passes and what lies between them, and turns it into diagnoses at the end."""

import math
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from time import perf_counter
from types import FrameType
from typing import Any

from slopewise.doctor.broken_numbers import broken_gradient, broken_value
from slopewise.doctor.descent import Descent
from slopewise.doctor.diagnosis import LEVELS, Diagnosis
from slopewise.doctor.float_of import as_float
from slopewise.doctor.graph_mistakes import GradientLost
from slopewise.doctor.layers import Layers, layer_names, layers_of
from slopewise.doctor.ledger import Ledger, Segment
from slopewise.doctor.loop_mistakes import BackwardNotRun, ParameterReplaced
from slopewise.doctor.naming import Namebook
from slopewise.doctor.own_steps import OwnSteps
from slopewise.doctor.readings import Readings
from slopewise.doctor.repeated_updates import RepeatedUpdates, compressed
from slopewise.doctor.replacing import MOST_NODES, PASSES, Replacing
from slopewise.doctor.same_graph import SameGraph
from slopewise.doctor.schedule import Schedule
from slopewise.doctor.source_lines import Code, code_of, place
from slopewise.doctor.targets import unreachable_targets
from slopewise.doctor.units import LayerGradients, Units, alike_units
from slopewise.doctor.unused import unused_parameters
from slopewise.doctor.zeroing import Zeroing
from slopewise.engine import Value, sources
from slopewise.engine.census import activity, census
from slopewise.engine.modes import user_frame
from slopewise.engine.value import is_made, number_of, was_written

LOOKS_FOR_TARGETS = 2
LOOKS_FOR_LAYERS = 3
NAMED_AT_ONCE = 100  # leaves


class Recorder:
    """What one watch knows.

    Args:
        model: The model in whose places parameters are named; found among the variables if not given.
        file: The file that trains, as far as it is known before the first pass.
    """

    def __init__(self, model: Any = None, file: str = "") -> None:
        self.names = Namebook(model)
        self.ledger = Ledger()
        self.schedule = Schedule()
        self.descent = Descent()
        self.zeroing = Zeroing()
        self.same_graph = SameGraph()
        self.readings = Readings()
        self.repeated = RepeatedUpdates()
        self.replacing = Replacing()
        self.units = Units()
        self.layer_gradients = LayerGradients()
        self.own_steps = OwnSteps()
        self.layers: Layers | None = None
        self.single: list[Diagnosis] = []  # found at a look, and final
        self.archived: list[Diagnosis] = []  # of trainings that are over
        self.trainings = 1
        self.file = file  # the file that calls backward()
        self.line = 0  # where that is; before the first pass, where the watch began
        self.pass_line = ""
        self.held: list[Any] = []  # events that were taken in before the pass that ends their segment
        self._attempts = {"layers": 0, "targets": 0}
        self._broken: Diagnosis | None = None
        self._lines = ExitStack()
        self._records_lines = False
        self._segment_before: Segment | None = None
        self.is_resting = False  # whether the stretch to the next pass goes unfollowed
        self._followed = 0
        self._resumed = perf_counter()

    # ------------------------------------------------------------------ during the loop

    def passed(self, root: Value, events: list[Any]) -> None:
        """Take in a backward pass that has just ended, and the events before it."""
        now = perf_counter()
        self.schedule.own += now - self._resumed
        if self.held:
            events = [*self.held, *events]
            self.held = []
        number = self.descent.passes + 1
        if number == 1:
            self._note_caller()
            segment = None
        else:
            segment = self._unfollowed(number) if self.is_resting else self._segment(events, number)
        self._segment_before = segment
        loss = as_float(number_of(root))
        self.same_graph.accept(root, segment, number)
        is_finite = math.isfinite(loss) and math.isfinite(sum(self.ledger.gradients))
        self.descent.add_pass(loss, is_finite)
        trouble = not is_finite and self._broken is None
        wanted = trouble or self._records_lines or self.ledger.has_newcomers or self.units.wants_look
        looks = self.schedule.looks
        if wanted or self.schedule.allows():
            began = perf_counter()
            self._look(root, number, loss, is_finite)
            self.schedule.charge(perf_counter() - began)
        else:
            self.readings.lines.clear()  # they may hold graphs
        if not wanted and self.units.streaks and looks == self.schedule.looks:
            self.units.accept_gradients(self.layers, self.ledger.numbers, self.ledger.gradients, loss)
        if self.layers is not None and (looks < self.schedule.looks or self.layer_gradients.wants_pass):
            self.layer_gradients.accept(self.layers, self.ledger.gradients, self.ledger.numbers)
        self._followed = self._followed + 1 if self.zeroing.is_clean and not self.ledger.has_newcomers else 0
        followed, parameters = self._followed, len(self.ledger.parameters) if self.ledger.is_settled else 0
        self.is_resting = self.schedule.may_rest(parameters, followed, number)
        self._resumed = perf_counter()

    def take_in(self, events: list[Any]) -> None:
        """Keep events whose segment has not ended yet; of very many only what matters."""
        self.repeated.accept(events, self.descent.passes)
        self.held = compressed([*self.held, *events])

    def finish(self, events: list[Any], scope: dict[str, Any] | None = None) -> None:
        """Take in what came after the last pass, and look names up while the caller's variables are there."""
        self.take_in(events)
        self._lines.close()
        self.readings.is_listening = False
        if self.descent.passes:
            if self.is_resting:
                self._unfollowed(0)
            else:
                self._segment(self.held, 0)
            self.held = []
        if scope is not None:
            self.names.add(scope)
        self.look_up_names(user_frame())

    def look_up_names(self, frame: FrameType | None) -> None:
        """Look up the names of everything that may be spoken of."""
        nodes = [*self.ledger.parameters, *[node for what, node, *_ in self.held if what == "data"]]
        self.names.look_up_remembered(nodes)
        self.names.look_up(nodes, frame)

    def _segment(self, events: list[Any], number: int) -> Segment:
        was_settled = self.ledger.is_settled
        segment = self.ledger.close_segment(events, number)
        if segment.assigned:
            self.repeated.accept(events, self.descent.passes, segment.assigned)
            self.descent.add_update(segment)
            if not was_settled:
                self.names.remember(user_frame())
        self.zeroing.accept(segment)
        if self.ledger.has_resting:
            self._begin_training()
        return segment

    def _unfollowed(self, number: int) -> Segment:
        segment = self.ledger.close_unfollowed(number)
        if segment.changed:
            self.descent.add_update(segment)
        if not segment.changed or segment.gradients == segment.start:
            self._followed = 0  # no update, or a pass of something else: follow what comes
        return segment

    def _note_caller(self) -> None:
        frame = user_frame()
        if frame is not None:
            self.file = frame.f_code.co_filename
            self.line = frame.f_lineno
            self.pass_line = place(self.file, self.line)
            self.names.remember(frame)

    def _begin_training(self) -> None:
        """Close the books of parameters that have come to rest while others are updated: a new training has begun."""
        self.names.look_up_remembered(self.ledger.parameters)
        self.archived += [*self._net_verdicts(), *self._unused(set())]
        self.ledger.drop_resting()
        self.layers = None
        self.units = Units()
        self.layer_gradients = LayerGradients()
        self._attempts["layers"] = 0
        self.schedule.renew()
        self.trainings += 1
        self.names.remember(user_frame())

    def _look(self, root: Value, number: int, loss: float, is_finite: bool) -> None:
        count, activations, leaves, own, broken, stale = census(root)
        self.schedule.nodes = count
        ledger = self.ledger
        ledger.track(leaves)
        if number == 1:
            is_finite = is_finite and math.isfinite(sum(ledger.gradients))
            if len(leaves) <= NAMED_AT_ONCE:  # before a parameter can be replaced, and its name with it
                self.names.look_up(leaves, user_frame())
        if self.readings.is_listening:
            self.readings.close(root, count, self.name_now, ledger.reached, number)
        self.readings.bare_roots += not is_made(root)
        if not is_finite or broken:
            self._look_at_broken(root, broken, number)
        if own:
            self.own_steps.examine(own, self.name_now)
        if stale:
            self.same_graph.examine(stale, number, self._segment_before)
        if self._attempts["targets"] < LOOKS_FOR_TARGETS:
            self._attempts["targets"] += 1
            self._look_for_targets(root)
        if not ledger.is_settled:
            if count <= MOST_NODES:
                self.replacing.accept(root)
            return
        if self.layers is None and activations and self._attempts["layers"] < LOOKS_FOR_LAYERS:
            self._attempts["layers"] += 1
            self.layers = layers_of(root, ledger.places)
        if activations:
            self.units.accept(activity(activations, ledger.places), loss)

    def _look_at_broken(self, root: Value, broken: list[Value], number: int) -> None:
        first = self._broken
        if first is None or (not first.line and self._records_lines):
            found = broken_value(broken, number, self.name_now) or broken_gradient(root, number, self.name_now)
            if first is None:
                self._broken = found
            elif found is not None and found.line and type(found) is type(first):
                self._broken = replace(first, line=found.line)
        if self._records_lines:
            self._lines.close()
            self._records_lines = False
        elif first is None and self._broken is not None and not self._broken.line:
            self._lines.enter_context(sources())  # the next graph will know its lines
            self._records_lines = True

    def _look_for_targets(self, root: Value) -> None:
        found = unreachable_targets(root)
        if found is not None:
            self.single.append(found)
            self._attempts["targets"] = LOOKS_FOR_TARGETS

    def name_now(self, node: Value) -> str:
        """Return the name of a node while the code that holds it runs, or ""."""
        return self.names.look_up_once(node, user_frame())

    # ------------------------------------------------------------------ at the end

    def name(self, node: Value) -> str:
        """Return the name of a node; a parameter that has none is told by its place."""
        given = self.names.given(node)
        if given:
            return given
        position = self.ledger.places.get(node)
        return "a leaf" if position is None else f"parameter {position + 1}"

    def diagnoses(self) -> tuple[Diagnosis, ...]:
        """Return what was found, mistakes first."""
        code = code_of(self.file)
        found = [*self.single]
        found += self.zeroing.verdicts(self.name, self.pass_line)
        found += self.same_graph.verdicts(self.name, self.pass_line)
        found += self.descent.verdicts(code.maximises, self._line(code.updates))
        found += self.repeated.verdicts(self.name, self.descent.updates, bool(code.updates), self._line(code.updates))
        found += self.own_steps.verdicts()
        found += self._missing_updates(code)
        found += self._lost_gradients()
        told = {d.code for d in self.archived}
        found += {d.code: d for d in reversed(self.archived)}.values()  # of several trainings, the first that shows it
        found += [d for d in self._net_verdicts() if d.code not in told]
        if self._broken is not None:
            found.append(self._broken)
        return tuple(sorted(found, key=lambda d: (LEVELS.index(d.level), d.code)))

    def _line(self, lines: list[int]) -> str:
        """Return the line that comes soonest after that of the first pass, or the nearest before it."""
        if not lines:
            return ""
        return place(self.file, min(lines, key=lambda line: (line < self.line, abs(line - self.line))))

    def _missing_updates(self, code: Code) -> list[Diagnosis]:
        if not self.descent.passes:
            return self._backward_not_run(code)
        if self.ledger.is_settled:
            return []
        if self.replacing.growth >= PASSES - 1 and self.replacing.leaf is not None:
            return [
                ParameterReplaced(
                    name=self._leaf_name(self.replacing.leaf),
                    passes=self.descent.passes,
                    links=self.replacing.links,
                    line=self._line(code.replacements),
                )
            ]
        moved = next((p for p, g in zip(self.ledger.parameters, self.ledger.gradients, strict=True) if g), None)
        if code.replacements and self.descent.equal == self.descent.passes >= PASSES and moved is not None:
            return [
                ParameterReplaced(
                    name=self._leaf_name(moved),
                    passes=self.descent.passes,
                    loss=self.descent.last_loss,
                    line=self._line(code.replacements),
                )
            ]
        return []

    def _leaf_name(self, leaf: Value) -> str:
        self.names.look_up_remembered([leaf])
        return self.names.given(leaf) or "a leaf"

    def _backward_not_run(self, code: Code) -> list[Diagnosis]:
        assigned: dict[Value, int] = {}
        for what, node, before, after in self.held:
            if what == "data" and not is_made(node):
                if node.grad or after != before:
                    return []
                assigned[node] = assigned.get(node, 0) + 1
        if not assigned:
            return []
        uncalled = self._line(code.uncalled).partition(": ")[0]
        return [
            BackwardNotRun(
                names=tuple(self.names.given(p) or "a leaf" for p in assigned),
                assignments=self.repeated.assignments,
                uncalled=uncalled,
                line=self._line(code.uncalled or code.updates),
            )
        ]

    def _lost_gradients(self) -> list[Diagnosis]:
        ledger = self.ledger
        places = ledger.places
        is_parameter: Callable[[Value], bool] | None = places.__contains__ if ledger.is_settled else None
        found, told = self.readings.verdicts(self.name, is_parameter, self._is_reached)
        if not found and self.readings.bare_roots == self.descent.passes and ledger.is_settled:
            names = tuple(self.name(p) for p in ledger.parameters)
            loss = self.descent.first_loss
            found.append(
                GradientLost(what="", number=loss, names=names, passes=self.descent.passes, line=self.pass_line)
            )
            told |= set(ledger.parameters)
        if not any(d.code in ("SW208", "SW307") for d in self.archived):
            found += self._unused(told)
        return found

    def _unused(self, told: set[Value]) -> list[Diagnosis]:
        ledger = self.ledger
        if not ledger.is_settled:
            return []
        waiting = [
            p
            for p in ledger.parameters
            if p in ledger.judged and p not in told and p not in ledger.moved and not self._is_reached(p)
        ]
        return unused_parameters(waiting, ledger.parameters, self.name, self.descent.passes, self.descent.updates)

    def _is_reached(self, leaf: Value) -> bool:
        return leaf in self.ledger.reached or (was_written(leaf) and leaf.grad != 0)

    def _net_verdicts(self) -> list[Diagnosis]:
        ledger = self.ledger
        if not ledger.is_settled:
            return []
        found = self.units.verdicts(ledger.parameters, self.layers, self.name, self.descent.first_loss)
        if self.layers is not None:
            titles = layer_names(self.layers, [self.name(p) for p in ledger.parameters])
            dead = {d.code for d in found if d.code in ("SW203", "SW204")}
            found += self.layer_gradients.verdicts(self.layers, titles, dead)
            if self.descent.updates > 1:
                found += alike_units(self.layers, ledger.parameters, ledger.numbers, titles, self.descent.updates)
        return found
