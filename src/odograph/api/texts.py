"""Texts read from files before they are measured, to be looked at and chosen from."""

from collections.abc import Sequence
from pathlib import Path

from odograph.corpus.passages import Passage
from odograph.corpus.places import Places, check_marks, place_columns
from odograph.corpus.readers import read_sources
from odograph.corpus.rows import Columns


def texts(
    files: str | Path | Sequence[str | Path],
    *,
    text_column: str | None = None,
    document_column: str | None = None,
    keep_columns: Sequence[str] = (),
    target_columns: Sequence[str] = (),
    companion_columns: Sequence[str] = (),
    marks: Sequence[str] = (),
    whole: bool = False,
    header: bool = True,
    strict: bool = True,
) -> list[Passage]:
    """The passages of files or bundled texts, ready for `odograph.measure`.

    Args:
        files: .txt (a passage a line), .jsonl, .json, .csv, .tsv, .parquet, .conllu, each also with
            .gz, or `bundled:NAME` (her, him, round, nietzsche, passages, tagged).
        text_column: column or key that holds the text.
        document_column: column or key that names the document of each text.
        keep_columns: columns that go with the passages.
        target_columns: WORD,OFFSET columns of the word to follow, and of its first character.
        companion_columns: the same of words of the second role.
        marks: signs around the words to follow, such as `[]`, then those around companions.
        whole: take each .txt file, and each document of a .conllu file, as one passage.
        header: whether the first line of .csv and .tsv files names the columns.
        strict: stop at a bad passage instead of leaving it out.

    Raises:
        TextError: a file that cannot be read or holds no passage; with `strict` a bad passage.
    """
    sources = [files] if isinstance(files, str | Path) else list(files)
    places = Places(
        place_columns(target_columns, "target_columns"),
        place_columns(companion_columns, "companion_columns"),
        check_marks(marks),
    )
    columns = Columns(text_column, None, document_column, header, places, tuple(keep_columns))
    named = [str(source) for source in sources]
    return list(read_sources(named, columns, whole=whole, strict=strict).passages)
