"""Flagging attention sinks, once all shards are written: the medians are those of the whole run.

Files are read in parts, so that memory does not grow with the tokens measured.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
from numpy.typing import NDArray

from odograph.folder.arrays import plain_array, plain_values
from odograph.folder.writer import write_parquet

FACTOR = 5.0
#: Rows of `layers` that are in memory at once.
_ROWS = 65_536
#: How many bits of a norm are told apart in one pass over the files; three passes make 32.
_DIGIT = 11
_SHIFTS = (22, 11, 0)

Values = NDArray[Any]


def flag_sinks(folder: Path, blocks: int) -> int:
    """Sets `sink` in every file of `tokens`; gives how many tokens beyond position 0 it flags.

    A sink's state is more than 5 times as long as the layer's median token in more than half of the
    middle layers (from a quarter to three quarters of the depth). Position 0 has no part in the
    medians.
    """
    middle = range(blocks // 4, blocks - blocks // 4 + 1)
    files = sorted((folder / "layers").glob("part-*.parquet"))
    limits = (FACTOR * _medians(files, middle).astype(np.float64)).astype(np.float32)
    return sum(_set_sinks(file, limits, middle) for file in files)


def _set_sinks(file: Path, limits: Values, layers: range) -> int:
    """Sets `sink` in the tokens of one file; a file in which it is right is not written anew."""
    sink = _sinks(file, limits, layers)
    path = file.parents[1] / "tokens" / file.name
    with parquet.ParquetFile(path) as opened:
        table = opened.read(columns=["position", "sink"], use_threads=False)
    position, known = (plain_values(column.combine_chunks()) for column in table.columns)
    if (sink != known).any():
        table = parquet.read_table(path, use_threads=False)
        column = table.schema.get_field_index("sink")
        flags = plain_array(sink)
        write_parquet(table.set_column(column, table.schema.field(column), flags), path)
        del table
        pa.default_memory_pool().release_unused()
    return int((sink & (position > 0)).sum())


def first_rows(folder: Path) -> int:
    """How many rows of `tokens` are at position 0."""
    return sum(
        int((position == 0).sum())
        for file in (folder / "tokens").glob("part-*.parquet")
        for (position,) in _parts(file, ["position"])
    )


def _parts(file: Path, columns: Sequence[str]) -> Iterator[tuple[Values, ...]]:
    """The columns of a file, some rows at a time."""
    with parquet.ParquetFile(file) as opened:
        for batch in opened.iter_batches(_ROWS, columns=list(columns), use_threads=False):
            yield tuple(plain_values(batch[name]) for name in columns)


def _norms(file: Path, layers: range) -> Iterator[tuple[Values, Values, Values]]:
    """Layer, position and raw norm of the rows of a file at some layers, counted from the first."""
    names = parquet.read_schema(file).names
    norm = "stream_norm" if "stream_norm" in names else "norm"
    for columns in _parts(file, ["layer", "position", norm]):
        chosen = (columns[0] >= layers.start) & (columns[0] < layers.stop)
        layer, position, values = (column[chosen] for column in columns)
        yield layer - layers.start, position, values


def _medians(files: Sequence[Path], layers: range) -> Values:
    """The median norm at each layer, to the last bit; infinite where there is no number.

    The bits of a number that is not below 0, read as an integer, are in the order of the numbers.
    Both values in the middle are therefore found digit by digit, from counts of the digits.
    """
    found = np.zeros((len(layers), 2), np.int64)
    rank = found
    for shift in _SHIFTS:
        counts = _counts(files, layers, found, shift)
        if shift == _SHIFTS[0]:
            numbers = counts[:, 0].sum(axis=1)
            rank = np.stack([(numbers - 1) // 2, numbers // 2], axis=1)
        ends = counts.cumsum(axis=2)
        digit = np.minimum((ends <= rank[..., None]).sum(axis=2), 2**_DIGIT - 1)
        rank = rank - np.take_along_axis(ends - counts, digit[..., None], axis=2)[..., 0]
        found = found << _DIGIT | digit
    medians = np.median(found.astype(np.uint32).view(np.float32), axis=1)
    return np.where(numbers > 0, medians, np.float32(np.inf))


def _counts(files: Sequence[Path], layers: range, found: Values, shift: int) -> Values:
    """How often each digit occurs among the norms of each layer that begin with the digits found.

    Args:
        files: of `layers`.
        layers: whose norms are counted, but for NaN and for position 0.
        found: the digits before, [layers, 2].
        shift: bits after the digit.

    Returns:
        Counts, [layers, 2, digits].
    """
    counts = np.zeros((*found.shape, 2**_DIGIT), np.int64)
    for layer, position, norm in (part for file in files for part in _norms(file, layers)):
        chosen = (position > 0) & ~np.isnan(norm)
        at, bits = layer[chosen].astype(np.int64), norm[chosen].view(np.uint32).astype(np.int64)
        place = at << _DIGIT | bits >> shift & (2**_DIGIT - 1)
        for which in range(2):
            same = bits >> (shift + _DIGIT) == found[at, which]
            counts[:, which] += np.bincount(place[same], minlength=counts[:, which].size).reshape(
                len(layers), -1
            )
    return counts


def _sinks(file: Path, limits: Values, layers: range) -> Values:
    """Whether each token of a file is longer than the limit in more than half of the layers.

    The rows of a token stand together in `layers`, in the order of the layers.
    """
    long = np.concatenate([norm > limits[layer] for layer, _, norm in _norms(file, layers)])
    sinks: Values = long.reshape(-1, len(layers)).sum(axis=1) > len(layers) / 2
    return sinks
