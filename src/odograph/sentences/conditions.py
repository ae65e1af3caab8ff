"""The words about conditions of a design: whose target it is, where, and what is compared."""

from odograph.sentences.english import several

#: What a single test of each pair of conditions, or of roles, is corrected for.
COMPARISONS = "pairs compared"


def subject_words(column: str, level: str, *, follows: bool) -> str:
    """Whose vector it is: "the target of condition 'plausible'"; without a column of its level."""
    whose = "the target" if follows else "a token"
    named = f"{column} '{level}'" if column else f"'{level}'"
    return f"{whose} of {named}"


def groups_words(*, paired: bool) -> str:
    """Where conditions are compared."""
    return "in the same items" if paired else "in texts of their own"


def place_words(along: str, layer: int, after: int) -> str:
    """A layer, and how many tokens after the target: "in block 3, 2 tokens later"."""
    behind = f", {several(after, 'token')} later" if after else ""
    return f"in {along} {layer}{behind}"


def condition_note(column: str, pair: str | None, *, paired: bool) -> str:
    """How the conditions of a column are compared, in a sentence."""
    if pair is not None:
        return f"The values of '{column}' are compared within each '{pair}'."
    if paired:
        return f"The values of '{column}' are compared within documents: each has all of them."
    return (
        f"The values of '{column}' stand in texts of their own and are compared as two groups; "
        "texts with both are left out."
    )


def conditions_not_compared(column: str, reason: str) -> str:
    """Why a study does not compare the conditions of a column, in a sentence."""
    return f"The values of '{column}' are not compared by this study: {reason}."


def crossed_words(words: int, documents: int, unit: str) -> str:
    """What a mean over words and documents is of, a sentence."""
    return f"{words} words in {several(documents, unit)}."
