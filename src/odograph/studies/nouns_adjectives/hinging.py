"""A finding on two groups of lemmas that hinges on one lemma, or on one pair, says so."""

from collections.abc import Callable

import numpy as np

from odograph.sentences.record import Finding
from odograph.statistics.designs.unpaired_without import UnpairedWithout, adjusted_without
from odograph.statistics.leave_one_out import Without, max_t_without
from odograph.studies.nouns_adjectives.measured import Measured
from odograph.studies.selection import Floats
from odograph.studies.sensitivity import with_sensitivity

#: Two groups of 150 lemmas are usual; a lemma is left out at the price of one sum.
MOST_LEMMAS = 400


def of_mean(measured: Measured, measure: str, made: Finding) -> Finding:
    """The finding on the mean over blocks, tested by labels permuted."""
    return _lemmas(
        measured, made, lambda: _unpaired(measured, _mean(measured, measure)).of_column()
    )


def of_curves(measured: Measured, measure: str, made: Finding) -> Finding:
    """The finding on the curves, tested by clusters."""
    values = measured.lemmas.values[measure]
    return _lemmas(measured, made, lambda: _unpaired(measured, values).of_clusters())


def of_block(measured: Measured, measure: str, index: int, made: Finding) -> Finding:
    """The finding on one block among all, tested by max-T."""
    values = measured.lemmas.values[measure]
    return _lemmas(measured, made, lambda: _unpaired(measured, values).of_column(index))


def of_adjusted(measured: Measured, measure: str, made: Finding) -> Finding:
    """The finding on the mean over blocks beside the covariates."""
    lemmas, values = measured.lemmas, _mean(measured, measure)[:, 0]
    return _lemmas(
        measured, made, lambda: adjusted_without(values, lemmas.first, lemmas.covariates)
    )


def of_pairs(measured: Measured, measure: str, made: Finding) -> Finding:
    """The finding on matched pairs, by flips of their signs."""
    values, pairing = _mean(measured, measure), measured.pairing
    names = measured.lemmas.names
    pairs = [f"{names[a]}, {names[b]}" for a, b in zip(pairing.first, pairing.second, strict=True)]
    apart = values[pairing.first] - values[pairing.second]
    return with_sensitivity(made, lambda: max_t_without(apart, seed=measured.run.seed), pairs)


def _mean(measured: Measured, measure: str) -> Floats:
    return np.asarray(measured.lemmas.values[measure].mean(axis=1)[:, None])


def _unpaired(measured: Measured, values: Floats) -> UnpairedWithout:
    return UnpairedWithout(values, measured.lemmas.first, seed=measured.run.seed)


def _lemmas(measured: Measured, made: Finding, without: Callable[[], Without]) -> Finding:
    return with_sensitivity(made, without, measured.lemmas.names.tolist(), MOST_LEMMAS)
