"""Whether, in a block, tokens that have settled turn less than those that have not."""

from dataclasses import replace

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import Band, Curve, Reference, draw_profile
from odograph.folder.run_words import outliers_of, twin_null
from odograph.folder.samples.settled_turns import (
    Around,
    Turning,
    around_settling_of,
    difference_by_block,
    settled_difference,
    turn_at_settling,
    turning_of,
)
from odograph.folder.samples.settling import settling_of
from odograph.folder.selection import Floats
from odograph.sentences.english import several
from odograph.sentences.record import PRIMARY, Reading
from odograph.sentences.settling import (
    PERMUTED,
    SettledTurns,
    around_settling_words,
    settled_turns_words,
    turning_blocks,
)
from odograph.statistics.leave_one_out import max_t_without
from odograph.studies.claim import Claim, by_twin
from odograph.studies.commitment.depths import (
    DEGREES,
    defaults_of,
    names_of,
    of_each,
    read_otherwise,
    read_shuffled,
    read_twins,
)
from odograph.studies.curves import mean_curve, range_bands
from odograph.studies.defaults import tested_as
from odograph.studies.questions.readings import held, profile_reading
from odograph.studies.result import Plot, Table
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import Columns, mean_columns, tidy


def settled_against_open(analysis: Analysis) -> Answer:
    """The rotation of settled tokens against that of open ones, block by block.

    Nothing where in no block there are enough of both.
    """
    turning = turning_of(analysis.read(settling_of))
    if turning is None:
        few = "In no block there are tokens enough that have settled, and that have not."
        return Answer(notes=[few])
    twins = _in_twins(analysis, turning.blocks.tolist())
    title = "Rotation of tokens that have settled minus that of those that have not (degrees)"
    return Answer(
        [held(outliers_of(analysis.run), _claim(analysis, turning), _readings(analysis), "block")],
        [_plot(analysis, turning, twins)],
        [Table("commitment_blocks", title, _columns(analysis, turning, twins))],
    )


def _readings(analysis: Analysis) -> list[Reading]:
    """The same in the other readings of rotation, each with the block of its own."""
    found = {name: turning_of(own) for name, own in analysis.once(read_otherwise).items()}
    return [
        profile_reading(name, one.profile, one.most, one.places)
        for name, one in found.items()
        if one is not None
    ]


def _in_twins(analysis: Analysis, blocks: list[int]) -> Floats:
    """The difference in each twin, [twins, k]; NaN in a block in which it lacks a kind."""
    return by_twin([difference_by_block(twin, blocks) for twin in analysis.once(read_twins)])


def _claim(analysis: Analysis, turning: Turning) -> Claim:
    """The block with the largest difference in standard errors; corrected for all."""
    own, profile, seed = analysis.read(settling_of), turning.profile, analysis.run.seed
    at = turning.most
    block, value = int(turning.blocks[at]), float(profile.mean[at])
    tested = profile.p_at(at, "blocks")
    interval, defaults = profile.simultaneous(at), defaults_of(analysis)
    twins = of_each(analysis.once(read_twins), lambda t: settled_difference(t, block))
    estimate = defaults.estimate(value, interval, defaults.n)
    found = defaults.finding_of(
        settled_turns_words(
            SettledTurns(
                block,
                estimate,
                tested,
                own.taken_out,
                turning.blocks,
                profile,
                _in_orders(analysis, block),
            )
        ),
        value,
        interval,
        estimate_of=f"difference in block {block}",
        weight=PRIMARY,
        **tested_as(tested),
    )
    return Claim(
        found,
        lambda: max_t_without(turning.each, at, seed=seed),
        names_of(analysis),
        twins,
        places=turning.places,
    )


def _in_orders(analysis: Analysis, block: int) -> list[float]:
    """The same difference among the same words in each random order that was read."""
    found = [settled_difference(one, block) for one in analysis.once(read_shuffled)]
    return [float(values.mean()) for values in found if values is not None]


def _plot(analysis: Analysis, turning: Turning, twins: Floats) -> Plot:
    title = "Do tokens that have settled turn less?"
    profile, own = turning.profile, analysis.read(settling_of)
    label = f"untrained twins ({several(len(twins), 'seed')}), their range"
    curve = Curve("settled minus open", turning.blocks, profile.mean, profile.low, profile.high)
    return Plot(
        "commitment_difference",
        title,
        "Rotation of tokens whose prediction has settled before the block, minus that of tokens "
        f"of the same {own.run.unit} whose has not, {own.taken_out} taken out, with its 95 % "
        f"interval (BCa). {turning_blocks(turning.blocks, profile)}".rstrip(),
        twin_null(analysis.run),
        later(
            draw_profile,
            [curve],
            Labels(title, "block", "difference (degrees)"),
            bands=range_bands(label, turning.blocks, twins),
            references=[Reference("no difference", 0.0)],
        ),
    )


