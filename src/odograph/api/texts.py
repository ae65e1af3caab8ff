"""Texts read from files before they are measured, to be looked at and chosen from."""

from collections.abc import Sequence
from pathlib import Path

from odograph.corpus.passages import Passage
from odograph.corpus.readers import read_passages


def texts(
    files: str | Path | Sequence[str | Path],
    *,
    text_column: str | None = None,
    document_column: str | None = None,
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
        whole: take each .txt file, and each document of a .conllu file, as one passage.
        header: whether the first line of .csv and .tsv files names the columns.
        strict: stop at a bad passage instead of leaving it out.

    Raises:
        TextError: a file that cannot be read or holds no passage; with `strict` a bad passage.
    """
    sources = [files] if isinstance(files, str | Path) else list(files)
    reading = read_passages(
        [str(source) for source in sources],
        text_column=text_column,
        document_column=document_column,
        whole=whole,
        header=header,
        strict=strict,
    )
    return list(reading.passages)
