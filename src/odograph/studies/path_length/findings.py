"""The findings of the path-length study, made of the numbers of the run at hand."""

import math

import numpy as np

from odograph.folder.card import Card
from odograph.sentences.record import Finding
from odograph.sentences.templates import coefficient, correlation_words, interval_words, number
from odograph.statistics.correlations.grid import CorrelationGrid, GridRow
from odograph.statistics.intervals import mean_interval
from odograph.statistics.space.isotropic import random_walk_rotation
from odograph.statistics.values import Correlation
from odograph.studies.defaults import FindingDefaults
from odograph.studies.passages import passage_names
from odograph.studies.path_length.measured import Measured
from odograph.studies.phrases import (
    as_in_twins,
    beside_twins,
    blocks_counted,
    twin_null,
    twins_words,
    under,
)
from odograph.studies.questions.last_step import last_step_finding
from odograph.studies.random_order import beside_random_order
from odograph.studies.selection import Floats
from odograph.studies.sensitivity import with_sensitivity

STUDY = "path-length"
#: The row of the grid that leads; all others are shown beside it.
LEADING = ("log-probability", "spearman", "partial", "without")


def findings(measured: Measured, card: Card) -> list[Finding]:
    """All findings that the run allows, measures without a scale first."""
    defaults = FindingDefaults(
        STUDY,
        card,
        n=measured.passages,
        null=twin_null(measured.run),
        excluded=measured.excluded,
    )
    found = [_turned(measured, defaults)]
    if measured.straightness is not None:
        found.append(_straightness(measured, measured.straightness, defaults))
    found += [_length(measured, defaults), last_step_finding(defaults, measured.last)]
    if measured.grid is not None:
        found += [
            _correlation(measured, measured.grid, each, defaults) for each in measured.conventions
        ]
        if any(math.isfinite(row.r) for row in measured.grid.rows):
            found.append(_whole_grid(measured.grid, measured.conventions[-1], defaults))
    return found


def _turned(measured: Measured, defaults: FindingDefaults) -> Finding:
    values = measured.curves["turned"][:, -1]
    twins = measured.twins["turned"]
    interval = mean_interval(values, seed=measured.run.seed)
    blocks = measured.run.blocks
    walk = _walk(measured, float(random_walk_rotation(blocks).sum()))
    beside = beside_twins(None if twins is None else twins[:, :, -1], "degrees")
    statement = (
        f"A token turns {number(values.mean())} degrees over {blocks_counted(blocks)}"
        f"{under(measured.run)} ({interval_words(interval, 'degrees')}; {defaults.sample}; "
        f"descriptive, no test); {beside}{walk}.{_in_random_order(measured, 'turned', 'degrees')}"
    )
    plain = (
        "Adding up its turns, that is how far a token's vector swings round on its way up; beside "
        "it stands what a network with random weights gives."
    )
    return defaults.finding(statement, plain, float(values.mean()), interval, unit="degrees")


def _walk(measured: Measured, value: float) -> str:
    """The walk of independent steps beside a number; after a norm there is no such walk."""
    if measured.run.manifest["convention"] != "stream":
        return ""
    return f"; a walk of independent unit steps {number(value)}"


def _in_random_order(measured: Measured, name: str, unit: str) -> str:
    """What random order gives of what is added up to the last block."""
    found = measured.shuffled[name]
    last = None if found is None else found.last
    return beside_random_order(last, unit, seed=measured.run.seed)


def _straightness(measured: Measured, values: Floats, defaults: FindingDefaults) -> Finding:
    interval = mean_interval(values, seed=measured.run.seed)
    walk = 1 / math.sqrt(measured.run.blocks)
    statement = (
        f"The path{under(measured.run)} is {number(values.mean())} straight (distance from start "
        f"to end over length of the path, 1 is a straight line; {interval_words(interval)}; "
        f"{defaults.sample}; descriptive, no test); "
        f"{beside_twins(measured.twin_straightness, '')}{_walk(measured, walk)}."
    )
    plain = "The straighter a path, the less of its length is spent on turning to and fro."
    if measured.run.manifest["convention"] == "stream":
        straighter = "straighter" if values.mean() > walk else "less straight"
        plain += f" This one is {straighter} than a walk in random directions would be."
    return defaults.finding(statement, plain, float(values.mean()), interval)


