"""The tables of the parts of speech."""

import numpy as np

from odograph.corpus.matching import STATUSES
from odograph.studies.parts_of_speech.measured import Measured, TagMean
from odograph.studies.parts_of_speech.orders import Order
from odograph.studies.result import Table
from odograph.studies.tidy import Columns, bounds, stacked, tidy

_UNITS = {"turned": "degrees", "relative_step": "1"}


def tables(measured: Measured) -> list[Table]:
    """The counts, the words without a state, and the means where words were measured."""
    found = [
        Table("parts_of_speech", "Words by tag, and how pieces meet them", _counts(measured)),
        Table(
            "parts_of_speech_unmatched",
            "Words without a state of their own, by form, tag and reason",
            {
                "text": [each.text for each in measured.unmatched],
                "tag": [each.tag for each in measured.unmatched],
                "reason": [each.why for each in measured.unmatched],
                "words": np.array([each.count for each in measured.unmatched], np.int64),
            },
        ),
    ]
    rows = [
        _mean(name, mean, measured.orders.get(name))
        for name, means in measured.means.items()
        for mean in means
    ]
    if rows:
        title = "How far words turn and step by tag: means over lemmas"
        found.insert(1, Table("parts_of_speech_measures", title, stacked(rows)))
    return found


def _counts(measured: Measured) -> Columns:
    counts = measured.counts
    return {
        "tag": list(counts.tags),
        "words": counts.words,
        "lemmas": counts.lemmas,
        **{status: counts.by_status[status] for status in STATUSES},
        "measured": counts.measured,
        "share_measured": counts.measured / counts.words,
    }


def _mean(measure: str, mean: TagMean, order: Order | None) -> Columns:
    """One row; a tag's lemmas without a usable word have no part in its mean."""
    low, high = bounds(mean.interval)
    twins = {f"untrained_seed_{k}": [float(v)] for k, v in enumerate(mean.twins, start=1)}
    columns = {
        "measure": [measure],
        "tag": [mean.tag],
        "words": [mean.words],
        "mean": [mean.mean],
        "low": [low],
        "high": [high],
        **twins,
        **_in_order(mean.tag, order),
    }
    return tidy(
        columns,
        n=mean.lemmas,
        excluded=mean.left_out,
        unit=_UNITS[measure],
        unit_of_inference="lemma",
    )


def _in_order(tag: str, order: Order | None) -> Columns:
    """The mean over the same lemmas in each random order; NaN for a tag that has none there."""
    if order is None:
        return {}
    own = np.array([one == tag for one in order.tags])
    return {
        f"shuffled_seed_{k}": [float(values[own].mean()) if own.any() else float("nan")]
        for k, values in enumerate(order.orders, start=1)
    }
