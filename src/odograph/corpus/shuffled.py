"""The same tokens in random order: word order is gone, the words of a passage stay."""

import zlib
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.corpus.encoded import NON_TARGET, OTHER, TARGET, Encoded, Encoding
from odograph.corpus.stored import Store, documents_of

Ints = NDArray[np.int64]


def shuffled_encoding(encoding: Encoding, *, seed: tuple[int, int], only_roles: bool) -> Encoding:
    """The passages with their tokens in random order; the table of words has no sense then.

    Each keeps its number: where sums are kept they are some of the run's.

    Args:
        encoding: the passages in their own order.
        seed: the run's, and that of this order.
        only_roles: whether targets and the tokens before them alone get rows.
    """
    store = Store(encoding.encoded[0].vocabulary)
    numbers: list[int] = []
    for one in encoding.encoded:
        store.add([_shuffled(one, seed, only_roles=only_roles)])
        numbers.append(one.passage)
    order = store.passages().in_documents(documents_of(encoding.encoded)).numbered_as(numbers)
    return replace(encoding, encoded=order, words=None)


def _shuffled(passage: Encoded, seed: tuple[int, int], *, only_roles: bool) -> Encoded:
    """One passage. Tokens put in front of the text or behind it stay; a target keeps its role.

    The token that now stands before a target is its non-target, unless it is of a target itself, at
    position 0, or put in front.
    Variants of a text that are as long have the same order.
    """
    own = _own(passage)
    order = _order(passage, own, seed)
    role, occurrence, group = _roles(passage, order, max(own.start, 1))
    token_id = passage.token_id[order]
    following = np.append(token_id[1:], -1).astype(token_id.dtype)
    following[own.stop - 1 :] = -1
    row = (role != OTHER) if only_roles else passage.row[order]
    return passage.changed(
        token_id=token_id,
        start=passage.start[order],
        end=passage.end[order],
        word=passage.word[order],
        piece_count=passage.piece_count[order],
        role=role,
        group=group,
        occurrence=occurrence,
        next_id=following,
        row=row,
        tag=_moved(passage.tag, order),
        lemma=_moved(passage.lemma, order),
        characters="",
    )


def _own(passage: Encoded) -> slice:
    """The tokens from the first piece of text to the last; token ids are a text of their own."""
    text = np.flatnonzero(passage.end > passage.start)
    return slice(int(text[0]), int(text[-1]) + 1) if len(text) else slice(0, len(passage))


def _order(passage: Encoded, own: slice, seed: tuple[int, int]) -> Ints:
    """The places that the tokens come from."""
    name = zlib.crc32((passage.base or passage.passage_id).encode())
    window = zlib.crc32(passage.passage_id.rpartition("#w")[2].encode())
    part = window if "#w" in passage.passage_id else 0
    order = np.arange(len(passage))
    order[own] = np.random.default_rng([*seed, name, part]).permutation(order[own])
    return order


def _roles(passage: Encoded, order: Ints, earliest: int) -> tuple[Any, Any, tuple[str | None, ...]]:
    """Role, occurrence and group in the new order; no non-target stands before `earliest`."""
    target = passage.role[order] == TARGET
    role = np.where(target, TARGET, OTHER).astype(passage.role.dtype)
    occurrence = np.where(target, passage.occurrence[order], -1).astype(passage.occurrence.dtype)
    group = [g if t else None for g, t in zip(_moved(passage.group, order), target, strict=True)]
    for one in np.unique(occurrence[target]):
        first = int(np.flatnonzero(occurrence == one)[0])
        if first > earliest and role[first - 1] == OTHER:
            role[first - 1], occurrence[first - 1] = NON_TARGET, one
            group[first - 1] = group[first]
    return role, occurrence, tuple(group)


def _moved(values: tuple[Any, ...], order: Ints) -> tuple[Any, ...]:
    return tuple(values[i] for i in order) if values else ()
