"""Targets and their companions, the marked words of a second role: means over documents."""

import numpy as np

from odograph.folder.run import Run
from odograph.folder.samples.conditions import ConditionMeans, has_all
from odograph.folder.selection import profile_means
from odograph.folder.views import quoted_text
from odograph.sentences.companions import THE_TARGET


def companion_names(run: Run) -> tuple[str, ...]:
    """What the companions are called: their columns, or their marks; none where none are marked."""
    named = "select distinct \"group\" from tokens where role = 'companion' order by 1"
    return tuple(str(name) for (name,) in run.chosen.sql(named).fetchall())


def roles_beside_twins(
    run: Run, expression: str, from_layer: int, names: tuple[str, ...]
) -> list[tuple[ConditionMeans, ...]]:
    """Targets, then each kind of companion, in the run and in each twin that has what it has."""
    twins = [twin for twin in run.untrained if has_all(run, twin)]
    return [_roles(one, expression, from_layer, names) for one in (run, *twins)]


def _roles(
    run: Run, expression: str, from_layer: int, names: tuple[str, ...]
) -> tuple[ConditionMeans, ...]:
    where = {THE_TARGET: "role = 'target'"}
    where |= {name: f"role = 'companion' and \"group\" = {quoted_text(name)}" for name in names}
    return tuple(_means(run, expression, from_layer, *one) for one in where.items())


def _means(run: Run, expression: str, from_layer: int, level: str, where: str) -> ConditionMeans:
    found = profile_means(run, expression, where, from_layer)
    return ConditionMeans(level, found.units.astype(np.int64), found.values, np.empty(0, np.int64))
