"""`Value`: a number that remembers how it was made.

This file goes forward: Python's operators make nodes, and a node holds its number, its gradient, the operation that
made it and at most two operands. The file `sweep.py` goes backward and gives `Value` its `backward()`.

This is ordinary Python and runs as such. The file `value.pxd` beside it names C types for the same fields and
functions, and Cython then compiles this very text; `NATIVE` tells which of the two is running.

Numbers come in three kinds. A float is kept as it is. An int below 2**53 is kept as a float and a mark, and comes
back as an int. Everything else (Fraction, Decimal, complex, an array, a larger int) lives in the node's `__dict__`
and follows its own type's arithmetic, slowly. In the same dict live a label, a `_backward` or `_op` set by hand,
and any other attribute.

Source: A. Karpathy, micrograd (2020) and the lecture "The spelled-out intro to neural networks and
backpropagation".
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False)

# Cython 3.3 makes `0.0 * -5` of two objects 0.0, where Python has -0.0; the function of the operator is Python's own.
from operator import add as object_sum
from operator import mul as object_product

from slopewise.engine import modes, rounding
from slopewise.errors import NumberError, ShapeError
from slopewise.ops import CODE, TABLE, numeric

if not cython.compiled:
    from _thread import get_ident as thread_id
    from math import copysign as libm_copysign

    libm_pow = numeric.power
    libm_exp = numeric.exp
    libm_expm1 = numeric.expm1

    def adopt(cls):
        """Give the native type its slots (see native.h); nothing to do for a Python class."""

    def holds_attributes(n):
        """Tell whether anything is in a node's dict, without making one."""
        return bool(n.__dict__)

    def keeps_arithmetic(n):
        """Tell whether `+ * **` of this node are the engine's own, neither patched nor overridden."""
        cls = type(n)
        return cls.__mul__ is OWN_TIMES and cls.__add__ is OWN_PLUS and cls.__pow__ is OWN_POWER


NATIVE = cython.compiled

# The numbers in this block stand in value.pxd too, as constants of C; a test compares them.
if not cython.compiled:
    # Kinds of numbers. The kind of a sum or product is `kind | kind`.
    INT = 0
    FLOAT = 1
    OTHER = 2
    TRACED = 3  # of a gradient: the node is on a tape, and `_grad` says where; see tracer/tape.py

    # Flags of a node.
    EXTRA = 1  # its __dict__ holds something that the engine must look at
    WRITTEN = 2  # a pass, or the user, wrote its gradient
    IDIOM = 4 | 8 | 16  # what the user wrote, when it takes several nodes: see IDIOMS
    MANY = 32  # its operands are in __dict__["_prev"]
    RULE = 64  # its backward step is in __dict__["_backward"]
    LECTURE = 128  # it is a LectureValue

    CONSTANT = 1 << 2  # of a leaf, which has no idiom: an operator made it from a plain number
    NEGATION = 1 << 2
    SUBTRACTION = 2 << 2
    REFLECTED_SUBTRACTION = 3 << 2
    DIVISION = 4 << 2
    REFLECTED_DIVISION = 5 << 2
    SUM = 6 << 2
    MEAN = 7 << 2

    LEAF = CODE["leaf"]
    ADD = CODE["add"]
    MULTIPLY = CODE["multiply"]
    POWER = CODE["power"]
    POWER_VALUE = CODE["power_value"]
    RELU = CODE["relu"]
    TANH = CODE["tanh"]
    EXP = CODE["exp"]
    MODULO = CODE["modulo"]
    ABSOLUTE = CODE["absolute"]
    USER = 255  # an operation outside the table: __dict__["_row"]

# Between -LIMIT and LIMIT, both left out, a float that stands for an int is exact.
LIMIT = 9007199254740992.0

IDIOMS = ("", "negation", "subtraction", "reflected subtraction", "division", "reflected division", "sum", "mean")

if not cython.compiled:
    BLANK = {
        "_data": 0.0, "_grad": 0.0, "_a": None, "_b": None, "_code": LEAF, "_kind": INT, "_grad_kind": INT, "_flags": 0,
        "_pending": 0, "_built": 0.0,
    }  # fmt: skip

serial = 0.0  # how many nodes have been made from others
watching = 0  # how many `with` blocks of `modes` are open, in any thread
journal = None  # a list that is told of every number that a user writes, or None; see journal.py
silent = 0  # how many backward passes, whose writing is not the user's, are running a user's code
on_full = None  # called when the journal has grown long
on_read = None  # called with a node whose number a user reads, or None
modes_open = 0  # `watching` without the recorder
recorder = None  # the Recorder of the function that is being traced, or None


class Recorder:
    """What a tracer is told while it traces a function; it subclasses this, see tracer/tape.py.

    Attributes:
        thread: The identity of the thread that traces; what other threads do is none of its business.
    """

    if not cython.compiled:
        __slots__ = ("__dict__", "thread")

    def note(self, n):
        """Take note of a new node, or of a leaf that the constructor made."""
        raise NotImplementedError


