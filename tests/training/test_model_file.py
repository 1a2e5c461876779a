"""Fitting, saving and loading models: what is predicted, and what a damaged file says."""

import json
from typing import Any

import numpy as np
import pytest

from slopewise.errors import CheckpointError, DataError, DomainError
from slopewise.training.fitted_model import ACTIVATIONS, FittedModel, score
from slopewise.training.input_recipe import ColumnRecipe, InputRecipe
from slopewise.training.model_file import check_destination, is_model_file, load_model, save_model
from slopewise.training.net_choices import NetChoices
from slopewise.training.net_training import train_net
from slopewise.training.preparation import Choices, prepare
from slopewise.training.table_file import read_table
from slopewise.training.table_fit import fit_line, model_of_net, scaled_target

ROWS = "city,size,price\n" + "".join(
    f"{city},{size},{100 * size + {'Rome': 0, 'Oslo': 500, 'Paris': 900}[city]}\n"
    for size in range(10, 40)
    for city in ("Rome", "Oslo", "Paris")
)


@pytest.fixture
def table(tmp_path: Any) -> Any:
    path = tmp_path / "houses.csv"
    path.write_text(ROWS)
    return read_table(path)


@pytest.fixture
def line(table: Any) -> Any:
    return fit_line(prepare(table, Choices("price", one_hot=True), baseline=True), table).model


@pytest.fixture
def saved(line: Any, tmp_path: Any) -> Any:
    path = tmp_path / "model.safetensors"
    save_model(line, path)
    return path


def read(tmp_path: Any, content: Any) -> Any:
    path = tmp_path / "new.csv"
    path.write_text(content)
    return read_table(path)


def test_a_line_predicts_in_units_of_the_data(line: Any, tmp_path: Any) -> None:
    new = read(tmp_path, "size,more,city\n20,x,Oslo\n30,y,Rome\n")
    np.testing.assert_allclose(line.predict(new), [2500.0, 3000.0], rtol=1e-12)


def test_a_saved_model_predicts_the_same_bits(line: Any, saved: Any, table: Any) -> None:
    again = load_model(saved)
    assert again.predict(table).tolist() == line.predict(table).tolist()
    assert (again.target, again.names, again.kind) == ("price", ("city", "size", "price"), "line")
    assert is_model_file(saved)
    assert not is_model_file(saved.parent / "houses.csv")


def test_columns_are_checked_by_name(line: Any, tmp_path: Any) -> None:
    with pytest.raises(DataError, match="has no column 'size'\ndid you mean 'Size'"):
        line.predict(read(tmp_path, "Size,city\n1,Rome\n"))
    with pytest.raises(DataError, match=r"has 'rome' at row 1 \(line 2\), a word that the model has never seen"):
        line.predict(read(tmp_path, "size,city\n1,rome\n"))


def test_rows_without_a_value_stay_without_a_prediction(line: Any, tmp_path: Any) -> None:
    assert np.isnan(line.predict(read(tmp_path, "size,city\n1,Rome\n,Rome\n2,NA\n"))).tolist() == [False, True, True]


def test_fills_of_the_fit_are_used(table: Any, tmp_path: Any) -> None:
    data = prepare(table, Choices("price", one_hot=True, missing="median"), baseline=True)
    model = fit_line(data, table).model
    middle = float(np.median(data.train_x[:, -1]))
    new = read(tmp_path, f"size,city\n,Oslo\n{middle},Oslo\n")
    filled, given = model.predict(new)
    assert filled == given


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_net_is_evaluated_as_slopewise_nn_does(activation: Any) -> None:
    from slopewise.nn import MLP

    net = MLP(2, [3, 2, 1], activation=activation, rng=1)
    layers = [
        (np.array([[w.data for w in n.w] for n in layer.neurons]), np.array([float(n.b.data) for n in layer.neurons]))
        for layer in net.layers
    ]
    recipe = InputRecipe((ColumnRecipe("a"), ColumnRecipe("b")), np.zeros(2), np.ones(2))
    model = FittedModel(recipe, tuple(layers), activation, "y", 1.0, 2.0, ("a", "b", "y"), True, ".")
    assert (model.kind, model.hidden) == ("mlp", (3, 2))
    for x in ([0.3, -2.0], [0.0, 0.0], [5.0, 1.0]):
        assert model.predict_raw(np.array([x]))[0] == pytest.approx(net(x).data * 2.0 + 1.0, rel=1e-12)


def small_run(table: Any, **choices: Any) -> Any:
    data = prepare(table, Choices("price", one_hot=True), baseline=False)
    mean, scale = scaled_target(data)
    settings = NetChoices(**{"hidden": (4,), "epochs": 30, "batch": 16, "lr": 0.05, "seconds": 3600.0, **choices})
    return data, train_net(data.recipe.scaled(data.train_x), (data.train_y - mean) / scale, settings)


def test_a_net_learns_and_a_seed_repeats(table: Any, tmp_path: Any) -> None:
    data, run = small_run(table)
    model = model_of_net(data, table, run, "tanh")
    assert score(data.test_y, model.predict_raw(data.test_x)).r_squared > 0.9
    assert run.losses[-1] < 0.2 * run.losses[0]
    assert (run.updates, run.interrupted) == (30 * 5, False)
    _, again = small_run(table)
    assert all(
        (a == b).all() for one, two in zip(run.layers, again.layers, strict=True) for a, b in zip(one, two, strict=True)
    )
    save_model(model, tmp_path / "net.safetensors")
    assert load_model(tmp_path / "net.safetensors").predict(table).tolist() == model.predict(table).tolist()


