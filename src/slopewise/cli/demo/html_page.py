"""The page: words, tables and pictures of every chapter, and what was checked: one HTML file beside the PNGs."""

import html
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from slopewise.basics import shown
from slopewise.cli.demo.expected import Check
from slopewise.cli.demo.page import Block, Grid, Lines, Page, Paragraph, Picture, Told

if TYPE_CHECKING:
    from slopewise.stories.document import Document

_STYLE = """
:root { color-scheme: light; }
body { margin: 0 auto; padding: 1rem 1.25rem 4rem; max-width: 46rem; color: #222; background: #fff;
  font: 1.0625rem/1.6 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; overflow-wrap: break-word; }
h1 { line-height: 1.2; margin: 1.5rem 0 .5rem; } h2 { line-height: 1.25; margin: 3.5rem 0 .75rem; }
a { color: #005a8c; } a:focus-visible { outline: 3px solid #d55e00; outline-offset: 2px; }
nav ol { padding-left: 0; list-style: none; columns: 18rem; }
code, pre { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: .92em; }
pre { background: #f4f4f2; border-left: 4px solid #0072b2; padding: .75rem 1rem; overflow-x: auto; line-height: 1.45; }
figure { margin: 1.5rem 0; } figure img { display: block; width: 100%; height: auto; border: 1px solid #d9d9d9; }
figcaption, caption { color: #444; font-size: .95rem; text-align: left; padding: .4rem 0; }
.wide, .story { overflow-x: auto; margin: 1.25rem 0; } .story { border-left: 4px solid #0072b2; }
.story h3, .story h4 { line-height: 1.25; } .story td, .story th { text-align: left; border-bottom: 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .95rem; }
th, td { padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #d9d9d9; text-align: right; vertical-align: top; }
th.word, td.word { text-align: left; } thead th { border-bottom: 2px solid #595959; }
.wrong { color: #b00020; font-weight: bold; }
footer { margin-top: 4rem; color: #444; font-size: .95rem; }
@media print { nav { display: none; } figure, tr { break-inside: avoid; } body { max-width: none; } }
""".strip()


def page_text(pages: Sequence[Page]) -> str:
    """Return the page as HTML; it holds no time and no path, so the same run gives the same bytes."""
    from slopewise import __version__

    contents = "\n".join(
        f'<li><a href="#chapter-{page.chapter.number}">{page.chapter.number}. {_escaped(page.chapter.title)}</a></li>'
        for page in pages
    )
    chapters = "\n".join(_chapter(page) for page in pages)
    checks = [check for page in pages for check in page.checks]
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>From a slope to a neural net</title>
<style>
{_STYLE}
</style>
</head>
<body>
<header>
<h1>From a slope to a neural net</h1>
<p>The story of Andrej Karpathy's micrograd lecture. Short chapters, worked out by slopewise when this page was made;
where a sentence quotes a longer run, it says so. At the end, a <a href="#checked">table</a> compares {len(checks)} of
the numbers with figures known from elsewhere.</p>
</header>
<nav aria-label="Chapters">
<ol>
{contents}
<li><a href="#checked">What was checked</a></li>
</ol>
</nav>
<main>
{chapters}
{_checked(checks)}
</main>
<footer>
<p>Made by slopewise {_escaped(__version__)}, which grew out of micrograd and its lecture by Andrej Karpathy.</p>
</footer>
</body>
</html>
"""


def _chapter(page: Page) -> str:
    number = page.chapter.number
    body = "\n".join(_block(block) for block in page.blocks)
    return (
        f'<section id="chapter-{number}" aria-labelledby="title-{number}">\n'
        f'<h2 id="title-{number}">{number}. {_escaped(page.chapter.title)}</h2>\n{body}\n</section>'
    )


def _block(block: Block) -> str:
    match block:
        case Paragraph(text):
            return f"<p>{_prose(text)}</p>"
        case Lines(lines):
            return '<pre tabindex="0">' + _escaped("\n".join(lines)) + "</pre>"
        case Grid(headers, rows, words, caption):
            return _table(headers, rows, words, caption)
        case Picture(file, caption, alt, width, height):
            return (
                f'<figure><img src="{_escaped(file)}" alt="{_escaped(alt)}" width="{width}" height="{height}">'
                f"<figcaption>{_prose(caption)}</figcaption></figure>"
            )
        case Told(document):
            return f'<div class="story" data-theme="light" tabindex="0">{_lower(document).html()}</div>'
        case _:
            assert_never(block)


def _lower(document: "Document") -> "Document":
    """Return a document whose headings stand below those of the page."""
    from slopewise.stories.document import Heading

    blocks = (replace(b, level=b.level + 2) if isinstance(b, Heading) else b for b in document.blocks)
    return replace(document, blocks=tuple(blocks))


def _table(headers: Sequence[str], rows: Sequence[Sequence[str]], words: Sequence[int], caption: str) -> str:
    def cell(tag: str, i: int, text: str) -> str:
        scope = ' scope="col"' if tag == "th" else ""
        word = ' class="word"' if i in words else ""
        wrong = text.startswith("differs")
        return f"<{tag}{scope}{word}>{f'<span class=wrong>{_prose(text)}</span>' if wrong else _prose(text)}</{tag}>"

    head = "".join(cell("th", i, text) for i, text in enumerate(headers))
    body = "\n".join("<tr>" + "".join(cell("td", i, text) for i, text in enumerate(row)) + "</tr>" for row in rows)
    title = f"<caption>{_prose(caption)}</caption>" if caption else ""
    table = f"<table>{title}<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>"
    return f'<div class="wide" tabindex="0">{table}</div>'


def _checked(checks: Sequence[Check]) -> str:
    rows = [
        (
            str(check.chapter),
            check.name,
            _number(check.found),
            _number(check.expected.number),
            str(check.expected.digits),
            "agrees" if check.ok else "differs",
        )
        for check in checks
    ]
    agreed = sum(check.ok for check in checks)
    table = _table(("chapter", "figure", "found", "expected", "digits", ""), rows, (1, 5), "")
    return (
        '<section id="checked" aria-labelledby="title-checked">\n<h2 id="title-checked">What was checked</h2>\n'
        f"<p>{agreed} of {len(checks)} figures agree to the number of significant digits given.</p>\n"
        f"{table}\n</section>"
    )


def _number(x: object) -> str:
    """Return a number in full, as far as it goes: here every digit matters."""
    return str(shown(x, 17) if isinstance(x, float) else shown(x))


def _prose(text: str) -> str:
    """Return the text as HTML, backticks as code."""
    parts = re.split("`([^`]*)`", text)
    return "".join(f"<code>{_escaped(part)}</code>" if i % 2 else _escaped(part) for i, part in enumerate(parts))


def _escaped(text: str) -> str:
    return html.escape(text, quote=True)