class Value:
    """A number in a graph of numbers, with the gradient of whatever `backward()` was called on.

    Args:
        data: The number: a float, an int, or anything that follows Python's arithmetic.
        _children: The operands, for a node made by hand; `_backward` is then set by hand too.
        _op: The operation's name, for a node made by hand; or a tuple with one local derivative per child, and
            then `backward()` needs nothing else.
        label: A name, for pictures and messages.

    Attributes:
        data: The number.
        grad: The gradient: d root / d this, added up over passes for a leaf, of the latest pass for any other node.
        label: The name.

    Raises:
        NumberError: `data` is a string, a list or another thing without arithmetic.

    Example:
        >>> from slopewise import Value
        >>> a, b = Value(-2.0), Value(3.0)
        >>> f = (a * b) * (a + b)
        >>> f.backward()
        >>> f.data, a.grad, b.grad
        (-6.0, -3.0, -8.0)

    Source: A. Karpathy, micrograd (2020), whose class this one replaces.
    """

    if not cython.compiled:
        __slots__ = (
            "_data",
            "_grad",
            "_a",
            "_b",
            "_code",
            "_kind",
            "_grad_kind",
            "_flags",
            "_pending",
            "_built",
            "__dict__",
            "__weakref__",
        )

        def __getattr__(self, name):
            """Let a subclass whose `__init__` does not call ours start as a leaf holding 0."""
            if name in BLANK:
                setattr(self, name, BLANK[name])
                return BLANK[name]
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)

    # Between numpy's scalars, which let our operators have the word, and its arrays, which go elementwise.
    __array_priority__ = -1.0

    def __init__(self, data, _children=(), _op="", label=""):
        initialise(self, data, _children, _op, label)

    # ------------------------------------------------------------------ what a node holds

    @property
    def data(self):
        """The number, of the type it was given or computed in.

        Example:
            >>> from slopewise import Value
            >>> Value(2).data, Value(2.0).data, (Value(2) / 4).data
            (2, 2.0, 0.5)
        """
        if on_read is not None:
            note_read(self)
        if self._grad_kind == TRACED or recorder is not None:
            return traced_reading(self)
        if self._kind == FLOAT:
            return self._data
        if self._kind == INT:
            return int(self._data)
        return self.__dict__["_data"]

    @data.setter
    def data(self, number):
        if self._grad_kind == TRACED or recorder is not None:
            if is_recording():
                recorder.write(self, number)
                return
            if self._grad_kind == TRACED and recorder is not None and recorder.knows(self):
                recorder.put_data_aside(self, number)
                return
        before = number_of(self) if journal is not None or has_operands(self) else None
        put_data(self, number)
        if has_operands(self) and "_computed" not in self.__dict__:
            keep(self, "_computed", before)
        if journal is not None:
            note("data", self, before, number_of(self))

    @property
    def grad(self):
        """The gradient; 0 until a pass, or you, write it.

        Example:
            >>> from slopewise import Value
            >>> a = Value(3.0)
            >>> (a * 2.5).backward()
            >>> a.grad
            2.5
        """
        if self._grad_kind == TRACED or recorder is not None:
            return traced_gradient(self)
        if self._grad_kind == FLOAT:
            return self._grad
        if self._grad_kind == INT:
            return int(self._grad)
        return self.__dict__["_grad"]

    @grad.setter
    def grad(self, number):
        if self._grad_kind == TRACED or recorder is not None:
            if is_recording():
                recorder.write_gradient(self, number)
                return
        before = self.grad if journal is not None else None
        put_grad(self, number)
        self._flags |= WRITTEN
        if journal is not None:
            note("grad", self, before, self.grad)

    @property
    def label(self):
        """The name, for pictures and messages; empty unless set.

        Example:
            >>> from slopewise import Value
            >>> Value(1.0, label="w").label
            'w'
        """
        return self.__dict__.get("label", "") if holds_attributes(self) else ""

    @label.setter
    def label(self, text):
        self.__dict__["label"] = text

    @property
    def _prev(self):
        """The operands, in order: an operand used twice is there twice.

        Example:
            >>> from slopewise import Value
            >>> a = Value(3.0)
            >>> (a + a)._prev
            (Value(data=3.0, grad=0), Value(data=3.0, grad=0))
        """
        return Operands(operands_of(self))

    @_prev.setter
    def _prev(self, children):
        children = as_children(children)
        if not has_operands(self):
            mark_made(self, children)
        keep(self, "_prev", children)
        self._flags |= MANY

    @property
    def _op(self):
        """The operation's symbol, empty for a leaf.

        Example:
            >>> from slopewise import Value
            >>> a = Value(3.0)
            >>> (a + 1)._op, (a**2)._op, a.relu()._op, a._op
            ('+', '**2', 'ReLU', '')
        """
        if self._flags & EXTRA:
            given = self.__dict__.get("_op")
            if given is not None:
                return given
        if self._code == POWER:
            return f"**{number_of(self._b)}"
        return operation_of(self).symbol

    @_op.setter
    def _op(self, symbol):
        keep(self, "_op", symbol)

    # ------------------------------------------------------------------ going forward

    def __add__(self, other):
        """`a + b` hands its gradient to both, unchanged."""
        b = other if type(other) is Value else lift(other, self._flags)
        if b is None:
            return NotImplemented
        return plus(self, b, 0)

    def __radd__(self, other):
        if not keeps_arithmetic(self):
            return self + other
        b = lift(other if type(other) is float else unboxed(other), self._flags)
        if b is None:
            return NotImplemented
        return plus(self, b, 0)

    def __mul__(self, other):
        """`a * b` hands a its gradient times b, and b its gradient times a."""
        b = other if type(other) is Value else lift(other, self._flags)
        if b is None:
            return NotImplemented
        return times(self, b, 0)

    def __rmul__(self, other):
        if not keeps_arithmetic(self):
            return self * other
        b = lift(other if type(other) is float else unboxed(other), self._flags)
        if b is None:
            return NotImplemented
        return times(self, b, 0)

    def __pow__(self, other, modulus=None):
        """`a ** k` hands a its gradient times `k * a ** (k - 1)`."""
        if modulus is not None:
            raise TypeError("pow() of a Value takes no modulus")
        if type(other) is int and (other == 2 or other == -1):
            return to_the(self, TWO if other == 2 else MINUS_ONE)
        b = lift(other, 0)
        if b is None:
            return NotImplemented
        if isinstance(other, Value):
            return apply_general(POWER_VALUE, (self, b))
        return to_the(self, b)

    def __rpow__(self, other, modulus=None):
        b = lift(unboxed(other), self._flags)
        if b is None:
            return NotImplemented
        return apply_general(POWER_VALUE, (b, self))

    def __neg__(self):
        """`-a` is `a * -1`."""
        return negated(self) if keeps_arithmetic(self) else self * -1

    def __pos__(self):
        return self

    def __sub__(self, other):
        """`a - b` is `a + (b * -1)`."""
        if not keeps_arithmetic(self):
            return self + (-other)
        if isinstance(other, Value):
            return plus(self, -other, SUBTRACTION)
        b = lift(other, self._flags)
        if b is None:
            return NotImplemented
        if b._grad_kind == TRACED:
            return plus(self, negated(b), SUBTRACTION)
        if b._kind == FLOAT:
            b._data = -b._data
        else:
            put_data(b, -number_of(b))
        return plus(self, b, SUBTRACTION)

    def __rsub__(self, other):
        if not keeps_arithmetic(self):
            return other + (-self)
        b = lift(unboxed(other), self._flags)
        if b is None:
            return NotImplemented
        return plus(negated(self), b, REFLECTED_SUBTRACTION)

    def __truediv__(self, other):
        """`a / b` is `a * b**-1`."""
        if isinstance(other, Value):
            reciprocal = other**-1
            return times(self, reciprocal, DIVISION) if keeps_arithmetic(self) else self * reciprocal
        b = lift(other, self._flags)
        if b is None:
            return NotImplemented
        if b._grad_kind == TRACED:
            return times(self, to_the(b, MINUS_ONE), DIVISION)
        if (self._kind | b._kind) <= FLOAT:
            put_data(b, libm_pow(b._data, MINUS_ONE._data))
        else:
            put_data(b, python_power(b, MINUS_ONE))
        return times(self, b, DIVISION) if keeps_arithmetic(self) else self * number_of(b)

    def __rtruediv__(self, other):
        if not keeps_arithmetic(self):
            return other * self**-1
        b = lift(unboxed(other), self._flags)
        if b is None:
            return NotImplemented
        return times(to_the(self, MINUS_ONE), b, REFLECTED_DIVISION)

    def __mod__(self, other):
        """`a % b` is `a - b * floor(a / b)`."""
        b = lift(other, self._flags)
        if b is None:
            return NotImplemented
        return apply_general(MODULO, (self, b))

    def __rmod__(self, other):
        b = lift(unboxed(other), self._flags)
        if b is None:
            return NotImplemented
        return apply_general(MODULO, (b, self))

    def __floordiv__(self, other):
        """`a // b` is a plain number, as `round(a)` is: its slope is 0 wherever it has one."""
        if isinstance(other, Value):
            return rounding.floor_quotient(self.data, other.data)
        return NotImplemented if is_foreign(other) else rounding.floor_quotient(self.data, other)

    def __rfloordiv__(self, other):
        return NotImplemented if is_foreign(other) else rounding.floor_quotient(unboxed(other), self.data)

    def __divmod__(self, other):
        return self // other, self % other

    def __rdivmod__(self, other):
        return other // self, other % self

    def __abs__(self):
        return apply_general(ABSOLUTE, (self,))

    def relu(self):
        """Return this, or 0 when it is negative: hands the gradient on where the result is positive.

        Example:
            >>> from slopewise import Value
            >>> Value(-2.0).relu(), Value(2.0).relu()
            (Value(data=0, grad=0), Value(data=2.0, grad=0))
        """
        if self._kind > FLOAT:
            return apply_general(RELU, (self,))
        if self._data < 0:
            return node(RELU, self, None, 0.0, INT, 0)
        return node(RELU, self, None, self._data, self._kind, 0)

    def tanh(self):
        """Return the hyperbolic tangent t; its local derivative is `1 - t ** 2`.

        Example:
            >>> from slopewise import Value
            >>> Value(0.8813735870195432).tanh().data
            0.7071067811865476
        """
        if self._kind > FLOAT:
            return apply_general(TANH, (self,))
        return node(TANH, self, None, hyperbolic_tangent(self._data), FLOAT, 0)

    def exp(self):
        """Return e to the power of this; it is its own local derivative.

        Example:
            >>> from slopewise import Value
            >>> Value(0.0).exp().data
            1.0
        """
        if self._kind > FLOAT:
            return apply_general(EXP, (self,))
        return node(EXP, self, None, libm_exp(self._data), FLOAT, 0)

    def clip(self, low=None, high=None):
        """Return this held between low and high; outside, the gradient goes to the bound.

        Args:
            low: The lower bound, or None for none.
            high: The upper bound, or None for none.

        Raises:
            DomainError: low is above high.

        Example:
            >>> from slopewise import Value
            >>> Value(3.0).clip(-1.0, 1.0).data
            1.0
        """
        from slopewise.engine.reductions import clip

        return clip(self, low, high)

    def conjugate(self):
        """Return this itself: the complex conjugate, which numpy asks for in `np.var` and `np.linalg.norm`."""
        return self

    def detach(self):
        """Return a new leaf with the same number, cut off from the graph.

        Example:
            >>> from slopewise import Value
            >>> (Value(2.0) * 3).detach()._prev
            ()
        """
        out = blank(self._flags)
        put_data(out, self.data)  # a read: the gradient ends here
        return out

    # ------------------------------------------------------------------ a number among numbers

    def __repr__(self):
        return f"Value(data={number_of(self)}, grad={self.grad})"

    def __format__(self, spec):
        return format(number_of(self), spec) if spec else str(self)

    def __float__(self):
        return float(self.data)

    def __int__(self):
        return int(self.data)

    def __round__(self, digits=None):
        return round(self.data) if digits is None else round(self.data, digits)

    def __floor__(self):
        return rounding.floor(self.data)

    def __ceil__(self):
        return rounding.ceil(self.data)

    def __trunc__(self):
        return rounding.trunc(self.data)

    def as_integer_ratio(self):
        """Refuse: a number that `statistics.mean` makes an exact fraction of has no gradient left."""
        rounding.refuse_fraction()

    # Equality and hash are identity, so that Values can be kept in sets and found in lists, and every Value is true.
    # While a function is traced, a Value may stand for a plain number of a later call: then that number decides, and a
    # nan does not equal itself.
    def __eq__(self, other):
        if recorder is not None and is_recording():
            return recorder.equals("equal", self, other)
        return True if self is other else NotImplemented

    def __ne__(self, other):
        if recorder is not None and is_recording():
            return recorder.equals("not_equal", self, other)
        return False if self is other else NotImplemented

    def __bool__(self):
        return recorder.truth(self) if recorder is not None and is_recording() else True

    # By data.
    def __lt__(self, other):
        if recorder is not None and is_recording():
            return recorder.compare("less", self, other)
        return number_of(self) < (number_of(other) if isinstance(other, Value) else other)

    def __le__(self, other):
        if recorder is not None and is_recording():
            return recorder.compare("less_equal", self, other)
        return number_of(self) <= (number_of(other) if isinstance(other, Value) else other)

    def __gt__(self, other):
        if recorder is not None and is_recording():
            return recorder.compare("greater", self, other)
        return number_of(self) > (number_of(other) if isinstance(other, Value) else other)

    def __ge__(self, other):
        if recorder is not None and is_recording():
            return recorder.compare("greater_equal", self, other)
        return number_of(self) >= (number_of(other) if isinstance(other, Value) else other)

    __hash__ = object.__hash__

    def __copy__(self):
        from slopewise.engine import storage

        return storage.copied(self)

    def __reduce_ex__(self, protocol):
        from slopewise.engine import storage

        return storage.reduced(self)

    def __setstate__(self, state):
        from slopewise.engine import storage

        storage.set_leaf_state(self, state)

    @classmethod
    def __slopewise_apply__(cls, operation, operands):
        """Apply a row of the table, or a user's operation, to operands of which at least one is a Value."""
        return apply_row(operation, operands)


