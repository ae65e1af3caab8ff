"""Which documents are read token by token: all, or in a large run some that are drawn by hash."""

from dataclasses import dataclass

import numpy as np

from odograph.folder.run import Run
from odograph.folder.selection import columns_of
from odograph.folder.token_sets import PLAIN_TOKENS
from odograph.sentences.english import several

#: A study that looks at every token by itself reads so many: with nine states half a million rows
#: take 50 MB for each of their columns.
MOST_TOKENS = 200_000


@dataclass(frozen=True)
class DrawnDocuments:
    """Documents that are read, whole.

    Attributes:
        where: the SQL condition over `document`.
        read: how many are read.
        every: how many there are.
        unit: what they are called.
    """

    where: str
    read: int
    every: int
    unit: str

    @property
    def left_out(self) -> int:
        """How many are not read."""
        return self.every - self.read

    @property
    def words(self) -> str:
        """That they are drawn, to follow what was counted; "" where all are read."""
        if not self.left_out:
            return ""
        return f", in {self.read:,} of {several(self.every, self.unit)}, drawn by hash"

    @property
    def sentence(self) -> str:
        """The same as a sentence of its own, to follow others."""
        return f" Read{self.words.removeprefix(',')}." if self.left_out else ""


def drawn_documents(run: Run, most: int | None = None) -> DrawnDocuments:
    """Documents of at most so many tokens in all, the first in any case; all where that is all.

    most: `MOST_TOKENS` unless given.

    They are taken in the order of their texts' hashes, which has nothing to do with where a text
    stands: the same texts give the same documents in every run. In a folder from before texts had
    hashes, in that of their numbers' hashes.
    """
    has_hashes = "hash" in columns_of(run, "passages")
    joined = " join passages p on p.passage = t.document" if has_hashes else ""
    order = "hash" if has_hashes else "md5(t.document::varchar)"
    found = run.sql(f"""
        select t.document, t.tokens from (
            select document, count(*) as tokens from {PLAIN_TOKENS} group by document) t{joined}
        order by {order}, t.document""").fetchnumpy()
    documents, tokens = np.asarray(found["document"]), np.asarray(found["tokens"])
    room = MOST_TOKENS if most is None else most
    fit = max(1, int((np.cumsum(tokens) <= room).sum()))
    if fit >= len(documents):
        return DrawnDocuments("true", len(documents), len(documents), run.unit)
    listed = ", ".join(map(str, sorted(documents[:fit].tolist())))
    return DrawnDocuments(f"document in ({listed})", fit, len(documents), run.unit)
