"""Compiles the native modules. Everything else about the package stands in pyproject.toml.

`SLOPEWISE_NATIVE=auto` (the default) compiles them if it can and goes on without them if it cannot, `require` fails
then, and `off` leaves them out, which makes a wheel for any machine. Which modules they are, and how a compiled one is
kept from outliving its sources, stands in `src/slopewise/_native.py`.
"""

import importlib.util
import os
import re
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.errors import CompileError, LinkError

# The C that Cython makes must do what the same text does when Python runs it, to the last bit.
DIRECTIVES = {
    "language_level": 3,
    "boundscheck": False,
    "wraparound": False,  # no index is negative in the compiled modules
    "initializedcheck": False,  # "cdivision" stays Python's
    "freethreading_compatible": False,
}
UNIX_FLAGS = ["-g0", "-fno-fast-math", "-ffp-contract=off"]
if not re.search(r"(^|\s)-O", os.environ.get("CFLAGS", "")):  # who builds may choose
    UNIX_FLAGS.append("-O3")
if sys.platform.startswith("linux"):
    UNIX_FLAGS.append("-fno-plt")  # calls into libpython without a detour
# The older way of Cython to make an object from C is the quicker one here.
MACROS = [("CYTHON_VECTORCALL_TPNEW", "0")]
MSVC_FLAGS = ["/O2", "/fp:precise"]

ROOT = Path(__file__).parent


def read_native() -> Any:
    """Load `slopewise._native` by itself: the package cannot be imported before it is built."""
    spec = importlib.util.spec_from_file_location("_native", ROOT / "src" / "slopewise" / "_native.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


native = read_native()


def extensions() -> list[Extension]:
    """List the modules to compile, as Python texts; `NativeBuild` turns them to C when it needs them."""
    if native.setting() == "off":
        return []
    return [extension(name) for name in native.MODULES if native.can_compile(name) or native.setting() == "require"]


def extension(name: str) -> Extension:
    source = os.path.relpath(native.source_of(name), ROOT)
    folders = [os.path.dirname(source), os.path.join("src", "slopewise", "engine")]  # native.h, for who reads Values
    return Extension(name, [source], include_dirs=folders, define_macros=MACROS, optional=native.setting() == "auto")


class NativeBuild(build_ext):
    """Compile each module, unless the latest build in place did just that; note down what it was made from."""

    extensions: list[Extension]

    def finalize_options(self) -> None:
        super().finalize_options()
        if self.parallel is None:  # the C compilers side by side; Cython one module at a time
            self.parallel = os.cpu_count() or 1
        self.translating = threading.Lock()

    def run(self) -> None:
        self.failures: dict[str, str] = {}
        if self.inplace and not self.force:
            self.extensions = [e for e in self.extensions if not native.is_settled(e.name)]
        super().run()
        if self.failures:
            self.leave_out()

    def build_extension(self, ext: Extension) -> None:
        remove(self.get_ext_fullpath(ext.name))
        try:
            with self.translating:
                self.translate(ext)
            flags = MSVC_FLAGS if self.compiler.compiler_type == "msvc" else UNIX_FLAGS
            ext.extra_compile_args = [*ext.extra_compile_args, *flags]
            super().build_extension(ext)
        except Exception as error:
            if not ext.optional:
                raise
            self.failures[ext.name] = reason = self.reason(error)
            print(f"slopewise: {ext.name} stays interpreted, right but slower: {reason}", flush=True)
        else:  # super().run() builds outside the source tree, even what is then copied into place
            stamp = self.get_ext_fullpath(ext.name) + ".stamp"
            native.write_stamp(ext.name, stamp, [native.source_of(ext.name)])

    def reason(self, error: Exception) -> str:
        """Put a failure in one line; compilers have printed their own pages above it."""
        if isinstance(error, (CompileError, LinkError)):
            command = getattr(self.compiler, "compiler_so", None) or ["of this machine"]
            return f"the C compiler {command[0]} failed"
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        return f"{type(error).__name__}: {first}"

    def translate(self, ext: Extension) -> None:
        """Replace the Python text of an extension by the C that Cython makes of it, outside the source tree."""
        from Cython.Build import cythonize

        text = Extension(ext.name, ext.sources)
        (made,) = cythonize([text], build_dir=self.build_temp, compiler_directives=DIRECTIVES, force=True, quiet=True)
        if not os.path.exists(made.sources[0]):
            raise FileNotFoundError(f"Cython made no C of {ext.sources[0]}")
        ext.sources = made.sources

    def copy_extensions_to_source(self) -> None:
        for ext in self.extensions:  # never written over: a running process may have the old file mapped
            remove(native.compiled_form(ext.name))
            remove(native.stamp_of(ext.name))
        super().copy_extensions_to_source()
        for ext in self.extensions:
            native.write_stamp(ext.name, native.stamp_of(ext.name), native.inputs_of(ext.name))

    def leave_out(self) -> None:
        """Keep no module compiled beside one that is not, and make the wheel one for any machine."""
        reason = next(iter(self.failures.values()))
        for name in filter(native.can_compile, native.MODULES):
            if self.inplace:
                remove(native.compiled_form(name))
                native.write_stamp(name, native.stamp_of(name), native.inputs_of(name), reason)
            else:
                built = self.get_ext_fullpath(name)
                remove(built)
                remove(f"{built}.stamp")
        self.distribution.ext_modules = []
        wheel = self.distribution.get_command_obj("bdist_wheel", create=False)
        if wheel is not None:
            wheel.root_is_pure = True


def remove(path: str | None) -> None:
    if path:
        with suppress(OSError):
            os.remove(path)


setup(ext_modules=extensions(), cmdclass={"build_ext": NativeBuild})
