"""Prints docs/run-folder.md: every column of a run folder, as its schema explains it."""

from collections.abc import Iterator

import pyarrow as pa

from odograph.folder import columns
from odograph.folder.findings_table import findings_schema
from odograph.folder.frames import ASKED
from odograph.folder.histogram_tables import (
    CONTEXT,
    MOST,
    extremes_schema,
    histograms_schema,
    joint_histograms_schema,
)
from odograph.measures import DEGREES, MEASURES, MODEL_UNITS, READINGS, STATE, STEP, TOKEN
from odograph.measures.bins import TOGETHER_BY_LAYER, TOGETHER_ONCE, Bins, EvenBins
from odograph.measures.record import BINS, NATS

HEAD = """\
# The run folder and its columns

Made by `python docs/columns_page.py` from the schemas of the files; do not edit.

`odograph measure` writes a folder. `odograph sql RUN "select ..."` and
`odograph.open(RUN).sql(...)` read its tables; `.table(NAME)`, `.to_pandas(NAME)` and
`.to_polars(NAME)` give a whole one.

| in RUN/ | |
|---|---|
| `manifest.json` | model, revision, versions, options, self-check, what was left out, checksums |
| `tokens/`, `layers/` | Parquet: a row per token; a row per token and layer |
| `pairs/`, `sinks/` | random pairs of tokens; what attention sinks carry |
| `passages/`, `texts/` | a row per passage; its text |
| `words/`, `spans/`, `skips/`, `ablations/`, `lens/`, `vectors/` | when asked for |
| `sums/`, `token_sums/`, `token_counts/`, `histograms/`, `joint_histograms/`, `extremes/`, \
`chosen_tokens/`, `chosen_layers/` | [where sums are kept](#sums-instead-of-rows) |
| `pilot.safetensors`, `moments/` | outlier coordinates and mean states; sums that merge exactly |
| `untrained/`, `shuffled/` | the same for untrained twins, and for the texts in random order |
| `findings.json`, `studies.json` | what the studies found; `findings` is a table, too |
| `tables/`, `figures/` | their numbers and pictures ([tables](tables.md)) |
| `report.html` | all of it on one page |
| `plan.json`, `receipts/` | of [ranks](how-to/large-runs.md): what is measured, and by whom |
| `encoding/`, `units/` | the texts as tokens, and what comes after shards, until it is closed |

`odograph compare BASE RUN` on two runs with the same tokens writes a folder of the same shape:
`layers` and `tokens` hold RUN minus BASE, of derived measures too; `untrained/` holds what two
seeds of the untrained twin differ by. Its `manifest.json` says `"kind": "difference"` and names
both runs; a comparison of other runs (`"kind": "comparison"`) holds findings, tables and figures
alone.

## Sums instead of rows

Under `--keep sums`, or where `--keep auto` finds that rows would be too many
([large runs](how-to/large-runs.md#sums-instead-of-rows)), `tokens`, `layers` and `texts` hold whole
documents that are drawn by hash. Of all texts there are

- `sums`: a row per passage, layer and set of tokens (`tokens`: `all` usable ones, those `after` a
  usable one 1, 2, 4, 8 places before, `between` two, `other pairs` of neighbours than a target's).
  `n` tokens; for each measure NAME its sum, and in `NAME_n` how many numbers are in it.
- `token_sums`: the same of what is there once a token, a row per passage.
- `token_counts`: how often each `token_id` occurs.
- `histograms`: of every stored measure, layer by layer or once a token, how many usable tokens lie
  in each of its bins. Bins are the same in every run: {bins}.
- `joint_histograms`: the same of two measures of a token: {once} in these bins; at every layer
  {by_layer} in bins four times as wide.
- `extremes`: of every stored measure and layer the {most} usable tokens with the largest and the
  {most} with the smallest value, `place` by place, with {context} tokens before and after; of equal
  values that of the earlier token comes first.
- `chosen_tokens`, `chosen_layers`: the rows of targets, the tokens before them and companions, as
  in `tokens` and `layers`; of `chosen_tokens` also those of the drawn `pairs`.

Every shard writes its own of each; on reading counts are added and extremes compared, so that they
are the same whatever the shards and processes. The part of all tokens that turn less than 10
degrees in block 3:

    odograph sql RUN "select sum(tokens) filter (where high <= 10) / sum(tokens) from histograms
                      where measure = 'rotation' and layer = 3"

In every file the metadata of a column say its unit and definition, so that
`pyarrow.parquet.read_schema(FILE).field("rotation").metadata` explains it where it lies.

What follows from stored columns is there on reading: in `layers` {derived}; in
`tokens` `document`, `word_text` (of the word that the token belongs to) and `straightness`
([formulas](measures.md)).
"""


