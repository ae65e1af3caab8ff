"""An object store in memory: what is written is there once it is closed; nothing can be renamed."""

import io
import time
from typing import Any

from pyarrow.fs import FileInfo, FileSelector, FileSystemHandler, FileType


class _Upload(io.BytesIO):
    def __init__(self, store: "Objects", path: str) -> None:
        super().__init__()
        self._store, self._path = store, path

    def close(self) -> None:
        if not self.closed:
            self._store.write(self._path, self.getvalue())
        super().close()


class Objects(FileSystemHandler):
    """`files` are the objects; what was written more than once is in `again`."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[bytes, float]] = {}
        self.again: list[str] = []

    def write(self, path: str, content: bytes) -> None:
        if path in self.files:
            self.again.append(path)
        self.files[path] = content, time.time()

    def get_type_name(self) -> str:
        return "objects"

    def normalize_path(self, path: str) -> str:
        return path

    def get_file_info(self, paths: list[str]) -> list[FileInfo]:
        return [self._info(path) for path in paths]

    def get_file_info_selector(self, selector: FileSelector) -> list[FileInfo]:
        base = selector.base_dir.rstrip("/") + "/"
        return [
            self._info(p) for p in self.files if p.startswith(base) and "/" not in p[len(base) :]
        ]

    def _info(self, path: str) -> FileInfo:
        if path not in self.files:
            return FileInfo(path, FileType.NotFound)
        content, written = self.files[path]
        return FileInfo(path, FileType.File, size=len(content), mtime=written)

    def open_input_stream(self, path: str) -> Any:
        if path not in self.files:
            raise FileNotFoundError(path)
        import pyarrow

        return pyarrow.BufferReader(self.files[path][0])

    open_input_file = open_input_stream

    def open_output_stream(self, path: str, metadata: Any) -> Any:  # noqa: ARG002
        import pyarrow

        return pyarrow.PythonFile(_Upload(self, path), mode="w")

    def delete_file(self, path: str) -> None:
        if path not in self.files:
            raise FileNotFoundError(path)
        del self.files[path]

    def _none(self, *given: Any) -> Any:
        raise NotImplementedError(f"an object store does not do this: {given}")

    move = copy_file = create_dir = delete_dir = open_append_stream = _none
    delete_dir_contents = delete_root_dir_contents = _none
