"""The nulls of a rotation: drawn pairs, and for each target a token that is like it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.figures.profile import Band
from odograph.folder.drawn_pairs import drawn_angles, exact_cosines
from odograph.folder.run import Run
from odograph.folder.selection import Floats, Ints, numbers, usable
from odograph.statistics.intervals import band

#: How far the log of the counts may be apart: a factor of e.
_FREQUENCY = 1.0
#: A band needs no more; beyond it, targets are drawn.
_MOST = 500


@dataclass(frozen=True)
class Matched:
    """The matched tokens and how they were found.

    Attributes:
        passage, position: [k] the tokens, one for each target that has a match.
        same_passage: how many of them stand in the target's own passage.
        unmatched: targets without any match.
    """

    passage: Ints
    position: Ints
    same_passage: int
    unmatched: int


def matched_tokens(run: Run, seed: int) -> Matched:
    """For each usable target one other token: position +-1, as many pieces, similar frequency.

    Taken from the same passage if it has one, else drawn from the other passages (both counted).
    The frequency is the token's count in the texts of the run, within a factor of e.
    """
    tokens = numbers(
        run.sql(f"""
        select passage, position, role, coalesce(pieces, 1) as pieces,
               ln(count(*) over (partition by token_id)) as frequency
        from tokens where {usable(run)} order by passage, position""")
    )
    generator = np.random.default_rng([seed, 4])
    is_target = tokens["role"] == "target"
    candidate = tokens["role"] == "other"
    chosen: list[int] = []
    same = 0
    targets = np.flatnonzero(is_target)
    if len(targets) > _MOST:
        targets = np.sort(generator.choice(targets, _MOST, replace=False))
    for index in targets:
        alike = candidate & _alike(tokens, int(index))
        near = alike & (tokens["passage"] == tokens["passage"][index])
        pool = np.flatnonzero(near if near.any() else alike)
        if len(pool):
            chosen.append(int(generator.choice(pool)))
            same += int(near.any())
    rows = np.array(chosen, dtype=np.int64)
    return Matched(
        passage=tokens["passage"][rows].astype(np.int64),
        position=tokens["position"][rows].astype(np.int64),
        same_passage=same,
        unmatched=len(targets) - len(chosen),
    )


def _alike(tokens: dict[str, NDArray[np.float64]], index: int) -> NDArray[np.bool_]:
    near = np.abs(tokens["position"] - tokens["position"][index]) <= 1
    alike = np.abs(tokens["frequency"] - tokens["frequency"][index]) <= _FREQUENCY
    whole = tokens["pieces"] == tokens["pieces"][index]
    both: NDArray[np.bool_] = near & alike & whole
    return both


def values_at(run: Run, matched: Matched, measure: str) -> Floats:
    """The measure at the matched tokens, [k, L] in the order of passage and position."""
    if not len(matched.passage):
        return np.empty((0, run.blocks))
    keys = ", ".join(
        f"({n}, {p}, {q})"
        for n, (p, q) in enumerate(zip(matched.passage, matched.position, strict=True))
    )
    found = numbers(
        run.sql(f"""
        select n, layer, {measure}::double as value
        from (values {keys}) as k(n, passage, position) join layers using (passage, position)
        where layer > 0 order by n, layer""")
    )
    return found["value"].reshape(-1, run.blocks)


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
