"""`slopewise cache`: the machine code that is kept on disk: where, how much, how old; and away with it."""

import time
from typing import TYPE_CHECKING

import click

from slopewise.cli.json_output import print_json
from slopewise.cli.terminal import plain_option, say

if TYPE_CHECKING:
    from slopewise.backends.llvm.disk_cache import Cache, Entry


@click.command("cache", epilog="Exit code: 0, also when nothing is kept.")
@click.option("--clear", is_flag=True, help="Remove all of it; what is needed again is made again.")
@click.option("--json", "to_json", is_flag=True, help="Print it as JSON.")
@plain_option
def cache(clear: bool, to_json: bool) -> None:
    """Show the machine code that is kept on disk, or remove it.

    A compiled function becomes machine code. That takes a moment, so the code is kept, and the next process finds it.
    SLOPEWISE_CACHE names another folder for it; SLOPEWISE_CACHE=off keeps none.

    \b
    slopewise cache
    slopewise cache --clear
    """
    from slopewise.backends.llvm.disk_cache import Cache

    kept = Cache()
    if clear:
        _clear(kept, to_json)
    elif to_json:
        print_json(_as_data(kept))
    else:
        _show(kept)


def _show(kept: "Cache") -> None:
    entries, trouble = kept.entries(), kept.trouble()
    if trouble is not None:
        say(f"no machine code is kept: {trouble}")
    else:
        say("machine code kept on disk")
    if kept.folder is None:
        return
    say()
    say(f"folder   {kept.folder}")
    say(f"entries  {len(entries)}")
    say(f"size     {size_text(sum(entry.bytes for entry in entries))} of at most {size_text(kept.most_bytes)}")
    if entries:
        say(f"used     {_used(entries)}")
        say()
        say("slopewise cache --clear removes it")


def _used(entries: "list[Entry]") -> str:
    now = time.time()
    latest, longest = age_text(now - entries[0].used), age_text(now - entries[-1].used)
    if len(entries) == 1:
        return latest
    return f"all {latest}" if latest == longest else f"the latest {latest}, the oldest {longest}"


def _clear(kept: "Cache", to_json: bool) -> None:
    count, size = kept.clear()
    left = kept.entries()
    if to_json:
        print_json({**_as_data(kept), "removed": count, "removed_bytes": size})
    elif kept.folder is None:
        say(f"nothing to remove: {kept.trouble()}")
    elif left:
        say(f"removed {_entries_text(count)}, {size_text(size)}; {_entries_text(len(left))} could not be removed")
        say(f"folder   {kept.folder}")
    elif count:
        say(f"removed {_entries_text(count)}, {size_text(size)}, from {kept.folder}")
    else:
        say(f"nothing to remove: no machine code is kept in {kept.folder}")


def _as_data(kept: "Cache") -> dict[str, object]:
    entries = kept.entries()
    return {
        "folder": None if kept.folder is None else str(kept.folder),
        "why_not": kept.trouble(),
        "bytes": sum(entry.bytes for entry in entries),
        "most_bytes": kept.most_bytes,
        "entries": [{"key": entry.key, "bytes": entry.bytes, "used": entry.used} for entry in entries],
    }


def _entries_text(count: int) -> str:
    return f"{count} {'entry' if count == 1 else 'entries'}"


def size_text(size: int) -> str:
    """Return a number of bytes in words.

    Example:
        >>> from slopewise.cli.cache_command import size_text
        >>> [size_text(n) for n in (0, 999, 1000, 12_345, 999_999, 1_250_000, 256_000_000)]
        ['0 bytes', '999 bytes', '1 kB', '12 kB', '1 MB', '1.2 MB', '256 MB']
    """
    if size < 1000:
        return f"{size} byte{'s' * (size != 1)}"
    if round(size / 1000) < 1000:
        return f"{size / 1000:.0f} kB"
    return f"{size / 1e6:.1f}".removesuffix(".0") + " MB"


def age_text(seconds: float) -> str:
    """Return how long ago something was, in the largest unit that fits.

    Example:
        >>> from slopewise.cli.cache_command import age_text
        >>> [age_text(s) for s in (-5, 59, 60, 7200, 90_000, 40 * 86_400)]
        ['just now', 'just now', '1 minute ago', '2 hours ago', '1 day ago', '40 days ago']
    """
    for unit, length in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'s' * (count != 1)} ago"
    return "just now"
