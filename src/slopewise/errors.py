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
├── NotFittedError     (ValueError, AttributeError)  a result asked of a model before `fit`
├── MissingExtraError  (ImportError)      an optional dependency that is not installed
├── NativeError        (ImportError)      the compiled engine is required, and cannot be used
└── InternalError      (RuntimeError)     our own bug; please report it
```

`FitWarning` (UserWarning) says that a fit is there, but not as it was asked for.

A message has up to three lines: what happened, with the value and what was needed; where; the cure.
"""

__all__ = [
    "AnomalyError",
    "CheckpointError",
    "DataError",
    "DomainError",
    "FitWarning",
    "GraphError",
    "InternalError",
    "MissingExtraError",
    "NativeError",
    "NotFittedError",
    "NumberError",
    "ShapeError",
    "SlopewiseError",
]


class SlopewiseError(Exception):
    """The root of every error that slopewise raises on purpose.

    Catch it to handle anything that slopewise reports, whatever the kind.
    """


class DomainError(SlopewiseError, ValueError):
    """A number lies outside what an operation or an argument allows.

    Operations on floats never raise it (they follow IEEE 754 and give nan or an infinity); it comes from arguments
    such as a negative step size or a learning rate of nan. The message names the argument, its value and the range.
    """


class ShapeError(SlopewiseError, ValueError):
    """Lengths or shapes do not fit together.

    A neuron of three weights was given two inputs, or two sequences of different lengths were to be combined.
    Both lengths are in the message.
    """


class NumberError(SlopewiseError, TypeError):
    """Something that is not a number stands where a number is needed.

    `Value("3")` and `Value([1, 2])` raise it; convert first, for example `Value(float("3"))`.
    """


class GraphError(SlopewiseError, RuntimeError):
    """A graph cannot be copied, pickled or walked as asked.

    A node whose `_backward` was set by hand cannot be copied: the closure would go on writing into the gradients of the
    original. Copy the parameters instead, or build the graph anew from the copies.
    """


class AnomalyError(SlopewiseError, ArithmeticError):
    """`with anomalies():` met the first nan or infinity.

    The message names the operation, its operands with values and labels, and the line of your code that applied it.
    The attribute `node` holds the Value in question.
    """

    node: object = None


class DataError(SlopewiseError, ValueError):
    """A table or a file cannot be used as it is.

    The message gives the row and the column, and the option that would accept it, if there is one.
    """


class CheckpointError(SlopewiseError, ValueError):
    """A saved model does not fit the model that it is loaded into, or the file is damaged.

    Names and shapes are compared before the first number is written, so a failed load changes nothing.
    """


class NotFittedError(SlopewiseError, ValueError, AttributeError):
    """A result was asked of a model that was not fitted yet, or that this kind of fit does not have.

    Call `fit` first. It is an AttributeError too, so `hasattr(model, "coef_")` tells whether a model was fitted.
    """


class FitWarning(UserWarning):
    """A fit is there, but not as it was asked for.

    Columns that determine each other were left out, or a descent did not arrive; the message names them and the cure.
    """


class MissingExtraError(SlopewiseError, ImportError):
    """An optional dependency is not installed.

    The message is one line that ends with the install command to copy.
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
