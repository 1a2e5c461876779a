"""What runs a Program: `replay`, which needs no compiler."""

from slopewise import _native

_native.choose(*_native.BACKENDS, upon=_native.IR)
