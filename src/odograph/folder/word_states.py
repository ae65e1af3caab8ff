"""The kept states of words in three views: as they are, of length 1, after the final norm."""

from collections.abc import Iterator

import numpy as np

from odograph.folder.kept_words import Words
from odograph.folder.pilot import Pilot, read_pilot
from odograph.folder.run import Run
from odograph.folder.selection import Floats, Ints
from odograph.folder.vectors import Floats32, kept_states
from odograph.measures import READINGS, TRIMMED

RAW, UNIT, LENS = VIEWS = ("raw", "unit", "lens")
#: The unit view in the other readings of an angle.
READ_UNITS = {reading: f"{UNIT}_{reading}" for reading in READINGS}
#: Words widened to float64 at once: 100 MB at 25 states of width 4096.
_CHUNK = 128


def word_states(
    run: Run, words: Words, view: str, layer: int | None = None
) -> Iterator[tuple[Ints, Floats, Floats]]:
    """The words of a run or twin, part by part: rows [n], shares [n], states [n, layers, width].

    The share is what a word counts in its row. A word of several pieces is the mean of their
    states; it is scaled after that.
    """
    pilot = read_pilot(run.folder) if view in READ_UNITS.values() else None
    stored = kept_states(run, "lens" if view == LENS else "stream", layer)
    for kept, vectors in zip(words.shards, stored, strict=True):
        for start in range(0, int(kept.word.max(initial=-1)) + 1, _CHUNK):
            chosen = np.flatnonzero((kept.word >= start) & (kept.word < start + _CHUNK))
            number, first = np.unique(kept.word[chosen] - start, return_index=True)
            pieces = kept.word[chosen] - start
            states = _of_words(vectors.values[chosen], pieces, len(number))
            if pilot is not None:
                states = _read(states, view, pilot, layer)
            if view == UNIT or pilot is not None:
                states = states / np.linalg.norm(states, axis=-1, keepdims=True)
            yield kept.row[chosen][first], kept.share[chosen][first], states


def _read(states: Floats, view: str, pilot: Pilot, layer: int | None) -> Floats:
    """States [words, layers, width] without outlier coordinates, or about the mean states."""
    if view == READ_UNITS[TRIMMED]:
        states[..., pilot.coordinates] = 0
        return states
    means = pilot.means if layer is None else pilot.means[layer : layer + 1]
    return np.asarray(states - means)


def _of_words(values: Floats32, word: Ints, words: int) -> Floats:
    """The mean over the pieces of each word: [tokens, ...] to [words, ...]."""
    if len(word) == words:
        return values.astype(np.float64)
    summed = np.zeros((words, *values.shape[1:]))
    np.add.at(summed, word, values)
    return summed / np.bincount(word)[:, None, None]


def row_states(run: Run, words: Words, view: str, layer: int) -> Floats:
    """The states of one layer, [rows, width]: the mean over the passages and words of each row."""
    summed = np.zeros((words.rows, int(run.manifest["model"]["width"])))
    for rows, shares, states in word_states(run, words, view, layer):
        np.add.at(summed, rows, shares[:, None] * states[:, 0])
    return summed


def group_paths(run: Run, words: Words, view: str) -> Floats:
    """The mean path of every group, [groups, L+1, width], over its rows: all count the same."""
    width = int(run.manifest["model"]["width"])
    group = np.repeat(np.arange(len(words.groups)), words.sizes)
    paths = np.zeros((len(words.groups), run.blocks + 1, width))
    for rows, shares, states in word_states(run, words, view):
        each = words.weights[rows] * shares
        for number in range(len(paths)):
            own = group[rows] == number
            paths[number] += np.einsum("n,nlw->lw", each[own], states[own])
    return paths
