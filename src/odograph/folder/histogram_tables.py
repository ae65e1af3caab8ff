"""Tables that every shard adds to where sums are kept: histograms, and the tokens at either end."""

from functools import cache

import pyarrow as pa

from odograph.folder.columns import schema_of

HISTOGRAMS, JOINT_HISTOGRAMS, EXTREMES = "histograms", "joint_histograms", "extremes"
#: Tokens kept at either end of a measure; and before and after each of them, for its context.
MOST, CONTEXT = 5, 8
LARGEST, SMALLEST = "largest", "smallest"

_LAYER = ("layer", pa.int16(), "Its layer; null for what is there once a token.")
_TOKENS = ("tokens", pa.int64(), "Usable tokens in it.")
_BEYOND = "the outermost bins of a measure hold what lies beyond as well."


@cache
def histograms_schema() -> pa.Schema:
    """The schema of `histograms`: usable tokens of all texts in each bin of each measure."""
    return schema_of(
        (
            ("measure", pa.string(), "Column of `layers` or `tokens`."),
            _LAYER,
            ("low", pa.float32(), "Where the bin begins, which it holds."),
            ("high", pa.float32(), f"Where it ends; {_BEYOND}"),
            _TOKENS,
        )
    )


@cache
def joint_histograms_schema() -> pa.Schema:
    """The schema of `joint_histograms`: the same of two measures of a token."""
    return schema_of(
        (
            ("x", pa.string(), "The one measure."),
            ("y", pa.string(), "The other."),
            ("layer", pa.int16(), "Their layer; null where both are there once a token."),
            ("x_low", pa.float32(), "Where the cell begins in x, which it holds."),
            ("x_high", pa.float32(), f"Where it ends; {_BEYOND}"),
            ("y_low", pa.float32(), "Where the cell begins in y."),
            ("y_high", pa.float32(), "Where it ends."),
            _TOKENS,
        )
    )


@cache
def extremes_schema() -> pa.Schema:
    """The schema of `extremes`: the usable tokens with the largest and smallest values."""
    return schema_of(
        (
            ("measure", pa.string(), "Column of `layers` or `tokens`."),
            _LAYER,
            ("side", pa.string(), f"{LARGEST} or {SMALLEST}."),
            ("value", pa.float32(), "Its value there."),
            ("passage", pa.int64(), "Number of the passage, from 0."),
            ("position", pa.int32(), "Position in what the model reads, from 0."),
            ("token", pa.string(), "The token's text; null where no texts are kept."),
            ("before", pa.string(), f"The {CONTEXT} tokens before it, or as many as there are."),
            ("after", pa.string(), f"The {CONTEXT} tokens after it, or as many as there are."),
        )
    )


_KEYS = "measure, layer, low, high"
_CELLS = "x, y, layer, x_low, x_high, y_low, y_high"
#: The queries that make one table of those of all shards.
OF_ALL_SHARDS = {
    HISTOGRAMS: f"select {_KEYS}, sum(tokens)::bigint as tokens"
    f" from stored_{HISTOGRAMS} group by {_KEYS}",
    JOINT_HISTOGRAMS: f"select {_CELLS}, sum(tokens)::bigint as tokens"
    f" from stored_{JOINT_HISTOGRAMS} group by {_CELLS}",
    EXTREMES: "select measure, layer, side, row_number() over of_a_side as place,"
    f" value, passage, position, token, before, after from stored_{EXTREMES}"
    " window of_a_side as (partition by measure, layer, side order by"
    f" if(side = '{LARGEST}', -value, value), passage, position) qualify place <= {MOST}",
}
