"""The tables of a shard of which sums are kept, and rows of some tokens alone."""

from collections.abc import Iterable, Mapping, Set

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from odograph.folder.arrays import plain_array, plain_values
from odograph.folder.sums import shard_sums

Flags = NDArray[np.bool_]


def summed_tables(
    tables: Mapping[str, pa.Table], sample: Set[int], *, keep_first: bool
) -> Iterable[tuple[str, pa.Table]]:
    """The sums of a shard, rows of the drawn passages, and rows of targets and drawn pairs.

    What has a row a passage stays as it is.

    Args:
        tables: all that the shard has.
        sample: the passages of which all rows are kept.
        keep_first: whether position 0 counts.
    """
    whole = {name: tables[name] for name in ("passages", "tokens", "layers")}
    tokens, layers = whole["tokens"], whole["layers"]
    paired = _paired(tables["pairs"])
    drawn = {name: _of(table, sample) for name, table in tables.items() if name in _IN_SAMPLE}
    roles = _with_role(tokens)
    chosen = roles | np.isin(_keys(tokens), paired)
    made = {
        **tables,
        **drawn,
        **shard_sums(whole, keep_first=keep_first),
        "chosen_tokens": _filtered(tokens, chosen),
        "chosen_layers": _filtered(layers, np.isin(_keys(layers), _keys(tokens)[roles])),
    }
    return made.items()


#: Tables with a row a token, or with what the tokens are.
_IN_SAMPLE = ("tokens", "layers", "texts")


def _of(table: pa.Table, passages: Set[int]) -> pa.Table:
    own = _column(table, "passage")
    return _filtered(table, np.isin(own, np.fromiter(passages, np.int64, len(passages))))


def _with_role(tokens: pa.Table) -> Flags:
    """Whether each token is a target, the one before it, or its companion."""
    return np.array([role != "other" for role in tokens["role"].to_pylist()], dtype=bool)


def _paired(pairs: pa.Table) -> NDArray[np.int64]:
    """The tokens that take part in a drawn pair."""
    ends = [_keys(pairs), _keys(pairs, "other_passage", "other_position")]
    return np.unique(np.concatenate(ends))


def _keys(
    table: pa.Table, passage: str = "passage", position: str = "position"
) -> NDArray[np.int64]:
    """One number for passage and position of each row."""
    return _column(table, passage) << 32 | _column(table, position)


def _column(table: pa.Table, name: str) -> NDArray[np.int64]:
    return plain_values(table[name].combine_chunks()).astype(np.int64)


def _filtered(table: pa.Table, rows: Flags) -> pa.Table:
    return table.take(plain_array(np.flatnonzero(rows)))
