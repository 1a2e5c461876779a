"""The choice between the compiled form of a module and its text, on made-up files; tests/packaging tries it on real builds."""

import sys
from collections.abc import Iterator
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from slopewise import _native
from slopewise.errors import NativeError

A, B = "slopewise.room.alpha", "slopewise.room.beta"


class Forgetting(dict[str, str | None]):
    """What holds for each test on its own: here files change while a process runs."""

    def __contains__(self, name: object) -> bool:
        return False


class Unseen(set[str]):
    """The same for what was looked at."""

    def __contains__(self, name: object) -> bool:
        return False


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A source tree of two native modules that are not built, in the place of slopewise's own."""
    package = tmp_path / "src" / "slopewise"
    (package / "room").mkdir(parents=True)
    (tmp_path / "setup.py").write_text("# settings\n")
    for name in ("alpha", "beta"):
        (package / "room" / f"{name}.py").write_text("NATIVE = False\n")
        (package / "room" / f"{name}.pxd").write_text("# types\n")
    (package / "room" / "layout.h").write_text("/* layout */\n")
    monkeypatch.setattr(_native, "PACKAGE", str(package))
    monkeypatch.setattr(_native, "MODULES", (A, B))
    monkeypatch.setattr(_native._TextOnly, "names", set())
    monkeypatch.setattr(_native, "_hashes", Forgetting())
    monkeypatch.setattr(_native, "_looked_at", Unseen())
    for variable in (_native.SETTING, *_native.COMPILER_VARIABLES):
        monkeypatch.delenv(variable, raising=False)
    yield package / "room"
    while _native._TextOnly in sys.meta_path:
        sys.meta_path.remove(_native._TextOnly)


def build(room: Path, *names: str) -> None:
    """Do what setup.py does, but for the compiler: these files do not load."""
    for name in names:
        (room / f"{name.rpartition('.')[2]}{EXTENSION_SUFFIXES[0]}").write_bytes(b"no library")
        _native.write_stamp(name, _native.stamp_of(name), _native.inputs_of(name))


def test_a_stamp_names_every_file_that_a_build_depends_on(room: Path) -> None:
    build(room, A)
    stamp = Path(_native.stamp_of(A)).read_text()
    files = [line.split(": ")[0].removeprefix("file ") for line in stamp.splitlines() if line.startswith("file ")]
    assert files == ["room/alpha.py", "room/alpha.pxd", "room/beta.pxd", "room/layout.h", "../../setup.py"]
    assert f"python: {sys.implementation.cache_tag}\n" in stamp


@pytest.mark.parametrize("changed", ["alpha.py", "alpha.pxd", "beta.pxd", "layout.h", "../../../setup.py"])
def test_a_change_of_any_of_them_is_seen(room: Path, changed: str) -> None:
    build(room, A)
    assert _native.what_changed(A) is None
    with (room / changed).open("a") as file:
        file.write("\n")
    assert (_native.what_changed(A) or "").endswith(f"{changed.replace('../', '')} has changed since it was built")


def test_a_file_that_is_gone_is_a_change(room: Path) -> None:
    build(room, A)
    (room / "layout.h").unlink()
    assert _native.what_changed(A) == "room/layout.h has changed since it was built"


def test_another_python_is_a_change(room: Path) -> None:
    build(room, A)
    stamp = Path(_native.stamp_of(A))
    stamp.write_text(stamp.read_text().replace(str(sys.implementation.cache_tag), "cpython-30"))
    assert _native.what_changed(A) == "it was built for another version of Python"


def test_modules_follow_those_whose_fields_they_reach_into(room: Path, recwarn: pytest.WarningsRecorder) -> None:
    """Another group runs interpreted: so does this one, though it was built, and nothing more is said."""
    build(room, A, B)
    _native.choose(A, B, upon=("slopewise.engine.value",))  # in the made-up room, no engine is compiled
    assert _native._TextOnly.names == {A, B}
    assert not recwarn.list


def test_modules_stand_on_their_own_where_those_run_compiled(room: Path) -> None:
    build(room, A, B)
    engine = room.parent / "engine"
    engine.mkdir()
    (engine / f"value{EXTENSION_SUFFIXES[0]}").write_bytes(b"no library")
    with pytest.raises(ImportError):  # it gets as far as loading them, and there is no such package
        _native.choose(A, B, upon=("slopewise.engine.value",))
    _native._TextOnly.take("slopewise.engine.value")
    _native.choose(A, B, upon=("slopewise.engine.value",))
    assert {A, B} <= _native._TextOnly.names


