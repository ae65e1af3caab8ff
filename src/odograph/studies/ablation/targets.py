"""Undone at the targets alone: their own prediction against those of the tokens behind them."""

from dataclasses import replace

from odograph.figures.drawing import later
from odograph.figures.losses import CHANGE_AXIS
from odograph.figures.marks import Labels
from odograph.figures.profile import Reference, draw_profile
from odograph.folder.document_names import document_names
from odograph.folder.run_words import twin_null
from odograph.folder.samples.worth import Worth, turns_of_both, worth_behind, worth_of
from odograph.folder.selection import Floats
from odograph.sentences.evidence import over_units
from odograph.studies.ablation.worth import defaults_of, read_twins
from odograph.studies.claim import Claim, by_twin
from odograph.studies.curves import mean_curve
from odograph.studies.result import Plot
from odograph.studies.section import Analysis, Answer
from odograph.studies.single_tests import SingleContrast, single_claim


def own_against_behind(analysis: Analysis) -> Answer:
    """What undoing the targets' turns costs themselves, and the tokens behind them.

    Nothing where something was undone at all tokens.
    """
    if analysis.run.manifest["config"]["at"] != "targets":
        return Answer()
    own = analysis.read(worth_of)
    behind = worth_behind(own)
    if behind is None:
        return Answer()
    mine, others, documents = turns_of_both(own, behind)
    contrast = SingleContrast(
        (
            "rise of the loss, mean over blocks,",
            "the targets' own prediction",
            "the tokens behind them",
            "with the turn undone at the targets alone",
        ),
        (mine - others).mean(axis=1),
        document_names(analysis.run, documents),
        len(own.documents) - len(documents) + own.excluded,
    )
    both = replace(defaults_of(analysis), scope="")  # its words say whose predictions they are
    claim = single_claim(both, contrast, seed=analysis.run.seed)
    return Answer([_beside(claim, analysis)], [_plot(analysis, own, mine, others)])


def _beside(claim: Claim, analysis: Analysis) -> Claim:
    """With the same difference in the twins."""
    found = []
    for twin in analysis.once(read_twins):
        behind = worth_behind(twin)
        if behind is not None:
            mine, others, _ = turns_of_both(twin, behind)
            found.append((mine - others).mean(axis=1))
    return replace(claim, twins=by_twin(found))


def _plot(analysis: Analysis, own: Worth, mine: Floats, others: Floats) -> Plot:
    title = "The turn undone at the targets: who loses"
    curves = [
        mean_curve(name, own.blocks, values, analysis.run.seed)
        for name, values in (
            ("the target's own prediction", mine),
            ("the tokens behind it", others),
        )
    ]
    return Plot(
        "ablation_targets",
        title,
        f"Change in the next-token loss with the turn undone at the targets alone, mean "
        f"{over_units(len(mine), analysis.run.unit)}.",
        twin_null(analysis.run),
        later(
            draw_profile,
            curves,
            Labels(title, "block", CHANGE_AXIS),
            references=[Reference("nothing lost", 0)],
        ),
    )
