"""Compiled functions: `sw.compile`, and the derivatives and searches that are made from it."""

from slopewise import _native
from slopewise import engine as engine  # chooses its own form first
from slopewise import ir as ir

_native.choose(*_native.COMPILED, upon=(*_native.ENGINE, *_native.BACKENDS))
