"""`LinearRegression`: what it takes, what it refuses, and that its three ways meet."""

import io
import math
import pickle
import warnings
from typing import Any

import numpy as np
import pytest

import slopewise as sw
from slopewise.errors import DataError, DomainError, FitWarning, NotFittedError, NumberError, ShapeError

X = [[1.0, 5.0], [2.0, 3.0], [4.0, 8.0], [7.0, 1.0], [9.0, 9.0]]
Y = [3.0, 1.0, 4.0, 1.0, 5.0]


class Frame:
    """Just enough of a data frame: `columns`, indexed by name."""

    def __init__(self, **columns: Any) -> None:
        self._columns = columns

    @property
    def columns(self) -> Any:
        return list(self._columns)

    def __getitem__(self, name: Any) -> Any:
        return self._columns[name]


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("options", [{}, {"method": "normal"}, {"method": "descent"}, {"solver": "qr"}])
def test_the_three_ways_meet(options: Any, fit_intercept: Any) -> None:
    from sklearn.linear_model import LinearRegression as Peer

    mine = sw.LinearRegression(**options, fit_intercept=fit_intercept).fit(X, Y)
    peer = Peer(fit_intercept=fit_intercept).fit(X, Y)
    tolerance = 1e-6 if options.get("method") == "descent" else 1e-12
    np.testing.assert_allclose(mine.coef_, peer.coef_, rtol=tolerance)
    np.testing.assert_allclose(mine.intercept_, peer.intercept_, rtol=tolerance, atol=1e-12)
    np.testing.assert_allclose(mine.predict(X), peer.predict(X), rtol=tolerance)
    assert mine.score(X, Y) == pytest.approx(peer.score(X, Y))


def test_one_dimensional_x_is_one_predictor() -> None:
    line = sw.LinearRegression().fit([1, 2, 3], (2, 4, 6))
    assert line.coef_.tolist() == [2.0]
    assert line.predict([10, 20]).tolist() == [20.0, 40.0]
    assert line.n_features_in_ == 1


def test_an_intercept_far_from_the_data_costs_no_digits() -> None:
    seconds = 1.7e9 + np.arange(50.0)
    line = sw.LinearRegression().fit(seconds, 3.0 * np.arange(50.0) + 1.0)
    assert line.coef_.tolist() == [3.0]
    assert line.intercept_ == 1.0 - 3.0 * 1.7e9


def test_values_fractions_and_generators_are_numbers() -> None:
    line = sw.LinearRegression().fit([sw.Value(1.0), sw.Value(2.0), sw.Value(4.0)], (k * 3 for k in (1, 2, 4)))
    assert line.coef_.tolist() == [3.0]


def test_tables_go_by_name_and_in_any_order() -> None:
    line = sw.LinearRegression().fit(Frame(a=[1, 2, 3, 5], b=[1, 0, 2, 1]), [1, 2, 3, 9])
    assert line.feature_names_in_.tolist() == ["a", "b"]
    straight = line.predict(Frame(a=[1.0], b=[7.0]))
    assert line.predict({"b": [7.0], "more": ["text"], "a": [1.0]}).tolist() == straight.tolist()
    with pytest.raises(DataError, match="X has no column 'b'"):
        line.predict({"a": [1.0], "B": [1.0]})


def test_a_dependent_column_is_left_out_and_named() -> None:
    table = {"a": [1.0, 2.0, 3.0, 4.0], "twice": [2.0, 4.0, 6.0, 8.0], "c": [1.0, 0.0, 1.0, 1.0]}
    with pytest.warns(FitWarning, match="twice is 2·a; left out"):
        line = sw.LinearRegression().fit(table, [1.0, 2.0, 3.0, 5.0])
    assert line.rank_deficient_
    assert line.rank_ == 3
    assert line.dropped_ == ("twice",)
    assert line.coef_[1] == 0.0
    without = sw.LinearRegression().fit({"a": table["a"], "c": table["c"]}, [1.0, 2.0, 3.0, 5.0])
    np.testing.assert_allclose(line.coef_[[0, 2]], without.coef_)
    assert line.summary()["twice"].dropped
    assert math.isnan(line.summary()["twice"].standard_error)


@pytest.mark.parametrize("method", ["qr", "normal", "descent"])
def test_a_combination_found_among_rounded_numbers(method: Any) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.uniform(1, 2, 60), rng.normal(size=60) + 3
    with pytest.warns(FitWarning, match=r"x3 is 0.1·x1 − 0.3·x2 \+ 7"):
        line = sw.LinearRegression(method, steps=100_000).fit(np.column_stack([a, b, 0.1 * a - 0.3 * b + 7]), a + b)
    assert line.rank_ == 3
    assert line.score(np.column_stack([a, b, 0 * a]), a + b) == pytest.approx(1.0)


