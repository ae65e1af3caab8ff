"""What tells copies among the texts of a range, and the documents of all, on disk.

The first is read where it lies: whoever joins copies goes through the trigrams of all ranges.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from odograph.corpus.facts import Documents
from odograph.corpus.text_keys import TextKeys
from odograph.folder.encoding import FACTS, KEYS
from odograph.folder.writer import write_with
from odograph.run.range_checks import check_arrays, check_numbers, damaged, whole_file

#: The arrays with an entry for each text, and for each trigram.
_TEXTS = {"unit": "u8", "variant": "?", "copy": "u8", "name": "u8", "windows": "i4"}
_TRIGRAMS = {"trigram": "u8", "text": "i4"}
_NAMES = "names"


class _Strings:
    """Strings of a column that lies on disk."""

    def __init__(self, column: Any) -> None:
        self._column = column

    def __getitem__(self, number: int) -> str:
        return str(self._column[number].as_py())


def write_keys(keys: TextKeys, path: Path) -> None:
    """Writes the keys of a range: an Arrow file of one row, in which each array is a list.

    Raises:
        WriteError: they cannot be written.
    """
    import pyarrow

    arrays = {name: getattr(keys, name).astype(kind) for name, kind in _kinds().items()}
    columns = {name: pyarrow.array(its) for name, its in arrays.items()}
    names = [keys.names[number] for number in range(len(keys))]
    columns[_NAMES] = pyarrow.array(names, pyarrow.large_string())
    rows = {name: _one_row(column) for name, column in columns.items()}
    table = pyarrow.table(rows)

    def write(place: Path) -> None:
        with pyarrow.ipc.new_file(place, table.schema) as file:
            file.write_table(table)

    write_with(write, path)


def read_keys(folder: Path, receipt: Mapping[str, Any]) -> TextKeys:
    """The keys of a range that some process has encoded.

    Raises:
        RunError: the file is not what was written.
    """
    import pyarrow

    path = whole_file(folder, receipt, KEYS)
    try:
        with pyarrow.memory_map(str(path)) as file:  # which is not kept open
            table = pyarrow.ipc.open_file(file).read_all()
        table.validate(full=True)
        arrays = {name: _values(table, name) for name in _kinds()}
        names = table[_NAMES].chunk(0).values.cast(pyarrow.large_string())
    except (pyarrow.ArrowException, OSError, KeyError, AttributeError, IndexError) as error:
        raise damaged(path, str(error).partition("\n")[0]) from error
    texts, trigrams = len(names), len(arrays["trigram"])
    shapes = {name: (kind, texts) for name, kind in _TEXTS.items()}
    check_arrays(path, arrays, shapes | {n: (kind, trigrams) for n, kind in _TRIGRAMS.items()})
    check_numbers(path, "text", arrays["text"], texts)
    check_numbers(path, "windows", arrays["windows"], 2**31)
    return TextKeys(**arrays, names=_Strings(names))


def write_documents(documents: Documents, folder: Path, name: str) -> Path:
    """Writes the documents of all passages; gives the file.

    Raises:
        WriteError: they cannot be written.
    """
    names = json.dumps(list(documents.names.items())).encode()
    content = save({"number": documents.number, _NAMES: np.frombuffer(names, np.uint8)})
    path = folder / f"{name}{FACTS}"
    write_with(lambda place: place.write_bytes(content), path)
    return path


def read_documents(folder: Path, receipt: Mapping[str, Any], passages: int) -> Documents:
    """The documents of all passages, of which there are so many.

    Raises:
        RunError: the file is not what was written.
    """
    path = whole_file(folder, receipt, FACTS)
    try:
        arrays = load_file(path)
        names = json.loads(arrays[_NAMES].tobytes())
        found = {int(number): str(name) for number, name in names}
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise damaged(path, str(error)) from error
    check_arrays(path, arrays, {"number": (np.int32, passages)})
    check_numbers(path, "number", arrays["number"], passages)
    return Documents(arrays["number"], found)


def _kinds() -> dict[str, str]:
    return _TEXTS | _TRIGRAMS


def _one_row(column: Any) -> Any:
    """A column of one row, which holds all values of another."""
    import pyarrow

    return pyarrow.LargeListArray.from_arrays([0, len(column)], column)


def _values(table: Any, name: str) -> NDArray[Any]:
    """What `_one_row` has put into a table; read where it lies, unless they are bits."""
    values = table[name].chunk(0).values
    found: NDArray[Any] = values.to_numpy(zero_copy_only=False)
    return found
