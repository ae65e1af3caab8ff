"""The same drawn words among the same words in random order: what of a difference order makes."""

from collections.abc import Sequence

import numpy as np

from odograph.sentences.templates import number
from odograph.statistics.designs.contrasts import (
    Mask,
    contrast,
    contrast_intervals,
    resampled_contrasts,
    stratified_counts,
)
from odograph.statistics.intervals import BCA, interval_of
from odograph.studies.nouns_adjectives.compared import percent_of
from odograph.studies.nouns_adjectives.lemmas import Lemmas
from odograph.studies.nouns_adjectives.sentences import in_percent
from odograph.studies.random_order import order_verdict, orders_words
from odograph.studies.selection import Floats

_RESAMPLES = 1999


def in_random_order(lemmas: Lemmas, orders: Sequence[Lemmas], measure: str, seed: int) -> str:
    """The difference over all blocks in random order, a sentence with a space before it; or "".

    Whether the text lies beyond it: by the interval of the change, lemma by lemma.
    """
    if not orders:
        return ""
    own, others, first = _shared(lemmas, orders, measure)
    if min(first.sum(), (~first).sum()) < 2:
        return ""
    nothing = np.empty((len(first), 0))
    change = (own - others.mean(axis=0))[:, None]
    counts = stratified_counts(first, seed=seed, resamples=_RESAMPLES)
    drawn = resampled_contrasts(change, first, nothing, counts)
    low, high = contrast_intervals(change, first, nothing, drawn)
    interval = interval_of(low[0], high[0], BCA)
    given = float(contrast(others.mean(axis=0)[:, None], first, nothing)[0])
    apart = float(contrast(change, first, nothing)[0])
    return (
        f" The same words in random order ({orders_words(len(orders))}) give "
        f"{number(percent_of(given))} %: {order_verdict(interval)} (ratio to it: "
        f"{number(percent_of(apart))} %; {in_percent(interval)})."
    )


def _shared(lemmas: Lemmas, orders: Sequence[Lemmas], measure: str) -> tuple[Floats, Floats, Mask]:
    """Means over blocks of the lemmas that all have: own [n], orders [orders, n], first group."""
    keys = [_keys(each) for each in (lemmas, *orders)]
    common = set(keys[0]).intersection(*map(set, keys[1:]))
    kept = [[row for row, key in enumerate(own) if key in common] for own in keys]
    means = [
        each.values[measure].mean(axis=1)[rows]
        for each, rows in zip((lemmas, *orders), kept, strict=True)
    ]
    return means[0], np.stack(means[1:]), lemmas.first[kept[0]]


def _keys(lemmas: Lemmas) -> list[tuple[bool, str]]:
    return list(zip(lemmas.first.tolist(), lemmas.names.tolist(), strict=True))
