"""The places that several runs share: passages by their text, tokens by where they end.

Tokenizers cut a text into different pieces. What can be compared is the state after the same
stretch of text: at tokens whose last character is the same one in every run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from odograph.folder.documents import unit_of_all
from odograph.folder.run import Run
from odograph.folder.same_texts import Texts
from odograph.folder.selection import Ints, numbers, usable
from odograph.folder.token_rows import TokenRows

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Shared:
    """The places of the texts at which a token ends in every run: arrays [places], text by text.

    Attributes:
        runs: those compared, the reference first.
        read: which tokens of each were read.
        twins: the same of their untrained twins.
        rows: [runs, places]: which of the tokens read, by passage and position, ends there.
        passage, document: numbers of the place's passage and document, the latter among those of
            all runs.
        usable: the token is no sink and not at position 0, in any run.
        target: it belongs to a target in every run.
        adjacent: in every run, the token just before it ends at the place before.
        passages: how many different passages the runs have together, read or not.
        tokens: usable tokens of each run that were read, in documents that all runs have.
        what: they are called: "tokens" or "targets".
        drawn: in how many passages they were read, where not in all: "990 of 14,815 passages, drawn
            by hash".
    """

    runs: tuple[Run, ...]
    read: tuple[TokenRows, ...]
    twins: tuple[tuple[TokenRows, ...], ...]
    rows: Ints
    passage: Ints
    document: Ints
    usable: Mask
    target: Mask
    adjacent: Mask
    passages: int
    tokens: tuple[int, ...]
    what: str = "tokens"
    drawn: str = ""

    @property
    def unit(self) -> str:
        """What is counted: documents, if in some run they are not its passages."""
        return unit_of_all(run.unit for run in self.runs)

    @property
    def places(self) -> int:
        """How many usable places all the runs share."""
        return int(self.usable.sum())

    @property
    def following(self) -> Mask:
        """In every run, the next token ends at the next place: both predict the same stretch."""
        return np.append(self.adjacent[1:], False) if len(self.adjacent) else self.adjacent


@dataclass(frozen=True, eq=False)
class _Tokens:
    """The tokens of one run, by passage and position: arrays [tokens]; `place` -1 for none."""

    place: Ints
    passage: Ints
    document: Ints
    position: Ints
    usable: Mask
    target: Mask


def share_places(
    runs: Sequence[Run], read: Sequence[TokenRows] = (), what: str = "tokens", drawn: str = ""
) -> Shared:
    """The places that all the runs share; none where they have no passage in common.

    read: which tokens of each run are looked at, of its twins as well; all unless given. `what` and
    `drawn` as `Shared` has them.
    """
    rows_of = tuple(read) or tuple(map(TokenRows, runs))
    texts = Texts(runs)
    numbered = [texts.of(run) for run in runs]
    found = [_read(rows, *of) for rows, of in zip(rows_of, numbered, strict=True)]
    last = [_last_rows(tokens) for tokens in found]
    common = reduce(np.intersect1d, [places for places, _ in last])
    rows = np.stack([rows[np.searchsorted(places, common)] for places, rows in last])
    order = np.lexsort((rows[0], found[0].document[rows[0]]))
    rows = rows[:, order]
    units = [set(documents.values()) for _, documents in numbered]
    in_all = np.array(sorted(set.intersection(*units)), dtype=np.int64)
    return Shared(
        runs=tuple(runs),
        read=rows_of,
        twins=tuple(
            tuple(TokenRows(twin, own.where) for twin in run.untrained)
            for run, own in zip(runs, rows_of, strict=True)
        ),
        rows=rows,
        passage=found[0].passage[rows[0]],
        document=found[0].document[rows[0]],
        usable=_in_all([tokens.usable for tokens in found], rows),
        target=_in_all([tokens.target for tokens in found], rows),
        adjacent=_adjacent(found, rows),
        passages=len(set().union(*units)),
        tokens=tuple(int((own.usable & np.isin(own.document, in_all)).sum()) for own in found),
        what=what,
        drawn=drawn,
    )


def _in_all(flags: Sequence[Mask], rows: Ints) -> Mask:
    return np.asarray(
        np.stack([flag[own] for flag, own in zip(flags, rows, strict=True)]).all(axis=0)
    )


def _adjacent(read: Sequence[_Tokens], rows: Ints) -> Mask:
    """Whether each place and the one before are neighbours in every run."""
    follows = np.zeros(rows.shape, dtype=bool)
    for index, (tokens, own) in enumerate(zip(read, rows, strict=True)):
        # One row on and one position on: of the same passage, and nothing left out between.
        follows[index, 1:] = (np.diff(own) == 1) & (np.diff(tokens.position[own]) == 1)
    return np.asarray(follows.all(axis=0))


def _last_rows(tokens: _Tokens) -> tuple[Ints, Ints]:
    """The places of a run, sorted, and the last token that ends at each.

    A character of several pieces is read whole by the last of them only.
    """
    places, backwards = np.unique(tokens.place[::-1], return_index=True)
    known = places >= 0
    return places[known], (len(tokens.place) - 1 - backwards)[known]


def _read(rows: TokenRows, text_of: dict[int, int], unit_of: dict[int, int]) -> _Tokens:
    found = numbers(
        rows.run.sql(f"""
        select passage, position, role = 'target' as target, {usable(rows.run)} as usable,
               case when max("end") over (partition by passage) = 0 then position + 1
                    when "end" > start then "end" end::double as ending
        from {rows.tokens()} order by passage, position""")
    )
    passage = found["passage"].astype(np.int64)
    kinds, index = np.unique(passage, return_inverse=True)
    text = np.array([text_of[int(one)] for one in kinds], dtype=np.int64)[index]
    ending = np.nan_to_num(found["ending"].astype(np.float64), nan=-1).astype(np.int64)
    return _Tokens(
        place=np.where(ending < 0, -1, text * (1 << 32) + ending),
        passage=passage,
        document=np.array([unit_of[int(one)] for one in kinds], dtype=np.int64)[index],
        position=found["position"].astype(np.int64),
        usable=found["usable"].astype(bool),
        target=found["target"].astype(bool),
    )