def _length(measured: Measured, defaults: FindingDefaults) -> Finding:
    """Path length in model units, and which blocks make most of it."""
    values = measured.curves["path"][:, -1]
    interval = mean_interval(values, seed=measured.run.seed)
    share = measured.curves["step"].mean(axis=0) / measured.curves["step"].mean(axis=0).sum()
    longest, shortest = int(share.argmax()) + 1, int(share.argmin()) + 1
    statement = (
        f"The path of a token is {number(values.mean())} model units long "
        f"({interval_words(interval, 'model units')}; {defaults.sample}; "
        f"descriptive, no test). The longest step is that of block {longest} "
        f"({100 * share[longest - 1]:.0f} % of the path), the shortest that of block {shortest} "
        f"({100 * share[shortest - 1]:.0f} %); evenly spread, each would have "
        f"{100 / len(share):.0f} %.{_in_random_order(measured, 'path', 'model units')}"
    )
    plain = (
        "Lengths in model units cannot be compared between models: the scale of a model is its "
        f"own. Within this one, block {longest} makes the longest step. Long is not the same as "
        "important."
    )
    return defaults.finding(
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


def _correlation(
    measured: Measured, grid: CorrelationGrid, convention: str, defaults: FindingDefaults
) -> Finding:
    """Whether a short last step goes with a confident prediction."""
    leading = leading_row(grid, convention)
    row = leading.correlation
    given = ", ".join(grid.covariates)
    twins = _in_twins(measured, grid, leading)
    direction = "more" if row.r < 0 else "less"
    lead = "Short" if convention == "stream" else "Under hf, where the norm is in it, short"
    if not math.isfinite(row.r):
        statement = f"The last step under {convention} has no correlation to show ({grid.note})."
    elif _spans_zero(row):
        statement = (
            f"Whether {lead[0].lower()}{lead[1:]} last steps go with likelier next tokens cannot "
            f"be told: {correlation_words(row)}; {given} taken out{_beside(twins)}."
        )
    else:
        statement = (
            f"{lead} last steps go with a {direction} likely next token: {correlation_words(row)}; "
            f"{given} taken out{_beside(twins)}."
        )
    return with_sensitivity(
        defaults.correlation(row, statement, _correlation_plain(row, twins)),
        lambda: grid.without(leading, measured.run.seed),
        passage_names(measured.run, grid.passages),
    )


def _spans_zero(row: Correlation) -> bool:
    return row.interval is None or row.interval.low <= 0 <= row.interval.high


def _in_twins(measured: Measured, grid: CorrelationGrid, row: GridRow) -> Floats:
    """R of a row in each untrained twin that has it, [twins]."""
    if measured.twin_r is None:
        return np.empty(0)
    r = measured.twin_r[:, grid.rows.index(row)]
    return np.asarray(r[np.isfinite(r)])


def _beside(twins: Floats) -> str:
    """The same correlation where nothing was learned, to follow a clause."""
    if not len(twins):
        return ""
    low, high = coefficient(float(twins.min())), coefficient(float(twins.max()))
    seeds = f" (seeds {low} to {high})" if len(twins) > 1 else ""
    return f"; {twins_words(len(twins))} r = {coefficient(float(twins.mean()))}{seeds}"


def _correlation_plain(row: Correlation, twins: Floats) -> str:
    where = "in this one text" if row.n == 1 else f"in {row.n} passages"
    if not math.isfinite(row.r) or _spans_zero(row):
        return (
            f"Whether the length of the last step goes with the prediction cannot be told {where}."
        )
    strength = "weakly" if abs(row.r) < 0.3 else "moderately" if abs(row.r) < 0.6 else "strongly"
    likelier = "likelier" if row.r < 0 else "less likely"
    return (
        f"Where the last block moves the vector less, the token that really comes next tends to be "
        f"{likelier} to the model ({strength}, {where}); that does not say that one brings about "
        f"the other.{as_in_twins(row.r, twins, 'correlation')}"
    )


def _whole_grid(grid: CorrelationGrid, convention: str, defaults: FindingDefaults) -> Finding:
    """How much the answer depends on the way of asking."""
    r = np.array([row.r for row in grid.rows])
    logp = np.array([row.r for row in grid.rows if row.confidence == "log-probability"])
    logp = logp[np.isfinite(logp)]
    course = next(
        row
        for row in grid.rows
        if (row.convention, row.confidence, row.method, row.kind, row.sinks)
        == (convention, "logit", "pearson", "raw", "with")
    ).correlation
    statement = (
        f"Over the {len(r)} ways of asking (convention, quantity, method, raw or partial, sinks) "
        f"the correlation with the last step runs from {coefficient(float(np.nanmin(r)))} to "
        f"{coefficient(float(np.nanmax(r)))}; with log-probability alone, "
        f"{int((logp < 0).sum())} of {len(logp)} are negative. The course's way "
        f"({convention}, raw logit, Pearson, sinks in) gives {correlation_words(course)}; a raw "
        "logit is not identified, so it is shown only as in the course."
    )
    plain = (
        "One correlation can be had in many ways; only what most of them agree on is worth telling."
    )
    return defaults.correlation(course, statement, plain)
