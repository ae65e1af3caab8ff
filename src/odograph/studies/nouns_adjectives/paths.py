"""The paths of the two groups in common axes, and how far they stand apart at every layer."""

from odograph.errors import StudyError
from odograph.figures.marks import Labels
from odograph.folder.kept_words import Words
from odograph.folder.run_words import twin_null
from odograph.folder.samples.group_distances import GroupDistance, GroupPaths, read_group_paths
from odograph.folder.samples.states_in_axes import View
from odograph.folder.samples.two_groups import TwoGroups, groups_of
from odograph.folder.word_states import RAW, UNIT
from odograph.sentences.distances import LENGTHS
from odograph.sentences.two_groups import group_words
from odograph.studies.curves import profiles_plot
from odograph.studies.nouns_adjectives.claims import defaults_of
from odograph.studies.result import Plot, Table
from odograph.studies.section import Analysis, Answer, behind
from odograph.studies.tidy import Columns, stacked
from odograph.studies.trajectories.distances import (
    distance_columns,
    distance_panel,
    order_columns,
    with_orders,
)
from odograph.studies.trajectories.group_distance import apart_of, distance_claims
from odograph.studies.trajectories.picture import path_columns, paths_plot

VIEWS = {RAW: "states as they are", UNIT: "states scaled to length 1"}
_PATH = ("view", "group", "layer", "pc1", "pc2", "pc3")
_DISTANCE = (
    *("view", "layer", "distance", "low", "high", "permuted_low", "permuted_high", "p_max"),
    *("n_first", "n_second", "untrained"),
)
_NO_LABELS = "no difference: the labels of the lemmas are exchangeable"
_COMMON = ("n", "excluded", "unit_of_inference", "unit", "test", "family")


def paths(analysis: Analysis) -> Answer:
    """The paths of the kept words; where none were kept, the reason is a note."""
    groups, defaults = analysis.read(groups_of), defaults_of(analysis)
    try:
        found = read_group_paths(analysis.run, groups.tags, tuple(VIEWS))
    except StudyError as error:
        return Answer(notes=[f"No paths: {error}"])
    names = group_words(groups.tags[0]), group_words(groups.tags[1])
    claims = [
        behind(claim)
        for one in found.distances
        for claim in distance_claims(
            apart_of(found.words, one, names, VIEWS[one.view]), one, defaults
        )
    ]
    plots = [_plot(groups, found, view) for view in found.views]
    shared = found.words.shared
    notes = [
        f"{shared} lemmas stand in both groups of the paths, though "
        "nothing is paired: their test is then rather too strict."
    ]
    return Answer(
        claims,
        [*plots, _distances(groups, found)],
        _tables(found),
        notes if shared else [],
    )


def _plot(groups: TwoGroups, paths: GroupPaths, view: View) -> Plot:
    title = f"Paths of {' and '.join(groups.names)} ({VIEWS[view.name]})"
    return paths_plot(paths.words, view, f"nouns_adjectives_paths_{view.name}", title, groups.names)


def _distances(groups: TwoGroups, paths: GroupPaths) -> Plot:
    panels = [distance_panel(VIEWS[one.view], one) for one in paths.distances]
    title = f"Distance between {' and '.join(groups.names)} in the full space"
    return profiles_plot(
        "nouns_adjectives_distances",
        Labels(title, "state", f"distance ({LENGTHS})"),
        "Noise-corrected distance between the two means, divided by the mean length of a state, "
        "with its 95 % interval: 0 on average where the groups do not differ.",
        with_orders(f"{_NO_LABELS}; {twin_null(groups.run)}", paths.distances[0]),
        panels,
        "no difference",
    )


def _tables(paths: GroupPaths) -> list[Table]:
    return [
        Table(
            "nouns_adjectives_distances",
            "Distance between the groups in the full space, divided by the mean length of a state",
            stacked([_distance(paths.words, one) for one in paths.distances]),
        ),
        Table(
            "nouns_adjectives_paths",
            "Mean paths of the groups through the common axes",
            stacked([_path(paths.words, view) for view in paths.views]),
        ),
    ]


def _distance(words: Words, one: GroupDistance) -> Columns:
    columns = distance_columns(words, one)
    return {name: columns[name] for name in (*_DISTANCE, *order_columns(one), *_COMMON)}


def _path(words: Words, view: View) -> Columns:
    columns = path_columns(words, view.name, view.coordinates)
    return {name: columns[name] for name in _PATH}
