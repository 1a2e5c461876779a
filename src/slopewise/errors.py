"""Every exception that slopewise raises, as one tree.

A fault of the caller's is also one of Python's own errors, so `except ValueError` keeps working:

```text
SlopewiseError
├── DomainError        (ValueError)       a number outside what an operation or argument allows
├── ShapeError         (ValueError)       lengths or shapes that do not fit together
├── NumberError        (TypeError)        something that is not a number where one is needed
├── GraphError         (RuntimeError)     a graph that cannot be copied, pickled or walked as asked
├── AnomalyError       (ArithmeticError)  a nan or an infinity, found by `anomalies()`
├── DataError          (ValueError)       a table or a file that cannot be used, with the row
├── CheckpointError    (ValueError)       a saved model that does not fit
├── AnswerError        (ValueError)       an answer to a quiz that cannot be read
├── IRError            (ValueError)       a program that breaks a rule, or a text that is no program
├── TraceError         (TypeError)        a function that cannot be traced, with the line
│   ├── TraceLeakError                    a Value or number used after the trace that made it
│   └── PathError                         more than 64 paths under `strict`, or none yet
├── NotFittedError     (ValueError, AttributeError)  a result asked of a model before `fit`
├── MissingExtraError  (ImportError)      an optional dependency that is not installed
├── NativeError        (ImportError)      the compiled engine is required, and cannot be used
└── InternalError      (RuntimeError)     our own bug; please report it
```

`FitWarning` (UserWarning) says that a fit is there, but not as it was asked for; `PathWarning` (UserWarning), that a
compiled function takes too many paths and is slow from now on; `BackendWarning` (UserWarning), that machine code cannot
be made here.

A message has up to three lines: what happened, with the value and what was needed; where; the cure.
"""

__all__ = [
    "AnomalyError",
    "AnswerError",
    "BackendWarning",
    "CheckpointError",
    "DataError",
    "DomainError",
    "FitWarning",
    "GraphError",
    "IRError",
    "InternalError",
    "MissingExtraError",
    "NativeError",
    "NotFittedError",
    "NumberError",
    "PathError",
    "PathWarning",
    "ShapeError",
    "SlopewiseError",
    "TraceError",
    "TraceLeakError",
]


class SlopewiseError(Exception):
    """The root of every error that slopewise raises on purpose.

    Catch it to handle anything that slopewise reports, whatever the kind.

    Example:
        >>> import slopewise as sw
        >>> try:
        ...     sw.dot([1.0], [1.0, 2.0])
        ... except sw.errors.SlopewiseError as error:
        ...     print(error)
        dot() needs two sequences of equal length, got 1 and 2
    """


class DomainError(SlopewiseError, ValueError):
    """A number lies outside what an operation or an argument allows.

    Operations on floats never raise it (they follow IEEE 754 and give nan or an infinity); it comes from arguments
    such as a negative step size or a learning rate of nan. The message names the argument, its value and the range.

    Example:
        >>> import slopewise as sw
        >>> sw.clip(0.5, low=2.0, high=1.0)
        Traceback (most recent call last):
        ...
        slopewise.errors.DomainError: clip() needs low <= high, got 2.0 and 1.0
    """


class ShapeError(SlopewiseError, ValueError):
    """Lengths or shapes do not fit together.

    A neuron of three weights was given two inputs, or two sequences of different lengths were to be combined.
    Both lengths are in the message.

    Example:
        >>> from slopewise.nn import Neuron
        >>> Neuron(3)([1.0, 2.0])
        Traceback (most recent call last):
        ...
        slopewise.errors.ShapeError: ReLUNeuron(3) takes 3 inputs, got 2
        give one number per weight, or build the net for 2 inputs
    """


