"""The cache on disk: what it gives back, what it refuses, how it stays small, and that it never raises."""

import errno
import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from slopewise.backends.llvm import cache_folder, disk_cache
from slopewise.backends.llvm.cache_folder import default_folder
from slopewise.backends.llvm.disk_cache import Cache, key_of
from slopewise.backends.llvm.machine import Target, is_available

KEY, OTHER = "a1" * 32, "b2" * 32
DATA = bytes(range(256)) * 3
HEAD = 84

posix = pytest.mark.skipif(os.name != "posix", reason="owners and modes are POSIX's")


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "there" / "kernels")


def file_of(cache: Cache, key: str = KEY) -> Path:
    assert cache.folder is not None
    return cache.folder / f"{key}.kernel"


def test_what_is_put_is_got(cache: Cache) -> None:
    assert cache.get(KEY) is None and cache.entries() == [] and cache.trouble() is None
    assert not cache.folder.exists() if cache.folder else False  # looking makes no folder
    assert cache.put(KEY, DATA) and cache.put(OTHER, b"")
    assert (cache.get(KEY), cache.get(OTHER)) == (DATA, b"")
    assert cache.put(KEY, b"new") and cache.get(KEY) == b"new"
    assert sorted((entry.key, entry.bytes) for entry in cache.entries()) == [(KEY, HEAD + 3), (OTHER, HEAD)]
    assert cache.trouble() is None
    assert [path.name for path in file_of(cache).parent.iterdir() if path.name.startswith(".")] == []


@posix
def test_nobody_else_can_read_or_write_it(cache: Cache) -> None:
    before = os.umask(0)
    try:
        cache.put(KEY, DATA)
    finally:
        os.umask(before)
    assert stat.S_IMODE(file_of(cache).stat().st_mode) == 0o600
    assert stat.S_IMODE(file_of(cache).parent.stat().st_mode) == 0o700


