"""Documents: passages that are no evidence of their own beside each other, joined.

A document is what a file names so (`# newdoc`, a column of documents); else a passage with its
variants and windows. Documents that are copies of each other, or near-copies, are one.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.corpus.likeness import Trigrams, copy_hash
from odograph.corpus.passages import Passage

#: Near-copies share at least this part of their word trigrams (Jaccard's index).
NEAR = 0.5
#: Pairs of documents, or of trigrams, that are looked at together.
_AT_ONCE = 4_000_000

Ints = NDArray[np.int64]


def join_documents(
    passages: Sequence[Passage], trigrams: Sequence[Trigrams]
) -> tuple[list[str], Counter[str]]:
    """The name of each passage's document, and how many were joined as copies and near-copies.

    `trigrams` are those of each passage.

    Copies are equal but for upper case and white space. Near-copies have a Jaccard index of their
    word trigrams of `NEAR` or more; they are joined transitively, and all are found. A document is
    called as its file calls it, else by the id of its first passage.
    """
    members = _members(passages)
    first = _first_copies(passages, members)
    different = sorted(set(first))
    sets = [_trigrams(passages, members[place], trigrams) for place in different]
    labels = dict(zip(different, _joined(sets), strict=True))
    label_of = _labelled(passages, members, [labels[place] for place in first])
    names = _named(passages, label_of)
    counts = Counter(copies=len(members) - len(different), near_copies=len(different) - len(names))
    return [names[label] for label in label_of], counts


def join_items(passages: Sequence[Passage]) -> tuple[list[str], Counter[str]]:
    """As `join_documents` for items of one design, which may share most of their words.

    Items that are copies of each other are one; near-copies are not looked for.
    """
    members = _members(passages)
    first = _first_copies(passages, members)
    label_of = _labelled(passages, members, first)
    names = _named(passages, label_of)
    return [names[label] for label in label_of], Counter(copies=len(members) - len(set(first)))


def _members(passages: Sequence[Passage]) -> list[list[int]]:
    """The passages of each document, by their numbers."""
    units: dict[tuple[str, str], list[int]] = {}
    for number, passage in enumerate(passages):
        units.setdefault(_unit(passage, number), []).append(number)
    return list(units.values())


def _first_copies(passages: Sequence[Passage], members: Sequence[Sequence[int]]) -> list[int]:
    """For each document the first that is a copy of it; itself where none is."""
    first: dict[tuple[str, ...], int] = {}
    hashes = [tuple(copy_hash(passages[n]) for n in numbers) for numbers in members]
    return [first.setdefault(key, place) for place, key in enumerate(hashes)]


def _labelled(
    passages: Sequence[Passage], members: Sequence[Sequence[int]], labels: Sequence[int]
) -> list[int]:
    """The label of each passage, from those of the documents."""
    label_of = [0] * len(passages)
    for numbers, label in zip(members, labels, strict=True):
        for number in numbers:
            label_of[number] = label
    return label_of


def _unit(passage: Passage, number: int) -> tuple[str, str]:
    """What passages share that belong together by their names alone."""
    if passage.document:
        return "document", passage.document
    return ("base", passage.base) if passage.base else ("passage", str(number))


def _named(passages: Sequence[Passage], label_of: Sequence[int]) -> dict[int, str]:
    """The name of each document: of its first passage, and no name twice."""
    names: dict[int, str] = {}
    taken: set[str] = set()
    for passage, label in zip(passages, label_of, strict=True):
        if label in names:
            continue
        name = given = passage.document or passage.base or passage.id
        count = 1
        while name in taken:
            count += 1
            name = f"{given}#d{count}"
        taken.add(name)
        names[label] = name
    return names


def _trigrams(
    passages: Sequence[Passage], numbers: Sequence[int], trigrams: Sequence[Trigrams]
) -> Trigrams:
    """The trigrams of a document; variants of one passage count as the first of them."""
    first = passages[numbers[0]]
    numbers = numbers[:1] if first.base and not first.document else numbers
    return np.unique(np.concatenate([trigrams[number] for number in numbers]))


def _joined(trigrams: Sequence[Trigrams]) -> list[int]:
    """A number for each set of trigrams, the same for those that near-copies join."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = len(trigrams)
    if count < 2:
        return [0] * count
    first, second = _near_pairs(trigrams)
    edges = coo_array((np.ones(len(first), bool), (first, second)), shape=(count, count))
    _, labels = connected_components(edges, directed=False)
    found: list[int] = labels.tolist()
    return found