def test_nearly_dependent_is_not_dependent() -> None:
    a = np.linspace(0, 1, 20)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        line = sw.LinearRegression().fit(np.column_stack([a, a + 1e-9 * np.sin(40 * a)]), a)
    assert line.rank_ == 3
    assert not line.rank_deficient_


def test_constant_columns() -> None:
    with pytest.warns(FitWarning, match="x1 is 0.1 in every row, which the intercept already covers"):
        line = sw.LinearRegression().fit([0.1] * 7, range(7))
    assert (line.coef_.tolist(), line.intercept_, line.rank_) == ([0.0], 3.0, 1)
    assert sw.LinearRegression(fit_intercept=False).fit([0.1] * 7, range(7)).rank_ == 1
    with pytest.warns(FitWarning, match="x1 is 0 in every row"):
        assert sw.LinearRegression(fit_intercept=False).fit([0.0] * 7, range(7)).rank_ == 0


def test_more_columns_than_rows_are_named() -> None:
    with pytest.warns(FitWarning, match="3 rows determine at most 3 coefficients; left out with coefficient 0: x3, x4"):
        line = sw.LinearRegression().fit([[1, 5, 2, 2], [2, 9, 7, 1], [3, 4, 4, 4]], [1, 2, 4])
    np.testing.assert_allclose(line.predict([[1, 5, 2, 2]]), [1.0])


def test_a_constant_target_fits_and_says_so() -> None:
    line = sw.LinearRegression().fit([1, 2, 3], [4, 4, 4])
    assert (line.coef_.tolist(), line.intercept_) == ([0.0], 4.0)
    assert line.score([1, 2, 3], [4, 4, 4]) == 1.0
    assert math.isnan(line.summary().r_squared)
    assert "every y is 4" in line.summary().notes[0]


def test_as_many_coefficients_as_rows() -> None:
    report = sw.LinearRegression().fit([1, 2], [3, 5]).summary()
    assert report.degrees_of_freedom == 0
    assert math.isnan(report.rows[1].standard_error)
    assert "no spread is left" in report.notes[0]
    assert "2" in str(report)


@pytest.mark.parametrize(
    ("x", "y", "error"),
    [
        ([], [], DataError),
        ([[], []], [1, 2], DataError),
        ([[1.0]], [1.0], DataError),
        ([1, 2, 3], [1, 2], ShapeError),
        ([[1, 2], [3]], [1, 2], ShapeError),
        (5.0, [1.0], ShapeError),
        (np.zeros((2, 2, 2)), [1, 2], ShapeError),
        ([1, 2], [[1, 2], [3, 4]], ShapeError),
        ([1, 2], 3.0, ShapeError),
        ([1, math.nan, 3], [1, 2, 3], DataError),
        ([1, 2, 3], [1, math.inf, 3], DataError),
        ([1, None, 3], [1, 2, 3], DataError),
        (["1", "2"], [1, 2], NumberError),
        ([1, "two"], [1, 2], NumberError),
        ("text", [1, 2], NumberError),
        ([1 + 2j, 2], [1, 2], NumberError),
        (np.array(["2020-01-01", "2020-01-02"], dtype="M8[D]"), [1, 2], NumberError),
        ([1e200, 2], [1, 2], DataError),
        (Frame(a=[1, 2], b=[1]), [1, 2], ShapeError),
    ],
)
def test_what_cannot_be_fitted_is_refused(x: Any, y: Any, error: Any) -> None:
    with pytest.raises(error) as caught:
        sw.LinearRegression().fit(x, y)
    assert len(str(caught.value).splitlines()[0]) > 15


def test_a_failed_fit_leaves_the_model_as_it_was() -> None:
    line = sw.LinearRegression().fit([1, 2, 3], [2, 4, 6])
    with pytest.raises(ShapeError):
        line.fit([1, 2], [1, 2, 3])
    assert line.coef_.tolist() == [2.0]


def test_before_fit() -> None:
    line = sw.LinearRegression()
    assert not hasattr(line, "coef_")
    uses = [lambda: line.predict([1]), line.summary, line.derivation, lambda: line.path_, lambda: line.score([1], [1])]
    for use in uses:
        with pytest.raises(NotFittedError):
            use()
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = line.nonsense
    with pytest.raises(NotFittedError, match="fitted with method='qr'"):
        _ = line.fit([1, 2], [1, 2]).path_


