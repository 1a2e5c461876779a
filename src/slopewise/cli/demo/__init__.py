"""`slopewise demo`: the whole article, chapter by chapter, in the terminal and as a page of pictures."""

from slopewise.cli.demo.command import demo

__all__ = ["demo"]
