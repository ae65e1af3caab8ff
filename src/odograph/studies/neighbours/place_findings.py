"""What is found at fixed positions, at larger distances, and from token to token to token."""

import numpy as np

from odograph.sentences.record import Finding
from odograph.sentences.templates import counted, interval_words, number, p_words
from odograph.statistics.intervals import mean_interval, mean_intervals
from odograph.statistics.leave_one_out import max_t_without
from odograph.statistics.values import NO_DIFFERENCE
from odograph.studies.beyond_twins import as_in_twins
from odograph.studies.hinges import said_if_hinged
from odograph.studies.neighbours.measured import Measured
from odograph.studies.neighbours.wording import (
    compared,
    position_zero,
    seeds_beside,
)
from odograph.studies.phrases import beside_twins
from odograph.studies.reporting import Usual, tested_as
from odograph.studies.selection import Floats
from odograph.studies.single_tests import single_estimate, single_test

#: Independent states: two steps that share a state stand at this angle, not at 90 degrees.
INDEPENDENT_BEND = 120.0


def place_findings(measured: Measured, usual: Usual) -> list[Finding]:
    """Those that the passages are long enough for."""
    parts = [_first_position(measured, usual), _lags(measured, usual), _bend(measured, usual)]
    return [part for part in parts if part is not None]


def _first_position(measured: Measured, usual: Usual) -> Finding | None:
    """The pair 0-1 against the fixed pairs behind it."""
    apart = measured.positions.first_against_later
    if not len(apart):
        return None
    means, by_layer = measured.positions.means, apart.mean(axis=0)
    interval = mean_interval(apart.mean(axis=1), seed=measured.run.seed)
    most = int(np.argmax(np.abs(by_layer)))
    later = "that of the later fixed pairs of their passage"
    listed = ", ".join(
        f"{place - 1}-{place} {number(found.values.mean())} (n = {len(found.units)})"
        for place, found in means.items()
    )
    found = [twin.first_against_later for twin in measured.twins_positions]
    twins = np.array([float(values.mean()) for values in found if len(values)])
    statement = (
        "Averaged over all layers, the angle of the positions 0 and 1 "
        f"{compared(apart.mean(axis=1), interval, later)}"
        f"{interval_words(interval, 'degrees')}; {counted(len(apart), 'passage', 0)}; descriptive, "
        f"no test), most differently in layer {most} ({number(by_layer[most])} degrees). Angle of "
        f"the fixed pairs in degrees: {listed}; {position_zero(measured)}. The same difference in "
        f"twins: {seeds_beside(twins)}."
    )
    sinks, passages = measured.first_sinks
    plain = (
        "The first token of what a model reads is often a sink: a state of its own kind, so a pair "
        "with it says nothing about neighbours. "
        + ("Here it is one." if 2 * sinks > passages else "By its length it is none here.")
    )
    return usual.finding(statement, plain, float(apart.mean()), interval, n=len(apart), excluded=0)


def _lags(measured: Measured, usual: Usual) -> Finding | None:
    """The longest lag against the shortest, in the same passages."""
    lags = measured.lags
    longest = max(lags.values)
    if longest == 1:
        return None
    apart = (lags.values[longest] - lags.values[1]).mean(axis=1)
    estimate = single_estimate(apart, "degrees", seed=measured.run.seed, excluded=lags.excluded)
    tested, interval = single_test(apart, seed=measured.run.seed), estimate.interval
    listed = ", ".join(f"{lag}: {number(v.mean())}" for lag, v in lags.values.items())
    twins = _apart_in_twins(lags.twins, longest)
    statement = (
        f"Averaged over all layers, the angle of tokens {longest} apart "
        f"{compared(apart, interval, 'that of neighbours')}"
        f"{interval_words(interval, 'degrees')}; "
        f"{counted(len(apart), 'passage', lags.excluded)}; {p_words(tested)}). Angle "
        f"in degrees by distance in tokens: {listed}. The same difference in twins: "
        f"{seeds_beside(twins)}."
    )
    plain = (
        "Distance in the text and distance in the space are compared here; positions differ "
        "between near and far tokens as well, and the untrained twins show what that alone gives."
        + as_in_twins(apart.mean(), twins)
    )
    made = usual.finding(
        statement,
        plain,
        estimate.value,
        interval,
        n=estimate.n,
        excluded=estimate.excluded,
        null=f"{NO_DIFFERENCE}; {usual.null}",
        **tested_as(tested),
    )
    seed = measured.run.seed
    return said_if_hinged(made, lambda: max_t_without(apart[:, None], seed=seed), lags.names)


def _apart_in_twins(twins: dict[int, Floats], longest: int) -> Floats:
    """The same difference, one mean a twin; empty without twins."""
    if longest not in twins or 1 not in twins:
        return np.empty(0)
    pairs = zip(twins[longest], twins[1], strict=True)
    return np.array([float(far.mean() - near.mean()) for far, near in pairs])


def _bend(measured: Measured, usual: Usual) -> Finding | None:
    """The bend from token to token, against 120 degrees."""
    values = measured.bend.values
    if not len(values):
        return None
    mean, by_layer = values.mean(axis=1), values.mean(axis=0)
    interval = mean_interval(mean, seed=measured.run.seed)
    low, high = mean_intervals(values, seed=measured.run.seed)
    straighter, sharper = high < INDEPENDENT_BEND, low > INDEPENDENT_BEND
    beyond = (
        f". The 95 % interval lies below that in {int(straighter.sum())} of {len(by_layer)} layers "
        f"and above it in {int(sharper.sum())}"
        if np.isfinite(low).any()
        else ""
    )
    least = int(np.argmin(by_layer))
    twins = None if measured.bend_twins is None else measured.bend_twins.mean(axis=2)
    statement = (
        f"From token to token the path inside a layer bends by {number(mean.mean())} degrees, "
        f"averaged over all layers ({interval_words(interval, 'degrees')}; "
        f"{counted(len(mean), 'passage', measured.bend.excluded)}; descriptive, no test), least in "
        f"layer {least} ({number(by_layer[least])} degrees); independent states give "
        f"{INDEPENDENT_BEND:.0f}{beyond}; {beside_twins(twins, 'degrees')}."
    )
    plain = (
        "Two ways that share a state stand at 120 degrees when the states have nothing to do with "
        "each other, not at 90: less is a straighter path through the text."
    )
    return usual.finding(
        statement,
        plain,
        float(mean.mean()),
        interval,
        n=len(mean),
        excluded=measured.bend.excluded,
        null=f"independent states: {INDEPENDENT_BEND:.0f} degrees; {usual.null}",
    )