def page() -> str:
    """The page as Markdown."""
    return "\n\n".join([_head(), *(_section(n, s) for n, s in schemas())]) + "\n"


def schemas() -> Iterator[tuple[str, pa.Schema]]:
    """Every table of a run with all the columns that it can have."""
    readings = list(READINGS)
    stored = [measure for measure in MEASURES.values() if measure.stored]
    elsewhere = set(columns.lens_schema().names)
    by_layer = [m.name for m in stored if m.axis in (STATE, STEP) and m.name not in elsewhere]
    by_token = [m.name for m in stored if m.axis == TOKEN and m.name not in elsewhere]
    yield "layers", columns.layers_schema(by_layer)
    yield "tokens", columns.tokens_schema(by_token, tagged=True)
    yield "passages", columns.passages_schema()
    yield "texts", columns.texts_schema()
    yield "pairs", columns.pairs_schema(readings)
    yield "sinks", columns.sinks_schema()
    yield "words", columns.words_schema()
    yield "spans", columns.spans_schema(readings)
    yield "skips", columns.skips_schema()
    yield "ablations", columns.ablations_schema()
    yield "undone_turns", columns.undone_turns_schema()
    yield "lens", columns.lens_schema()
    yield "histograms", histograms_schema()
    yield "joint_histograms", joint_histograms_schema()
    yield "extremes", extremes_schema()
    yield "findings", findings_schema()


def _head() -> str:
    once, by_layer = (
        ", ".join(f"`{x}` and `{y}`" for x, y in pairs)
        for pairs in (TOGETHER_ONCE, TOGETHER_BY_LAYER)
    )
    return HEAD.format(
        derived=_derived(), bins=_bins(), once=once, by_layer=by_layer, most=MOST, context=CONTEXT
    ).strip()


def _bins() -> str:
    """The bins of all measures: those of the units, and those of single measures."""
    measures = [m for m in MEASURES.values() if m.stored and m.axis in (STATE, STEP, TOKEN)]
    own: dict[str, list[str]] = {}
    for measure in measures:
        if measure.own_bins is not None:
            own.setdefault(_of(measure.own_bins), []).append(f"`{measure.name}`")
    units = {DEGREES: "degrees", NATS: "nats", MODEL_UNITS: "lengths and all others"}
    usual = [f"{_of(BINS[unit])} for {words}" for unit, words in units.items()]
    return "; ".join([*(f"{of} for {', '.join(names)}" for of, names in own.items()), *usual])


def _of(bins: Bins) -> str:
    if isinstance(bins, EvenBins):
        return f"{bins.width:g} wide from {bins.low:g} to {bins.high:g}"
    return "16 of one width from each power of two to the next (3 to 6 %)"


def _derived() -> str:
    return ", ".join(f"`{m.name}`" for m in MEASURES.values() if m.axis == STEP and m.sql)


def _section(name: str, schema: pa.Schema) -> str:
    asked = f"\n\nThere with `{ASKED[name]}`." if ASKED.get(name, "").startswith("--") else ""
    rows = "\n".join(_row(field) for field in schema)
    return f"## {name}{asked}\n\n| column | type | unit | holds |\n|---|---|---|---|\n{rows}"


def _row(field: pa.Field) -> str:
    facts = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
    holds = facts["definition"].replace("|", "\\|")
    return f"| `{field.name}` | {field.type} | {facts.get('unit', '')} | {holds} |"


if __name__ == "__main__":
    print(page(), end="")
