"""The generated parts of the documentation say what the code says."""

import importlib.util
import math
import re
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import slopewise.errors
from slopewise.ops import BY_NAME, TABLE, Operation

DOCS = Path(__file__).resolve().parents[2] / "docs"
SPAN = 3.0  # formulas are compared within this distance of 0, where none of them overflows


def load_generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generate: Any = load_generator()
ROWS = [row for row in TABLE if row.name != "leaf"]


def points(row: Operation) -> list[tuple[float, ...]]:
    """Return a few operands inside a row's domain, the operands apart from each other."""
    columns = []
    for place, (low, high) in enumerate(row.domain):
        low, high = max(low, min(-SPAN, high)), min(high, max(SPAN, low + SPAN))
        columns.append([low + (high - low) * ((share + 0.29 * place) % 1.0) for share in (0.13, 0.41, 0.58, 0.87)])
    return list(zip(*columns, strict=True))


def evaluated(formula: str, row: Operation, operands: tuple[float, ...], result: float) -> float:
    names: dict[str, Any] = {name: getattr(math, name) for name in dir(math) if not name.startswith("_")}
    names["sigmoid"] = lambda x: 1 / (1 + math.exp(-x))
    names.update(zip(generate.operand_names(row), operands, strict=True))
    names["z"] = result
    return float(eval(formula, {"__builtins__": {}}, names))


def test_no_page_is_stale() -> None:
    assert list(generate.stale_pages()) == [], "run: python docs/generate.py"


def test_an_edited_page_is_found_stale(tmp_path: Path) -> None:
    for name in (*generate.PAGES, *generate.PICTURES):
        shutil.copy(DOCS / name, tmp_path)
    page = tmp_path / "operations.md"
    text = page.read_text(encoding="utf-8")
    edited = text.replace("slope inf at 0", "slope 1 at 0")
    assert edited != text
    page.write_text(edited, encoding="utf-8")
    stale = generate.stale_pages(tmp_path)
    assert stale == {"operations.md": text}


def test_text_written_by_hand_makes_no_page_stale(tmp_path: Path) -> None:
    for name in (*generate.PAGES, *generate.PICTURES):
        shutil.copy(DOCS / name, tmp_path)
    page = tmp_path / "errors.md"
    page.write_text(page.read_text(encoding="utf-8") + "\nOne sentence more.\n", encoding="utf-8")
    assert generate.stale_pages(tmp_path) == {}


def test_a_page_without_the_comments_is_named() -> None:
    with pytest.raises(SystemExit, match=r"errors\.md lacks the comments"):
        generate.with_generated_part("no comments", "part", "errors.md")


def test_every_operation_has_a_line_and_no_other() -> None:
    assert set(generate.FORMULAS) == {row.name for row in ROWS}
    page = generate.operations_page()
    for row in ROWS:
        assert f"| `{generate.FORMULAS[row.name][0].split('(')[0]}" in page


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_formulas_are_those_of_the_table(row: Operation) -> None:
    _, value, derivatives = generate.FORMULAS[row.name]
    for operands in points(row):
        result = row.value(*operands)
        assert evaluated(value, row, operands, result) == pytest.approx(result, rel=1e-9, abs=1e-12)
        expected = row.derivative(*operands, result)[: len(derivatives)]
        shown = [evaluated(formula, row, operands, result) for formula in derivatives]
        assert shown == pytest.approx(list(expected), rel=1e-9, abs=1e-12)


def test_a_wrong_formula_would_be_noticed() -> None:
    """The points tell operands and signs apart: a changed formula differs at one of them."""
    row = BY_NAME["atan2"]
    _, _, (by_y, by_x) = generate.FORMULAS["atan2"]
    assert any(
        evaluated(by_x, row, at, 0.0) != pytest.approx(row.derivative(*at, row.value(*at))[0], rel=1e-9)
        for at in points(row)
    )
    assert by_y != by_x


def test_every_error_has_a_section() -> None:
    sections = re.findall(r"^## (\w+)$", generate.errors_page(), re.MULTILINE)
    assert sorted(sections) == sorted(slopewise.errors.__all__)
    assert sections[0] == "SlopewiseError"


def test_every_diagnosis_has_a_section() -> None:
    from slopewise.doctor import DIAGNOSES

    page = generate.diagnoses_page()
    assert re.findall(r"^### (\w+)$", page, re.MULTILINE) == list(DIAGNOSES)
    for kind in DIAGNOSES.values():
        assert kind.why.split(". ")[0].replace("lr * p", r"lr \* p").replace("_backward", r"\_backward") in page


def test_links_between_pages_lead_somewhere() -> None:
    broken = []
    for page in sorted(DOCS.glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if not (DOCS / target).exists():
                broken.append(f"{page.name} -> {target}")
    assert broken == []


def test_links_to_headings_lead_somewhere() -> None:
    broken = []
    for page in sorted(DOCS.glob("*.md")):
        for target, heading in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", page.read_text(encoding="utf-8")):
            text = (DOCS / (target or page.name)).read_text(encoding="utf-8")
            titles = [
                re.sub(r"[^\w\- ]", "", t.lower()).replace(" ", "-") for t in re.findall(r"^#+ (.+)$", text, re.M)
            ]
            if heading not in titles:
                broken.append(f"{page.name} -> {target}#{heading}")
    assert broken == []


def test_the_map_names_every_page() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    missing = [page.name for page in DOCS.glob("*.md") if page.name != "index.md" and f"({page.name})" not in index]
    assert missing == []


def test_the_map_names_every_folder() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    rooms = DOCS.parent / "src" / "slopewise"
    missing = [
        room.name for room in rooms.iterdir() if (room / "__init__.py").exists() and f"`{room.name}`" not in index
    ]
    assert missing == []
