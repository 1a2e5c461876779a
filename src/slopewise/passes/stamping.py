"""Templates put into programs: the equations of a rule, with the slots of one use in their places.

`Templates` holds the templates of one kind in flat columns, each made from its rule when it is first needed. A
`Stamper` writes them into one `Builder`.

This is ordinary Python and runs as such. The file `stamping.pxd` beside it names C types, and Cython then compiles this
very text.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False)

import threading
from array import array

from slopewise.passes import rules

if not cython.compiled:
    from slopewise.ir.operations import ADD, CONSTANT, DIVIDE, MULTIPLY, NEGATE, POWER, SUBTRACT, WHERE

    # These stand in stamping.pxd too; a test compares them with `rules`.
    X, Y, W, RESULT = 0, 1, 2, 3
    GRADIENT = 4
    LESS = 7
    FIRST = 8
    PLACES = 96
    USES_GRADIENT = 8
    KINDS = 134
    POWER_OF_CONSTANT, POWER_0, POWER_1, POWER_2, POWER_INVERSE, POWER_ROOT = 128, 129, 130, 131, 132, 133
    # Which equations of a template are written.
    WHOLE, LOCAL, VARYING = 0, 1, 2

making = threading.Lock()


class Templates:
    """The templates of one kind, in columns.

    Args:
        manner: `"backward"`, `"exact"` (backward, as the engine's sweep) or `"forward"`.
    """

    def __init__(self, manner):
        self.manner = manner
        self.numbers = array("i", [-1]) * (8 * KINDS)
        self.starts = array("i", [0])
        self.results = array("i")
        self.clean = array("B")
        self.reach = array("B")
        self.needs_less = array("B")
        self.codes = array("B")
        self.a = array("i")
        self.b = array("i")
        self.c = array("i")
        self.masks = array("B")
        self.constants = array("d")
        self.made = []

    def find(self, kind, active):
        """Return the number of the template of an operation, making it if it is the first time.

        Args:
            kind: The operation's code, or the kind of a power with a constant exponent.
            active: Forward, a bit for each operand that has a tangent; else 0.
        """
        number = self.numbers[8 * kind + active]
        return number if number >= 0 else self.make(kind, active)

    def make(self, kind, active):
        """Make a template from its rule, and return its number."""
        if self.manner == "forward":
            template = rules.forward_template(kind, active)
        else:
            template = rules.backward_template(kind, self.manner == "exact")
        with making:  # no thread sees a template of which a part is missing: the number is set last
            if self.numbers[8 * kind + active] < 0:
                self.made = [*self.made, template]
                self.flatten()
                self.numbers[8 * kind + active] = len(self.made) - 1
        return self.numbers[8 * kind + active]

    def flatten(self):
        """Lay all templates out anew; nothing that is there already changes its place."""
        starts = [0]
        equations = []
        constants = []
        results = []
        clean = []
        reach = []
        needs_less = []
        for template in self.made:
            first = len(constants)
            for code, a, b, c, mask in template.equations:
                equations.append((code, first + a if code == CONSTANT else a, b, c, mask))
            constants.extend(template.constants)
            starts.append(len(equations))
            results.extend([*template.results, -1, -1][:3])
            clean.extend([*template.clean, True, True][:3])
            reach.append(sum(1 << i for i, place in enumerate(template.results) if place >= 0))
            needs_less.append(template.needs_less)
        self.starts = array("i", starts)
        self.results = array("i", results)
        self.clean = array("B", clean)
        self.reach = array("B", reach)
        self.needs_less = array("B", needs_less)
        self.constants = array("d", constants)
        # Longer by one, because Cython takes no view of an empty array.
        equations.append((0, -1, -1, -1, 0))
        self.codes = array("B", [equation[0] for equation in equations])
        self.a = array("i", [equation[1] for equation in equations])
        self.b = array("i", [equation[2] for equation in equations])
        self.c = array("i", [equation[3] for equation in equations])
        self.masks = array("B", [equation[4] for equation in equations])


backward_rules = Templates("backward")
exact_rules = Templates("exact")
forward_rules = Templates("forward")


class Stamper:
    """Writes templates into a Builder.

    The caller puts the slots of a use into `places` (operands, result, gradient) and then calls `stamp`. A template's
    constants get one slot for all uses.

    Args:
        builder: Where the equations go.
        templates: Which templates.
        folds: Compute what is constant, and leave out factors of 1: exact for every number.
    """

    def __init__(self, builder, templates, folds=False):
        self.builder = builder
        self.templates = templates
        self.folds = folds
        self.places = array("i", [-1]) * PLACES
        self.shared = array("i", [-1])

    def forget(self):
        """Begin anew with the constants, when the Builder may have been cut in the meantime."""
        self.shared = array("i", [-1])

    def kind_of(self, slot):
        """Return the code of a slot's operation, or the kind of a power with a constant exponent."""
        builder = self.builder
        code = builder.codes[slot]
        if code == POWER and builder.codes[builder.b[slot]] == CONSTANT:
            return kind_of_exponent(builder.pool[builder.a[builder.b[slot]]])
        return code

    def stamp(self, number, mask, part):
        """Write the equations of a template that are for the operands in the mask.

        Args:
            number: The template's number.
            mask: A bit for each operand that is to receive something.
            part: `WHOLE`; or `LOCAL`, what does not depend on the gradient, and after it, for each gradient, `VARYING`.
        """
        templates = self.templates
        builder = self.builder
        start = templates.starts[number]
        if part != VARYING and templates.needs_less[number]:
            self.places[LESS] = builder.constant(builder.pool[builder.a[self.places[Y]]] - 1.0)
        for i in range(start, templates.starts[number + 1]):
            needed = templates.masks[i]
            if not needed & mask or (part != WHOLE and (needed & USES_GRADIENT != 0) != (part == VARYING)):
                continue
            code = templates.codes[i]
            if code == CONSTANT:
                slot = self.constant(templates.a[i])
            else:
                b = templates.b[i]
                c = templates.c[i]
                slot = self.put(
                    code,
                    self.places[templates.a[i]],
                    self.places[b] if b >= 0 else -1,
                    self.places[c] if c >= 0 else -1,
                )
            self.places[FIRST + i - start] = slot

    def constant(self, index):
        """Return the slot of a template's constant, the same for all uses."""
        if index >= len(self.shared):
            shared = array("i", [-1]) * (2 * len(self.templates.constants))
            for i in range(len(self.shared)):
                shared[i] = self.shared[i]
            self.shared = shared
        slot = self.shared[index]
        if slot < 0:
            slot = self.builder.constant(self.templates.constants[index])
            self.shared[index] = slot
        return slot

    def put(self, code, a, b, c):
        """Write an operation, or what is the same to the bit in fewer equations."""
        if self.folds:
            builder = self.builder
            first = builder.codes[a] == CONSTANT
            second = b >= 0 and builder.codes[b] == CONSTANT
            if first and second:
                x = builder.pool[builder.a[a]]
                y = builder.pool[builder.a[b]]
                if code == MULTIPLY:
                    return builder.constant(x * y)
                if code == ADD:
                    return builder.constant(x + y)
                if code == SUBTRACT:
                    return builder.constant(x - y)
                if code == DIVIDE and y != 0:
                    return builder.constant(x / y)
            elif code == MULTIPLY and (first or second):
                x = builder.pool[builder.a[a if first else b]]
                if x == 1:
                    return b if first else a
                if x == -1:
                    return self.put(NEGATE, b if first else a, -1, -1)
            elif code == NEGATE:
                if first:
                    return builder.constant(-builder.pool[builder.a[a]])
                if builder.codes[a] == NEGATE:
                    return builder.a[a]
            elif code == DIVIDE and second and builder.pool[builder.a[b]] == 1:
                return a
            elif code == WHERE and b == c:
                return b
        return self.builder.emit(code, a, b, c)

    def total(self, first, second):
        """Write a sum."""
        builder = self.builder
        if self.folds and builder.codes[second] == NEGATE:
            return self.put(SUBTRACT, first, builder.a[second], -1)
        return self.put(ADD, first, second, -1)


def kind_of_exponent(x):
    """Return the kind of a power with that constant exponent."""
    if x == 2:
        return POWER_2
    elif x == -1:
        return POWER_INVERSE
    elif x == 0.5:
        return POWER_ROOT
    elif x == 1:
        return POWER_1
    elif x == 0:
        return POWER_0
    return POWER_OF_CONSTANT
