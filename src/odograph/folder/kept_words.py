"""Which kept words stand for which group: one row a unit of inference and group."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import NamedTuple

import numpy as np

from odograph.errors import StudyError
from odograph.folder.document_names import document_names
from odograph.folder.run import Run
from odograph.folder.selection import Floats, Ints, columns_of, usable
from odograph.folder.vectors import kept_places, kept_states

REMEDY = (
    "Measure the run with --vectors 300 and two words, for example --target her --target him "
    "--variants."
)

Place = tuple[int, int]


class Target(NamedTuple):
    """One token of a word: its group, its unit of inference, its word, and whether it counts."""

    group: str
    unit: str
    word: Place
    usable: bool


#: A kept token of the half of the run that is not seen.
_ELSEWHERE = Target("", "", (-1, -1), usable=False)


@dataclass(frozen=True, eq=False)
class Kept:
    """The kept tokens of one shard: number of the word in the shard and row; -1: left out.

    `share` is what the token's word counts in its row: a row is the mean over its passages, and
    what stands for a passage the mean over its words.
    """

    word: Ints
    row: Ints
    share: Floats


@dataclass(frozen=True, eq=False)
class Words:
    """The words of every group, one row a unit and group; the rows of one group stand together.

    Attributes:
        groups: the names.
        paired: whether row i of every group is the same document.
        unit: what a row is the mean of: what the run counts, or `lemma` of drawn words.
        sizes: rows of each group; paired: all the same.
        words: how many words all rows are made of.
        left_out: units left out: without a usable word, or paired without a word of every group.
        names: of the rows: ids of passages, or lemmas.
        shared: units that have words of several groups although nothing is paired.
        shards: the kept tokens of every shard.
    """

    groups: tuple[str, ...]
    paired: bool
    unit: str
    sizes: tuple[int, ...]
    words: int
    left_out: int
    names: tuple[str, ...]
    shared: int
    shards: Sequence[Kept]

    @property
    def rows(self) -> int:
        """Rows of all groups."""
        return sum(self.sizes)

    @property
    def units(self) -> int:
        """Units of inference: documents with a word of every group where paired, else rows."""
        return self.sizes[0] if self.paired else self.rows

    @property
    def slices(self) -> list[slice]:
        """The rows of every group."""
        ends = np.cumsum([0, *self.sizes]).tolist()
        return [slice(a, b) for a, b in pairwise(ends)]

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """All pairs of groups, by their numbers."""
        return list(combinations(range(len(self.groups)), 2))

    def means(self, values: Floats) -> Floats:
        """The mean of every group, [rows, ...] to [groups, ...]."""
        return np.stack([values[rows].mean(axis=0) for rows in self.slices])

    @property
    def weights(self) -> Floats:
        """What each row counts, [rows]: groups count the same, and units in a group."""
        return np.asarray(1 / np.repeat(self.sizes, self.sizes))


def chosen_words(run: Run) -> Words:
    """The words whose states were kept and may be used.

    Sinks, position 0 and words with a state that is not a number are left out. Paired by document
    where at least half of the documents have a word of every group.

    Raises:
        StudyError: no states were kept, fewer than two groups, or a group without a word.
    """
    unit = _unit(run)
    kept = _kept_targets(run, unit)
    names = _groups(run, {t.group for shard in kept for t in shard if t.usable})
    units = {
        name: sorted({t.unit for shard in kept for t in shard if t.group == name and t.usable})
        for name in names
    }
    everywhere = set.intersection(*map(set, units.values()))
    anywhere = set.union(*map(set, units.values()))
    paired = unit != "lemma" and 2 * len(everywhere) >= len(anywhere)
    if paired:
        units = {name: [u for u in own if u in everywhere] for name, own in units.items()}
    rows = {key: row for row, key in enumerate((n, u) for n, own in units.items() for u in own)}
    shards = shares_of_words([_numbered(shard, rows) for shard in kept], by_passage=unit != "lemma")
    met = {t.unit for shard in kept for t in shard if t.unit}
    return Words(
        groups=tuple(names),
        paired=paired,
        unit=unit,
        sizes=tuple(len(own) for own in units.values()),
        words=sum(len(set(shard.word[shard.row >= 0].tolist())) for shard in shards),
        left_out=len(met) - len({unit for _, unit in rows}),
        names=_names(run, unit, [own for _, own in rows]),
        shared=0 if paired else sum(map(len, units.values())) - len(anywhere),
        shards=shards,
    )


def with_own_words(beside: Sequence[Run], words: Words) -> list[tuple[Run, Words]]:
    """Twins or shuffled texts of a run with the words that they kept, which may be fewer.

    A twin is measured on drawn documents; in another order a word may be at position 0. One that
    kept no states, as runs of old releases, or lost a group's words is left out.
    """
    found = []
    for run in beside:
        try:
            own = chosen_words(run)
        except StudyError:
            continue
        if own.groups == words.groups:
            found.append((run, own))
    return found


def _names(run: Run, unit: str, rows: Sequence[str]) -> tuple[str, ...]:
    """The name of each row's unit, as a sentence gives it."""
    return tuple(rows) if unit == "lemma" else document_names(run, map(int, rows))


