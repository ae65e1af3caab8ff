"""What is taken away, number by number: rotation by block leads; sums, states, all measures."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from odograph.figures.difference import Difference, draw_difference
from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import Band, draw_profile
from odograph.folder.compared import (
    Compared,
    compared_measure,
    compared_names,
    unchanged_names,
)
from odograph.folder.comparison import left_out_notes
from odograph.folder.document_names import document_names
from odograph.folder.requirements import require_rows
from odograph.folder.run import Run
from odograph.folder.samples.drawn_documents import documents_with_rows
from odograph.folder.selection import Floats, columns_of
from odograph.sentences.english import plural, several
from odograph.sentences.minus import (
    SAME_STATES,
    TWO_SEEDS,
    blocks_found,
    nothing_differs,
    some_differ,
    states_words,
    two_seeds_label,
    two_seeds_null,
    two_seeds_plain,
    two_seeds_words,
)
from odograph.sentences.names import NO_PASSAGE_DIFFERENCE
from odograph.sentences.record import PRIMARY, NullValue
from odograph.statistics.designs.one_sample import MeanProfile, mean_profile
from odograph.statistics.intervals import band, mean_interval
from odograph.statistics.leave_one_out import max_t_without
from odograph.statistics.values import Comparison
from odograph.studies.claim import Claim
from odograph.studies.curves import mean_curve
from odograph.studies.defaults import FindingDefaults
from odograph.studies.result import Plot, Table
from odograph.studies.section import Analysis, Answer
from odograph.studies.single_tests import SingleContrast, single_claim
from odograph.studies.tidy import Columns, mean_columns, stacked, tidy, twin_columns

#: The measure of the primary test.
_LEAD = "rotation"
_PREDICTION, _ANGLE = "next_logprob", "state_angle"
_LARGEST = "largest difference"


def _models(run: Run) -> tuple[str, str]:
    """The model that is looked at, and the one that is taken away."""
    if run.minus is None:
        raise ValueError("a study of differences was given a run")
    return run.minus


def _defaults(analysis: Analysis, found: Compared) -> FindingDefaults:
    """What findings about a measure share."""
    run, kept = analysis.run, analysis.read(documents_with_rows)
    return FindingDefaults(
        analysis.study,
        n=len(found.values),
        null=two_seeds_null(len(run.untrained)),
        excluded=found.means.excluded + kept.left_out,
        unit=found.measure.unit,
        unit_of_inference=run.unit,
        measure=found.measure.name,
        scope=kept.sentence.strip(),
    )


def _beside_seeds(claim: Claim, seeds: Floats) -> Claim:
    """The claim with what two seeds of the twin differ by in the same place, seeds [pairs]."""
    finding = claim.finding
    if not len(seeds) or finding.estimate is None:
        return claim
    ends = float(seeds.min()), float(seeds.max())
    null = NullValue(TWO_SEEDS, float(seeds.mean()), *ends, len(seeds), tuple(seeds.tolist()))
    said = replace(
        finding,
        statement=f"{finding.statement} {two_seeds_words(seeds, finding.unit)}",
        plain=f"{finding.plain} {two_seeds_plain(finding.estimate, seeds)}".rstrip(),
        null_values=(*finding.null_values, null),
    )
    return replace(claim, finding=said)


def _columns(
    analysis: Analysis,
    found: Compared,
    columns: Columns,
    test: str = "none: descriptive",
    family: int = 0,
) -> Columns:
    """The columns, and what two seeds of the twin give: mean, least and most of the pairs."""
    width = 1 if found.values.ndim == 1 else found.values.shape[1]
    return tidy(
        columns | twin_columns(found.seeds.reshape(-1, width), width),
        n=len(found.values),
        excluded=_defaults(analysis, found).excluded,
        unit=found.measure.unit,
        test=test,
        family=family,
        unit_of_inference=analysis.run.unit,
    )


def _lead_measure(analysis: Analysis) -> Compared:
    """The measure of the primary test; to be read `once`.

    Raises:
        StudyError: no token is left.
    """
    found = compared_measure(analysis.run, _LEAD)
    require_rows(found.values, "token")
    return found


def lead_profile(analysis: Analysis) -> MeanProfile:
    """Its means by block, and whether they differ from 0; to be made `once`."""
    return mean_profile(analysis.once(_lead_measure).values, None, seed=analysis.run.seed)


def rotation_by_block(analysis: Analysis) -> Answer:
    """The block that differs most, max over blocks; nothing where all differences are 0."""
    found, profile = analysis.once(_lead_measure), analysis.once(lead_profile)
    if not found.values.any():
        return Answer()
    name = f"{analysis.prefix}_{_LEAD}"
    columns = {
        "layer": found.means.layers,
        "mean": profile.mean,
        "low": profile.low,
        "high": profile.high,
        "t": profile.t,
        "p_max_t": profile.p_max_t,
    }
    table = _columns(analysis, found, columns, profile.test, profile.family)
    return Answer(
        [_largest_block(analysis, found, profile)],
        [_difference_plot(analysis, name, profile), *_seeds_plot(analysis, found)],
        [Table(name, f"{_title(analysis)}, by block (degrees)", table)],
    )


def _title(analysis: Analysis) -> str:
    model, base = _models(analysis.run)
    return f"Rotation of {model} minus that of {base}"


def _largest_block(analysis: Analysis, found: Compared, profile: MeanProfile) -> Claim:
    run = analysis.run
    size = np.abs(profile.t if np.isfinite(profile.t).any() else profile.mean)
    index = int(np.nanargmax(size))
    block, defaults = int(found.means.layers[index]), _defaults(analysis, found)
    interval = profile.simultaneous(index)
    estimate = defaults.estimate(profile.mean[index], interval, profile.n)
    compared = Comparison(
        _LEAD,
        *_models(run),
        f"in block {block}",
        estimate,
        profile.p_at(index),
        NO_PASSAGE_DIFFERENCE,
    )
    more = blocks_found(profile.found) if profile.family else ""
    claim = Claim(
        replace(defaults.comparison(compared, more), weight=PRIMARY),
        lambda: max_t_without(found.values, index, seed=run.seed),
        document_names(run, found.means.units),
        places={_LARGEST: block},
    )
    return _beside_seeds(claim, found.seeds[:, index] if len(found.seeds) else found.seeds)


def _difference_plot(analysis: Analysis, name: str, profile: MeanProfile) -> Plot:
    title = _title(analysis)
    drawn = Difference(
        layers=analysis.once(_lead_measure).means.layers,
        mean=profile.mean,
        low=profile.low,
        high=profile.high,
        n=several(profile.n, analysis.run.unit),
        significant=profile.found if profile.family else None,
    )
    tested = "Filled: p < .05 after max-T over blocks." if profile.family else "Not tested."
    return Plot(
        name,
        title,
        f"Mean difference at the same tokens with its 95 % interval (BCa). {tested}",
        NO_PASSAGE_DIFFERENCE,
        later(draw_difference, drawn, Labels(title, "block", "difference (degrees)")),
    )


def _seeds_plot(analysis: Analysis, found: Compared) -> Sequence[Plot]:
    """The same beside what two seeds of the twin differ by; nothing without."""
    if found.pairs is None:
        return ()
    run, layers, null = analysis.run, found.means.layers, two_seeds_null(len(found.pairs))
    low, high = band(found.pairs.reshape(-1, len(layers)))
    seeds = Band(two_seeds_label(len(found.pairs)), layers, low, high)
    curve = mean_curve(" minus ".join(_models(run)), layers, found.values, run.seed)
    title = f"{_title(analysis)}, beside two seeds of the twin"
    plot = Plot(
        f"{analysis.prefix}_seeds",
        title,
        "Mean difference with its 95 % interval (BCa). Grey: two seeds of the untrained twin, one "
        f"minus the other, 5 to 95 % of {plural(run.unit)}.",
        null,
        later(draw_profile, [curve], Labels(title, "block", "difference (degrees)"), bands=[seeds]),
    )
    return [plot]


def in_one_number(analysis: Analysis) -> Answer:
    """Rotation summed over all blocks, and the log-probability of the next token."""
    asked = [(f"{_LEAD} summed over all blocks", analysis.once(_lead_measure).summed())]
    if _PREDICTION in columns_of(analysis.run, "tokens"):
        prediction = compared_measure(analysis.run, _PREDICTION)
        asked.append((prediction.measure.label, prediction))
    return Answer([_single(analysis, said, one) for said, one in asked if one.values.any()])


def _single(analysis: Analysis, said: str, found: Compared) -> Claim:
    run, defaults = analysis.run, _defaults(analysis, found)
    contrast = SingleContrast(
        (said, *_models(run), "in the same texts"),
        found.values,
        document_names(run, found.means.units),
        defaults.excluded,
    )
    claim = single_claim(defaults, contrast, seed=run.seed)
    return _beside_seeds(claim, found.seeds)


def states_apart(analysis: Analysis) -> Answer:
    """The angle after the last block, described; nothing where no states were read (`--states`)."""
    run = analysis.run
    if _ANGLE not in columns_of(run, "layers"):
        return Answer()
    found = compared_measure(run, _ANGLE)
    last = found.values[:, -1]
    if not last.any():
        return Answer()
    interval, defaults = mean_interval(last, seed=run.seed), _defaults(analysis, found)
    angle = defaults.estimate(last.mean(), interval, len(last))
    words = states_words(_models(run), angle)
    finding = defaults.finding_of(words, angle.value, interval, null=SAME_STATES)
    return Answer([Claim(finding, places={"last block": run.blocks})])


def every_measure(analysis: Analysis) -> Answer:
    """Each measure that both runs have, layer by layer; and which are the same in both."""
    run = analysis.run
    unchanged, names = unchanged_names(run), compared_names(run)
    left_out = left_out_notes(run)
    if len(unchanged) == len(names):
        return Answer(notes=[nothing_differs(*_models(run)), *left_out])
    found = [compared_measure(run, name) for name in names if name not in unchanged]
    parts = [_rows(analysis, one) for one in found if len(one.values)]
    title = f"Every measure, {' minus '.join(_models(run))}, by layer"
    tables = [Table(f"{analysis.prefix}_measures", title, stacked(parts))] if parts else []
    same = [said] if (said := some_differ(unchanged)) else []
    return Answer(tables=tables, notes=[*same, *left_out])


def _rows(analysis: Analysis, found: Compared) -> Columns:
    """One row a layer; of what is there once a token one row, at no layer."""
    once = found.values.ndim == 1
    values = found.values[:, None] if once else found.values
    columns = {
        "measure": np.full(values.shape[1], found.measure.name),
        "layer": np.full(1, np.nan) if once else found.means.layers.astype(np.float64),
        **mean_columns(values, analysis.run.seed),
    }
    return _columns(analysis, found, columns)
