"""The findings of the path-length study, made of the numbers of the run at hand."""

import math

import numpy as np

from odograph.run.card import Card
from odograph.statistics.grid import CorrelationGrid, GridRow
from odograph.statistics.intervals import mean_interval
from odograph.statistics.nulls import random_walk_rotation
from odograph.statistics.results import Finding
from odograph.statistics.wording import coefficient, counted, interval_words, number, p_value
from odograph.studies.last_step import last_step_finding
from odograph.studies.path_length.measured import Measured
from odograph.studies.phrases import beside_twins, twin_null, under
from odograph.studies.reporting import Otherwise, Usual, interval_of
from odograph.studies.selection import Floats

STUDY = "path-length"
_NO_CORRELATION = "0: no correlation"
#: The row of the grid that leads; all others are shown beside it.
LEADING = ("log-probability", "spearman", "partial", "without")


def findings(measured: Measured, card: Card) -> list[Finding]:
    """All findings that the run allows, measures without a scale first."""
    usual = Usual(
        STUDY,
        card,
        n=measured.passages,
        null=twin_null(measured.run),
        excluded=measured.excluded,
    )
    found = [_turned(measured, usual)]
    if measured.straightness is not None:
        found.append(_straightness(measured, measured.straightness, usual))
    found += [_length(measured, usual), last_step_finding(usual, measured.last)]
    if measured.grid is not None:
        found += [_correlation(measured.grid, each, usual) for each in ("stream", "hf")]
        if any(math.isfinite(row.r) for row in measured.grid.rows):
            found.append(_whole_grid(measured.grid, usual))
    return found


def _turned(measured: Measured, usual: Usual) -> Finding:
    values = measured.curves["turned"][:, -1]
    twins = measured.twins["turned"]
    interval = mean_interval(values, seed=measured.seed)
    blocks = measured.run.blocks
    walk = _walk(measured, float(random_walk_rotation(blocks).sum()))
    beside = beside_twins(None if twins is None else twins[:, :, -1], "degrees")
    statement = (
        f"A token turns {number(values.mean())} degrees over {blocks} blocks{under(measured.run)} "
        f"({interval_words(interval, 'degrees')}; {usual.sample}; "
        f"descriptive, no test); {beside}{walk}."
    )
    plain = (
        "Adding up its turns, that is how far a token's vector swings round on its way up; beside "
        "it stands what gives a network with random weights."
    )
    return usual.finding(statement, plain, float(values.mean()), interval, unit="degrees")


def _walk(measured: Measured, value: float) -> str:
    """The walk of independent steps beside a number; after a norm there is no such walk."""
    if measured.run.manifest["convention"] != "stream":
        return ""
    return f"; a walk of independent unit steps {number(value)}"


def _straightness(measured: Measured, values: Floats, usual: Usual) -> Finding:
    interval = mean_interval(values, seed=measured.seed)
    walk = 1 / math.sqrt(measured.run.blocks)
    statement = (
        f"The path{under(measured.run)} is {number(values.mean())} straight (distance from start "
        f"to end over length of the path, 1 is a straight line; {interval_words(interval)}; "
        f"{usual.sample}; descriptive, no test); "
        f"{beside_twins(measured.twin_straightness, '')}{_walk(measured, walk)}."
    )
    plain = "The straighter a path, the less of its length is spent on turning to and fro."
    if measured.run.manifest["convention"] == "stream":
        straighter = "straighter" if values.mean() > walk else "less straight"
        plain += f" This one is {straighter} than a walk in random directions would be."
    return usual.finding(statement, plain, float(values.mean()), interval)


def _length(measured: Measured, usual: Usual) -> Finding:
    """Path length in model units, and which blocks make most of it."""
    values = measured.curves["path"][:, -1]
    interval = mean_interval(values, seed=measured.seed)
    share = measured.curves["step"].mean(axis=0) / measured.curves["step"].mean(axis=0).sum()
    longest, shortest = int(share.argmax()) + 1, int(share.argmin()) + 1
    statement = (
        f"The path of a token is {number(values.mean())} model units long "
        f"({interval_words(interval, 'model units')}; {usual.sample}; "
        f"descriptive, no test). The longest step is that of block {longest} "
        f"({100 * share[longest - 1]:.0f} % of the path), the shortest that of block {shortest} "
        f"({100 * share[shortest - 1]:.0f} %); evenly spread, each would have "
        f"{100 / len(share):.0f} %."
    )
    plain = (
        "Lengths in model units cannot be compared between models: the scale of a model is its "
        f"own. Within this one, block {longest} makes the longest step. Long is not the same as "
        "important."
    )
    return usual.finding(
        statement,
        plain,
        float(values.mean()),
        interval,
        unit="model units",
        null=f"evenly spread steps: {100 / len(share):.0f} % each; {twin_null(measured.run)}",
    )


