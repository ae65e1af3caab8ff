"""Numbers of tokens as a query, a row a token or a row a passage, and the means over units."""

from collections.abc import Sequence
from dataclasses import dataclass

from odograph.folder.documents import document_means, exact_mean, over_passages
from odograph.folder.run import Run


@dataclass(frozen=True)
class TokenValues:
    """A query for numbers of tokens.

    Attributes:
        run: that it is put to.
        rows: the query; it has document and passage beside the numbers.
        of_passages: whether a row is a passage with the mean over its tokens, not a token.
    """

    run: Run
    rows: str
    of_passages: bool = False

    def means(self, values: Sequence[str], per: str, *keys: str) -> str:
        """The query for means over units; a document's are those over its passages.

        Args:
            values: the columns.
            per: the unit, a column: `document`, `passage`, or of a row a token any other.
            keys: what the means are taken for one by one: "layer".
        """
        if per == "document":
            over = over_passages if self.of_passages else document_means
            return over(self.rows, values, *keys)
        if self.of_passages:
            return f"select {', '.join([per, *keys, *values])} from ({self.rows})"
        means = ", ".join(f"{exact_mean(value)} as {value}" for value in values)
        by = ", ".join([per, *keys])
        return f"select {by}, {means} from ({self.rows}) where {per} is not null group by all"
