"""What a run that keeps sums, or the difference of two of them, has rows of, in words."""

from collections.abc import Mapping
from typing import Any

from odograph.folder.documents import unit_of
from odograph.sentences.english import several


def drawn_words(manifest: Mapping[str, Any]) -> str:
    """Of how many documents all rows are kept: "1,000 of 50,000 passages, drawn by hash".

    "" where rows of all are.
    """
    kept = manifest.get("kept") or {}
    if not kept:  # as of every comparison, which has no texts of its own
        return ""
    corpus = manifest["corpus"]
    every = corpus.get("documents") or corpus["passages"]
    if kept["documents"] == every:
        return ""
    return f"{kept['documents']:,} of {several(every, unit_of(dict(manifest)))}, drawn by hash"


def kept_sentence(manifest: Mapping[str, Any]) -> str:
    """What findings of such a run rest on; "" where rows of all tokens are kept."""
    drawn = drawn_words(manifest)
    if not drawn:
        return ""
    if manifest["kind"] == "difference":
        return f"Both runs keep sums: their difference is of the rows that both have, of {drawn}."
    return (
        "This run keeps sums: means over all tokens, and what is said of targets, "
        "rest on every text; what needs other tokens one by one rests on "
        f"{drawn}, or on fewer of them, as its n says."
    )
