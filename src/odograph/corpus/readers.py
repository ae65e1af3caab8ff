"""Passages from files, standard input and the bundled texts."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from odograph.corpus.conllu import join_sentences, read_sentence, split_documents, split_sentences
from odograph.corpus.look_alikes import quoted
from odograph.corpus.parquet_tables import parquet_rows
from odograph.corpus.passages import Passage, Passages, PlainPassages, one_by_one
from odograph.corpus.places import without_marks
from odograph.corpus.rows import Columns, Row
from odograph.corpus.separated import separated_rows
from odograph.corpus.sorting import Read, Sorting, with_unique_ids
from odograph.corpus.source_checks import check_options, check_sources
from odograph.corpus.sources import (
    CONLLU,
    PassageError,
    Source,
    decode,
    lines_of,
    one_line_ending,
    open_source,
    split_lines,
)
from odograph.corpus.stored_texts import fingerprint_of
from odograph.corpus.tables import json_rows


@dataclass(frozen=True, slots=True)
class Skipped:
    """A passage that could not be used: where it is, and why."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known of texts without holding them: see `Reading`."""

    fingerprint: str = ""
    skipped: tuple[Skipped, ...] = ()
    tagger: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """The passages of some sources, what was skipped among them, and what tagged their words.

    `notes` say what was found out about the sources and not asked for.
    """

    passages: Sequence[Passage]
    skipped: tuple[Skipped, ...] = ()
    tagger: str = ""
    notes: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """sha256 over ids and texts of the passages, and over tagged words."""
        return fingerprint_of(self.passages, tagged=bool(self.tagger))

    @property
    def origin(self) -> Origin:
        """What is kept when the passages are tokens."""
        return Origin(self.fingerprint, self.skipped, self.tagger, self.notes)


#: Holds passages as they come: a tuple, or a temporary file.
Keep: TypeAlias = Callable[[Passages], Sequence[Passage]]
_TABLES: dict[str, Callable[[Source, Columns], Iterator[Row | Read]]] = {
    ".jsonl": json_rows,
    ".json": json_rows,
    ".csv": separated_rows,
    ".tsv": separated_rows,
    ".parquet": parquet_rows,
}


def in_memory(passages: Passages) -> tuple[Passage, ...]:
    """The passages, in memory."""
    return tuple(one_by_one(passages))


def read_passages(
    sources: Sequence[str],
    *,
    whole: bool = False,
    text_column: str | None = None,
    tag_column: str | None = None,
    document_column: str | None = None,
    header: bool = True,
    strict: bool = False,
) -> Reading:
    """The passages of all sources, in order, under ids that are unique; see `read_sources`.

    Args:
        sources: files, `-` for standard input, or `bundled:NAME`.
        whole: a .txt source is one passage, and each document of a .conllu source.
        text_column: the column that holds the text in tables; "text", or the only one, if None.
        tag_column: the column of tables that holds a tag for each word; None where none is read.
        document_column: the column of tables that names the document of each text.
        header: the first row of .csv and .tsv names the columns; they are 1, 2, ... without it.
        strict: a bad passage is an error, not skipped.

    Raises:
        TextError, UsageError: as `read_sources`.
    """
    columns = Columns(text_column, tag_column, document_column, header)
    return read_sources(sources, columns, whole=whole, strict=strict)


def read_sources(
    sources: Sequence[str],
    columns: Columns,
    *,
    whole: bool = False,
    strict: bool = False,
    keep: Keep = in_memory,
) -> Reading:
    """The passages of all sources, in order, under ids that are unique.

    Args:
        sources: files (.txt, .jsonl, .json, .csv, .tsv, .parquet, .conllu, each also with .gz),
            `-` for standard input (read as .txt), or `bundled:NAME`.
        columns: what is read of tables, and the marks in texts of any kind.
        whole: a .txt source is one passage, and each document of a .conllu source; otherwise each
            line that is not blank is one, or each sentence.
        strict: a bad passage is an error, not skipped.
        keep: what holds the passages.

    Raises:
        TextError: a source that cannot be read or gives no passage; with `strict` a bad passage.
        UsageError: no source, standard input twice, or an option that fits no source.
    """
    check_sources(sources)
    opened = [open_source(source) for source in sources]
    check_options(opened, whole, columns)
    sorting = Sorting(strict)
    read = ((source, _unmarked(_read(source, whole, columns), columns)) for source in opened)
    passages = keep(passage for source, its in read for passage in sorting.good(source, its))
    if sorting.ids.repeat():
        passages = keep(with_unique_ids(passages))
    skipped = tuple(Skipped(error.place, error.reason) for error in sorting.bad)
    notes = (*sorting.notes, *_documents_of_several(sorting.several))
    return Reading(passages, skipped, notes=notes)


