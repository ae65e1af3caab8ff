"""Texts: read into passages, searched for words by characters, turned into the tokens of a model.

Nothing heavy is imported until one of the names below is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from odograph.corpus.bundled import bundled_path, bundled_texts
    from odograph.corpus.encoded import ROLES, Encoded, Encoding
    from odograph.corpus.exclusions import EXCLUSIONS
    from odograph.corpus.near_words import suggest_words
    from odograph.corpus.options import EncodeOptions, WordDraw
    from odograph.corpus.passages import Passage, Word, fingerprint
    from odograph.corpus.readers import Reading, Skipped, read_passages
    from odograph.corpus.tokens import encode_passages
    from odograph.corpus.words import Target, find_targets, find_words

_HOMES = {
    "bundled": ("bundled_path", "bundled_texts"),
    "encoded": ("ROLES", "Encoded", "Encoding"),
    "exclusions": ("EXCLUSIONS",),
    "near_words": ("suggest_words",),
    "options": ("EncodeOptions", "WordDraw"),
    "passages": ("Passage", "Word", "fingerprint"),
    "readers": ("Reading", "Skipped", "read_passages"),
    "tokens": ("encode_passages",),
    "words": ("Target", "find_targets", "find_words"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "EXCLUSIONS",
    "ROLES",
    "EncodeOptions",
    "Encoded",
    "Encoding",
    "Passage",
    "Reading",
    "Skipped",
    "Target",
    "Word",
    "WordDraw",
    "bundled_path",
    "bundled_texts",
    "encode_passages",
    "find_targets",
    "find_words",
    "fingerprint",
    "read_passages",
    "suggest_words",
]


def __getattr__(name: str) -> Any:
    """The public name, from the module that holds it."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
