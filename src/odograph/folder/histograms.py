"""Histograms of all tokens of a run that keeps sums, read whole, and what they are in words."""

from collections.abc import Sequence
from typing import Any

from odograph.folder.columns import described
from odograph.folder.histogram_tables import HISTOGRAMS, JOINT_HISTOGRAMS
from odograph.folder.kept_rows import drawn_words
from odograph.folder.run import Run
from odograph.folder.selection import columns_of, numbers
from odograph.folder.views import quoted_text
from odograph.measures import TOKEN
from odograph.measures.binned import Counts, JointCounts
from odograph.measures.bins import JOINED, EvenBins
from odograph.measures.record import PURE

_ONCE = "layer is null"


def histogram_of(run: Run, measure: str, layer: int | None = None) -> Counts | None:
    """The usable tokens of all texts by a measure at a layer, or once a token.

    Where no layer is named, at all layers together. None where no such histogram is kept: of a run
    that keeps rows, of half a run, of a measure that is derived on reading.
    """
    at = _at(layer, measure) if layer is not None else "true"
    found = _counted(run, HISTOGRAMS, f"measure = {quoted_text(measure)} and {at}", ("low",))
    words = _words(run, [measure], 1)
    return None if found is None else Counts(found["low"], found["high"], found["tokens"], words)


def joint_histogram_of(run: Run, x: str, y: str, layer: int) -> JointCounts | None:
    """The same by two measures at a layer; None where these are not counted together."""
    at = _at(layer, x, y)
    for across, up in ((x, y), (y, x)):
        where = f"x = {quoted_text(across)} and y = {quoted_text(up)} and {at}"
        found = _counted(run, JOINT_HISTOGRAMS, where, ("x_low", "y_low"))
        if found is not None:
            words = _words(run, [across, up], 1 if at == _ONCE else JOINED)
            joint = JointCounts(**found, words=words)
            return joint if across == x else joint.turned
    return None


def histogram_source(run: Run, measure: str) -> str:
    """What the distribution of a measure is of, to follow what was counted; "" for rows of all."""
    counts = histogram_of(run, measure)
    if counts is not None:
        return f", from {counts.words}"
    drawn = drawn_words(run.manifest)
    return f", of {drawn}" if drawn else ""


def _words(run: Run, measures: Sequence[str], joined: int) -> str:
    """What a histogram is of, in words; `joined` neighbouring bins are one."""
    tokens = run.manifest["corpus"]["tokens"]
    left_out = "sinks" if run.manifest["config"]["keep_first"] else "first ones and sinks"
    bins = " and ".join(dict.fromkeys(_bin_words(measure, joined) for measure in measures))
    return f"the histogram of all {tokens:,} tokens but {left_out}, in bins of {bins}"


def _bin_words(measure: str, joined: int) -> str:
    about = described(measure)
    if isinstance(about.bins, EvenBins):
        width = joined * about.bins.width
        unit = about.unit.removesuffix("s") if width == 1 else about.unit
        return f"{width:g}" if unit == PURE else f"{width:g} {unit}"
    return "3 to 6 %" if joined == 1 else "14 to 25 %"


def _at(layer: int, *measures: str) -> str:
    """The SQL condition for the layer; there is none of what is there once a token."""
    once = all(described(measure).axis == TOKEN for measure in measures)
    return _ONCE if once else f"layer = {layer}"


def _counted(run: Run, table: str, where: str, lows: Sequence[str]) -> dict[str, Any] | None:
    """Edges and counts of what is held, in the order of the lower edges; None for nothing."""
    if not _is_whole(run, table):
        return None
    edges = ", ".join(
        f"{low}::double as {low}, any_value({high})::double as {high}"
        for low, high in ((low, low.replace("low", "high")) for low in lows)
    )
    by = ", ".join(lows)
    found = numbers(
        run.sql(
            f"select {edges}, sum(tokens)::bigint as tokens from {table}"
            f" where {where} group by {by} order by {by}"
        )
    )
    return found if len(found["tokens"]) else None


def _is_whole(run: Run, table: str) -> bool:
    """Whether all shards have counted: one that was begun by an older version did not."""
    there = bool(columns_of(run, table))
    return there and len(run.listed.names(table)) == len(run.manifest["shards"])
