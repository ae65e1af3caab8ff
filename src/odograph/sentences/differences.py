"""The sentences about a difference of two groups: in one number, and in their curves.

Geometry is described, nothing is explained: states turn, step and move. Cluster tests say that
curves differ, never where the difference begins.
"""

import math

import numpy as np

from odograph.sentences.english import capital, counted, layers_named, ranges, several, span
from odograph.sentences.evidence import bracket, is_shown, of_estimate
from odograph.sentences.names import CLUSTERS, cluster_words, name_of_interval, name_of_test
from odograph.sentences.numbers import number, p_value, quantity
from odograph.sentences.record import Words
from odograph.statistics.designs.one_sample import D_Z_INTERVAL
from odograph.statistics.designs.paired import PairedProfile
from odograph.statistics.designs.unpaired import UnpairedProfile
from odograph.statistics.intervals import Floats
from odograph.statistics.keys import SignificanceTest
from odograph.statistics.permutation import ALPHA, FEWEST_PAIRS, by_units
from odograph.statistics.values import Comparison, Estimate, IntervalMethod

#: Places that a headline leaves out: all that there are.
_EVERYWHERE = ("in the same texts", "at the same places of the same texts")
#: A headline has at most so many words.
MOST_WORDS = 20


def cancelled(along: str = "block") -> str:
    """What the mean over layers is where layers on both sides of 0 cancel in it."""
    return f"mean over {along}s, where they cancel"


def difference_words(found: Comparison, more: str = "", plainly: str = "") -> Words:
    """A difference between two groups, with `more` and `plainly` behind it and its plain words."""
    return Words(
        " ".join(filter(None, [difference_sentence(found), more])),
        " ".join(filter(None, [difference_plain(found), plainly])),
        difference_headline(found),
    )


def difference_sentence(found: Comparison) -> str:
    """A difference between two groups with interval, n, test and family."""
    estimate = found.estimate
    if math.isnan(estimate.value):
        what = f"The {found.measure} of {found.target} and of {found.control}"
        return f"{what} cannot be compared {found.place} ({estimate.note or 'no values'})."
    effect = f"difference {quantity(estimate.value, estimate.unit)}"
    details = bracket(effect, *of_estimate(estimate, found.tested))
    return f"The {found.measure} of {found.target} {_against(found)} {found.place} {details}."


def difference_headline(found: Comparison) -> str:
    """The same in one clause: "'her' turns 5.8 degrees more than the token before it"."""
    estimate = found.estimate
    place = "" if found.place in _EVERYWHERE else f" {found.place}"
    if math.isnan(estimate.value):
        return f"The {found.measure} of {found.target} cannot be compared{place}"
    of_turns = found.measure.startswith("rotation")
    everywhere = ", over all blocks" if of_turns and not place else place
    # A phrase begins with a capital, a name is written as it is: "A marked word", "gpt2".
    first = capital(found.target) if " " in found.target else found.target
    if _shown(found) and of_turns:
        more = "more" if estimate.value > 0 else "less"
        turns = f"{first} turns {quantity(abs(estimate.value), estimate.unit)} {more}"
        than = f"{turns} than {found.control}"
        return first_short(f"{than}{everywhere}", f"{turns}{everywhere}", than)
    if of_turns:
        both = f"{first} and {found.control} are not shown to turn differently"
        return first_short(f"{both}{everywhere}", f"No difference in turning is shown{everywhere}")
    if _shown(found):
        what = f"The {found.measure} of {found.target}"
        said = f"{what} is {_size(estimate)} than that of {found.control}{place}"
        short = f"the {found.measure} is {_size(estimate)} for {found.target}"
        return first_short(said, capital(f"{place.strip()} {short}".strip()), capital(short))
    both = f" between {found.target} and {found.control}"
    said = f"No difference in {found.measure}{both} is shown{place}"
    return first_short(said, said.replace(both, ""))


def first_short(*headlines: str) -> str:
    """The first headline that is short enough; the last where none is."""
    short = (said for said in headlines if len(said.split()) <= MOST_WORDS)
    return next(short, headlines[-1])


def _shown(found: Comparison) -> bool:
    """Whether the interval leaves zero out, and the corrected test, where one was made, does."""
    return is_shown(found.tested.p, found.estimate.interval)


def _against(found: Comparison) -> str:
    """`is 3 degrees larger than that of ...`, or that the two are not told apart."""
    estimate, other = found.estimate, found.control
    if number(abs(estimate.value)) == "0":
        return f"equals that of {other}"
    if estimate.interval is not None and not _shown(found):
        return f"cannot be told apart from that of {other}"
    return f"is {_size(estimate)} than that of {other}"


