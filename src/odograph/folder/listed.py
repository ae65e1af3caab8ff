"""The files of shards that a manifest lists: where they lie, and whether they are as written."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from odograph.errors import RunError
from odograph.folder.checksums import checksum, checksums, place_of
from odograph.folder.columns import FOLDERS, IN_PARTS

REMEDY = "Measure it again with the command that measured it and --resume."


def listed_files(record: Mapping[str, Any]) -> dict[str, str]:
    """Name and sha256 of every file of shards that a manifest lists, in the order of the names."""
    files: dict[str, str] = {}
    for shard in record.get("shards", ()):
        files |= shard["files"]
    for table in IN_PARTS:
        files |= (record.get(table) or {}).get("files", {})
    for of_the_run in (record.get("skips") or {}, record.get("pilot") or {}):
        if of_the_run.get("file") and of_the_run.get("sha256"):
            files[of_the_run["file"]] = of_the_run["sha256"]
    return dict(sorted(files.items()))


def files_there(folder: Path) -> dict[str, str]:
    """Name and sha256 of the files of shards that lie in a folder, as a receipt lists them."""
    paths = [path for place in FOLDERS for path in sorted((folder / place).glob("part-*"))]
    return {path.relative_to(folder).as_posix(): checksum(path) for path in paths}


class Listed:
    """The files that a run folder lists.

    Args:
        folder: the run.
        record: its manifest.
    """

    def __init__(self, folder: Path, record: Mapping[str, Any]) -> None:
        self._folder, self._record = folder, record
        self._digests = listed_files(record)

    def __contains__(self, name: str) -> bool:
        return name in self._digests

    def names(self, table: str = "") -> list[str]:
        """The files of a table, or all."""
        return [name for name in self._digests if not table or name.startswith(f"{table}/")]

    def paths(self, table: str) -> list[Path]:
        """Where the files of a table lie; what is in them was not looked at.

        Raises:
            RunError: outside the folder.
        """
        return [place_of(self._folder, name) for name in self.names(table)]

    def check_there(self) -> None:
        """Nothing, if every file is there; what is in it shows when it is read.

        Raises:
            RunError: names how many are lost, and the first.
        """
        missing = [n for n in self._digests if not place_of(self._folder, n).is_file()]
        if missing:
            raise RunError(
                f"'{self._folder}' has lost {len(missing)} of its {len(self._digests)} files, "
                f"first {missing[0]}",
                remedy="Measure what is missing with the command that measured it and --resume.",
            )

    def verify(self, table: str) -> None:
        """Nothing, if the files of a table are what was written.

        Raises:
            RunError: names the first that is not.
        """
        names = self.names(table)
        try:
            found = checksums(self.paths(table))
        except OSError as error:
            raise _damaged(self._folder, table, str(error)) from error
        for name, digest in zip(names, found, strict=True):
            if digest != self._digests[name]:
                raise _damaged(self._folder, name, "it is not what was written")

    def check_depth(self) -> None:
        """Nothing, if the first rows by layer are of as many blocks as the manifest says.

        A file whose head cannot be read is met when it is verified.

        Raises:
            RunError: names the key of the manifest.
        """
        first = self.paths("layers")[:1]
        stored = _last_layer(first[0]) if first else None
        said = (self._record.get("model") or {}).get("blocks", stored)
        if stored is not None and stored != said:
            self.verify("layers")
            raise RunError(
                f"'{self._folder}' is damaged: manifest.json at model.blocks",
                expected=f"{stored}, as in layers/",
                given=str(said),
                remedy="Bring the file back as odograph wrote it, or measure the run again.",
            )

    def verified(self, table: str) -> Iterator[Path]:
        """The files of a table, each verified when its turn comes.

        Raises:
            RunError: names the one that is not what was written.
        """
        for name, path in zip(self.names(table), self.paths(table), strict=True):
            try:
                same = checksum(path) == self._digests[name]
            except OSError as error:
                raise _damaged(self._folder, name, str(error)) from error
            if not same:
                raise _damaged(self._folder, name, "it is not what was written")
            yield path


def _last_layer(path: Path) -> int | None:
    """The last layer in a file of `layers`, as its head tells; None where that does not say it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        head = pq.read_metadata(path)
    except (OSError, pa.ArrowException):
        return None
    if "layer" not in head.schema.names:
        return None
    place = head.schema.names.index("layer")
    groups = [head.row_group(n).column(place).statistics for n in range(head.num_row_groups)]
    return max((one.max for one in groups if one is not None and one.has_min_max), default=None)


def _damaged(folder: Path, name: str, reason: str) -> RunError:
    return RunError(f"a file of the run '{folder}' is damaged: {name}: {reason}", remedy=REMEDY)
