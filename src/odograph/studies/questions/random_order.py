"""Whether a quantity differs between the text and the same words in random order."""

from dataclasses import replace

import numpy as np

from odograph.folder.samples.nulls import RandomOrder
from odograph.sentences.nulls import ORDER_PLAIN, beside_orders, changed_by_order, order_contrast
from odograph.sentences.record import verdict_of
from odograph.sentences.verdicts import BEYOND
from odograph.statistics.inversion import inverted_interval
from odograph.studies.claim import Claim
from odograph.studies.defaults import FindingDefaults
from odograph.studies.sample import Quantity
from odograph.studies.section import Analysis, Answer, Section
from odograph.studies.single_tests import SingleContrast, single_claim


def random_order(asked: Quantity) -> Section:
    """The text minus its random order in one number a passage; nothing where none was measured."""

    def section(analysis: Analysis) -> Answer:
        sample = analysis.sample(asked)
        shuffled = sample.nulls.shuffled
        if shuffled is None:
            return Answer()
        names, seed = (asked.total, sample.subject), analysis.run.seed
        defaults = analysis.defaults(sample)
        claim = random_order_claim(defaults, shuffled, names, seed=seed, summed=asked.summed)
        shown = verdict_of(claim.finding) == BEYOND
        value, unit = claim.finding.estimate or 0.0, claim.finding.unit
        headline = changed_by_order(asked.total, value, unit, shown=shown)
        return Answer([replace(claim, finding=replace(claim.finding, headline=headline))])

    return section


def random_order_claim(
    defaults: FindingDefaults,
    found: RandomOrder,
    names: tuple[str, str],
    *,
    seed: int,
    summed: bool,
) -> Claim:
    """The difference between the text and its random order, paired by passage: one test.

    Args:
        defaults: of the study.
        found: both curves.
        names: of the measure and of what has it: "angle", "'her'".
        seed: of flips and draws.
        summed: whether layers are added up; else they are averaged.
    """
    gather = np.sum if summed else np.mean
    orders = np.asarray(gather(found.orders, axis=-1))
    values = np.asarray(gather(found.own, axis=1) - orders.mean(axis=0))
    own = SingleContrast(
        order_contrast(*names, found.words),
        values,
        found.names,
        found.excluded,
        more=beside_orders(inverted_interval(values, seed=seed), orders, defaults.unit),
        plainly=ORDER_PLAIN,
    )
    return single_claim(defaults, own, seed=seed)