def difference_plain(found: Comparison) -> str:
    """The same to a student, without symbols."""
    estimate = found.estimate
    units = several(estimate.n, estimate.unit_of_inference)
    if estimate.value == 0 and estimate.interval is None:
        return (
            f"In {units}, the {found.measure} of {found.target} and of {found.control} is the same "
            f"{found.place}: there is no difference to test."
        )
    if math.isnan(estimate.value) or estimate.interval is None:
        return f"There is too little to say how {found.target} and {found.control} compare."
    low, high = estimate.interval.low, estimate.interval.high
    if not _shown(found):
        why = "the mean difference may lie on either side of zero"
        if not low <= 0 <= high:
            why = "the test, corrected for all that was tested, does not show a difference"
        return (
            f"In {units}, the {found.measure} of {found.target} and of {found.control} "
            f"cannot be told apart {found.place}: {why}."
        )
    near, far = (number(bound) for bound in sorted((abs(low), abs(high))))
    apart = f"of {far}" if near == far else f"between {near} and {far}"
    ending = "" if estimate.unit == "1" else f" {estimate.unit}"
    return (
        f"In {units}, the {found.measure} of {found.target} is on average {_size(estimate)} "
        f"than that of {found.control} {found.place}; for texts of this kind in general a "
        f"difference {apart}{ending} fits what was seen."
    )


def curves_sentence(
    profile: PairedProfile, measure: str, target: str, control: str, along: str = "layer"
) -> str:
    """What the cluster test says about two curves as wholes, along layers or blocks."""
    counts = counted(profile.n, "pair")
    subject = f"The curves of the {measure} of {target} and {control}"
    if math.isnan(profile.threshold):
        return f"{subject} were not tested ({counts}; {profile_note(profile)})."
    family = f"family of {profile.family} layers"
    if not profile.clusters:
        method = cluster_method(profile)
        return f"{subject} do not differ in any cluster ({counts}; {method}, {family})."
    best = min(profile.clusters, key=lambda cluster: (cluster.p, -abs(cluster.mass)))
    verb = "differ" if best.p < ALPHA else "are not shown to differ"
    where = span(along, best.first_layer, best.last_layer)
    return (
        f"{subject} {verb} (cluster mass {number(best.mass)}; {counts}; {p_value(best.p)}, "
        f"{cluster_method(profile)}, {family}). The cluster with the smallest p covers {where}; "
        "its edges are not tested."
    )


def cluster_method(profile: PairedProfile) -> str:
    """The cluster test of paired curves, with the threshold that formed the clusters."""
    return cluster_words(by_units(SignificanceTest.SIGN_FLIP_CLUSTER, profile.n), profile.threshold)


def cluster_test(profile: UnpairedProfile) -> str:
    """The cluster test of two independent groups, with the threshold that formed the clusters."""
    return cluster_words(f"{name_of_test(profile.test)}, {CLUSTERS}", profile.threshold)


def profile_note(profile: PairedProfile) -> str:
    """What must be said beside a paired profile: layers without a value, too few pairs; or ""."""
    n, parts = profile.n, []
    if profile.absent:
        parts.append(f"no value at all at {ranges('layer', profile.absent)}")
    if n < 2:
        parts.append(f"{several(n, 'complete pair')}: no spread, no interval, no test")
    elif n < FEWEST_PAIRS:
        parts.append(f"{n} pairs: no p-values with fewer than {FEWEST_PAIRS}")
    if profile.no_difference:
        parts.append(f"no difference in any pair at {ranges('layer', profile.no_difference)}")
    if profile.same_difference:
        same = ranges("layer", profile.same_difference)
        parts.append(f"the same difference in every pair at {same}")
    return "; ".join(parts)


def curves_plain(profile: PairedProfile, measure: str, target: str, control: str) -> str:
    """The same to a student, without symbols."""
    subject = f"the two curves ({measure} of {target} and of {control})"
    if math.isnan(profile.threshold):
        return f"There are too few pairs to test whether {subject} differ."
    if min((cluster.p for cluster in profile.clusters), default=1.0) < ALPHA:
        return f"Taken as a whole, {subject} differ by more than chance pairing would give."
    return f"Taken as a whole, {subject} do not differ by more than chance pairing would give."


def _size(estimate: Estimate) -> str:
    return f"{quantity(abs(estimate.value), estimate.unit)} {_comparative(estimate.value)}"


def _comparative(value: float) -> str:
    return "larger" if value > 0 else "smaller"


def standardised_words(profile: PairedProfile, index: int, along: str) -> str:
    """What the layer with the largest standardised difference has: d_z, and how many others."""
    rejected = int((profile.p_max_t < ALPHA).sum())
    d_z = (
        f"d_z = {profile.d_z[index]:.2f}, 95 % interval {profile.d_z_low[index]:.2f} to "
        f"{profile.d_z_high[index]:.2f}, "
        f"{name_of_interval(IntervalMethod(D_Z_INTERVAL, profile.n))}"
    )
    return (
        f"It is the {along} with the largest standardised difference ({d_z}); in {rejected} of "
        f"{len(profile.layer)} {along}s p < .05 after max-T. The interval allows for its choice "
        f"among the {along}s."
    )


def sides(
    difference: Floats, p: Floats, words: tuple[str, str], along: str = "block", first: int = 1
) -> str:
    """The layers on both sides of 0: "more in blocks 2-4, less in block 1".

    words: for above 0 and below; first: the number of the first layer.
    """
    found = np.nan_to_num(p, nan=1.0) < ALPHA
    above = layers_named(found & (difference > 0), along, first)
    below = layers_named(found & (difference < 0), along, first)
    return f"{words[0]} in {above}, {words[1]} in {below}"
