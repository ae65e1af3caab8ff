"""Columns become the arrays that pyarrow makes of them, and pandas is not imported for it."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from odograph.folder.arrays import plain_array, plain_table, plain_values

COLUMNS = {
    "float64": np.array([1.5, np.nan, -np.inf]),
    "float32": np.arange(6, dtype=np.float32),
    "every other": np.arange(6.0)[::2],
    "int16": np.array([1, -2], dtype=np.int16),
    "uint64": np.array([2**63], dtype=np.uint64),
    "bool": np.array([True, False] * 9),
    "text array": np.array(["a", "bc"]),
    "objects": np.array(["a", None, "ü"], dtype=object),
    "no floats": np.array([]),
    "text": ["ein", "", "zwei ü 語"],
    "text with gaps": ("a", None, "b") * 4,
    "whole": [1, -5, 2**62],
    "whole with gaps": [None, 3],
    "numbers": [1, 2.5, None, float("nan")],
    "scalars": [np.float64(1.0), 2.0],
    "whole scalars": [np.int64(1), 2],
    "truths": [True, None, False],
    "nothing": [],
    "only gaps": [None, None],
    "other scalars": [np.float32(1.0), np.float32(2.0)],
    "lists": [[1.0], [2.0, 3.0]],
    "masked": np.ma.array([1.0, 2.0], mask=[False, True]),
    "masked whole": np.ma.array([7, 2**40], mask=[True, False]),
    "masked nowhere": np.ma.array([1.0, np.nan]),
    "swapped": np.arange(3.0).astype(">f8").astype("<f8"),
    "range": range(3),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_is_what_pyarrow_makes_of_it(name):
    given, expected = plain_array(COLUMNS[name]), pa.array(COLUMNS[name])
    given.validate(full=True)
    assert given.type == expected.type
    assert given.null_count == expected.null_count
    assert repr(given.to_pylist()) == repr(expected.to_pylist())


def test_a_table_keeps_names_and_order():
    columns = {"b": [1, 2], "a": ["x", None]}
    assert plain_table(columns).equals(pa.table(columns))


def test_pandas_is_not_imported():
    code = (
        "import sys, numpy as np\n"
        "from odograph.folder.arrays import plain_table\n"
        "plain_table({'a': np.arange(3.0), 'b': ['x', None, 'y'], 'c': [1, None, 2]})\n"
        "assert 'pandas' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int16, np.int64, np.bool_])
def test_values_come_back_as_they_went(kind: type) -> None:
    values = np.array([0, 1, 0, 3, 7] * 9).astype(kind)
    for first in (0, 3):  # a slice begins within a byte of truths
        found = plain_values(plain_array(values)[first:])
        assert found.dtype == kind
        assert np.array_equal(found, values[first:])


def test_missing_values_do_not_become_numbers() -> None:
    with pytest.raises(ValueError, match="1 of 2 values are missing"):
        plain_values(pa.array([1.0, None]))
