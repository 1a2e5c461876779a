"""`Optimiser`: the loop over parameters around an update rule of single numbers."""

import copy
import difflib
import inspect
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Self

from slopewise.engine import LectureValue, Value
from slopewise.errors import CheckpointError, DomainError, NumberError
from slopewise.optim.memory import Cell, is_traced
from slopewise.optim.targets import listed, number_of

State = tuple[float, ...]
Rates = tuple[float, ...]


class Optimiser(ABC):
    """A rule that changes parameters, given their gradients; subclass it for a rule of your own.

    The rule is `update`, a function of single floats: `(p, g, state, rates) -> (p, state)`. `state` is what the rule
    remembers of one parameter, with a 0.0 for each of `state_names` at first. `rates` are the numbers that are the same
    for all parameters in one step, made by `rates()` from the learning rate and the count of steps. Written so, without
    branches on p and g, one rule serves a loop over Values and a compiled step (`sw.compile`) alike: the count of
    steps, the learning rate and what is remembered go on from call to call; other settings are frozen by the trace.

    Args:
        parameters: Values, or a net; None if they are given to `step`.
        lr: The learning rate: a number, 0 or more, or a schedule, which is called with the number of steps done before.
        settings: The rule's other numbers; each becomes an attribute and is part of `state_dict`.

    Attributes:
        lr: The learning rate or schedule; assign to change it.
        steps: How many steps were done.
        parameters: The parameters given, or None.

    Raises:
        DomainError: The learning rate is negative or not finite, or the parameters are empty or repeated.
        NumberError: A parameter is no Value.

    Example:
        >>> import math
        >>> from slopewise import Value
        >>> from slopewise.optim import Optimiser
        >>> class SignDescent(Optimiser):
        ...     '''Moves each parameter by the learning rate, whatever the size of its gradient.'''
        ...     def update(self, p, g, state, rates):
        ...         (lr,) = rates
        ...         return p - lr * math.copysign(1.0, g), state
        >>> p = Value(3.0)
        >>> opt = SignDescent([p], lr=0.5)
        >>> (p * p).backward()
        >>> opt.step()
        >>> p.data
        2.5
    """

    state_names: ClassVar[tuple[str, ...]] = ()

    def __new__(cls, *_: Any, **given: Any) -> Self:
        """Make an optimiser; a setting that the rule does not have is answered with the nearest one."""
        if given:
            _check_names(cls, given)
        return super().__new__(cls)

    def __init__(self, parameters: Any = None, lr: Any = 0.01, **settings: Any) -> None:
        self._steps = Cell(0)
        self._rate = Cell(0.0)  # the learning rate, if it is a number
        self.lr = lr
        self._settings = tuple(settings)
        for name, setting in settings.items():
            setattr(self, name, setting)
        self.check_settings()
        self._records: dict[Any, tuple[int, State]] = {}
        self._cells: dict[Any, tuple[Cell, ...]] = {}  # of the parameters that a traced step has changed
        self._latest: list[Any] = []
        self._loaded: list[tuple[int, State]] | None = None
        self.parameters: list[Any] | None = None
        if parameters is not None:
            self.parameters = self._latest = listed(parameters, type(self).__name__)

    @abstractmethod
    def update(self, p: float, g: float, state: State, rates: Rates) -> tuple[float, State]:
        """Return a parameter's next value and what to remember of it.

        Args:
            p: The parameter.
            g: Its gradient.
            state: A float for each of `state_names`, 0.0 at first.
            rates: What `rates()` returned for this step.
        """

    def rates(self, lr: float, t: int) -> Rates:
        """Return the numbers that all parameters share in one step.

        Args:
            lr: The learning rate of this step.
            t: Which step of the parameter it is, from 1.
        """
        return (lr,)

    def check_settings(self) -> None:  # noqa: B027, a subclass without settings has nothing to check
        """Raise for settings that are out of range; called when they are given and when a state is loaded."""

    # ------------------------------------------------------------------ stepping

    @property
    def lr(self) -> Any:
        """The learning rate, or the schedule that gives it; assign to change it.

        Raises:
            DomainError: The number assigned is negative or not finite.
            NumberError: It is neither a number nor a function.

        Example:
            >>> from slopewise.optim import SGD
            >>> opt = SGD(lr=0.1)
            >>> opt.lr = 0.01
            >>> opt
            SGD(lr=0.01, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False, maximize=False)
        """
        return self._lr if callable(self._lr) else self._rate.get()

    @lr.setter
    def lr(self, rate: Any) -> None:
        if not callable(rate):
            rate = checked_rate(rate, type(self).__name__)
            self._rate.set(rate)
        self._lr = rate

    @property
    def steps(self) -> int:
        """How many steps were done."""
        return whole(self._steps.get())

    @steps.setter
    def steps(self, count: int) -> None:
        self._steps.set(count)

    @property
    def current_lr(self) -> float:
        """The learning rate of the next step, as a number.

        Raises:
            DomainError: The schedule gave a rate that is negative or not finite.

        Example:
            >>> from slopewise.optim import SGD, Linear
            >>> SGD(lr=Linear(1.0, 0.1, steps=100)).current_lr
            1.0
        """
        if callable(self._lr):
            return checked_rate(self._lr(self.steps), type(self).__name__, f" at step {self.steps}, from {self._lr!r}")
        rate: float = self._rate.get()
        return rate

    def step(self, parameters: Any = None) -> None:
        """Change every parameter once; if anything fails, none.

        A parameter that no backward pass reached has the gradient 0, and is treated so: momentum still moves it.

        Args:
            parameters: Values, or a net; those given at the start if None.

        Raises:
            DomainError: There are no parameters, one is repeated or no leaf, or the schedule gave a bad rate.
            NumberError: A parameter is no Value, or its data or gradient is no real number.

        Example:
            >>> from slopewise import Value
            >>> from slopewise.optim import SGD
            >>> p = Value(1.0)
            >>> (p * p).backward()
            >>> SGD(lr=0.25).step([p])
            >>> p.data
            0.5
        """
        chosen = self._chosen(parameters)
        lr = self.current_lr
        records = self._given_records(chosen)
        start = (0, (0.0,) * len(self.state_names))
        rates_at: dict[int, Rates] = {}
        who = type(self).__name__
        changes = []
        for i, p in enumerate(chosen):
            t, state = self._recalled(p, records, start)
            t += 1
            rates = None if is_traced() else rates_at.get(t)
            if rates is None:
                rates = self.rates(lr, t)
                if not is_traced():
                    rates_at[t] = rates
            number, state = self.update(number_of(p, "data", i, who), number_of(p, "grad", i, who), state, rates)
            changes.append((p, number, (t, state)))
        for p, number, record in changes:
            p.data = number
            self._remember(p, record, records)
        self._records = records
        self._loaded = None
        self._latest = chosen
        self.steps += 1

    def zero_grad(self, parameters: Any = None) -> None:
        """Set the gradient of every parameter to 0, as before each new backward pass.

        Args:
            parameters: Values, or a net; those given at the start, or to the latest `step`, if None.

        Raises:
            DomainError: There are no parameters.

        Example:
            >>> from slopewise import Value
            >>> from slopewise.optim import SGD
            >>> p = Value(1.0)
            >>> (p * p).backward()
            >>> SGD([p], lr=0.1).zero_grad()
            >>> p.grad
            0
        """
        for p in self._chosen(parameters, self._latest):
            p.grad = 0.0 if isinstance(p, LectureValue) else 0

    def _recalled(self, p: Any, records: dict[Any, tuple[int, State]], start: tuple[int, State]) -> tuple[int, State]:
        """Return the count of a parameter's steps, and what is remembered of it."""
        cells = self._cells.get(p)
        if cells is None:
            t, state = records.get(p, start)
            if not is_traced():
                return t, state
            cells = self._cells[p] = tuple(Cell(number) for number in (t, *state))
        t, *rest = [cell.get() for cell in cells]
        return whole(t), tuple(rest)

    def _remember(self, p: Any, record: tuple[int, State], records: dict[Any, tuple[int, State]]) -> None:
        cells = self._cells.get(p)
        if cells is None:
            records[p] = record
            return
        for cell, number in zip(cells, (record[0], *record[1]), strict=True):
            cell.set(number)

    def _chosen(self, parameters: Any, otherwise: list[Any] | None = None) -> list[Any]:
        if parameters is not None:
            if self._latest and isinstance(parameters, list) and parameters == self._latest:
                return self._latest  # checked before
            return listed(parameters, type(self).__name__)
        chosen = self.parameters or otherwise
        if not chosen:
            who = type(self).__name__
            raise DomainError(
                f"{who} was given no parameters\n"
                f"give them at the start, {who}(net.parameters(), lr=…), or to each step, opt.step(net.parameters())"
            )
        return chosen

    # ------------------------------------------------------------------ saving

    def state_dict(self) -> dict[str, Any]:
        """Return all that is needed to go on later: plain numbers, strings, lists and dicts, fit for JSON.

        The parameters themselves are not in it, only what is remembered of each, in their order.

        Example:
            >>> from slopewise import Value
            >>> from slopewise.optim import SGD
            >>> p = Value(1.0)
            >>> (p * p).backward()
            >>> opt = SGD([p], lr=0.25, momentum=0.5)
            >>> opt.step()
            >>> opt.state_dict()["parameters"]
            [{'t': 1, 'momentum': 2.0}]
        """
        settings = {name: getattr(self, name) for name in self._settings}
        if not callable(self._lr):
            settings = {"lr": self.lr, **settings}
        start = (0, (0.0,) * len(self.state_names))
        if self._loaded is not None and not self._latest:
            remembered = self._loaded
        else:
            records = self._given_records(self._latest)
            remembered = [self._recalled(p, records, start) for p in self._latest]
        return {
            "optimiser": type(self).__name__,
            "steps": self.steps,
            "settings": {name: list(s) if isinstance(s, tuple) else s for name, s in settings.items()},
            "parameters": [{"t": t, **dict(zip(self.state_names, state, strict=True))} for t, state in remembered],
        }

    def load_state_dict(self, state: Any) -> None:
        """Go on from a `state_dict`: count of steps, settings, and what is remembered of each parameter, by position.

        A learning rate that is a schedule here stays; the steps done tell it where to go on.

        Args:
            state: What `state_dict` returned, perhaps by way of a file.

        Raises:
            CheckpointError: It is damaged, or of another kind of optimiser, or of another number of parameters; nothing
                is changed then.
            DomainError: A setting is out of its range; nothing is changed then either.

        Example:
            >>> from slopewise import Value
            >>> from slopewise.optim import Adam
            >>> p = Value(1.0)
            >>> opt = Adam([p], lr=0.1)
            >>> opt.step()
            >>> other = Adam([p])
            >>> other.load_state_dict(opt.state_dict())
            >>> other.lr, other.steps
            (0.1, 1)
        """
        who = type(self).__name__
        if not isinstance(state, Mapping) or not {"optimiser", "steps", "settings", "parameters"} <= set(state):
            raise CheckpointError(
                f"{who}: this is no state of an optimiser: {_clipped(state)}\ntake one from state_dict()"
            )
        if state["optimiser"] != who:
            raise CheckpointError(f"{who}: this is the state of {state['optimiser']}\nload it into one of those")
        loaded = self._read_records(state["parameters"])
        if self._latest and len(loaded) != len(self._latest):
            raise CheckpointError(
                f"{who}: the state remembers {len(loaded)} parameters, and there are {len(self._latest)}\n"
                f"build the net as it was when the state was taken"
            )
        steps = state["steps"]
        if isinstance(steps, bool) or not isinstance(steps, int) or steps < 0:
            raise CheckpointError(f"{who}: the state's count of steps is {steps!r}, a whole number from 0 is needed")
        settings = self._read_settings(state["settings"])
        for name, setting in settings.items():
            if name != "lr" or not callable(self._lr):
                setattr(self, name, setting)
        self.steps = steps
        if self._latest:
            self._records = dict(zip(self._latest, loaded, strict=True))
            for p, record in zip(self._latest, loaded, strict=True):
                self._remember(p, record, self._records)
        else:
            self._records, self._loaded = {}, loaded

    def _given_records(self, parameters: Sequence[Any]) -> dict[Any, tuple[int, State]]:
        """Return what is remembered; a state that was loaded before the parameters were known goes to them now."""
        if self._loaded is None:
            return self._records
        if len(self._loaded) != len(parameters):
            raise CheckpointError(
                f"{type(self).__name__}: the state that was loaded remembers {len(self._loaded)} parameters, "
                f"and there are {len(parameters)}\nbuild the net as it was when the state was taken"
            )
        return dict(zip(parameters, self._loaded, strict=True))

    def _read_records(self, given: Any) -> list[tuple[int, State]]:
        wanted = {"t", *self.state_names}
        records = []
        if not isinstance(given, Sequence):
            raise CheckpointError(
                f"{type(self).__name__}: the state's parameters are {_clipped(given)}, a list is needed"
            )
        for i, entry in enumerate(given):
            if not isinstance(entry, Mapping) or set(entry) != wanted:
                raise CheckpointError(
                    f"{type(self).__name__}: what the state remembers of parameter {i} is {_clipped(entry)}\n"
                    f"a number for each of {', '.join(sorted(wanted))} is needed"
                )
            try:
                records.append((int(entry["t"]), tuple(float(entry[name]) for name in self.state_names)))
            except (TypeError, ValueError) as error:
                raise CheckpointError(f"{type(self).__name__}: parameter {i} of the state: {error}") from error
        return records

    def _read_settings(self, given: Any) -> dict[str, Any]:
        known = ("lr", *self._settings)
        if not isinstance(given, Mapping):
            raise CheckpointError(
                f"{type(self).__name__}: the state's settings are {_clipped(given)}, a dict is needed"
            )
        for name in given:
            if name not in known:
                near = difflib.get_close_matches(str(name), known, 1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise CheckpointError(f"{type(self).__name__}: the state has an unknown setting {name!r}{hint}")
        settings = {name: tuple(s) if isinstance(s, list) else s for name, s in given.items()}
        probe = copy.copy(self)  # raises for settings out of range, before anything changes
        for name, setting in settings.items():
            setattr(probe, name, setting)
        probe.check_settings()
        return settings

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={getattr(self, name)!r}" for name in ("lr", *self._settings))
        return f"{type(self).__name__}({settings})"


def _check_names(kind: type, given: Mapping[str, Any]) -> None:
    every = list(inspect.signature(kind.__init__).parameters.values())[1:]  # type: ignore[misc]
    if any(p.kind is p.VAR_KEYWORD for p in every):
        return
    known = [p.name for p in every]
    for name in given:
        if name not in known:
            elsewhere = {"learning_rate": "lr", "rate": "lr", "alpha": "lr", "params": "parameters"}.get(name, name)
            near = difflib.get_close_matches(elsewhere, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
            raise TypeError(f"{kind.__name__} has no setting {name!r}\n{hint}")


def whole(count: Any) -> int:
    """Return a count as an int; a traced one as it is: it passes for an int, and `int` would ask it for its number."""
    return count if is_traced() else int(count)


def checked_rate(rate: Any, who: str, where: str = "") -> float:
    """Return a learning rate as a float.

    Raises:
        NumberError: It is no number.
        DomainError: It is negative, nan or infinite.
    """
    if is_traced() and isinstance(rate, Value):
        rate = rate.data
    if is_traced() and hasattr(rate, "__slopewise_apply__"):
        traced: float = rate
        return traced
    try:
        number = float(rate)
    except (TypeError, ValueError):
        raise NumberError(f"{who}: the learning rate{where} is {rate!r}, a number or a schedule is needed") from None
    if not 0 <= number < math.inf:
        raise DomainError(
            f"{who}: the learning rate{where} is {number!r}, it must be 0 or more, and finite\n"
            f"to climb instead of descend, negate the loss, or give maximize=True where there is that setting"
        )
    return number


def checked_setting(who: str, name: str, number: Any, is_allowed: Callable[[float], bool], needed: str) -> None:
    """Raise unless a setting is in its range.

    Raises:
        NumberError: It is no number.
        DomainError: It is outside.
    """
    if isinstance(number, (str, bytes)) or not hasattr(number, "__float__"):
        raise NumberError(f"{who}: {name}={number!r} is no number")
    if not is_allowed(number):
        raise DomainError(f"{who}: {name}={number!r} must be {needed}")


def _clipped(x: Any) -> str:
    text = repr(x)
    return text if len(text) <= 60 else text[:57] + "..."
