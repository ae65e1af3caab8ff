"""A text of a stranger's stands in a query as the text that it is."""

import duckdb
import pytest

from odograph.folder.views import quoted_name, quoted_text

TEXTS = ["", "it's", "'", "''", "'; drop table t; --", 'two"', "back\\slash", "NN'", "é\n\t"]


@pytest.mark.parametrize("text", TEXTS)
def test_a_quoted_text_is_read_as_itself(text: str) -> None:
    assert duckdb.connect().execute(f"select {quoted_text(text)}").fetchall() == [(text,)]


@pytest.mark.parametrize("name", [text for text in TEXTS if text])
def test_a_quoted_name_names_its_column(name: str) -> None:
    named = duckdb.connect().execute(f"select 1 as {quoted_name(name)}").description
    assert [column for column, *_ in named] == [name]
