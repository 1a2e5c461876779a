"""An animation: frames that are drawn when they are asked for, shown in notebooks, saved as GIF, MP4 or HTML."""

import html
import io
import os
import pathlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from slopewise.drawing.canvas import DOTS_PER_INCH, new_axes, require_matplotlib
from slopewise.errors import DomainError, NumberError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from PIL.Image import Image

LOOPS = 3
SUFFIXES = (".gif", ".mp4", ".html", ".png")


class Animation:
    """Pictures that follow each other, the last held for a while; it stops after three rounds.

    The `sw.animate_…` functions make it; a notebook shows it by itself. The same animation gives the same bytes.

    Args:
        draw: Draws a frame, given its number, and returns it as an image of mode RGB. It is called in order.
        durations: How long each frame stays, in milliseconds.
        alt: What is seen, in words.

    Attributes:
        durations: How long each frame stays, in milliseconds; the last longer than the others.
        alt: What is seen, in words, for those who do not see it.

    Example:
        >>> import slopewise as sw, tempfile, pathlib
        >>> moving = sw.animate_descent(lambda x: x**2, [3.0, 1.5, 0.75])
        >>> moving
        <Animation: 11 frames, 5.5 s>
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     moving.save(pathlib.Path(folder) / "descent.gif")
        (1008, 604)
    """

    def __init__(self, draw: "Callable[[int], Image]", durations: Sequence[int], alt: str) -> None:
        self._draw = draw
        self.durations = tuple(durations)
        self.alt = alt
        self._gif: bytes | None = None

    def __len__(self) -> int:
        return len(self.durations)

    def __repr__(self) -> str:
        return f"<Animation: {len(self)} frames, {sum(self.durations) / 1000:.1f} s>"

    def frames(self) -> "Iterator[Image]":
        """Draw the frames, one after the other, as pillow images."""
        require_matplotlib()
        for number in range(len(self)):
            yield self._draw(number)

    def save(self, path: "str | os.PathLike[str]", *, loops: int = LOOPS) -> tuple[int, int]:
        """Write the animation as `.gif`, `.mp4`, `.html` (the GIF in a page of its own) or `.png` (the last frame).

        Args:
            path: The file, overwritten if it exists.
            loops: How often it plays before it stops on its last frame; 0 for ever, which no MP4 can. An MP4 holds the
                rounds one after the other.

        Returns:
            Width and height, in pixels.

        Raises:
            DomainError: The suffix is another one, or `loops` cannot be.
            MissingExtraError: An MP4 is asked for, and there is no ffmpeg; or matplotlib is missing.

        Example:
            >>> import slopewise as sw, tempfile, pathlib
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     sw.animate_descent(lambda x: x**2, [3.0, 1.5]).save(pathlib.Path(folder) / "last.png")
            (1008, 604)
        """
        target = pathlib.Path(path)
        suffix = target.suffix.lower()
        if suffix not in SUFFIXES:
            raise DomainError(
                f"an animation is saved as {', '.join(SUFFIXES)}, got {os.fspath(path)!r}\n"
                f"try {target.with_suffix('.gif').name or 'animation.gif'}"
            )
        check_loops(loops, suffix)
        if suffix == ".mp4":
            from slopewise.drawing.video_writer import write_video

            return write_video(self.frames(), self.durations, loops, target)
        if suffix == ".png":
            *_, last = self.frames()
            last.save(target, format="png")
            return last.size
        data = self.gif(loops=loops)
        size = _size(data)
        if suffix == ".html":
            target.write_text(_page(self._picture(data)), encoding="utf-8")
        else:
            target.write_bytes(data)
        return size

    def gif(self, *, loops: int = LOOPS) -> bytes:
        """Return the bytes of the GIF.

        Args:
            loops: As for `save`.

        Raises:
            DomainError: `loops` cannot be.
        """
        from slopewise.drawing.gif_writer import gif_bytes, with_loops

        check_loops(loops, ".gif")
        if self._gif is None:
            self._gif = gif_bytes(self.frames(), self.durations, LOOPS)
        return with_loops(self._gif, loops)

    def _picture(self, data: bytes) -> str:
        import base64

        width, _ = _size(data)
        text = base64.b64encode(data).decode("ascii")
        return (
            f'<img src="data:image/gif;base64,{text}" alt="{html.escape(self.alt)}" '
            f'width="{width}" style="max-width:100%;height:auto">'
        )

    def _repr_html_(self) -> str:
        return self._picture(self.gif())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self._repr_html_(), "text/plain": repr(self)}


def check_loops(loops: Any, suffix: str) -> None:
    """Refuse a number of rounds that a file cannot hold.

    Raises:
        NumberError: It is no whole number.
        DomainError: It is negative or too large, or 0 for an MP4.
    """
    if isinstance(loops, bool) or not hasattr(loops, "__index__"):
        raise NumberError(f"loops must be a whole number, got {loops!r}\n3 is the usual one, 0 means for ever")
    least, most = (1, 100) if suffix == ".mp4" else (0, 65536)
    if not least <= loops.__index__() <= most:
        cure = "an MP4 cannot say for ever: set the player to repeat" if not loops else "3 is the usual one"
        raise DomainError(f"loops must lie between {least} and {most} in {suffix}, got {loops!r}\n{cure}")


def checked_ms(duration: Any, name: str) -> int:
    """Return a duration in milliseconds.

    Raises:
        NumberError: It is no number.
        DomainError: It lies outside 20 ms to a minute.
    """
    if isinstance(duration, bool) or not isinstance(duration, (int, float)):
        raise NumberError(f"{name} must be a number of milliseconds, got {duration!r}\ntry {name}=1000")
    if not 20 <= duration <= 60_000:
        raise DomainError(f"{name} must lie between 20 and 60000 milliseconds, got {duration!r}\ntry {name}=1000")
    return round(duration)


def figure_image(figure: Any) -> "Image":
    """Return a matplotlib figure that has an Agg canvas, drawn anew, as an RGB image of even size."""
    from PIL import Image

    figure.canvas.draw()
    width, height = figure.canvas.get_width_height()
    whole = Image.frombuffer("RGBA", (width, height), figure.canvas.buffer_rgba(), "raw", "RGBA", 0, 1)
    return whole.convert("RGB").crop((0, 0, width - width % 2, height - height % 2))


def moving_axes(*, height: float = 4.2) -> "Axes":
    """Return axes on a new figure of its own, seven inches wide, with the house's number of dots per inch."""
    ax = new_axes(height=height)
    figure: Any = ax.figure
    figure.set_dpi(DOTS_PER_INCH)
    return ax


def size_that_fits(lines: str) -> float:
    """Return the size of letters, in points, with which the longest of these lines fits above an animation's axes.

    Example:
        >>> from slopewise.drawing.animation import size_that_fits
        >>> size_that_fits("short"), size_that_fits("n" * 120) < 8
        (11.0, True)
    """
    longest = max(map(len, lines.split("\n")))
    return min(11.0, max(6.0, 11.0 * 76 / max(longest, 1)))


def settle(figure: Any) -> None:
    """Lay a figure out once and keep it so, that nothing shifts between frames."""
    figure.canvas.draw()
    figure.set_layout_engine("none")


def _size(data: bytes) -> tuple[int, int]:
    from PIL import Image

    with Image.open(io.BytesIO(data)) as image:
        return image.size


def _page(picture: str) -> str:
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>slopewise</title>\n'
        "<style>body{margin:2em auto;max-width:1008px;padding:0 1em;background:#fff}</style>\n"
        f"{picture}\n</html>\n"
    )