class NumberError(SlopewiseError, TypeError):
    """Something that is not a number stands where a number is needed.

    `Value("3")` and `Value([1, 2])` raise it; convert first, for example `Value(float("3"))`.

    Example:
        >>> from slopewise import Value
        >>> Value("3")
        Traceback (most recent call last):
        ...
        slopewise.errors.NumberError: a Value holds a number, got '3'
        convert it first, for example Value(float(x))
    """


class GraphError(SlopewiseError, RuntimeError):
    """A graph cannot be copied, pickled or walked as asked.

    A node whose `_backward` was set by hand cannot be copied: the closure would go on writing into the gradients of the
    original. Copy the parameters instead, or build the graph anew from the copies.

    Example:
        >>> import copy
        >>> from slopewise import Value
        >>> y = Value(9.0, (Value(3.0),), "square")
        >>> y._backward = lambda: None
        >>> copy.deepcopy(y)  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        slopewise.errors.GraphError: cannot copy 'square': its _backward was set by hand ...
    """


class AnomalyError(SlopewiseError, ArithmeticError):
    """`with anomalies():` met the first nan or infinity.

    The message names the operation, its operands with values and labels, and the line of your code that applied it.
    The attribute `node` holds the Value in question.

    Example:
        >>> import slopewise as sw
        >>> x = sw.Value(-1.0, label="x")
        >>> with sw.anomalies():
        ...     y = sw.sqrt(x)  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        slopewise.errors.AnomalyError: sqrt made nan from x = -1.0
        ...
    """

    node: object = None


class DataError(SlopewiseError, ValueError):
    """A table or a file cannot be used as it is.

    The message gives the row and the column, and the option that would accept it, if there is one.

    Example:
        >>> import slopewise as sw
        >>> sw.LinearRegression().fit([1.0, float("nan"), 3.0], [1.0, 2.0, 3.0])
        Traceback (most recent call last):
        ...
        slopewise.errors.DataError: X has nan at row 1, column 0
        fill it in or leave the row out
    """


class CheckpointError(SlopewiseError, ValueError):
    """A saved model does not fit the model that it is loaded into, or the file is damaged.

    Names and shapes are compared before the first number is written, so a failed load changes nothing.

    Example:
        >>> from slopewise.nn import Neuron
        >>> Neuron(2).load_state_dict({"w.0": 1.0, "w.1": 2.0})
        Traceback (most recent call last):
        ...
        slopewise.errors.CheckpointError: the state given does not fit Neuron: b is missing there
        nothing was loaded; parameters there: 2, here: 3
        build the Neuron with the sizes it was saved with, or load what fits with strict=False
    """


class AnswerError(SlopewiseError, ValueError):
    """An answer to a quiz cannot be read as a number.

    The message shows the place with a caret. A wrong answer is no error: it is answered with what it may come from.

    Example:
        >>> from slopewise import Value
        >>> import slopewise as sw
        >>> a = Value(3.0, label="a")
        >>> sw.quiz(a * a).answer("a", "2 * * 3")
        Traceback (most recent call last):
        ...
        slopewise.errors.AnswerError: '2 * * 3' cannot be read: a number is missing here
           2 * * 3
               ^
    """


class IRError(SlopewiseError, ValueError):
    """A `Program` breaks one of its rules, or a text cannot be read as one.

    The message prints the slot in question, or names the line and the column of the text.

    Example:
        >>> from slopewise import ir
        >>> ir.parse("program(%0 x) { %1 = add %0 %2; return %1 }")
        Traceback (most recent call last):
        ...
        slopewise.errors.IRError: %2 is read before it is computed
        line 1, column 29:
            program(%0 x) { %1 = add %0 %2; return %1 }
                                        ^
        an operation reads slots above its own line, an output is one of the slots
    """


class TraceError(SlopewiseError, TypeError):
    """A function does something that cannot be traced.

    A traced function runs once on Values that stand for the numbers of every later call. What would need such a number
    at once (`float(x)`, a `_backward` that is not linear in the gradient, a random draw) is refused. The message
    names the line and a way round.

    Example:
        >>> import slopewise as sw
        >>> k = sw.compile(lambda x: x * float(x))
        >>> k(2.0)  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        slopewise.errors.TraceError: float() of a traced number would freeze it at 2.0
        ...
    """