def _documents_of_several(named: Iterable[str]) -> Iterator[str]:
    """Tells of documents that several sources name: they are taken for one each."""
    several = list(map(quoted, named))
    if several:
        count = "1 document" if len(several) == 1 else f"{len(several)} documents"
        verb, each = ("is", "") if len(several) == 1 else ("are", " each")
        named = ", ".join(several[:5]) + ", ..." * (len(several) > 5)
        yield f"{count} named in several files {verb} taken for one{each}: {named}"


def _read(source: Source, whole: bool, columns: Columns) -> Iterator[Read]:
    if source.suffix in _TABLES:
        return _table_passages(source, columns)
    if source.suffix == CONLLU:
        return _documents(source) if whole else _sentences(source)
    return _whole(source) if whole else _lines(source)


def _unmarked(read: Iterable[Read], columns: Columns) -> Iterator[Read]:
    """The passages without the marks in their texts; with a wrong mark one is bad."""
    if not columns.places.marks:
        yield from read
        return
    for one in read:
        for each in one if isinstance(one, PlainPassages) else (one,):
            try:
                yield without_marks(each, columns.places) if isinstance(each, Passage) else each
            except PassageError as error:
                yield error


def _lines(source: Source) -> Iterator[PlainPassages]:
    before = 1
    for lines in lines_of(source):
        places = [place for place, line in enumerate(lines) if line.strip()]
        ids = [f"{source.name}:{before + place}" for place in places]
        yield PlainPassages(source.given, ids, [lines[place] for place in places])
        before += len(lines)


def _whole(source: Source) -> Iterator[Read]:
    text = one_line_ending(decode(source))
    if text.strip():
        yield Passage(source.name, text, source.given)


def _table_passages(source: Source, columns: Columns) -> Iterator[Read]:
    for row in _TABLES[source.suffix](source, columns):
        if not isinstance(row, Row):
            yield row
        elif not row.text.strip():
            unit = "row" if source.suffix == ".parquet" else "line"
            yield PassageError(
                f"{source.name}, {unit} {row.line}", "the text is blank", remedy="Fill it in."
            )
        else:
            name = row.id or f"{source.name}:{row.line}"
            yield passage_of_row(row, name, source.given)


def passage_of_row(row: Row, name: str, source: str) -> Passage:
    """The passage that a row of a table is."""
    return Passage(
        name,
        row.text,
        source,
        row.words,
        targets=row.targets,
        companions=row.companions,
        document=row.document,
        columns=row.columns,
    )


def _sentences(source: Source) -> Iterator[Read]:
    """A passage for each sentence, which knows its document where `# newdoc` marks any."""
    for document in split_documents(split_sentences(split_lines(decode(source)))):
        place = "" if document.whole else f"{source.given}:{document.line}"
        for sentence in document.sentences:
            own = sentence.comments.get("sent_id", "") or f"{source.name}:{sentence.line}"
            try:
                text, words = read_sentence(sentence, source.name)
            except PassageError as error:
                yield error
            else:
                name = document.name or place
                yield Passage(own, text, source.given, words, document=name)


def _documents(source: Source) -> Iterator[Read]:
    """A passage for each document; a bad sentence makes its document a bad passage."""
    documents = split_documents(split_sentences(split_lines(decode(source))))
    for document in documents:
        try:
            text, words = join_sentences(document, source.name)
        except PassageError as error:
            yield error
        else:
            place = source.name if document.whole else f"{source.name}:{document.line}"
            yield Passage(document.name or place, text, source.given, words)
