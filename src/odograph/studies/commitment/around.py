"""Whether the stream turns where the prediction settles: rotation around the settling block."""

from dataclasses import replace

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import Band, Reference, draw_profile
from odograph.folder.run_words import outliers_of
from odograph.folder.samples.settled_turns import Around, around_settling_of, turn_at_settling
from odograph.folder.samples.settling import settling_of
from odograph.sentences.evidence import bracket, interval_words, p_words
from odograph.sentences.numbers import number
from odograph.sentences.record import Reading
from odograph.statistics.leave_one_out import max_t_without
from odograph.statistics.values import PValue
from odograph.studies.claim import Claim
from odograph.studies.commitment.readings import (
    DEGREES,
    defaults_of,
    names_of,
    of_each,
    read_otherwise,
    read_twins,
)
from odograph.studies.curves import mean_curve
from odograph.studies.defaults import tested_as
from odograph.studies.questions.readings import held, profile_reading
from odograph.studies.result import Plot, Table
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import Columns, mean_columns, tidy

_NULL = "depths permuted among tokens of like position"


def around_settling(analysis: Analysis) -> Answer:
    """The profile aligned at the settling block; nothing where no token settles in a block."""
    around = around_settling_of(analysis.read(settling_of))
    if around is None:
        return Answer(notes=["All tokens have settled before the first block: no block is theirs."])
    title = "Rotation minus the block's mean, around the block in which the prediction settles"
    return Answer(
        [held(outliers_of(analysis.run), _claim(analysis, around), _readings(analysis), "block")],
        [_plot(analysis, around)],
        [Table("commitment_around", title, _columns(around))],
    )


def _readings(analysis: Analysis) -> list[Reading]:
    """The settling block itself in the other readings of rotation."""
    found = {name: around_settling_of(own) for name, own in analysis.once(read_otherwise).items()}
    return [
        profile_reading(name, one.profile, one.at) for name, one in found.items() if one is not None
    ]


def _claim(analysis: Analysis, around: Around) -> Claim:
    """The settling block itself, corrected for all offsets; the others are told beside it."""
    own, profile, seed = analysis.read(settling_of), around.profile, analysis.run.seed
    at = around.at
    value, interval = float(profile.mean[at]), profile.simultaneous(at)
    tested, defaults = profile.p_at(at, "places"), defaults_of(analysis)
    left_out = len(own.documents) - len(around.units)
    defaults = replace(defaults, n=len(around.units), excluded=left_out)
    statement = (
        f"In the block in which its prediction settles a token turns {number(abs(value))} degrees "
        f"{'more' if value > 0 else 'less'} than with {_NULL} "
        f"{bracket(interval_words(interval, DEGREES), defaults.sample, p_words(tested))}. "
        f"{_beside(around)}Of {len(own.depth)} tokens {around.at_start} have settled before the "
        f"first block and have no such block."
    )
    plain = (
        "Where the answer that is read off the stream becomes the final one, the vector turns more "
        "than it does in that block for other tokens; a turn that changes the first choice is "
        "larger than one that does not in random networks, too."
    )
    if value <= 0:
        plain = (
            "Where the answer that is read off the stream becomes the final one, the vector does "
            "not turn more than it does in that block for other tokens."
        )
    finding = defaults.finding(
        statement, plain, value, interval, null=_NULL, headline=_headline(tested, value),
        estimate_of="difference", **tested_as(tested),
    )  # fmt: skip
    names = tuple(names_of(analysis)[u] for u in around.units)
    return Claim(
        finding,
        lambda: max_t_without(around.found.beyond, at, seed=seed),
        names,
        of_each(analysis.once(read_twins), turn_at_settling),
    )


def _headline(tested: PValue, value: float) -> str:
    if tested.p is None or tested.p >= 0.05:
        return "Tokens are not shown to turn more or less where their prediction settles"
    how = "more" if value > 0 else "less"
    return f"Where its prediction settles, a token turns {number(abs(value))} degrees {how}"


def _beside(around: Around) -> str:
    """The places around it at which the turn is larger or smaller than with permuted depths."""
    profile, offsets = around.profile, around.found.offsets
    if not profile.family:
        return ""
    said = [
        f"{number(abs(mean))} {'more' if mean > 0 else 'less'} {_place(int(offset))}"
        for offset, mean, found in zip(offsets, profile.mean, profile.found, strict=True)
        if found and offset != 0
    ]
    return f"Around it: {', '.join(said)} (p < .05). " if said else "Around it nothing is shown. "


def _place(offset: int) -> str:
    count = "1 block" if abs(offset) == 1 else f"{abs(offset)} blocks"
    return f"{count} {'after' if offset > 0 else 'before'}"


def _plot(analysis: Analysis, around: Around) -> Plot:
    found = around.found
    title = "Does the stream turn where the prediction settles?"
    curve = mean_curve("as it is", found.offsets, found.curve, analysis.run.seed)
    expected = np.asarray(found.expected.mean(axis=0))
    band = Band(f"{_NULL} (5 to 95 %)", found.offsets, found.low, found.high, expected)
    return Plot(
        "commitment_around",
        title,
        "Rotation minus the mean of its block, laid over each other at the block in which each "
        f"token's prediction settles; mean over {len(around.units)} {analysis.run.unit}s with its "
        "95 % interval (BCa).",
        _NULL,
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


def _columns(around: Around) -> Columns:
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
