"""In what else two groups of words differ, before and after matching."""

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.grid import GridEntry, draw_grid
from odograph.figures.marks import Dot, Labels
from odograph.folder.samples.lemmas import MEASURES
from odograph.folder.samples.two_groups import TwoGroups, groups_of
from odograph.sentences.nouns_adjectives import balance_words
from odograph.sentences.two_groups import COVARIATES, sample
from odograph.statistics.designs.balance import Balance, balance_of
from odograph.studies.claim import Claim
from odograph.studies.nouns_adjectives.claims import defaults_of
from odograph.studies.result import Plot, Table
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import Columns


def balance(analysis: Analysis) -> Answer:
    """Every covariate in both groups; the lemmas as a table."""
    groups = analysis.read(groups_of)
    lemmas = groups.lemmas
    found = balance_of([*COVARIATES], lemmas.covariates, lemmas.first, groups.pairing)
    tables = [
        Table("nouns_adjectives_balance", "In what else the groups differ", _columns(found)),
        Table("nouns_adjectives_lemmas", "The lemmas, averaged over blocks", _lemmas(groups)),
    ]
    return Answer([_claim(analysis, groups, found)], [_plot(groups, found)], tables)


def _claim(analysis: Analysis, groups: TwoGroups, found: list[Balance]) -> Claim:
    counts = sample(groups.comparisons[0].plain, groups.names)
    finding = defaults_of(analysis).finding_of(
        balance_words(found, groups.names, counts),
        max((one.apart for one in found), key=abs),
        unit="standard deviations",
        null="0: groups that are alike",
    )
    return Claim(finding)


def _plot(groups: TwoGroups, found: list[Balance]) -> Plot:
    entries = []
    for each in found:
        row = COVARIATES[each.name]
        entries.append(GridEntry(row, "", "all lemmas", Dot(each.apart)))
        if groups.pairing.count:
            entries.append(GridEntry(row, "", "matched pairs", Dot(each.matched)))
    first, second = groups.names
    title = f"In what else {first} and {second} differ"
    return Plot(
        "nouns_adjectives_balance",
        title,
        "Difference of the means in standard deviations of all lemmas (pooled over the groups), "
        f"before and after matching ({groups.pairing.count} pairs). The means are in the table.",
        "0: groups that are alike",
        later(draw_grid, entries, Labels(title, f"{first} minus {second} (standard deviations)")),
    )


def _columns(balance: list[Balance]) -> Columns:
    return {
        "covariate": [b.name for b in balance],
        "meaning": [COVARIATES[b.name] for b in balance],
        "mean_first": [b.first for b in balance],
        "mean_second": [b.second for b in balance],
        "difference_sd": [b.apart for b in balance],
        "difference_sd_matched": [b.matched for b in balance],
    }


def _lemmas(groups: TwoGroups) -> Columns:
    """One row a lemma; `pair` numbers the matched ones, -1 without a partner."""
    lemmas, pairing = groups.lemmas, groups.pairing
    pair = np.full(len(lemmas.names), -1)
    pair[pairing.first] = pair[pairing.second] = np.arange(pairing.count)
    return {
        "lemma": lemmas.names.tolist(),
        "group": np.where(lemmas.first, *groups.tags).tolist(),
        "words": lemmas.words,
        **dict(zip(COVARIATES, lemmas.covariates.T, strict=True)),
        "pair": pair,
        **{f"mean_log_{name}": lemmas.values[name].mean(axis=1) for name in MEASURES},
    }
