"""How much more one group has than the other, block by block and over all blocks."""

import numpy as np

from odograph.figures.marks import Labels
from odograph.figures.profile import Band, Curve
from odograph.figures.profiles import ProfilePanel
from odograph.folder.run_words import twin_null
from odograph.folder.samples.two_groups import TwoGroups, groups_of
from odograph.sentences.english import capital
from odograph.sentences.nulls import orders_label, orders_null, twins_label
from odograph.sentences.two_groups import MEASURES
from odograph.statistics.designs.versions import Compared, Version, percent
from odograph.statistics.judge import cluster_columns
from odograph.statistics.values import bounds
from odograph.studies.curves import profiles_plot
from odograph.studies.nouns_adjectives.claims import defaults_of, measure_claims
from odograph.studies.result import Plot, Table
from odograph.studies.section import Analysis, Answer, behind
from odograph.studies.tidy import Columns, by_seed, stacked, tidy


def differences(analysis: Analysis) -> Answer:
    """Steps and rotation of both groups: unadjusted, adjusted and matched."""
    groups, defaults = analysis.read(groups_of), defaults_of(analysis)
    steps, *others = (measure_claims(groups, each, defaults) for each in groups.comparisons)
    claims = [*steps, *(behind(claim) for each in others for claim in each)]
    first, second = groups.names
    versions = [(each, version) for each in groups.comparisons for version in each.versions]
    tables = [
        Table(
            "nouns_adjectives_differences",
            f"{first} against {second} by block (%): unadjusted, adjusted, matched",
            stacked([_by_block(groups, *version) for version in versions]),
        ),
        Table(
            "nouns_adjectives_overall",
            f"{first} against {second} over all blocks (%), and the change (percentage points)",
            stacked([_over_blocks(groups, *version) for version in versions]),
        ),
    ]
    return Answer(claims, [_plot(groups)], tables, _notes(groups))


def _notes(groups: TwoGroups) -> list[str]:
    run, config = groups.run, groups.run.manifest["config"]
    asked, counts = config["words"], run.manifest["exclusions"]
    drawn = len(groups.words.passage)
    notes = [
        f"{drawn} words were drawn ({asked} a group asked for), each read after at most "
        f"{config['context']} tokens of its text; their occurrences are averaged by lemma. Tags: "
        f"{run.manifest['corpus'].get('tagger') or config['tags']}.",
    ]
    if counts.get("drawn_lemmas_twice"):
        notes.append(
            f"{counts['drawn_lemmas_twice']} drawn words are further occurrences of a lemma."
        )
    if groups.words.shared:
        shared = sorted(groups.words.shared)
        notes.append(
            f"{len(shared)} lemmas were drawn in both groups and are left out of the comparison of "
            f"steps and rotation: {', '.join(shared)}."
        )
    if len(config["groups"]) > 2:
        notes.append(f"Compared are the first two of the groups {', '.join(config['groups'])}.")
    frequencies = "those of the file given" if config["frequencies"] else "counts in these texts"
    notes += [
        f"Frequencies are {frequencies}. Adjusting takes away what is linear in these covariates, "
        "and nothing else: words differ in more than is listed.",
        "The unit is the lemma: other lemmas of these texts could have been drawn, other texts "
        "could not. Words of one text share their contexts.",
        "Step and rotation are two families: nothing is corrected for looking at both.",
    ]
    return [*notes, *_halves_and_orders(groups)]


def _halves_and_orders(groups: TwoGroups) -> list[str]:
    """What random order and a first half mean for drawn words."""
    notes = []
    if groups.orders:
        notes.append(
            "In random order a drawn word stands anywhere among the tokens of its context: it has "
            "read others of them, and more or fewer, than in the text."
        )
    if groups.explored is not None:
        notes.append(
            "Pairs are matched by frequency, pieces and position alone, without a look at steps "
            "or rotation: nothing of them had to be chosen on the first half."
        )
    return notes


