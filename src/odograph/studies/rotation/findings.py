"""The findings of the rotation study: numbers of the run at hand, in the wording of one place."""

import math
from typing import Any

import numpy as np

from odograph.statistics.intervals import BCA, band, mean_interval, mean_intervals
from odograph.statistics.nulls import isotropic_angle_interval
from odograph.statistics.paired import MAX_T_TEST, PairedProfile, cluster_method
from odograph.statistics.permutation import sign_flip_p
from odograph.statistics.results import Estimate, Finding, Interval
from odograph.statistics.wording import (
    Contrast,
    PValue,
    counted,
    curves_plain,
    curves_sentence,
    difference_plain,
    difference_sentence,
    interval_words,
    number,
)
from odograph.studies.last_step import last_step_finding
from odograph.studies.rotation.measured import Measured
from odograph.studies.selection import Pairs, beside_twins, twin_null, twins_words, under

STUDY = "rotation"
#: From here on the plain sentence speaks of a common direction (degrees).
_CLEARLY_BELOW_RIGHT = 85.0


def findings(measured: Measured, card: dict[str, str]) -> list[Finding]:
    """All findings that the run allows, the leading one first."""
    parts: list[Finding | None] = [_turned(measured, card)]
    if measured.pairs is not None and measured.profile is not None:
        parts += [
            _total_difference(measured, measured.pairs, card),
            _curves(measured, measured.pairs, measured.profile, card),
            _largest_layer(measured, measured.pairs, measured.profile, card),
            _course_tests(measured, measured.profile, card),
        ]
    parts += [
        _against_twin(measured, card),
        _random(measured, card),
        last_step_finding(STUDY, measured.last, card, measured.excluded),
    ]
    return [part for part in parts if part is not None]


def _finding(measured: Measured, card: dict[str, str], **given: Any) -> Finding:
    """A finding of this study; what is not said takes the study's usual values."""
    interval = given.pop("interval", None)
    usual = {
        "unit": "degrees",
        "n": len(measured.leading),
        "unit_of_inference": "passage",
        "excluded": measured.excluded,
        "test": "none: descriptive",
        "family": "none",
        "null": twin_null(measured.run),
    }
    bounds = None if interval is None else (interval.low, interval.high)
    return Finding(study=STUDY, interval=bounds, card=card, **{**usual, **given})


def _turned(measured: Measured, card: dict[str, str]) -> Finding:
    """How far, in all, and where most and least."""
    total = measured.leading.sum(axis=1)
    interval = mean_interval(total, seed=measured.seed)
    by_layer = measured.leading.mean(axis=0)
    most, least = int(np.argmax(by_layer)) + 1, int(np.argmin(by_layer)) + 1
    twins = None if measured.twins is None else measured.twins.sum(axis=2)
    statement = (
        f"Over {measured.run.blocks} blocks{under(measured.run)}, {measured.subject} turns "
        f"{number(total.mean())} degrees in all ({interval_words(interval, 'degrees')}; "
        f"{counted(len(total), 'passage', measured.excluded)}; descriptive, no test): most in "
        f"block {most} ({number(by_layer[most - 1])} degrees), least in block {least} "
        f"({number(by_layer[least - 1])} degrees); {beside_twins(twins, 'degrees')}."
    )
    plain = (
        f"Adding up its turns, the vector of {measured.subject} turns by about "
        f"{number(total.mean())} degrees on its way up; block {most} turns it most and block "
        f"{least} least. A small turn can still be vital."
    )
    return _finding(
        measured,
        card,
        statement=statement,
        plain=plain,
        estimate=float(total.mean()),
        interval=interval,
    )