def _columns(analysis: Analysis, turning: Turning, twins: Floats) -> Columns:
    """One row a block in which there are enough of both."""
    own, profile = analysis.read(settling_of), turning.profile
    nothing = np.full(len(turning.blocks), np.nan)
    return tidy(
        {
            "layer": turning.blocks,
            "settled": turning.settled,
            "open": len(own.depth) - turning.settled,
            "difference": profile.mean,
            "low": profile.low,
            "high": profile.high,
            "t": profile.t,
            "p_max_t": profile.p_max_t,
            "difference_untrained": twins.mean(axis=0) if twins.size else nothing,
        },
        n=profile.n,
        excluded=0,
        unit=DEGREES,
        test=profile.test,
        family=profile.family,
    )


def around_settling(analysis: Analysis) -> Answer:
    """The profile aligned at the settling block; nothing where no token settles in a block."""
    around = around_settling_of(analysis.read(settling_of))
    if around is None:
        return Answer(notes=["All tokens have settled before the first block: no block is theirs."])
    title = "Rotation minus the block's mean, around the block in which the prediction settles"
    return Answer(
        [
            held(
                outliers_of(analysis.run),
                _around_claim(analysis, around),
                _around_readings(analysis),
                "block",
            )
        ],
        [_around_plot(analysis, around)],
        [Table("commitment_around", title, _around_columns(around))],
    )


def _around_readings(analysis: Analysis) -> list[Reading]:
    """The settling block itself in the other readings of rotation."""
    found = {name: around_settling_of(own) for name, own in analysis.once(read_otherwise).items()}
    return [
        profile_reading(name, one.profile, one.at) for name, one in found.items() if one is not None
    ]


def _around_claim(analysis: Analysis, around: Around) -> Claim:
    """The settling block itself, corrected for all offsets; the others are told beside it."""
    own, profile, seed = analysis.read(settling_of), around.profile, analysis.run.seed
    at = around.at
    value, interval = float(profile.mean[at]), profile.simultaneous(at)
    tested, defaults = profile.p_at(at, "places"), defaults_of(analysis)
    left_out = len(own.documents) - len(around.units)
    defaults = replace(defaults, n=len(around.units), excluded=left_out)
    estimate = defaults.estimate(value, interval, defaults.n)
    early = around.at_start, len(own.depth)
    finding = defaults.finding_of(
        around_settling_words(estimate, tested, around.found.offsets, profile, early),
        value,
        interval,
        null=PERMUTED,
        estimate_of="difference",
        **tested_as(tested),
    )
    names = tuple(names_of(analysis)[u] for u in around.units)
    return Claim(
        finding,
        lambda: max_t_without(around.found.beyond, at, seed=seed),
        names,
        of_each(analysis.once(read_twins), turn_at_settling),
    )


def _around_plot(analysis: Analysis, around: Around) -> Plot:
    found = around.found
    title = "Does the stream turn where the prediction settles?"
    curve = mean_curve("as it is", found.offsets, found.curve, analysis.run.seed)
    expected = np.asarray(found.expected.mean(axis=0))
    band = Band(f"{PERMUTED} (5 to 95 %)", found.offsets, found.low, found.high, expected)
    return Plot(
        "commitment_around",
        title,
        "Rotation minus the mean of its block, laid over each other at the block in which each "
        f"token's prediction settles; mean over {len(around.units)} {analysis.run.unit}s with its "
        "95 % interval (BCa).",
        PERMUTED,
        later(
            draw_profile,
            [curve],
            Labels(
                title,
                "blocks from the one in which it settles",
                "beyond the block's mean (degrees)",
            ),
            bands=[band],
            references=[Reference("the block's mean", 0.0)],
        ),
    )


def _around_columns(around: Around) -> Columns:
    """One row a place around the settling block."""
    found, profile = around.found, around.profile
    return tidy(
        {
            "offset": found.offsets,
            **mean_columns(found.curve, 0),
            "expected": found.expected.mean(axis=0),
            "permuted_low": found.low,
            "permuted_high": found.high,
            "difference": profile.mean,
            "t": profile.t,
            "p_max_t": profile.p_max_t,
        },
        n=profile.n,
        excluded=0,
        unit=DEGREES,
        test=profile.test,
        family=profile.family,
    )
