"""Sources and the options of reading them: what does not go together is refused."""

from collections.abc import Iterable, Sequence

from odograph.corpus.rows import Columns
from odograph.corpus.sources import (
    CONLLU,
    SEPARATED_SUFFIXES,
    STDIN,
    TABLE_SUFFIXES,
    TEXT_SUFFIXES,
    Source,
)
from odograph.errors import UsageError


def check_sources(sources: Sequence[str]) -> None:
    """Nothing, if there are sources, each of which can be read.

    Raises:
        UsageError: no list of sources, none, or standard input twice.
    """
    if isinstance(sources, str):
        raise UsageError("sources", expected="a list of files", given=repr(sources))
    if not sources:
        raise UsageError("no text was given", remedy="Name a file, or bundled:her.")
    if list(sources).count(STDIN) > 1:
        raise UsageError("standard input (-) was given twice", remedy="It can be read once.")


def check_options(opened: Iterable[Source], whole: bool, columns: Columns) -> None:
    """Nothing, if every option fits one of the sources.

    Raises:
        UsageError: one fits none of them.
    """
    suffixes = {source.suffix for source in opened}
    if whole and suffixes.isdisjoint((*TEXT_SUFFIXES, CONLLU)):
        raise UsageError(
            "`whole` is for .txt and .conllu files",
            given=", ".join(sorted(suffixes)),
            remedy="Leave it out: the other kinds say themselves where a passage ends.",
        )
    if columns.tags is not None and not suffixes <= set(TABLE_SUFFIXES):
        raise UsageError(
            "a column of tags is for tables",
            expected=", ".join(TABLE_SUFFIXES),
            given=", ".join(sorted(suffixes - set(TABLE_SUFFIXES))),
            remedy="Tags of a .conllu file are read with --tags conllu.",
        )
    _check_option("a text column", columns.text is not None, suffixes, TABLE_SUFFIXES)
    _check_option("a column of documents", columns.document is not None, suffixes, TABLE_SUFFIXES)
    _check_option("columns of words", bool(columns.places.columns), suffixes, TABLE_SUFFIXES)
    _check_option("columns to keep", bool(columns.kept), suffixes, TABLE_SUFFIXES)
    _check_option("`no_header`", not columns.header, suffixes, SEPARATED_SUFFIXES)


def _check_option(name: str, given: bool, suffixes: set[str], fitting: Sequence[str]) -> None:
    """Refuses an option that fits none of the sources."""
    if given and suffixes.isdisjoint(fitting):
        raise UsageError(
            f"{name} is for tables",
            expected=", ".join(fitting),
            given=", ".join(sorted(suffixes)),
            remedy="Leave it out.",
        )
