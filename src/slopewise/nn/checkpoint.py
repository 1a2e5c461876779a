"""Parameters in safetensors files: writing, reading, and saying what does not fit."""

import contextlib
import difflib
import json
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from slopewise.errors import CheckpointError

LARGEST_INT = 2**53  # up to here every int is a float64


def write(path: Path, state: Mapping[str, Any], kind: str) -> None:
    """Write named numbers as float64 tensors; the file appears whole or not at all.

    Raises:
        CheckpointError: An entry is no int or float, or an int beyond 2**53.
        FileNotFoundError: The folder does not exist.
    """
    import numpy as np
    from safetensors.numpy import save

    for name, number in state.items():
        if isinstance(number, bool) or not isinstance(number, (int, float)) or _is_too_large(number):
            raise CheckpointError(
                f"{name} holds {number!r}, and a file keeps floats, and ints up to 2**53\n"
                f"in {kind}\nset its data to a float first"
            )
    integers = [name for name, number in state.items() if isinstance(number, int)]
    tensors = {name: np.array(numbers, dtype=np.float64) for name, numbers in _grouped(state).items()}
    metadata = {"format": "slopewise", "module": kind, "integers": json.dumps(integers)}
    content = save(tensors, metadata)
    folder = path.parent
    if not folder.is_dir():
        raise FileNotFoundError(
            f"cannot save to {path}: there is no folder {folder}\nmake it first, or give another path"
        )
    if path.is_dir():
        raise IsADirectoryError(f"cannot save to {path}: it is a folder\ngive the name of a file in it")
    _put_in_place(folder, path, content)


def _put_in_place(folder: Path, path: Path, content: bytes) -> None:
    temporary = folder / f".{path.name}.{os.getpid()}-{threading.get_ident()}.part"
    try:
        with open(temporary, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def read(path: Path) -> dict[str, Any]:
    """Return the tensors of a file as nested lists and numbers, ints where ints were saved.

    Raises:
        CheckpointError: The file is damaged or no safetensors file, or holds something other than real numbers.
        FileNotFoundError: There is no such file.
    """
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}{_near_file(path)}")
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder\ngive the name of a file in it")
    from safetensors import SafetensorError, safe_open

    tensors: dict[str, Any] = {}
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            for name in file.keys():  # noqa: SIM118, the file is no dict
                tensor = file.get_tensor(name)
                if tensor.dtype.kind not in "fiu":
                    raise CheckpointError(f"{name} in {path} is of type {tensor.dtype}, real numbers are needed")
                tensors[name] = tensor.tolist()
        integers = set(json.loads(metadata.get("integers", "[]")))
    except (SafetensorError, json.JSONDecodeError) as error:
        raise CheckpointError(
            f"{path} is damaged, or no safetensors file: {error}\nnothing was loaded; take a copy that is whole"
        ) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(f"{path} holds numbers of a type that cannot be read here: {error}") from error
    state = flattened(tensors, str(path))
    return {name: int(x) if name in integers and x == x and abs(x) <= LARGEST_INT else x for name, x in state.items()}


def flattened(state: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Return one number per name: the list under `w` becomes `w.0`, `w.1` …

    Raises:
        CheckpointError: An entry is no number, or the state is no mapping.
    """
    if not isinstance(state, Mapping):
        raise CheckpointError(
            f"{source} is {_article(type(state).__name__)}, a dict of names and numbers is needed\n"
            f"state_dict() gives one; for a file, call load(path)"
        )
    numbers: dict[str, Any] = {}
    stack = list(reversed(list(state.items())))
    while stack:
        name, item = stack.pop()
        if not isinstance(name, str):
            raise CheckpointError(f"a name in {source} is {name!r}, a string is needed")
        if hasattr(item, "tolist"):
            item = item.tolist()
        if isinstance(item, (list, tuple)):
            stack.extend((f"{name}.{i}", item[i]) for i in range(len(item) - 1, -1, -1))
            continue
        if isinstance(item, (bool, str, bytes)) or not hasattr(item, "__add__") or isinstance(item, Mapping):
            raise CheckpointError(f"{name} in {source} is {item!r}, a number is needed")
        numbers[name] = getattr(item, "data", item) if hasattr(item, "backward") else item
    return numbers


def misfit(wanted: Sequence[str], given: Sequence[str], kind: str, source: str) -> CheckpointError:
    """Return the error for names or shapes that differ, with the first difference and how many more there are."""
    here, there = _shapes(wanted), _shapes(given)
    reshaped = [name for name in here if name in there and set(here[name]) != set(there[name])]
    missing = [name for name in here if name not in there]
    unknown = [name for name in there if name not in here]
    if reshaped:
        name = reshaped[0]
        if len(here[name]) == len(there[name]):
            first = f"{name} has the keys {', '.join(there[name])} there and {', '.join(here[name])} here"
        else:
            first = f"{name} has {_counted(there[name])} there and {_counted(here[name])} here"
    elif missing:
        near = difflib.get_close_matches(missing[0], unknown, 1)
        first = f"{missing[0]} is missing there" + (f", which has {near[0]!r} instead" if near else "")
    else:
        near = difflib.get_close_matches(unknown[0], here, 1)
        first = f"{unknown[0]} is unknown here" + (f"; did you mean {near[0]!r}?" if near else "")
    more = len(reshaped) + len(missing) + len(unknown) - 1
    tail = f" (and {more} more difference{'' if more == 1 else 's'})" if more else ""
    return CheckpointError(
        f"{source} does not fit {kind}: {first}{tail}\n"
        f"nothing was loaded; parameters there: {len(given)}, here: {len(wanted)}\n"
        f"build the {kind} with the sizes it was saved with, or load what fits with strict=False"
    )


def _grouped(state: Mapping[str, Any]) -> dict[str, Any]:
    """Put `w.0`, `w.1` … together as the list `w`, where they run from 0 without a gap and nothing is called `w`."""
    together = {
        base
        for base, places in _shapes(list(state)).items()
        if places and base not in state and places == [str(i) for i in range(len(places))]
    }
    tensors: dict[str, Any] = {}
    for name, number in state.items():
        base = _base(name)
        if base not in together:
            tensors[name] = number
        else:
            tensors.setdefault(base, []).append(number)
    return tensors


def _shapes(names: Sequence[str]) -> dict[str, list[str]]:
    """Return the places under each name: `{"w": ["0", "1"], "b": []}`."""
    shapes: dict[str, list[str]] = {}
    for name in names:
        base = _base(name)
        places = shapes.setdefault(base, [])
        if base != name:
            places.append(name[len(base) + 1 :])
    return shapes


def _base(name: str) -> str:
    base, dot, place = name.rpartition(".")
    return base if dot and place.isdigit() else name


def _counted(places: list[str]) -> str:
    count = len(places)
    return "a single number" if not count else f"{count} number{'' if count == 1 else 's'}"


def _is_too_large(number: Any) -> bool:
    return isinstance(number, int) and abs(number) > LARGEST_INT


def _near_file(path: Path) -> str:
    if not path.parent.is_dir():
        return f"\nthere is no folder {path.parent} either"
    near = difflib.get_close_matches(path.name, os.listdir(path.parent), 1)
    return f"\ndid you mean {path.parent / near[0]}?" if near else ""


def _article(noun: str) -> str:
    return f"{'an' if noun[0].lower() in 'aeiou' else 'a'} {noun}"
