"""The columns of the run folder, format 1: names, types, and the metadata that explains them."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from odograph.corpus.likeness import MIN_HASHES
from odograph.folder.arrays import plain_array
from odograph.measures import ABLATED, LENSED, MEASURES, Measure

FORMAT = 1

#: Where the files of the whole run lie, which belong to no shard.
OF_THE_RUN = ("skips", "ablations", "undone_turns", "lens")
#: What the manifest calls those that are written in parts, each with a checksum of its own.
IN_PARTS = ("ablations", "lens")
#: Where the files of shards lie.
FOLDERS = (
    *("passages", "tokens", "layers", "pairs", "moments"),
    *("spans", "vectors", "words", "sinks", "texts"),
    *("sums", "token_sums", "token_counts", "chosen_tokens", "chosen_layers"),
    *("histograms", "joint_histograms", "extremes"),
)

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
    (
        "group",
        pa.string(),
        "The target of a target or non-target; what marks a companion; else null.",
    ),
    ("role", pa.string(), "target, non-target (the token before it), companion, or other."),
    (
        "occurrence",
        pa.int32(),
        "Which occurrence of a target or companion in the passage; else null.",
    ),
    ("sink", pa.bool_(), "Norm above 5 times the layer's median in over half the middle layers."),
)
PASSAGE_COLUMNS: tuple[tuple[str, pa.DataType, str], ...] = (
    ("passage", pa.int64(), "Number of the passage, from 0."),
    ("passage_id", pa.string(), "Name of the passage: file and line, or its own id."),
    (
        "document",
        pa.string(),
        "Name of its document, the unit of statistics: one for windows, variants, copies and "
        "near-copies of a text, and for what a file calls one document.",
    ),
    ("tokens", pa.int32(), "Tokens that the model reads of it."),
    ("hash", pa.string(), "Equal where texts are but for upper case and white space."),
    ("text_digest", pa.string(), "Equal where texts are the very same: by it runs are compared."),
    (
        "min_hash",
        pa.list_(pa.uint32(), MIN_HASHES),
        "Equal in as large a share of its numbers as word trigrams of two texts are (Jaccard).",
    ),
)
_TAG_COLUMNS: tuple[tuple[str, pa.DataType, str], ...] = (
    ("tag", pa.string(), "Part of speech of the token's word; null outside words."),
    ("lemma", pa.string(), "Lemma of the token's word; null outside words."),
)
_WORD_COLUMNS: tuple[tuple[str, pa.DataType, str], ...] = (
    ("passage", pa.int64(), "Number of the passage in which the word was measured; else null."),
    ("text_id", pa.string(), "Id of the text the word stands in."),
    ("word", pa.int32(), "Number of the word in its text, from 0."),
    ("start", pa.int32(), "First character in the text."),
    ("end", pa.int32(), "Character after the last one."),
    ("text", pa.string(), "The word as it is written."),
    ("tag", pa.string(), "Part of speech."),
    ("lemma", pa.string(), "Lemma."),
    ("pieces", pa.int32(), "Of how many tokens the word consists."),
    (
        "status",
        pa.string(),
        "whole (one token), split (several), crossed (by a token that covers other characters "
        "too), uncovered (by no token), or cut (beyond what was read).",
    ),
    ("position", pa.int32(), "Position of its last token in the passage; null if not measured."),
    ("text_position", pa.int32(), "Position of its last token in the text."),
    ("frequency", pa.int32(), "How often the form occurs, in lower case."),
    ("left_out", pa.string(), "Why a word of a wanted group was not drawn; else null."),
)
_TEXT_COLUMNS: tuple[tuple[str, pa.DataType, str], ...] = (
    ("passage", pa.int64(), "Number of the passage, from 0."),
    ("start", pa.int32(), "Where in the passage the first character of `text` stands."),
    ("text", pa.string(), "What the tokens cover of the passage, with all between them."),
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
_READ_ANGLES: dict[str, tuple[pa.DataType, str]] = {
    "angle_trimmed": (pa.float32(), "The same angle without the run's outlier coordinates."),
    "angle_centred": (pa.float32(), "The same angle with the layer's mean state taken away."),
}
_SPAN_COLUMNS: tuple[tuple[str, pa.DataType, str], ...] = (
    ("passage", pa.int64(), "Number of the passage, from 0."),
    ("layer", pa.int16(), "State l in which the run of blocks begins: its first block is l + 1."),
    ("blocks", pa.int16(), "Number n of blocks in the run."),
    ("angle", pa.float32(), "Mean angle between x_l and x_{l+n} over the tokens, in degrees."),
    ("last_angle", pa.float32(), "That angle at the passage's last token, in degrees."),
    ("tokens", pa.int32(), "Tokens in the mean: those whose angle is a number."),
)
_SKIP_COLUMNS: tuple[tuple[str, pa.DataType, str], ...] = (
    ("first", pa.int16(), "First block that was skipped, from 1; 0 where none was."),
    ("blocks", pa.int16(), "How many neighbouring blocks were skipped."),
    ("passage", pa.int64(), "Number of the passage, from 0."),
    ("loss", pa.float32(), "Mean of -log p over the tokens that really follow, in nats a token."),
    ("tokens", pa.int32(), "Tokens in the mean."),
)
_ABLATION_COLUMNS: tuple[tuple[str, pa.DataType, str], ...] = (
    ("passage", pa.int64(), "Number of the passage, from 0."),
    ("block", pa.int16(), "The one block in which something was undone, from 1."),
    ("undone", pa.string(), "What was undone: turn, growth, attention, mlp, or the whole block."),
    (
        "effect_on",
        pa.string(),
        "Whose predictions are compared: all tokens; where it was undone at targets alone, targets "
        "(what each predicts itself) or behind (tokens after the first of them).",
    ),
    ("tokens", pa.int32(), "Tokens in the means: those that a token follows, sinks left out."),
    ("loss", pa.float32(), "Their mean next-token loss in the intact model, nats a token."),
    (
        "zero_vectors",
        pa.int32(),
        "Tokens at which a state is zero, so that turn and growth were left as they were.",
    ),
)
_UNDONE_TURN_COLUMNS: tuple[tuple[str, pa.DataType, str], ...] = (
    ("passage", pa.int64(), "Number of the passage, from 0."),
    ("position", pa.int32(), "Position in what the model reads, from 0."),
    ("block", pa.int16(), "The block whose turn was undone, at this token and the others."),
)
_LENS_COLUMNS: tuple[tuple[str, pa.DataType, str], ...] = (
    ("passage", pa.int64(), "Number of the passage, from 0."),
    ("position", pa.int32(), "Position in what the model reads, from 0."),
    ("layer", pa.int16(), "Depth l at which the prediction is read: the state after block l."),
)
#: Measures that are whole numbers.
_WHOLE = frozenset({"rank", "lens_rank", "choice_rank", "commitment_depth"})

_SINK_COLUMNS: tuple[tuple[str, pa.DataType, str], ...] = (
    ("place", pa.string(), "position 0, later, or passing (a sink in some layers only)."),
    ("block", pa.int16(), "Block l, from 1."),
    ("tokens", pa.int32(), "Sinks of that place in the means: the first ones of the pilot."),
    ("norm_before", pa.float32(), "Length of the state that enters the block, before any norm."),
    ("norm", pa.float32(), "Length of the state that leaves it."),
    ("growth", pa.float32(), "Their difference: what the block writes, below 0 takes away."),
    ("attention_step", pa.float32(), "Length of what attention adds; NaN where not told apart."),
    ("mlp_step", pa.float32(), "Length of what the MLP adds; NaN where not told apart."),
    ("attention_growth", pa.float32(), "Attention's part of the growth; NaN as above."),
    ("mlp_growth", pa.float32(), "The MLP's part of the growth; the two add up to it."),
    ("coordinate", pa.int32(), "Coordinate that holds most of the squared length after the block."),
    ("share", pa.float32(), "What it holds of it, on the mean."),
)


def described(name: str) -> Measure:
    """The record of a measured column."""
    return MEASURES.get(name) or _EXTRA[name]


def tokens_schema(measured: Sequence[str], *, tagged: bool = False) -> pa.Schema:
    """The schema of `tokens` with the measured columns given, and with tags where there are."""
    return schema_of((*_TOKEN_COLUMNS, *(_TAG_COLUMNS if tagged else ())), measured)


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
    return schema_of(keys, measured)


def passages_schema(kept: Sequence[str] = ()) -> pa.Schema:
    """The schema of `passages`, with the columns of the texts that are kept."""
    own = tuple((name, pa.string(), "Column of the texts, kept.") for name in kept)
    return schema_of((*PASSAGE_COLUMNS, *own), ())


def pairs_schema(readings: Sequence[str] = ()) -> pa.Schema:
    """The schema of `pairs`, with the angle in some readings (`trimmed`, `centred`)."""
    return schema_of((*_PAIR_COLUMNS, *_read_angles(readings)), ())


def texts_schema() -> pa.Schema:
    """The schema of `texts`: what the tokens of each passage cover of it."""
    return schema_of(_TEXT_COLUMNS, ())


def words_schema() -> pa.Schema:
    """The schema of `words`: the tagged words and what became of them."""
    return schema_of(_WORD_COLUMNS, ())


def spans_schema(readings: Sequence[str] = ()) -> pa.Schema:
    """The schema of `spans`: how far every run of blocks turns the state, also in readings."""
    return schema_of((*_SPAN_COLUMNS, *_read_angles(readings)), ())


def _read_angles(readings: Sequence[str]) -> tuple[tuple[str, pa.DataType, str], ...]:
    names = [f"angle_{reading}" for reading in readings]
    return tuple((name, *_READ_ANGLES[name]) for name in names)


def sinks_schema() -> pa.Schema:
    """The schema of `sinks`: in which block what sinks carry is written and taken away."""
    return schema_of(_SINK_COLUMNS, ())


def skips_schema() -> pa.Schema:
    """The schema of `skips`: the loss with blocks skipped."""
    return schema_of(_SKIP_COLUMNS, ())


def ablations_schema() -> pa.Schema:
    """The schema of `ablations`: what undoing something in one block does to the prediction."""
    return schema_of(_ABLATION_COLUMNS, ABLATED)


def undone_turns_schema() -> pa.Schema:
    """The schema of `undone_turns`: the same for the turn, token by token."""
    return schema_of(_UNDONE_TURN_COLUMNS, ABLATED)


def lens_schema() -> pa.Schema:
    """The schema of `lens`: the prediction of some tokens, read at every depth."""
    return schema_of(_LENS_COLUMNS, LENSED)


def schema_of(
    keys: tuple[tuple[str, pa.DataType, str], ...], measured: Sequence[str] = ()
) -> pa.Schema:
    """The schema of key columns, explained, and the measured columns given."""
    fields = [pa.field(n, t, metadata={"definition": d}) for n, t, d in keys]
    for name in measured:
        record = described(name)
        kind = pa.int32() if name in _WHOLE else pa.float32()
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
    arrays = [plain_array(columns[field.name]).cast(field.type) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)
