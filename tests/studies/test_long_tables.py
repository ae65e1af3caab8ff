"""Tables too long for a spreadsheet."""

from pathlib import Path

import numpy as np
import pytest

from odograph.folder.results import listed_results, read_sections
from odograph.studies.result import FEWEST_WITHOUT_CSV, StudyResult, Table, write_result


@pytest.mark.parametrize(
    ("rows", "endings"),
    [(FEWEST_WITHOUT_CSV - 1, ["csv", "parquet"]), (FEWEST_WITHOUT_CSV, ["parquet"])],
)
def test_a_table_of_a_hundred_thousand_rows_is_parquet_only(
    rows: int, endings: list[str], tmp_path: Path
) -> None:
    table = Table("made_long", "A long table", {"layer": np.zeros(rows, np.int16)})
    result = StudyResult("made", "How long?", findings=[], plots=[], tables=[table], card={})
    write_result(tmp_path, result, csv_safe=True, show_card=False)
    listed = listed_results(read_sections(tmp_path))
    assert sorted(listed) == [f"tables/made_long.{ending}" for ending in endings]
    assert sorted(path.suffix[1:] for path in (tmp_path / "tables").iterdir()) == endings


def test_a_table_that_has_grown_leaves_no_csv_of_before(tmp_path: Path) -> None:
    for rows in (3, FEWEST_WITHOUT_CSV):
        table = Table("made_long", "A long table", {"layer": np.zeros(rows, np.int16)})
        result = StudyResult("made", "How long?", findings=[], plots=[], tables=[table], card={})
        write_result(tmp_path, result, csv_safe=True, show_card=False)
    assert [path.name for path in (tmp_path / "tables").iterdir()] == ["made_long.parquet"]
