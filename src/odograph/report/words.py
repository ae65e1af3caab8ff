"""The fixed sentences of a report: what was left out and why, what geometry cannot show."""

from odograph.corpus.exclusions import EXCLUSIONS as CORPUS_EXCLUSIONS

EXCLUSIONS = {
    "first_position": (
        "first tokens of a passage: in many models an attention sink, whatever the word"
    ),
    "sinks": (
        "later tokens flagged as attention sinks: their norm is more than 5 times the layer's "
        "median in more than half of the middle layers"
    ),
    **CORPUS_EXCLUSIONS,
}

LIMITS = (
    (
        "Geometry is not importance.",
        "A small turn can be vital, and a large one may change nothing in the prediction. Angles "
        "and lengths say how a vector moves, not what the model uses.",
    ),
    (
        "Part of every curve is architecture.",
        "An untrained network of the same shape turns and steps as well. Only what lies beyond the "
        "untrained twins, by the test over their seeds, can be called learned.",
    ),
    (
        "Two groups of words differ in more than their role.",
        "A result about a chosen word and the token before it compares two kinds of words at two "
        "positions; it does not show that being a target matters.",
    ),
    (
        "A cluster has no sharp edge.",
        "A significant cluster of layers says that the curves differ, never from which layer on.",
    ),
    (
        "A correlation is not a cause.",
        "Position, word frequency and the length of a state go with many things; a partial "
        "correlation takes out only what was named. Significant here and not there is not a "
        "difference.",
    ),
    (
        "The last step depends on the convention.",
        "Under hf it contains the final norm; under stream it does not. Values of the two are not "
        "comparable.",
    ),
)

SELF_CHECKS = {
    "closure": "state before + attention + MLP = state after, in every block",
    "final norm": "the final norm of the last state = the model's own last hidden state",
    "head": "the head on it = the model's own logits",
    "batch": "a prompt alone and in a batch gives the same measures",
    "repeat": "two runs agree",
}


def exclusion(reason: str) -> str:
    """The sentence for a reason of exclusion; the reason itself where there is none."""
    return EXCLUSIONS.get(reason, reason.replace("_", " "))


def check_result(passed: object) -> str:
    """A self-check's result in words: passed, refused or not applicable."""
    if isinstance(passed, bool):
        return "passed" if passed else "refused"
    return "not applicable"
