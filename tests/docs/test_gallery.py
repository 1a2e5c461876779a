"""The gallery: it holds every kind of picture, says what made each, and its page stands on its own."""

import importlib.util
import pathlib
import re
import sys
from typing import Any

import pytest

import slopewise as sw

pytest.importorskip("matplotlib")

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "gallery.py"


@pytest.fixture(scope="module")
def gallery() -> Any:
    spec = importlib.util.spec_from_file_location("gallery", PAGE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["gallery"] = module
    spec.loader.exec_module(module)
    return module


def test_every_plot_and_animation_is_in_it(gallery: Any) -> None:
    shown = {word for item in gallery.ENTRIES for word in re.findall(r"sw\.(\w+)", item.code)}
    drawn = {name for name in sw.__all__ if name.startswith(("plot_", "animate_", "draw"))}
    assert drawn - {"plot_weights", "plot_gradients"} <= shown, "the two are the halves of plot_histograms"


def test_every_entry_says_what_is_seen(gallery: Any) -> None:
    for item in gallery.ENTRIES:
        assert len(item.alt) > 20, item.title
        assert item.caption.endswith("."), item.title
        assert item.code.startswith("sw."), item.title
        assert "ax=" not in item.code, item.title
    assert len({item.file for item in gallery.ENTRIES}) == len(gallery.ENTRIES)


def test_page_shows_pictures_words_and_code(
    gallery: Any, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = [item for item in gallery.ENTRIES if item.make.__name__ in ("tangent", "graph", "regression_squares")]
    page = gallery.write(tmp_path / "out", chosen).read_text(encoding="utf-8")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "graph.svg", "index.html", "regression-squares.png", "tangent.png",
    ]  # fmt: skip
    assert "sw.plot_function(parabola, tangents=[3.0, 2 / 3], secants=(0, 2))" in page
    assert "rng = random.Random(3)" in page
    assert page.count("<img ") == page.count(' alt="') == 3
    assert "http" not in page, "the page needs nothing from elsewhere"
    assert "tangent.png" in capsys.readouterr().out
