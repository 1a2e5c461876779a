"""Pictures of graphs and nets, laid out and written here, with no program and no library of others."""

from slopewise import _native

_native.choose(*_native.LAYOUT)