def _plot(groups: TwoGroups) -> Plot:
    first, second = groups.names
    panels = [
        ProfilePanel(
            MEASURES[each.measure],
            [_curve(version) for version in each.versions],
            _bands(each),
        )
        for each in groups.comparisons
    ]
    title = f"{capital(first)} against {second}: how much more in each block"
    sizes = " and ".join(map(str, groups.sizes))
    null = "; ".join([twin_null(groups.run), *orders_null(len(groups.orders))])
    return profiles_plot(
        "nouns_adjectives_differences",
        Labels(title, "block", f"{first} against {second} (%)"),
        f"Ratio of geometric means over {sizes} lemmas minus 1, with 95 % intervals (BCa over "
        "lemmas or pairs). Adjusted: for position, word length, pieces and frequency. Matched: "
        "pairs of lemmas of like frequency. Grey: the same words in the nulls, 5 to 95 % of "
        "resampled lemmas. Blocks are tested in the table.",
        null,
        panels,
        "no difference",
    )


def _by_block(groups: TwoGroups, compared: Compared, version: Version) -> Columns:
    profile = version.profile
    rows = len(profile.layer)
    twins = compared.twins if version.name == "unadjusted" else None
    nothing = np.full(rows, np.nan)
    columns = {
        "measure": [compared.measure] * rows,
        "version": [version.name] * rows,
        "layer": profile.layer,
        "difference": percent(profile.difference),
        "low": percent(profile.low),
        "high": percent(profile.high),
        "t": profile.t,
        "p_max_t": profile.p_max_t,
        **cluster_columns(profile.layer, profile.clusters),
        "untrained": nothing if twins is None else percent(twins.differences.mean(axis=0)),
        "untrained_low": nothing if twins is None else percent(twins.low),
        "untrained_high": nothing if twins is None else percent(twins.high),
        **_orders(compared, version),
    }
    return _tidy(groups, version, columns, profile.family)


def _tidy(groups: TwoGroups, version: Version, columns: Columns, family: int) -> Columns:
    """The columns with those in common: lemmas are counted, or pairs of them."""
    paired = version.name == "matched"
    left = len(groups.lemmas.names) - 2 * version.n if paired else 0
    return tidy(
        columns,
        n=version.n,
        excluded=groups.excluded + left,
        unit="%",
        test=version.test if family else "none: too few units, or no spread",
        family=family,
        unit_of_inference="pair of lemmas" if paired else "lemma",
    )


def _orders(compared: Compared, version: Version) -> Columns:
    """The unadjusted difference in each random order; NaN in the rows of other versions."""
    if compared.shuffled is None:
        return {}
    found = percent(compared.shuffled.differences)
    plain = version.name == "unadjusted"
    return by_seed("shuffled", found if plain else np.full(found.shape, np.nan))


def _over_blocks(groups: TwoGroups, compared: Compared, version: Version) -> Columns:
    low, high = bounds(version.interval)
    change = version.change
    moved = bounds(None if change is None else change.interval)
    columns = {
        "measure": [compared.measure],
        "version": [version.name],
        "difference": percent(np.array([version.mean])),
        "low": percent(np.array([low])),
        "high": percent(np.array([high])),
        "p": np.array([version.p]),
        "change": np.array([np.nan if change is None else change.value]),
        "change_low": np.array([moved[0]]),
        "change_high": np.array([moved[1]]),
    }
    return _tidy(groups, version, columns, int(np.isfinite(version.p)))


def _bands(compared: Compared) -> list[Band]:
    """Twins and random orders as a figure shows them, in %."""
    labelled = ((twins_label, compared.twins), (orders_label, compared.shuffled))
    return [
        Band(
            label(len(null.means)),
            compared.profile.layer,
            percent(null.low),
            percent(null.high),
            percent(null.differences.mean(axis=0)),
        )
        for label, null in labelled
        if null is not None
    ]


def _curve(version: Version) -> Curve:
    profile = version.profile
    mean, low, high = (percent(v) for v in (profile.difference, profile.low, profile.high))
    return Curve(version.name, profile.layer, mean, low, high)
