"""Near-copies among sets of word trigrams: all pairs are found, and little of it is in memory.

The trigrams lie sorted in the ranges of a corpus. They are gone through bucket by bucket, each a
part of all numbers that a hash may be.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.corpus.likeness import Trigrams
from odograph.corpus.text_keys import TextKeys

#: Near-copies share at least this part of their word trigrams (Jaccard's index).
NEAR = 0.5
#: Trigrams, or shared members of pairs, that are looked at together; and pairs that are compared.
_AT_ONCE, _COMPARED = 1_000_000, 40_000
#: Sets are left out in rounds, until one takes away fewer than this part of them.
_FEW = 0.1

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class TrigramSets:
    """Sets of trigrams, each of those of some texts.

    Attributes:
        ranges: the texts, with their trigrams.
        owner: the set that each text is a part of; -1 for none.
        count: number of sets.
    """

    ranges: Sequence[TextKeys]
    owner: NDArray[np.int32]
    count: int

    def members(self) -> Iterator[tuple[Ints, NDArray[np.int32]]]:
        """In buckets: in how many sets each trigram is, and these sets, trigram after trigram."""
        buckets = max(1, -(-sum(len(part.trigram) for part in self.ranges) // _AT_ONCE))
        edges = np.array([(n << 64) // buckets for n in range(1, buckets)], np.uint64)
        cuts = [_cut(part.trigram, edges) for part in self.ranges]
        starts = np.cumsum([0, *map(len, self.ranges)])
        for bucket in range(buckets):
            found = [
                self._kept(part, int(start), slice(its[bucket], its[bucket + 1]))
                for part, start, its in zip(self.ranges, starts, cuts, strict=False)
            ]
            yield _by_trigram(*(np.concatenate(each) for each in zip(*found, strict=True)))

    def _kept(self, part: TextKeys, start: int, of: slice) -> tuple[Trigrams, NDArray[np.int32]]:
        owner = self.owner[start : start + len(part)][part.text[of]]
        kept = owner >= 0
        return part.trigram[of][kept], owner[kept]

    def of_these(self, kept: NDArray[np.bool_]) -> "TrigramSets":
        """Without the members of the other sets."""
        owner = np.where((self.owner >= 0) & kept[self.owner], self.owner, -1)
        return TrigramSets(self.ranges, owner.astype(np.int32), self.count)


def joined(sets: TrigramSets) -> Ints:
    """For each set the first of those that near-copies join with it, transitively."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    labels = np.arange(sets.count)
    if sets.count < 2:
        return labels
    first, second = near_pairs(sets)
    concerned = np.unique(np.concatenate((first, second)))
    places = np.searchsorted(concerned, first), np.searchsorted(concerned, second)
    shape = len(concerned), len(concerned)
    edges = coo_array((np.ones(len(first), np.int8), places), shape=shape)
    _, found = connected_components(edges, directed=False)
    labels[concerned] = concerned[first_alike(found)]
    return labels


def first_alike(values: NDArray[Any]) -> Ints:
    """For each value the place of the first that is equal."""
    _, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    found: Ints = first[inverse]
    return found


def near_pairs(sets: TrigramSets) -> tuple[Ints, Ints]:
    """All pairs of sets with a Jaccard index of `NEAR` or more.

    Of two such sets each shares `NEAR` of its members or more. Sets that do not share so many with
    all others together are left out; then those that did with these alone. With the members of the
    rest in one order, the rarest first, the beginnings of two that are just too long to be left out
    whole share one: only pairs that do, and may share enough behind their beginnings, are compared.
    Source: Chaudhuri et al. 2006, prefix filtering; Xiao et al. 2008, positional filtering.
    """
    sizes, shared = _counted(sets)
    kept, before = shared >= NEAR * sizes, sets.count
    while kept.sum() < (1 - _FEW) * before:
        before = int(kept.sum())
        sets = sets.of_these(kept)
        _, shared = _counted(sets)
        kept &= shared >= NEAR * sizes
    row, member = _shared_members(sets.of_these(kept))
    different = np.flatnonzero(np.bincount(row, minlength=sets.count))
    row = np.searchsorted(different, row).astype(np.int32)
    first, second = _pairs(row, member, sizes[different])
    return different[first], different[second]


def _cut(trigram: Trigrams, edges: Trigrams) -> list[int]:
    """Where buckets begin in sorted numbers, and where the last ends."""
    return [0, *np.searchsorted(trigram, edges).tolist(), len(trigram)]


def _by_trigram(trigram: Trigrams, owner: NDArray[np.int32]) -> tuple[Ints, NDArray[np.int32]]:
    """See `TrigramSets.members`; a set may have brought a trigram more than once."""
    order = np.argsort(trigram, kind="stable")  # quick, as the numbers of each range are in order
    # One number for both: what is sorted by it needs no order beside it.
    key = np.cumsum(_changes(trigram[order])) << 32 | owner[order]
    key.sort(kind="stable")
    key = key[_changes(key)]
    return np.bincount(key >> 32)[1:], key.astype(np.int32)


