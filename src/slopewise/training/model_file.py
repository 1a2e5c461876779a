"""Saved models: a safetensors file with the numbers as tensors and everything else as JSON in its header."""

import contextlib
import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slopewise.errors import CheckpointError
from slopewise.training.fitted_model import ACTIVATIONS, FittedModel
from slopewise.training.input_recipe import ColumnRecipe, InputRecipe

__all__ = ["check_destination", "is_model_file", "load_model", "save_model"]

Array = NDArray[np.float64]

FORMAT = "slopewise-model"
VERSION = 1


def save_model(model: FittedModel, path: Path) -> None:
    """Write a model; the file appears whole or not at all.

    Raises:
        CheckpointError: The folder does not exist or cannot be written to.
    """
    from safetensors.numpy import save

    tensors = {"input.mean": model.recipe.means, "input.scale": model.recipe.scales}
    for place, (weights, bias) in enumerate(model.layers):
        tensors[f"layers.{place}.w"] = np.ascontiguousarray(weights)
        tensors[f"layers.{place}.b"] = np.ascontiguousarray(bias)
    header = {
        "version": VERSION,
        "kind": model.kind,
        "layers": len(model.layers),
        "activation": model.activation,
        "target": {"name": model.target, "mean": model.target_mean, "scale": model.target_scale},
        "table": {"names": list(model.names), "has_header": model.has_header, "decimal": model.decimal},
        "inputs": model.recipe.as_json(),
    }
    content = save(tensors, {"format": FORMAT, "model": json.dumps(header, ensure_ascii=False)})
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise CheckpointError(f"cannot save to {path}: {error.strerror or error}") from None


def is_model_file(path: Path) -> bool:
    """Tell whether a file is a model saved by `save_model`."""
    try:
        _, metadata = _read(path)
    except CheckpointError:
        return False
    return metadata.get("format") == FORMAT


def check_destination(path: Path, *, force: bool, replaces: str = "") -> None:
    """Refuse a path that cannot be written, or that holds something else, before any work is done.

    Args:
        path: Where something is to be saved.
        force: Whether to overwrite whatever is there.
        replaces: `"model"` allows overwriting a saved model.

    Raises:
        CheckpointError: The folder is missing, the path is a folder, or another file is there.
    """
    if path.is_dir():
        raise CheckpointError(f"cannot save to {path}: it is a folder\ngive the name of a file in it")
    if not path.parent.is_dir():
        raise CheckpointError(f"cannot save to {path}: there is no folder {path.parent}\nmake it first")
    if path.exists() and not force and not (replaces == "model" and is_model_file(path)):
        kind = " and is no model saved by slopewise" if replaces == "model" else ""
        raise CheckpointError(f"{path} exists{kind}\ngive another name with -o, or --force to overwrite it")


def load_model(path: Path) -> FittedModel:
    """Read a model back.

    Raises:
        CheckpointError: There is no such file, it is damaged or cut short, or it is another kind of file.
    """
    tensors, metadata = _read(path)
    if metadata.get("format") != FORMAT:
        kind = (
            "a net's parameters alone" if metadata.get("format") == "slopewise" else "no model saved by slopewise fit"
        )
        raise CheckpointError(f"{path} is {kind}\ngive the file that `slopewise fit` saved")
    try:
        header = json.loads(metadata["model"])
        if header["version"] != VERSION:
            raise CheckpointError(
                f"{path} is of version {header['version']}, and this slopewise reads version {VERSION}"
            )
        return _model(header, tensors)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(f"{path} is damaged: its header and numbers do not fit together ({error})") from None


def _read(path: Path) -> tuple[dict[str, Array], dict[str, str]]:
    from safetensors import SafetensorError, safe_open

    from slopewise.training.table_text import read_bytes

    if not path.exists() or path.is_dir():
        try:
            read_bytes(path)
        except ValueError as error:
            raise CheckpointError(str(error)) from None
    try:
        with safe_open(path, framework="numpy") as file:
            names = list(file.keys())
            return {name: np.asarray(file.get_tensor(name)) for name in names}, dict(file.metadata() or {})
    except (SafetensorError, OSError, ValueError) as error:
        if _is_plain_text(path):
            raise CheckpointError(
                f"{path} is a text file, no saved model\ngive the file that `slopewise fit` saved first, then the table"
            ) from None
        reason = str(error).removeprefix("Error while deserializing header: ")
        raise CheckpointError(f"{path} is damaged, or no saved model: {reason}\nsave the model anew") from None


def _is_plain_text(path: Path) -> bool:
    """Tell whether a file begins with readable text, as a table does; a model begins with a length and zeros."""
    try:
        with path.open("rb") as file:
            start = file.read(64)
    except OSError:
        return False
    return bool(start) and all(byte >= 32 or byte in b"\t\r\n" for byte in start)


def _model(header: dict[str, Any], tensors: dict[str, Array]) -> FittedModel:
    columns = tuple(
        ColumnRecipe(str(c["name"]), tuple(map(str, c["categories"])), c["fill"], c["baseline"])
        for c in header["inputs"]["columns"]
    )
    recipe = InputRecipe(
        columns, _finite(tensors, "input.mean"), _finite(tensors, "input.scale"), tuple(header["inputs"]["na"])
    )
    width = len(recipe.inputs)
    if recipe.means.shape != (width,) or recipe.scales.shape != (width,) or not (recipe.scales > 0).all():
        raise ValueError(f"{width} inputs and a scaling for {recipe.means.size}")
    layers = []
    for place in range(int(header["layers"])):
        weights, bias = _finite(tensors, f"layers.{place}.w"), _finite(tensors, f"layers.{place}.b")
        if weights.ndim != 2 or weights.shape != (len(bias), width):
            raise ValueError(f"layer {place} has the shape {weights.shape}, {width} inputs come in")
        width = len(bias)
        layers.append((weights, bias))
    if width != 1 or header["activation"] not in ACTIVATIONS:
        raise ValueError("the last layer has more than one output, or the activation is unknown")
    mean, scale = float(header["target"]["mean"]), float(header["target"]["scale"])
    if not (math.isfinite(mean) and math.isfinite(scale)):
        raise ValueError("the target's scaling is not finite")
    return FittedModel(
        recipe=recipe,
        layers=tuple(layers),
        activation=str(header["activation"]),
        target=str(header["target"]["name"]),
        target_mean=mean,
        target_scale=scale,
        names=tuple(map(str, header["table"]["names"])),
        has_header=bool(header["table"]["has_header"]),
        decimal=str(header["table"]["decimal"]),
    )


def _finite(tensors: dict[str, Array], name: str) -> Array:
    array = tensors[name]
    if array.dtype != np.float64 or not np.isfinite(array).all():
        raise ValueError(f"{name} is not made of finite numbers")
    return array
