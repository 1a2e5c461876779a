"""Frames as an MP4, through the program ffmpeg."""

import contextlib
import importlib
import importlib.util
import os
import pathlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from slopewise.errors import DataError, MissingExtraError

if TYPE_CHECKING:
    from PIL.Image import Image

RATE = 20  # frames a second: durations are rounded to 50 ms


def find_ffmpeg() -> str | None:
    """Return where ffmpeg is: the one that matplotlib is set to, the one on the path, or that of `imageio-ffmpeg`."""
    import matplotlib as mpl

    for name in (mpl.rcParams["animation.ffmpeg_path"], "ffmpeg"):
        found = shutil.which(str(name))
        if found:
            return found
    if importlib.util.find_spec("imageio_ffmpeg") is not None:
        try:
            return str(importlib.import_module("imageio_ffmpeg").get_ffmpeg_exe())
        except RuntimeError:
            return None
    return None


def write_video(frames: "Iterable[Image]", durations: Sequence[int], loops: int, path: pathlib.Path) -> tuple[int, int]:
    """Write the frames as H.264 in an MP4 that every player and browser takes; the rounds follow each other.

    Args:
        frames: Images of mode RGB, all of one even size.
        durations: How long each stays, in milliseconds.
        loops: How often they are shown.
        path: The file, overwritten if it exists.

    Returns:
        Width and height, in pixels.

    Raises:
        MissingExtraError: There is no ffmpeg.
        DataError: ffmpeg cannot write it; the message holds what it said.
    """
    program = find_ffmpeg()
    if program is None:
        raise MissingExtraError(
            "an MP4 needs the program ffmpeg, which was not found\n"
            "save a .gif instead, or install it: python -m pip install imageio-ffmpeg"
        )
    pictures = [(frame.size, frame.tobytes()) for frame in frames]
    (width, height), _ = pictures[0]
    counts = [max(1, round(ms * RATE / 1000)) for ms in durations]
    handle, name = tempfile.mkstemp(suffix=".mp4", dir=path.parent)
    os.close(handle)
    command = [
        program, "-hide_banner", "-loglevel", "error", "-y",
        "-f", "rawvideo", "-pixel_format", "rgb24", "-video_size", f"{width}x{height}", "-framerate", str(RATE),
        "-i", "pipe:0", "-an", "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p",
        "-threads", "1", "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact",
        "-movflags", "+faststart", name,
    ]  # fmt: skip
    shown = [pixels for (_, pixels), count in zip(pictures, counts, strict=True) for _ in range(count)] * loops
    try:
        failed, words = _run(command, shown)
        if failed:
            raise DataError(
                f"ffmpeg could not write {path.name}: {words[-1] if words else 'it said nothing'}\n"
                f"in {program}\nsave a .gif instead, or use an ffmpeg that has libx264"
            )
        pathlib.Path(name).replace(path)
    finally:
        pathlib.Path(name).unlink(missing_ok=True)
    return width, height


def _run(command: list[str], pictures: Sequence[bytes]) -> tuple[bool, list[str]]:
    """Hand the pictures to ffmpeg, and return whether it failed and what it said."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said)
        pipe: Any = process.stdin
        try:
            for pixels in pictures:
                pipe.write(pixels)
            pipe.close()
        except BrokenPipeError:  # it gave up; its own words follow
            pass
        except BaseException:
            process.kill()
            raise
        finally:
            failed = process.wait() != 0
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
        said.seek(0)
        return failed, said.read().decode("utf-8", "replace").strip().splitlines()
