"""Worksheets and keys: the same bytes, no answer on the sheet, every answer in the key."""

import html.parser
import re
from collections.abc import Callable

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.quizzes import Quiz, answer_key, worksheet

REASON_SHEET = "<!-- A worksheet of one exercise: lines, a picture with blanks, room to work; no gradient anywhere. -->"
REASON_KEY = "<!-- Its key: the picture with the gradients, the workings, and what likely wrong answers tell. -->"


def article(**options: str) -> Quiz:
    a, b = Value(-2.0, label="a"), Value(3.0, label="b")
    d, e = a * b, a + b
    d.label, e.label = "d", "e"
    f = d * e
    f.label = "f"
    return sw.quiz(f, **options)  # type: ignore[arg-type]


def test_a_worksheet_and_its_key(golden: Callable[..., None]) -> None:
    golden("quizzes/worksheet.html", worksheet(article()), REASON_SHEET)
    golden("quizzes/key.html", answer_key(article()), REASON_KEY)


def test_generated_sheets(golden: Callable[..., None]) -> None:
    quizzes = [sw.quiz(level=level, seed=1) for level in (1, 4, 5)]
    golden(
        "quizzes/generated_worksheet.html", worksheet(quizzes, "Chain rule"), "<!-- Three exercises that were made. -->"
    )
    golden("quizzes/generated_key.html", answer_key(quizzes, "Chain rule"), "<!-- Their key. -->")


def test_values_on_paper(golden: Callable[..., None]) -> None:
    golden(
        "quizzes/values_worksheet.html",
        worksheet(article(blank="values")),
        "<!-- Values are blank, leaves are given. -->",
    )


def shown_text(page: str) -> str:
    """Return what a reader sees or hears of a page."""
    return re.sub(r"<[^>]*>", " ", re.sub(r"(?s)<style>.*?</style>", "", page))


@pytest.mark.parametrize("blank", ["gradients", "values"])
def test_no_answer_is_on_the_sheet(blank: str) -> None:
    x = Value(1.25, label="x")
    y = x * 17.5
    y.label = "y"
    z = (y - 3.25) * 2.5
    z.label = "z"
    q = sw.quiz(z, blank=blank)  # type: ignore[arg-type]
    sheet, key = shown_text(worksheet(q)), shown_text(answer_key(q))
    answers = ("43.75",) if blank == "gradients" else ("21.88", "18.62", "46.56")
    for number in answers:
        assert number not in sheet and number in key
    assert sheet.count("_____") >= 3


def test_played_or_not_it_is_the_same_sheet() -> None:
    q = article()
    before = worksheet(q), answer_key(q)
    q.answer("a", 3), q.answer("b", -8), q.reveal("d")
    assert (worksheet(q), answer_key(q)) == before


def test_the_same_seed_gives_the_same_bytes() -> None:
    for level in range(1, 6):
        one, two = (worksheet(sw.quiz(level=level, seed=9)) for _ in range(2))
        assert one == two and one != worksheet(sw.quiz(level=level, seed=10))


class Parser(html.parser.HTMLParser):
    VOID = ("meta", "br", "rect", "path", "polygon", "circle", "line", "ellipse")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_pages_are_whole_and_need_nothing_else() -> None:
    for page in (worksheet(article()), answer_key([sw.quiz(level=5, seed=2), article(blank="values")])):
        parser = Parser()
        parser.feed(page)
        assert parser.open == []
        assert "http" not in page.replace("http://www.w3.org/2000/svg", "") and "<script" not in page
        assert 'role="img"' in page and "<desc" in page and "@page" in page


def test_labels_are_escaped() -> None:
    x, y = Value(2.5, label="<script>x</script>"), Value(3.5, label='a"&b')
    for page in (worksheet(sw.quiz(x * y)), answer_key(sw.quiz(x * y))):
        assert "<script>" not in page and "&lt;script&gt;" in page


def test_a_large_graph_has_no_picture() -> None:
    x = Value(1.5, label="x")
    total = x
    for _ in range(80):
        total = total * 1.01
    page = worksheet(sw.quiz(total, only=["x"]))
    assert "<svg" not in page and "x.grad" in page


def test_only_some_on_paper() -> None:
    page = shown_text(worksheet(article(only="a")))
    assert page.count("_____") == 1 and "a.grad" in page and "b.grad" not in page
