"""The two runs of a difference in findings: their names, and two seeds of the twin beside them."""

from dataclasses import replace

import numpy as np

from odograph.folder.compared import Compared
from odograph.folder.run import Run
from odograph.folder.selection import Floats
from odograph.sentences.minus import (
    TWO_SEEDS,
    two_seeds_null,
    two_seeds_plain,
    two_seeds_words,
)
from odograph.sentences.record import NullValue
from odograph.studies.claim import Claim
from odograph.studies.defaults import FindingDefaults
from odograph.studies.section import Analysis
from odograph.studies.tidy import Columns, tidy


def models_of(run: Run) -> tuple[str, str]:
    """The model that is looked at, and the one that is taken away."""
    if run.minus is None:
        raise ValueError("a study of differences was given a run")
    return run.minus


def difference_defaults(analysis: Analysis, found: Compared) -> FindingDefaults:
    """What findings about a measure share."""
    run = analysis.run
    return FindingDefaults(
        analysis.study,
        n=len(found.values),
        null=two_seeds_null(len(run.untrained)),
        excluded=found.means.excluded,
        unit=found.measure.unit,
        unit_of_inference=run.unit,
        measure=found.measure.name,
    )


def beside_seeds(claim: Claim, seeds: Floats) -> Claim:
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


def difference_table(
    analysis: Analysis,
    found: Compared,
    columns: Columns,
    test: str = "none: descriptive",
    family: int = 0,
) -> Columns:
    """The columns, and what two seeds of the twin give: mean, least and most of the pairs."""
    width = 1 if found.values.ndim == 1 else found.values.shape[1]
    seeds = found.seeds.reshape(-1, width) if len(found.seeds) else np.full((1, width), np.nan)
    untrained = {
        "untrained": seeds.mean(axis=0),
        "untrained_low": seeds.min(axis=0),
        "untrained_high": seeds.max(axis=0),
    }
    return tidy(
        columns | untrained,
        n=len(found.values),
        excluded=found.means.excluded,
        unit=found.measure.unit,
        test=test,
        family=family,
        unit_of_inference=analysis.run.unit,
    )
