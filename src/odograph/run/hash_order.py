"""Which passages are looked at more closely: drawn by the hash of their text, not the first."""

from collections.abc import Callable, Sequence

from odograph.corpus.encoded import Encoded


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
    first: dict[str, str] = {}
    for passage in encoded:
        known = first.get(passage.document)
        first[passage.document] = passage.text if known is None else min(known, passage.text)
    if len(first) <= most:
        return encoded
    drawn = set(sorted(first, key=lambda document: (first[document], document))[:most])
    return tuple(passage for passage in encoded if passage.document in drawn)
