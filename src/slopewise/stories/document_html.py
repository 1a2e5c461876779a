"""Documents as HTML fragments, for notebooks and pages: MathML formulas, light and dark, no script."""

from html import escape as html_escape
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

# Text colours on both grounds: at least 4.5:1 (a test computes it).
LIGHT = {"ground": "#ffffff", "text": "#1b1f24", "quiet": "#57606a", "good": "#00694b", "bad": "#a03a00",
         "name": "#0a5596", "line": "#d0d7de", "stripe": "#f4f6f8"}  # fmt: skip
DARK = {"ground": "#16191d", "text": "#e6e9ec", "quiet": "#a3acb5", "good": "#4cc79a", "bad": "#f0a05a",
        "name": "#79b8ee", "line": "#3a4149", "stripe": "#1e2227"}  # fmt: skip


def _variables(colours: dict[str, str]) -> str:
    return "".join(f"--sw-{name}:{colour};" for name, colour in colours.items())


STYLE = (
    ".slopewise{" + _variables(LIGHT) + "color:var(--sw-text);background:var(--sw-ground);padding:.4em .8em;"
    "font:15px/1.45 system-ui,sans-serif;max-width:60em;overflow-x:auto}"
    "@media (prefers-color-scheme:dark){.slopewise{" + _variables(DARK) + "}}"
    '[data-jp-theme-light="false"] .slopewise,[data-theme="dark"] .slopewise,.vscode-dark .slopewise,'
    "html.dark .slopewise{" + _variables(DARK) + "}"
    '[data-jp-theme-light="true"] .slopewise,[data-theme="light"] .slopewise,.vscode-light .slopewise,'
    "html.light .slopewise{" + _variables(LIGHT) + "}"
    ".slopewise h1,.slopewise h2,.slopewise h3{font-size:1.05em;margin:1em 0 .3em;color:inherit}"
    ".slopewise h1{font-size:1.2em}.slopewise p{margin:.4em 0}"
    ".slopewise table{border-collapse:collapse;margin:.4em 0;color:inherit;background:none}"
    ".slopewise caption{text-align:left;color:var(--sw-quiet)}"
    ".slopewise th{font-weight:normal;color:var(--sw-quiet);text-align:left;border-bottom:1px solid var(--sw-line)}"
    ".slopewise td,.slopewise th{padding:.15em .7em .15em 0;vertical-align:baseline;background:none;color:inherit}"
    ".slopewise th{color:var(--sw-quiet)}"
    ".slopewise .r{text-align:right;font-variant-numeric:tabular-nums}.slopewise .l{text-align:left}"
    ".slopewise .good{color:var(--sw-good)}.slopewise .bad{color:var(--sw-bad);font-weight:600}"
    ".slopewise .quiet{color:var(--sw-quiet)}.slopewise .name{color:var(--sw-name)}.slopewise .strong{font-weight:600}"
    ".slopewise tr.bad td{color:var(--sw-bad)}.slopewise tr.quiet td{color:var(--sw-quiet)}"
    ".slopewise tr.band td{padding-top:.6em}.slopewise tr.band+tr td:first-child{padding-left:1em}"
    ".slopewise tr:not(.band) td:first-child,.slopewise th:first-child{padding-left:1em}"
    ".slopewise td math{math-style:normal}"  # fractions in full size
    ".slopewise .note{border-left:3px solid var(--sw-line);padding-left:.7em}"
    ".slopewise code{font:.93em ui-monospace,monospace;color:inherit;background:var(--sw-stripe)}"
    ".slopewise summary{cursor:pointer}.slopewise details>*:not(summary){margin-left:1em}"
)


def escape(text: str) -> str:
    """Return a text in which nothing is read as HTML, and no control character is left."""
    return html_escape(visible(text))


def write(blocks: tuple[Block, ...], style: bool = True) -> str:
    """Write blocks as one `<div class="slopewise">`."""
    sheet = f"<style>{STYLE}</style>" if style else ""
    return f'<div class="slopewise">{sheet}\n{inside(blocks)}\n</div>'


def inside(blocks: tuple[Block, ...]) -> str:
    """Write blocks without the element around them."""
    return "\n".join(_block(block) for block in blocks)


def _block(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Paragraph(content, tone):
            return f"<p{_class(tone)}>{_inlines(content)}</p>"
        case Note(content, tone):
            mark = {"good": "✓ ", "bad": "✗ "}.get(tone, "")
            return f'<p class="note {tone}">{mark}{_inlines(content)}</p>'
        case Display(formulas, remarks):
            rows = "".join(
                f"<tr><td>{formula.mathml(f, display=True)}</td>"
                + (f'<td class="quiet">{escape(remarks[i])}</td>' if remarks else "")
                + "</tr>"
                for i, f in enumerate(formulas)
            )
            return f'<table role="presentation"><tbody>{rows}</tbody></table>'
        case Table():
            return _table(block)
        case Bullets(items, numbered):
            kind = "ol" if numbered else "ul"
            return f"<{kind}>{''.join(f'<li>{_inlines(item)}</li>' for item in items)}</{kind}>"
        case Details(summary, inner, _):
            return f"<details><summary>{_inlines(summary)}</summary>\n{inside(inner)}\n</details>"
        case _:
            assert_never(block)


def _class(tone: str) -> str:
    return "" if tone == "plain" else f' class="{tone}"'


def _table(table: Table) -> str:
    columns = column_count(table)
    align = column_alignment(table, columns)
    out = ["<table>"]
    if table.caption:
        out.append(f"<caption>{escape(table.caption)}</caption>")
    if table.header:
        heads = "".join(
            f'<th scope="col" class="{align[c]}">{escape(head)}</th>' for c, head in enumerate(table.header)
        )
        out.append(f"<thead><tr>{heads}</tr></thead>")
    out.append("<tbody>")
    for i, row in enumerate(table.rows):
        if isinstance(row, Band):
            tone = f" {table.tones[i]}" if table.tones and table.tones[i] != "plain" else ""
            out.append(f'<tr class="band{tone}"><td colspan="{columns}">{_inlines(row.content)}</td></tr>')
            continue
        cells = "".join(f'<td class="{align[c]}">{_inlines(inlines(cell))}</td>' for c, cell in enumerate(row))
        out.append(f"<tr{_class(table.tones[i] if table.tones else 'plain')}>{cells}</tr>")
    return "\n".join([*out, "</tbody></table>"])


def _inlines(content: Inlines) -> str:
    return "".join(_inline(item) for item in content)


def _inline(item: Inline) -> str:
    if isinstance(item, str):
        return escape(item)
    if isinstance(item, Span):
        if item.tone == "code":
            return f"<code>{escape(item.text)}</code>"
        return escape(item.text) if item.tone == "plain" else f'<span class="{item.tone}">{escape(item.text)}</span>'
    return formula.mathml(item)
