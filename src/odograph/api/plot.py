"""Curves by layer of words that a user names."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from odograph.api.figures import shown_in_notebooks
from odograph.errors import UsageError
from odograph.measures import MEASURES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from odograph.figures.profile import Curve
    from odograph.folder.run import Run

_PROFILES = """
    select list(v order by layer), list(layer order by layer)
    from (select passage, layer, avg({measure}) as v
          from layers join tokens using (passage, position)
          where {chosen} and {measure} is not null group by all)
    group by passage order by passage"""
_OF_WORD = """(passage, position) in (
    select (passage, max(position)) from tokens where word is not null group by passage, word
    having lower(trim(string_agg(token, '' order by position))) = lower({word}))"""


def plotted(run: "Run", measure: str, words: Sequence[str]) -> "Figure":
    """A measure by layer, one curve a word: the mean over passages and its 95 % interval."""
    from odograph.figures.marks import Labels
    from odograph.figures.profile import draw_profile

    record = MEASURES.get(measure)
    if record is None or record.axis not in ("state", "step"):
        along = ", ".join(n for n, m in MEASURES.items() if m.axis in ("state", "step"))
        raise UsageError("no measure by layer", expected=along, given=measure)
    named = list(words) or list(run.manifest["config"]["targets"])
    curves = [_curve(run, measure, word) for word in named] or [_curve(run, measure, None)]
    title = f"{record.label[:1].upper()}{record.label[1:]} by layer, mean of the passages"
    labels = Labels(title, "layer", record.axis_label)
    return shown_in_notebooks(draw_profile(curves, labels))


def _curve(run: "Run", measure: str, word: str | None) -> "Curve":
    """The curve of a word; of all tokens that are no sinks where none is named."""
    from odograph.folder.views import quoted_text
    from odograph.studies.curves import mean_curve

    chosen = "not sink" if word is None else _OF_WORD.format(word=quoted_text(word))
    rows = run.sql(_PROFILES.format(measure=measure, chosen=chosen)).fetchall()
    if not rows:
        raise UsageError(f"the word '{word}' is not in the texts", remedy="run.words() lists them.")
    layers = np.array(rows[0][1])
    profiles = np.array([values for values, _ in rows], dtype=float)
    return mean_curve(word or "all tokens", layers, profiles, run.seed)