def _unit(run: Run) -> str:
    """Drawn words stand for their lemmas, all others for their documents."""
    drawn = bool(run.manifest["config"].get("groups"))
    return "lemma" if drawn and "lemma" in columns_of(run, "tokens") else run.unit


def _kept_targets(run: Run, unit: str) -> list[list[Target]]:
    """The kept tokens, shard by shard.

    Raises:
        StudyError: there are none.
    """
    # A name as a text, so that passages and lemmas can be sorted alike and in their order.
    document = "lpad(document::varchar, 12, '0')"
    key = f"coalesce(lemma, {document})" if unit == "lemma" else document
    rows = run.sql(
        f"""select passage, position, "group", {key}, occurrence, {usable(run)} from tokens
        where role = 'target'"""
    ).fetchall()
    found = {
        (passage, position): Target(group, own, (passage, occurrence), bool(counts))
        for passage, position, group, own, occurrence, counts in rows
    }
    bad = _not_numbers(run)
    shards = []
    for passages, positions in kept_places(run):
        places = list(zip(passages.tolist(), positions.tolist(), strict=True))
        shards.append([_target(found.get(place, _ELSEWHERE), place in bad) for place in places])
    if not any(t.unit for shard in shards for t in shard):
        raise StudyError("the run kept no states", expected="states of words", remedy=REMEDY)
    return shards


def _target(found: Target, bad: bool) -> Target:
    return found._replace(usable=False) if bad else found


def _not_numbers(run: Run) -> set[Place]:
    """The kept tokens with a state that is zero or not a number at some layer."""
    bad: set[Place] = set()
    for view in ("stream", "lens"):
        for kept in kept_states(run, view):
            with np.errstate(over="ignore", invalid="ignore"):
                squares = np.einsum("tlw,tlw->tl", kept.values, kept.values)
            for token in np.flatnonzero(~(np.isfinite(squares) & (squares > 0)).all(axis=1)):
                bad.add((int(kept.passage[token]), int(kept.position[token])))
    return bad


def _groups(run: Run, met: set[str]) -> list[str]:
    """The groups in the order in which they were asked for.

    Raises:
        StudyError: one group only, or one that was asked for without a word.
    """
    config = run.manifest["config"]
    named = config.get("groups") or config["targets"] or sorted(met)
    asked = list(dict.fromkeys(named))
    names = [name for name in asked if name in met] + sorted(met - set(asked))
    if len(asked) < 2:
        raise StudyError(
            "trajectories compare groups",
            expected="two groups or more",
            given=", ".join(asked) or "none",
            remedy=REMEDY,
        )
    missing = [name for name in asked if name not in met]
    if missing:
        raise StudyError(
            f"no usable word of '{missing[0]}' is left",
            expected="a word of every group, neither at position 0 nor a sink",
            remedy="Leave that word out, give texts that have it, or add --variants.",
        )
    return names


class Numbered(NamedTuple):
    """The kept tokens of one shard: word, row, and passage of each; -1: left out."""

    word: Ints
    row: Ints
    passage: Ints


def _numbered(shard: Sequence[Target], rows: Mapping[tuple[str, str], int]) -> Numbered:
    """Words and rows of one shard's tokens."""
    row = [rows.get((t.group, t.unit), -1) if t.usable else -1 for t in shard]
    number: dict[Place, int] = {}
    word = [
        number.setdefault(t.word, len(number)) if place >= 0 else -1
        for t, place in zip(shard, row, strict=True)
    ]
    passage = [t.word[0] for t in shard]
    return Numbered(*(np.array(values, np.int64) for values in (word, row, passage)))


def shares_of_words(shards: Sequence[Numbered], *, by_passage: bool) -> list[Kept]:
    """The tokens with the share that each one's word has in its row.

    by_passage: passages of a row count the same, and words in a passage; else words in a row.
    """
    words: Counter[tuple[int, int]] = Counter()
    for shard in shards:
        words.update(_passage_words(shard, by_passage=by_passage))
    passages = Counter(row for row, _ in words)
    found = []
    for shard in shards:
        places = zip(shard.row.tolist(), shard.passage.tolist(), strict=True)
        keys = [(row, passage if by_passage else 0) for row, passage in places]
        share = [1 / (words[key] * passages[key[0]]) if key[0] >= 0 else 0.0 for key in keys]
        found.append(Kept(shard.word, shard.row, np.array(share)))
    return found


def _passage_words(shard: Numbered, *, by_passage: bool) -> list[tuple[int, int]]:
    """Row and passage of every word of a shard: the pieces of one word count once."""
    used = np.flatnonzero(shard.row >= 0)
    _, first = np.unique(shard.word[used], return_index=True)
    return [
        (int(shard.row[token]), int(shard.passage[token]) if by_passage else 0)
        for token in used[first]
    ]