def leading_row(grid: CorrelationGrid, convention: str) -> GridRow:
    """The row of the grid that leads for a convention."""
    return next(
        r
        for r in grid.rows
        if (r.convention, r.confidence, r.method, r.kind, r.sinks) == (convention, *LEADING)
    )


def row_words(row: GridRow) -> str:
    """A row's correlation with interval, numbers, test, p and family."""
    bounds = (
        f"95 % interval {coefficient(row.low)} to {coefficient(row.high)}, {row.interval}"
        if math.isfinite(row.low)
        else "no interval"
    )
    tested = (
        f"{p_value(row.p)}, after max-T {p_value(row.p_max_t)}, {row.test}, family of {row.family} "
        "correlations"
        if math.isfinite(row.p)
        else f"no p-value ({row.test})"
    )
    return (
        f"{row.kind} {row.method.capitalize()} r = {coefficient(row.r)} ({bounds}; "
        f"{counted(row.tokens, 'token', row.excluded)}; "
        f"{counted(row.passages, 'passage', row.excluded_passages)}; {tested})"
    )


def _correlation(grid: CorrelationGrid, convention: str, usual: Usual) -> Finding:
    """Whether a short last step goes with a confident prediction."""
    row = leading_row(grid, convention)
    given = ", ".join(grid.covariates)
    direction = "more" if row.r < 0 else "less"
    lead = "Short" if convention == "stream" else "Under hf, where the norm is in it, short"
    if not math.isfinite(row.r):
        statement = f"The last step under {convention} has no correlation to show ({grid.note})."
    elif _spans_zero(row):
        statement = (
            f"Whether {lead[0].lower()}{lead[1:]} last steps go with likelier next tokens cannot "
            f"be told: {row_words(row)}; {given} taken out."
        )
    else:
        statement = (
            f"{lead} last steps go with a {direction} likely next token: {row_words(row)}; {given} "
            "taken out."
        )
    null = (
        "last steps of one passage with predictions of another"
        if math.isfinite(row.p)
        else _NO_CORRELATION
    )
    return usual.finding(
        statement,
        _correlation_plain(row),
        row.r,
        interval_of(row.low, row.high, row.interval),
        **_as_tested(row, null),
    )


def _as_tested(row: GridRow, null: str) -> Otherwise:
    """Unit, numbers, test and p of a row of the grid."""
    return {
        "unit": "r",
        "n": row.passages,
        "excluded": row.excluded_passages,
        "test": row.test,
        "family": f"{row.family} correlations" if row.family else "none",
        "p": row.p,
        "p_adjusted": row.p_max_t,
        "null": null,
    }


def _spans_zero(row: GridRow) -> bool:
    return not math.isfinite(row.low) or row.low <= 0 <= row.high


def _correlation_plain(row: GridRow) -> str:
    where = "in this one text" if row.passages == 1 else f"in {row.passages} passages"
    if not math.isfinite(row.r) or _spans_zero(row):
        return (
            f"Whether the length of the last step goes with the prediction cannot be told {where}."
        )
    strength = "weakly" if abs(row.r) < 0.3 else "moderately" if abs(row.r) < 0.6 else "strongly"
    likelier = "likelier" if row.r < 0 else "less likely"
    return (
        f"Where the last block moves the vector less, the token that really comes next tends to be "
        f"{likelier} to the model ({strength}, {where}); that does not say that one brings about "
        "the other."
    )


def _whole_grid(grid: CorrelationGrid, usual: Usual) -> Finding:
    """How much the answer depends on the way of asking."""
    r = np.array([row.r for row in grid.rows])
    logp = np.array([row.r for row in grid.rows if row.confidence == "log-probability"])
    logp = logp[np.isfinite(logp)]
    course = next(
        row
        for row in grid.rows
        if (row.convention, row.confidence, row.method, row.kind, row.sinks)
        == ("hf", "logit", "pearson", "raw", "with")
    )
    first = grid.rows[0]
    whole: Otherwise = {
        "n": first.passages,
        "excluded": first.excluded_passages,
        "family": f"{grid.family} correlations" if grid.family else "none",
    }
    statement = (
        f"Over the {len(r)} ways of asking (convention, quantity, method, raw or partial, sinks) "
        f"the correlation with the last step runs from {coefficient(float(np.nanmin(r)))} to "
        f"{coefficient(float(np.nanmax(r)))}; with log-probability alone, "
        f"{int((logp < 0).sum())} of {len(logp)} are negative. The course's way (hf, raw logit, "
        f"Pearson, sinks in) gives {row_words(course)}; a raw logit is not identified, so it is "
        "shown only as in the course."
    )
    plain = (
        "One correlation can be had in many ways; only what most of them agree on is worth telling."
    )
    return usual.finding(
        statement,
        plain,
        course.r,
        interval_of(course.low, course.high, course.interval),
        **(_as_tested(course, _NO_CORRELATION) | whole),
    )