def _changes(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Where another value begins in a sorted array."""
    return np.concatenate(([True], values[1:] != values[:-1]))[: len(values)]


def _counted(sets: TrigramSets) -> tuple[Ints, Ints]:
    """Members of each set, and how many of them another has, too."""
    sizes, shared = np.zeros(sets.count, np.int64), np.zeros(sets.count, np.int64)
    for uses, owner in sets.members():
        sizes += np.bincount(owner, minlength=sets.count)
        several = owner[np.repeat(uses > 1, uses)]
        shared += np.bincount(several, minlength=sets.count)
    return sizes, shared


def _shared_members(sets: TrigramSets) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Set and number of the members that two sets or more have, in the order of the sets.

    A member that fewer sets have has a smaller number.
    """
    rows, members, all_uses, number = [], [], [], 0
    for uses, owner in sets.members():
        several = uses > 1
        all_uses.append(uses[several].astype(np.int32))
        rows.append(owner[np.repeat(several, uses)])
        numbers = np.arange(number, number + len(all_uses[-1]), dtype=np.int32)
        members.append(np.repeat(numbers, all_uses[-1]))
        number += len(numbers)
    rank = np.empty(number, np.int32)
    rank[np.argsort(np.concatenate(all_uses), kind="stable")] = np.arange(number, dtype=np.int32)
    del all_uses
    key = np.concatenate(rows).astype("<i8") << 32
    del rows
    key |= rank[np.concatenate(members)]
    del members
    key.sort()
    halves = key.view("<i4").reshape(-1, 2)
    return halves[:, 1].copy(), halves[:, 0].copy()


def _pairs(row: NDArray[np.int32], member: NDArray[np.int32], sizes: Ints) -> tuple[Ints, Ints]:
    """The near-copies among sets of which the shared members are known; see `near_pairs`."""
    own = np.bincount(row, minlength=len(sizes))
    # Before those that others have, too, stand in each set those that it has alone.
    most = np.floor(sizes - np.ceil(NEAR * sizes)) + 1 - (sizes - own)
    most = np.clip(most, 0, own).astype(np.int64)
    kept = _first_of_each(own, most)
    if not kept.any():  # nothing is shared, or of each set too little
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    shape = len(sizes), int(member.max()) + 1
    whole, beginning = (_matrix(row[of], member[of], shape) for of in (slice(None), kept))
    last, rest = beginning.indices[beginning.indptr[1:] - 1], own - most
    found = []
    for first, second, shared in _pairs_that_share(beginning):
        # What they share after the earlier end of both beginnings lies in the rest of that one.
        left = np.where(last[first] <= last[second], rest[first], rest[second])
        smaller = np.minimum(sizes[first], sizes[second])
        may = _are_near(sizes, first, second, np.minimum(shared + left, smaller))
        found.append(_near(whole, sizes, first[may], second[may]))
    return tuple(np.concatenate(part) for part in zip(*found, strict=True))  # type: ignore[return-value]


def _first_of_each(sizes: Ints, counts: Ints) -> NDArray[np.bool_]:
    """Which entries are among the first so many of their sets, which lie one after the other."""
    changes = np.zeros(int(sizes.sum()) + 1, np.int8)
    starts = np.cumsum(sizes) - sizes
    np.add.at(changes, starts, 1)
    np.add.at(changes, starts + counts, -1)
    return np.cumsum(changes[:-1], dtype=np.int8).astype(np.bool_)


def _matrix(row: NDArray[np.int32], column: NDArray[np.int32], shape: tuple[int, int]) -> Any:
    """The sets as rows of ones, from the row and column of each member, in order."""
    from scipy.sparse import csr_array

    ends = np.concatenate(([0], np.cumsum(np.bincount(row, minlength=shape[0]))))
    return csr_array((np.ones(len(row), np.int32), column, ends), shape=shape)


def _pairs_that_share(sets: Any) -> Iterator[tuple[Ints, Ints, Ints]]:
    """Pairs of rows with members in common, the first before the second, and with how many."""
    uses = np.bincount(sets.indices, minlength=sets.shape[1])
    work = np.concatenate(([0], np.cumsum(uses[sets.indices])))[sets.indptr]
    start = 0
    while start < sets.shape[0]:
        stop = int(np.searchsorted(work, work[start] + _AT_ONCE, side="right")) - 1
        stop = max(stop, start + 1)
        shared = (sets[start:stop] @ sets.T).tocoo()
        first, second = shared.coords[0].astype(np.int64) + start, shared.coords[1]
        ordered = first < second
        yield first[ordered], second[ordered].astype(np.int64), shared.data[ordered]
        start = stop


def _near(sets: Any, sizes: Ints, first: Ints, second: Ints) -> tuple[Ints, Ints]:
    """The pairs whose sets are near-copies."""
    found: list[NDArray[np.bool_]] = [np.zeros(0, np.bool_)]
    for start in range(0, len(first), _COMPARED):
        part = slice(start, start + _COMPARED)
        shared = sets[first[part]].multiply(sets[second[part]]).sum(axis=1)
        found.append(_are_near(sizes, first[part], second[part], shared))
    near = np.concatenate(found)
    return first[near], second[near]


def _are_near(sizes: Ints, first: Ints, second: Ints, shared: Ints) -> NDArray[np.bool_]:
    """Whether pairs of sets that share so many members are near-copies."""
    near: NDArray[np.bool_] = shared >= NEAR * (sizes[first] + sizes[second] - shared)
    return near
