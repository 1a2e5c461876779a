"""Documents as data for `json.dumps`."""

import math
import numbers
from fractions import Fraction
from typing import Any, assert_never

from slopewise.stories import formula
from slopewise.stories.document import (
    Band,
    Block,
    Bullets,
    Details,
    Display,
    Heading,
    Inline,
    Inlines,
    Note,
    Paragraph,
    Span,
    Table,
    inlines,
)
from slopewise.stories.formula import Formula


def blocks(content: tuple[Block, ...]) -> list[dict[str, Any]]:
    """Return blocks as a list of objects, each with its "type"."""
    return [_block(block) for block in content]


def formula_object(item: Formula) -> dict[str, str]:
    """Return a formula as text and as LaTeX."""
    return {"text": formula.text(item), "latex": formula.latex(item)}


def number(x: Any) -> Any:
    """Return a number as JSON has it: a number where that is exact, else a string (`"nan"`, `"1/3"`, `"(1+2j)"`).

    Example:
        >>> from slopewise.stories.document_json import number
        >>> number(-3.0), number(float("inf")), number(2j)
        (-3.0, 'inf', '2j')
    """
    if x is None:
        return x
    if isinstance(x, numbers.Integral):
        return int(x)
    if isinstance(x, Fraction) or not isinstance(x, numbers.Real):
        return str(x)
    x = float(x)
    return x if math.isfinite(x) else str(x)


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Heading(text, level):
            return {"type": "heading", "level": level, "text": text}
        case Paragraph(content, tone):
            return {"type": "paragraph", "tone": tone, "content": _inlines(content)}
        case Note(content, tone):
            return {"type": "note", "tone": tone, "content": _inlines(content)}
        case Display(formulas, remarks):
            return {"type": "formulas", "formulas": [formula_object(f) for f in formulas], "remarks": list(remarks)}
        case Table(header, rows, align, tones, caption):
            return {
                "type": "table",
                "caption": caption,
                "header": list(header),
                "align": align,
                "tones": list(tones),
                "rows": [
                    {"band": _inlines(row.content)}
                    if isinstance(row, Band)
                    else [_inlines(inlines(cell)) for cell in row]
                    for row in rows
                ],
            }
        case Bullets(items, numbered):
            return {"type": "list", "numbered": numbered, "items": [_inlines(item) for item in items]}
        case Details(summary, inner, hint):
            return {"type": "details", "summary": _inlines(summary), "hint": hint, "blocks": blocks(inner)}
        case _:
            assert_never(block)


def _inlines(content: Inlines) -> list[Any]:
    return [_inline(item) for item in content]


def _inline(item: Inline) -> Any:
    if isinstance(item, str):
        return item
    if isinstance(item, Span):
        return {"text": item.text, "tone": item.tone}
    return formula_object(item)
