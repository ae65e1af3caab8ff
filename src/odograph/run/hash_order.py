"""Which passages are looked at more closely: drawn by the hash of their text, not the first."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from odograph.corpus.encoded import Encoded
from odograph.corpus.stored import documents_of, facts_of

Ints = NDArray[np.int64]


def drawn_by_hash(
    encoded: Sequence[Encoded], most: int, usable: Callable[[Encoded], bool]
) -> tuple[Encoded, ...]:
    """Whole passages of at most so many tokens in all, in the order of the run.

    They are taken in the order of their texts' hashes, which has nothing to do with where a text
    stands; the first one in any case. The same texts give the same passages in every run.

    Args:
        encoded: all passages.
        most: tokens at most.
        usable: whether a passage serves at all; one that does not takes no place.
    """
    order = sorted((p.text, number) for number, p in enumerate(encoded) if usable(p))
    chosen: list[Encoded] = []
    tokens = 0
    for _, number in order:
        passage = encoded[number]
        tokens += len(passage)
        if chosen and tokens > most:
            break
        chosen.append(passage)
    return tuple(sorted(chosen, key=lambda passage: passage.passage))


def drawn_documents(encoded: Sequence[Encoded], most: int) -> Sequence[Encoded]:
    """The passages of at most so many documents, in the order of the run; all where that is all.

    Documents are taken in the order of the smallest hash of their texts. The same texts give the
    same documents in every run.
    """
    documents, text = documents_of(encoded), facts_of(encoded).text
    number, own = np.unique(documents.number, return_inverse=True)
    if len(number) <= most:
        return encoded
    least = np.full(len(number), np.iinfo(np.uint64).max)
    np.minimum.at(least, own, text)
    drawn = np.isin(own, _least(least, own, encoded)[:most])
    return tuple(encoded[place] for place in np.flatnonzero(drawn).tolist())


def _least(hashes: NDArray[np.uint64], own: Ints, encoded: Sequence[Encoded]) -> Ints:
    """Documents in the order of their hashes; those of one hash in that of their names."""
    order = np.argsort(hashes, kind="stable")
    first = np.unique(own, return_index=True)[1].tolist()
    alike = np.concatenate(([True], np.diff(hashes[order]) > 0, [True]))
    for start, end in pairwise(np.flatnonzero(alike).tolist()):
        if end - start > 1:
            same = order[start:end].tolist()
            order[start:end] = sorted(same, key=lambda one: encoded[first[one]].document)
    return order
