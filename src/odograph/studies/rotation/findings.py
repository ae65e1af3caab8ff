"""The findings of the rotation study: numbers of the run at hand, in the wording of one place."""

import numpy as np

from odograph.folder.card import Card
from odograph.sentences.record import Finding
from odograph.sentences.templates import interval_words, number
from odograph.statistics.intervals import mean_interval
from odograph.statistics.space.isotropic import isotropic_angle_interval
from odograph.studies.beyond_twins import beside_difference, beyond_the_band
from odograph.studies.differences import (
    course_tests,
    difference_of_curves,
    difference_of_means,
    largest_difference,
)
from odograph.studies.last_step import last_step_finding
from odograph.studies.no_pair import no_pair_because, remedy_for_pairs
from odograph.studies.phrases import beside_twins, blocks_counted, capital, twin_null, under
from odograph.studies.random_order import random_order_finding
from odograph.studies.reporting import Usual
from odograph.studies.rotation.measured import Measured

STUDY = "rotation"
#: From here on the plain sentence speaks of a common direction (degrees).
_CLEARLY_BELOW_RIGHT = 85.0


def findings(measured: Measured, card: Card) -> list[Finding]:
    """All findings that the run allows, the leading one first."""
    usual = Usual(
        STUDY,
        card,
        n=len(measured.leading),
        null=twin_null(measured.run),
        excluded=measured.excluded,
        unit="degrees",
    )
    parts: list[Finding | None] = [_turned(measured, usual)]
    if measured.groups is not None:
        total, twins = measured.groups.differences.sum(axis=1), measured.twins_difference
        parts += [
            beside_difference(
                difference_of_means(
                    usual, measured.groups, total, "rotation summed over all blocks"
                ),
                None if twins is None else twins.sum(axis=2),
            ),
            difference_of_curves(usual, measured.groups),
            largest_difference(usual, measured.groups),
            course_tests(usual, measured.groups),
        ]
    parts += [
        _against_twin(measured, usual),
        _shuffled(measured, usual),
        _random(measured, usual),
        last_step_finding(usual, measured.last),
    ]
    return [part for part in parts if part is not None]


def _turned(measured: Measured, usual: Usual) -> Finding:
    """How far, in all, and where most and least."""
    total = measured.leading.sum(axis=1)
    interval = mean_interval(total, seed=measured.run.seed)
    by_layer = measured.leading.mean(axis=0)
    most, least = int(np.argmax(by_layer)) + 1, int(np.argmin(by_layer)) + 1
    twins = None if measured.twins is None else measured.twins.sum(axis=2)
    statement = (
        f"Over {blocks_counted(measured.run.blocks)}{under(measured.run)}, {measured.subject} "
        f"turns {number(total.mean())} degrees in all ({interval_words(interval, 'degrees')}; "
        f"{usual.sample}; descriptive, no test): most in "
        f"block {most} ({number(by_layer[most - 1])} degrees), least in block {least} "
        f"({number(by_layer[least - 1])} degrees); {beside_twins(twins, 'degrees')}."
    )
    if measured.targets is not None:
        why = capital(no_pair_because(measured.run))
        statement = f"{statement} {why}. {remedy_for_pairs(measured.run)}"
    plain = (
        f"Adding up its turns, the vector of {measured.subject} turns by about "
        f"{number(total.mean())} degrees on its way up; block {most} turns it most and block "
        f"{least} least. A small turn can still be vital."
    )
    return usual.finding(statement, plain, float(total.mean()), interval)


def _against_twin(measured: Measured, usual: Usual) -> Finding | None:
    if measured.twins is None:
        return None
    return beyond_the_band(
        usual,
        measured.subject,
        measured.leading,
        measured.twins,
        seed=measured.run.seed,
        along="block",
    )


def _shuffled(measured: Measured, usual: Usual) -> Finding | None:
    """What of the rotation goes with word order."""
    if measured.shuffled is None:
        return None
    names = "rotation summed over all blocks", measured.subject
    return random_order_finding(
        usual, measured.shuffled, names, seed=measured.run.seed, summed=True
    )


def _random(measured: Measured, usual: Usual) -> Finding | None:
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
    return usual.finding(
        statement,
        plain,
        mean,
        n=len(control.angles),
        unit_of_inference="drawn pair",
        excluded=0,
        null="isotropic directions",
    )
