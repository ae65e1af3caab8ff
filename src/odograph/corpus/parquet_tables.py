"""Passages in Parquet files."""

import gzip
from collections.abc import Iterator
from io import BytesIO
from typing import IO, Any

from odograph.corpus.passages import PlainPassages
from odograph.corpus.rows import ID_COLUMN, Columns, Row
from odograph.corpus.sources import PassageError, Source, opened
from odograph.corpus.tables import caught, choose_column, plain_passages, row_of
from odograph.errors import TextError

#: Rows that are read at a time.
_ROWS = 4096


def parquet_rows(source: Source, columns: Columns) -> Iterator[Row | PlainPassages | PassageError]:
    """Rows of a .parquet file, some at a time; the line of a row is its 1-based number."""
    with opened(source) as file:
        before = 0
        for column, cells in _parquet_cells(file, source, columns):
            texts = cells[column]
            numbers = range(before + 1, before + 1 + len(texts))
            before += len(texts)
            ids = cells.get(ID_COLUMN, [None] * len(texts))
            plain = None if columns.beside else plain_passages(source, numbers, texts, ids)
            if plain is not None:
                yield plain
                continue
            for number, values in zip(numbers, zip(*cells.values(), strict=True), strict=True):
                row = dict(zip(cells, values, strict=True))
                place = f"{source.name}, row {number}"
                yield caught(row_of, place, row, column, columns, number)


def _parquet_cells(
    file: IO[bytes], source: Source, columns: Columns
) -> Iterator[tuple[str, dict[str, list[Any]]]]:
    """The text column, and the cells of what is read of some rows, column by column."""
    import pyarrow
    from pyarrow import parquet

    try:
        # What is packed once more cannot be jumped about in.
        packed = isinstance(file, gzip.GzipFile)
        found = parquet.ParquetFile(BytesIO(file.read()) if packed else file)
        names = list(found.schema_arrow.names)
        column = choose_column(names, columns, source.name)
        asked = dict.fromkeys((column, ID_COLUMN, *columns.beside))
        wanted = [name for name in asked if name in names]
        for batch in found.iter_batches(_ROWS, columns=wanted):
            yield column, batch.to_pydict()
    except (pyarrow.ArrowException, OSError, ValueError) as error:  # damage has many names
        raise TextError(
            f"{source.name} is no Parquet file that can be read",
            given=str(error).partition("\n")[0],
            remedy="Write it again, or give another kind of file.",
        ) from None
