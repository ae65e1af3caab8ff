"""Sources: what the user names, opened and decoded, with one message for each thing wrong."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from odograph.corpus.bundled import bundled_path
from odograph.errors import TextError

BUNDLED = "bundled:"
STDIN = "-"
TEXT_SUFFIXES = (".txt",)
TABLE_SUFFIXES = (".jsonl", ".csv", ".tsv", ".parquet")
CONLLU = ".conllu"
SUFFIXES = (*TEXT_SUFFIXES, *TABLE_SUFFIXES, CONLLU)

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
    """One source: as the user named it, the name its places carry, its kind and its bytes."""

    given: str
    name: str
    suffix: str
    data: bytes

    def place(self, line: int) -> str:
        """Where a line is, in words."""
        return f"{self.name}, line {line}"


def open_source(given: str) -> Source:
    """The source with its bytes.

    Raises:
        TextError: missing, a folder, unreadable, empty or of an unknown kind.
        UsageError: no bundled text has that name.
    """
    if given == STDIN:
        return _filled(Source(given, "stdin", ".txt", sys.stdin.buffer.read()))
    path = bundled_path(given.removeprefix(BUNDLED)) if given.startswith(BUNDLED) else Path(given)
    _check_present(given, path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise TextError(
            f"{given}: the kind of the file is not known by its ending",
            expected=f"one of {', '.join(SUFFIXES)}",
            given=repr(path.suffix),
            remedy="Rename it; plain text is .txt, one passage a line.",
        )
    return _opened(given, path)


def open_file(given: str) -> Source:
    """A text file of any ending, with its bytes.

    Raises:
        TextError: missing, a folder, unreadable or empty.
    """
    path = Path(given)
    _check_present(given, path, remedy="Check the path.")
    return _opened(given, path)


def _check_present(
    given: str, path: Path, remedy: str = "Check the path, or name a text such as bundled:her."
) -> None:
    if path.is_dir():
        raise TextError(f"{given} is a folder", remedy="Name the files inside it.")
    if not path.exists():
        raise TextError(f"{given}: no such file", remedy=remedy)


def _opened(given: str, path: Path) -> Source:
    try:
        return _filled(Source(given, path.name, path.suffix.lower(), path.read_bytes()))
    except OSError as error:
        raise TextError(
            f"{given} cannot be read", given=str(error.strerror), remedy="Check its permissions."
        ) from error


def _filled(source: Source) -> Source:
    if not source.data:
        raise TextError(f"{source.name} is empty", remedy="Give a file that holds text.")
    return source


def decode(source: Source) -> str:
    """The text of the source, a byte order mark left out.

    Raises:
        TextError: a binary file, or an encoding that is not UTF-8.
    """
    if b"\0" in source.data:
        raise TextError(
            f"{source.name} is no text file",
            expected="UTF-8 text",
            given=f"a NUL byte at byte {source.data.index(0)}",
            remedy="UTF-16 text becomes UTF-8 with: iconv -f utf-16 -t utf-8.",
        )
    try:
        # Not utf-8-sig: with it the offset of an error would not count the mark.
        return source.data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = len(_LINE_END.findall(source.data[: error.start].decode("utf-8"))) + 1
        raise TextError(
            f"{source.place(line)}: another encoding",
            expected="UTF-8",
            given=f"byte 0x{source.data[error.start]:02x} at byte {error.start}",
            remedy=f"If it is Latin-1: iconv -f latin1 -t utf-8 {source.name}.",
        ) from None


def split_lines(text: str) -> list[str]:
    r"""The lines without their endings (\n, \r\n or \r, and nothing else ends a line)."""
    lines = _LINE_END.split(text)
    return lines[:-1] if not lines[-1] else lines


def one_line_ending(text: str) -> str:
    r"""The whole text with \n between its lines and none after the last."""
    return "\n".join(split_lines(text))
