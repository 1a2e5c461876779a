"""Where the parameters were while a model was trained, for the pictures that show it."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from slopewise.basics.arguments import number_of
from slopewise.drawing.given_numbers import given_entries, given_number
from slopewise.drawing.model_parameters import parameters_of
from slopewise.errors import DomainError, ShapeError

Snapshot = tuple[float, ...]


class TrainingPath:
    """A record of a model's parameters during training: one line in your own loop.

    Call it, or its `record`, once per step; what it holds draws the path on a loss surface (`plot_loss_surface`), the
    boundary while training (`animate_boundary`) and the run (`plot_training`).

    Args:
        model: A net, or anything with `parameters()`; or a list of Values.
        every: Keep the first of so many steps, and always the last; 1 keeps all.

    Attributes:
        names: The parameters' names.
        steps: For each snapshot, how many steps came before.
        snapshots: The parameters' numbers, a tuple per snapshot.
        losses: The losses given at the snapshots; empty when none was.
        accuracies: The accuracies given at the snapshots; empty when none was.

    Raises:
        NumberError: The model holds no Values.
        DomainError: It has no parameters, or `every` is below 1.

    Example:
        >>> import slopewise as sw
        >>> p = sw.Value(3.0, label="p")
        >>> path = sw.TrainingPath([p])
        >>> for _ in range(3):
        ...     loss = p * p
        ...     path.record(loss)
        ...     p.grad = 0
        ...     loss.backward()
        ...     p.data -= 0.25 * p.grad
        >>> path.snapshots, path.losses
        (((3.0,), (1.5,), (0.75,)), (9.0, 2.25, 0.5625))
    """

    def __init__(self, model: Any, *, every: int = 1) -> None:
        named = parameters_of(model, "TrainingPath()")
        if isinstance(every, bool) or not hasattr(every, "__index__") or every < 1:
            raise DomainError(f"TrainingPath(): every must be a whole number of at least 1, got {every!r}\ntry every=5")
        self.names: tuple[str, ...] = tuple(name for name, _ in named)
        self._parameters = [p for _, p in named]
        self._every = every
        self._count = 0
        self._rows: list[tuple[int, Snapshot, float | None, float | None]] = []
        self._has_extra = False

    def record(self, loss: Any = None, accuracy: Any = None) -> None:
        """Keep the parameters as they are now.

        Args:
            loss: The loss at these parameters, a number or a Value; give it always or never.
            accuracy: The accuracy at these parameters, from 0 to 1; likewise.

        Raises:
            ShapeError: A loss or an accuracy was given at other snapshots and is missing here, or the reverse.
            NumberError: It is no number.
        """
        row = (
            self._count,
            tuple(number_of(p, "TrainingPath: a parameter is") for p in self._parameters),
            None if loss is None else given_number(loss, "TrainingPath.record(): the loss is"),
            None if accuracy is None else given_number(accuracy, "TrainingPath.record(): the accuracy is"),
        )
        if self._rows:
            for name, now, before in (("loss", row[2], self._rows[0][2]), ("accuracy", row[3], self._rows[0][3])):
                if (now is None) != (before is None):
                    raise ShapeError(
                        f"TrainingPath.record(): {'no ' * (now is None)}{name} at step {self._count}, and "
                        f"{'none' if before is None else 'one'} at the first\ngive it at every step or at none"
                    )
        if self._has_extra:
            self._rows.pop()
        self._has_extra = self._count % self._every != 0
        self._rows.append(row)
        self._count += 1

    __call__ = record

    @property
    def steps(self) -> tuple[int, ...]:
        """For each snapshot, how many steps came before."""
        return tuple(row[0] for row in self._rows)

    @property
    def snapshots(self) -> tuple[Snapshot, ...]:
        """The parameters' numbers, a tuple per snapshot."""
        return tuple(row[1] for row in self._rows)

    @property
    def losses(self) -> tuple[float, ...]:
        """The losses given at the snapshots."""
        return tuple(row[2] for row in self._rows if row[2] is not None)

    @property
    def accuracies(self) -> tuple[float, ...]:
        """The accuracies given at the snapshots."""
        return tuple(row[3] for row in self._rows if row[3] is not None)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Snapshot]:
        return iter(self.snapshots)

    def __repr__(self) -> str:
        return f"<TrainingPath: {len(self)} snapshots of {len(self.names)} parameters>"


def given_snapshots(path: Any, count: int, where: str) -> tuple[Snapshot, ...]:
    """Return snapshots of `count` parameters: those of a `TrainingPath`, or lists of numbers in the parameters' order.

    Raises:
        DomainError: There are none, or one holds a number that is not finite.
        ShapeError: One has more or fewer numbers than there are parameters.
    """
    entries = given_entries(path, f"{where}: path")
    if not entries:
        raise DomainError(f"{where}: the path is empty\nrecord at least one snapshot: path.record() in the loop")
    snapshots: list[Snapshot] = []
    for i, entry in enumerate(entries):
        items: Sequence[Any] = (
            list(entry.values()) if hasattr(entry, "values") else given_entries(entry, f"{where}: path[{i}]")
        )
        if len(items) != count:
            raise ShapeError(
                f"{where}: path[{i}] has {len(items)} numbers, and there are {count} parameters\n"
                f"a snapshot is [p.data for p in parameters], in their order"
            )
        numbers = tuple(given_number(item, f"{where}: path[{i}] holds") for item in items)
        for k, number in enumerate(numbers):
            if not math.isfinite(number):
                raise DomainError(
                    f"{where}: path[{i}][{k}] is {number!r}\nleave out what came after the run broke down"
                )
        snapshots.append(numbers)
    return tuple(snapshots)
