"""Object code that outlives the process: one file an entry, in a folder that only its owner can read or write.

The folder is `kernels` in the user's folder for caches (`$XDG_CACHE_HOME/slopewise` or `~/.cache/slopewise`,
`~/Library/Caches/slopewise`, `%LOCALAPPDATA%\\slopewise`), or in the folder that `SLOPEWISE_CACHE` names;
`SLOPEWISE_CACHE=off` keeps nothing. An entry is a header and the data:

```text
magic 8 · format 4 · key 32 · length 8 · checksum of all else 32 · data
```

What is read will be run, so an entry is taken only from a plain file that belongs to this user and that nobody else can
touch; this is asked of the open file, not of its name, and no symbolic link is followed. An entry that does not fit
(damaged, cut off, of another key or format) is removed. Writing goes to a file beside it that then takes its name:
whoever reads sees the old entry, the new one or none. When the files together exceed a bound, those used least recently
go.

No method raises: a folder that cannot be read or written is no cache, and `Cache.trouble` says why. On Windows files
have neither owner nor mode in this sense; there the user's profile protects the folder, and whoever names another with
`SLOPEWISE_CACHE` sees to that.
"""

import contextlib
import errno
import hashlib
import json
import os
import re
import secrets
import struct
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from slopewise.backends.llvm.cache_folder import (
    SETTING,
    default_folder,
    is_plain_own,
    is_private_file,
    remove_if_ours,
    why_not_a_place,
    words,
)

if TYPE_CHECKING:
    from slopewise.backends.llvm.targets import Target

MOST_BYTES = 256_000_000
FORMAT = 1
"""The number of the form of an entry and of its key; a change of either is a new number."""