class LectureValue(Value):
    """The lecture's flavour of a Value: it shows its data alone, and gradients are floats, 0.0 and 1.0.

    Args:
        data: The number.
        _children: The operands, for a node made by hand.
        _op: The operation's name, for a node made by hand.
        label: A name.

    Example:
        >>> from slopewise.lecture import Value
        >>> a = Value(2.0, label="a")
        >>> a + 1, a.grad
        (Value(data=3.0), 0.0)

    Source: A. Karpathy, the lecture's notebook (2022).
    """

    if not cython.compiled:
        __slots__ = ()

    def __init__(self, data, _children=(), _op="", label=""):
        initialise(self, data, _children, _op, label)
        self._flags |= LECTURE
        self._grad_kind = FLOAT

    def __repr__(self):
        return f"Value(data={number_of(self)})"


class Operands(tuple):
    """The operands of a node, in order; it takes the operators of the set that micrograd keeps them in."""

    __slots__ = ()

    def __or__(self, other):
        return set(self) | set(other)

    def __and__(self, other):
        return set(self) & set(other)

    def __sub__(self, other):
        return set(self) - set(other)

    def __rsub__(self, other):
        return set(other) - set(self)

    __ror__ = __or__
    __rand__ = __and__
    union = __or__
    intersection = __and__
    difference = __sub__


