"""Tokens of a run one by one, as arrays in the order of passage and position."""

from dataclasses import dataclass

import numpy as np

from odograph.errors import StudyError
from odograph.folder.document_names import document_names
from odograph.folder.run import Run
from odograph.folder.selection import Floats, Ints, numbers
from odograph.folder.token_sets import tokens_with


@dataclass(frozen=True, eq=False)
class TokenRows:
    """Which rows of a run are read.

    Attributes:
        run: where they lie.
        where: the SQL condition over the columns of `tokens`.
    """

    run: Run
    where: str = "true"

    def tokens(self, *used: str) -> str:
        """The table with these rows and no others, and the columns named in some SQL."""
        return f"(select * from {tokens_with(*used)} where {self.where})"

    @property
    def keys(self) -> Ints:
        """One number for each token."""
        query = f"select passage, position from {self.tokens()} order by passage, position"
        found = numbers(self.run.sql(query))
        return found["passage"].astype(np.int64) << 32 | found["position"].astype(np.int64)

    def names_of(self, documents: Ints, rows: Ints) -> tuple[str, ...]:
        """The names of numbered documents, each once and in order, from tokens that are theirs.

        documents: a number for each of `rows`, which count the tokens.
        """
        _, first = np.unique(documents, return_index=True)
        query = f"select document from {self.tokens()} order by passage, position"
        found = self.run.sql(query).fetchnumpy()
        return document_names(self.run, found["document"][rows[first]])

    def values(self, expression: str) -> Floats:
        """What is there once a token, [tokens]; NaN for null."""
        found = numbers(
            self.run.sql(
                f"select ({expression})::double as value from {self.tokens(expression)}"
                " order by passage, position"
            )
        )
        return found["value"].astype(np.float64)

    def layer_values(self, expression: str, from_layer: int) -> Floats:
        """The value of every token at every layer, [tokens, layers].

        `expression` as in `selection.profile_means`; NaN where there is no number.

        Raises:
            StudyError: the model has fewer blocks than `from_layer`.
        """
        blocks = self.run.blocks
        if from_layer > blocks:
            raise StudyError(
                "the model has too few blocks", expected=f"{from_layer} or more", given=str(blocks)
            )
        found = numbers(
            self.run.sql(f"""
            select value from (
                select passage, position, layer, ({expression})::double as value
                from layers join {self.tokens(expression)} using (passage, position))
            where layer >= {from_layer} order by passage, position, layer""")
        )
        return found["value"].astype(np.float64).reshape(-1, blocks + 1 - from_layer)