@pytest.mark.parametrize(
    "options",
    [
        {"method": "svd"},
        {"lr": -1.0},
        {"lr": math.nan},
        {"steps": 0},
        {"steps": 2.5},
        {"tol": -1},
        {"method": "normal", "solver": "descent"},
    ],
)
def test_arguments_outside_their_range(options: Any) -> None:
    with pytest.raises(DomainError):
        sw.LinearRegression(**options)


def test_parameters_in_and_out() -> None:
    line = sw.LinearRegression("normal", fit_intercept=False)
    assert sw.LinearRegression(**line.get_params()).get_params() == line.get_params()
    assert line.set_params(solver="descent", steps=5).method == "descent"
    assert repr(line) == "LinearRegression(method='descent', fit_intercept=False, steps=5)"
    with pytest.raises(DomainError, match="did you mean 'fit_intercept'"):
        line.set_params(fit_intercep=True)
    with pytest.raises(DomainError):
        line.set_params(steps=7, lr=-1)
    assert line.steps == 5


def test_with_scikit_learn() -> None:
    from sklearn.base import clone, is_regressor
    from sklearn.model_selection import cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(1)
    x = rng.normal(size=(40, 2))
    y = x @ [1.0, -2.0] + 0.1 * rng.normal(size=40)
    assert is_regressor(sw.LinearRegression())
    assert clone(sw.LinearRegression("normal")).method == "normal"
    assert cross_val_score(sw.LinearRegression(), x, y, cv=4).min() > 0.98
    assert make_pipeline(StandardScaler(), sw.LinearRegression()).fit(x, y).score(x, y) > 0.99


def test_pickled_models_predict_the_same() -> None:
    line = sw.LinearRegression().fit(X, Y)
    again = pickle.loads(pickle.dumps(line))
    assert again.predict(X).tolist() == line.predict(X).tolist()


def test_p_values_and_intervals_are_students() -> None:
    from scipy import stats

    report = sw.LinearRegression().fit(X, Y).summary(confidence=0.9)
    for row in report.rows:
        assert row.p == pytest.approx(2 * stats.t.sf(abs(row.t), report.degrees_of_freedom), rel=1e-9)
        half = stats.t.ppf(0.95, report.degrees_of_freedom) * row.standard_error
        assert row.high - row.coefficient == pytest.approx(half, rel=1e-9)


@pytest.mark.parametrize("freedom", [1, 2, 3, 10, 440, 100_000])
@pytest.mark.parametrize("t", [0.0, 1e-8, 0.3, 1.0, 2.5, 8.0, 40.0])
def test_the_t_distribution(t: Any, freedom: Any) -> None:
    from scipy import stats

    from slopewise.basics.student_t import two_sided_p

    assert two_sided_p(t, freedom) == pytest.approx(2 * stats.t.sf(t, freedom), rel=1e-8, abs=1e-300)


# ---------------------------------------------------------------------- descent


def test_descent_crawls_on_the_raw_column_and_arrives_on_the_standardised_one() -> None:
    from slopewise.data import diabetes

    table = diabetes()
    x, y = table.column("bmi"), table.column("progression")
    right = sw.LinearRegression().fit(x, y)
    assert (round(right.intercept_, 2), round(right.coef_[0], 3)) == (-117.77, 10.233)
    with pytest.warns(FitWarning, match="descent has not arrived after 1000 steps.*it crawls"):
        raw = sw.LinearRegression("descent", steps=1000).fit(x, y)
    assert raw.path_.stopped == "steps used up"
    assert abs(raw.coef_[0] - right.coef_[0]) > 1
    walked = sw.LinearRegression("descent", steps=1000, standardize=True).fit(x, y)
    assert walked.path_.stopped == "converged"
    np.testing.assert_allclose([walked.intercept_, *walked.coef_], [right.intercept_, *right.coef_], rtol=1e-7)
    with pytest.warns(FitWarning, match="descent flew off: at lr 0.1"):
        flown = sw.LinearRegression("descent", lr=0.1).fit(x, y)
    assert flown.path_.stopped == "diverging"
    assert np.isfinite(flown.coef_).all()


def test_the_path_holds_every_step() -> None:
    line = sw.LinearRegression("descent", lr=0.1, standardize=True).fit([1.0, 2.0, 3.0], [2.0, 4.1, 6.0])
    path = line.path_
    assert len(path) == len(list(path)) == len(path.rss)
    assert path[0].coefficients == (0.0,)
    assert path[0].rss == pytest.approx(4 + 4.1**2 + 36)
    assert (path[-1].intercept, *path[-1].coefficients) == (line.intercept_, *line.coef_)
    assert all(later.rss <= earlier.rss * (1 + 1e-12) for earlier, later in zip(path, list(path)[1:], strict=False))
    assert "converged after" in str(path)
    with pytest.raises(IndexError):
        _ = path[len(path)]


