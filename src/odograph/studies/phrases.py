"""What findings, captions and notes say about a run, in the same words in every study."""

import numpy as np
from numpy.typing import NDArray

from odograph.corpus.exclusions import EXCLUSIONS
from odograph.folder.run import Run
from odograph.sentences.numbers import number
from odograph.statistics.intervals import FEWEST_UNITS
from odograph.studies.selection import Floats, has_targets

#: From this share of a difference on, a twin is said to show it too.
_TOO = 0.5


def target_words(run: Run) -> str:
    """The targets as they stand in a sentence: `'her'`, `'her' or 'him'`."""
    return " or ".join(f"'{target}'" for target in run.manifest["config"]["targets"])


def window_notes(run: Run) -> list[str]:
    """What a reader must know where long passages were read in windows."""
    windows = run.manifest["exclusions"]["passages_windowed"]
    if not windows:
        return []
    return [
        f"{windows} windows of long passages: those of one passage are averaged, a window is no "
        "unit of its own."
    ]


def twins_words(count: int) -> str:
    """How a sentence speaks of so many twins."""
    return "the untrained twin" if count == 1 else f"the {count} untrained twins"


def beside_twins(values: Floats | None, unit: str) -> str:
    """The mean of the twins, values [twins, passages], and the range of the seeds' means."""
    if values is None:
        return "no untrained twin was measured"
    seeds = values.reshape(len(values), -1).mean(axis=1)
    ending = f" {unit}" if unit else ""
    spread = f" (seeds {number(seeds.min())} to {number(seeds.max())})" if len(seeds) > 1 else ""
    return f"{twins_words(len(seeds))} {number(seeds.mean())}{ending}{spread}"


def seeds_beside(seeds: Floats, unit: str) -> str:
    """As `beside_twins`, of one number for each twin, [twins]; none without twins."""
    return beside_twins(seeds[:, None] if len(seeds) else None, unit)


def under(run: Run) -> str:
    """The convention as it stands in a sentence, where it is not the usual one: " under hf"."""
    convention = run.manifest["convention"]
    return "" if convention == "stream" else f" under {convention}"


def twin_null(run: Run) -> str:
    """The untrained twins in words, for captions and cards."""
    count = len(run.untrained)
    if count == 0:
        return "no untrained twin was measured (--untrained 3 does)"
    seeds = "1 seed" if count == 1 else f"{count} seeds"
    return f"untrained twin: same architecture, random weights, {seeds}, same text"


def twin_note(run: Run) -> str:
    """The untrained twins in a sentence of their own."""
    return f"{capital(twin_null(run))}."


def capital(text: str) -> str:
    """The text with a capital at its beginning, and nothing else changed."""
    return text[:1].upper() + text[1:]


def layers_named(mask: NDArray[np.bool_], along: str = "block", first: int = 1) -> str:
    """The layers that a mask names, counted from `first`: "no block", "block 2", "blocks 2 and 4".

    along: what a layer is called.
    """
    numbers = [str(i + first) for i in np.flatnonzero(mask)]
    if len(numbers) < 2:
        return f"{along} {numbers[0]}" if numbers else f"no {along}"
    return f"{along}s {', '.join(numbers[:-1])} and {numbers[-1]}"


def passages_counted(count: int) -> str:
    """So many passages in words: "1 passage", "24 passages"."""
    return "1 passage" if count == 1 else f"{count} passages"


def blocks_counted(count: int) -> str:
    """So many blocks in words: "1 block", "12 blocks"."""
    return "1 block" if count == 1 else f"{count} blocks"


def over_passages(count: int) -> str:
    """What a mean is taken over, and its interval, as captions have it."""
    if count < FEWEST_UNITS:
        return f"over {passages_counted(count)}, too few for an interval"
    return f"over {count} passages with its 95 % interval (BCa)"


def as_in_twins(value: float, seeds: Floats, what: str = "difference") -> str:
    """What a plain sentence must add where untrained twins show the same, [seeds]."""
    if not len(seeds) or value == 0:
        return ""
    if float(seeds.mean()) / value >= _TOO:
        return (
            f" Untrained twins show such a {what} too, so most of it may be architecture and "
            "text, not what was learned."
        )
    if float((seeds / value).max()) >= _TOO:
        return (
            " Random weights differ among themselves: not all untrained twins show such a "
            f"{what}, but at least one does, so it need not be what was learned."
        )
    return ""


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
