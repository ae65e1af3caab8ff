"""What is written to stdout and stderr: no control character of a stranger's reaches a terminal.

Texts, tokens, file names, manifests and other libraries' messages may hold ANSI sequences that hide
or forge what is on the screen. Everything that odograph prints goes through here.
"""

import json
import re
import shlex
import sys
from typing import Any, TextIO

#: Control characters but for tab and line feed, marks that turn the direction of writing, and lone
#: surrogates, which no terminal can show.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)

_COLOUR = re.compile("\x1b\\[[0-9;]*m")


def visible(text: object) -> str:
    r"""The text with control characters written out, so that a terminal only shows it.

    >>> visible("a\x1b[31mred\x9b0m\ttab")
    'a\\x1b[31mred\\x9b0m\ttab'
    """
    return _UNSAFE.sub(lambda match: ascii(match[0])[1:-1], str(text))


def shell_command(*words: object) -> str:
    """A command as it can be copied into a shell: no name in it means anything to the shell.

    >>> shell_command("odograph", "show", "her; rm -r ~")
    "odograph show 'her; rm -r ~'"
    """
    return shlex.join(map(str, words))


def show(text: object = "") -> None:
    """Writes a line to stdout, what is in it made visible."""
    print(visible(text))


def show_coloured(text: str) -> None:
    """Writes a line to stdout of which colours go through, and nothing else that is not seen."""
    print("".join(part if _COLOUR.fullmatch(part) else visible(part) for part in _split(text)))


def _split(text: str) -> list[str]:
    return re.split(f"({_COLOUR.pattern})", text)


def tell(message: object) -> None:
    """Writes a message to stderr, on one line with the program's name before it."""
    print(f"odograph: {' '.join(visible(message).splitlines())}", file=sys.stderr)


def json_text(value: Any, indent: int | None = None) -> str:
    """JSON in which control characters stand as escapes, the same data wherever it is read.

    Raises:
        ValueError: a number that is not finite.
    """
    text = json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False, default=str)
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def put(data: str) -> None:
    """Writes data to stdout: as they are into a file or a pipe, made visible on a terminal."""
    sys.stdout.write(visible(data) if is_terminal(sys.stdout) else data)


def is_terminal(stream: TextIO) -> bool:
    """Whether somebody reads it on a screen."""
    return stream.isatty()
