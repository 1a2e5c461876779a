"""Compiled functions: `sw.compile`, and the derivatives and searches that are made from it."""
