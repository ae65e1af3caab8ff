"""The finding on what else two groups of words differ in."""

import math

from odograph.sentences.record import Finding
from odograph.sentences.templates import number
from odograph.studies.defaults import FindingDefaults
from odograph.studies.nouns_adjectives.lemmas import COVARIATES
from odograph.studies.nouns_adjectives.measured import Measured
from odograph.studies.nouns_adjectives.sentences import sample


def balance_finding(measured: Measured, defaults: FindingDefaults) -> Finding:
    """In what else the two groups differ."""
    parts = [
        f"{COVARIATES[b.name]} {number(b.first)} and {number(b.second)} ({number(b.apart)} sd"
        + ("" if math.isnan(b.matched) else f"; {number(b.matched)} in pairs")
        + ")"
        for b in measured.balance
    ]
    most = max(measured.balance, key=lambda b: abs(b.apart))
    return defaults.finding(
        f"What could stand between {measured.names[0]} and {measured.names[1]}, means and "
        f"standardised differences ({sample(measured.comparisons[0].plain, measured.names)}; "
        f"descriptive, no test): {'; '.join(parts)}.",
        f"Apart from what they are, the two groups differ most in {_without_unit(most.name)}; no "
        "list of such differences is complete.",
        most.apart,
        unit="standard deviations",
        null="0: groups that are alike",
    )


def _without_unit(name: str) -> str:
    return COVARIATES[name].split(" (")[0]
