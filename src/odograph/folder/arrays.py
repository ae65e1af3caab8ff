"""Arrow arrays out of plain columns, and back, without pandas.

`pyarrow.array` and `to_numpy` import pandas wherever it is installed, only to ask whether a column
is of its kinds: a third of a second for every command that writes a table. What numpy arrays and
lists of plain values hold can be handed over as it lies in memory.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

_WHOLE: set[type] = {int, np.int64}
_NUMBER: set[type] = {*_WHOLE, float, np.float64}


def plain_table(columns: Mapping[str, Any]) -> pa.Table:
    """The columns as a table: what `pyarrow.table` gives for them."""
    return pa.Table.from_arrays([plain_array(c) for c in columns.values()], names=list(columns))


def plain_array(values: Any) -> pa.Array:
    """One column as an array: what `pyarrow.array` gives for it; None is null, NaN stays NaN.

    A masked array's masked entries are null.
    """
    if isinstance(values, np.ma.MaskedArray) and values.ndim == 1 and _is_plain(values.dtype):
        mask = np.ma.getmaskarray(values)
        return _in_memory(pa.from_numpy_dtype(values.dtype), values.data, mask)
    if isinstance(values, np.ndarray) and type(values) is np.ndarray and values.ndim == 1:
        if _is_plain(values.dtype):
            return _in_memory(pa.from_numpy_dtype(values.dtype), values)
        if values.dtype.kind in "bUO":
            values = values.tolist()
    if not isinstance(values, list | tuple):
        return pa.array(values)
    kinds = set(map(type, values)) - {type(None)}
    missing = None if None not in values else np.array([v is None for v in values])
    if kinds == {str}:
        return _strings(values, missing)
    if kinds == {bool}:
        bits = np.packbits([v is True for v in values], bitorder="little")
        return pa.Array.from_buffers(
            pa.bool_(), len(values), [_present(missing), pa.py_buffer(bits)]
        )
    if kinds and (kinds <= _WHOLE or kinds <= _NUMBER):
        dtype = np.int64 if kinds <= _WHOLE else np.float64
        numbers = np.array([0 if v is None else v for v in values], dtype=dtype)
        return _in_memory(pa.from_numpy_dtype(numbers.dtype), numbers, missing)
    return pa.array(values)


def plain_values(column: pa.Array) -> NDArray[Any]:
    """The numbers or truths of an array as it lies in memory; read-only.

    Raises:
        ValueError: some are missing.
    """
    if column.null_count:
        raise ValueError(f"{column.null_count} of {len(column)} values are missing")
    if pa.types.is_boolean(column.type):
        truths: NDArray[np.bool_] = plain_values(column.cast(pa.uint8())).astype(np.bool_)
        return truths
    _, held = column.buffers()
    values = np.frombuffer(held, column.type.to_pandas_dtype())
    return values[column.offset : column.offset + len(column)]


def _is_plain(kind: np.dtype[Any]) -> bool:
    """Whether arrow holds numbers of this kind as numpy does."""
    return kind.kind in "fiu" and kind.isnative and kind.itemsize <= 8


def _in_memory(
    kind: pa.DataType, values: NDArray[Any], missing: NDArray[np.bool_] | None = None
) -> pa.Array:
    held = pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(kind, len(values), [_present(missing), held])


def _strings(values: Sequence[str | None], missing: NDArray[np.bool_] | None) -> pa.Array:
    encoded = [b"" if text is None else text.encode() for text in values]
    ends = np.cumsum([0, *map(len, encoded)])
    if ends[-1] >= 2**31:
        return pa.array(values)
    return pa.StringArray.from_buffers(
        len(values),
        pa.py_buffer(ends.astype(np.int32)),
        pa.py_buffer(b"".join(encoded)),
        _present(missing),
    )


def _present(missing: NDArray[np.bool_] | None) -> pa.Buffer | None:
    """The bits that say which values are there; None where all are."""
    return None if missing is None else pa.py_buffer(np.packbits(~missing, bitorder="little"))
