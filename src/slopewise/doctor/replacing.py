"""Parameters that became new Values instead of being assigned to."""

from slopewise.engine import Value
from slopewise.engine.reading import is_constant, survey
from slopewise.engine.value import is_made, operation_of

MOST_NODES = 20_000
PASSES = 3  # in a row in which the way down to the leaf became longer


class Replacing:
    """Measures, pass by pass, how many sums with constants lie between a leaf and what is made of it."""

    def __init__(self) -> None:
        self.links = 0
        self.first = -1  # how many there were at the first pass: those of the formula itself
        self.growth = 0
        self.leaf: Value | None = None

    def accept(self, root: Value) -> None:
        """Take in one more pass of a loop that has not assigned to any parameter yet."""
        nodes, operands = survey(root)
        if len(nodes) > MOST_NODES:
            return
        links = [0] * len(nodes)
        ends = list(range(len(nodes)))
        longest = 0
        for i, node in enumerate(nodes):
            if not is_made(node) or operation_of(node).name != "add":
                continue
            variable = [o for o in operands[i] if not is_constant(nodes[o])]
            if len(variable) == 1 and len(operands[i]) == 2:
                o = variable[0]
                if links[o] or not is_made(nodes[o]):
                    links[i], ends[i] = links[o] + 1, ends[o]
                    if links[i] > links[longest]:
                        longest = i
        if self.first < 0:
            self.first = links[longest]
        count = links[longest] - self.first
        self.growth = self.growth + 1 if count > self.links else 0
        self.links = count
        self.leaf = nodes[ends[longest]]
