"""Pairs of tokens by where they stand: neighbours at fixed positions, and tokens further apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from odograph.folder.run import Run
from odograph.measures import LAGS
from odograph.studies.passages import passage_names
from odograph.studies.selection import Floats, Means, in_common, numbers, profile_means, usable

ANGLE, BEND = "neighbour_angle", "token_bend"
NEEDED = (ANGLE, *(f"{ANGLE}_{lag}" for lag in LAGS), BEND)
#: The fixed pairs 0-1, 1-2, ... up to this second position.
LAST_POSITION = 8


@dataclass(frozen=True)
class Lags:
    """The angle at each lag in the same passages: lag to [passages, L+1], and for the twins.

    `excluded` counts passages too short for the longest lag; `names` are those of the others.
    """

    values: dict[int, Floats]
    twins: dict[int, Floats]
    excluded: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Positions:
    """The angle of the fixed pairs 0-1, 1-2, ...: second position to its means, states 0..L.

    Passages with a number at every state; a passage too short for a pair has no part in it.
    """

    means: dict[int, Means]

    @property
    def first_against_later(self) -> Floats:
        """The pair 0-1 minus the mean of the later fixed pairs of its passage: [n, L+1].

        Passages that have the pair 0-1 and a later one.
        """
        if 1 not in self.means:
            return np.empty((0, 0))
        later = [means for place, means in self.means.items() if place > 1]
        apart = []
        for unit, profile in zip(self.means[1].units, self.means[1].values, strict=True):
            others = [m.values[m.units == unit][0] for m in later if unit in m.units]
            if others:
                apart.append(profile - np.mean(others, axis=0))
        return np.array(apart)


def beside(run: Run, lag: int) -> str:
    """The SQL condition that the token so many places before (after, if negative) is usable."""
    return (
        f"(passage, position - ({lag})) in "
        f"(select (passage, position) from tokens where {usable(run)})"
    )


def at_positions(run: Run) -> Positions:
    """The angle at each fixed pair, sinks and all; passages with a number at every state."""
    found = numbers(
        run.sql(f"""
        select position, document, layer,
               avg({ANGLE}::double) filter (where isfinite({ANGLE})) as value
        from layers join tokens using (passage, position)
        where position between 1 and {LAST_POSITION}
        group by all order by position, document, layer""")
    )
    states = run.blocks + 1
    means = {}
    for position in np.unique(found["position"]).astype(int):
        here = found["position"] == position
        values = found["value"][here].reshape(-1, states)
        whole = np.isfinite(values).all(axis=1)
        if whole.any():
            means[int(position)] = Means(found["document"][here][::states][whole], values[whole])
    return Positions(means)


def first_sinks(run: Run) -> tuple[int, int]:
    """How many passages (or windows) begin with a sink by its length, and how many there are."""
    found = run.sql("select count(*) filter (where sink), count(*) from tokens where position = 0")
    [(sinks, all_of_them)] = found.fetchall()
    return int(sinks), int(all_of_them)


def at_lags(run: Run) -> Lags:
    """All lags in the passages that are long enough for the longest that any passage has."""
    found = {lag: _at_lag(run, lag) for lag in (1, *LAGS)}
    found = {lag: means for lag, means in found.items() if len(means.units)}
    longest = found[max(found)].units
    values = {lag: means.values[np.isin(means.units, longest)] for lag, means in found.items()}
    twins = {lag: some([_at_lag(twin, lag) for twin in run.untrained]) for lag in found}
    kept = {lag: shared for lag, shared in twins.items() if shared is not None}
    names = passage_names(run, longest)
    return Lags(values, kept, len(found[1].units) - len(longest), names)


def _at_lag(run: Run, lag: int) -> Means:
    name = ANGLE if lag == 1 else f"{ANGLE}_{lag}"
    return profile_means(run, name, beside(run, lag), from_layer=0)


def some(means: Sequence[Means]) -> Floats | None:
    """What the twins have in common; None where there is nothing."""
    shared = in_common(means)
    return shared if shared is not None and shared.shape[1] else None
