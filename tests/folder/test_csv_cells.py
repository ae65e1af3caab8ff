"""What a spreadsheet would run is made harmless; everything else is left as it is."""

import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odograph.folder.csv_cells import harmless, harmless_table


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_with_a_dangerous_beginning_gets_an_apostrophe(start: str) -> None:
    assert harmless(f"{start}1") == f"'{start}1"


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=5)), max_size=5))
def test_a_table_is_made_harmless_as_its_cells_are(texts: list[str | None]) -> None:
    made = harmless_table(pyarrow.table({"a": pyarrow.array(texts, pyarrow.string())}))
    assert made["a"].to_pylist() == [harmless(text) for text in texts]


def test_numbers_and_plain_names_are_left_alone() -> None:
    table = pyarrow.table({"r": [-0.5, 1.0], "n": [-1, 2], "=name": ["a", "b"]})
    made = harmless_table(table)
    assert made.column_names == ["r", "n", "'=name"]
    assert made["r"].to_pylist() == [-0.5, 1.0]
    assert made["n"].to_pylist() == [-1, 2]