# ---------------------------------------------------------------------- making nodes


def fresh(out):
    """Set every field of a new node to that of a leaf holding the int 0."""
    out._data = 0.0
    out._grad = 0.0
    out._a = None
    out._b = None
    out._code = LEAF
    out._kind = INT
    out._grad_kind = INT
    out._flags = 0
    out._pending = 0
    out._built = 0.0


def initialise(out, data, children, op, label):
    """Fill a new node from the constructor's arguments."""
    fresh(out)
    put_data(out, data)
    if children:
        adopt_children(out, children, op)
    elif op:
        keep(out, "_op", op)
    if label:
        out.__dict__["label"] = label
    if watching:
        observed(out)


def blank(flags):
    """Return a new leaf, of the flavour that the flags of its operands ask for."""
    if flags & LECTURE:
        out = LectureValue.__new__(LectureValue)
        fresh(out)
        out._flags = LECTURE
        out._grad_kind = FLOAT
    else:
        out = Value.__new__(Value)
        fresh(out)
    return out


def node(code, a, b, x, kind, idiom):
    """Return the node of an operation on a, and on b if it is not None, that gave the number x."""
    global serial
    flags = a._flags if b is None else a._flags | b._flags
    if flags & LECTURE:
        out = LectureValue.__new__(LectureValue)
        out._flags = LECTURE | idiom
        out._grad_kind = FLOAT
    else:
        out = Value.__new__(Value)
        out._flags = idiom
        out._grad_kind = INT
    out._data = x
    out._kind = kind
    out._a = a
    if a._a is None and not a._flags & MANY:
        a._built = a._data
    out._b = b
    if b is not None and b._a is None and not b._flags & MANY:
        b._built = b._data
    serial += 1.0
    out._built = serial
    out._code = code
    out._grad = 0.0
    out._pending = 0
    return observed(out) if watching else out


