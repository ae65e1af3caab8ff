"""Which tokens are targets and which stand before them, decided by characters."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from odograph.corpus.encoded import COMPANION, NON_TARGET, OTHER, TARGET
from odograph.corpus.passages import Word
from odograph.corpus.pieces import Pieces
from odograph.corpus.words import Target

PieceChoice = Literal["last", "mean", "drop"]
_SINK = 0


@dataclass(frozen=True, slots=True)
class Windows:
    """Where a passage is divided: `edges` of its windows in tokens, `front` tokens before each.

    Tokens from the last edge on are not read at all.
    """

    edges: tuple[int, ...]
    front: int

    def of(self, token: int) -> int:
        """The window that holds the token; the number of windows if none does."""
        return int(np.searchsorted(self.edges, token, side="right")) - 1

    @property
    def count(self) -> int:
        """Number of windows."""
        return len(self.edges) - 1

    def position(self, token: int) -> int:
        """The token's position in its window, tokens in front counted."""
        return self.front + token - self.edges[self.of(token)]


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """For each token the index of its word, and whether it covers two words."""

    word: NDArray[np.int32]
    piece_count: NDArray[np.int32]
    over_two: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Roles:
    """For each token its role, group and occurrence."""

    role: NDArray[np.int8]
    group: list[str | None]
    occurrence: NDArray[np.int32]


def match_words(pieces: Pieces, spans: Sequence[tuple[int, int]]) -> Words:
    """The word of each piece, by overlap of characters."""
    edges = np.array(spans, dtype=np.int64).reshape(-1, 2)
    first = np.searchsorted(edges[:, 1], pieces.start, side="right")
    last = np.searchsorted(edges[:, 0], pieces.end, side="left") - 1
    filled = pieces.end > pieces.start
    over_two = filled & (last > first)
    word = np.where(filled & (last == first), first, -1).astype(np.int32)
    # The extra bin at the end answers for -1.
    counts = np.append(np.bincount(word[word >= 0], minlength=len(edges)), 0)
    return Words(word, counts[word].astype(np.int32), over_two)


def mark_targets(
    pieces: Pieces,
    words: Words,
    targets: Sequence[Target],
    windows: Windows,
    choice: PieceChoice,
) -> tuple[Roles, Counter[str]]:
    """Roles of the tokens of a passage, and how many occurrences were treated how.

    A target is read at its last piece ("last") or at all of them ("mean"), or left out where it
    has several ("drop"). Its non-target is the token just before its first piece.
    """
    n = len(pieces.token_id)
    roles = Roles(np.zeros(n, np.int8), [None] * n, np.full(n, -1, np.int32))
    counts: Counter[str] = Counter()
    overlaps = overlapping(pieces, targets)
    of_targets = {int(token) for tokens in overlaps for token in tokens}
    pairs: list[tuple[int, int]] = []
    for occurrence, (target, tokens) in enumerate(zip(targets, overlaps, strict=True)):
        reason = _unreadable(pieces, target, tokens, windows)
        if reason:
            counts[reason] += 1
            continue
        if len(tokens) > 1:
            counts["target_in_several_pieces"] += 1
            if choice == "drop":
                counts["dropped_several_pieces"] += 1
                continue
        for token in tokens if choice == "mean" else tokens[-1:]:
            _mark(roles, int(token), TARGET, target.target, occurrence)
        pairs.append((occurrence, int(tokens[0])))
    for occurrence, first in pairs:
        reason = _unpaired(first, windows, of_targets, words.over_two)
        if reason:
            counts[reason] += 1
        else:
            _mark(roles, first - 1, NON_TARGET, targets[occurrence].target, occurrence)
    return roles, counts


def mark_companions(
    roles: Roles,
    pieces: Pieces,
    companions: Sequence[Target],
    windows: Windows,
    choice: PieceChoice,
) -> Counter[str]:
    """Marks the companions among the tokens that have no role yet; counts those it cannot mark."""
    counts: Counter[str] = Counter()
    overlaps = overlapping(pieces, companions)
    for number, (companion, tokens) in enumerate(zip(companions, overlaps, strict=True)):
        several = len(tokens) > 1 and choice == "drop"
        if several or _unreadable(pieces, companion, tokens, windows):
            counts["companions_unreadable"] += 1
            continue
        read = tokens if choice == "mean" else tokens[-1:]
        if any(roles.role[read] != OTHER):
            counts["companions_with_a_role"] += 1
            continue
        for token in read:
            _mark(roles, int(token), COMPANION, companion.target, number)
    return counts


def _mark(roles: Roles, token: int, role: int, group: str, occurrence: int) -> None:
    roles.role[token] = role
    roles.group[token] = group
    roles.occurrence[token] = occurrence


def overlapping(pieces: Pieces, targets: Sequence[Target | Word]) -> list[NDArray[np.intp]]:
    """For each target or word the tokens that hold characters of it."""
    starts, ends = pieces.start, pieces.end
    # Spans need not be in order (a tokenizer may normalise); their running limits are.
    first = np.searchsorted(
        np.maximum.accumulate(ends), [target.start for target in targets], side="right"
    )
    last = np.searchsorted(
        np.minimum.accumulate(starts[::-1])[::-1], [target.end for target in targets], side="left"
    )
    found = []
    for target, low, high in zip(targets, first, last, strict=True):
        near = slice(low, high)
        hit = (starts[near] < target.end) & (ends[near] > np.maximum(starts[near], target.start))
        found.append(low + np.flatnonzero(hit))
    return found


def _unreadable(pieces: Pieces, target: Target, tokens: NDArray[np.intp], windows: Windows) -> str:
    """The reason why an occurrence is not measured; "" if it is."""
    if not len(tokens):
        return "target_without_tokens"
    first, last = int(tokens[0]), int(tokens[-1])
    if windows.of(last) >= windows.count:
        return "targets_cut"
    if windows.of(first) != windows.of(last):
        return "target_split_by_window"
    inside = (pieces.start[tokens] >= target.start) & (pieces.end[tokens] <= target.end)
    return "" if inside.all() else "target_crossed"


def _unpaired(
    first: int, windows: Windows, of_targets: set[int], over_two: NDArray[np.bool_]
) -> str:
    """The reason why the token before a target is no non-target; "" if it is one."""
    position = windows.position(first)
    if position == _SINK:
        return "target_at_first_position"
    if position == _SINK + 1:
        return "target_at_second_position"
    if position == windows.front:
        return "target_after_front"
    if first - 1 in of_targets:
        return "adjacent_targets"
    return "non_target_crossed" if over_two[first - 1] else ""
