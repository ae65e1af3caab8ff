"""The pictures of the rotation study."""

from dataclasses import replace

import numpy as np

from odograph.figures.angles import Angles, Density, draw_angles
from odograph.figures.drawing import later
from odograph.figures.heatmap import HeatMap, draw_heatmap
from odograph.figures.marks import Labels
from odograph.figures.profile import draw_profile
from odograph.folder.run import Run
from odograph.measures import MEASURES
from odograph.statistics.space.isotropic import isotropic_angle_density
from odograph.studies.curves import mean_curve, twin_bands
from odograph.studies.differences import difference_plot
from odograph.studies.last_step import last_step_plot
from odograph.studies.phrases import over_passages, twin_null
from odograph.studies.random_order import random_order_bands, random_order_null
from odograph.studies.rotation.measured import Measured
from odograph.studies.selection import numbers
from odograph.studies.study import Plot

_BLOCK = "block"
_HEAT_MAPS = 3
_LONGEST = 48


def plots(measured: Measured) -> list[Plot]:
    """All pictures that the run allows, the profile first."""
    found = [_profile(measured)]
    if measured.groups is not None:
        title = f"Rotation of {measured.subject} minus that of the word before it"
        found.append(
            difference_plot("rotation_difference", title, measured.groups, "difference (degrees)")
        )
    found += _random(measured)
    found.append(last_step_plot(measured.last, "rotation"))
    return found + _heat_maps(measured)


def _profile(measured: Measured) -> Plot:
    layers = np.arange(1, measured.run.blocks + 1)
    curves = [mean_curve(measured.subject, layers, measured.leading, measured.run.seed)]
    if measured.groups is not None:
        control = measured.groups.pairs.control
        curves.append(mean_curve(measured.groups.control, layers, control, measured.run.seed))
    bands = [
        *twin_bands(measured.twins, layers),
        *random_order_bands(measured.shuffled, layers),
    ]
    wanted = {"mismatched-step": "mismatched step", "matched-token": "matched tokens"}
    for null in measured.nulls:
        if null.name in wanted and null.band is not None:
            bands.append(replace(null.band, label=wanted[null.name]))
    labels = Labels(
        f"How far {measured.subject} turns in each block", _BLOCK, MEASURES["rotation"].axis_label
    )
    return Plot(
        "rotation_profile",
        labels.title,
        f"Mean rotation {over_passages(len(measured.leading))}. Grey: "
        "what the nulls give, 5 to 95 % with the mean as a thin line.",
        "; ".join(
            [
                twin_null(measured.run),
                *random_order_null(measured.shuffled),
                *(n for k, n in wanted.items() if _has(measured, k)),
            ]
        ),
        later(draw_profile, curves, labels, bands=bands),
    )


def _has(measured: Measured, name: str) -> bool:
    return any(null.name == name and null.band is not None for null in measured.nulls)


def _random(measured: Measured) -> list[Plot]:
    names = ("any-position-any-layer", "same-layer")
    samples = [
        Angles(null.label, null.angles)
        for name in names
        for null in measured.nulls
        if null.name == name and len(null.angles)
    ]
    if not samples:
        return []
    width = int(measured.run.manifest["model"]["width"])
    degrees = np.linspace(0, 180, 721)
    expected = Density(
        f"isotropic directions in {width} dimensions",
        degrees,
        isotropic_angle_density(degrees, width),
    )
    title = "Angles between states that have nothing to do with each other"
    return [
        Plot(
            "rotation_random",
            title,
            "Drawn pairs of tokens; sinks left out. The course's random control is 'any position, "
            "any layer'.",
            expected.label,
            later(
                draw_angles,
                samples,
                Labels(title, "angle (degrees)", "density (per degree)"),
                expectation=expected,
            ),
        )
    ]


def _heat_maps(measured: Measured) -> list[Plot]:
    """Up to three single passages, short enough to be read."""
    return [
        _heat_map(measured.run, passage, number)
        for number, passage in enumerate(_readable(measured), start=1)
    ]


def _readable(measured: Measured) -> list[int]:
    """The first passages of at most 48 tokens, of those with a pair where there are pairs."""
    lengths = numbers(
        measured.run.sql(
            "select passage, count(*) as n from tokens group by passage order by passage"
        )
    )
    short = lengths["passage"][lengths["n"] <= _LONGEST].astype(int)
    wanted = set((short if measured.groups is None else measured.groups.pairs.passages).tolist())
    return [int(p) for p in short if p in wanted][:_HEAT_MAPS]


def _heat_map(run: Run, passage: int, number: int) -> Plot:
    tokens = run.sql(
        f"select token, role, sink or position = 0 as sink from tokens where passage = {passage} "
        "order by position"
    ).fetchnumpy()
    values = numbers(
        run.sql(
            f"select rotation::double as value from layers where passage = {passage} and layer > 0 "
            "order by position, layer"
        )
    )["value"].reshape(-1, run.blocks)
    name = run.sql(f"select any_value(passage_id) from tokens where passage = {passage}").fetchall()
    title = f"Rotation of every token of {name[0][0]}"
    drawn = HeatMap(
        tokens=[str(t) for t in tokens["token"]],
        layers=np.arange(1, run.blocks + 1),
        values=values,
        targets=np.flatnonzero(tokens["role"] == "target").tolist(),
        sinks=np.flatnonzero(tokens["sink"]).tolist(),
    )
    return Plot(
        f"rotation_tokens_{number}",
        title,
        "One passage, descriptive. Sinks (hatched) are left out of the colour scale.",
        "none: a single passage; the profile shows the nulls",
        later(draw_heatmap, drawn, Labels(title, _BLOCK, MEASURES["rotation"].axis_label)),
        unit="one passage, descriptive",
    )
