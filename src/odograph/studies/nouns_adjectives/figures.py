"""The pictures of nouns against adjectives."""

from odograph.figures.drawing import later
from odograph.figures.grid import GridEntry, draw_grid
from odograph.figures.marks import Dot, Labels
from odograph.figures.profile import Curve, Reference
from odograph.figures.profiles import ProfilePanel, draw_profiles
from odograph.figures.trajectory import Path, draw_paths
from odograph.sentences.distances import LENGTHS
from odograph.studies.nouns_adjectives.compared import Version, null_bands, percent
from odograph.studies.nouns_adjectives.findings import NO_LABELS
from odograph.studies.nouns_adjectives.lemmas import COVARIATES, MEASURES
from odograph.studies.nouns_adjectives.measured import Measured
from odograph.studies.nouns_adjectives.paths import VIEWS, Paths, PathView
from odograph.studies.phrases import capital, twin_null
from odograph.studies.random_order import orders_words
from odograph.studies.result import Plot
from odograph.studies.trajectories.figures import distance_panel, with_orders


def plots(measured: Measured) -> list[Plot]:
    """All pictures that the run allows, the differences by block first."""
    found = [_differences(measured), _balance(measured)]
    if measured.paths is not None:
        found += [_paths(measured, measured.paths, view) for view in measured.paths.views]
        found.append(_distances(measured, measured.paths))
    return found


def _differences(measured: Measured) -> Plot:
    first, second = measured.names
    panels = [
        ProfilePanel(
            MEASURES[each.measure],
            [_curve(version) for version in each.versions],
            null_bands(each),
        )
        for each in measured.comparisons
    ]
    title = f"{capital(first)} against {second}: how much more in each block"
    sizes = " and ".join(map(str, measured.sizes))
    null = twin_null(measured.run)
    if measured.orders:
        null += f"; the same words in random order, {orders_words(len(measured.orders))}"
    return Plot(
        "nouns_adjectives_differences",
        title,
        f"Ratio of geometric means over {sizes} lemmas minus 1, with 95 % intervals (BCa over "
        "lemmas or pairs). Adjusted: for position, word length, pieces and frequency. Matched: "
        "pairs of lemmas of like frequency. Grey: the same words in the nulls, 5 to 95 % of "
        "resampled lemmas. Blocks are tested in the table.",
        null,
        later(
            draw_profiles,
            panels,
            Labels(title, "block", f"{first} against {second} (%)"),
            references=[Reference("no difference", 0.0)],
        ),
    )


def _curve(version: Version) -> Curve:
    low, high = percent(version.low), percent(version.high)
    return Curve(version.name, version.layer, percent(version.difference), low, high)


def _balance(measured: Measured) -> Plot:
    entries = []
    for each in measured.balance:
        row = COVARIATES[each.name]
        entries.append(GridEntry(row, "", "all lemmas", Dot(each.apart)))
        if measured.pairing.count:
            entries.append(GridEntry(row, "", "matched pairs", Dot(each.matched)))
    first, second = measured.names
    title = f"In what else {first} and {second} differ"
    return Plot(
        "nouns_adjectives_balance",
        title,
        "Difference of the means in standard deviations of all lemmas (pooled over the groups), "
        f"before and after matching ({measured.pairing.count} pairs). The means are in the table.",
        "0: groups that are alike",
        later(draw_grid, entries, Labels(title, f"{first} minus {second} (standard deviations)")),
    )


def _paths(measured: Measured, paths: Paths, view: PathView) -> Plot:
    drawn = [
        Path(name, mean, view.coordinates[rows])
        for name, mean, rows in zip(measured.names, view.means, paths.words.slices, strict=True)
    ]
    shares = [*view.axes.shares[:2], 0.0, 0.0][:2]
    labels = [
        f"PC{number} ({share:.0%} of variance)".replace("%", "\u00a0%")
        for number, share in enumerate(shares, start=1)
    ]
    title = f"Paths of {' and '.join(measured.names)} ({VIEWS[view.name]})"
    return Plot(
        f"nouns_adjectives_paths_{view.name}",
        title,
        f"Line: mean of each group from state 0 (ring) to {measured.run.blocks} (cross), in the "
        "first two axes of one fit to all words, groups and layers; pale marks: lemmas, ellipses: "
        "two thirds of them. Beside it, one random walk with steps as long: smooth arcs alone are "
        "no finding. Groups close here may be far apart in the full space.",
        "one random walk with steps as long as those of the mean path, in axes of its own",
        later(
            draw_paths,
            drawn,
            title,
            labels,
            walk=Path("one random walk, steps as long", view.shares.drawn),
        ),
    )


def _distances(measured: Measured, paths: Paths) -> Plot:
    panels = [distance_panel(VIEWS[view.name], view.parting) for view in paths.views]
    title = f"Distance between {' and '.join(measured.names)} in the full space"
    return Plot(
        "nouns_adjectives_distances",
        title,
        "Noise-corrected distance between the two means, divided by the mean length of a state, "
        "with its 95 % interval: 0 on average where the groups do not differ.",
        with_orders(f"{NO_LABELS}; {twin_null(measured.run)}", paths.views[0].parting),
        later(
            draw_profiles,
            panels,
            Labels(title, "state", f"distance ({LENGTHS})"),
            references=[Reference("no difference", 0.0)],
        ),
    )
