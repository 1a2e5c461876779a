"""How a DOT text becomes a picture: drawn by slopewise itself, or by a program of Graphviz where only that can."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from slopewise.errors import DomainError, MissingExtraError

DRAWN_HERE = ("svg", "png", "pdf")
TEXT = ("dot", "gv")


def picture_of(source: str, format: str, engine: str) -> bytes:
    """Return the picture of a DOT text; SVG, PNG and PDF in layers need no program.

    Args:
        source: The DOT text.
        format: `"svg"`, `"png"`, `"pdf"`; `"dot"` or `"gv"` for the text itself; others need Graphviz.
        engine: `"dot"`; the name of another of Graphviz's programs is run, for a layout of another kind.

    Raises:
        DataError: It is no DOT text; the message names the line.
        MissingExtraError: PNG and PDF need matplotlib, other formats and engines Graphviz, and it is not installed.
        DomainError: Graphviz's program refused the format or the text.
    """
    if format in TEXT:
        return source.encode()
    if format in DRAWN_HERE and engine == "dot":
        import slopewise  # the house's door: pictures are drawn in a room above this one

        picture: bytes = slopewise._dot_picture(source, format)
        return picture
    return run(source, format, engine)


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
        asked = f"the format {format!r}" if engine == "dot" else f"a layout by {engine!r}"
        raise MissingExtraError(
            f"{asked} needs Graphviz's program {engine!r}, which is not on the PATH\n"
            f"svg, png and pdf need no program, with the engine 'dot': render(format='svg')"
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
