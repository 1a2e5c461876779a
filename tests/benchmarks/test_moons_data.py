"""The benchmark's moons are scikit-learn's, bit by bit."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest


@pytest.mark.parametrize("n_samples", [100, 7])
def test_moons_are_those_of_scikit_learn(n_samples: int) -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    path = Path(__file__).parents[2] / "benchmarks" / "programs" / "moons_data.py"
    spec = importlib.util.spec_from_file_location("moons_data", path)
    assert spec is not None
    assert spec.loader is not None
    ours = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(ours)

    np.random.seed(1337)
    points, classes = ours.make_moons(n_samples=n_samples, noise=0.1)
    np.random.seed(1337)
    expected_points, expected_classes = datasets.make_moons(n_samples=n_samples, noise=0.1)
    assert points.tobytes() == expected_points.tobytes()
    assert classes.tolist() == expected_classes.tolist()