def _total_difference(measured: Measured, found: Pairs, card: dict[str, str]) -> Finding:
    """Target minus control, summed over the blocks: one number, one test."""
    difference = (found.target - found.control).sum(axis=1)
    seed = measured.seed
    interval = mean_interval(difference, seed=seed)
    p = sign_flip_p(difference, seed=seed)
    test = (
        "sign-flip permutation of the mean"
        if p is not None
        else "none: too few pairs, or no spread"
    )
    estimate = Estimate(float(difference.mean()), "degrees", len(difference), "passage", interval)
    contrast = Contrast(
        "rotation summed over all blocks",
        measured.subject,
        "the word before it",
        "in the same passages",
        estimate,
        found.excluded,
    )
    return _finding(
        measured,
        card,
        statement=difference_sentence(contrast, PValue(test, p, 1)),
        plain=difference_plain(contrast),
        estimate=estimate.value,
        interval=interval,
        test=test,
        family="1",
        p=p,
        p_adjusted=p,
        null="no difference: signs of the pairs' differences are exchangeable",
    )


def _curves(
    measured: Measured, found: Pairs, profile: PairedProfile, card: dict[str, str]
) -> Finding:
    """The region claim: the curves differ, never from which layer on."""
    names = ("rotation", measured.subject, "the word before it")
    best = min((c.p for c in profile.clusters), default=None)
    mean = (found.target - found.control).mean(axis=1)
    interval = mean_interval(mean, seed=measured.seed)
    return _finding(
        measured,
        card,
        statement=f"{curves_sentence(profile, *names)} Averaged over all blocks the difference is "
        f"{number(float(mean.mean()))} degrees ({interval_words(interval, 'degrees')}).",
        plain=curves_plain(profile, *names),
        estimate=float(mean.mean()),
        interval=interval,
        test=cluster_method(profile) if profile.family else "none: too few pairs",
        family=f"{profile.family} layers",
        p=best,
        p_adjusted=best,
        null="no difference: signs of the pairs' differences are exchangeable",
    )


def _bounds(profile: PairedProfile, index: int) -> Interval | None:
    low, high = float(profile.low[index]), float(profile.high[index])
    if not (math.isfinite(low) and math.isfinite(high)):
        return None
    return Interval(low, high, profile.level, BCA)


def _largest_layer(
    measured: Measured, found: Pairs, profile: PairedProfile, card: dict[str, str]
) -> Finding | None:
    """The layer claim with the largest standardised difference, max-T corrected."""
    if not np.isfinite(profile.p_max_t).any():
        return None
    index = int(np.nanargmax(np.abs(profile.d_z)))
    layer, p = int(profile.layer[index]), float(profile.p_max_t[index])
    interval = _bounds(profile, index)
    estimate = Estimate(float(profile.difference[index]), "degrees", profile.n, "passage", interval)
    contrast = Contrast(
        "rotation",
        measured.subject,
        "the word before it",
        f"in block {layer}",
        estimate,
        profile.excluded,
    )
    rejected = int((profile.p_max_t < 0.05).sum())
    d_z = (
        f"d_z = {profile.d_z[index]:.2f}, 95 % interval {profile.d_z_low[index]:.2f} to "
        f"{profile.d_z_high[index]:.2f}"
    )
    summary = (
        f" It is the block with the largest standardised difference ({d_z}); in {rejected} of "
        f"{len(profile.layer)} blocks p < .05 after max-T. The interval is that of the one block, "
        "not corrected for its choice."
    )
    return _finding(
        measured,
        card,
        statement=difference_sentence(contrast, PValue(MAX_T_TEST, p, profile.family)) + summary,
        plain=difference_plain(contrast),
        estimate=estimate.value,
        interval=interval,
        test=MAX_T_TEST,
        family=f"{profile.family} layers",
        p=sign_flip_p(found.target[:, index] - found.control[:, index], seed=measured.seed),
        p_adjusted=p,
        null="no difference: signs of the pairs' differences are exchangeable",
    )


