"""New text in the axes of an earlier run."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from odograph.errors import RunError, StudyError
from odograph.folder.axes import AXES_TABLE, PATHS_TABLE, check_axes
from odograph.folder.run import Run, open_run
from odograph.statistics.space.projection import Axes
from odograph.studies.selection import Floats, numbers
from odograph.studies.trajectories.shares import held_by
from odograph.studies.trajectories.states import VIEWS, coordinates
from odograph.studies.trajectories.words import Words


@dataclass(frozen=True, eq=False)
class EarlierView:
    """One view of the new words in the old axes.

    Attributes:
        axes: of the earlier run; `variance` and `shares` say what they hold of the new states.
        coordinates: of the new rows, [rows, L+1, 3].
        groups, paths: of the earlier run, [groups, L+1, 3].
    """

    name: str
    axes: Axes
    coordinates: Floats
    groups: tuple[str, ...]
    paths: Floats


@dataclass(frozen=True, eq=False)
class Earlier:
    """The earlier run and its views."""

    folder: str
    views: tuple[EarlierView, ...]

    def view(self, name: str) -> EarlierView:
        """The view of that name."""
        return next(view for view in self.views if view.name == name)


def earlier_axes(run: Run, words: Words) -> Earlier | None:
    """The new words in the axes of the run that `--axes` names; None where it names none.

    Raises:
        StudyError: the earlier run is gone, has no axes, or is of another model.
    """
    folder = run.manifest["config"].get("axes")
    if folder is None:
        return None
    try:
        with open_run(Path(folder)) as before:
            check_axes(before, run.manifest["model"])
            views = tuple(_view(run, words, before, name) for name in VIEWS)
    except RunError as error:
        raise StudyError(
            error.problem, expected=error.expected, given=error.given, remedy=error.remedy
        ) from error
    return Earlier(folder, views)


def _view(run: Run, words: Words, before: Run, name: str) -> EarlierView:
    old = _axes_of(before, name)
    groups, paths = _paths_of(before, name)
    axes = held_by(run, words, name, old)
    return EarlierView(name, axes, coordinates(run, words, name, old), groups, paths)


def _axes_of(before: Run, view: str) -> Axes:
    """The stored axes; their shares are not needed."""
    found = numbers(
        before.sql(
            f"select component, loading, mean from tables.{AXES_TABLE} where view = '{view}' "
            "order by component, dimension"
        )
    )
    count = len(np.unique(found["component"]))
    directions = found["loading"].reshape(count, -1)
    return Axes(found["mean"].reshape(count, -1)[0], directions, np.zeros(count), 0.0)


def _paths_of(before: Run, view: str) -> tuple[tuple[str, ...], Floats]:
    rows = before.sql(
        f'select "group", pc1, pc2, pc3 from tables.{PATHS_TABLE} where view = '
        f"'{view}' order by number, layer"
    ).fetchall()
    groups = tuple(dict.fromkeys(str(row[0]) for row in rows))
    paths = np.array([row[1:] for row in rows], dtype=np.float64)
    return groups, paths.reshape(len(groups), -1, paths.shape[1])
