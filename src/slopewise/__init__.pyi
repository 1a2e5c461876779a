"""The public names for type checkers; the module itself loads each when it is first used."""

from slopewise import basics as basics
from slopewise import engine as engine
from slopewise import errors as errors
from slopewise import lecture as lecture
from slopewise import losses as losses
from slopewise import nn as nn
from slopewise import ops as ops
from slopewise import optim as optim
from slopewise.basics import LinearRegression as LinearRegression
from slopewise.basics import check_gradients as check_gradients
from slopewise.basics import descend as descend
from slopewise.basics import slope as slope
from slopewise.basics import step_size_study as step_size_study
from slopewise.compiler.batches.batching import batched as batched
from slopewise.compiler.compiled import compile as compile
from slopewise.compiler.searches.fitting import least_squares as least_squares
from slopewise.compiler.searches.optimisation import minimize as minimize
from slopewise.compiler.transformations.derivatives import grad as grad
from slopewise.compiler.transformations.derivatives import value_and_grad as value_and_grad
from slopewise.compiler.transformations.directions import hvp as hvp
from slopewise.compiler.transformations.directions import jvp as jvp
from slopewise.compiler.transformations.directions import vjp as vjp
from slopewise.compiler.transformations.matrices import hessian as hessian
from slopewise.compiler.transformations.matrices import jacobian as jacobian
from slopewise.doctor import diagnose as diagnose
from slopewise.doctor import watch as watch
from slopewise.drawing.curves import plot_function as plot_function
from slopewise.drawing.fits import plot_regression as plot_regression
from slopewise.drawing.graphs.graph_picture import draw as draw
from slopewise.drawing.loss_surface import plot_loss_surface as plot_loss_surface
from slopewise.drawing.moving_graphs import animate_backpropagation as animate_backpropagation
from slopewise.drawing.moving_regions import animate_boundary as animate_boundary
from slopewise.drawing.moving_walks import animate_descent as animate_descent
from slopewise.drawing.parameter_histograms import plot_gradients as plot_gradients
from slopewise.drawing.parameter_histograms import plot_histograms as plot_histograms
from slopewise.drawing.parameter_histograms import plot_weights as plot_weights
from slopewise.drawing.regions import plot_boundary as plot_boundary
from slopewise.drawing.runs import plot_sequences as plot_sequences
from slopewise.drawing.runs import plot_step_sizes as plot_step_sizes
from slopewise.drawing.runs import plot_training as plot_training
from slopewise.drawing.training_path import TrainingPath as TrainingPath
from slopewise.drawing.walks import plot_descent as plot_descent
from slopewise.engine import Value as Value
from slopewise.engine import anomalies as anomalies
from slopewise.engine import no_grad as no_grad
from slopewise.engine import source_of as source_of
from slopewise.engine import sources as sources
from slopewise.engine.reductions import clip as clip
from slopewise.engine.reductions import dot as dot
from slopewise.engine.reductions import log_softmax as log_softmax
from slopewise.engine.reductions import logsumexp as logsumexp
from slopewise.engine.reductions import mean as mean
from slopewise.engine.reductions import softmax as softmax
from slopewise.engine.reductions import sum as sum
from slopewise.ops import Operation
from slopewise.ops import operation as operation
from slopewise.ops.special import cbrt as cbrt
from slopewise.ops.special import digamma as digamma
from slopewise.ops.special import erfc as erfc
from slopewise.ops.special import gamma as gamma
from slopewise.ops.special import lgamma as lgamma
from slopewise.quizzes.engine_check import check_engine as check_engine
from slopewise.quizzes.exercise_check import exercise as exercise
from slopewise.quizzes.quiz_play import quiz as quiz
from slopewise.stories.explaining import explain as explain
from slopewise.stories.path_answer import why as why

__version__: str
__all__: list[str]
_MODULES: tuple[str, ...]

abs: Operation
acos: Operation
acosh: Operation
arccos: Operation
arccosh: Operation
arcsin: Operation
arcsinh: Operation
arctan: Operation
arctan2: Operation
arctanh: Operation
asin: Operation
asinh: Operation
atan: Operation
atan2: Operation
atanh: Operation
cos: Operation
cosh: Operation
elu: Operation
erf: Operation
exp: Operation
exp2: Operation
expm1: Operation
gelu: Operation
hypot: Operation
leaky_relu: Operation
log: Operation
log10: Operation
log1p: Operation
log2: Operation
maximum: Operation
minimum: Operation
relu: Operation
sigmoid: Operation
silu: Operation
sin: Operation
sinh: Operation
softplus: Operation
sqrt: Operation
square: Operation
tan: Operation
tanh: Operation
where: Operation

def _dot_picture(source: str, format: str) -> bytes: ...
