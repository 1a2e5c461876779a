"""What derivatives, batches and searches say when they cannot go on, word for word."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import slopewise as sw
from slopewise.errors import SlopewiseError

ANYTHING: Callable[[Any], Any] = lambda item: item  # hides a wrong type from the type checker


def cube(x: Any) -> Any:
    return x**3


def line(x: Any, w: Any) -> Any:
    return w[0] * x + w[1]


def nothing(x: Any) -> None:
    x * 2


def two(x: Any) -> Any:
    return [x, x]


CASES: list[tuple[Callable[[], Any], str]] = [
    (lambda: sw.grad(ANYTHING(3.0)), "grad() needs a function, got 3.0\ngive the function itself, not its result: grad(f)(x), not grad(f(x))"),
    (lambda: sw.grad(nothing)(1.0), "grad() needs a function that returns one number, and nothing returned None\ndoes the function end without `return`?"),
    (lambda: sw.grad(two)(1.0), "grad() needs a function that returns one number, and two returned a list of 2 numbers\nreturn one of them or their sum, or use sw.jacobian"),
    (lambda: sw.hessian(lambda x: np.array([x, x]))(1.0), "hessian() needs a function that returns one number, and f returned an array of shape (2,)\nreturn one of them or their sum, or use sw.jacobian"),
    (lambda: sw.jacobian(lambda x: "text")(1.0), "jacobian() needs a function that returns numbers, and f returned 'text'\nreturn a number that is computed from the arguments"),
    (lambda: sw.grad(cube, wrt="y"), "grad(wrt=…): cube(x) has no argument 'y'\nthere are 'x'"),
    (lambda: sw.grad(lambda weights: weights, wrt="weight"), "grad(wrt=…): f(weights) has no argument 'weight'\ndid you mean 'weights'?"),
    (lambda: sw.grad(cube, wrt=1), "grad(wrt=…): cube(x) has 1 argument by position, and 1 is asked for\npositions go from 0 to 0"),
    (lambda: sw.grad(lambda *, k: k), "grad(wrt=…): f() has 0 arguments by position, and 0 is asked for\nchoose 'k' by its name"),
    (lambda: sw.grad(lambda: 1.0), "grad(wrt=…): f() has 0 arguments by position, and 0 is asked for\na function without arguments has no derivative"),
    (lambda: sw.grad(cube, wrt=ANYTHING(0.5)), "grad(wrt=…) takes positions and names of arguments, got 0.5\ngive 0 for the first, its name, or a tuple of them: wrt=('x', 'y')"),
    (lambda: sw.grad(cube, wrt=True), "grad(wrt=…) takes positions and names of arguments, got True\ngive 0 for the first, its name, or a tuple of them: wrt=('x', 'y')"),
    (lambda: sw.grad(cube, wrt=()), "grad(wrt=…) chooses no argument, got ()\ngive a position, a name, or several of them"),
    (lambda: sw.grad(cube, wrt=(0, 0)), "grad(wrt=…) chooses argument 0 twice\nname each argument once"),
    (lambda: sw.grad(line, wrt=(0, "x"))(1.0, [1.0, 2.0]), "grad(wrt=…) chooses the same argument of line(x, w) twice, as 0 and as 'x'\nname each argument once"),
    (lambda: sw.grad(lambda *xs: xs[0], wrt=3)(1.0), "grad(wrt=…) chooses argument 3 of f(*xs), and the call gives 1 argument by position\ngive that argument, or choose another"),
    (lambda: sw.grad(lambda x, name: x, wrt="name")(1.0, "a"), "grad() differentiates by name, and the call gives 'a' there, which holds no number\nchoose an argument of numbers with wrt="),
    (lambda: sw.jvp(cube)(2.0), "jvp() needs the direction by name: tangent=…\ngive it in the form of argument 0: jvp(f)(x, tangent=v)"),
    (lambda: sw.jvp(cube)(2.0, tangent=[1.0, 2.0]), "jvp() got a list of 2 numbers as tangent, and argument 0 is a number\ngive the tangent in the form of argument 0"),
    (lambda: sw.hvp(line, wrt=("x", "w"))(2.0, [1.0, 2.0], tangent=(1.0, 2.0)), "hvp() got a tuple of 2 numbers as tangent, and the tuple of arguments ('x', 'w') is a number and a list of 2 numbers\ngive the tangent in the form of the tuple of arguments ('x', 'w')"),
    (lambda: sw.vjp(two)(1.0), "vjp() needs the direction by name: cotangent=…\ngive it in the form of the result: vjp(f)(x, cotangent=v)"),
    (lambda: sw.vjp(two)(1.0, cotangent=[1.0]), "vjp() got a list of 1 number as cotangent, and the result is a list of 2 numbers\ngive the cotangent in the form of the result"),
    (lambda: sw.jvp(cube, (2.0,), (1.0, 2.0)), "jvp() got a tuple of 2 numbers as tangent, and the tuple of arguments (0,) is a number, in a tuple\ngive the tangent in the form of the tuple of arguments (0,)"),
    (lambda: sw.jvp(lambda tangent: tangent), "jvp() hands its tangent over by that name, and f(tangent) has an argument of that name\nwrap it: lambda x, tangent_: f(x, tangent=tangent_)"),
    (lambda: sw.jvp(cube, 3.0, 1.0), "jvp(f, arguments, tangent) takes the arguments as a tuple, got 3.0\nwrite jvp(f, (x,), (v,))"),
    (lambda: sw.vjp(cube, (3.0,), 1.0, 2.0), "vjp() takes f and wrt, or f, its arguments and the cotangent, got 4 by position\nwrite vjp(f, wrt=0)(x, cotangent=v), or vjp(f, (x,), u)"),
    (lambda: sw.batched(line)([1.0, 2.0], np.zeros((3, 2))), "batched() got 2 rows in x and 3 in w\ngive equally many, or name what is the same in every row: batched(f, shared='w')"),
    (lambda: sw.batched(lambda x, y: x[0] * y)(list(np.zeros((3, 2))), np.zeros(3)), "batched() got 2 rows in x and 3 in y\nx is a list of 3 arrays, each a column; if each is a row, give np.array(x)"),
    (lambda: sw.batched(cube)({"a": np.zeros(2), "b": np.zeros(3)}), "batched() got 2 rows in x['a'] and 3 in x['b']\ngive equally many, or name what is the same in every row: batched(f, shared='x')"),
    (lambda: sw.batched(line)([1.0], [1.0], [1.0]), "batched() got 3 arguments for line(x, w)\ngive one item for each argument of the function: all rows of it, or what is shared"),
    (lambda: sw.batched(line)([1.0, 2.0], 3.0), "batched() goes over the leading axis of every argument, and w is the single number 3.0\nname it if it is the same in every row: batched(f, shared='w')"),
    (lambda: sw.batched(cube)(np.array(3.0)), "batched() goes over the leading axis of every argument, and x is an array without axes\nname it if it is the same in every row: batched(f, shared='x')"),
    (lambda: sw.batched(line, shared=(0, 1))(1.0, [1.0, 2.0]), "batched() got no argument with rows for line\ngive an array or a list for at least one argument that is not shared"),
    (lambda: sw.batched(cube)([]), "batched() got no rows: x is empty\nwhat cube returns is known from a row; leave empty batches out"),
    (lambda: sw.batched(lambda x: [x] * int(x))([1.0, 2.0]), "batched() stacks the results of all rows, and row 0 returned a list of 1 number, row 1 a list of 2 numbers\nreturn the same form from every row"),
    (lambda: sw.batched(sw.hessian(line, wrt="w", sparse=True), shared="w")([1.0], [1.0, 2.0]), "batched() stacks arrays, and each row returned a sparse matrix\nask for the dense one: sparse=False"),
    (lambda: sw.batched(line, shared="z"), "batched(shared=…): line(x, w) has no argument 'z'\nthere are 'x', 'w'"),
    (lambda: sw.minimize(cube, 1.0, method="newton"), "no method 'newton' for minimize()\ndid you mean 'Newton-CG'?"),
    (lambda: sw.minimize(cube, 1.0, method="BFGS", bounds=(0, 2)), "the method 'BFGS' takes no bounds\nuse one of 'L-BFGS-B', 'TNC', 'SLSQP', 'trust-constr', 'Nelder-Mead', 'Powell', 'COBYLA', 'COBYQA'"),
    (lambda: sw.minimize(cube, 1.0, bounds=(2, 0)), "minimize() has bounds from 2.0 to 0.0 for x\ngive the lower one first"),
    (lambda: sw.minimize(cube, 1.0, bounds=(2, 3)), "minimize() starts from x = 1.0, outside its bounds from 2.0 to 3.0\nstart between them"),
    (lambda: sw.minimize(cube, 1.0, bounds=3.0), "minimize() takes bounds as a tuple (lowest, highest), got 3.0\neach is None, one number for all, or numbers in the form of the start; a list of pairs works too"),
    (lambda: sw.minimize(cube, 1.0, bounds=([0.0, 1.0], None)), "minimize() has 2 bounds on one side for 1 number\ngive one for each, in the form of the start, with None where there is none"),
    (lambda: sw.minimize(cube, 1.0, constraints=3), "minimize() got the constraint 3\nwrite {'type': 'eq', 'fun': g} for g(x) = 0, {'type': 'ineq', 'fun': g} for g(x) ≥ 0"),
    (lambda: sw.minimize(cube, 1.0, max_iterations=0), "minimize() takes max_iterations of at least 1, got 0"),
    (lambda: sw.minimize(cube, "a"), "minimize() starts from 'a', which holds no number\ngive at least one"),
    (lambda: sw.minimize(cube, float("nan")), "minimize() starts from x = nan\ngive a finite number to start from"),
    (lambda: sw.minimize(line, 1.0), "minimize() starts from 1.0, which is one argument, and line(x, w) takes more\ngive a tuple of one start per argument: (1.0, 2.0)"),
    (lambda: sw.minimize(lambda p: sw.log(p["a"]) * p["b"], {"a": -1.0, "b": 2.0}), "f is nan at the start, p['a'] = -1.0, p['b'] = 2.0\nstart where it is finite; sw.anomalies() around an eager call names the operation"),
    (lambda: sw.minimize(lambda a, b: a + sw.sqrt(b), (1.0, 0.0)), "the slope of f in b is inf at the start, a = 1.0, b = 0.0\nstart where the slopes are finite"),
    (lambda: sw.minimize(two, 1.0), "minimize() needs a function that returns one number, and two returned a list of 2 numbers\nreturn one of them or their sum, or use sw.least_squares, which takes residuals"),
    (lambda: sw.least_squares(lambda a, b: [a + b], (0.0, 0.0)), "f returned 1 residual for 2 parameters\na fit needs at least as many residuals as parameters: return one per measurement, not their sum"),
    (lambda: sw.least_squares(lambda a: [a, sw.log(a), sw.log(a)], -1.0), "residual 1 of f is nan at the start, a = -1.0 (2 are not finite)\nstart where all residuals are finite, and look for missing measurements"),
    (lambda: sw.least_squares(lambda a: [a, sw.sqrt(a)], 0.0), "the slope of residual 1 of f in a is not finite at the start, a = 0.0\nstart where the slopes are finite"),
    (lambda: sw.least_squares(cube, 1.0, method="LM"), "no method 'LM' for least_squares()\ndid you mean 'lm'?"),
    (lambda: sw.least_squares(cube, 1.0, method="lm", bounds=(0, 2)), "the method 'lm' takes no bounds\nuse 'trf'"),
    (lambda: sw.least_squares(cube, 1.0, loss="huba"), "no loss 'huba' for least_squares()\ndid you mean 'huber'?"),
    (lambda: sw.least_squares(cube, 1.0, tolerance=0), "least_squares() takes a tolerance from 1e-15 to below 1, got 0"),
    (lambda: sw.least_squares(cube, 1.0, bounds=(1.0, 1.0)), "least_squares() has equal bounds for x, which leaves no room\ntake it out of the parameters: write its number into the function"),
    (lambda: ANYTHING(sw.minimize)(cube, 1.0, tol=1e-9), "minimize() has no keyword tol\nwrite tolerance="),
    (lambda: ANYTHING(sw.minimize)(cube, 1.0, maxiter=9), "minimize() has no keyword maxiter\nwrite max_iterations="),
    (lambda: ANYTHING(sw.minimize)(cube, 1.0, args=(1,)), "minimize() has no keyword args\nwrite them into the function: lambda x: f(x, a, b)"),
    (lambda: ANYTHING(sw.minimize)(cube, 1.0, jac=True), "minimize() has no keyword jac\nleave it out: the derivatives are slopewise's own"),
    (lambda: ANYTHING(sw.minimize)(cube, 1.0, bound=(0, 1)), "minimize() has no keyword bound\ndid you mean bounds=?"),
    (lambda: ANYTHING(sw.minimize)(cube, 1.0, qqq=1), "minimize() has no keyword qqq\nthere are method, bounds, constraints, tolerance, max_iterations, callback, options"),
    (lambda: ANYTHING(sw.least_squares)(cube, 1.0, max_nfev=9), "least_squares() has no keyword max_nfev\nwrite max_evaluations="),
    (lambda: sw.least_squares(nothing, 1.0), "nothing returned None, which holds no number\ndoes the function end without `return`?"),
    (lambda: sw.least_squares(lambda x: [], 1.0), "f returned a list of 0 numbers, which holds no number\nreturn at least one number"),
    (lambda: sw.minimize(line, (1.0, [1.0, 2.0]), bounds=[(0, 1)]), "minimize() has 1 pair of bounds for 3 numbers\ngive one pair for each"),
    (lambda: sw.batched(lambda a: (a, "pos") if a > 0 else (a, "neg"))([1.0, -2.0]), "batched() stacks the results of all rows, and row 0 returned 'pos', row 1 'neg'\nreturn the same form from every row"),
    (lambda: sw.batched(lambda a: {"p": a} if a > 0 else {"q": a})([1.0, -2.0]), "batched() stacks the results of all rows, and row 0 returned a dict of 'p', row 1 a dict of 'q'\nreturn the same form from every row"),
    (lambda: sw.batched(lambda a, b: a)([1.0], (x for x in [1.0])), "b is a generator, which can be read only once\ngive a list: list(…) makes one of it"),
    (lambda: sw.batched(cube)([1.0], [2.0]), "batched() got 2 arguments for cube(x)\ngive one item for each argument of the function: all rows of it, or what is shared"),
    (lambda: sw.batched(cube, shared=1.5), "batched(shared=…) takes positions and names of arguments, got 1.5\ngive 0 for the first, its name, or a tuple of them: shared=('x', 'y')"),
    (lambda: sw.grad(lambda x, *rest, **more: x, wrt="rest"), "grad(wrt=…) chooses *rest of f, which stands for any number of arguments\nchoose them by position: 1 is the first of them"),
    (lambda: sw.grad(lambda x, *rest, **more: x, wrt="more"), "grad(wrt=…) chooses **more of f, which stands for any number of arguments\nchoose each by its name"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), CASES, ids=range(len(CASES)))
def test_the_words(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(SlopewiseError) as caught:
        call()
    assert str(caught.value) == message


def test_a_constraint_of_another_form() -> None:
    with pytest.raises(SlopewiseError) as caught:
        sw.minimize(cube, 1.0, constraints={"type": "less", "fun": cube})
    assert str(caught.value).splitlines()[1] == (
        "write {'type': 'eq', 'fun': g} for g(x) = 0, {'type': 'ineq', 'fun': g} for g(x) ≥ 0"
    )


def test_a_search_inside_a_trace() -> None:
    with pytest.raises(SlopewiseError) as caught:
        sw.grad(lambda a: sw.minimize(lambda x: (x - a) ** 2, 0.0).x)(1.0)
    first, second, third = str(caught.value).splitlines()
    assert first == "minimize() decides by its numbers how to go on, and cannot be recorded"
    assert "sw.minimize(lambda x: (x - a) ** 2, 0.0)" in second
    assert third == "search outside the traced function, and give it what was found"


def test_a_call_without_arguments() -> None:
    with pytest.raises(SlopewiseError, match="chooses argument 0"):
        sw.grad(cube)()
