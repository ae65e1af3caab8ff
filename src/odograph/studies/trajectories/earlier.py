"""New text in the axes of an earlier run."""

from odograph.figures.drawing import later
from odograph.figures.trajectory import Path as DrawnPath
from odograph.figures.trajectory import draw_paths
from odograph.folder.kept_words import Words, chosen_words
from odograph.folder.samples.earlier_axes import Earlier, in_axes_of_earlier
from odograph.folder.word_states import RAW
from odograph.sentences.paths import earlier_axes_words
from odograph.studies.claim import Claim
from odograph.studies.result import Plot, Table
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import stacked
from odograph.studies.trajectories.group_distance import defaults_of, views_of
from odograph.studies.trajectories.picture import axis_label, group_paths_of, path_columns, quoted


def earlier_of(analysis: Analysis) -> Earlier | None:
    """The earlier run; for `Analysis.once`."""
    return in_axes_of_earlier(analysis.run, analysis.read(chosen_words))


def in_earlier_axes(analysis: Analysis) -> Answer:
    """What the axes of the run that `--axes` names hold of the new states; nothing without one."""
    earlier, words = analysis.once(earlier_of), analysis.read(chosen_words)
    if earlier is None:
        return Answer()
    return Answer([_claim(analysis, earlier)], [_plot(words, earlier)], [_table(words, earlier)])


def _claim(analysis: Analysis, earlier: Earlier) -> Claim:
    """How much of the new states' variance the earlier run's axes hold."""
    old, new = earlier.view(RAW), analysis.once(views_of)[RAW]
    defaults = defaults_of(analysis)
    count, held = len(old.axes.shares), float(old.axes.shares.sum())
    own = float(new.axes.shares[:count].sum())
    finding = defaults.finding_of(
        earlier_axes_words(earlier.folder, count, held, own, defaults.sample),
        held,
        unit="share of variance",
        null="the axes fitted to the new states, which hold the most that as many axes can",
    )
    return Claim(finding)


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
