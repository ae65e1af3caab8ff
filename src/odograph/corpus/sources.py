"""Sources: what the user names, opened and decoded, with one message for each thing wrong."""

import codecs
import gzip
import re
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from odograph.corpus.bundled import bundled_path
from odograph.errors import TextError

BUNDLED = "bundled:"
STDIN = "-"
TEXT_SUFFIXES = (".txt",)
TABLE_SUFFIXES = (".jsonl", ".json", ".csv", ".tsv", ".parquet")
SEPARATED_SUFFIXES = (".csv", ".tsv")
CONLLU = ".conllu"
SUFFIXES = (*TEXT_SUFFIXES, *TABLE_SUFFIXES, CONLLU)

#: A file compressed with gzip is read as what it is without this ending.
GZIP = ".gz"

#: Byte order marks of encodings whose line endings are not one byte; the longer ones first.
_WIDE = (
    ((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE), "utf-32"),
    ((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE), "utf-16"),
)
#: Bytes that tell what a file is, and that are read at a time.
_BEGINNING, _BLOCK = 64, 2**20
_AS_TEXT = "Export it as plain text or .csv."
#: How files begin that are no text: what they are, and what to do.
_KINDS = (
    (b"\x1f\x8b", "compressed with gzip", f"Give its name the ending {GZIP}, as in texts.txt.gz."),
    (b"BZh", "compressed with bzip2", "Unpack it first."),
    (b"\xfd7zXZ\x00", "compressed with xz", "Unpack it first."),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "Unpack it first."),
    (b"PK\x03\x04", "a ZIP archive, as .xlsx, .docx and .ods are", _AS_TEXT),
    (b"\xd0\xcf\x11\xe0", "a document of an older office program", _AS_TEXT),
    (b"%PDF-", "a PDF document", "Export its text."),
    (b"PAR1", "a Parquet file", "Give its name the ending .parquet."),
    (b"ARROW1", "an Arrow file", "Write it as Parquet."),
    (b"SQLite format 3\x00", "a SQLite database", _AS_TEXT),
    (
        b"version https://git-lfs",
        "a pointer of Git LFS: the file itself was not fetched",
        "Fetch it with: git lfs pull.",
    ),
)

_LINE_END = re.compile(r"\r\n|\n|\r")


class PassageError(TextError):
    """One passage of a source is bad; the others may be good.

    Args:
        place: the file and the line or row.
        problem: what is wrong there; `expected`, `given` and `remedy` as in every error.
    """

    def __init__(
        self, place: str, problem: str, *, expected: str = "", given: str = "", remedy: str = ""
    ) -> None:
        self.place = place
        super().__init__(f"{place}: {problem}", expected=expected, given=given, remedy=remedy)

    @property
    def reason(self) -> str:
        """The message without the place."""
        return str(self).removeprefix(f"{self.place}: ")


@dataclass(frozen=True, slots=True)
class Source:
    """One source: as the user named it, the name its places carry, its kind.

    `bytes` opens its bytes, unpacked; see `opened`.
    """

    given: str
    name: str
    suffix: str
    bytes: Callable[[], IO[bytes]]

    def place(self, line: int) -> str:
        """Where a line is, in words."""
        return f"{self.name}, line {line}"


def open_source(given: str) -> Source:
    """The source, of which the beginning is looked at.

    Raises:
        TextError: missing, a folder, unreadable, empty or of an unknown kind.
        UsageError: no bundled text has that name.
    """
    if given == STDIN:
        data = _read_once(sys.stdin.buffer)
        return _filled(Source(given, "stdin", ".txt", lambda: BytesIO(data)))
    path = bundled_path(given.removeprefix(BUNDLED)) if given.startswith(BUNDLED) else Path(given)
    _check_present(given, path)
    source = _source(given, path)
    if source.suffix not in SUFFIXES:
        raise TextError(
            f"{given}: the kind of the file is not known by its ending",
            expected=f"one of {', '.join(SUFFIXES)}, each also with {GZIP}",
            given=repr("".join(path.suffixes[-2:]) if path.suffix == GZIP else path.suffix),
            remedy="Rename it; plain text is .txt, one passage a line.",
        )
    return source


def open_file(given: str) -> Source:
    """A text file of any ending.

    Raises:
        TextError: missing, a folder, unreadable or empty.
    """
    path = Path(given)
    _check_present(given, path, remedy="Check the path.")
    return _source(given, path)


def _check_present(
    given: str, path: Path, remedy: str = "Check the path, or name a text such as bundled:her."
) -> None:
    if path.is_dir():
        raise TextError(f"{given} is a folder", remedy="Name the files inside it.")
    if not path.exists():
        raise TextError(f"{given}: no such file", remedy=remedy)


def _source(given: str, path: Path) -> Source:
    held = None if path.is_file() else _read_pipe(given, path)
    packed = path.suffix.lower() == GZIP

    def opens() -> IO[bytes]:
        if packed:
            return cast(IO[bytes], gzip.open(path if held is None else BytesIO(held)))
        return path.open("rb") if held is None else BytesIO(held)

    unpacked = path.with_suffix("") if packed else path
    return _filled(Source(given, path.name, unpacked.suffix.lower(), opens))