class TraceLeakError(TraceError):
    """A Value or a number that was made while a function was traced is used after the trace has ended.

    It stood for a number of every later call, and holds none of its own. Return it from the function instead of keeping
    it in a list or an attribute.

    Example:
        >>> import slopewise as sw
        >>> kept = []
        >>> k = sw.compile(lambda x: kept.append(x * 2) or x)
        >>> k(2.0)
        2.0
        >>> kept[0].data  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        slopewise.errors.TraceLeakError: this Value was made while a function was traced, and is used after ...
        ...
    """


class PathError(TraceError):
    """A compiled function has more paths than it may have, or none yet.

    A branch on a number makes a path for each outcome. Past 64, a call that takes a path of its own raises this when
    the function was compiled with `strict=True`. The message names the line at which most paths part. It is also raised
    when a path is asked for before the first call.

    Example:
        >>> import slopewise as sw
        >>> sw.compile(lambda x: 2 * x).program
        Traceback (most recent call last):
        ...
        slopewise.errors.PathError: f was not called yet, so nothing is traced
        call it once with arguments of the form that you mean
    """


class NotFittedError(SlopewiseError, ValueError, AttributeError):
    """A result was asked of a model that was not fitted yet, or that this kind of fit does not have.

    Call `fit` first. It is an AttributeError too, so `hasattr(model, "coef_")` tells whether a model was fitted.

    Example:
        >>> import slopewise as sw
        >>> sw.LinearRegression().coef_
        Traceback (most recent call last):
        ...
        slopewise.errors.NotFittedError: this LinearRegression has no coef_ yet
        call fit(X, y) first
    """


class FitWarning(UserWarning):
    """A fit is there, but not as it was asked for.

    Columns that determine each other were left out, or a descent did not arrive; the message names them and the cure.
    """


class PathWarning(UserWarning):
    """A compiled function has taken too many different paths; calls that take another are run step by step then.

    Too many are 64 that count; 256 of any kind, of which hardly one came back; and 32 of such where ints choose from
    what is too large to be a choice of the program. So are 64 forms of arguments of hardly a call each. Results stay
    right. The message names the line at which most paths part, or the argument whose form is new, and the cure.
    """


class BackendWarning(UserWarning):
    """Machine code cannot be made, so compiled functions run on replay: right, but slower.

    Where it cannot be made at all, that is said once in the life of a process, with the reason (llvmlite is not
    installed, is too old, or does not load) and the cure; `SLOPEWISE_LLVM=off` chooses replay without a word. Where it
    cannot be made of one function, `dtype="float32"` is computed in 64 bits, and the warning says why.
    """


class MissingExtraError(SlopewiseError, ImportError):
    """An optional dependency is not installed.

    The message is one line that ends with the install command to copy.

    Example:
        >>> from slopewise.errors import MissingExtraError
        >>> print(MissingExtraError.for_extra("matplotlib", "plots", "drawing a picture"))
        drawing a picture needs matplotlib, which is not installed: python -m pip install 'slopewise[plots]'
    """

    @classmethod
    def for_extra(cls, package: str, extra: str, purpose: str) -> "MissingExtraError":
        """Name the package, what it is needed for and the command that installs it."""
        return cls(f"{purpose} needs {package}, which is not installed: python -m pip install 'slopewise[{extra}]'")


class NativeError(SlopewiseError, ImportError):
    """`SLOPEWISE_NATIVE` asks for what is not there.

    It is `require`, and the compiled engine is missing, was built from other sources or does not load; or it is none of
    auto, require and off. The message says which, and how to build the engine anew.
    """


class InternalError(SlopewiseError, RuntimeError):
    """A bug of slopewise's own.

    Please report it, with the message and the few lines that led to it.
    """
