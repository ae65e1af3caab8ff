"""The views of a run folder in DuckDB: stored columns and what is derived of them, read-only."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from odograph.folder.connection import locked, view_of_files
from odograph.folder.halves import Halving, halve
from odograph.folder.histogram_tables import OF_ALL_SHARDS
from odograph.folder.token_sets import PLAIN_TOKENS
from odograph.measures import MEASURES, READINGS, STEP, UNDONE_TURNS

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


#: Tables of a run, as they are stored; what is derived of them is a view.
STORED = (
    *("passages", "layers", "tokens", "pairs", "spans", "skips", "words", "sinks"),
    *("ablations", "undone_turns", "lens", "texts"),
    *("sums", "token_sums", "token_counts", "chosen_tokens", "chosen_layers"),
    *OF_ALL_SHARDS,
)
#: What odograph calls its tables; a file of any other name is a stranger's and is not read.
TABLE_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True)
class Files:
    """The Parquet files that a database may read.

    Attributes:
        stored: those of each table of the run.
        model_tokens: of an untrained twin, those of `tokens` of its model, whose sinks it takes
            over; none of any other run.
        studies: the studies' tables by name.
    """

    stored: Mapping[str, Sequence[Path]]
    model_tokens: Sequence[Path]
    studies: Mapping[str, Path]

    def all(self) -> list[Path]:
        """All of them."""
        stored = [path for files in self.stored.values() for path in files]
        return [*stored, *self.model_tokens, *self.studies.values()]


#: Tables that are read as they are stored, or the half of them that is seen.
_AS_STORED = (
    *("passages", "pairs", "skips", "words", "sinks"),
    *("ablations", "undone_turns", "lens", "texts", "chosen_tokens", "chosen_layers"),
)


def connect(
    files: Files, endings: str = "", halving: Halving | None = None
) -> "duckdb.DuckDBPyConnection":
    """A database in memory with one view per table, which can read these files and nothing else.

    Args:
        files: what it may read.
        endings: regular expression of what windows and variants add to the id of their passage, of
            which they make one `document`, in a run without `passages`; "" where each is one.
        halving: `tokens` then has a column `half`, and all tables but `words` hold only the
            passages of the half that is seen.
    """
    connection = locked(files.all())
    for table, parts in files.stored.items():
        view_of_files(connection, f"stored_{table}", parts)
    view_of_files(connection, "model_tokens", files.model_tokens)
    there = {table for table, parts in files.stored.items() if parts}
    _add_views(connection, there, endings, halving, twin=bool(files.model_tokens))
    _add_tables(connection, files.studies)
    return connection


def connect_tables(tables: "Mapping[str, pa.Table]") -> "duckdb.DuckDBPyConnection":
    """A database of tables in memory, with the views of a run that had them on disk."""
    connection = locked([])
    for name, table in tables.items():
        connection.register(f"stored_{name}", table)
    _add_views(connection, set(tables), "", None, twin=False)
    return connection


def _add_views(
    connection: "duckdb.DuckDBPyConnection",
    there: set[str],
    endings: str,
    halving: Halving | None,
    *,
    twin: bool,
) -> None:
    """A view for each table that is there under its `stored_` name, with what is derived of it."""
    seen = ""
    if "tokens" in there:
        document = _NAMED_DOCUMENT if "passages" in there else _document(endings)
        _view_of_tokens(connection, there, document, halving, twin=twin)
        seen = _SEEN if halving is not None and halving.seen else ""
        connection.execute(_COUNTS_KEPT if "token_counts" in there else _COUNTS)
    if "layers" in there:
        layers = _layers_view(_columns(connection, "stored_layers"), "undone_turns" in there)
        connection.execute(layers + seen)
    for table in _AS_STORED:
        if table in there:
            own = "" if table in ("words", "sinks") else seen
            connection.execute(f"create view {table} as select * from stored_{table}{own}")
    for table in {"sums", "token_sums"} & there:
        columns = "t.*, d.first as document"
        kept = f"select {columns} from stored_{table} t{_DOCUMENTS}"
        connection.execute(f"create view {table} as {kept}{seen}")
    for table in OF_ALL_SHARDS.keys() & there if not seen else ():  # counted without passages
        connection.execute(f"create view {table} as {OF_ALL_SHARDS[table]}")
    if "spans" in there:
        connection.execute(_spans_view(_columns(connection, "stored_spans")) + seen)


#: How often each token of the vocabulary occurs, in all texts or in the half that is seen.
_COUNTS = (
    "create view token_counts as select token_id, count(*) as tokens"
    f" from {PLAIN_TOKENS} group by all"
)
_COUNTS_KEPT = (
    "create view token_counts as select token_id, sum(tokens)::bigint as tokens"
    " from stored_token_counts group by all"
)


def _view_of_tokens(
    connection: "duckdb.DuckDBPyConnection",
    there: set[str],
    document: str,
    halving: Halving | None,
    *,
    twin: bool,
) -> None:
    """The view `plain_tokens`, with the document of each passage, and of a halved run its halves.

    `tokens` is the same with what follows from other rows.
    """
    columns = _columns(connection, "stored_tokens")
    name = f"whole_{PLAIN_TOKENS}" if halving else PLAIN_TOKENS
    joins = [_OF_MODEL] if twin else []
    joins += [_DOCUMENTS] if document == _NAMED_DOCUMENT else []
    connection.execute(_plain_tokens_view(name, joins, document))
    if halving is not None:
        lemmas = halving.lemmas and "lemma" in columns
        source = f"({_OF_THE_MODEL})" if twin and "passages" in there else name
        source = f"({_OF_PASSAGES})" if halving.of_passages else source
        halve(connection, halving, lemmas=lemmas, source=source)
    connection.execute(_tokens_view(columns, lens="lens" in there))


_SEEN = " where passage in (select passage from seen_passages)"


def _columns(connection: "duckdb.DuckDBPyConnection", view: str) -> set[str]:
    described = connection.execute(f"select * from {view} limit 0").description
    return {name for name, *_ in described or ()}


def _add_tables(connection: "duckdb.DuckDBPyConnection", tables: Mapping[str, Path]) -> None:
    connection.execute("create schema tables")
    for name, path in tables.items():
        stored = f"stored_table_{name}"
        view_of_files(connection, stored, [path])
        connection.execute(
            f"create view tables.{quoted_name(name)} as select * from {quoted_name(stored)}"
        )
    listed = ", ".join(f"({quoted_text(name)})" for name in tables) or "(null)"
    connection.execute(
        f"create view tables as select * from (values {listed}) as t(name) where name is not null"
    )


def _layers_view(stored: set[str], worth: bool) -> str:
    """All stored columns, then every derived measure whose ingredients are there.

    What is stored is not derived: a difference of two runs holds differences of derived measures.

    worth: whether `undone_turns` is; read by those alone who ask for what a turn is worth.
    """
    derived = [
        f"({m.sql})::float as {m.name}"
        for m in MEASURES.values()
        if m.axis == STEP and m.sql and m.name not in stored and stored.issuperset(m.needs)
        if worth or m.name not in UNDONE_TURNS
    ]
    keys = [c for c in ("passage", "position", "layer") if c in stored]
    measured = [n for n in [*MEASURES, "stream_norm"] if n in stored]
    return (
        f"create view layers as select {', '.join([*keys, *measured, *derived])} "
        f"from stored_layers{_WORTH if worth else ''}"
    )


def _spans_view(stored: set[str]) -> str:
    """All stored columns, then the angles as distances, in all readings that are there."""
    names = {"angle": "block_distance", "last_angle": "last_block_distance"}
    names |= {f"angle_{reading}": f"block_distance_{reading}" for reading in READINGS}
    distances = [f"({a} / 180)::float as {name}" for a, name in names.items() if a in stored]
    return f"create view spans as select *, {', '.join(distances)} from stored_spans"


_OF_MODEL = " join (select passage, position, sink from model_tokens) m using (passage, position)"
_WORTH = (
    " left join (select passage, position, block as layer, any_value(loss_change) as loss_change"
    " from stored_undone_turns group by passage, position, block) u"
    " using (passage, position, layer)"
)
_LENGTHS = (
    " left join (select passage, position, sum(step::double) as last_path from stored_layers"
    " group by all) e using (passage, position)"
)
_DEPTHS = (
    " left join (select passage, position, any_value(commitment_depth) as commitment_depth"
    " from stored_lens group by passage, position) c using (passage, position)"
)
#: The number of a document is that of its first passage; a twin has the documents of its model.
_NAMED_DOCUMENT = "d.first"
_DOCUMENTS = (
    " join (select passage, min(passage) over (partition by document) as first"
    " from stored_passages) d using (passage)"
)


#: The tokens of a twin's model with their documents, of which the twin may have read some only.
_OF_THE_MODEL = f"select t.*, {_NAMED_DOCUMENT} as document from model_tokens t{_DOCUMENTS}"


#: All passages, of which a run that keeps sums has rows of some only.
_OF_PASSAGES = f"select t.passage, {_NAMED_DOCUMENT} as document from stored_passages t{_DOCUMENTS}"


def _document(endings: str) -> str:
    """The document of a token in a run from before documents had names."""
    if not endings:
        return "t.passage"
    return f"min(t.passage) over (partition by regexp_replace(t.passage_id, '{endings}', ''))"


#: A word as its tokens spell it; null outside words, and where no texts were kept.
_WORD_TEXT = (
    "case when word is not null then trim(string_agg(token, '') over (partition by passage,"
    " word order by position rows between unbounded preceding and unbounded following)) end"
    " as word_text"
)


def _plain_tokens_view(name: str, joins: Sequence[str], document: str) -> str:
    """All stored columns, a twin's sinks being those of its model, and the document."""
    columns = "t.* replace (m.sink as sink)" if _OF_MODEL in joins else "t.*"
    return (
        f"create view {name} as select {columns}, {document} as document "
        f"from stored_tokens t{''.join(joins)}"
    )


def _tokens_view(stored: set[str], *, lens: bool) -> str:
    """The plain tokens, text of the word, and what follows from other tables there are.

    DuckDB computes all of it for most queries that ask for none: the words again, and sums over all
    layers. So what averages over all tokens reads `plain_tokens`.
    """
    joins, derived = "", []
    if lens:
        joins += _DEPTHS
        derived.append(", c.commitment_depth")
    if "displacement" in stored and "straightness" not in stored:
        joins += _LENGTHS
        derived.append(f", ({MEASURES['straightness'].sql})::float as straightness")
    return (
        f"create view tokens as select t.*{''.join(derived)} "
        f"from (select *, {_WORD_TEXT} from {PLAIN_TOKENS}) t{joins}"
    )


def quoted_name(name: str) -> str:
    """The name of a column as SQL takes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def quoted_text(text: str) -> str:
    """A text as SQL takes it, whatever is in it."""
    return "'" + text.replace("'", "''") + "'"
