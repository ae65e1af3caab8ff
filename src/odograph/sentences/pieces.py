"""What is said of pairs of words that are split into unlike numbers of pieces."""

from odograph.sentences.english import several
from odograph.sentences.evidence import interval_words, p_words
from odograph.sentences.numbers import quantity
from odograph.statistics.values import Estimate, PValue


def unlike_words(unlike: int, used: int) -> str:
    """In how many of the pairs the two words are of unlike pieces, a clause; "" for none."""
    if not unlike:
        return ""
    return f"In {unlike} of {used} pairs the two words have different numbers of pieces"


def with_pieces(target: tuple[int, int], other: tuple[int, int]) -> str:
    """How many of the pairs of neighbours hold a piece of a split word, a clause; "" for none."""
    if not target[0] + other[0]:
        return ""
    return (
        f"In {target[0]} of {target[1]} pairs with a target and {other[0]} of {other[1]} others a "
        "token is a piece of a split word"
    )


def without_these(clause: str, estimate: Estimate, tested: PValue) -> str:
    """A clause of the above with what the difference is without such pairs."""
    units = several(estimate.n, estimate.unit_of_inference)
    return (
        f"{clause}; without these the difference is {quantity(estimate.value, estimate.unit)} "
        f"({interval_words(estimate.interval, estimate.unit)}; {units}; {p_words(tested)})."
    )


def too_few_without_these(clause: str) -> str:
    """A clause of the above where nothing can be said without such pairs."""
    return f"{clause}, and too few are left without these."
