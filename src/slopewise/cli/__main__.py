"""`python -m slopewise.cli`, the same as `slopewise`."""

from slopewise.cli import main

main()
