"""The sentences about two runs on the same tokens, one minus the other."""

from collections.abc import Mapping, Sequence

import numpy as np

from odograph.sentences.english import layers_named, listed, several
from odograph.sentences.evidence import described
from odograph.sentences.numbers import in_unit, number, unit_ending
from odograph.sentences.record import Words
from odograph.statistics.intervals import Floats
from odograph.statistics.values import Estimate

#: The null that stands beside a difference of two models: the same of two draws of random weights.
TWO_SEEDS = "two seeds of the twin"


def two_seeds_null(count: int) -> str:
    """The null of a difference in words, for captions and cards."""
    if count == 0:
        return "no two seeds of an untrained twin (--untrained 8 in both runs measures them)"
    return f"two seeds of the untrained twin, one minus the other, {several(count, 'pair')}"


def two_seeds_label(count: int) -> str:
    """The same in a legend."""
    return f"two seeds of the twin ({several(count, 'pair')})"


def two_seeds_words(pairs: Floats, unit: str) -> str:
    """What two seeds of the untrained twin differ by, pairs [n], as a sentence; "" without."""
    if not len(pairs):
        return ""
    low, high = (in_unit(float(bound), unit) for bound in (pairs.min(), pairs.max()))
    return (
        f"Two seeds of the untrained twin differ by {low} to {high}{unit_ending(unit)} there "
        f"({several(len(pairs), 'pair')})."
    )


def two_seeds_plain(estimate: float, pairs: Floats) -> str:
    """What a plain sentence adds of them: whether two random models differ by as much."""
    if not len(pairs) or estimate == 0:
        return ""
    if float(np.abs(pairs).max()) >= abs(estimate):
        return "Two models with random weights differ by as much."
    return "Two models with random weights differ by less."


def blocks_found(found: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> str:
    """In which blocks, [L], the test of each rejects, as a sentence."""
    count = int(found.sum())
    if not count:
        return f"In none of {several(len(found), 'block')} p < .05."
    return (
        f"In {count} of {several(len(found), 'block')} p < .05 ({layers_named(found)}), corrected "
        "for all of them; which comes first is not tested."
    )


#: What holds where the states of two models do not differ.
SAME_STATES = "0: the same states"


def states_words(models: tuple[str, str], angle: Estimate) -> Words:
    """How far the states of two models lie apart after the last block."""
    both = " and ".join(models)
    return Words(
        f"After the last block the states of {both} lie {number(angle.value)} degrees apart "
        f"({described(angle, 'degrees')}).",
        f"At the same token {both} end at different states; an angle between them is told only of "
        "models that share a start, whose coordinates mean the same.",
    )


def nothing_differs(model: str, base: str) -> str:
    """What is said of two runs with the same numbers."""
    return (
        f"{model} and {base} are the same: every difference is 0, at every token and layer. "
        "Nothing is found."
    )


def not_compared(
    names: tuple[str, str],
    alone: Mapping[str, Sequence[int]],
    redefined: Sequence[str],
    other_coordinates: Sequence[str],
) -> str:
    """Which measures of two runs are not compared, and why; "" where all are.

    alone: the numbers of the runs that have what not both have.
    """
    said = [
        f"{listed(own)} ({name} alone has {'it' if len(own) == 1 else 'them'})"
        for k, name in enumerate(names)
        if (own := [measure for measure, there in alone.items() if there == (k,)])
    ]
    if redefined:
        said.append(f"{listed(redefined)} (defined otherwise in the other run)")
    if other_coordinates:
        said.append(f"{listed(other_coordinates)} (other outlier coordinates)")
    return f"Not compared: {'; '.join(said)}." if said else ""


def some_differ(same: list[str]) -> str:
    """Which measures are the same in both runs; "" for none."""
    return f"The same in both runs, at every token and layer: {', '.join(same)}." if same else ""
