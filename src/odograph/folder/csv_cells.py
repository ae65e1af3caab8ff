"""Cells of CSV files that a spreadsheet would take for a formula, made harmless.

A text that begins with =, +, -, @, a tab or a return is run by some spreadsheets when a file is
opened. An apostrophe before it keeps it a text. Numbers, and Parquet files, are never touched.
"""

from typing import Any

_STARTS = "=+@\t\r-"


def harmless(value: Any) -> Any:
    """A text that a spreadsheet would run with an apostrophe before it; all else as it is.

    >>> harmless("=1+1"), harmless("-ing"), harmless("word"), harmless(-1.5)
    ("'=1+1", "'-ing", 'word', -1.5)
    """
    return f"'{value}" if isinstance(value, str) and value[:1] in set(_STARTS) else value


def harmless_table(table: Any) -> Any:
    """A pyarrow table whose texts, and names of columns, are harmless."""
    import pyarrow
    from pyarrow import compute

    columns = [
        compute.replace_substring_regex(column, f"^([{_STARTS}])", r"'\1")
        if pyarrow.types.is_string(column.type) or pyarrow.types.is_large_string(column.type)
        else column
        for column in table.columns
    ]
    return pyarrow.table(columns, names=[harmless(name) for name in table.column_names])
