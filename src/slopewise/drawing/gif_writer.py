"""Frames as a GIF: one palette for all, small differences between frames, and a number of rounds."""

import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from slopewise.errors import InternalError

if TYPE_CHECKING:
    from PIL.Image import Image

COLORS = 127
FLAT = 40  # of them, those that fill most of the pictures
NEAR = 8  # colours less far apart, in each of red, green and blue, count as one
APPLICATION = b"\x21\xff\x0bNETSCAPE2.0\x03\x01"  # then two bytes, the lower first, and a zero
SAMPLES = 8  # how many frames the palette is chosen from


def gif_bytes(frames: "Iterable[Image]", durations: Sequence[int], loops: int) -> bytes:
    """Return a GIF of the frames.

    Args:
        frames: Images of mode RGB and of one size.
        durations: How long each stays, in milliseconds; a GIF keeps hundredths of a second.
        loops: How often it plays; 0 for ever.
    """
    from PIL import Image

    given = list(frames)
    palette = _palette(given)
    indexed = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in given]
    out = io.BytesIO()
    indexed[0].save(
        out,
        format="GIF",
        save_all=True,
        append_images=indexed[1:],
        duration=[max(20, 10 * round(ms / 10)) for ms in durations],
        loop=0,
        optimize=False,
        disposal=1,
    )
    return with_loops(out.getvalue(), loops)


def with_loops(data: bytes, loops: int) -> bytes:
    """Return the GIF with another number of rounds.

    The number in the file counts the *repetitions* after the first round, 0 standing for "for ever": browsers play a
    file that says 2 three times. A file that is to play once has no such entry at all.

    Example:
        >>> from slopewise.drawing.gif_writer import APPLICATION, with_loops
        >>> endless = b"GIF89a..." + APPLICATION + bytes((0, 0, 0)) + b"..."
        >>> with_loops(endless, 3)[-6:-3], with_loops(endless, 1)
        (b'\\x02\\x00\\x00', b'GIF89a......')
    """
    place = data.find(APPLICATION)
    if place < 0:
        raise InternalError("a GIF was written without its number of rounds\nplease report it")
    start, end = data[:place], data[place + len(APPLICATION) + 3 :]
    if loops == 1:
        return start + end
    count = (loops - 1 if loops else 0).to_bytes(2, "little")
    return start + APPLICATION + count + b"\x00" + end


def _palette(frames: "Sequence[Image]") -> "Image":
    """Return an image whose palette suits all frames: their flat colours exactly, then shades between."""
    from PIL import Image

    step = max(1, len(frames) // SAMPLES)
    chosen = [*frames[::step], frames[-1]]
    width, height = chosen[0].size
    sheet = Image.new("RGB", (width, height * len(chosen)))
    for i, frame in enumerate(chosen):
        sheet.paste(frame, (0, height * i))
    counted: list[Any] = sheet.getcolors(maxcolors=width * height * len(chosen)) or []
    flat = sorted(counted, key=lambda item: (-item[0], item[1]))[:FLAT]
    chosen_colors = [color for _, color in flat]
    if len(counted) > FLAT:
        shades = sheet.quantize(colors=COLORS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        parts = shades.getpalette() or []
        chosen_colors += [tuple(parts[i : i + 3]) for i in range(0, len(parts), 3)]
    kept: list[Any] = []
    for color in chosen_colors:  # pillow takes one of two near colours for the other: white would turn grey
        if len(kept) < COLORS and all(
            max(abs(a - b) for a, b in zip(color, other, strict=True)) >= NEAR for other in kept
        ):
            kept.append(color)
    entries = [part for color in kept for part in color]
    palette = Image.new("P", (1, 1))
    palette.putpalette(entries)
    return palette
