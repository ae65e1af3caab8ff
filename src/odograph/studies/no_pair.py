"""Why a run has no pair of a target and the word before it, and what to do about it."""

from odograph.corpus.encoded import EXCLUSIONS
from odograph.folder.run import Run
from odograph.studies.phrases import capital, target_words
from odograph.studies.selection import has_targets

#: Counts of targets without a pair, and whether a token put in front would give them one.
_REASONS = {
    "target_at_first_position": True,
    "target_at_second_position": True,
    "target_after_front": False,
    "adjacent_targets": False,
    "non_target_crossed": False,
}


def no_pair_because(run: Run) -> str:
    """The reason, without a stop at its end: no target was given, or what dropped every pair."""
    if not has_targets(run):
        return "no target was given"
    counts = {key: run.manifest["exclusions"].get(key, 0) for key in _REASONS}
    found = [f"{count:,} {EXCLUSIONS[key]}" for key, count in counts.items() if count]
    reasons = "; ".join(found) or "the target or the token before it is a sink everywhere"
    return f"no pair of {target_words(run)} and the word before it is left ({reasons})"


def without_pairs(run: Run, shown: str) -> str:
    """Why nothing is paired, what the curves then are, and the remedy: sentences."""
    reason = capital(no_pair_because(run))
    return f"{reason}: the curves are {shown}. {remedy_for_pairs(run)}".rstrip()


def remedy_for_pairs(run: Run) -> str:
    """What gives pairs, as a sentence; "" where no target was given."""
    if not has_targets(run):
        return ""
    exclusions = run.manifest["exclusions"]
    early = any(exclusions.get(key, 0) for key, helped in _REASONS.items() if helped)
    if early and run.manifest["config"]["bos"] != "always":
        return "`--bos always` puts a token before each sentence; or take other sentences."
    return "Take sentences in which the target stands later."
