"""The angles that states with nothing to do with each other have, and tokens alike: drawn nulls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from odograph.folder.drawn_pairs import drawn_angles, exact_cosines
from odograph.folder.run import Run
from odograph.folder.samples.drawn_documents import drawn_documents
from odograph.folder.samples.matched_tokens import matched_tokens, values_at
from odograph.folder.selection import Floats
from odograph.statistics.intervals import band


@dataclass(frozen=True)
class Null:
    """One null: its angles, and by layer its 5 %, its mean and its 95 %.

    `by_layer` is empty for a null that has no layer. `cosine` is the exact mean cosine by layer,
    where it is known. `note` says how the null was drawn, or why it is not there.
    """

    name: str
    angles: Floats
    by_layer: Mapping[str, Floats] = field(default_factory=dict)
    cosine: Floats | None = None
    note: str = ""


def rotation_nulls(run: Run, *, matched: bool) -> tuple[Null, ...]:
    """The drawn nulls, and with `matched` the matched tokens; the untrained twin is apart."""
    nulls = [
        _drawn(run, name) for name in ("mismatched-step", "same-layer", "any-position-any-layer")
    ]
    if matched:
        nulls.append(_matched(run))
    return tuple(nulls)


def _drawn(run: Run, name: str) -> Null:
    layer, angles = drawn_angles(run, name)
    if not len(angles):
        note = f"The null '{name}' is not there: it needs drawn pairs of two passages."
        return Null(name, angles, note=note)
    if name == "any-position-any-layer":
        return Null(name, angles, note=f"Any position, any layer: {len(angles):,} drawn pairs.")
    by_layer = [angles[layer == step] for step in range(1, run.blocks + 1)]
    cosine = exact_cosines(run)[1:] if name == "same-layer" else None
    note = f"{name}: {min(map(len, by_layer)):,} drawn pairs a layer, sinks left out."
    return _by_layer(name, by_layer, note, cosine)


def _by_layer(name: str, values: Sequence[Floats], note: str, cosine: Floats | None = None) -> Null:
    bounds = np.array([band(v) if len(v) else (np.nan, np.nan) for v in values], dtype=float)
    mean = np.array([v.mean() if len(v) else np.nan for v in values])
    by_layer = {"mean": mean, "low": bounds[:, 0], "high": bounds[:, 1]}
    return Null(name, np.concatenate(list(values)), by_layer, cosine, note)


def _matched(run: Run) -> Null:
    drawn = drawn_documents(run)
    found = matched_tokens(run, drawn, run.seed)
    values = values_at(run, found, "rotation")
    note = (
        f"Matched token: {len(values)} targets have one ({found.same_passage} in their own "
        f"passage, the others in another passage), {found.unmatched} have none.{drawn.sentence}"
    )
    if not len(values):
        return Null("matched-token", np.empty(0), note=note)
    return _by_layer("matched-token", list(values.T), note)