@posix
def test_the_permissions_of_an_own_folder_are_mended(cache: Cache) -> None:
    cache.put(KEY, DATA)
    file_of(cache).parent.chmod(0o777)
    assert cache.get(KEY) == DATA
    assert stat.S_IMODE(file_of(cache).parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("place", [0, 7, 8, 11, 12, 43, 44, 51, 52, 83, 84, 300, HEAD + len(DATA) - 1])
def test_one_wrong_byte_anywhere(cache: Cache, place: int) -> None:
    """Both ends of each part: magic, format, key, length, checksum, data."""
    cache.put(KEY, DATA)
    whole = bytearray(file_of(cache).read_bytes())
    whole[place] ^= 1
    file_of(cache).write_bytes(whole)
    assert cache.get(KEY) is None
    assert not file_of(cache).exists()
    assert cache.put(KEY, DATA) and cache.get(KEY) == DATA


@pytest.mark.parametrize("length", [0, 1, HEAD - 1, HEAD, HEAD + 1, HEAD + len(DATA) - 1])
def test_a_file_that_was_cut_off(cache: Cache, length: int) -> None:
    cache.put(KEY, DATA)
    os.truncate(file_of(cache), length)
    assert cache.get(KEY) is None and not file_of(cache).exists()


def test_a_file_with_more_behind_it(cache: Cache) -> None:
    cache.put(KEY, DATA)
    with file_of(cache).open("ab") as file:
        file.write(b"more")
    assert cache.get(KEY) is None and not file_of(cache).exists()


def test_an_entry_of_another_key(cache: Cache) -> None:
    cache.put(KEY, DATA)
    file_of(cache).rename(file_of(cache, OTHER))
    assert cache.get(OTHER) is None and not file_of(cache, OTHER).exists()


def test_an_entry_of_another_format(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.put(KEY, DATA)
    monkeypatch.setattr(disk_cache, "FORMAT", 2)
    assert cache.get(KEY) is None and not file_of(cache).exists()


def test_keys_that_are_none(cache: Cache) -> None:
    for key in ("", "../" + KEY, KEY.upper(), KEY[:-1], KEY + "\n", "x" * 64):
        assert cache.get(key) is None and not cache.put(key, DATA)


@posix
@pytest.mark.parametrize("mode", [0o644, 0o620, 0o602, 0o666])
def test_a_file_that_others_can_touch(cache: Cache, mode: int) -> None:
    cache.put(KEY, DATA)
    file_of(cache).chmod(mode)
    assert cache.get(KEY) is None and not file_of(cache).exists()


@posix
def test_a_symbolic_link_is_not_followed(cache: Cache, tmp_path: Path) -> None:
    cache.put(KEY, DATA)
    real = tmp_path / "real"
    file_of(cache).rename(real)
    file_of(cache).symlink_to(real)
    assert cache.get(KEY) is None
    assert not file_of(cache).is_symlink() and real.exists()
    file_of(cache).symlink_to(real)
    assert cache.put(KEY, b"new") and cache.get(KEY) == b"new"
    assert real.stat().st_size == HEAD + len(DATA)


@posix
def test_a_folder_that_is_a_link_or_a_file(cache: Cache, tmp_path: Path) -> None:
    cache.put(KEY, DATA)
    link = tmp_path / "link"
    link.symlink_to(file_of(cache).parent)
    plain = tmp_path / "plain"
    plain.write_text("")
    for folder in (link, plain):
        elsewhere = Cache(folder)
        assert elsewhere.get(KEY) is None and not elsewhere.put(OTHER, DATA)
        assert elsewhere.entries() == [] and elsewhere.clear() == (0, 0)
        assert elsewhere.trouble() == f"{folder} is not a folder"
    inside = Cache(plain / "kernels")
    assert inside.get(KEY) is None and not inside.put(KEY, DATA)
    assert inside.trouble() == f"{plain} is not a folder"


def test_a_folder_that_the_system_does_not_make(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    """As below /proc, where what cannot be made is said not to be there."""

    def fail(*_: Any, **__: Any) -> None:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", "/proc/kernels")

    assert cache.get(KEY) is None and cache.trouble() is None
    monkeypatch.setattr(os, "makedirs", fail)
    assert not cache.put(KEY, DATA)
    assert cache.trouble() == "/proc/kernels: no such file or directory"


@posix
def test_a_pipe_and_a_folder_in_the_place_of_an_entry(cache: Cache) -> None:
    cache.put(OTHER, DATA)
    os.mkfifo(file_of(cache))
    assert cache.get(KEY) is None and not file_of(cache).exists()
    file_of(cache).mkdir()
    assert cache.get(KEY) is None and not cache.put(KEY, DATA) and file_of(cache).is_dir()
    assert [entry.key for entry in cache.entries()] == [OTHER]


@pytest.mark.parametrize("number", [errno.EMFILE, errno.EIO, errno.EACCES])
def test_an_entry_that_cannot_be_opened_now_stays(cache: Cache, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    cache.put(KEY, DATA)

    def fail(*_: Any) -> int:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", fail)
        assert cache.get(KEY) is None
    assert cache.get(KEY) == DATA


class Owned:
    """What stat says of a file, with another owner."""

    def __init__(self, status: os.stat_result) -> None:
        self._status = status
        self.st_uid = os.geteuid() + 1

    def __getattr__(self, name: str) -> Any:
        return getattr(self._status, name)


@posix
def test_a_file_of_another_user(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    """The open file is asked; its name may have been moved meanwhile."""
    cache.put(KEY, DATA)
    real = os.fstat
    monkeypatch.setattr(os, "fstat", lambda handle: Owned(real(handle)))
    assert cache.get(KEY) is None
    monkeypatch.undo()
    cache.put(KEY, DATA)
    real_lstat = os.lstat
    monkeypatch.setattr(os, "fstat", lambda handle: Owned(real(handle)))
    monkeypatch.setattr(
        os, "lstat", lambda path: Owned(real_lstat(path)) if str(path).endswith(".kernel") else real_lstat(path)
    )
    assert cache.get(KEY) is None and file_of(cache).exists()  # theirs is left alone
    assert cache.entries() == [] and cache.clear() == (0, 0) and file_of(cache).exists()


@posix
def test_a_folder_of_another_user(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.put(KEY, DATA)
    real = os.lstat
    monkeypatch.setattr(os, "lstat", lambda path: Owned(real(path)))
    assert cache.get(KEY) is None and not cache.put(OTHER, DATA)
    assert cache.entries() == [] and cache.clear() == (0, 0)
    assert cache.trouble() == f"{cache.folder} belongs to another user"


def used(cache: Cache, key: str, seconds_ago: float) -> None:
    moment = time.time() - seconds_ago
    os.utime(file_of(cache, key), (moment, moment))


def test_what_was_used_least_recently_goes(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "kernels", most_bytes=4 * (HEAD + 100))
    keys = [f"{n:064x}" for n in range(6)]
    for age, key in enumerate(keys[:4]):
        assert cache.put(key, bytes(100))
        used(cache, key, 1000 - age)
    assert cache.get(keys[0]) is not None  # now the latest used
    assert cache.put(keys[4], bytes(100))
    assert {entry.key for entry in cache.entries()} == {keys[0], keys[2], keys[3], keys[4]}
    assert cache.put(keys[5], bytes(350))
    assert {entry.key for entry in cache.entries()} == {keys[5]} or sum(
        e.bytes for e in cache.entries()
    ) <= cache.most_bytes
    assert cache.entries()[0].key == keys[5]


def test_the_entry_just_written_stays_whatever_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(tmp_path / "kernels", most_bytes=HEAD + 100)
    cache.put(KEY, bytes(100))
    used(cache, KEY, -5000)  # a clock that was set back
    assert cache.put(OTHER, bytes(100))
    assert [entry.key for entry in cache.entries()] == [OTHER]


def test_what_is_larger_than_all_is_not_kept(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "kernels", most_bytes=HEAD + 10)
    assert cache.put(KEY, bytes(10)) and not cache.put(OTHER, bytes(11))
    assert [entry.key for entry in cache.entries()] == [KEY]


def test_what_a_killed_process_has_left_goes_after_an_hour(cache: Cache) -> None:
    cache.put(KEY, DATA)
    old, new = (file_of(cache).with_name(f".{OTHER}.{digit * 16}.part") for digit in "01")
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    cache.put(KEY, DATA)
    assert not old.exists() and new.exists()
    assert cache.clear() == (1, HEAD + len(DATA) + 4) and not new.exists()


def test_clearing_leaves_what_is_not_ours(cache: Cache) -> None:
    cache.put(KEY, DATA)
    cache.put(OTHER, DATA)
    note = file_of(cache).with_name("note.txt")
    note.write_text("mine")
    assert cache.clear() == (2, 2 * (HEAD + len(DATA)))
    assert note.exists() and cache.get(KEY) is None and cache.clear() == (0, 0)


def test_a_full_disk(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.put(OTHER, DATA)
    real = os.fdopen

    def full(handle: int, mode: str = "r", **options: Any) -> Any:
        if mode != "wb":
            return real(handle, mode, **options)
        os.close(handle)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fdopen", full)
    assert not cache.put(KEY, DATA)
    assert cache.get(OTHER) == DATA and cache.get(KEY) is None
    assert cache.trouble() == "no space left on device"
    assert [path.name for path in file_of(cache).parent.iterdir()] == [f"{OTHER}.kernel"]
    monkeypatch.undo()
    assert cache.put(KEY, DATA) and cache.trouble() is None


@pytest.mark.parametrize("name", ["open", "fstat", "lstat", "replace", "scandir", "mkdir", "utime", "unlink", "chmod"])
def test_no_failure_of_the_system_comes_through(cache: Cache, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    cache.put(KEY, DATA)

    def fail(*_: Any, **__: Any) -> Any:
        raise OSError(errno.EROFS, "Read-only file system", "somewhere")

    with monkeypatch.context() as patch:  # pytest itself uses some of these after the test
        patch.setattr(os, name, fail)
        got, put, listed, gone = cache.get(KEY), cache.put(OTHER, DATA), cache.entries(), cache.clear()
        trouble = cache.trouble()
    assert got in (DATA, None)
    assert put in (True, False) and len(listed) <= 2 and gone[0] <= 2
    assert trouble in (None, "somewhere: read-only file system")


@posix
def test_a_home_that_cannot_be_written(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries are still read; root may write anywhere, so the system's answer is put in its mouth."""
    cache.put(KEY, DATA)
    real = os.open

    def read_only(path: Any, flags: int, *rest: Any) -> int:
        if flags & os.O_CREAT:
            raise OSError(errno.EROFS, "Read-only file system", str(path))
        return real(path, flags, *rest)

    monkeypatch.setattr(os, "open", read_only)
    monkeypatch.setattr(os, "utime", lambda *_, **__: read_only("", os.O_CREAT))
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert cache.get(KEY) == DATA and not cache.put(OTHER, DATA)
    assert cache.trouble() == f"{cache.folder} cannot be written"
    nowhere = Cache(Path(str(cache.folder)) / "below" / "kernels")
    assert nowhere.trouble() == f"{cache.folder} cannot be written"


def test_the_folder_is_named_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLOPEWISE_CACHE", str(tmp_path))
    assert default_folder() == Cache().folder == tmp_path / "kernels"
    monkeypatch.setenv("SLOPEWISE_CACHE", "OFF")
    none = Cache()
    assert none.folder is None and none.trouble() == "SLOPEWISE_CACHE is off"
    assert none.get(KEY) is None and not none.put(KEY, DATA) and none.entries() == [] and none.clear() == (0, 0)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SLOPEWISE_CACHE", "here")
    assert default_folder() == tmp_path / "here" / "kernels"


@pytest.mark.parametrize(
    ("platform", "variable", "expected"),
    [
        ("linux", {"XDG_CACHE_HOME": "{home}/xdg"}, "{home}/xdg/slopewise/kernels"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, "{home}/.cache/slopewise/kernels"),
        ("linux", {}, "{home}/.cache/slopewise/kernels"),
        ("darwin", {"XDG_CACHE_HOME": "{home}/xdg"}, "{home}/Library/Caches/slopewise/kernels"),
        ("win32", {"LOCALAPPDATA": "{home}/local"}, "{home}/local/slopewise/kernels"),
        ("win32", {}, "{home}/AppData/Local/slopewise/kernels"),
    ],
)
def test_the_folder_is_where_the_platform_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str, variable: dict[str, str], expected: str
) -> None:
    for name in ("SLOPEWISE_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(cache_folder.sys, "platform", platform)  # type: ignore[attr-defined]
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    for name, text in variable.items():
        monkeypatch.setenv(name, text.format(home=tmp_path))
    assert default_folder() == Path(expected.format(home=tmp_path))


def test_a_user_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in ("SLOPEWISE_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", none)
    assert Cache().get(KEY) is None and not Cache().put(KEY, DATA)
    assert Cache().trouble() == "this user has no home folder: name a folder with SLOPEWISE_CACHE"


HAMMER = """
import sys, random
from slopewise.backends.llvm.disk_cache import Cache
cache, seed = Cache(sys.argv[1], most_bytes=40_000), int(sys.argv[2])
chance = random.Random(seed)
found = 0
for turn in range(600):
    number = chance.randrange(12)
    key = f"{number:064x}"
    expected = (f"{number} " * (200 + 150 * number)).encode()
    data = cache.get(key)
    assert data is None or data == expected, (number, len(data))
    found += data is not None
    if data is None:
        cache.put(key, expected)
    elif turn % 50 == 49:
        (cache.folder / f"{key}.kernel").write_bytes(b"damaged")
    if turn % 200 == 199:
        cache.clear()
assert cache.trouble() is None, cache.trouble()
print(found)
"""


def test_processes_that_hammer_one_folder_do_each_other_no_harm(tmp_path: Path) -> None:
    """Three read, write, damage, evict and clear at once: each gets what was put, or nothing."""
    command = [sys.executable, "-W", "error", "-c", HAMMER, str(tmp_path / "kernels")]
    # The interpreted engine is announced by a warning where a build is stale.
    environment = {**os.environ, "SLOPEWISE_NATIVE": "off"}
    processes = [
        subprocess.Popen(
            [*command, str(seed)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        for seed in range(3)
    ]
    for process in processes:
        out, err = process.communicate(timeout=120)
        assert (process.returncode, err) == (0, "")
        assert int(out) > 20
    after = Cache(tmp_path / "kernels", most_bytes=40_000)
    assert sum(entry.bytes for entry in after.entries()) <= 40_000 + 3 * 8000
    assert not [path for path in (tmp_path / "kernels").iterdir() if path.name.startswith(".")]


@pytest.mark.skipif(not is_available(), reason="the key names llvmlite's version")
def test_the_key_names_all_that_decides_what_the_code_is(monkeypatch: pytest.MonkeyPatch) -> None:
    from slopewise.backends.llvm import availability

    target = Target("x86_64-unknown-linux-gnu", "haswell", "+avx2", 32)
    first = key_of("text", target, {"level": 1, "exact": False})
    assert first == key_of("text", target, {"exact": False, "level": 1}) and len(first) == 64
    others = [
        key_of("text ", target, {"level": 1, "exact": False}),
        key_of("text", target, {"level": 2, "exact": False}),
        key_of("text", target, {"level": 1}),
        key_of("text", Target(target.triple, "zen", target.features, 32), {"level": 1, "exact": False}),
        key_of("text", Target(target.triple, target.cpu, "-avx2", 32), {"level": 1, "exact": False}),
        key_of("text", Target("aarch64", target.cpu, target.features, 32), {"level": 1, "exact": False}),
    ]
    for module, name, version in (
        ("slopewise", "__version__", "9.9.9"),
        ("slopewise.backends.llvm.disk_cache", "FORMAT", 99),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(sys.modules[module], name, version)
            others.append(key_of("text", target, {"level": 1, "exact": False}))
    for versions in (("0.50.1", "22.1.0"), ("0.50.0", "22.1.9")):
        with monkeypatch.context() as patch:
            patch.setattr(availability, "versions", lambda versions=versions: versions)
            others.append(key_of("text", target, {"level": 1, "exact": False}))
    assert len({first, *others}) == 1 + len(others)