def test_a_net_keeps_to_its_time(table: Any) -> None:
    _, run = small_run(table, epochs=10**6, seconds=0.05)
    assert run.plan is not None
    assert run.plan.cut
    assert run.plan.wanted_seconds > 0.05
    assert run.updates < 10**6


def test_an_interrupt_keeps_the_latest_whole_update(table: Any) -> None:
    data = prepare(table, Choices("price", one_hot=True), baseline=False)
    x, y = data.recipe.scaled(data.train_x), data.train_y / 1000
    seen = []

    def stop(updates: Any, loss: Any) -> None:
        seen.append(loss)
        if updates == 7:
            raise KeyboardInterrupt

    run = train_net(x, y, NetChoices(hidden=(3,), epochs=50), on_update=stop)
    assert (run.updates, run.interrupted) == (7, True)
    whole = train_net(x, y, NetChoices(hidden=(3,), epochs=50), on_update=stop)
    assert all(
        (a == b).all() for one, two in zip(run.layers, whole.layers, strict=True) for a, b in zip(one, two, strict=True)
    )


def test_a_rate_that_is_too_large_is_said(table: Any) -> None:
    with pytest.raises(DomainError, match="give a smaller --lr"):
        small_run(table, lr=1e200, activation="relu")


@pytest.mark.parametrize("wrong", [{"epochs": 0}, {"batch": 0}, {"lr": 0}, {"lr": float("nan")}, {"seconds": -1}, {"decay": -1},
                                   {"hidden": ()}, {"hidden": (4, 0)}])  # fmt: skip
def test_choices_outside_their_range(wrong: Any) -> None:
    with pytest.raises(DomainError):
        NetChoices(**wrong)


# ---------------------------------------------------------------------- damaged and foreign files


def rewritten(saved: Any, change: Any) -> Any:
    """Save the model's file again with its header, or its tensors, changed."""
    from safetensors import safe_open
    from safetensors.numpy import save_file

    with safe_open(saved, framework="numpy") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        header = json.loads(file.metadata()["model"])
    change(header, tensors)
    save_file(tensors, saved, {"format": "slopewise-model", "model": json.dumps(header)})
    return saved


@pytest.mark.parametrize(
    "change",
    [
        lambda header, tensors: tensors.pop("layers.0.w"),
        lambda header, tensors: tensors.update({"layers.0.w": np.zeros((1, 7))}),
        lambda header, tensors: tensors.update({"layers.0.b": np.array([np.nan])}),
        lambda header, tensors: tensors.update({"input.scale": np.zeros(3)}),
        lambda header, tensors: tensors.update({"input.mean": np.zeros(3, dtype=np.float32)}),
        lambda header, tensors: header.pop("target"),
        lambda header, tensors: header.update(activation="eval"),
        lambda header, tensors: header.update(layers="many"),
        lambda header, tensors: header["inputs"].update(columns=[{}]),
        lambda header, tensors: header["target"].update(mean=float("inf")),
    ],
)
def test_parts_that_do_not_fit_together(saved: Any, change: Any) -> None:
    with pytest.raises(CheckpointError, match="is damaged: its header and numbers do not fit together"):
        load_model(rewritten(saved, change))


def test_files_cut_short_foreign_or_of_another_version(saved: Any, tmp_path: Any) -> None:
    from slopewise.nn import MLP

    whole = saved.read_bytes()
    for size in (0, 4, 100, len(whole) - 8):
        saved.write_bytes(whole[:size])
        with pytest.raises(CheckpointError, match="is damaged, or no saved model"):
            load_model(saved)
    saved.write_bytes(whole)
    with pytest.raises(CheckpointError, match="is of version 99"):
        load_model(rewritten(saved, lambda header, tensors: header.update(version=99)))
    MLP(2, [1]).save(tmp_path / "net.safetensors")
    with pytest.raises(CheckpointError, match="is a net's parameters alone"):
        load_model(tmp_path / "net.safetensors")
    with pytest.raises(CheckpointError, match="there is no file .*\ndid you mean .*model.safetensors"):
        load_model(tmp_path / "modle.safetensors")


def test_nothing_else_is_overwritten(saved: Any, tmp_path: Any) -> None:
    check_destination(saved, force=False, replaces="model")
    (tmp_path / "notes.txt").write_text("dear diary")
    with pytest.raises(CheckpointError, match="exists and is no model saved by slopewise"):
        check_destination(tmp_path / "notes.txt", force=False, replaces="model")
    check_destination(tmp_path / "notes.txt", force=True, replaces="model")
    with pytest.raises(CheckpointError, match="exists\ngive another name with -o, or --force"):
        check_destination(saved, force=False)
    with pytest.raises(CheckpointError, match="is a folder"):
        check_destination(tmp_path, force=True)
    with pytest.raises(CheckpointError, match="there is no folder"):
        check_destination(tmp_path / "no" / "model", force=True)


def test_scores() -> None:
    perfect = score(np.array([1.0, 2.0]), np.array([1.0, 2.0]))
    assert (perfect.rmse, perfect.mae, perfect.r_squared) == (0.0, 0.0, 1.0)
    assert np.isnan(score(np.array([1.0]), np.array([2.0])).r_squared)
