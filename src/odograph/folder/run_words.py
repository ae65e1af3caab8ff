"""What findings, captions and notes say about a run, in the same words in every study."""

from odograph.corpus.exclusions import EXCLUSIONS
from odograph.folder.kept_rows import kept_sentence
from odograph.folder.run import Run
from odograph.folder.target_pairs import target_words
from odograph.folder.targets import has_targets
from odograph.sentences.english import capital
from odograph.sentences.minus import two_seeds_null
from odograph.sentences.readings import Outliers


def outliers_of(run: Run) -> Outliers:
    """The outlier coordinates of a run; none in runs of releases that looked for none."""
    found = run.manifest.get("pilot", {}).get("coordinates", ())
    return Outliers(tuple(found), int(run.manifest["model"]["width"]))


def window_notes(run: Run) -> list[str]:
    """What a reader must know where long passages were read in windows."""
    windows = run.manifest["exclusions"]["passages_windowed"]
    if not windows:
        return []
    return [
        f"{windows:,} windows of long texts: those of one text are averaged, a window is no unit "
        "of its own."
    ]


def kept_notes(run: Run) -> list[str]:
    """What a reader must know where sums are kept, and rows of drawn documents alone."""
    sentence = kept_sentence(run.manifest)
    return [sentence] if sentence else []


def under(run: Run) -> str:
    """The convention as it stands in a sentence, where it is not the usual one: " under hf"."""
    convention = run.manifest["convention"]
    return "" if convention == "stream" else f" under {convention}"


def twin_null(run: Run) -> str:
    """The untrained twins in words, for captions and cards; of a difference, two of their seeds."""
    count = len(run.untrained)
    if run.minus is not None:
        return two_seeds_null(count)
    if count == 0:
        return "no untrained twin was measured (--untrained 8 does)"
    seeds = "1 seed" if count == 1 else f"{count} seeds"
    return f"untrained twin: same architecture, random weights, {seeds}, same text"


def twin_note(run: Run) -> str:
    """The untrained twins in a sentence of their own."""
    return f"{capital(twin_null(run))}."


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
    return f"no pair of {target_words(run)} and the token before it is left ({reasons})"


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