def _course_tests(
    measured: Measured, profile: PairedProfile, card: dict[str, str]
) -> Finding | None:
    """The course's independent t-tests beside the paired, corrected ones."""
    if not np.isfinite(profile.p_student).any():
        return None
    counts = {
        "the course's independent Student t-test, uncorrected": profile.p_student,
        "Welch's": profile.p_welch,
        "the paired max-T permutation": profile.p_max_t,
        "the paired t-test with Benjamini-Hochberg": profile.p_bh,
    }
    calls = {name: int((p < 0.05).sum()) for name, p in counts.items()}
    listed = ", ".join(f"{name} {count}" for name, count in calls.items())
    statement = (
        f"Blocks with p < .05, of {len(profile.layer)}: {listed} "
        f"({counted(profile.n, 'pair', profile.excluded)}). The independent tests ignore that both "
        "words stand in one sentence and that many blocks are tested; they are shown as in the "
        "course."
    )
    plain = (
        "Which test is used changes how many blocks look different; the paired, corrected one is "
        "the one to rely on."
    )
    share = calls["the paired max-T permutation"] / len(profile.layer)
    return _finding(
        measured,
        card,
        statement=statement,
        plain=plain,
        estimate=share,
        unit="share of blocks",
        test="none: descriptive, the counts of four tests",
        family=f"{len(profile.layer)} layers",
        null="as each test has it",
    )


def _against_twin(measured: Measured, card: dict[str, str]) -> Finding | None:
    """Where the profile leaves the band of its untrained twins, as the figure draws it."""
    if measured.twins is None:
        return None
    trained, twin = measured.leading.mean(axis=0), measured.twins.mean(axis=(0, 1))
    low, high = mean_intervals(measured.leading, seed=measured.seed)
    below, above = band(measured.twins.reshape(-1, measured.twins.shape[-1]))
    more, less = low > above, high < below
    distance = float(np.abs(trained - twin).mean())
    statement = (
        f"In {int((more | less).sum())} of {len(trained)} blocks the 95 % interval of "
        f"{measured.subject} lies outside the 5-95 % band of {twins_words(len(measured.twins))} "
        f"(more in block {_listed(more)}; less in block {_listed(less)}); the mean distance from "
        f"the twins' mean is {number(distance)} degrees (descriptive, no test; "
        f"{counted(len(measured.leading), 'passage', measured.excluded)})."
    )
    plain = (
        "A network with random weights has such a profile too; where the curve stays in its band, "
        "the architecture alone would give the same."
    )
    return _finding(measured, card, statement=statement, plain=plain, estimate=distance)


def _listed(mask: Any) -> str:
    return ", ".join(str(i + 1) for i in np.flatnonzero(mask)) or "none"


def _random(measured: Measured, card: dict[str, str]) -> Finding | None:
    """The course's random control against isotropic directions."""
    control = next((n for n in measured.nulls if n.name == "any-position-any-layer"), None)
    if control is None or not len(control.angles):
        return None
    width = measured.run.manifest["model"]["width"]
    low, high = isotropic_angle_interval(width)
    mean = float(control.angles.mean())
    narrow, wide = np.percentile(control.angles, [5, 95])
    statement = (
        f"Two states drawn at any position and any layer stand {number(mean)} degrees apart "
        f"(5-95 % {number(narrow)} to {number(wide)} degrees; n = {len(control.angles)} drawn "
        f"pairs; descriptive, no test: that n is arbitrary). Isotropic directions in {width} "
        f"dimensions would stand 90 degrees apart (95 % within {low:.1f} to {high:.1f})."
    )
    plain = (
        "Even states that have nothing to do with each other are closer than a right angle: they "
        "share a common direction."
        if mean < _CLEARLY_BELOW_RIGHT
        else "States that have nothing to do with each other stand at about a right angle."
    )
    return _finding(
        measured,
        card,
        statement=statement,
        plain=plain,
        estimate=mean,
        n=len(control.angles),
        unit_of_inference="drawn pair",
        excluded=0,
        null="isotropic directions",
    )
