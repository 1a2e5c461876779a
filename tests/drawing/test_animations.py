"""Animations: their frames, their files, how often they play, and that nothing of the user's is changed."""

import io
import pathlib
import shutil
import sys
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.errors import DataError, DomainError, MissingExtraError, NumberError, ShapeError
from slopewise.nn import MLP, Neuron

pytest.importorskip("matplotlib")

from PIL import Image, ImageChops

from slopewise.drawing import Animation
from slopewise.drawing.gif_writer import APPLICATION, gif_bytes, with_loops
from slopewise.drawing.video_writer import find_ffmpeg


def parabola(x: Any) -> Any:
    return 3 * x**2 - 4 * x + 5


def squares(colors: str = "rgb") -> Animation:
    """An animation that is quick to draw: flat pictures of a few pixels."""
    names = {"r": "red", "g": "green", "b": "blue", "w": "white"}
    return Animation(lambda k: Image.new("RGB", (8, 6), names[colors[k]]), [100] * (len(colors) - 1) + [500], "squares")


def drawn(moving: Animation, number: int) -> Image.Image:
    """Return one frame."""
    return moving._draw(range(len(moving))[number])


def played(data: bytes) -> int:
    """Return how often a browser plays a GIF: once, and as often again as the file says; 0 for ever."""
    place = data.find(APPLICATION)
    if place < 0:
        return 1
    count = int.from_bytes(data[place + len(APPLICATION) :][:2], "little")
    return count + 1 if count else 0


# ---------------------------------------------------------------------- files
def test_gif_stops_after_three_rounds() -> None:
    assert played(squares().gif()) == 3


@pytest.mark.parametrize("loops", [0, 1, 2, 3, 300])
def test_any_number_of_rounds(loops: int) -> None:
    data = squares().gif(loops=loops)
    assert played(data) == loops
    with Image.open(io.BytesIO(data)) as image:
        assert image.n_frames == 3  # type: ignore[attr-defined]


def test_frames_keep_their_durations_colours_and_size() -> None:
    with Image.open(io.BytesIO(squares("rwb").gif())) as image:
        found = []
        for k in range(3):
            image.seek(k)
            found.append((image.info["duration"], image.convert("RGB").getpixel((0, 0))))
    assert found == [(100, (255, 0, 0)), (100, (255, 255, 255)), (500, (0, 0, 255))]


def test_rounds_do_not_touch_the_pictures() -> None:
    data = gif_bytes(list(squares().frames()), [100, 100, 500], 3)
    assert with_loops(with_loops(data, 0), 3) == data


def test_every_suffix_is_written(tmp_path: pathlib.Path) -> None:
    moving = squares()
    assert moving.save(tmp_path / "a.gif") == moving.save(str(tmp_path / "a.PNG")) == (8, 6)
    assert moving.save(tmp_path / "a.html") == (8, 6)
    assert (tmp_path / "a.gif").read_bytes() == moving.gif()
    assert 'alt="squares"' in (tmp_path / "a.html").read_text(encoding="utf-8")
    with Image.open(tmp_path / "a.PNG") as last:
        assert last.getpixel((0, 0)) == (0, 0, 255)


