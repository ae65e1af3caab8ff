"""Pairs of neighbouring tokens: every pair, pairs at fixed positions, and what they touch."""

from dataclasses import dataclass

import numpy as np

from odograph.folder.document_names import document_names
from odograph.folder.run import Run
from odograph.folder.samples.drawn_documents import DrawnDocuments
from odograph.folder.selection import (
    Floats,
    Means,
    in_common,
    numbers,
    profile_means,
    rows_with,
    usable,
)
from odograph.folder.token_sets import PLAIN_TOKENS, beside_where
from odograph.measures import LAGS
from odograph.statistics.shapes.spread import FIRST, REST, SINK, Values

ANGLE, BEND = "neighbour_angle", "token_bend"
NEEDED = (ANGLE, *(f"{ANGLE}_{lag}" for lag in LAGS), BEND)
#: SQL condition that neither a token nor the one before it is a piece of a split word.
WHOLE = """coalesce(pieces, 1) = 1 and (passage, position - 1) in (
    select (passage, position) from tokens where coalesce(pieces, 1) = 1)"""
#: The fixed pairs 0-1, 1-2, ... up to this second position.
LAST_POSITION = 8


def pairs_with_pieces(run: Run, second: str) -> tuple[int, int]:
    """How many pairs of usable neighbours hold a piece of a split word, and of how many.

    second: SQL condition for the second token of a pair.
    """
    found = numbers(
        rows_with(
            run, second
        ).sql(f"""select count(*) filter (where not ({WHOLE})) as pieces, count(*) as n
        from tokens where {second} and {usable(run)}""")
    )
    return int(found["pieces"][0]), int(found["n"][0])


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
        first = self.means[1]
        total, count = np.zeros(first.values.shape), np.zeros(len(first.units))
        for place, later in self.means.items():
            if place > 1:
                _, at, own = np.intersect1d(first.units, later.units, return_indices=True)
                total[at] += later.values[own]
                count[at] += 1
        some = count > 0
        return np.asarray(first.values[some] - total[some] / count[some, None])


def read_positions(run: Run) -> Positions:
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


def read_pairs(run: Run, drawn: DrawnDocuments) -> Values:
    """The angle of every pair of these documents at every state, sinks and position 0 included."""
    found = numbers(
        run.sql(f"""
        with chosen as materialized (
            select document, passage, position, sink from {PLAIN_TOKENS} where {drawn.where}),
        pairs as materialized (
            select t.document, t.passage, t.position,
                   case when t.position = 1 then {FIRST} when t.sink or b.sink then {SINK}
                        else {REST} end as kind
            from chosen t join chosen b on b.passage = t.passage and b.position = t.position - 1)
        select neighbour_angle::double as angle, layer, document, kind
        from layers join pairs using (passage, position) where isfinite(neighbour_angle)
        order by document, passage, position, layer""")
    )
    kind, document, layer = (found[n].astype(np.int64) for n in ("kind", "document", "layer"))
    return Values(found["angle"], kind, document, layer)


def beside(run: Run, lag: int) -> str:
    """The SQL condition that the token so many places before (after, if negative) is usable."""
    return beside_where(lag, keep_first=bool(run.manifest["config"]["keep_first"]))


def behind_its_neighbour(run: Run) -> str:
    """The SQL condition for a target right behind the token before it, not behind its own piece."""
    return f"""role = 'target' and (passage, position - 1, occurrence) in (
        select (passage, position, occurrence) from tokens
        where role = 'non-target' and {usable(run)})"""


@dataclass(frozen=True)
class Lags:
    """The angle at each lag in the same passages: lag to [passages, L+1], and for the twins.

    `excluded` counts passages too short for the longest lag; `names` are those of the others.
    """

    values: dict[int, Floats]
    twins: dict[int, Floats]
    excluded: int
    names: tuple[str, ...] = ()


def read_lags(run: Run) -> Lags:
    """All lags in the passages that are long enough for the longest that any passage has."""
    found = {lag: _at_lag(run, lag) for lag in (1, *LAGS)}
    found = {lag: means for lag, means in found.items() if len(means.units)}
    longest = found[max(found)].units
    values = {lag: means.values[np.isin(means.units, longest)] for lag, means in found.items()}
    twins = {lag: in_common([_at_lag(twin, lag) for twin in run.untrained]) for lag in found}
    kept = {lag: shared for lag, shared in twins.items() if shared is not None}
    names = document_names(run, longest)
    return Lags(values, kept, len(found[1].units) - len(longest), names)


def _at_lag(run: Run, lag: int) -> Means:
    name = ANGLE if lag == 1 else f"{ANGLE}_{lag}"
    return profile_means(run, name, beside(run, lag), from_layer=0)


def apart_in_twins(twins: dict[int, Floats], longest: int) -> Floats:
    """The same difference, one mean a twin; empty without twins."""
    if longest not in twins or 1 not in twins:
        return np.empty(0)
    pairs = zip(twins[longest], twins[1], strict=True)
    return np.array([float(far.mean() - near.mean()) for far, near in pairs])
