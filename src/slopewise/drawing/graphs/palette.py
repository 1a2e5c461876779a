"""The colours of graph pictures, by role, light and dark.

Positive and negative are the blue and the orange of Okabe and Ito, moved until text in them has a contrast of 4.5 : 1
on every ground of the same palette; colour-blind readers tell them apart, and a sign, a dash or a word always says the
same once more.

Source: M. Okabe, K. Ito, "Color universal design", 2008; contrast as in WCAG 2.2.
"""

from collections.abc import Mapping
from types import MappingProxyType

THEMES = ("light", "dark", "auto")

LIGHT: Mapping[str, str] = MappingProxyType({
    "paper": "#ffffff",
    "card": "#ffffff",
    "leaf": "#f3f6fa",
    "cell": "#e9eef4",
    "ink": "#1b1f24",
    "quiet": "#57606a",
    "frame": "#6e7781",
    "line": "#6e7781",
    "positive": "#0067a3",
    "negative": "#a84300",
    "strange": "#8a2b75",
    "halo": "#f6c945",
})  # fmt: skip

DARK: Mapping[str, str] = MappingProxyType({
    "paper": "#14171c",
    "card": "#1c2128",
    "leaf": "#232a33",
    "cell": "#2d3640",
    "ink": "#f0f3f6",
    "quiet": "#b3bcc6",
    "frame": "#8b95a1",
    "line": "#8b95a1",
    "positive": "#6cb6f5",
    "negative": "#ff9d57",
    "strange": "#e59ad3",
    "halo": "#8a6a00",
})  # fmt: skip

GROUNDS = ("paper", "card", "leaf", "cell")
TEXTS = ("ink", "quiet", "positive", "negative", "strange")


def palette_of(theme: str) -> Mapping[str, str]:
    """Return the colours of a theme; `"auto"` begins light."""
    return DARK if theme == "dark" else LIGHT


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 (none) to 21 (black on white).

    Args:
        one: A colour as `#rrggbb`.
        other: Likewise.

    Example:
        >>> round(contrast("#000000", "#ffffff"), 2)
        21.0

    Source:
        WCAG 2.2, "relative luminance".
    """
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