def _read_pipe(given: str, path: Path) -> bytes:
    """All of a pipe, which ends with the first reading."""
    with opened(Source(given, path.name, "", lambda: path.open("rb"))) as file:
        return file.read()


@contextmanager
def opened(source: Source) -> Iterator[IO[bytes]]:
    """The bytes of a source, read bit by bit.

    Raises:
        TextError: they cannot be read.
    """
    given = source.given
    try:
        with source.bytes() as file:
            yield file
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise TextError(
            f"{given} is not compressed with gzip, or damaged",
            given=str(error),
            remedy="Unpack it and give the file inside.",
        ) from error
    except OSError as error:
        raise TextError(
            f"{given} cannot be read", given=str(error.strerror), remedy="Check its permissions."
        ) from error


@lru_cache(maxsize=1)
def _read_once(stream: BinaryIO) -> bytes:
    """All of a stream, which ends with the first reading; every model of a command reads it."""
    return stream.read()


def _filled(source: Source) -> Source:
    with opened(source) as file:
        first = file.read(_BEGINNING)
    if not first:
        raise TextError(f"{source.name} is empty", remedy="Give a file that holds text.")
    for beginning, kind, remedy in _KINDS:
        own = beginning == b"PAR1" and source.suffix == ".parquet"
        if first.startswith(beginning) and not own:
            raise TextError(f"{source.name} is {kind}", remedy=remedy)
    return source


def decode(source: Source) -> str:
    """The text of the source, a byte order mark left out; see `lines_of`."""
    return "".join(_blocks(source))


def lines_of(source: Source) -> Iterator[list[str]]:
    """The lines of the source, without their endings, many at a time.

    It is UTF-8; UTF-16 and UTF-32 where a byte order mark, which is left out, says so.

    Raises:
        TextError: a binary file, or another encoding.
    """
    return map(split_lines, _blocks(source))


def _blocks(source: Source) -> Iterator[str]:
    """The text of a source in blocks of whole lines."""
    begins = 0
    with opened(source) as file:
        first = file.read(_BEGINNING)
        for marks, encoding in _WIDE:
            if first.startswith(marks):
                yield _decode_wide(source, first + file.read(), encoding)
                return
        for block in _whole_lines(file, first):
            text = _decode_block(source, block, begins)
            yield text if begins else text.removeprefix("\ufeff")
            begins += len(block)


def _whole_lines(file: IO[bytes], first: bytes) -> Iterator[bytes]:
    """The bytes of a file, after the first, in blocks that end with a line, but for the last."""
    kept = [first]
    while block := file.read(_BLOCK):
        end = block.rfind(b"\n") + 1
        if end:
            yield b"".join((*kept, block[:end]))
            kept = []
        kept.append(block[end:])
    if rest := b"".join(kept):
        yield rest


def _decode_block(source: Source, block: bytes, begins: int) -> str:
    """The text of a block, which begins at this byte of its source."""
    if b"\0" in block:
        raise TextError(
            f"{source.name} is no text file",
            expected="UTF-8 text",
            given=f"a NUL byte at byte {begins + block.index(0)}",
            remedy="UTF-16 text becomes UTF-8 with: iconv -f utf-16 -t utf-8.",
        )
    try:
        # Not utf-8-sig: with it the offset of an error would not count the mark.
        return block.decode("utf-8")
    except UnicodeDecodeError as error:
        with opened(source) as file:
            before = file.read(begins + error.start).decode("utf-8")
        line = len(_LINE_END.findall(before)) + 1
        raise TextError(
            f"{source.place(line)}: another encoding",
            expected="UTF-8",
            given=f"byte 0x{block[error.start]:02x} at byte {begins + error.start}",
            remedy=f"If it is Latin-1: iconv -f latin1 -t utf-8 {source.name}.",
        ) from None


def _decode_wide(source: Source, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise TextError(
            f"{source.name} is damaged",
            expected=f"{encoding.upper()}, as its byte order mark says",
            given=f"{error.reason} at byte {error.start}",
            remedy="Write it again as UTF-8.",
        ) from None


def split_lines(text: str) -> list[str]:
    r"""The lines without their endings (\n, \r\n or \r, and nothing else ends a line)."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[:-1] if not lines[-1] else lines


def one_line_ending(text: str) -> str:
    r"""The whole text with \n between its lines and none after the last."""
    return "\n".join(split_lines(text))


def only_tables(texts: Any) -> bool:
    """Whether all texts are tables, which say themselves where a passage ends."""
    paths = [str(text) for text in listed_values(texts or ())]
    return bool(paths) and all(path.lower().endswith(TABLE_SUFFIXES) for path in paths)


def listed_values(value: Any) -> list[Any]:
    """The values as a list, whether one or many were given."""
    return list(value) if isinstance(value, list | tuple) else [value]
