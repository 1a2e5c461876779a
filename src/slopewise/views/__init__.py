"""What can be read off a graph: who contributed what to which gradient. No output format lives here."""

from slopewise.views.contributions import Contribution, contributions

__all__ = ["Contribution", "contributions"]
