"""Where what is kept on disk lies, and whose it is: only what belongs to this user alone is ever read."""

import contextlib
import os
import stat
import sys
from pathlib import Path

SETTING = "SLOPEWISE_CACHE"


def default_folder() -> Path | None:
    """Return the folder of this user's entries, as the environment names it, or None when nothing is to be kept."""
    given = os.environ.get(SETTING, "").strip()
    if given.lower() == "off":
        return None
    try:
        return (Path(given).expanduser().absolute() if given else _users_caches() / "slopewise") / "kernels"
    except (RuntimeError, OSError):  # no home folder, or no current one
        return None


def _users_caches() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    named = os.environ.get("XDG_CACHE_HOME", "")
    return Path(named) if os.path.isabs(named) else Path.home() / ".cache"


def is_own(status: os.stat_result) -> bool:
    """Tell whether a file belongs to this user; on Windows that is taken for granted."""
    return os.name != "posix" or status.st_uid == os.geteuid()


def is_plain_own(status: os.stat_result) -> bool:
    """Tell whether this is a plain file of this user's: no folder, link or pipe."""
    return stat.S_ISREG(status.st_mode) and is_own(status)


def is_private_file(status: os.stat_result) -> bool:
    """Tell whether an open file is a plain one of this user's that nobody else can read or write."""
    return is_plain_own(status) and (os.name != "posix" or not status.st_mode & 0o077)


def why_not_a_place(status: os.stat_result) -> str | None:
    """Say why entries cannot lie here, or None when they can: it is a folder of this user's, and no link to one."""
    if not stat.S_ISDIR(status.st_mode):
        return "is not a folder"
    return None if is_own(status) else "belongs to another user"


def remove_if_ours(path: Path) -> None:
    """Remove an entry that cannot be used, unless it is another user's or a folder."""
    with contextlib.suppress(OSError):
        status = os.lstat(path)
        if is_own(status) and not stat.S_ISDIR(status.st_mode):
            os.unlink(path)


def words(error: OSError) -> str:
    """Return what the system says of a file: `/home/ada/.cache: read-only file system`."""
    said = (error.strerror or str(error)).lower()
    return f"{error.filename}: {said}" if error.filename else said