_MAGIC = b"\x89sw\r\n\x1a\n\x00"
_HEAD = struct.Struct("<8sI32sQ")
_CHECKSUM_BYTES = 32
_KEY = re.compile(r"[0-9a-f]{64}")
_ENTRY = re.compile(r"([0-9a-f]{64})\.kernel")
_UNFINISHED = re.compile(r"\.[0-9a-f]{64}\.[0-9a-f]{16}\.part")
_ABANDONED_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the cache.

    Attributes:
        key: What it is found by, 64 hexadecimal digits.
        bytes: The size of its file.
        used: When it was last written or read, in seconds since 1970.
    """

    key: str
    bytes: int
    used: float


class Cache:
    """Data by key on disk, bounded, for one user.

    Args:
        folder: The folder of the entries; it is made when the first is written. Without one, the user's, or none when
            `SLOPEWISE_CACHE` is off.
        most_bytes: What the files may take together.

    Example:
        >>> import tempfile
        >>> from slopewise.backends.llvm.disk_cache import Cache
        >>> with tempfile.TemporaryDirectory() as place:
        ...     cache = Cache(f"{place}/kernels")
        ...     cache.get("0" * 64), cache.put("0" * 64, b"code"), cache.get("0" * 64), cache.clear()
        (None, True, b'code', (1, 88))
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None, most_bytes: int = MOST_BYTES) -> None:
        self.folder = Path(folder) if folder is not None else default_folder()
        self.most_bytes = most_bytes
        self._latest_problem: str | None = None

    def get(self, key: str) -> bytes | None:
        """Return the data that were put under a key, or None; an entry that does not fit is removed."""
        path = self._path(key)
        if path is None or not self._is_private(path.parent):
            return None
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        try:
            handle = os.open(path, flags | getattr(os, "O_CLOEXEC", 0))
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.EMLINK):  # a symbolic link
                remove_if_ours(path)
            return None
        try:
            status = os.fstat(handle)
            data = self._data(handle, status.st_size, key) if is_private_file(status) else None
        except OSError as error:
            self._latest_problem = words(error)
            return None
        finally:
            os.close(handle)
        if data is None:
            remove_if_ours(path)
        else:
            with contextlib.suppress(OSError):  # a folder that is read only can still be read
                os.utime(path)
        return data

    def put(self, key: str, data: bytes) -> bool:
        """Keep data under a key, and tell whether they were kept; what was used least recently makes room for them."""
        path = self._path(key)
        size = _HEAD.size + _CHECKSUM_BYTES + len(data)
        if path is None or size > self.most_bytes:
            return False
        unfinished = path.with_name(f".{key}.{secrets.token_hex(8)}.part")
        try:
            if not self._is_private(path.parent, make=True):
                return False
            head = _HEAD.pack(_MAGIC, FORMAT, bytes.fromhex(key), len(data))
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
            handle = os.open(unfinished, flags, 0o600)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(head + _checksum(head, data) + data)
                os.replace(unfinished, path)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(unfinished)
                raise
        except OSError as error:
            self._latest_problem = words(error)
            return False
        self._latest_problem = None
        self._shrink(keep=key)
        return True

    def entries(self) -> list[Entry]:
        """Return the entries of this user's, the latest used first."""
        found = []
        for item, status in self._files():
            match = _ENTRY.fullmatch(item.name)
            if match:
                found.append(Entry(match[1], status.st_size, status.st_mtime))
        return sorted(found, key=lambda entry: (-entry.used, entry.key))

    def clear(self) -> tuple[int, int]:
        """Remove every entry; return how many went, and their bytes. Other files in the folder stay."""
        count = size = 0
        for item, status in self._files():
            with contextlib.suppress(OSError):
                os.unlink(item.path)
                count += _ENTRY.fullmatch(item.name) is not None
                size += status.st_size
        return count, size

    def trouble(self) -> str | None:
        """Say why nothing is kept, or None when things are kept."""
        if self.folder is None:
            if os.environ.get(SETTING, "").strip().lower() == "off":
                return f"{SETTING} is off"
            return f"this user has no home folder: name a folder with {SETTING}"
        place = self.folder
        try:
            if not os.path.lexists(place):
                while not os.path.lexists(place) and place != place.parent:
                    place = place.parent
                reason = None if place.is_dir() else "is not a folder"
            else:
                reason = why_not_a_place(os.lstat(place))
            if reason is None and not os.access(place, os.W_OK | os.X_OK):
                reason = "cannot be written"
        except OSError as error:
            return words(error)
        return f"{place} {reason}" if reason else self._latest_problem

    def _path(self, key: str) -> Path | None:
        if self.folder is None or not _KEY.fullmatch(key):
            return None
        return self.folder / f"{key}.kernel"

    def _is_private(self, folder: Path, make: bool = False) -> bool:
        """Tell whether the folder is there and this user's alone; the permissions of an own folder are mended."""
        try:
            if make and not os.path.lexists(folder):
                os.makedirs(folder.parent, exist_ok=True)
                with contextlib.suppress(FileExistsError):
                    os.mkdir(folder, 0o700)
            status = os.lstat(folder)
            reason = why_not_a_place(status)
            if reason is None and os.name == "posix" and status.st_mode & 0o077:
                os.chmod(folder, 0o700)
        except OSError as error:
            if make or not isinstance(error, FileNotFoundError):
                self._latest_problem = words(error)
            return False
        return reason is None

    def _data(self, handle: int, size: int, key: str) -> bytes | None:
        """Read an entry from an open file; None when it is not the entry of this key, whole and undamaged."""
        if not _HEAD.size + _CHECKSUM_BYTES <= size <= self.most_bytes:
            return None
        with os.fdopen(handle, "rb", closefd=False) as file:
            whole = file.read(size + 1)
        head, checksum = whole[: _HEAD.size], whole[_HEAD.size : _HEAD.size + _CHECKSUM_BYTES]
        data = whole[_HEAD.size + _CHECKSUM_BYTES :]
        if head != _HEAD.pack(_MAGIC, FORMAT, bytes.fromhex(key), len(data)) or checksum != _checksum(head, data):
            return None
        return data

    def _files(self) -> "Iterator[tuple[os.DirEntry[str], os.stat_result]]":
        """List the files here that are entries, or were to become one, and belong to this user."""
        if self.folder is None or not self._is_private(self.folder):
            return
        try:
            with os.scandir(self.folder) as items:
                listed = [item for item in items if _ENTRY.fullmatch(item.name) or _UNFINISHED.fullmatch(item.name)]
        except OSError as error:
            self._latest_problem = words(error)
            return
        for item in listed:
            try:
                status = os.lstat(item.path)
            except OSError:  # another process was faster
                continue
            if is_plain_own(status):
                yield item, status

    def _shrink(self, keep: str) -> None:
        """Remove what was used least recently until the files fit the bound, and what a killed process has left."""
        now = time.time()
        files = []
        for item, status in self._files():
            if _UNFINISHED.fullmatch(item.name) and now - status.st_mtime > _ABANDONED_SECONDS:
                with contextlib.suppress(OSError):
                    os.unlink(item.path)
            else:
                files.append((status.st_mtime_ns, item.name, item.path, status.st_size))
        total = sum(size for *_, size in files)
        for _, name, path, size in sorted(files):
            if total <= self.most_bytes:
                return
            if not name.startswith((keep, ".")):
                with contextlib.suppress(OSError):
                    os.unlink(path)
                    total -= size


def key_of(text: str, target: "Target", options: Mapping[str, str | int | float | bool | None]) -> str:
    """Return the key of a text's object code: content, machine, options, and the versions of all that made it.

    Args:
        text: The text of the code.
        target: The machine that it is for.
        options: Whatever else decides what the code is; their order does not matter.
    """
    import slopewise
    from slopewise.backends.llvm.availability import versions

    parts = {
        "format": FORMAT,
        "slopewise": slopewise.__version__,
        "llvm": versions(),
        "target": [target.triple, target.cpu, target.features, target.vector_bytes],
        "options": dict(options),
        "bytes": len(text),
    }
    head = json.dumps(parts, sort_keys=True)
    return hashlib.sha256(f"{len(head)}:{head}{text}".encode()).hexdigest()


def _checksum(head: bytes, data: bytes) -> bytes:
    return hashlib.sha256(head + data).digest()
