"""Documents: fitted to a width, escaped in every format, legible in light and dark."""

import json
import re
import xml.etree.ElementTree as ET

import pytest

from slopewise.stories.document import (
    Band,
    Bullets,
    Details,
    Display,
    Document,
    Heading,
    Note,
    Paragraph,
    Span,
    Table,
)
from slopewise.stories.document_html import DARK, LIGHT
from slopewise.stories.formula import Name, Number, Sum, equals

NASTY = "\x1b[2J<script>`*_[x](y)$&%#{}~^\\|\n"

WHOLE = Document(
    (
        Heading("A title", 1),
        Paragraph(("Some words about ", Name("a"), " and ", Span("more", "good"), ". " + "word " * 30)),
        Heading("Formulas"),
        Display((equals(Sum((Name("a"), Name("b"))), 3.0), equals(Name("c"), 1 / 3)), ("one", "two")),
        Table(
            ("name", "what it does", "number"),
            (
                Band((Name("f"), ": a band")),
                ("a", "passes the gradient on " * 4, Number(-3.0)),
                (Name("bb"), "no", Number(12.25)),
            ),
            "llr",
            ("quiet", "plain", "bad"),
            "A caption",
        ),
        Bullets((("one",), ("two " * 30,)), numbered=True),
        Note(("careful " * 20,), "bad"),
        Details(("layer 0",), (Paragraph(("inside",)),), 'story.open("layers.0")'),
    )
)


@pytest.mark.parametrize("width", [30, 50, 88, 200])
def test_text_keeps_to_its_width(width: int) -> None:
    lines = WHOLE.text(width).split("\n")
    assert max(map(len, lines)) <= width
    assert not any(line != line.rstrip() for line in lines)


def test_columns_are_aligned() -> None:
    lines = WHOLE.text(88).split("\n")
    ends = [len(line) for line in lines if line.endswith(("number", "12.25"))]
    assert len(set(ends)) == 1


def test_text_and_lines_agree_and_carry_tones() -> None:
    laid = WHOLE.lines(60)
    assert "\n".join("".join(span.text for span in line).rstrip() for line in laid) == WHOLE.text(60)
    tones = {span.tone for line in laid for span in line}
    assert {"plain", "strong", "quiet", "good", "bad", "code"} <= tones


def test_a_respelling_is_measured() -> None:
    document = Document((Table((), (("≈", "x"), ("aa", "y"))),))
    assert document.text(40, lambda text: text.replace("≈", "about")) == "about  x\naa     y"


def test_every_format_writes_everything() -> None:
    for written in (WHOLE.text(), WHOLE.markdown(), WHOLE.markdown(math=False), WHOLE.latex(), WHOLE.html()):
        for word in ("A title", "passes the gradient on", "careful", "layer 0", "12.25", "A caption", "a band"):
            assert word in written, word
    assert "inside" in WHOLE.html()
    json.dumps(WHOLE.json(), allow_nan=False)


def nasty() -> Document:
    cells = (NASTY, Span(NASTY, "code"), Name(NASTY))
    return Document(
        (
            Heading(NASTY),
            Paragraph((NASTY, Span(NASTY, "strong"), Name(NASTY))),
            Table((NASTY, NASTY, NASTY), (cells,), caption=NASTY),
            Bullets(((NASTY,),)),
            Note((NASTY,), "bad"),
            Details((NASTY,), (Paragraph((NASTY,)),)),
        )
    )


def test_nothing_in_a_label_is_obeyed() -> None:
    document = nasty()
    assert "\x1b" not in document.text(40) + document.markdown() + document.latex() + document.html()
    html = document.html(style=False)
    assert "<script>" not in html
    ET.fromstring(html)
    for line in document.markdown().split("\n"):
        outside_code = re.sub(r"(?<![`\\])(`+)(?!`).*?(?<!`)\1(?!`)", "", line)
        assert "<script>" not in outside_code.replace(r"\<", "")
    assert not re.search(r"(?<!\\)[%#]", document.latex())
    table = [line for line in document.markdown().split("\n") if line.startswith("|")]
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table}) == 1, "a cell broke out of its column"


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_is_legible(colours: dict[str, str]) -> None:
    for tone in ("text", "quiet", "good", "bad", "name"):
        for ground in ("ground", "stripe"):
            pair = sorted((luminance(colours[tone]), luminance(colours[ground])))
            assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5, (tone, ground)
