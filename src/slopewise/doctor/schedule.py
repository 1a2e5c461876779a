"""Which passes are looked at closely, so that a watch takes only a small share of the loop's own time."""

FIRST = 2  # passes that are looked at in any case
SHARE = 0.005  # of the loop's own time, for looks after these
CHEAP = 0.001  # seconds: looks at a small graph, of which
SMALL = 1000  # nodes, or of one of so many, however busy the machine is,
MANY = 100  # so many are made whatever the loop's own time is

FEW = 100  # parameters: so few are followed assignment by assignment all the time; of more,
FULL = 12  # so many stretches between passes at the beginning, and then
EVERY = 8  # one in so many


class Schedule:
    """A budget of time: what was spent on looking, beside what the loop took.

    The first looks learn more than the later ones, once and for all; they are counted at the later ones' price.

    Attributes:
        own: Seconds that the loop itself took.
        spent: Seconds that looking took.
        looks: How many passes were looked at.
        price: What the cheapest look took.
        nodes: How large the latest graph was that was looked at.
    """

    def __init__(self) -> None:
        self.own = 0.0
        self.spent = 0.0
        self.looks = 0
        self.price = float("inf")
        self.nodes = SMALL
        self._first = FIRST

    def allows(self) -> bool:
        """Tell whether one more look fits the budget."""
        is_cheap = self.price < CHEAP or self.nodes < SMALL
        if self.looks < self._first or (is_cheap and self.looks < self._first + MANY):
            return True
        return self.spent + self.price <= SHARE * self.own

    def charge(self, seconds: float) -> None:
        """Note what a look took."""
        self.looks += 1
        self.price = min(self.price, seconds)
        self.spent += self.price

    def may_rest(self, parameters: int, followed: int, passes: int) -> bool:
        """Tell whether the stretch after a pass need not be followed assignment by assignment.

        Args:
            parameters: How many there are.
            followed: How many stretches in a row were followed, and nothing was wrong with them.
            passes: How many passes there were.
        """
        return parameters > FEW and followed >= FULL and passes % EVERY != 0

    def renew(self) -> None:
        """Grant the first looks once more, to a new training."""
        self._first = self.looks + FIRST
