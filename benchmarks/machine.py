"""What a benchmark was measured on: processor, system, Python, compilers, versions, and how busy it is."""

import ast
import os
import platform
import sys
import sysconfig
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PEERS = ("micrograd", "torch", "jax", "numpy", "scikit-learn", "llvmlite")


def processor() -> str:
    """Return the processor's model name, or its architecture where the system does not tell."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return " ".join(line.split(":", 1)[1].split())
    return platform.processor() or platform.machine()


def system() -> str:
    """Return the operating system's name and version, and the architecture."""
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        name = f"{platform.system()} {platform.release()}"
    return f"{name}, {platform.machine()}"


def usable_cores() -> list[int]:
    """Return the numbers of the cores that this process may use; empty where the system does not tell."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def native_build() -> str:
    """Return the C compiler's name and the flags that the native engine is compiled with, Python's own ones first."""
    pythons = str(sysconfig.get_config_var("CFLAGS") or "")
    ours = ""
    setup = Path(__file__).parents[1] / "setup.py"
    name = "MSVC_FLAGS" if sys.platform == "win32" else "UNIX_FLAGS"
    for statement in ast.parse(setup.read_text(encoding="utf-8")).body if setup.exists() else ():
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == name:
            ours = " ".join(ast.literal_eval(statement.value))
    compiler = str(sysconfig.get_config_var("CC") or "cc").split()[0]
    return " ".join(f"{compiler} {pythons} {os.environ.get('CFLAGS', '')} {ours}".split())


def describe(core: int | None, has_native: bool) -> dict[str, str]:
    """Return the machine as words, for the table and the JSON."""
    cores = usable_cores()
    pinned = "each process on any core" if core is None else f"each process on core {core}"
    return {
        "processor": processor(),
        "cores": f"{len(cores) or os.cpu_count()} usable, {pinned}",
        "system": system(),
        "python": f"{platform.python_implementation()} {platform.python_version()}, {platform.python_compiler()}",
        "native build": native_build() if has_native else "none",
    }


def versions() -> dict[str, str]:
    """Return the version of every package that takes part, "not installed" included."""
    import slopewise

    found = {"python": platform.python_version(), "slopewise": slopewise.__version__}
    for name in PEERS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def busyness() -> str | None:
    """Return a warning when other work keeps the machine busy, else None."""
    if not hasattr(os, "getloadavg"):
        return None
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    if load < 0.5 * cores:
        return None
    return f"the machine is busy (load {load:.1f} on {cores} cores): expect slower and noisier numbers"


def free_memory_bytes() -> int | None:
    """Return how much memory can still be had, or None where the system does not tell."""
    meminfo = Path("/proc/meminfo")
    if not meminfo.exists():
        return None
    for line in meminfo.read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None
