"""A picture as a page of its own: the picture in a box that scrolls, and beside it the steps as a table."""

from slopewise.drawing.graphs.diagram import Diagram
from slopewise.drawing.graphs.svg_writer import escaped
from slopewise.stories.document import Document

_SIDE_BY_SIDE = 760.0  # a picture up to this width has the table at its side

_STYLE = """
:root { color-scheme: light dark }
html[data-theme=light] { color-scheme: light } html[data-theme=dark] { color-scheme: dark }
body { margin: 0; padding: 1.2rem; font: 15px/1.5 "DejaVu Sans", Verdana, sans-serif; color: #1b1f24; background: #fff }
h1 { font-size: 1.2rem; margin: 0 0 .8rem }
main { display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: flex-start }
main.stacked { flex-direction: column; align-items: stretch }
figure { margin: 0; max-width: 100%; overflow: auto; border: 1px solid #d0d7de; border-radius: 6px }
figure svg { display: block }
section { min-width: 18rem; max-width: 100%; overflow-x: auto }
@media (prefers-color-scheme: dark) { html:not([data-theme]) body { color: #f0f3f6; background: #14171c }
 html:not([data-theme]) figure { border-color: #3a4149 } }
html[data-theme=dark] body { color: #f0f3f6; background: #14171c }
html[data-theme=dark] figure { border-color: #3a4149 }
""".strip()


def page(svg: str, diagram: Diagram, width: float, theme: str, story: Document | None) -> str:
    """Return an HTML page that needs nothing besides itself.

    Args:
        svg: The picture.
        diagram: What it shows.
        width: The picture's width, in pixels.
        theme: `"light"`, `"dark"` or `"auto"`.
        story: The steps, or None.
    """
    chosen = "" if theme == "auto" else f' data-theme="{theme}"'
    layout = "" if width <= _SIDE_BY_SIDE else ' class="stacked"'
    told = f"<section>\n{story.html()}\n</section>\n" if story is not None else ""
    title = escaped(diagram.title)
    return (
        f'<!DOCTYPE html>\n<html lang="en"{chosen}>\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
        f"<style>\n{_STYLE}\n</style>\n</head>\n<body>\n<h1>{title}</h1>\n<main{layout}>\n"
        f'<figure tabindex="0">\n{svg}</figure>\n{told}</main>\n</body>\n</html>\n'
    )
