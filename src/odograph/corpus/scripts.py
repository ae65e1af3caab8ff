"""Scripts that are written without spaces between words, and where a character ends."""

import unicodedata
from functools import lru_cache

import regex

#: Their Unicode names. Line breaks in them ask for a dictionary (class SA), or come anywhere (ID).
#: Source: Unicode Standard Annex 14, sections 5.1 and 6.1; Annex 24.
UNSPACED = (
    "Han",
    "Hiragana",
    "Katakana",
    "Bopomofo",
    "Yi",
    "Tangut",
    "Nushu",
    "Khitan_Small_Script",
    "Thai",
    "Lao",
    "Khmer",
    "Myanmar",
    "Tai_Le",
    "New_Tai_Lue",
    "Tai_Tham",
    "Tai_Viet",
    "Ahom",
    "Javanese",
    "Balinese",
)
# The long vowel marks of Katakana are of no script by themselves.
_CHARACTER = "[" + "".join(rf"\p{{{name}}}" for name in UNSPACED) + "\u30fc\uff70]"
_UNSPACED = regex.compile(_CHARACTER)
_STRETCHES = regex.compile(rf"(?:{_CHARACTER}\p{{M}}*+)+|(?:(?!{_CHARACTER}).)+", regex.DOTALL)
#: Signs under which the next consonant is written: of Khmer, Myanmar, Tai Tham, Javanese, Balinese.
_STACKING = "\u17d2\u1039\u1a60\ua9c0\u1b44"


def is_mark(character: str) -> bool:
    """Whether the character is a combining mark, part of the character before it."""
    return unicodedata.category(character).startswith("M")


@lru_cache(maxsize=65536)
def is_unspaced(character: str) -> bool:
    """Whether the character is of a script without spaces between words.

    >>> [is_unspaced(c) for c in "猫ネกກកကa"]
    [True, True, True, True, True, True, False]
    """
    return _UNSPACED.fullmatch(character) is not None


def has_unspaced(text: str) -> bool:
    """Whether some character of the text is of such a script."""
    return not text.isascii() and _UNSPACED.search(text) is not None


def stretches(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The characters from `start` to `end`, divided where such a script begins or ends.

    >>> stretches("猫とcatが", 0, 6)
    [(0, 2), (2, 5), (5, 6)]
    """
    return [match.span() for match in _STRETCHES.finditer(text, start, end)]


def cuts_a_character(text: str, start: int, end: int) -> bool:
    """Whether the span begins or ends between a character and a mark, or inside a stack."""
    inner = [place for place in (start, end) if 0 < place < len(text)]
    return any(is_mark(text[place]) or text[place - 1] in _STACKING for place in inner)
