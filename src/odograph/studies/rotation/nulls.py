"""The nulls of a rotation: drawn pairs, and for each target a token that is like it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from odograph.figures.profile import Band
from odograph.folder.drawn_pairs import drawn_angles, exact_cosines
from odograph.folder.run import Run
from odograph.folder.samples.matched_tokens import matched_tokens, values_at
from odograph.folder.selection import Floats, Ints
from odograph.statistics.intervals import band

_WORDS = {
    "mismatched-step": "mismatched step: state before the block of one token, after it of another",
    "same-layer": "same layer, another passage",
    "any-position-any-layer": "any position, any layer",
    "matched-token": "matched token: like position, pieces and frequency",
}


@dataclass(frozen=True)
class Null:
    """One null: its angles, and by layer its mean and 5-95 % band.

    `band` is None for a null that has no layer. `cosine` is the exact mean cosine by layer, where
    it is known. `note` says how the null was drawn, or why it is not there.
    """

    name: str
    label: str
    angles: Floats
    band: Band | None = None
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
        return Null(name, _WORDS[name], angles, note=note)
    if name == "any-position-any-layer":
        return Null(
            name, _WORDS[name], angles, note=f"Any position, any layer: {len(angles)} drawn pairs."
        )
    steps = np.arange(1, run.blocks + 1)
    by_layer = [angles[layer == step] for step in steps]
    cosine = exact_cosines(run)[1:] if name == "same-layer" else None
    note = f"{name}: {min(map(len, by_layer))} drawn pairs a layer, sinks left out."
    return _by_layer(name, steps, by_layer, note, cosine)


def _by_layer(
    name: str, steps: Ints, values: Sequence[Floats], note: str, cosine: Floats | None = None
) -> Null:
    bounds = [band(v) if len(v) else (np.nan, np.nan) for v in values]
    return Null(
        name,
        _WORDS[name],
        np.concatenate(list(values)),
        Band(
            _WORDS[name],
            steps,
            np.array([b[0] for b in bounds], dtype=float),
            np.array([b[1] for b in bounds], dtype=float),
            np.array([v.mean() if len(v) else np.nan for v in values]),
        ),
        cosine,
        note,
    )


def _matched(run: Run) -> Null:
    found = matched_tokens(run, run.seed)
    values = values_at(run, found, "rotation")
    note = (
        f"Matched token: {len(values)} targets have one ({found.same_passage} in their own "
        f"passage, the others in another passage), {found.unmatched} have none."
    )
    if not len(values):
        return Null("matched-token", _WORDS["matched-token"], np.empty(0), note=note)
    return _by_layer("matched-token", np.arange(1, run.blocks + 1), list(values.T), note)
