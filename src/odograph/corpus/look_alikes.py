"""Strings as messages show them: short, and told apart where they look alike."""

import unicodedata

_LONGEST = 60


def quoted(text: str) -> str:
    """The text in quotation marks; of a long one the beginning, and how long it is.

    >>> quoted("her"), quoted("x" * 1000)[-25:]
    ("'her'", "xxx... (1,000 characters)")
    """
    if len(text) <= _LONGEST:
        return repr(text)
    return f"{text[:_LONGEST]!r}... ({len(text):,} characters)"


def quoted_apart(text: str, other: str) -> str:
    """The text in quotation marks, with code points where it looks like the other.

    >>> print(quoted_apart("caf\u00e9", "cafe\u0301"), quoted_apart("hat", "her"))
    'café' (U+00E9 for U+0065 U+0301) 'hat'
    """
    if not look_alike(text, other):
        return quoted(text)
    own, others = _differing(text, other)
    return f"{quoted(text)} ({code_points(own)} for {code_points(others)})"


def code_points(text: str) -> str:
    """The code points of a few characters, or that there is none.

    >>> code_points("\u00e9"), code_points("")
    ('U+00E9', 'nothing')
    """
    shown = " ".join(f"U+{ord(character):04X}" for character in text[:8])
    return f"{shown} ..." if len(text) > 8 else shown or "nothing"


def look_alike(text: str, other: str) -> bool:
    """Whether two different strings can be taken for each other on a screen.

    They are of the same compatible characters, apart from invisible ones and marks, or differ
    only where one has a letter of ASCII and the other one of another script.
    """
    if text == other:
        return False
    if _skeleton(text) == _skeleton(other):
        return True
    return len(text) == len(other) and all(
        a.isascii() != b.isascii() for a, b in zip(text, other, strict=True) if a != b
    )


def _skeleton(text: str) -> str:
    kept = (c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) != "Cf")
    return " ".join("".join(kept).split())


def _differing(text: str, other: str) -> tuple[str, str]:
    """What stands between the common beginning and the common end of two strings."""
    first = 0
    while first < min(len(text), len(other)) and text[first] == other[first]:
        first += 1
    last = 0
    while last < min(len(text), len(other)) - first and text[-1 - last] == other[-1 - last]:
        last += 1
    return text[first : len(text) - last], other[first : len(other) - last]
