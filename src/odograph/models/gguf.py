"""GGUF files: what their header says, before and beside what transformers makes of them."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from odograph.errors import ModelError
from odograph.models.hub import hub_file
from odograph.models.sources import LoadOptions, Source

if TYPE_CHECKING:
    from gguf import GGUFReader


def require_gguf(file: Source | Path) -> None:
    """Makes sure that GGUF files can be read.

    Raises:
        ModelError: gguf or accelerate is not installed; says how to install them.
    """
    try:
        import accelerate  # noqa: F401
        import gguf  # noqa: F401
    except ImportError as error:
        raise ModelError(
            f"'{file}' is a GGUF file, and what reads it is not installed",
            given=str(error),
            remedy="Install it with: pip install 'odograph[gguf]'",
        ) from error


@contextmanager
def header_read_once() -> Iterator[None]:
    """While a GGUF file is loaded, transformers gets its header and its names as read before.

    It asks for both again for the config, the weights, the tokenizer and each submodule, which
    takes longer than all the rest.
    """
    import gguf
    from gguf.gguf_reader import GGUFReader
    from gguf.tensor_mapping import get_tensor_name_map

    imported_from: Any = gguf
    imported_from.GGUFReader = lru_cache(maxsize=1)(_reader)
    imported_from.get_tensor_name_map = lru_cache(maxsize=1)(get_tensor_name_map)
    try:
        yield
    finally:
        imported_from.GGUFReader = GGUFReader
        imported_from.get_tensor_name_map = get_tensor_name_map


def _reader(path: str | Path) -> "GGUFReader":
    """The header of a file, from a plain array: slices of a memory map take four times as long."""
    from gguf.gguf_reader import GGUFReader

    class ArrayReader(GGUFReader):
        @property
        def data(self) -> Any:
            return self._array

        @data.setter
        def data(self, mapped: Any) -> None:
            self._array = mapped.view(np.ndarray)

    return ArrayReader(path)


def gguf_path(source: Source, options: LoadOptions) -> Path:
    """Where the GGUF file of a source lies on this machine.

    Raises:
        ModelError: it is not there.
    """
    name = source.gguf or ""
    if Path(source.place).is_dir():
        return Path(source.place) / name
    path = hub_file(source.place, name, options)
    if path is None:
        raise ModelError(f"no '{name}' at '{source.place}'", remedy="Check the name of the file.")
    return path


def quantisation_of_file(path: Path) -> str:
    """The type in which most weights of a file are stored, such as Q4_1; F32 where none is less.

    Raises:
        ModelError: it is no GGUF file, or a damaged one.
    """
    counted: Counter[str] = Counter()
    for tensor in _tensors(path):
        counted[tensor.kind] += tensor.elements
    return counted.most_common(1)[0][0] if counted else "F32"


def element_count(path: Path) -> int:
    """How many values all tensors of a file have together."""
    return sum(tensor.elements for tensor in _tensors(path))


def left_out(path: Path, blocks: int) -> list[str]:
    """Tensors that transformers passes over without a word: of further blocks, of frequencies.

    The factors of rotary frequencies (Llama 3.1 and later) are in no config that it reads.
    """
    names = [tensor.name for tensor in _tensors(path)]
    return [name for name in names if _block_of(name) >= blocks or name.startswith("rope_freqs")]


def _block_of(name: str) -> int:
    """The block's number from 0 in a name such as blk.3.attn_q.weight; -1 where there is none."""
    parts = name.split(".")
    return int(parts[1]) if parts[0] == "blk" and parts[1].isdigit() else -1


class _Tensor(NamedTuple):
    """What the header says of a tensor: its name, in which type it is stored, how many values."""

    name: str
    kind: str
    elements: int


def _tensors(path: Path) -> tuple[_Tensor, ...]:
    require_gguf(path)
    try:
        about = path.stat()
        return _read_tensors(path, (about.st_size, about.st_mtime_ns))
    except (ValueError, LookupError, OSError) as error:
        raise ModelError(
            f"'{path}' cannot be read",
            expected="a GGUF file",
            given=f"{type(error).__name__}: {' '.join(str(error).split())[:200].rstrip('.')}",
            remedy="Fetch it again.",
        ) from error


@lru_cache(maxsize=2)
def _read_tensors(path: Path, _about: tuple[int, int]) -> tuple[_Tensor, ...]:
    """The tensors of a file of this size and time of change; to read a header takes seconds."""
    return tuple(
        _Tensor(str(tensor.name), tensor.tensor_type.name, int(tensor.n_elements))
        for tensor in _reader(path).tensors
    )
