"""Which passes are looked at closely, so that a watch takes only a small share of the loop's own time."""

FIRST = 11  # passes that are looked at in any case: from the second on, ten in a row
SHARE = 0.01  # of the loop's own time, for looks after these
CHEAP = 0.001  # seconds: looks at a small graph, of which
MANY = 100  # so many are made whatever the loop's own time is


class Schedule:
    """A budget of time: what was spent on looking, beside what the loop took.

    The first looks learn more than the later ones, once and for all; they are counted at the later ones' price.

    Attributes:
        own: Seconds that the loop itself took.
        spent: Seconds that looking took.
        looks: How many passes were looked at.
        price: What the cheapest look took; the first ones find out more than the others.
    """

    def __init__(self) -> None:
        self.own = 0.0
        self.spent = 0.0
        self.looks = 0
        self.price = float("inf")
        self._first = FIRST

    def allows(self) -> bool:
        """Tell whether one more look fits the budget."""
        if self.looks < self._first or (self.price < CHEAP and self.looks < self._first + MANY):
            return True
        return self.spent + self.price <= SHARE * self.own

    def charge(self, seconds: float) -> None:
        """Note what a look took."""
        self.looks += 1
        self.price = min(self.price, seconds)
        self.spent += self.price

    def renew(self) -> None:
        """Grant the first looks once more, to a new training."""
        self._first = self.looks + FIRST
