"""`quiz(root)`: the gradients of a graph, or its values, as questions."""

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from slopewise.engine import Value
from slopewise.errors import DomainError
from slopewise.quizzes import quiz_page
from slopewise.quizzes.generator import make_exercise
from slopewise.quizzes.gradient_slips import gradient_slips
from slopewise.quizzes.hints import HINTS, gradient_hint, gradient_working, value_hint, value_working
from slopewise.quizzes.puzzle import rounded
from slopewise.quizzes.puzzle_reading import graph_of, puzzle_of
from slopewise.quizzes.replies import Hint, Reply, Score
from slopewise.quizzes.slips import Slip, in_words, is_same, matching
from slopewise.quizzes.typed_answers import read_answer
from slopewise.quizzes.value_slips import value_slips
from slopewise.stories.document import Document
from slopewise.views.graph import ShownGraph
from slopewise.views.names import Names

Blank = Literal["gradients", "values"]
_SUM = re.compile(r"[\d½¼¾)]\s*[-+−–]")
_ENDINGS = re.compile(r"\.(grad|data)$")


def quiz(
    root: Value | None = None,
    *,
    blank: Blank = "gradients",
    only: Iterable[str | Value] | None = None,
    names: Names | Mapping[str, Value] | None = None,
    level: int | None = None,
    seed: int | None = None,
) -> "Quiz":
    """Ask for the gradients of a graph, or for its values.

    Every wrong answer is compared with what common slips give: a contribution left out, a sign lost, factors swapped,
    the derivative of another function, and so on. The graph is not changed: gradients are computed afresh, no `.grad`
    is written.

    Args:
        root: The Value that the graph ends in; `backward()` need not have been called.
        blank: What is asked: "gradients", or "values" of all that was computed.
        only: Which nodes are asked, by name or Value; all if not given.
        names: What the nodes are called: Values by name, or what `slopewise.views` gives; the caller's variables
            and the labels if not given.
        level: Instead of a root: make an exercise of this level, 1 to 5.
        seed: Which exercise of that level; 0 if not given.

    Returns:
        The quiz; `answer`, `hint` and `show` play it.

    Raises:
        DomainError: `blank` is neither; a name is unknown; the graph holds nan or an infinity, or nothing to ask, or
            its data changed after it was built.
        NumberError: root is no Value, or the graph holds numbers that are not real.

    Example:
        >>> import slopewise as sw
        >>> a, b = sw.Value(-2.0), sw.Value(3.0)
        >>> d = a * b
        >>> e = a + b
        >>> f = d * e
        >>> q = sw.quiz(f)
        >>> q.answer("a", "3")
        not right: 3 is the contribution through d alone; the −6 through e is missing;
        `=` in place of `+=` does that too
        >>> q.answer("a", "-6 + 3")
        right: a.grad = 3 · 1 (through d) + 1 · (−6) (through e) = 3 − 6 = −3
    """
    if blank not in ("gradients", "values"):
        near = difflib.get_close_matches(str(blank), ["gradients", "values"], 1)
        hint = f"did you mean {near[0]!r}?" if near else "write blank='gradients' or blank='values'"
        raise DomainError(f"blank={blank!r} is unknown\n{hint}")
    if level is not None or seed is not None:
        if root is not None:
            raise DomainError(
                "a quiz is about a graph or a generated one, got both a root and a level or seed\nleave one out"
            )
        exercise = make_exercise(1 if level is None else level, 0 if seed is None else seed, blank=blank)
        root = exercise.build()
    elif root is None:
        raise DomainError("a quiz needs a graph\ngive the Value that it ends in, or a level: quiz(level=1, seed=0)")
    if names is not None and not isinstance(names, Names):
        given = dict(names)
        names = Names({id(value): name for name, value in given.items()})
    graph = graph_of(root, names)
    if graph.stale:
        raise DomainError(
            f"a quiz needs numbers that fit together, and these do not: {graph.stale[0].sentence}\n"
            "build the graph anew from the numbers of now, and ask again"
        )
    return Quiz(graph, blank, only, level, seed)


