"""What the first call of value and gradient of a net 784-128-10 with softmax takes, for one image; imports are done."""

import os
import tempfile
from time import perf_counter

os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp()  # nothing compiled is found there

import slopewise as sw
import slopewise.backends.llvm.kernel
import slopewise.backends.llvm.remembered
import slopewise.passes.rolling
from slopewise.backends.llvm import availability
from subjects import dense_loss, wide

SIZES = (784, 128, 10)
subject = wide(SIZES, 1)
x, y = subject.xs[0, 0], int(subject.ys[0, 0])
sw.compile(lambda x: x.tanh() * x)(1.0)
availability.is_available()  # what is loaded late is loaded: llvmlite, too


def dense(weights, biases, xs):
    return [sum((w * x for w, x in zip(row, xs)), b) for row, b in zip(weights, biases)]


@sw.value_and_grad
def loss(parameters):
    w1, b1, w2, b2 = parameters
    logits = dense(w2, b2, [sw.relu(h) for h in dense(w1, b1, x)])
    return sw.logsumexp(logits) - logits[y]


began = perf_counter()
value, gradient = loss(subject.start)
seconds = [perf_counter() - began]
answers = [float(value), float(sum((g * p).sum() for g, p in zip(gradient, subject.start)))]
moved = [p * (1.0 + 1e-30j) for p in subject.start]
expected = [
    float(dense_loss(subject.start, subject.xs[0], subject.ys[0])),
    float(dense_loss(moved, subject.xs[0], subject.ys[0]).imag / 1e-30),
]
extra = {"equations": loss.program.n_equations}
