"""`slopewise demo`: the story of the micrograd lecture, in the terminal and as a page of pictures."""

from slopewise.cli.demo.command import demo

__all__ = ["demo"]
