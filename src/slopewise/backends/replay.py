"""`Kernel`: a Program made ready to run, without compiling anything.

`runs` holds the form for one row of inputs, `lanes` the form for many. This is ordinary Python that Cython compiles
with the types in `replay.pxd`.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False)

from array import array

from slopewise.errors import NumberError, ShapeError
from slopewise.ir import verify

if not cython.compiled:
    from slopewise.backends.lanes import lower_lanes, replay_rows
    from slopewise.backends.runs import (
        doubles_of,
        execute,
        give_registers_back,
        ints_of,
        lower,
        runs_of_code,
        take_registers,
    )

NATIVE = cython.compiled
MOST_LOWERINGS = 8  # for how many choices of columns the lowered form is kept


class Kernel:
    """A Program made ready to run: on one row of inputs, or on many at once.

    It gives the numbers of `ir.interpret`, bit for bit. Any number of threads may call one at the same time; Python's
    lock is released while a long Program or many rows run.

    Args:
        program: The Program; it is verified. With machine code, a function that makes it, called when it is needed:
            for many rows at once, or to be looked at.
        code: The machine code that computes single rows, if there is some: a `LoopKernel`, or one that is remembered.
        n_equations: How many equations the machine code stands for.

    Attributes:
        program: The Program.
        n_inputs: How many numbers it takes.
        n_outputs: How many it returns.

    Raises:
        IRError: The Program breaks a rule.

    Example:
        >>> from slopewise import ir
        >>> from slopewise.backends.replay import Kernel
        >>> kernel = Kernel(ir.parse("program(%0 x, %1 y) { %2 = multiply %0 %1; %3 = add %2 %0; return %3 %2 }"))
        >>> kernel
        <Kernel: 2 inputs, 2 equations in 2 runs, 4 registers, 2 outputs>
        >>> kernel.run([2.0, 5.0])
        [12.0, 10.0]
        >>> [list(column) for column in kernel.run_batch([2.0, [5.0, 6.0, 7.0]], 3)]
        [[12.0, 14.0, 16.0], [10.0, 12.0, 14.0]]
    """

    def __init__(self, program, code=None, n_equations=0):
        self.lowered = {}
        self.known = None
        self.made_by = None
        if code is not None:
            self.made_by = program
            self.n_inputs = code.n_inputs
            self.n_outputs = code.n_outputs
            self.runs = runs_of_code(
                code.n_inputs,
                code.n_outputs,
                n_equations,
                code.n_nests,
                code.address,
                code.frozen_address,
                code.scratch_bytes,
                code,
            )
            return
        verify(program)
        self.known = program
        self.n_inputs = program.n_inputs
        self.n_outputs = program.n_outputs
        self.runs = lower(program, program.outputs)

    @property
    def program(self):
        """The Program; where machine code runs, it is made when it is asked for first."""
        made_by = self.made_by  # before the other: that one is there when this has gone
        if self.known is None:
            self.known = made_by()
            self.made_by = None
        return self.known

    @property
    def runs_left(self):
        """How many runs are still to come before it is asked again what should run it; one may set it."""
        return self.runs.left

    @runs_left.setter
    def runs_left(self, count):
        self.runs.left = count

    @property
    def is_compiled(self):
        """Whether machine code computes single rows."""
        return self.runs.entry != 0

    @property
    def n_equations(self):
        """How many equations a run computes: those that the outputs need."""
        return self.runs.n_equations

    @property
    def n_registers(self):
        """How many numbers are held at once."""
        return self.runs.n_registers

    @property
    def n_bytes(self):
        """How much memory it takes beside its Program, with the registers of one call."""
        return self.runs.n_bytes + sum([lanes.n_bytes for lanes in self.lowered.values()])

    def __repr__(self):
        counts = (
            (self.n_inputs, "input"),
            (self.runs.n_equations, "equation"),
            (self.runs.n_runs, "run"),
            (self.runs.n_registers, "register"),
            (self.n_outputs, "output"),
        )
        inputs, equations, runs, registers, outputs = [f"{n:,} {noun}" + "s" * (n != 1) for n, noun in counts]
        if self.is_compiled:
            nests = counted(self.runs.n_runs, "nest")
            return f"<Kernel: {inputs}, {equations} in {nests} of machine code, {outputs}>"
        return f"<Kernel: {inputs}, {equations} in {runs}, {registers}, {outputs}>"

    def __reduce__(self):
        return (Kernel, (self.program,))

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def run(self, inputs):
        """Run on one row.

        Args:
            inputs: A sequence of numbers, one for each input.

        Returns:
            A list of floats, one for each output.

        Raises:
            ShapeError: The inputs are too few or too many.
        """
        if len(inputs) != self.n_inputs:
            refuse_count(self, len(inputs))
        registers = take_registers(self.runs)
        v = doubles_of(registers)
        for i in range(self.n_inputs):
            v[i] = float(inputs[i])
        execute(self.runs, registers)
        places = ints_of(self.runs.places)
        outputs = [v[places[i]] for i in range(self.n_outputs)]
        give_registers_back(self.runs, registers)
        return outputs

    def run_array(self, inputs, outputs):
        """Run on one row that stands in memory, and write the results to memory.

        Args:
            inputs: A buffer of as many doubles as there are inputs: an array("d"), a numpy array of float64.
            outputs: A writable buffer of as many doubles as there are outputs.

        Raises:
            ShapeError: A buffer is too long or too short.
        """
        x = inputs
        y = outputs
        if len(x) != self.n_inputs:
            refuse_count(self, len(x))
        if len(y) != self.n_outputs:
            raise ShapeError(f"the program returns {counted(self.n_outputs, 'output')}, the buffer holds {len(y)}")
        registers = take_registers(self.runs)
        v = doubles_of(registers)
        for i in range(self.n_inputs):
            v[i] = x[i]
        execute(self.runs, registers)
        places = ints_of(self.runs.places)
        for i in range(self.n_outputs):
            y[i] = v[places[i]]
        give_registers_back(self.runs, registers)

    def replay(self, inputs, outputs):
        """Run on one row: what `run_array` does, for compiled modules, from pointers that nobody checks."""
        registers = take_registers(self.runs)
        v = doubles_of(registers)
        for i in range(self.n_inputs):
            v[i] = inputs[i]
        execute(self.runs, registers)
        places = ints_of(self.runs.places)
        for i in range(self.n_outputs):
            outputs[i] = v[places[i]]
        give_registers_back(self.runs, registers)
        return 0

    def run_batch(self, columns, rows=None, out=None):
        """Run on many rows at once.

        What depends on no column is computed once for all rows.

        Args:
            columns: One entry for each input: a number that all rows share, or a column of `rows` numbers. A buffer of
                doubles is read where it is, whatever its stride; any other sequence is copied.
            rows: How many rows there are; may be left out when there is a column.
            out: Where the results go, if not to new arrays: for each output a writable buffer of `rows` doubles.

        Returns:
            One column for each output: `out`, or a list of array("d"), which numpy reads without a copy.

        Raises:
            ShapeError: The columns are too few or too many, or differ in length from `rows` or from each other.
            NumberError: A column is neither a number nor a sequence of numbers.

        Example:
            >>> from slopewise import ir
            >>> from slopewise.backends.replay import Kernel
            >>> kernel = Kernel(ir.parse("program(%0 x, %1 k) { %2 = exp %1; %3 = multiply %0 %2; return %3 }"))
            >>> kernel.run_batch([[1.0, 2.0], 0.0])
            [array('d', [1.0, 2.0])]
        """
        if len(columns) != self.n_inputs:
            refuse_count(self, len(columns), "column")
        numbers = []
        views = []
        shared = array("B", bytes(self.n_inputs))
        for i in range(self.n_inputs):
            column = columns[i]
            if type(column) is float or type(column) is int or is_number(column):
                shared[i] = 1
                numbers.append(float(column))
                continue
            view = as_column(self, i, column)
            if rows is None:
                rows = len(view)
            elif len(view) != rows:
                raise ShapeError(
                    f"column {name_of(self, i)} holds {counted(len(view), 'number')}, and there are "
                    f"{counted(rows, 'row')}\n"
                    f"all columns are of one length; a single number is shared by all rows"
                )
            numbers.append(0.0)
            views.append(view)
        if rows is None:
            raise ShapeError(
                "no column says how many rows there are\ngive rows=, or a sequence of numbers for at least one input"
            )
        if type(rows) is not int or rows < 0:
            raise ShapeError(f"rows is {rows!r}; a whole number from 0 on is needed")
        if out is None:
            zeros = array("d", bytes(8 * rows))
            out = [zeros[:] for _ in range(self.n_outputs)]
        results = writable_views(self, out, rows)
        if rows > 0:
            replay_rows(lanes_of(self, shared), numbers, views, rows, results)
        return out


def lanes_of(kernel, shared):
    """Return the form for a choice of columns, lowered at its first use."""
    key = shared.tobytes()
    lanes = kernel.lowered.get(key)
    if lanes is None:
        lanes = lower_lanes(kernel.program, shared)
        if len(kernel.lowered) >= MOST_LOWERINGS:
            kernel.lowered = {}
        kernel.lowered[key] = lanes
    return lanes


def is_number(column):
    """Tell whether an input of a batch is a single number: Python's, numpy's, or an array without an axis."""
    if hasattr(column, "__len__"):
        return getattr(column, "shape", None) == ()
    return hasattr(column, "__float__") or hasattr(column, "__index__")


def as_column(kernel, position, column):
    """Return a column as a memoryview of doubles, where it is if that can be."""
    try:
        view = memoryview(column)
    except TypeError:
        view = None
    if view is not None and view.ndim != 1:
        raise ShapeError(
            f"column {name_of(kernel, position)} has {view.ndim} axes, of lengths "
            f"{' and '.join(map(str, view.shape))}; one axis is needed\ngive each input a column of its own"
        )
    if view is not None and view.format == "d" and view.strides[0] % 8 == 0:
        return view
    try:
        return memoryview(array("d", column))
    except (TypeError, ValueError):
        raise NumberError(
            f"column {name_of(kernel, position)} is no number and no sequence of numbers: "
            f"{type(column).__name__} {shown(column)}"
        ) from None


def writable_views(kernel, out, rows):
    """Return memoryviews of the columns that results go to."""
    if len(out) != kernel.n_outputs:
        raise ShapeError(
            f"the program returns {counted(kernel.n_outputs, 'output')}, out holds {counted(len(out), 'column')}"
        )
    views = []
    for i in range(kernel.n_outputs):
        try:
            view = memoryview(out[i])
        except TypeError:
            view = None
        if view is None or view.ndim != 1 or view.format != "d" or view.readonly or view.strides[0] % 8 != 0:
            raise ShapeError(f"out[{i}] is no writable column of doubles: {type(out[i]).__name__} {shown(out[i])}")
        if len(view) != rows:
            raise ShapeError(f"out[{i}] holds {counted(len(view), 'number')}, and there are {counted(rows, 'row')}")
        views.append(view)
    return views


def refuse_count(kernel, given, noun="number"):
    """Raise the error of too few or too many inputs."""
    names = kernel.program.names
    listed = f" ({', '.join(names)})" if 0 < len(names) <= 8 else ""
    raise ShapeError(f"the program takes {counted(kernel.n_inputs, 'input')}{listed}, got {counted(given, noun)}")


def name_of(kernel, position):
    """Return what an input is called in messages."""
    name = kernel.program.names[position]
    return f"{position} ({name})" if name else str(position)


def counted(number, noun):
    """Return a number with its noun, in the plural unless it is 1."""
    return f"{number:,} {noun}" + "s" * (number != 1)


def shown(item):
    """Return an object in short."""
    text = repr(item)
    return text if len(text) <= 60 else text[:57] + "..."