@pytest.mark.parametrize(
    ("save", "error", "words"),
    [
        (lambda path: squares().save(path / "a.jpg"), DomainError, r"\.gif, \.mp4, \.html, \.png, got .*\ntry a\.gif"),
        (lambda path: squares().save(path / "a"), DomainError, r"try a\.gif"),
        (lambda path: squares().save(path / "a.gif", loops=-1), DomainError, "between 0 and 65536"),
        (lambda path: squares().save(path / "a.gif", loops=70000), DomainError, "between 0 and 65536"),
        (lambda path: squares().save(path / "a.mp4", loops=0), DomainError, "an MP4 cannot say for ever"),
        (lambda path: squares().gif(loops=1.5), NumberError, "whole number"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_saved_is_said(save: Any, error: type[Exception], words: str, tmp_path: pathlib.Path) -> None:
    with pytest.raises(error, match=words):
        save(tmp_path)
    assert not list(tmp_path.iterdir())


def test_notebook_shows_the_gif_with_its_words() -> None:
    moving = Animation(squares()._draw, [100, 100, 500], 'a "quoted" <b>')
    bundle = moving._repr_mimebundle_()
    assert bundle["text/html"].startswith('<img src="data:image/gif;base64,')
    assert 'alt="a &quot;quoted&quot; &lt;b&gt;"' in bundle["text/html"]
    assert bundle["text/plain"] == "<Animation: 3 frames, 0.7 s>"


# ---------------------------------------------------------------------- MP4
def test_missing_ffmpeg_names_the_cure(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slopewise.drawing.video_writer.find_ffmpeg", lambda: None)
    with pytest.raises(MissingExtraError, match=r"save a \.gif instead, or install it: python -m pip install"):
        squares().save(tmp_path / "a.mp4")
    assert not list(tmp_path.iterdir())


FAKE = """#!{python}
import pathlib, sys
given = sys.stdin.buffer.read()
pathlib.Path(sys.argv[-1]).write_bytes(b"%d %s" % (len(given), " ".join(sys.argv).encode()))
"""


def fake_ffmpeg(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    path = tmp_path / "ffmpeg"
    path.write_text(program.format(python=sys.executable), encoding="utf-8")
    path.chmod(0o755)
    monkeypatch.setattr("slopewise.drawing.video_writer.find_ffmpeg", lambda: str(path))


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for ffmpeg is a script with a shebang")
def test_ffmpeg_is_handed_every_round(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_ffmpeg(tmp_path, monkeypatch, FAKE)
    squares().save(tmp_path / "a.mp4", loops=3)
    count, words = (tmp_path / "a.mp4").read_bytes().split(b" ", 1)
    assert int(count) == 3 * (2 + 2 + 10) * 8 * 6 * 3, "three rounds of 0.1, 0.1 and 0.5 s at 20 frames a second"
    assert b"-video_size 8x6" in words
    assert sorted(item.name for item in tmp_path.iterdir()) == ["a.mp4", "ffmpeg"]


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for ffmpeg is a script with a shebang")
def test_ffmpeg_that_fails_is_quoted_and_leaves_nothing(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_ffmpeg(tmp_path, monkeypatch, "#!{python}\nimport sys\nsys.exit('Unknown encoder libx264')\n")
    with pytest.raises(DataError, match=r"could not write a\.mp4: Unknown encoder libx264"):
        squares("rgb" * 40).save(tmp_path / "a.mp4")
    assert [item.name for item in tmp_path.iterdir()] == ["ffmpeg"]


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="no ffmpeg on the path")
def test_real_ffmpeg_writes_a_file(tmp_path: pathlib.Path) -> None:
    assert find_ffmpeg()
    squares().save(tmp_path / "a.mp4", loops=1)
    assert b"ftyp" in (tmp_path / "a.mp4").read_bytes()[:16]


# ---------------------------------------------------------------------- descents
def test_descent_repeats_byte_for_byte_and_holds_its_last_frame() -> None:
    walk = sw.descend(parabola, 3.0, lr=0.3, steps=2)  # eleven frames
    one, other = (sw.animate_descent(parabola, walk, title="a walk") for _ in range(2))
    assert one.gif() == other.gif()
    assert one.durations[-1] == 3000 == max(one.durations)
    assert one.alt == "a walk: a walk downhill on its curve; start: x = 3; after 2 steps: x = 2.16"


def test_frames_differ_and_have_one_even_size() -> None:
    moving = sw.animate_descent(lambda x, y: x**2 + y**2, [(2.0, 1.0), (1.0, 0.5)])
    frames = [drawn(moving, k) for k in (0, 2, -1)]
    assert len({frame.size for frame in frames}) == 1
    assert all(side % 2 == 0 for side in frames[0].size)
    assert all(ImageChops.difference(a, b).getbbox() for a, b in zip(frames, frames[1:]))


def test_long_walks_stay_short() -> None:
    assert len(sw.animate_descent(parabola, sw.descend(parabola, 3.0, lr=0.001, steps=5000, tolerance=0.0))) < 100


def test_walk_that_flies_off_is_animated() -> None:
    moving = sw.animate_descent(parabola, sw.descend(parabola, 3.0, lr=0.4, steps=30), between=(-4, 5))
    assert drawn(moving, -1).width > 900


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: sw.animate_descent(parabola, []), DomainError, r"animate_descent\(\) got an empty path"),
        (lambda: sw.animate_descent(parabola, [(1, 2, 3)]), ShapeError, "one or two numbers"),
        (lambda: sw.animate_descent(parabola, [1.0], step_ms=0), DomainError, "between 20 and 60000"),
        (lambda: sw.animate_descent(parabola, [1.0], pause_ms="a"), NumberError, "milliseconds, got 'a'"),  # type: ignore[arg-type]
        (lambda: sw.animate_boundary(Neuron(2), [(0, 1)], [1], []), DomainError, "the path is empty"),
        (lambda: sw.animate_boundary(Neuron(2), [(0, 1)], [1], [[1.0]]), ShapeError, "1 numbers, and there are 3"),
        (lambda: sw.animate_boundary(lambda p: p[0], [(0, 1)], [1], [[1.0]]), NumberError, "got a function"),
        (lambda: sw.animate_backpropagation(3.0), NumberError, "got 3.0"),  # type: ignore[arg-type]
        (lambda: sw.animate_backpropagation(Value(1.0), fold="neurn"), DomainError, "did you mean 'neuron'"),
        (lambda: sw.animate_backpropagation(Value(1.0), fold="layer"), DomainError, "needs the parameters of a net"),
        (lambda: sw.animate_backpropagation(Value(1.0), direction="up"), DomainError, "direction='up'"),
        (lambda: sw.animate_backpropagation(Value(1.0), theme="blue"), DomainError, "theme='blue'"),
    ],
)
def test_what_cannot_be_animated_is_said(make: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        make()


# ---------------------------------------------------------------------- boundaries
def test_boundary_follows_the_snapshots_and_leaves_the_model_as_it_was() -> None:
    net = Neuron(2, nonlin=False, init=0.5)
    path = sw.TrainingPath(net)
    for weight in (1.0, -1.0):
        net.w[0].data = weight
        path.record(weight + 2, 0.5)
    net.w[0].data = 3
    before = [(p.data, type(p.data), p.grad) for p in net.parameters()]
    moving = sw.animate_boundary(net, [(0, 1), (1, 0)], ["no", "yes"], path, cells=5)
    first, last = moving.frames()
    assert ImageChops.difference(first, last).getbbox()
    assert [(p.data, type(p.data), p.grad) for p in net.parameters()] == before
    assert moving.alt.endswith("step 1 of 1,  loss = 1,  accuracy 50 %")


def test_boundary_of_many_snapshots_is_thinned_out() -> None:
    net = Neuron(2, nonlin=False, init=0.5)
    path = [[k / 100, -0.5, 0.0] for k in range(300)]
    assert len(sw.animate_boundary(net, [(0, 1), (1, 0)], [0, 1], path, cells=2)) == 40


# ---------------------------------------------------------------------- backpropagation
def article() -> tuple[Value, Value, Value]:
    a, b = Value(-2.0, label="a"), Value(3.0, label="b")
    f = (a * b) * (a + b)
    f.label = "f"
    return a, b, f


def told(root: Value, **options: Any) -> list[tuple[str, str, str]]:
    moving = sw.animate_backpropagation(root, **options)
    film: Any = moving._draw.__self__  # type: ignore[attr-defined]
    return [frame.lines for frame in film.frames]


def test_every_step_is_told_in_order() -> None:
    _, _, f = article()
    lines = told(f)
    assert [line[0] for line in lines] == [
        "forward: the numbers given", "forward, 1 of 3", "forward, 2 of 3", "forward, 3 of 3",
        "backward: begin at the root", *(f"backward, {k} of 6" for k in range(1, 7)), "done: every gradient of f",
    ]  # fmt: skip
    assert lines[3][1] == "f = v1 · v2 = −6 · 1 = −6"
    assert lines[5][1] == "f → v1:  local 1 × upstream 1 = 1"
    assert lines[9][1] == "v1 → a:  local 3 × upstream 1 = 3;  a so far: −6 + 3 = −3"
    assert lines[-1][1] == "a −3,  b −8"


def test_gradients_are_this_roots_own_and_none_is_touched() -> None:
    a, b, f = article()
    a.grad = 100.0
    assert told(f)[-1][1] == "a −3,  b −8"
    assert (a.grad, b.grad, f.grad) == (100.0, 0, 0)


def test_operand_used_twice_gets_two_contributions() -> None:
    a = Value(3.0, label="a")
    lines = told(a * a)
    assert lines[-3][1] == "root → a, as left factor:  local 3 × upstream 1 = 3"
    assert lines[-2][1] == "root → a, as right factor:  local 3 × upstream 1 = 3;  a so far: 3 + 3 = 6"


def test_animation_repeats_byte_for_byte() -> None:
    gifs = {sw.animate_backpropagation(Value(2.0, label="a") * 3).gif() for _ in range(2)}
    assert len(gifs) == 1
    assert played(gifs.pop()) == 3


@pytest.mark.parametrize(("direction", "theme"), [("LR", "light"), ("TB", "dark"), ("RL", "dark"), ("bt", "light")])
def test_nothing_touches_the_border(direction: str, theme: str) -> None:
    _, _, f = article()
    last = drawn(sw.animate_backpropagation(f, direction=direction, theme=theme), -1)
    ground = Image.new("RGB", last.size, last.getpixel((0, 0)))
    left, top, right, bottom = ImageChops.difference(last, ground).getbbox() or (0, 0, 0, 0)
    assert left >= 8
    assert top >= 4
    assert right <= last.width - 8
    assert bottom <= last.height - 8
    assert last.width <= 1280
    assert last.height <= 1280


@pytest.mark.parametrize("build", [lambda a: a, lambda a: a * 2, lambda a: a - a, lambda a: sw.tanh(a) ** 2 / (a + 1)])
def test_graphs_of_every_shape(build: Any) -> None:
    moving = sw.animate_backpropagation(build(Value(0.5)))
    assert len(moving) >= 3
    assert drawn(moving, -1).width > 500


def test_labels_may_hold_any_characters() -> None:
    a = Value(2.0, label='<b>&"$\\alpha$\x1b[31m\n漢 🙂')
    moving = sw.animate_backpropagation((a * a).exp())
    drawn(moving, 0)
    assert "\x1b" not in moving.alt
    assert "\n" not in moving.alt


def test_stale_graph_says_so() -> None:
    a, _, f = article()
    a.data = -1.7
    film: Any = sw.animate_backpropagation(f)._draw.__self__  # type: ignore[attr-defined]
    assert any("a is now −1.7, this graph was built with −2" in note for note in film.notes)


def test_nets_are_folded_until_they_can_be_read() -> None:
    net = MLP(2, [16, 16, 1], rng=1)
    moving = sw.animate_backpropagation((net([1.0, -2.0]) - 1.0) ** 2, model=net)
    assert len(moving) < 40
    assert "those of the leaves lie in" in moving.alt


def test_graph_beyond_following_is_refused_with_a_cure() -> None:
    a = Value(1.0)
    for k in range(300):
        a = a * 1.01 if k % 2 else a.tanh()
    with pytest.raises(DomainError, match=r"301 nodes, folded as well, are too many to follow\nanimate"):
        sw.animate_backpropagation(a)


def test_animating_opens_no_figure_and_loads_no_window() -> None:
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    drawn(sw.animate_backpropagation(article()[2]), 3)
    drawn(sw.animate_descent(parabola, [3.0, 1.0]), 1)
    assert plt.get_fignums() == before
