"""What is told: a document, and the formats in which it is written."""

from abc import ABC, abstractmethod

from slopewise.stories.document import Document


class Told(ABC):
    """What has a document, and writes it in every format; print it, or let a notebook show it."""

    @property
    @abstractmethod
    def document(self) -> Document:
        """What is told, as a document without a format."""

    def __str__(self) -> str:
        return self.text()

    def text(self, width: int = 88) -> str:
        """Write it as plain text.

        Args:
            width: The columns to keep to.
        """
        return self.document.text(width)

    def markdown(self) -> str:
        """Write it as Markdown, with formulas as `$LaTeX$`."""
        return self.document.markdown()

    def latex(self) -> str:
        """Write it as LaTeX; `amsmath` and `booktabs` must be loaded."""
        return self.document.latex()

    def html(self) -> str:
        """Write it as an HTML fragment, with formulas in MathML."""
        return self.document.html()

    def _repr_html_(self) -> str:
        return self.html()
