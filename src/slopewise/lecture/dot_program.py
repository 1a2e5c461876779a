"""Graphviz's `dot`, run as a program."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from slopewise.errors import DomainError, MissingExtraError


def run(source: str, format: str, engine: str) -> bytes:
    """Return the picture of a DOT text.

    Args:
        source: The DOT text.
        format: `"svg"`, `"png"`, `"pdf"` …
        engine: The program's name: `"dot"`, `"neato"` …

    Raises:
        MissingExtraError: The program is not installed.
        DomainError: The program refused the format or the text; its own words follow.
    """
    program = shutil.which(engine)
    if program is None:
        raise MissingExtraError(
            f"a picture of this graph ({format}) needs Graphviz's program {engine!r}, which is not on the PATH\n"
            f"the DOT text needs nothing: read it from .source, or write it with .save('graph.gv') for any DOT viewer\n"
            f"to have pictures here, install Graphviz with your system's package manager"
        )
    done = subprocess.run([program, f"-T{format}"], input=source.encode(), capture_output=True, check=False)
    if done.returncode != 0:
        words = done.stderr.decode(errors="replace").strip()
        raise DomainError(
            f"{engine} could not make a picture ({format}), exit code {done.returncode}\nit says: {words}"
        )
    return done.stdout


def show(path: Path) -> None:
    """Open a picture in the system's viewer.

    Raises:
        MissingExtraError: No viewer is known on this system.
    """
    if sys.platform == "win32":
        os.startfile(path)
        return
    opener = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
    if opener is None:
        raise MissingExtraError(f"no viewer was found for {path}: open the file yourself, it is complete")
    subprocess.Popen([opener, str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
