"""Documents as Markdown, as GitHub and notebooks read it."""

import re
from typing import assert_never

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
    column_alignment,
    column_count,
    inlines,
)
from slopewise.stories.name_text import visible

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$&])")


def escape(text: str) -> str:
    """Return a text in which nothing is read as Markdown or HTML.

    Example:
        >>> from slopewise.stories.document_markdown import escape
        >>> print(escape("a_1 * <b>"))
        a\\_1 \\* \\<b\\>
    """
    written = _SPECIAL.sub(r"\\\1", visible(text))
    return re.sub(r"^(\s*)([-+]|\d+[.)])(\s)", r"\1\\\2\3", written)


def code(text: str) -> str:
    """Return a text as a code span, whatever backticks it holds."""
    plain = visible(text)
    fence = "`" * (max((len(run) for run in re.findall("`+", plain)), default=0) + 1)
    pad = " " if plain.startswith("`") or plain.endswith("`") else ""
    return f"{fence}{pad}{plain}{pad}{fence}"


def write(blocks: tuple[Block, ...], math: bool = True) -> str:
    """Write blocks as Markdown, with formulas as `$…$` or as code."""
    return "\n\n".join(_block(block, math) for block in blocks) + "\n"


def _block(block: Block, math: bool) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * level} {escape(text)}"
        case Paragraph(content, _):
            return _inlines(content, math)
        case Note(content, tone):
            mark = {"good": "✓ ", "bad": "✗ "}.get(tone, "")
            return f"> {mark}{_inlines(content, math)}"
        case Display(formulas, remarks):
            if math:
                return "\n\n".join(
                    "$$" + formula.latex(f) + _remark(remarks[i] if remarks else "") + "$$"
                    for i, f in enumerate(formulas)
                )
            return "\n".join(f"    {formula.text(f)}" for f in formulas)
        case Table():
            return _table(block, math)
        case Bullets(items, numbered):
            return "\n".join(
                f"{f'{i}.' if numbered else '-'} {_inlines(item, math)}" for i, item in enumerate(items, 1)
            )
        case Details(summary, inner, hint):
            tail = code(hint) if hint else write(inner, math).rstrip("\n")
            return f"{_inlines(summary, math)}\n\n{tail}"
        case _:
            assert_never(block)


def _remark(remark: str) -> str:
    from slopewise.stories.formula_latex import escape as latex_text

    return rf"\quad\text{{{latex_text(remark)}}}" if remark else ""


def _table(table: Table, math: bool) -> str:
    columns = column_count(table)
    align = column_alignment(table, columns)
    header = list(table.header) + [""] * (columns - len(table.header))
    out = [f"*{escape(table.caption)}*\n"] if table.caption else []
    out.append("| " + " | ".join(escape(head) for head in header) + " |")
    out.append("|" + "|".join("---:" if a == "r" else "---" for a in align) + "|")
    for row in table.rows:
        if isinstance(row, Band):
            out.append("| " + _inlines(row.content, math, in_table=True) + " |" + " |" * (columns - 1))
            continue
        cells = [_inlines(inlines(cell), math, in_table=True) for cell in row] + [""] * (columns - len(row))
        out.append("| " + " | ".join(cells) + " |")
    return "\n".join(out)


def _inlines(content: Inlines, math: bool, in_table: bool = False) -> str:
    written = "".join(_inline(item, math, in_table) for item in content)
    return written


def _inline(item: Inline, math: bool, in_table: bool) -> str:
    if isinstance(item, str):
        return escape(item)
    if isinstance(item, Span):
        if item.tone == "code":
            return code(item.text).replace("|", "\\|") if in_table else code(item.text)
        text = item.text.strip()
        if item.tone in ("strong", "bad", "name") and text:
            lead, tail = item.text[: len(item.text) - len(item.text.lstrip())], item.text[len(item.text.rstrip()) :]
            return f"{escape(lead)}**{escape(text)}**{escape(tail)}"
        return escape(item.text)
    if math:
        written = formula.latex(item)
        return "$" + (written.replace("|", r"\vert ") if in_table else written) + "$"
    written = code(formula.text(item))
    return written.replace("|", "\\|") if in_table else written