class Quiz:
    """The questions about one graph, and how far they are answered.

    Attributes:
        graph: The graph as it is shown.
        puzzle: The graph in plain numbers.
        blank: What is asked: "gradients" or "values".
        level: The level of a generated graph, else None.
        seed: The seed of a generated graph, else None.
    """

    def __init__(
        self,
        graph: ShownGraph,
        blank: Blank,
        only: Iterable[str | Value] | None = None,
        level: int | None = None,
        seed: int | None = None,
    ) -> None:
        self.graph = graph
        self.puzzle = puzzle = puzzle_of(graph)
        self.blank: Blank = blank
        self.level = level if seed is None else level or 1
        self.seed = seed if level is None else seed or 0
        self._names = {**puzzle.positions, **{node.name: node.position for node in graph.nodes}}
        if blank == "gradients":
            asked = list(puzzle.order)
        else:
            asked = [position for position, item in enumerate(puzzle.items) if not item.is_leaf]
        if not asked:
            raise DomainError(
                "there is no value to ask: the graph is a leaf\nask for gradients, or build something with it"
            )
        self._asked = asked
        self._replies: dict[int, list[Reply]] = {position: [] for position in asked}
        if only is not None:
            wanted = {self._position(name) for name in ([only] if isinstance(only, (str, Value)) else only)}
            self._asked = [position for position in asked if position in wanted]
            if not self._asked:
                raise DomainError("only=… names nothing that can be asked\nleave it out to be asked everything")
            self._replies = {position: [] for position in self._asked}
        self._hints = dict.fromkeys(self._asked, 0)
        self._closed: dict[int, str] = {}

    # ------------------------------------------------------------------ what is asked

    @property
    def blanks(self) -> tuple[str, ...]:
        """The names asked, in the order in which they are best answered."""
        return tuple(self.puzzle.items[position].name for position in self._asked)

    @property
    def remaining(self) -> tuple[str, ...]:
        """The names not answered yet."""
        return tuple(self.puzzle.items[position].name for position in self._asked if position not in self._closed)

    @property
    def finished(self) -> bool:
        """Whether every blank was answered right or shown."""
        return len(self._closed) == len(self._asked)

    @property
    def score(self) -> Score:
        """How it stands."""
        right = [position for position, how in self._closed.items() if how == "right"]
        first = [position for position in right if len(self._replies[position]) == 1 and not self._hints[position]]
        wrong = sum(not reply for replies in self._replies.values() for reply in replies)
        given = sum(min(count, HINTS) for count in self._hints.values())
        return Score(len(right), len(first), len(self._closed) - len(right), len(self._asked), given, wrong)

    # ------------------------------------------------------------------ playing

    def answer(self, name: str | Value, answer: Any) -> Reply:
        """Judge an answer: within 1e-3 of the right number, and 0 only by 0.

        Args:
            name: Which blank, by name or Value.
            answer: A number, or text: sums, products, fractions, powers, with `− × · ½` as typed; see
                `slopewise.quizzes.read_answer`.

        Returns:
            The reply: true when right. A wrong number that a known slip gives is told as such.

        Raises:
            AnswerError: The answer cannot be read; nothing is counted then.
            DomainError: The name is no blank of this quiz.
        """
        position = self._position(name)
        number = read_answer(answer, self.puzzle.items[position].name)
        right, scale = self._right(position)
        if is_same(number, right, scale):
            reply = Reply(self.puzzle.items[position].name, answer, number, True, self._working(position), ())
            if position not in self._closed:
                self._replies[position].append(reply)
                self._closed[position] = "right"
            return reply
        slips = matching(number, (slip for slip in self._slips(position) if not is_same(slip.number, right, scale)))
        if isinstance(answer, str) and _SUM.search(answer):  # who typed a sum did not take one contribution alone
            slips = tuple(sorted(slips, key=lambda slip: slip.code == "one-contribution"))
        sentence = in_words(slips)
        if (not slips or slips[0].tier > 1) and _is_close(number, right):
            sentence, slips = "it is close, but not within 0.1 %: give four digits, or the sum or fraction itself", ()
        shown_name = self.puzzle.items[position].name
        offer = f"hint({shown_name!r}) helps" if position not in self._closed else ""
        reply = Reply(shown_name, answer, number, False, sentence, slips, offer)
        if position not in self._closed:
            self._replies[position].append(reply)
        return reply

    def hint(self, name: str | Value | None = None) -> Hint:
        """Give the next hint: where to look, then which rule, then what to reckon; after three, the working.

        Args:
            name: Which blank; the first one that is open if not given.

        Raises:
            DomainError: The name is no blank of this quiz, or all are answered.
        """
        position = self._first_open() if name is None else self._position(name)
        item = self.puzzle.items[position]
        if position in self._closed:
            return Hint(item.name, HINTS + 1, self._working(position))
        self._hints[position] += 1
        level = self._hints[position]
        if level > HINTS:
            self._closed[position] = "shown"
            return Hint(item.name, level, self._working(position))
        told = gradient_hint if self.blank == "gradients" else value_hint
        return Hint(item.name, level, told(self.puzzle, position, level, self._is_known))

    def reveal(self, name: str | Value | None = None) -> tuple[Hint, ...]:
        """Show the working of one blank, or of all that are open.

        Args:
            name: Which blank; all that are open if not given.

        Returns:
            The workings; they count as shown, not as right.
        """
        if name is None:
            positions = [position for position in self._asked if position not in self._closed]
        else:
            positions = [self._position(name)]
        for position in positions:
            self._closed.setdefault(position, "shown")
        items = self.puzzle.items
        return tuple(Hint(items[position].name, HINTS + 1, self._working(position)) for position in positions)

    def slips(self, name: str | Value) -> tuple[Slip, ...]:
        """List the slips that an answer to a blank is compared with, without those that give the right number.

        Args:
            name: Which blank.
        """
        position = self._position(name)
        right, scale = self._right(position)
        return tuple(slip for slip in self._slips(position) if not is_same(slip.number, right, scale))

    # ------------------------------------------------------------------ showing

    def show(self) -> None:
        """Print the graph as lines of code, with what was found and `?` for what is open."""
        print(self.text())

    def page(self, calls: bool = True) -> Document:
        """Return the graph as a document, with `?` for what is open.

        Args:
            calls: Whether it says which call comes next.
        """
        return quiz_page.document(self, calls)

    def text(self, width: int = 88) -> str:
        """Return the graph as text, with `?` for what is open."""
        return self.page().text(width)

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return self.page().html()

    def to_dict(self, answers: bool = False) -> dict[str, Any]:
        """Return the quiz ready for `json.dumps`.

        Args:
            answers: Whether the right numbers, the hints and the workings of open blanks are in it too.
        """
        return quiz_page.as_dict(self, answers)

    # ------------------------------------------------------------------ inside

    def state_of(self, position: int) -> str:
        """Return how a node stands: "given", "open", "right" or "shown"."""
        return self._closed.get(position, "open") if position in self._replies else "given"

    def replies_to(self, position: int) -> tuple[Reply, ...]:
        """Return the replies to the answers given for a node, the first one first."""
        return tuple(self._replies[position])

    def hints_of(self, position: int) -> tuple[str, ...]:
        """Return all three hints of a node."""
        told = gradient_hint if self.blank == "gradients" else value_hint
        return tuple(told(self.puzzle, position, level, self._is_known) for level in range(1, HINTS + 1))

    def hints_left(self, name: str) -> int:
        """Return how many hints a blank has left."""
        return max(0, HINTS - self._hints[self._position(name)])

    def working_of(self, position: int) -> str:
        """Return how a node's number comes about."""
        return self._working(position)

    def right_number(self, position: int) -> float:
        """Return the right answer, at the 12 digits that all platforms agree on."""
        return rounded(self._right(position)[0])

    def _right(self, position: int) -> tuple[float, float]:
        """Return the right number, and the size of what it was added up from."""
        item = self.puzzle.items[position]
        if self.blank == "values":
            sizes = [abs(part.number) for part in item.parts] if item.operation in ("addition", "subtraction") else []
            return item.number, max([abs(item.number), *sizes])
        sizes = [abs(use.contribution) for use in self.puzzle.uses[position]]
        return item.gradient, max([abs(item.gradient), *sizes])

    def _slips(self, position: int) -> list[Slip]:
        wrong = {
            place: replies[-1].number
            for place, replies in self._replies.items()
            if replies and place != position and place not in self._closed
        }
        make = gradient_slips if self.blank == "gradients" else value_slips
        return make(self.puzzle, position, wrong)

    def _working(self, position: int) -> str:
        make = gradient_working if self.blank == "gradients" else value_working
        return make(self.puzzle, position)

    def _is_known(self, position: int) -> bool:
        return position not in self._replies or position in self._closed

    def _first_open(self) -> int:
        for position in self._asked:
            if position not in self._closed:
                return position
        raise DomainError("every blank is answered: no hint is left to give")

    def _position(self, name: str | Value) -> int:
        """Return which node is meant, and see that it is asked."""
        if isinstance(name, Value):
            position = self.graph.position(name)
            if position is None:
                raise DomainError(f"this Value is not in the graph of the quiz: {name!r}")
        else:
            text = str(name).strip()
            found = self._names.get(text, self._names.get(_ENDINGS.sub("", text)))
            if found is None:
                names = [item.name for item in self.puzzle.items]
                near = difflib.get_close_matches(text, names, 1)
                many = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
                raise DomainError(
                    f"the quiz has no {text!r}\n{f'did you mean {near[0]!r}?' if near else f'it has {many}'}"
                )
            position = found
        if position not in self._replies:
            item = self.puzzle.items[position]
            asked = ", ".join(self.blanks[:12]) + (", …" if len(self.blanks) > 12 else "")
            raise DomainError(f"{item.name} is not asked in this quiz\nasked are {asked}")
        return position


def _is_close(number: float, right: float) -> bool:
    """Tell whether an answer is the right one, reckoned with too few digits."""
    if not right or abs(number - right) > 0.06 * abs(right):
        return False
    return (
        abs(number - right) <= 0.005 * abs(right)
        or any(float(f"{right:.{digits}g}") == number for digits in (1, 2))
        or any(round(right, places) == number for places in range(4))
    )
