"""The states of chosen words in the axes of an earlier run."""

from dataclasses import dataclass
from pathlib import Path

from odograph.errors import RunError, StudyError
from odograph.folder.axes import check_axes, stored_axes, stored_paths
from odograph.folder.kept_words import Words
from odograph.folder.run import Run, open_run
from odograph.folder.samples.states_in_axes import coordinates, held_by
from odograph.folder.selection import Floats
from odograph.folder.word_states import VIEWS
from odograph.statistics.space.projection import Axes


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


def in_axes_of_earlier(run: Run, words: Words) -> Earlier | None:
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
    old = stored_axes(before, name)
    groups, paths = stored_paths(before, name)
    axes = held_by(run, words, name, old)
    return EarlierView(name, axes, coordinates(run, words, name, old), groups, paths)