def lift(x, flags):
    """Return x as a Value (a constant, of the flavour that `flags` ask for), or None when x is not a number."""
    if isinstance(x, Value):
        return x
    if type(x) is float:
        out = blank(flags)
        out._data = x
        out._kind = FLOAT
        out._flags |= CONSTANT
        return out
    if type(x) is not int and is_foreign(x):
        return None
    out = blank(flags)
    put_data(out, x)
    out._flags |= CONSTANT
    return out


def unboxed(x):
    """Return a numpy scalar as Python's number, which is what numpy itself hands to a reflected operator."""
    if type(x) is float or type(x) is int or isinstance(x, Value):
        return x
    return x.item() if hasattr(x, "dtype") and not getattr(x, "shape", True) else x


def is_foreign(x):
    """Tell whether x must answer the operator itself: no number, or an array whose elements are Values."""
    if x is None or isinstance(x, (str, bytes, list, tuple, dict, set)):
        return True
    if recorder is not None and is_recording() and getattr(x, "shape", ()):
        return True  # a traced function has no arrays as data: they go elementwise
    return getattr(getattr(x, "dtype", None), "hasobject", False)


def plus(a, b, idiom):
    """Return the node a + b."""
    kind = a._kind | b._kind
    x = a._data + b._data
    if kind == FLOAT or (kind == INT and -LIMIT < x < LIMIT):
        return node(ADD, a, b, x, kind, idiom)
    return apply_general(ADD, (a, b), idiom)


def times(a, b, idiom):
    """Return the node a * b."""
    kind = a._kind | b._kind
    x = a._data * b._data
    if kind == FLOAT:
        return node(MULTIPLY, a, b, x, kind, idiom)
    if kind == INT and -LIMIT < x < LIMIT:
        return node(MULTIPLY, a, b, x + 0.0, kind, idiom)  # an int has no -0.0
    return apply_general(MULTIPLY, (a, b), idiom)


def fits(kind, x):
    """Tell whether x is right as a number of that kind: a float always is, an int while every int is a float."""
    return kind == FLOAT or -LIMIT < x < LIMIT


def hyperbolic_tangent(x):
    """Return tanh(x) from e**2|x| - 1: accurate near 0, no overflow, and the digits that the lecture prints."""
    if abs(x) > 20.0:
        return libm_copysign(1.0, x)
    e = libm_expm1(2.0 * abs(x))
    return libm_copysign(e / (e + 2.0), x)


def negated(a):
    """Return the node a * -1."""
    return times(a, lift(-1, a._flags), NEGATION)


def to_the(a, k):
    """Return the node a ** k for a number k, which is kept as a hidden operand."""
    kind = a._kind | k._kind
    if kind <= FLOAT:
        x = libm_pow(a._data, k._data)
        if kind == INT and k._data < 0:
            kind = FLOAT
        if fits(kind, x):
            return node(POWER, a, k, x, kind, 0)
    return apply_general(POWER, (a, k))


def apply_row(row, operands):
    """Apply an operation to operands of which at least one is a Value."""
    flags = 0
    for x in operands:
        if isinstance(x, Value):
            flags |= flags_of(x)
    lifted = []
    for x in operands:
        b = lift(x, flags)
        if b is None:
            raise NumberError(f"{row.name}() needs a number or a Value, got {x!r}")
        lifted.append(b)
    code = CODE.get(row.name, USER)
    if code != USER and TABLE[code] is not row:
        code = USER
    if code == TANH:
        return lifted[0].tanh()
    if code == EXP:
        return lifted[0].exp()
    if code == RELU:
        return lifted[0].relu()
    return apply_general(code, tuple(lifted), 0, row)


