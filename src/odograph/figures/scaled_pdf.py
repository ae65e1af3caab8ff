"""A figure as a PDF page that is smaller than it was drawn, text and lines with it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def save_scaled_pdf(figure: "Figure", path: Path, scale: float) -> None:
    """Writes the figure on a page so many times as large as the figure was drawn."""
    from matplotlib.backends.backend_pdf import Op, PdfFile, PdfPages

    class ScaledFile(PdfFile):  # type: ignore[misc, unused-ignore]
        def newPage(self, width: float, height: float) -> None:  # noqa: N802
            super().newPage(width * scale, height * scale)
            matrix: list[Any] = [scale, 0, 0, scale, 0, 0]
            self.output(*matrix, Op.concat_matrix)

    with PdfPages(path) as pages:
        pages._file = ScaledFile(path, metadata={"CreationDate": None})
        figure.savefig(pages, format="pdf")
