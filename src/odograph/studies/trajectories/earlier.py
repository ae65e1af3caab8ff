"""New text in the axes of an earlier run."""

from dataclasses import dataclass
from pathlib import Path

from odograph.errors import RunError, StudyError
from odograph.figures.drawing import later
from odograph.figures.trajectory import Path as DrawnPath
from odograph.figures.trajectory import draw_paths
from odograph.folder.axes import check_axes, stored_axes, stored_paths
from odograph.folder.kept_words import Words
from odograph.folder.run import Run, open_run
from odograph.folder.samples.states_in_axes import coordinates, held_by
from odograph.folder.selection import Floats
from odograph.folder.word_states import RAW, VIEWS
from odograph.statistics.space.projection import Axes
from odograph.studies.claim import Claim
from odograph.studies.result import Plot, Table
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import stacked
from odograph.studies.trajectories.picture import axis_label, group_paths_of, path_columns, quoted
from odograph.studies.trajectories.views import defaults_of, views_of, words_of


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


def earlier_of(analysis: Analysis) -> Earlier | None:
    """The new words in the axes of the run that `--axes` names; None where it names none.

    Raises:
        StudyError: the earlier run is gone, has no axes, or is of another model.
    """
    run = analysis.run
    folder = run.manifest["config"].get("axes")
    if folder is None:
        return None
    words = analysis.once(words_of)
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


def in_earlier_axes(analysis: Analysis) -> Answer:
    """What the axes of the run that `--axes` names hold of the new states; nothing without one."""
    earlier, words = analysis.once(earlier_of), analysis.once(words_of)
    if earlier is None:
        return Answer()
    return Answer([_claim(analysis, earlier)], [_plot(words, earlier)], [_table(words, earlier)])


def _claim(analysis: Analysis, earlier: Earlier) -> Claim:
    """How much of the new states' variance the earlier run's axes hold."""
    old, new = earlier.view(RAW), analysis.once(views_of)[RAW]
    defaults = defaults_of(analysis)
    held = float(old.axes.shares.sum())
    own = float(new.axes.shares[: len(old.axes.shares)].sum())
    count = len(old.axes.shares)
    statement = (
        f"The {count} axes of the earlier run '{earlier.folder}' hold {held:.0%} of the variance "
        f"of the new states, their own {count} axes {own:.0%} ({defaults.sample}; descriptive, no "
        "test)."
    ).replace("%", " %")
    plain = (
        "New text is drawn into an older picture; what the older axes do not hold cannot be seen "
        "there."
    )
    headline = f"The axes of the earlier run hold {held:.0%} of the variance"
    null = "the axes fitted to the new states, which hold the most that as many axes can"
    return Claim(
        defaults.finding(
            statement,
            plain,
            held,
            unit="share of variance",
            null=null,
            headline=headline.replace("%", " %"),
        )
    )


def _plot(words: Words, earlier: Earlier) -> Plot:
    view = earlier.view(RAW)
    drawn = [
        DrawnPath(f"{g} (earlier)", p, old=True)
        for g, p in zip(view.groups, view.paths, strict=True)
    ]
    drawn += group_paths_of(words, view.coordinates, words.groups)
    held = view.axes.shares
    title = f"Paths of {quoted(words.groups)} in the axes of an earlier run"
    labels = [axis_label(k + 1, float(share)) for k, share in enumerate(held[:2])]
    return Plot(
        "trajectories_earlier_axes",
        title,
        f"Axes fitted in '{earlier.folder}'; grey: the paths it had. The shares are those of the "
        f"new states' variance; three axes hold {held.sum():.0%} of it.".replace("%", " %"),
        "the paths of the earlier run",
        later(draw_paths, drawn, title, labels),
    )


def _table(words: Words, earlier: Earlier) -> Table:
    parts = [path_columns(words, view.name, view.coordinates) for view in earlier.views]
    return Table(
        "trajectories_earlier_axes",
        "Paths of the groups through the axes of an earlier run (model units)",
        stacked(parts),
    )
