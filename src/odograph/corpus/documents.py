"""Documents: passages that are no evidence of their own beside each other, joined.

A document is what a file names so (`# newdoc`, a column of documents); else a passage with its
variants and windows. Documents that are copies of each other, or near-copies, are one.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from odograph.corpus.facts import Documents
from odograph.corpus.near_copies import Ints, TrigramSets, first_alike, joined
from odograph.corpus.text_keys import TextKeys, come_twice, name_key

_Keys = NDArray[np.uint64]


def join_documents(
    ranges: Sequence[TextKeys], *, near: bool = True
) -> tuple[Documents, Counter[str]]:
    """The document of each passage of some texts, and how many were joined as copies.

    Copies are equal but for upper case and white space. Near-copies have a Jaccard index of their
    word trigrams of `near_copies.NEAR` or more; they are joined transitively, and all are found.
    A document is called as its file calls it, else by the id of its first passage.

    Args:
        ranges: the texts, in order.
        near: whether to look for near-copies, too; items of one design may share most words.
    """
    texts = _Texts.of(ranges)
    document = _named_alike(texts.unit)
    original = _first_copies(document, texts.copy)
    leader = _leaders(ranges, texts, document, original) if near else original
    whole, different, left = (len(_firsts(each)) for each in (document, original, leader))
    counts = Counter(copies=whole - different, near_copies=different - left)
    return _documents(texts, leader), counts


@dataclass(frozen=True, eq=False)
class _Texts:
    """The texts of all ranges, without their trigrams."""

    unit: _Keys
    variant: NDArray[np.bool_]
    copy: _Keys
    name: _Keys
    windows: NDArray[np.int32]
    ranges: Sequence[TextKeys]

    @staticmethod
    def of(ranges: Sequence[TextKeys]) -> "_Texts":
        names = "unit", "variant", "copy", "name", "windows"
        each = {name: np.concatenate([getattr(part, name) for part in ranges]) for name in names}
        return _Texts(**each, ranges=ranges)

    def names(self, texts: Sequence[int]) -> dict[int, str]:
        """What some of the texts say that their documents are called."""
        starts = [0, *accumulate(map(len, self.ranges))]
        parts = np.searchsorted(starts, texts, side="right") - 1
        return {
            text: self.ranges[part].names[text - starts[part]]
            for text, part in zip(texts, parts.tolist(), strict=True)
        }


def _named_alike(unit: _Keys) -> Ints:
    """The first text of the document of each text, as far as names say it."""
    first, named = np.arange(len(unit)), np.flatnonzero(unit)
    first[named] = named[first_alike(unit[named])]
    return first


def _firsts(first: Ints) -> Ints:
    """The texts that are the first of those that belong together, from the first of each text."""
    return np.flatnonzero(first == np.arange(len(first)))


def _first_copies(document: Ints, copy: _Keys) -> Ints:
    """The first text of the first document that is a copy of that of each text, or is it."""
    firsts, sizes = np.unique(document, return_counts=True)
    keys, order = copy[firsts], np.argsort(document, kind="stable")
    ends = np.cumsum(sizes)
    for place in np.flatnonzero(sizes > 1).tolist():
        members = copy[order[ends[place] - sizes[place] : ends[place]]]
        digest = blake2b(members.tobytes(), digest_size=8).digest()
        keys[place] = int.from_bytes(digest, "little")
    original: Ints = firsts[first_alike(keys)][np.searchsorted(firsts, document)]
    return original


def _leaders(ranges: Sequence[TextKeys], texts: _Texts, document: Ints, original: Ints) -> Ints:
    """The first text that near-copies join with each; variants count as the first of them."""
    different = _firsts(original)
    counts = (document == original) & ~(texts.variant & (document != np.arange(len(document))))
    owner = np.where(counts, np.searchsorted(different, original), -1).astype(np.int32)
    labels = joined(TrigramSets(ranges, owner, len(different)))
    return first_alike(labels[np.searchsorted(different, original)])


def _documents(texts: _Texts, leader: Ints) -> Documents:
    """Numbers in the order of the first passages, and names that passages do not say."""
    read = np.flatnonzero(texts.windows)
    leaders, first, inverse = np.unique(leader[read], return_index=True, return_inverse=True)
    number = np.empty(len(leaders), np.int32)
    number[np.argsort(first)] = np.arange(len(leaders), dtype=np.int32)
    firsts = _firsts(leader)
    new = _new_names(texts, firsts)
    keys = texts.name[firsts]
    keys[np.searchsorted(firsts, list(new))] = list(map(name_key, new.values()))
    called = keys[np.searchsorted(firsts, leader[read])]
    changed = np.unique(leader[read][called != texts.name[read]]).tolist()
    names = texts.names(changed)
    numbers = number[np.searchsorted(leaders, changed)].tolist()
    renamed = {n: new.get(p, names[p]) for n, p in zip(numbers, changed, strict=True)}
    return Documents(np.repeat(number[inverse], texts.windows[read]), renamed)


def _new_names(texts: _Texts, firsts: Ints) -> Mapping[int, str]:
    """Other names, by the first text, of documents that one before is called as."""
    if not come_twice(texts.name[firsts]):
        return {}
    new: dict[int, str] = {}
    taken: set[int] = set()
    for place, own in zip(firsts.tolist(), texts.name[firsts].tolist(), strict=True):
        key, count = own, 1
        while key in taken:
            count += 1
            new[place] = f"{texts.names([place])[place]}#d{count}"
            key = name_key(new[place])
        taken.add(key)
    return new
