"""How a measure goes along an ordered series of runs: trend, change point, steepest depth, map."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

import numpy as np

from odograph.sentences.record import PRIMARY
from odograph.sentences.series import (
    PlaceOfChange,
    TestedEstimate,
    change_point_words,
    ends_words,
    steepest_words,
    too_short,
    trend_words,
)
from odograph.sentences.verdicts import BEYOND, UNDECIDED
from odograph.statistics.designs import series as design
from odograph.statistics.designs.series import FEWEST_MEMBERS, ChangePoint, Trend
from odograph.statistics.intervals import mean_interval, mean_intervals
from odograph.statistics.keys import SignificanceTest
from odograph.statistics.leave_one_out import max_t_without
from odograph.statistics.permutation import by_units
from odograph.statistics.values import PValue
from odograph.studies.claim import Claim
from odograph.studies.defaults import tested_as
from odograph.studies.questions.series_shown import SeriesAnalysis, beside_each_other, series_table
from odograph.studies.result import Table
from odograph.studies.section import Answer

_SLOPE, _SLOPES, _SPLITS = (
    SignificanceTest.SIGN_FLIP_SLOPE,
    SignificanceTest.SIGN_FLIP_MAX_T_SLOPES,
    SignificanceTest.SIGN_FLIP_MAX_T_SPLITS,
)
TESTS = (_SLOPE, _SPLITS, _SLOPES)
_UNTESTED = SignificanceTest.NONE_UNITS_OR_SPREAD
NO_TREND = "no trend: the mean slope over texts is 0"
NO_CHANGE = "no change: members before and after every split have the same mean over texts"


def answers(analysis: SeriesAnalysis) -> list[Answer]:
    """Trend, change point and steepest depth, from 5 members on, with their pictures and tables."""
    count = len(analysis.curves.series.values)
    if count < FEWEST_MEMBERS:
        return [_ends_answer(analysis), beside_each_other(analysis, None)]
    change = design.change_point(analysis.curves.each, seed=analysis.curves.seed)
    found = [_trend_answer(analysis)]
    if change is not None:
        found.append(_change_answer(analysis, change))
    return [*found, _steepest_answer(analysis), beside_each_other(analysis, change)]


def _tested(key: SignificanceTest, trend: Trend, column: int, members: str) -> PValue:
    """The p of one slope."""
    known = np.isfinite(trend.tested.p_max)
    if not known[column]:
        return PValue(_UNTESTED, None, 1)
    return trend.tested.p_at(column, by_units(key, len(trend.each)), int(known.sum()), members)


def _verdict(estimate: TestedEstimate) -> str:
    """Of a trend: beyond its null only where the order of the members has to do with it.

    Two networks always differ over texts; that alone is no trend.
    """
    if estimate.shown and estimate.beyond_orders:
        return BEYOND
    return UNDECIDED if estimate.tested.made else ""


def _numbers(members: Sequence[str]) -> list[float]:
    """The members that are called by numbers, as numbers."""
    found = []
    for name in members:
        with suppress(ValueError):
            found.append(float(name))
    return found


def _trend_answer(analysis: SeriesAnalysis) -> Answer:
    """The primary claim: one number a text, one slope, one test."""
    found = analysis.curves
    each, words, seed = found.each, found.words, found.seed
    trend, means = design.trend(each[:, :, None], seed=seed), each.mean(axis=0)
    estimate = TestedEstimate(
        float(trend.slope[0]),
        trend.interval(0, seed=seed),
        _tested(_SLOPE, trend, 0, "slopes"),
        design.share_of_orders(means, design.line_share, seed=seed),
    )
    made = analysis.defaults.finding_of(
        trend_words(words, estimate, (float(means[0]), float(means[-1]))),
        estimate.value,
        estimate.interval,
        unit=words.slope_unit,
        null=NO_TREND,
        estimate_of="slope",
        weight=PRIMARY,
        verdict=_verdict(estimate),
        **tested_as(estimate.tested),
    )
    without = partial(max_t_without, trend.each, seed=seed)
    return Answer([Claim(made, without, found.means.names)])


def _ends_answer(analysis: SeriesAnalysis) -> Answer:
    """What a series too short for a test shows: the last member minus the first."""
    found = analysis.curves
    each, words = found.each, found.words
    apart = each[:, -1] - each[:, 0]
    value, interval = float(apart.mean()), mean_interval(apart, seed=found.seed)
    ends = float(each[:, 0].mean()), float(each[:, -1].mean())
    made = analysis.defaults.finding_of(
        ends_words(words, value, interval, ends),
        value,
        interval,
        null="none: too few members",
        estimate_of="last minus first",
        data={"members": _numbers(words.members)},
    )
    note = too_short(each.shape[1], FEWEST_MEMBERS)
    return Answer([Claim(made)], notes=[note])


def _change_answer(analysis: SeriesAnalysis, change: ChangePoint) -> Answer:
    """Between which members the largest change lies."""
    found = analysis.curves
    words, members, tested = found.words, found.series.members, change.tested
    column, test = change.after - 1, by_units(_SPLITS, len(change.differences))
    p = tested.p_at(column, test, int(np.isfinite(tested.p_max).sum()), "splits")
    estimate = TestedEstimate(change.difference, change.interval, p)
    place = PlaceOfChange(members[column], members[column + 1], change.stepped, change.straight)
    made = analysis.defaults.finding_of(
        change_point_words(words, estimate, place),
        estimate.value,
        estimate.interval,
        null=NO_CHANGE,
        estimate_of="difference",
        data={"members": _numbers([place.before, place.after])},
        **tested_as(p),
    )
    without = partial(max_t_without, change.differences, column, seed=found.seed)
    return Answer([Claim(made, without, found.means.names)], tables=[_splits(analysis, change)])


def _splits(analysis: SeriesAnalysis, change: ChangePoint) -> Table:
    """One row a split of the series."""
    members, tested = analysis.curves.series.members, change.tested
    columns = {
        "before": list(members[:-1]),
        "after": list(members[1:]),
        "difference": change.differences.mean(axis=0),
        "t": tested.t,
        "p": tested.p,
        "p_max_t": tested.p_max,
    }
    test = by_units(_SPLITS, len(change.differences))
    return series_table(
        analysis, "splits", "Members after each split minus those before", columns, test
    )


def _steepest_answer(analysis: SeriesAnalysis) -> Answer:
    """The depth whose slope is largest beside its spread, of all depths tested together."""
    found = analysis.curves
    curves, seed = found.by_place, found.seed
    trend = design.trend(curves, seed=seed)
    table = _depths(analysis, trend)
    if not np.isfinite(trend.tested.p_max).any():
        return Answer(tables=[table])
    at = int(np.nanargmax(np.where(np.isfinite(trend.tested.t), np.abs(trend.tested.t), -1.0)))
    estimate = TestedEstimate(
        float(trend.slope[at]),
        trend.simultaneous(at),
        _tested(_SLOPES, trend, at, "depths"),
        design.share_of_orders(curves.mean(axis=0)[:, at], design.line_share, seed=seed),
    )
    where, words = (
        found.where(at),
        replace(found.words, measure=found.along_depth),
    )
    made = analysis.defaults.finding_of(
        steepest_words(words, estimate, where),
        estimate.value,
        estimate.interval,
        unit=words.slope_unit,
        null=NO_TREND,
        estimate_of="slope",
        verdict=_verdict(estimate),
        **tested_as(estimate.tested),
    )
    without = partial(max_t_without, trend.each, at, seed=seed)
    layer = int(found.places[at]) if found.blocks else -1
    claim = Claim(made, without, found.means.names, places={"steepest": layer})
    return Answer([claim], tables=[table])


def _depths(analysis: SeriesAnalysis, trend: Trend) -> Table:
    """One row a depth."""
    found = analysis.curves
    low, high = mean_intervals(trend.each, seed=found.seed)
    columns = {
        "depth": found.places,
        "slope": trend.slope,
        "low": low,
        "high": high,
        "t": trend.tested.t,
        "p": trend.tested.p,
        "p_max_t": trend.tested.p_max,
    }
    test = by_units(_SLOPES, len(trend.each))
    return series_table(
        analysis, "depths", f"Slopes along the series by {found.along}", columns, test
    )