def apply_general(code, operands, idiom=0, row=None):
    """Return the node of any operation on numbers of any kind."""
    x = general_number(code, operands, row)
    flags = 0
    for operand in operands:
        flags |= operand._flags
    out = blank(flags)
    mark_made(out, operands)
    out._flags |= idiom
    out._code = code
    if len(operands) <= 2:
        out._a = operands[0]
        out._b = operands[1] if len(operands) == 2 else None
    else:
        keep(out, "_prev", operands)
        out._flags |= MANY
    if code == USER:
        keep(out, "_row", row)
    put_data(out, x)
    return observed(out) if watching else out


def python_power(a, k):
    """Compute `a ** k` by the rules of the numbers' own types."""
    try:
        return number_of(a) ** number_of(k)
    except Exception as error:
        modes.explain_failure(error, TABLE[POWER], (a, k))
        raise


def general_number(code, operands, row=None):
    """Compute an operation's number; an exception of the numbers' own type is told which operation it met."""
    numbers = [number_of(operand) for operand in operands]
    kind = 0
    for operand in operands:
        kind |= operand._kind
    try:
        if code == ADD:
            return object_sum(numbers[0], numbers[1])
        if code == MULTIPLY:
            return object_product(numbers[0], numbers[1])
        if kind > FLOAT and (code == POWER or code == POWER_VALUE):
            return numbers[0] ** numbers[1]
        if kind > FLOAT and code == MODULO:
            return numbers[0] % numbers[1]
        operation = row if row is not None else TABLE[code]
        return operation.value(*numbers) if kind <= FLOAT else operation(*numbers)
    except Exception as error:
        modes.explain_failure(error, (row if row is not None else TABLE[code]), operands)
        raise


def adopt_children(out, children, op):
    """Make out a node with the given operands, for the constructor's second and third form."""
    children = as_children(children)
    if isinstance(op, (tuple, list)):
        if len(op) != len(children):
            raise ShapeError(
                f"Value(data, children, local_grads): {len(children)} child{'ren' * (len(children) != 1)} and "
                f"{len(op)} local derivative{'s' * (len(op) != 1)}\n"
                f"give one local derivative per child"
            )
        keep(out, "_local_grads", tuple(op))
        op = ""
    if op:
        keep(out, "_op", op)
    keep(out, "_prev", children)
    out._flags |= MANY
    mark_made(out, children)


def as_children(children):
    """Return operands as a tuple, after a look at each."""
    if isinstance(children, Value):
        children = (children,)
    children = tuple(children)
    for child in children:
        if not isinstance(child, Value):
            raise NumberError(
                f"the operands of a node must be Values, got {child!r}\nwrap numbers first: Value({child!r})"
            )
    return children


def keep(out, name, item):
    """Put something that the engine must look at into the node's dict."""
    out.__dict__[name] = item
    out._flags |= EXTRA


def put_data(out, x):
    """Store a number as a node's data, by its kind."""
    if type(x) is not float and (type(x) is not int or not -9007199254740992 < x < 9007199254740992):
        if recorder is not None and is_recording():
            x = recorder.adopted(out, x)
        x = plain_number(x)  # may raise: nothing has changed yet
    if out._kind == OTHER:
        out.__dict__.pop("_data", None)
    if type(x) is float:
        out._data = x
        out._kind = FLOAT
    elif type(x) is int and -9007199254740992 < x < 9007199254740992:
        out._data = float(x)
        out._kind = INT
    else:
        out.__dict__["_data"] = x
        out._data = 0.0
        out._kind = OTHER


def put_grad(out, x):
    """Store a number as a node's gradient, by its kind; None stands for "no gradient" and counts as 0."""
    if type(x) is not float and (type(x) is not int or not -9007199254740992 < x < 9007199254740992):
        x = None if x is None else plain_number(x)
    if out._grad_kind == OTHER:
        out.__dict__.pop("_grad", None)
    if out._grad_kind == TRACED and keep_aside(out, x):
        pass
    elif type(x) is float:
        out._grad = x
        out._grad_kind = FLOAT
    elif type(x) is int and -9007199254740992 < x < 9007199254740992:
        out._grad = float(x)
        out._grad_kind = INT
    else:
        out.__dict__["_grad"] = x
        out._grad_kind = OTHER


def plain_number(x):
    """Return float for float's subclasses (np.float64), int for numpy's ints, anything with arithmetic as it is.

    An array or a tensor without axes is the number in it, numpy's True is Python's; a float32 stays one.
    """
    if isinstance(x, float):
        return float(x)
    if isinstance(x, int):
        return x
    if x is None or isinstance(x, (str, bytes, list, tuple, dict, set)):
        raise NumberError(f"a Value holds a number, got {x!r}\nconvert it first, for example Value(float(x))")
    if hasattr(x, "dtype") and not getattr(x, "shape", True):
        if hasattr(x, "__index__") or getattr(x.dtype, "kind", "") == "b":  # a float's array has it too, and refuses
            return plain_number(x.item())
    return x


