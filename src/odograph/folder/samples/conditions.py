"""What is measured at the targets and after them, condition by condition: means over documents."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from odograph.folder.run import Run
from odograph.folder.selection import Floats, Ints, columns_of, numbers, values_where
from odograph.folder.targets import has_targets
from odograph.folder.views import quoted_name

#: Tokens after a target at which conditions are compared as well.
AFTER = (1, 2)


@dataclass(frozen=True, eq=False)
class ConditionMeans:
    """The documents of one condition: arrays [documents] and [documents, columns].

    Attributes:
        level: the condition.
        documents: their numbers.
        values: the mean of each, layer by layer; of several places one after the other.
        left_out: the documents that have no number at some of the places.
    """

    level: str
    documents: Ints
    values: Floats
    left_out: Ints

    def of(self, documents: Ints) -> Floats:
        """The values of some of its documents, in their order."""
        return self.values[np.searchsorted(self.documents, documents)]


def condition_levels(run: Run, column: str) -> tuple[str, ...]:
    """The conditions, in the order in which the texts have them."""
    name = quoted_name(column)
    found = run.sql(
        f"select {name} from passages where {name} is not null group by all order by min(passage)"
    )
    return tuple(str(level) for (level,) in found.fetchall())


def conditions_beside_twins(
    run: Run, expression: str, from_layer: int, places: Sequence[int]
) -> list[tuple[ConditionMeans, ...]]:
    """The means of each condition in the run, then in each twin that has what the run has."""
    column = run.manifest["config"]["contrast"]
    levels = condition_levels(run, column)
    return [
        condition_means(one, expression, column, from_layer, levels=levels, places=places)
        for one in (run, *filter(partial(has_all, run), run.untrained))
    ]


def has_all(run: Run, twin: Run) -> bool:
    """Whether a twin was measured as its model was: with what was run again, for example."""
    return all(columns_of(run, table) <= columns_of(twin, table) for table in ("layers", "tokens"))


def are_paired(run: Run, means: Sequence[ConditionMeans]) -> bool:
    """Whether conditions are compared within documents: by design, or as all have all of them."""
    if run.manifest["config"].get("pair") is not None:
        return True
    return len({tuple(each.documents.tolist()) for each in means}) == 1


def condition_means(
    run: Run,
    expression: str,
    column: str,
    from_layer: int,
    *,
    levels: Sequence[str],
    places: Sequence[int] = (0,),
) -> tuple[ConditionMeans, ...]:
    """The means of each condition over the documents that have a number at all places.

    Args:
        run: a run, or an untrained twin of it.
        expression: SQL over the columns of `layers` and `tokens`, as in `profile_means`.
        column: of the texts, which holds the condition.
        from_layer: the first layer.
        levels: the conditions.
        places: 0 the targets (every token where there are none), 1 the token after each, ...
    """
    found = [_at_place(run, expression, column, from_layer, place) for place in places]
    made = []
    for level in levels:
        own = [means.get(level, {}) for means in found]
        shared, every = sorted(set(own[0]).intersection(*own[1:])), set[int]().union(*own)
        rows = [np.concatenate([means[document] for means in own]) for document in shared]
        width = len(places) * (run.blocks + 1 - from_layer)
        values = np.array(rows, dtype=np.float64).reshape(-1, width)
        whole = np.isfinite(values).all(axis=1)
        documents = np.array(shared, np.int64)[whole]
        left_out = np.setdiff1d(np.array(sorted(every), np.int64), documents)
        made.append(ConditionMeans(level, documents, values[whole], left_out))
    return tuple(made)


def _at_place(
    run: Run, expression: str, column: str, from_layer: int, place: int
) -> dict[str, dict[int, Floats]]:
    """For each condition the profile of each document at one place."""
    values = values_where(run, expression, _place(run, place), from_layer)
    level = f"select passage, {quoted_name(column)} as level from passages"
    rows = f"select * from ({values.rows}) join ({level}) using (passage) where level is not null"
    means = replace(values, rows=rows).means(["value"], "document", "level", "layer")
    found = numbers(values.run.sql(f"{means} order by level, document, layer"))
    layers = run.blocks + 1 - from_layer
    profiles = found["value"].reshape(-1, layers)
    made: dict[str, dict[int, Floats]] = {}
    documents = found["document"][::layers].astype(np.int64).tolist()
    for name, document, profile in zip(found["level"][::layers], documents, profiles, strict=True):
        made.setdefault(str(name), {})[document] = profile
    return made


def _place(run: Run, place: int) -> str:
    """The SQL condition for the tokens of a place."""
    if not has_targets(run):
        return "true"
    if place == 0:
        return "role = 'target'"
    return f"""role <> 'target' and (passage, position - {place}) in (
        select (passage, max(position)) from tokens
        where role = 'target' group by passage, occurrence)"""
