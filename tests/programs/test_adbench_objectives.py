"""ADBench's three objectives as plain scalar Python: published values and derivatives, by the engine and compiled, to 1e-8."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import slopewise as sw
from slopewise import Value
from slopewise.engine import NATIVE

Load = Callable[[str], ModuleType]
DATA = Path(__file__).parents[1] / "data" / "adbench"


def published(name: str) -> list[float]:
    return [float(word) for word in (DATA / f"expected_{name}.txt").read_text(encoding="ascii").split()]


def values(nest: Any) -> Any:
    return [values(item) for item in nest] if isinstance(nest, list) else Value(nest)


def gradients(nest: Any) -> list[float]:
    return [g for item in nest for g in gradients(item)] if isinstance(nest, list) else [nest.grad]


def test_mixture(load: Load) -> None:
    gmm = load("benchmarks/programs/adbench_gmm")
    mixture = gmm.read_mixture(DATA / "gmm_test_d2_K3_n1.txt")
    parameters = [values(part) for part in (mixture.alphas, mixture.means, mixture.factors)]
    likelihood = gmm.log_likelihood(mixture)(*parameters)
    likelihood.backward()
    assert likelihood.data == pytest.approx(8.07380408004975791, abs=1e-8)
    assert gradients(parameters) == pytest.approx(published("gmm_test_gradient"), abs=1e-8)


def test_mixture_of_a_thousand_points_is_a_number_of_plain_numbers_too(load: Load) -> None:
    gmm = load("benchmarks/programs/adbench_gmm")
    mixture = gmm.read_mixture(DATA / "gmm_1k_d2_K5.txt")
    found = gmm.log_likelihood(mixture)(mixture.alphas, mixture.means, mixture.factors)
    assert type(found) is float
    assert found == pytest.approx(-5240.590562549577, rel=1e-12)


def test_bundle_adjustment(load: Load) -> None:
    ba = load("benchmarks/programs/adbench_ba")
    bundle = ba.read_bundle(DATA / "ba_test_n2_m10_p10.txt")
    jacobian: list[float] = []
    for (i, j), w, feature in zip(bundle.observations, bundle.weights, bundle.features, strict=True):
        for axis, number in enumerate((-0.269048849235189402, 0.259944792677901881)):
            parameters = [values(bundle.cameras[i]), values(bundle.points[j]), Value(w)]
            found = ba.residual(*parameters, feature)[axis]
            assert found.data == pytest.approx(number, abs=1e-8)
            found.backward()
            jacobian += gradients(parameters)
    for w in map(Value, bundle.weights):
        found = ba.weight_residual(w)
        assert found.data == pytest.approx(0.826092651516, abs=1e-8)
        found.backward()
        jacobian.append(w.grad)
    assert jacobian == pytest.approx(published("ba_test_jacobian_values"), abs=1e-8)


def test_all_residuals_of_a_bundle_at_once(load: Load) -> None:
    ba = load("benchmarks/programs/adbench_ba")
    bundle = ba.read_bundle(DATA / "ba1_n49_m7776_p31843.txt")
    assert (len(bundle.cameras), len(bundle.points), len(bundle.observations)) == (49, 7776, 31843)
    found = ba.residual(bundle.cameras[0], bundle.points[0], bundle.weights[0], bundle.features[0])
    assert found == pytest.approx([0.10133584, -0.06896777], abs=1e-8)

    small = ba.read_bundle(DATA / "ba_test_n2_m10_p10.txt")
    residuals = ba.residuals(small)(ba.flat(small))
    assert residuals[:20] == pytest.approx([-0.269048849235189402, 0.259944792677901881] * 10, abs=1e-8)
    assert residuals[20:] == pytest.approx([0.826092651516] * 10, abs=1e-8)


def test_a_camera_that_does_not_turn(load: Load) -> None:
    ba = load("benchmarks/programs/adbench_ba")
    assert ba.rotate([0.0, 0.0, 0.0], [1.0, 2.0, 3.0]) == [1.0, 2.0, 3.0]
    quarter = ba.rotate([0.0, 0.0, 1.5707963267948966], [1.0, 2.0, 3.0])
    assert quarter == pytest.approx([-2.0, 1.0, 3.0], abs=1e-15)


@pytest.mark.skipif(not NATIVE, reason="a million nodes take the interpreted engine ten seconds")
def test_lstm(load: Load) -> None:
    lstm = load("benchmarks/programs/adbench_lstm")
    text = lstm.read_text(DATA / "lstm_l2_c1024.txt")
    parameters = [values(text.main), values(text.extra)]
    loss = lstm.mean_loss(text)(*parameters)
    loss.backward()
    assert loss.data == pytest.approx(0.66666518, abs=1e-8)
    assert loss.data == pytest.approx(0.6666651795588522, rel=1e-12)
    assert gradients(parameters) == pytest.approx(published("lstm_test_gradient"), abs=1e-8)


# ------------------------------------------------------------------------------------------------------------- compiled


def flat(nest: Any) -> list[float]:
    return [x for item in nest for x in flat(item)] if isinstance(nest, (list, tuple)) else [nest]


def test_compiled_mixture(load: Load) -> None:
    gmm = load("benchmarks/programs/adbench_gmm")
    mixture = gmm.read_mixture(DATA / "gmm_test_d2_K3_n1.txt")
    value_and_gradient = sw.value_and_grad(gmm.log_likelihood(mixture), wrt=("alphas", "means", "factors"))
    value, gradient = value_and_gradient(mixture.alphas, mixture.means, mixture.factors)
    assert value == pytest.approx(8.07380408004975791, abs=1e-8)
    assert flat(gradient) == pytest.approx(published("gmm_test_gradient"), abs=1e-8)


def test_compiled_mixture_of_many_points(load: Load) -> None:
    gmm = load("benchmarks/programs/adbench_gmm")
    mixture = gmm.read_mixture(DATA / "gmm_1k_d2_K5.txt")
    if not NATIVE:
        del mixture.points[100:]
    start = (mixture.alphas, mixture.means, mixture.factors)
    objective = gmm.log_likelihood(mixture)
    value, gradient = sw.value_and_grad(objective, wrt=(0, 1, 2), exact=True)(*start)
    assert value == objective(*start)
    parameters = [values(part) for part in start]
    objective(*parameters).backward()
    assert flat(gradient) == gradients(parameters)


def test_compiled_bundle_adjustment_by_observation(load: Load) -> None:
    ba = load("benchmarks/programs/adbench_ba")
    bundle = ba.read_bundle(DATA / "ba_test_n2_m10_p10.txt")
    jacobian = sw.batched(sw.jacobian(ba.residual, wrt=("camera", "point", "weight")))
    cameras = np.array([bundle.cameras[i] for i, _ in bundle.observations])
    points = np.array([bundle.points[j] for _, j in bundle.observations])
    by_camera, by_point, by_weight = jacobian(cameras, points, np.array(bundle.weights), np.array(bundle.features))
    rows = [np.column_stack([by_camera[axis], by_point[axis], by_weight[axis]]) for axis in (0, 1)]
    found = np.stack(rows, axis=1).ravel()
    assert found == pytest.approx(np.array(published("ba_test_jacobian_values")[:300]), abs=1e-8)

    slopes = sw.batched(sw.grad(ba.weight_residual))(bundle.weights)
    assert slopes == pytest.approx(np.array(published("ba_test_jacobian_values")[300:]), abs=1e-8)


def test_sparse_jacobian_of_a_bundle(load: Load) -> None:
    ba = load("benchmarks/programs/adbench_ba")
    bundle = ba.read_bundle(DATA / "ba_test_n2_m10_p10.txt")
    x = np.array(ba.flat(bundle))
    found = sw.jacobian(ba.residuals(bundle), sparse=True)(x)
    assert found.shape == (30, 11 * 2 + 3 * 10 + 10)
    expected = np.zeros(found.shape)
    entries = iter(published("ba_test_jacobian_values"))
    for k, (i, j) in enumerate(bundle.observations):
        columns = [*range(11 * i, 11 * i + 11), *range(22 + 3 * j, 22 + 3 * j + 3), 52 + k]
        for row in (2 * k, 2 * k + 1):
            expected[row, columns] = [next(entries) for _ in columns]
    expected[range(20, 30), range(52, 62)] = list(entries)
    assert found.toarray() == pytest.approx(expected, abs=1e-8)
    assert np.diff(found.indptr).tolist() == [14] * 20 + [1] * 10  # u has no slope by v0, v none by u0


@pytest.mark.skipif(not NATIVE, reason="a million equations take the interpreted engine a minute")
def test_compiled_lstm(load: Load) -> None:
    lstm = load("benchmarks/programs/adbench_lstm")
    text = lstm.read_text(DATA / "lstm_l2_c1024.txt")
    value, gradient = sw.value_and_grad(lstm.mean_loss(text), wrt=("main", "extra"))(text.main, text.extra)
    assert value == pytest.approx(0.6666651795588522, rel=1e-12)
    assert flat(gradient) == pytest.approx(published("lstm_test_gradient"), abs=1e-8)