# ---------------------------------------------------------------------- reading nodes


def number_of(n):
    """Return a node's number; unlike `n.data`, that is no reading by the user."""
    if n._kind == FLOAT:
        return n._data
    if n._kind == INT:
        return int(n._data)
    return n.__dict__["_data"]


def has_operands(n):
    """Tell whether a node was made from others."""
    return n._a is not None or (n._flags & MANY) != 0


def operands_of(n):
    """Return the operands as a tuple, in order; the number of `a ** k` is not one."""
    if n._flags & MANY:
        return n.__dict__["_prev"]
    if n._a is None:
        return ()
    if n._b is None or n._code == POWER:
        return (n._a,)
    return (n._a, n._b)


def rule_operands(n):
    """Return what the node's operation was applied to, the number of `a ** k` included, whatever `_prev` was set to."""
    if n._a is None:
        return n.__dict__["_prev"] if n._flags & MANY else ()
    return (n._a,) if n._b is None else (n._a, n._b)


def operation_of(n):
    """Return the node's row of the table, or the user's operation."""
    return n.__dict__["_row"] if n._code == USER else TABLE[n._code]


def idiom_of(n):
    """Return what the user wrote, when it took several nodes: one of IDIOMS."""
    return IDIOMS[(n._flags & IDIOM) >> 2] if has_operands(n) else ""


def flags_of(n):
    """Return the node's flags."""
    return n._flags


def was_written(n):
    """Tell whether a pass, or the user, wrote the node's gradient."""
    return (n._flags & WRITTEN) != 0


def is_made(n):
    """Tell whether a node was made from others, for callers outside this file."""
    return has_operands(n)


def has_own_step(n):
    """Tell whether `_backward` of a node was set by hand."""
    return (n._flags & RULE) != 0


def has_attributes(n):
    """Tell whether anything is in a node's dict, for callers outside this file."""
    return holds_attributes(n)


def fields_of(n):
    """Return code, kind, kind of the gradient, flags, number, gradient, number when last used, and both operands."""
    return n._code, n._kind, n._grad_kind, n._flags, n._data, n._grad, n._built, n._a, n._b


def set_fields(n, code, kind, grad_kind, flags, data, grad, built, a, b):
    """Fill a blank node from what `fields_of` returned."""
    n._code = code
    n._kind = kind
    n._grad_kind = grad_kind
    n._flags = flags
    n._data = data
    n._grad = grad
    n._a = a
    n._b = b
    n._built = built
    n._pending = 0


def mark_made(out, operands):
    """Give a node its number in the order of making, and note the number that each leaf among its operands holds now.

    Both stand in the same field: a leaf has no such number, and what a made node held can be computed.
    """
    global serial
    for operand in operands:
        if not has_operands(operand):
            operand._built = operand._data
    serial += 1.0
    out._built = serial


def made_as(n):
    """Return the number of a made node in the order of making."""
    return n._built


def local_derivatives(n):
    """Return d node / d operand for each operand of the rule, from the numbers that the nodes hold now."""
    if n._flags & EXTRA:
        given = n.__dict__.get("_local_grads")
        if given is not None:
            return given
    operands = rule_operands(n)
    if n._code == LEAF or not operands:
        return ()
    return operation_of(n).derivative(*[number_of(operand) for operand in operands], number_of(n))


# ---------------------------------------------------------------------- modes


def observed(out):
    """Apply the open modes of this thread to a new node: record its source line, check it, cut it off."""
    if recorder is not None and is_recording():
        recorder.note(out)
        if not modes_open:
            return out
    state = modes.current()
    if (state.sources or state.anomalies) and has_operands(out):
        keep(out, "_source", modes.source_line())
    if state.anomalies and has_operands(out):
        modes.check_value(out)
    if state.no_grad and has_operands(out):
        if recorder is not None and is_recording():
            recorder.cut(out)
        out._a = None
        out._b = None
        out._code = LEAF
        if out._flags & EXTRA:
            for name in ("_prev", "_row", "_op", "_local_grads"):
                out.__dict__.pop(name, None)
        out._flags &= LECTURE
    return out


def set_watching(count):
    """Tell the engine how many mode blocks are open, in all threads together."""
    global watching, modes_open
    modes_open = count
    watching = count + (recorder is not None)


def set_recorder(tracer):
    """Tell the engine who is to be told of every node, reading and writing; None ends that."""
    global recorder, watching
    recorder = tracer
    watching = modes_open + (tracer is not None)


def is_recording():
    """Tell whether a function is being traced in this very thread."""
    return recorder is not None and recorder.thread == thread_id()


def current_recorder():
    """Return the recorder of the function that this thread is tracing, or None."""
    return recorder if is_recording() else None


def traced_reading(n):
    """Return what `.data` gives while some function is traced, or of a node that was left over from a trace."""
    if is_recording():
        return recorder.read(n)
    if n._grad_kind == TRACED:
        if recorder is None or not recorder.knows(n):
            modes.refuse_leak(n)
        return recorder.data_aside(n)
    return number_of(n)


def traced_gradient(n):
    """Return what `.grad` gives while some function is traced, or of a node that was left over from a trace."""
    if is_recording():
        return recorder.read_gradient(n)
    if n._grad_kind == TRACED:
        if recorder is None or not recorder.knows(n):
            modes.refuse_leak(n)
        return recorder.gradient_aside(n)
    return plain_gradient(n)


