"""Passes: each makes a Program out of a Program. Derivatives, and simpler programs that compute the same."""

from slopewise import _native

_native.choose(*_native.PASSES, upon=_native.IR)
