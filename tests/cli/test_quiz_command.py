"""`slopewise quiz`: played with piped answers, on paper, as JSON; one clear line for what cannot be asked."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from slopewise.cli import main

ARTICLE = "f = d * e; d = a*b; e = a+b; a = -2; b = 3"


def quiz(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, ["quiz", *arguments], input=typed)


def test_it_is_played_through() -> None:
    done = quiz(ARTICLE, typed="1\n3\n-6\n1\n-8\n-3\n")
    assert done.exit_code == 0, done.output
    assert "1/5  f.grad = 1\nright: f.grad = 1" in done.output
    assert "2/5  e.grad = 3\nnot right" in done.output and "5/5  a.grad = -3" in done.output
    assert "5 of 5 right, 4 at the first try without a hint, 1 wrong answer" in done.output


def test_the_words_that_are_known() -> None:
    done = quiz(ARTICLE, typed="?\nhint\n?\n?\nskip\nshow\ntell\n\nhelp\nx\na = -3\nb = -8\ne = -6\n")
    assert done.exit_code == 0, done.output
    for said in (
        "hint 1 of 3", "hint 3 of 3", "the working: f.grad = 1", "the working: d.grad = 1 · 1 = 1", "answer with a number",
        "'x' cannot be read: x is a name; put its number there", "right: a.grad", "3 of 5 right",
    ):  # fmt: skip
        assert said in done.output


def test_the_end_of_the_input_ends_it() -> None:
    done = quiz(ARTICLE, typed="1\n")
    assert done.exit_code == 1
    assert done.output.endswith("ended with 4 open: e, d, b, a\n1 of 5 right, 1 at the first try without a hint\n")
    assert quiz(ARTICLE, typed="quit\n").exit_code == 1
    assert quiz(ARTICLE).exit_code == 1


def test_odd_input_is_survived() -> None:
    typed = "\x1b[31m\n" + "9" * 5000 + "\n--json\n__import__('os')\n=\n= =\nf = \n\t\n\x00\n1\r\n"
    done = quiz(ARTICLE, typed=typed)
    assert done.exit_code == 1 and "\x1b" not in done.output and "right: f.grad" in done.output


def test_a_made_exercise_says_its_seed() -> None:
    done = quiz("--level", "2", "--seed", "5", "--reveal")
    assert done.exit_code == 0 and "f.grad = 1" in done.output
    assert quiz("--level", "2", "--seed", "5", "--reveal").output == done.output
    assert "(level 1, seed " in quiz(typed="q\n").output


def test_values() -> None:
    done = quiz(ARTICLE, "--values", typed="-6\n1\n-6\n")
    assert done.exit_code == 0 and "d = -6\nright: d = a · b = −2 · 3 = −6" in done.output


def test_only() -> None:
    done = quiz(ARTICLE, "--only", "a, b", typed="-8\n-3\n")
    assert done.exit_code == 0 and "2 of 2 right" in done.output


def test_json() -> None:
    done = quiz(ARTICLE, "--json", typed="1\n3\n?\n-6\n")
    assert done.exit_code == 1
    data = json.loads(done.stdout)
    assert data["score"] == {"right": 2, "first_try": 1, "shown": 0, "total": 5, "hints": 1, "wrong": 1}
    assert [blank["state"] for blank in data["blanks"]] == ["right", "right", "open", "open", "open"]
    told = json.loads(quiz("--level", "3", "--seed", "1", "--json", "--reveal").stdout)
    assert all("answer" in blank and len(blank["hints"]) == 3 for blank in told["blanks"])
    assert (told["level"], told["seed"]) == (3, 1)


def test_plain_is_ascii() -> None:
    done = CliRunner().invoke(main, ["quiz", ARTICLE, "--plain"], input="1\n?\n")
    assert done.stdout.isascii() and "d = a * b" in done.stdout


def test_a_file_s_value(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("from slopewise import Value\nx = Value(3.0)\nloss = x * x * 2\n")
    done = quiz(f"{tmp_path / 'mine.py'}:loss", "--only", "x", typed="12\n")
    assert done.exit_code == 0, done.output


def test_sheet_and_key(tmp_path: Path) -> None:
    sheet, key = tmp_path / "sheet.html", tmp_path / "key.html"
    options = ("--level", "3", "--seed", "7", "--count", "3", "--title", "Friday")
    done = quiz(*options, "--sheet", str(sheet), "--key", str(key))
    assert done.exit_code == 0 and done.output == f"written to {sheet}\nwritten to {key}\n"
    page = sheet.read_text(encoding="utf-8")
    assert page.count("<section") == 3 and "<h1>Friday</h1>" in page and "level 3, seed 9" in page
    assert "<h1>Friday: the key</h1>" in key.read_text(encoding="utf-8")
    before = sheet.read_bytes(), key.read_bytes()
    quiz(*options, "--sheet", str(sheet), "--key", str(key))
    assert (sheet.read_bytes(), key.read_bytes()) == before
    assert quiz(ARTICLE, "--sheet", str(sheet)).exit_code == 0
    assert "a.grad" in sheet.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((ARTICLE, "--level", "2"), "--level makes an exercise, and"),
        ((ARTICLE, "--sheet", "x.html", "--count", "2"), "--count 2 needs exercises that are made"),
        (("--count", "2"), "--count 2 is for worksheets: add --sheet FILE.html"),
        (("--title", "x"), "--title is for worksheets"),
        (("--sheet", "x.html", "--json"), "--sheet and --key write files and nothing else: leave --json out"),
        (("--sheet", "x.html", "--key", "x.html"), "--sheet and --key are both x.html: give two files"),
        (("--sheet", "x.pdf"), "x.pdf would hold a page of HTML: name it x.html"),
        (("--sheet", "no/such/folder/x.html"), "cannot write no/such/folder/x.html: No such file or directory"),
        (("--level", "6"), "6 is not in the range 1<=x<=5"),
        (("--seed", "x"), "'x' is not a valid integer"),
        ((ARTICLE, "--only", "zz"), "the quiz has no 'zz'"),
        (("log(x); x = 0",), "a quiz needs finite numbers"),
        (("f = a +",), "f = a +"),
        (("missing.py:loss",), "missing.py"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_one_line(
    arguments: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = quiz(*arguments)
    assert done.exit_code == 2 and said in done.output, done.output
    assert done.stderr.startswith("slopewise: ")
    assert list(tmp_path.iterdir()) == []


def test_help() -> None:
    done = quiz("--help")
    assert done.exit_code == 0
    for word in ("--level", "--sheet", "never run as code", "runs the file"):
        assert word in " ".join(done.output.split())
