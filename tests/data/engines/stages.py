"""An engine as it grows while the lecture is followed, one class per stage."""
import math


class JustNumbers:
    """+ and *, nothing else."""

    def __init__(self, data):
        self.data = data

    def __add__(self, other):
        return JustNumbers(self.data + other.data)

    def __mul__(self, other):
        return JustNumbers(self.data * other.data)


class WithGraph:
    """Operands, a gradient and tanh; the gradients are still set by hand."""

    def __init__(self, data, _children=(), _op="", label=""):
        self.data = data
        self.grad = 0.0
        self._prev = set(_children)
        self._op = _op
        self.label = label

    def __add__(self, other):
        return WithGraph(self.data + other.data, (self, other), "+")

    def __mul__(self, other):
        return WithGraph(self.data * other.data, (self, other), "*")

    def tanh(self):
        x = self.data
        t = (math.exp(2 * x) - 1) / (math.exp(2 * x) + 1)
        return WithGraph(t, (self,), "tanh")


class StepsByHand:
    """_backward in every node, called by hand; still with `=`."""

    def __init__(self, data, _children=(), _op="", label=""):
        self.data = data
        self.grad = 0.0
        self._backward = lambda: None
        self._prev = set(_children)
        self._op = _op
        self.label = label

    def __add__(self, other):
        out = StepsByHand(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad = 1.0 * out.grad
            other.grad = 1.0 * out.grad

        out._backward = _backward
        return out

    def __mul__(self, other):
        out = StepsByHand(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad = other.data * out.grad
            other.grad = self.data * out.grad

        out._backward = _backward
        return out

    def tanh(self):
        x = self.data
        t = (math.exp(2 * x) - 1) / (math.exp(2 * x) + 1)
        out = StepsByHand(t, (self,), "tanh")

        def _backward():
            self.grad = (1 - t**2) * out.grad

        out._backward = _backward
        return out


class AddingByHand(StepsByHand):
    """The same with `+=`, before there is a backward()."""

    def __add__(self, other):
        out = AddingByHand(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out

    def __mul__(self, other):
        out = AddingByHand(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out

    def tanh(self):
        t = math.tanh(self.data)
        out = AddingByHand(t, (self,), "tanh")

        def _backward():
            self.grad += (1 - t**2) * out.grad

        out._backward = _backward
        return out


class WithPass(AddingByHand):
    """backward() in topological order; plain numbers are not wrapped yet."""

    def __add__(self, other):
        out = super().__add__(other)
        out.__class__ = WithPass
        return out

    def __mul__(self, other):
        out = super().__mul__(other)
        out.__class__ = WithPass
        return out

    def tanh(self):
        out = super().tanh()
        out.__class__ = WithPass
        return out

    def backward(self):
        topo = []
        visited = set()

        def build(v):
            if v not in visited:
                visited.add(v)
                for child in v._prev:
                    build(child)
                topo.append(v)

        build(self)
        self.grad = 1.0
        for node in reversed(topo):
            node._backward()


class Stubs:
    """Everything announced, nothing written."""

    def __init__(self, data):
        self.data = data
        self.grad = 0.0

    def __add__(self, other):
        pass

    def __mul__(self, other):
        raise NotImplementedError

    def tanh(self):
        ...

    def backward(self):
        """Later."""


class Empty:
    pass


class NoStepForTanh(WithPass):
    """tanh computes, and has no _backward yet."""

    def __add__(self, other):
        out = super().__add__(other)
        out.__class__ = NoStepForTanh
        return out

    def __mul__(self, other):
        out = super().__mul__(other)
        out.__class__ = NoStepForTanh
        return out

    def tanh(self):
        out = NoStepForTanh(math.tanh(self.data), (self,), "tanh")
        return out


class OtherNames:
    """.value, .derivative and .backprop(), one visit per path: slow, and right."""

    def __init__(self, value, parents=()):
        self.value = value
        self.derivative = 0
        self.parents = parents

    def __add__(self, other):
        other = other if isinstance(other, OtherNames) else OtherNames(other)
        return OtherNames(self.value + other.value, ((self, 1), (other, 1)))

    def __mul__(self, other):
        other = other if isinstance(other, OtherNames) else OtherNames(other)
        return OtherNames(self.value * other.value, ((self, other.value), (other, self.value)))

    __radd__ = __add__
    __rmul__ = __mul__

    def backprop(self, upstream=1.0):
        self.derivative += upstream
        for parent, slope in self.parents:
            parent.backprop(upstream * slope)


class LabelFirst:
    """A label that must be given, before the number."""

    def __init__(self, label, data):
        self.label = label
        self.data = data
        self.grad = None

    def __add__(self, other):
        return LabelFirst("", self.data + other.data)


class SeedGiven(WithPass):
    """backward(gradient): the seed is an argument."""

    def __add__(self, other):
        out = super().__add__(other)
        out.__class__ = SeedGiven
        return out

    def __mul__(self, other):
        out = super().__mul__(other)
        out.__class__ = SeedGiven
        return out

    def backward(self, gradient):
        super().backward()
        self.grad = gradient
