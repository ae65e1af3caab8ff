"""Text that can stand in a picture: tokens with visible spaces, titles that fit their width."""

import textwrap
import unicodedata

_NAMED = {" ": "·", "\n": "↵", "\r": "␍", "\t": "⇥", "\u00a0": "⍽"}
_MEAN_CHARACTER = 0.56
"""Width of a mean character of the figures' font, as a share of its size."""


def visible(token: str, longest: int = 18) -> str:
    r"""The token as it can be read in a picture.

    A space is drawn as a middle dot, a line break as ↵, a tab as ⇥; characters that XML or a font
    cannot carry (control characters, lone surrogates, unassigned ones) as their code, `\x07`.
    A token longer than `longest` characters keeps its two ends. An empty token is drawn as ∅.

    >>> visible(" her"), visible("\n"), visible("\x00a"), visible("")
    ('·her', '↵', '\\x00a', '∅')
    """
    shown = "".join(_visible_character(c) for c in token) or "∅"
    if len(shown) <= longest:
        return shown
    head = (longest - 1) * 2 // 3
    return f"{shown[:head]}…{shown[len(shown) - (longest - 1 - head) :]}"


def _visible_character(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    if unicodedata.category(character) in {"Cc", "Cs", "Cn", "Co", "Zl", "Zp"}:
        return character.encode("unicode_escape").decode("ascii")
    return character


def legible(text: str) -> str:
    """The text with characters that XML cannot carry replaced by their code; line breaks stay."""
    return "\n".join(
        "".join(c if c == " " or c in "\u00a0" else _visible_character(c) for c in line)
        for line in text.split("\n")
    )


def room(inches: float, points: float) -> int:
    """How many characters of a size fit a width."""
    return max(12, int(inches * 72 / (points * _MEAN_CHARACTER)))


def wrapped(text: str, inches: float, points: float, lines: int = 4) -> str:
    """The text broken to fit a width, at most so many lines; the last one then ends in …."""
    return "\n".join(
        textwrap.wrap(legible(text), room(inches, points), max_lines=lines, placeholder=" …")
    )
