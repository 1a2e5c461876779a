"""Documents as LaTeX, for the body of an article; `amsmath` and `booktabs` must be loaded."""

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
from slopewise.stories.formula_latex import escape

_SECTIONS = {1: "section*", 2: "subsection*", 3: "subsubsection*"}


def write(blocks: tuple[Block, ...]) -> str:
    """Write blocks as LaTeX."""
    return "\n\n".join(_block(block) for block in blocks) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading(text, level):
            return rf"\{_SECTIONS.get(level, 'paragraph')}{{{escape(text)}}}"
        case Paragraph(content, _):
            return _inlines(content)
        case Note(content, _):
            return "\\begin{quote}\n" + _inlines(content) + "\n\\end{quote}"
        case Display(formulas, remarks):
            rows = [
                formula.latex(f) + (rf" &\quad \text{{{escape(remarks[i])}}}" if remarks and remarks[i] else "")
                for i, f in enumerate(formulas)
            ]
            return "\\begin{alignat*}{2}\n& " + " \\\\\n& ".join(rows) + "\n\\end{alignat*}"
        case Table():
            return _table(block)
        case Bullets(items, numbered):
            kind = "enumerate" if numbered else "itemize"
            inside = "\n".join(rf"  \item {_inlines(item)}" for item in items)
            return f"\\begin{{{kind}}}\n{inside}\n\\end{{{kind}}}"
        case Details(summary, inner, hint):
            tail = rf"\texttt{{{escape(hint)}}}" if hint else write(inner).rstrip("\n")
            return f"{_inlines(summary)}\n\n{tail}"
        case _:
            assert_never(block)


def _table(table: Table) -> str:
    columns = column_count(table)
    out = [rf"\begin{{tabular}}{{{column_alignment(table, columns)}}}", r"\toprule"]
    if table.header:
        out += [" & ".join(escape(head) for head in table.header) + r" \\", r"\midrule"]
    out += [_row(row, columns) + r" \\" for row in table.rows]
    out += [r"\bottomrule", r"\end{tabular}"]
    caption = [rf"\emph{{{escape(table.caption)}}}\par"] if table.caption else []
    return "\n".join([*caption, *out])


def _row(row: "tuple[Inline | Inlines, ...] | Band", columns: int) -> str:
    if isinstance(row, Band):
        return rf"\multicolumn{{{columns}}}{{l}}{{{_inlines(row.content)}}}"
    return " & ".join(_inlines(inlines(cell)) for cell in row)


def _inlines(content: Inlines) -> str:
    return "".join(_inline(item) for item in content)


def _inline(item: Inline) -> str:
    if isinstance(item, str):
        return escape(item)
    if isinstance(item, Span):
        command = {"strong": "textbf", "bad": "textbf", "name": "textbf", "code": "texttt", "quiet": "emph"}
        name = command.get(item.tone)
        return rf"\{name}{{{escape(item.text)}}}" if name else escape(item.text)
    return rf"\({formula.latex(item)}\)"
