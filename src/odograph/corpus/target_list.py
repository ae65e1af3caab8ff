"""Targets listed in a file, one a line."""

from odograph.corpus.sources import decode, open_file, split_lines
from odograph.corpus.words import clean_targets
from odograph.errors import TextError


def read_targets(path: str) -> tuple[str, ...]:
    """The targets of a file, one a line, each once; a target may be several words.

    Blank lines are passed over.

    Raises:
        TextError: the file cannot be read, or holds no target.
    """
    lines = split_lines(decode(open_file(path)))
    targets = clean_targets(line for line in lines if line.strip())
    if not targets:
        raise TextError(f"{path} holds no target", expected="a word, or several, on each line")
    return targets