def plain_gradient(n):
    """Return the gradient that a node holds; unlike `n.grad`, whether or not a function is being traced."""
    if n._grad_kind == FLOAT:
        return n._grad
    if n._grad_kind == INT:
        return int(n._grad)
    return n.__dict__["_grad"]


def keep_aside(n, x):
    """Write the gradient of a node that a trace of another thread has marked; tell whether that was done."""
    if recorder is None or not recorder.knows(n):
        return False
    recorder.put_gradient_aside(n, x)
    return True


def mark_of(n):
    """Return the place of a node on a tape, as `mark` put it there; -1 for a node that is on none."""
    return n._grad if n._grad_kind == TRACED else -1.0


def mark(n, place):
    """Put a node on a tape: its gradient gives way to its place there."""
    n._grad = place
    n._grad_kind = TRACED


def is_constant_leaf(n):
    """Tell whether an operator made a node from a plain number."""
    return not has_operands(n) and (n._flags & CONSTANT) != 0


def is_lecture(n):
    """Tell whether a node is of the lecture's flavour."""
    return (n._flags & LECTURE) != 0


def set_number(n, number):
    """Give a node a float, unseen by journals and tracers."""
    n._data = number
    n._kind = FLOAT


def seen_number(n):
    """Return a node's number for arithmetic on plain numbers; a traced one while a function is traced."""
    return recorder.read(n) if recorder is not None and is_recording() else number_of(n)


def set_journal(events, full, reader):
    """Tell the engine the list that takes the user's writings, and whom to call when it is long and at a reading."""
    global journal, on_full, on_read
    journal = events
    on_full = full
    on_read = reader


def set_silent(change):
    """Write nothing into the journal from the change of +1 to that of -1."""
    global silent
    silent += change


def note(event, n, before, after):
    """Put an event into the journal."""
    if journal is not None and not silent:
        journal.append((event, n, before, after))
        if len(journal) >= 100000 and on_full is not None:
            on_full()


def note_read(n):
    """Tell whoever asked to be told of a reading."""
    if not silent and on_read is not None:
        on_read(n)


# ---------------------------------------------------------------------- sums, as chains of two-operand nodes


def chain_sum(values, start):
    """Return start + v1 + v2 …, left to right, each node marked as part of a sum."""
    total = start
    for v in values:
        if isinstance(total, Value):
            b = lift(v, flags_of(total))
            if b is None:
                raise NumberError(f"sum() needs numbers and Values, got {v!r}")
            total = plus(total, b, SUM)
        elif isinstance(v, Value):
            total = plus(v, lift(total, flags_of(v)), SUM)  # number + Value, as Python's reflected operator has it
        else:
            total = object_sum(total, v)
    return total


def chain_mean(values):
    """Return the sum of the values times 1/n, marked as a mean."""
    total = chain_sum(values, 0)
    if not isinstance(total, Value):
        return total / len(values)
    return times(total, lift(1 / len(values), flags_of(total)), MEAN)


def chain_dot(xs, ys, start):
    """Return start + x1*y1 + x2*y2 …, left to right, without marks: just what a Python loop would build."""
    total = start
    for i in range(len(xs)):
        x = xs[i]
        if isinstance(x, Value) and keeps_arithmetic(x):
            b = lift(ys[i], flags_of(x))
            product = object_product(x, ys[i]) if b is None else times(x, b, 0)
        else:
            product = object_product(x, ys[i])
        if isinstance(total, Value) and isinstance(product, Value) and keeps_arithmetic(total):
            total = plus(total, product, 0)
        else:
            total = object_sum(total, product)
    return total


if not cython.compiled:
    OWN_PLUS, OWN_TIMES, OWN_POWER = Value.__add__, Value.__mul__, Value.__pow__

adopt(Value)
adopt(LectureValue)

# The two commonest exponents, shared: no gradient ever reaches them.
TWO = lift(2, 0)
MINUS_ONE = lift(-1, 0)


def install_methods():
    """Give Value a method for every operation of the table that has none yet, and numpy's names for some."""
    names = {
        "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2", "arcsinh": "asinh",
        "arccosh": "acosh", "arctanh": "atanh",
    }  # fmt: skip
    for row in TABLE[POWER_VALUE + 1 :]:
        if row.name not in ("modulo", "absolute", "where") and not hasattr(Value, row.name):
            setattr(Value, row.name, method_of(row))
    for alias, name in names.items():
        setattr(Value, alias, getattr(Value, name))
    for name, function in rounding.METHODS.items():
        setattr(Value, name, method_calling(function))


def method_of(row):
    """Return a method that applies a row of the table to self and the other operands."""

    if row.arity == 1:

        def method(self):
            return apply_row(row, (self,))

    else:

        def method(self, *others, **named):
            return row(self, *others, **named)

    method.__name__ = row.name
    method.__qualname__ = f"Value.{row.name}"
    method.__doc__ = f"Return {row.documentation}"
    return method


def method_calling(function):
    """Return a method that calls a function with self and the other operands."""

    def method(self, *others):
        return function(self, *others)

    return method


install_methods()
