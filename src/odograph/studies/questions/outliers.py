"""How much of a state's squared length lies in its outlier coordinates, layer by layer."""

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import Curve, Reference, draw_profile
from odograph.folder.pilot import OUTLIER, Pilot, read_pilot
from odograph.folder.run_words import outliers_of
from odograph.studies.result import Plot, Table
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import Columns, tidy


def outlier_coordinates(analysis: Analysis) -> Answer:
    """The shares of the outlier coordinates by layer; nothing where there are none."""
    pilot = read_pilot(analysis.run.folder)
    if pilot is None or not len(pilot.coordinates):
        return Answer()
    table = Table(
        f"{analysis.prefix}_outliers",
        "Share of the squared length in the outlier coordinates, by layer",
        _columns(pilot),
    )
    return Answer(plots=[_plot(analysis, pilot)], tables=[table])


def _columns(pilot: Pilot) -> Columns:
    """One row a layer: the share of each, of all of them, and of the next largest coordinate."""
    shares = pilot.outlier_shares
    columns: Columns = {"layer": np.arange(len(shares))}
    columns |= {
        f"coordinate_{place}": shares[:, index] for index, place in enumerate(pilot.coordinates)
    }
    columns["together"] = shares.sum(axis=1)
    columns["next_largest"] = pilot.next_largest
    return tidy(columns, n=pilot.tokens, excluded=0, unit="1", unit_of_inference="token")


def _plot(analysis: Analysis, pilot: Pilot) -> Plot:
    shares, layers = 100 * pilot.outlier_shares, np.arange(len(pilot.shares))
    curves = [
        Curve(f"coordinate {place}", layers, shares[:, index])
        for index, place in enumerate(pilot.coordinates)
    ]
    if len(pilot.coordinates) > 1:
        curves.append(Curve("together", layers, shares.sum(axis=1)))
    curves.append(Curve("the largest of all others", layers, 100 * pilot.next_largest))
    outliers = outliers_of(analysis.run)
    title = f"What {outliers.counted} hold of a state"
    return Plot(
        f"{analysis.prefix}_outliers",
        title,
        f"Share of the squared length, mean over {pilot.tokens:,} tokens of the pilot, "
        f"sinks left out. Of {outliers.width} coordinates of equal size each would hold "
        f"{100 / outliers.width:.2g} %.",
        f"{100 * OUTLIER:.0f} %: from there on a coordinate is called an outlier",
        later(
            draw_profile,
            curves,
            Labels(title, "layer", "share of the squared length (%)"),
            references=[Reference("called an outlier from here", 100 * OUTLIER)],
        ),
        unit=f"{pilot.tokens:,} tokens",
    )