def _near_pairs(trigrams: Sequence[Trigrams]) -> tuple[Ints, Ints]:
    """All pairs of sets with a Jaccard index of `NEAR` or more.

    Of two such sets each shares `NEAR` of its members or more. With the members of all sets in one
    order, the rarest first, the beginnings of the two that are just too long to be left out whole
    share one: only pairs that do are compared. Source: Chaudhuri et al. 2006, prefix filtering.
    """
    sizes = np.array([len(its) for its in trigrams])
    row, member = _shared_members(trigrams, sizes)
    uses = np.bincount(member)
    rank = np.empty(len(uses), np.int64)
    rank[np.argsort(uses, kind="stable")] = np.arange(len(uses))
    column = rank[member]
    order = np.lexsort((column, row))  # rows stay where they are
    whole = _sets(row, column[order], (len(sizes), len(uses)))
    # Before those that others have, too, stand in each set those that it has alone.
    own = np.bincount(row, minlength=len(sizes))
    place = np.arange(len(row)) - (np.cumsum(own) - sizes)[row]
    kept = place <= (sizes - np.ceil(NEAR * sizes))[row]
    beginning = _sets(row[kept], column[order][kept], whole.shape)
    found = [_near(whole, sizes, *pairs) for pairs in _pairs_that_share(beginning)]
    return tuple(np.concatenate(part) for part in zip(*found, strict=True))  # type: ignore[return-value]


def _shared_members(trigrams: Sequence[Trigrams], sizes: Ints) -> tuple[Ints, Ints]:
    """Set and number of the members that two sets or more have; most have no part in any pair."""
    every = np.concatenate(trigrams)
    different, uses = np.unique(every, return_counts=True)
    several = different[uses > 1]
    del different, uses  # of 10^8 tokens they take a gigabyte
    number = np.searchsorted(several, every)
    number[number == len(several)] = 0
    shared = several[number] == every if len(several) else np.zeros(len(every), np.bool_)
    return np.repeat(np.arange(len(sizes)), sizes)[shared], number[shared]


def _sets(row: Ints, column: Ints, shape: tuple[int, int]) -> Any:
    """The sets as rows of ones, from the row and column of each member, in order."""
    from scipy.sparse import csr_array

    ends = np.concatenate(([0], np.cumsum(np.bincount(row, minlength=shape[0]))))
    return csr_array((np.ones(len(row), np.int32), column, ends), shape=shape)


def _pairs_that_share(sets: Any) -> Iterator[tuple[Ints, Ints]]:
    """Pairs of rows with a member in common, the first before the second, some at a time."""
    uses = np.bincount(sets.indices, minlength=sets.shape[1])
    work = np.concatenate(([0], np.cumsum(uses[sets.indices])))[sets.indptr]
    start = 0
    while start < sets.shape[0]:
        stop = int(np.searchsorted(work, work[start] + _AT_ONCE, side="right")) - 1
        stop = max(stop, start + 1)
        shared = (sets[start:stop] @ sets.T).tocoo()
        first, second = shared.coords[0].astype(np.int64) + start, shared.coords[1]
        ordered = first < second
        yield first[ordered], second[ordered].astype(np.int64)
        start = stop


def _near(sets: Any, sizes: Ints, first: Ints, second: Ints) -> tuple[Ints, Ints]:
    """The pairs whose sets are near-copies."""
    possible = np.minimum(sizes[first], sizes[second]) >= NEAR * np.maximum(
        sizes[first], sizes[second]
    )
    first, second = first[possible], second[possible]
    found: list[NDArray[np.bool_]] = [np.zeros(0, np.bool_)]
    for start in range(0, len(first), _AT_ONCE // 100):
        part = slice(start, start + _AT_ONCE // 100)
        shared = sets[first[part]].multiply(sets[second[part]]).sum(axis=1)
        together = sizes[first[part]] + sizes[second[part]] - shared
        found.append(shared >= NEAR * together)
    near = np.concatenate(found)
    return first[near], second[near]
