"""The folder that the demo writes: made by it, marked as its own, and never anybody else's."""

import contextlib
import pathlib
from collections.abc import Iterator

from slopewise.cli.terminal import fail

MARKER = ".slopewise-demo"
_EXPLANATION = "`slopewise demo` made this folder and may overwrite the files named here.\n"


def prepare(folder: pathlib.Path) -> None:
    """Make the folder, or empty it of what an earlier demo wrote.

    A folder is the demo's own when it holds the marker file; an empty one becomes it. Files that the marker does not
    name stay untouched.

    Raises:
        BadInput: The folder is somebody else's, is no folder, or cannot be written.
    """
    with _told(folder):
        if folder.exists() and not folder.is_dir():
            fail(f"--out {folder}: is a file, not a folder; name another with --out DIR")
        if not folder.exists():
            folder.mkdir(parents=True)
        marker = folder / MARKER
        if marker.is_file():
            for name in _named(marker):
                (folder / name).unlink(missing_ok=True)
        elif any(folder.iterdir()):
            fail(f"--out {folder}: holds files that `slopewise demo` did not write; name another folder with --out DIR")
        marker.write_text(_EXPLANATION, encoding="utf-8", newline="\n")


def claim(folder: pathlib.Path, name: str) -> pathlib.Path:
    """Return the path for a file of the demo, and note it in the marker before it is written.

    Raises:
        BadInput: A file of that name is there and is not the demo's.
    """
    path = folder / name
    with _told(folder):
        if name not in _named(folder / MARKER):
            if path.exists() or path.is_symlink():
                fail(
                    f"--out {folder}: {name} is not from `slopewise demo`; "
                    f"move it, or name another folder with --out DIR"
                )
            with open(folder / MARKER, "a", encoding="utf-8", newline="\n") as marker:
                marker.write(name + "\n")
    return path


def _named(marker: pathlib.Path) -> list[str]:
    """Return the plain file names in the marker: nothing outside the folder, whatever is written there."""
    lines = marker.read_text(encoding="utf-8", errors="replace").splitlines()[1:]
    return [name for name in lines if name and pathlib.PurePath(name).name == name and name not in (".", "..")]


@contextlib.contextmanager
def _told(folder: pathlib.Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        fail(f"--out {folder}: cannot be written: {error.strerror or error}; name another folder with --out DIR")