def test_the_path_is_gradient_descent_as_the_engine_would_walk_it() -> None:
    xs, ys, lr = [1.0, 2.0, 4.0], [1.0, 3.0, 2.0], 0.05
    with pytest.warns(FitWarning):
        path = sw.LinearRegression("descent", lr=lr, steps=5).fit(xs, ys).path_
    b0, b1 = sw.Value(0.0), sw.Value(0.0)
    for step in path:
        assert (step.intercept, step.coefficients[0]) == pytest.approx((b0.data, b1.data), abs=1e-14)
        loss = sw.sum([(y - b0 - b1 * x) ** 2 for x, y in zip(xs, ys, strict=True)])
        assert step.rss == pytest.approx(loss.data)
        b0.grad = b1.grad = 0.0
        loss.backward()
        b0.data -= lr * b0.grad / (2 * len(xs))
        b1.data -= lr * b1.grad / (2 * len(xs))


# ---------------------------------------------------------------------- the derivation


def test_derivation_goes_from_symbols_to_numbers() -> None:
    way = sw.LinearRegression().fit([1, 2, 3, 4], [1, 3, 2, 4]).derivation()
    text = str(way)
    parts = [
        "RSS(β₀, β₁) = Σ (yᵢ − β₀ − β₁ xᵢ)²",
        "∂RSS/∂β₀ = −2 Σ (yᵢ − β₀ − β₁ xᵢ)",
        "∂RSS/∂β₁ = −2 Σ xᵢ (yᵢ − β₀ − β₁ xᵢ)",
        "n β₀ + β₁ Σ xᵢ = Σ yᵢ",
        "β₀ Σ xᵢ + β₁ Σ xᵢ² = Σ xᵢ yᵢ",
        "β₀ = ȳ − β₁ x̄",
        "β₁ = Σ (xᵢ − x̄)(yᵢ − ȳ) / Σ (xᵢ − x̄)²",
        "4 β₀ + 10 β₁ = 10",
        "10 β₀ + 30 β₁ = 29",
        "β₁ = 4 / 5 = 0.8",
        "β₀ = ȳ − β₁ x̄ = 2.5 − 0.8 · 2.5 = 0.5",
        "y = 0.5 + 0.8 x1",
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert way.text == text


def test_derivation_in_latex_is_well_formed() -> None:
    from slopewise.data import diabetes

    table = diabetes()
    x = {"body_mass & co": table.column("bmi"), "age": table.column("age")}
    way = sw.LinearRegression().fit(x, table.column("progression")).derivation()
    latex = way.latex
    assert latex.count("{") - latex.count(r"\{") == latex.count("}") - latex.count(r"\}")
    assert r"\frac{\partial\,\mathrm{RSS}}{\partial \beta_2} = -2 \sum_i x_{i2}" in latex
    assert r"body\_mass \& co" in latex
    assert "−" not in latex.split(r"\quad", 1)[1]
    assert way._repr_latex_() == f"$$\n{latex}\n$$"
    assert latex.isascii() or set("β₀") & set(latex) == set()


def test_derivation_without_intercept_and_with_many_columns() -> None:
    origin = sw.LinearRegression(fit_intercept=False).fit([1, 2, 3], [2, 4, 7])
    assert "β₁ = 31 / 14 ≈ 2.214" in str(origin.derivation())
    rng = np.random.default_rng(2)
    many = sw.LinearRegression().fit(rng.normal(size=(30, 12)), rng.normal(size=30)).derivation()
    assert "∂RSS/∂β₁₂" in str(many)
    assert "β = (AᵀA)⁻¹ Aᵀy" in str(many)
    with pytest.warns(FitWarning):
        constant = sw.LinearRegression().fit([5, 5, 5], [1, 2, 6]).derivation()
    assert "β₀ = Σ yᵢ / n = ȳ" in str(constant)
    assert str(constant).endswith("y = 3")


def test_everything_prints() -> None:
    out = io.StringIO()
    line = sw.LinearRegression("descent").fit(X, Y)
    for item in (line, line.summary(), line.derivation(), line.path_):
        print(item, file=out)
    assert "Traceback" not in out.getvalue()


def test_one_degree_is_no_plural() -> None:
    text = str(sw.LinearRegression().fit([[1.0], [2.0], [4.0]], [1.0, 2.5, 3.0]).summary())
    assert "on 1 degree of freedom\n" in text