def test_modules_that_are_required_follow_too(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(_native.SETTING, "require")
    build(room, A, B)
    _native.choose(A, B, upon=("slopewise.engine.value",))
    assert _native._TextOnly.names == {A, B}


def test_the_names_of_all_modules_can_be_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert _native.main(["--list"]) == 0
    names = capsys.readouterr().out.split()
    assert tuple(names) == _native.MODULES
    assert all(Path(_native.source_of(name)).exists() for name in names)


def test_an_installed_module_needs_no_stamp_but_obeys_one(room: Path) -> None:
    for types in room.glob("*.pxd"):
        types.unlink()
    assert _native.what_changed(A) is None
    _native.write_stamp(A, _native.stamp_of(A), [_native.source_of(A)])
    assert _native.what_changed(A) is None
    (room / "alpha.py").write_text("NATIVE = None\n")
    assert _native.what_changed(A) == "room/alpha.py has changed since it was built"
    (room / "alpha.py").unlink()
    assert _native.what_changed(A) is None, "without its text a module cannot be stale"


def test_what_is_not_built_runs_interpreted_without_a_word(room: Path) -> None:
    _native.choose(A, B)
    assert _native.describe(A) == "interpreted: no compiled form was built"
    assert not _native._TextOnly.names


def test_require_refuses_what_is_not_built(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(_native.SETTING, "require")
    with pytest.raises(NativeError) as caught:
        _native.choose(A, B)
    assert str(caught.value) == (
        "SLOPEWISE_NATIVE=require, but slopewise.room.alpha is not compiled\n"
        "no compiled form was built\n"
        "build it: make native, or without make: python setup.py build_ext --inplace"
    )


def test_off_takes_the_text_of_what_is_built(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(room, A, B)
    monkeypatch.setenv(_native.SETTING, "OFF")
    _native.choose(A, B)
    spec = _native._TextOnly.find_spec(A)
    assert spec is not None
    assert spec.origin == str(room / "alpha.py")
    assert _native._TextOnly.find_spec("slopewise.room") is None
    assert _native.describe(A) == "interpreted: SLOPEWISE_NATIVE=off"


def test_modules_run_interpreted_together(room: Path) -> None:
    build(room, A)
    with pytest.warns(RuntimeWarning, match=f"the native engine is passed over.*{B} is not compiled"):
        _native.choose(A, B)
    assert _native._TextOnly.names == {A}


def test_a_stale_module_takes_the_other_with_it(room: Path) -> None:
    build(room, A, B)
    (room / "beta.py").write_text("NATIVE = None\n")
    with pytest.warns(RuntimeWarning) as caught:
        _native.choose(A, B)
    assert str(caught[0].message) == (
        "the native engine is passed over, and the interpreted one runs: right, but slower; "
        "room/beta.py has changed since it was built\n"
        f"at {_native.compiled_form(B)}\n"
        "build it anew: make native, or without make: python setup.py build_ext --inplace; "
        "or stay interpreted: SLOPEWISE_NATIVE=off"
    )
    assert _native._TextOnly.names == {A, B}


def test_require_refuses_a_stale_module(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(room, A, B)
    (room / "alpha.pxd").write_text("# other types\n")
    monkeypatch.setenv(_native.SETTING, "require")
    with pytest.raises(NativeError, match="alpha cannot be used: room/alpha.pxd has changed since it was built"):
        _native.choose(A, B)


def test_a_setting_is_read_with_care(monkeypatch: pytest.MonkeyPatch) -> None:
    for given, meant in {"": "auto", " Require ": "require", "off": "off"}.items():
        monkeypatch.setenv(_native.SETTING, given)
        assert _native.setting() == meant
    monkeypatch.setenv(_native.SETTING, "on")
    with pytest.raises(NativeError, match="SLOPEWISE_NATIVE is 'on'; it can be auto, require or off"):
        _native.setting()


def test_a_build_is_due_until_it_was_done_or_has_failed(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not _native.is_settled(A)
    assert _native.main(["--check"]) == 1
    build(room, A, B)
    assert _native.main(["--check"]) == 0
    monkeypatch.setenv("CC", "another  compiler")
    assert not _native.is_settled(A), "another compiler may make something else"

    Path(_native.compiled_form(A) or "").unlink()
    _native.write_stamp(A, _native.stamp_of(A), _native.inputs_of(A), "the C compiler\nanother failed")
    assert _native.is_settled(A), "the same compiler would fail in the same way"
    assert _native.describe(A) == "interpreted: the latest build failed: the C compiler another failed"
    monkeypatch.setenv(_native.SETTING, "require")
    assert not _native.is_settled(A)
    monkeypatch.setenv(_native.SETTING, "off")
    assert _native.is_settled(A)


def test_the_report_has_a_line_for_each_module(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build(room, A, B)
    (room / "beta.py").write_text("NATIVE = None\n")
    assert _native.main([]) == 0
    assert capsys.readouterr().out == (f"{A}: native\n{B}: interpreted: room/beta.py has changed since it was built\n")


def test_every_native_module_of_ours_has_its_types_beside_it() -> None:
    for name in _native.MODULES:
        assert Path(_native.source_of(name)).exists(), name
        assert _native.is_checkout(name), name
