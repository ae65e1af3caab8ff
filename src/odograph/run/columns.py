"""The columns of the run folder, format 1: names, types, and the metadata that explains them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from odograph.measures import MEASURES, Measure

FORMAT = 1

_TOKEN_COLUMNS: tuple[tuple[str, pa.DataType, str], ...] = (
    ("passage", pa.int64(), "Number of the passage, from 0."),
    ("passage_id", pa.string(), "Name of the passage: file and line, or its own id."),
    ("position", pa.int32(), "Position in what the model reads, from 0; a BOS token counts."),
    ("token_id", pa.int32(), "Id in the model's vocabulary."),
    ("token", pa.string(), "The token's text."),
    ("start", pa.int32(), "First character in the passage, white space stripped."),
    ("end", pa.int32(), "Character after the last one."),
    ("word", pa.int32(), "Number of the word in the passage; null outside words."),
    ("pieces", pa.int32(), "Of how many tokens that word consists; null outside words."),
    ("group", pa.string(), "The target word a target or non-target belongs to; else null."),
    ("role", pa.string(), "target, non-target (the token before it), or other."),
    ("occurrence", pa.int32(), "Which occurrence of a target in the passage; else null."),
    ("sink", pa.bool_(), "Norm above 5 times the layer's median in over half the middle layers."),
)
_EXTRA: dict[str, Measure] = {
    "stream_norm": Measure(
        "stream_norm",
        "model units",
        "state",
        "length of the state",
        "|x_l|",
        "Length of the state before the norm (kept under lens, where norm is that of N(x_l)).",
    ),
    **{
        f"last_{measure}_{convention}": Measure(
            f"last_{measure}_{convention}",
            MEASURES[measure].unit,
            "token",
            MEASURES[measure].label,
            f"{MEASURES[measure].formula} at l = L, last state {last}",
            f"{MEASURES[measure].definition} Last block, convention {convention}.",
        )
        for convention, last in (("stream", "x_L"), ("hf", "N(x_L)"))
        for measure in ("norm", "rotation", "step")
    },
}
#: Every column that holds a measurement.
MEASURED = frozenset([*MEASURES, *_EXTRA])
_PAIR_COLUMNS: tuple[tuple[str, pa.DataType, str], ...] = (
    ("null", pa.string(), "Which null the pair serves."),
    ("layer", pa.int16(), "Layer of the pair (of its first token, for any layer)."),
    ("angle", pa.float32(), "Angle between the two states, in degrees."),
    ("passage", pa.int64(), "Passage of the first token."),
    ("position", pa.int32(), "Position of the first token."),
    ("other_passage", pa.int64(), "Passage of the second token."),
    ("other_position", pa.int32(), "Position of the second token."),
    ("other_layer", pa.int16(), "Layer of the second token's state."),
)


def described(name: str) -> Measure:
    """The record of a measured column."""
    return MEASURES.get(name) or _EXTRA[name]


def tokens_schema(measured: Sequence[str]) -> pa.Schema:
    """The schema of `tokens` with the measured columns given."""
    return _schema(_TOKEN_COLUMNS, measured)


def layers_schema(measured: Sequence[str]) -> pa.Schema:
    """The schema of `layers` with the measured columns given."""
    keys = (
        ("passage", pa.int64(), "Number of the passage, from 0."),
        ("position", pa.int32(), "Position in what the model reads, from 0."),
        (
            "layer",
            pa.int16(),
            "0 is the state entering the first block, l the state after block l.",
        ),
    )
    return _schema(keys, measured)


def pairs_schema() -> pa.Schema:
    """The schema of `pairs`."""
    return _schema(_PAIR_COLUMNS, ())


def _schema(keys: tuple[tuple[str, pa.DataType, str], ...], measured: Sequence[str]) -> pa.Schema:
    fields = [pa.field(n, t, metadata={"definition": d}) for n, t, d in keys]
    for name in measured:
        record = described(name)
        kind = pa.int32() if name == "rank" else pa.float32()
        facts = {
            "unit": record.unit,
            "axis": record.axis,
            "formula": record.formula,
            "definition": record.definition,
        }
        fields.append(pa.field(name, kind, metadata=facts))
    return pa.schema(fields, metadata={"odograph_format": str(FORMAT)})


def table(columns: Mapping[str, Any], schema: pa.Schema) -> pa.Table:
    """A table of the schema; a masked array's masked entries become nulls, NaN stays NaN."""
    arrays = []
    for field in schema:
        values = columns[field.name]
        if isinstance(values, np.ma.MaskedArray):
            mask = np.ma.getmaskarray(values)
            arrays.append(pa.array(values.data, field.type, mask=mask, from_pandas=False))
        else:
            arrays.append(pa.array(values, field.type, from_pandas=False))
    return pa.Table.from_arrays(arrays, schema=schema)
