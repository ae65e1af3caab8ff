"""Which documents are read token by token: all, or in a large run some that are drawn by hash."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from odograph.folder.run import Run
from odograph.folder.selection import Ints, columns_of, values_where
from odograph.folder.token_sets import PLAIN_TOKENS, is_of_targets
from odograph.sentences.english import several
from odograph.statistics.correlations.own_pairing import FEWEST_DOCUMENTS

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
    def counted(self) -> str:
        """How many are read, as a card says it; "" where all are, which the study's own says."""
        if not self.left_out:
            return ""
        return f"{self.read:,} of {several(self.every, self.unit)}, drawn by hash"

    @property
    def sentence(self) -> str:
        """The same as a sentence, to follow others."""
        return f" Read in {self.counted}." if self.left_out else ""


def drawn_documents(run: Run, most: int | None = None) -> DrawnDocuments:
    """Documents of at most so many tokens in all, but as many as a test needs; all where few.

    most: `MOST_TOKENS` unless given.

    They are taken in the order of the least hash of their texts, which has nothing to do with where
    a text stands: the same texts give the same documents in every run. What twins read, and what a
    run that keeps sums has rows of, is drawn in that order, too: of two draws one holds the other.
    """
    documents, tokens = in_hash_order(run)
    fit = how_many_fit(tokens, most)
    every = _every(run, len(documents))
    if fit >= len(documents):
        return DrawnDocuments("true", len(documents), every, run.unit)
    return DrawnDocuments(among(documents[:fit]), fit, every, run.unit)


def in_hash_order(run: Run) -> tuple[Ints, Ints]:
    """The documents that there are rows of, in the order in which they are drawn; their tokens."""
    found = run.sql(f"""
        select t.document, t.tokens from (
            select document, count(*) as tokens from {PLAIN_TOKENS} group by document) t
        {_hash_order(run)}""").fetchnumpy()
    return np.asarray(found["document"], dtype=np.int64), np.asarray(found["tokens"])


def how_many_fit(tokens: Ints, most: int | None = None) -> int:
    """How many of the documents with so many tokens are read; may be more than there are.

    most: as `drawn_documents`.
    """
    room = MOST_TOKENS if most is None else most
    return max(FEWEST_DOCUMENTS, int((np.cumsum(tokens) <= room).sum()))


def documents_with_rows(run: Run) -> DrawnDocuments:
    """All that rows are kept of, in the half that is seen: of a difference, those of both runs."""
    [(read,)] = run.sql(f"select count(distinct document) from {PLAIN_TOKENS}").fetchall()
    return DrawnDocuments("true", read, _every(run, read), run.unit)


def documents_read(
    run: Run, expression: str, where: str = "true", from_layer: int = 1
) -> DrawnDocuments:
    """Those that `profile_means` gives numbers of: all, or those that rows are kept of."""
    read = documents_with_rows(run)
    if is_of_targets(where) or values_where(run, expression, where, from_layer).of_passages:
        return replace(read, read=read.every)
    return read


def also_read_by(runs: Sequence[Run], drawn: DrawnDocuments) -> DrawnDocuments:
    """Those of some documents that each of these runs has read, too: twins may have read fewer."""
    for one in runs:
        asked = f"select distinct document from {PLAIN_TOKENS} where {drawn.where}"
        documents = np.asarray(one.sql(asked).fetchnumpy()["document"])
        if len(documents) < drawn.read:
            drawn = replace(drawn, where=among(documents), read=len(documents))
    return drawn


def among(documents: Ints) -> str:
    """The SQL condition for these; one that nothing fulfils for none."""
    listed = ", ".join(map(str, sorted(documents.tolist())))
    return f"document in ({listed})" if listed else "false"


def _hash_order(run: Run) -> str:
    """The end of a query for documents `t` that puts them into the order of their hashes.

    As `run.hash_order` draws. In a folder from before texts had digests, in that of the hashes by
    which copies are told; from before these, in that of their numbers' hashes.
    """
    kept = columns_of(run, "passages")
    column = next((name for name in ("text_digest", "hash") if name in kept), None)
    if column is None:
        return "order by md5(t.document::varchar), t.document"
    # A document's first passage, whose number it has, may have no row in a half of targets alone.
    return f"""join (
            select min(p.passage) as first, min(p.{column}) as least, p.document as name
            from stored_passages p group by p.document) d on d.first = t.document
        order by d.least, d.name"""


def _every(run: Run, read: int) -> int:
    """Documents of the run, or of the half that is seen; `read` has rows of so many of them."""
    if not run.manifest.get("kept"):
        return read
    return int(run.sql("select count(distinct document) from passages").fetchall()[0][0])
