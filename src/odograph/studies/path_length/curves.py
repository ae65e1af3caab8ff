"""How far a token turns, how straight its path is, and how long: curves over passages."""

import math
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import Curve, draw_log_profile, draw_profile
from odograph.folder.model_names import own_name
from odograph.folder.requirements import require_rows
from odograph.folder.run import Run
from odograph.folder.run_words import twin_null, under
from odograph.folder.samples.nulls import beside_random_order, with_random_order
from odograph.folder.selection import Floats, Ints, columns_of, token_means, twin_means
from odograph.measures import DEGREES, MEASURES, MODEL_UNITS
from odograph.sentences.evidence import over_units
from odograph.sentences.path_length import long_words, straight_words, turned_words
from odograph.statistics.intervals import mean_interval
from odograph.statistics.space.isotropic import random_walk_rotation
from odograph.statistics.values import Estimate
from odograph.studies.claim import Claim, twin_values
from odograph.studies.curves import mean_curve, null_bands
from odograph.studies.defaults import FindingDefaults
from odograph.studies.result import Plot, Table
from odograph.studies.sample import Quantity, Sample
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import Columns, mean_columns, tidy

#: The curves by layer and the titles of their figures; those without a scale lead.
CURVES = {
    "relative_step": "Step length in units of the state it is added to",
    "turned": "Degrees turned up to each block",
    "step": "Step length in each block",
    "path": "Path length up to each block",
}
#: Everything that is read of all tokens, whether there are targets or not.
QUANTITIES = {
    name: Quantity(MEASURES[name].label, name, MEASURES[name].unit, contrast=None)
    for name in CURVES
}
TURNED = QUANTITIES["turned"]


@dataclass(frozen=True, eq=False)
class Paths:
    """The curves in the passages that have all of them.

    Attributes:
        samples: each quantity with its nulls.
        curves: of each, [passages, L].
        passages: which they are.
        excluded: passages without a number in some block.
    """

    samples: dict[str, Sample]
    curves: dict[str, Floats]
    passages: Ints
    excluded: int


def read_paths(analysis: Analysis) -> Paths:
    """The curves of a run."""
    samples = {name: analysis.sample(asked) for name, asked in QUANTITIES.items()}
    shared = reduce(np.intersect1d, [one.everything.units for one in samples.values()])
    curves = {
        name: require_rows(one.leading[np.isin(one.everything.units, shared)], "token")
        for name, one in samples.items()
    }
    excluded = len(token_means(analysis.run, "1").units) - len(shared)
    return Paths(samples, curves, shared, excluded)


def path_defaults(analysis: Analysis) -> FindingDefaults:
    """What all findings of the study share."""
    paths, defaults = analysis.once(read_paths), analysis.defaults(analysis.sample(TURNED))
    return replace(defaults, n=len(paths.passages), excluded=paths.excluded, unit="1")


def turned(analysis: Analysis) -> Answer:
    """How far a token turns in all, beside a walk of independent steps; all curves and a table."""
    paths, run = analysis.once(read_paths), analysis.run
    profile = Table(
        "path_length_profile", "The path by layer, means over texts", _columns(paths, run)
    )
    plots = [_plot(analysis, paths, name) for name in CURVES]
    return Answer([_turned(analysis, paths)], plots, [profile])


def straightness(analysis: Analysis) -> Answer:
    """How straight paths are; a note where it was not measured."""
    if "straightness" not in columns_of(analysis.run, "tokens"):
        return Answer(
            notes=["Straightness was not measured; ask for it with --measures straightness."]
        )
    return Answer([_straight(analysis, analysis.once(read_paths))])


def length(analysis: Analysis) -> Answer:
    """How long paths are, and which blocks make most of them."""
    return Answer([_long(analysis, analysis.once(read_paths))])


def _turned(analysis: Analysis, paths: Paths) -> Claim:
    run, defaults = analysis.run, path_defaults(analysis)
    values, tested = paths.curves["turned"][:, -1], paths.samples["turned"].nulls.over_seeds
    seeds = np.empty(0) if tested is None else tested.twins[:, -1]
    walk = _walk(run, float(random_walk_rotation(run.blocks).sum()))
    estimate = _estimate(defaults, values, run.seed)
    order = _in_random_order(paths, "turned")
    finding = defaults.finding_of(
        turned_words(estimate, run.blocks, under(run), seeds, walk, order),
        estimate.value,
        estimate.interval,
        unit=DEGREES,
        null_values=twin_values(seeds),
    )
    at_the_end = None if tested is None else (tested.of(lambda turned: turned[..., -1]), 0)
    return Claim(finding, places={"end": run.blocks}, seeds=at_the_end)


def _estimate(defaults: FindingDefaults, values: Floats, seed: int) -> Estimate:
    """The mean over passages, values [passages], with its interval."""
    return defaults.estimate(values.mean(), mean_interval(values, seed=seed), defaults.n)


def _walk(run: Run, value: float) -> float | None:
    """What a walk of independent steps gives; None after a norm, where there is no such walk."""
    return value if run.manifest["convention"] == "stream" else None


def _in_random_order(paths: Paths, name: str) -> str:
    """What random order gives of what is added up to the last block."""
    sample, shuffled = paths.samples[name], paths.samples[name].nulls.shuffled
    last = None if shuffled is None else shuffled.last
    return beside_random_order(last, sample.quantity.unit, seed=sample.run.seed)


def _straight(analysis: Analysis, paths: Paths) -> Claim:
    run, defaults = analysis.run, path_defaults(analysis)
    means = token_means(run, "straightness")
    values = means.values[np.isin(means.units, paths.passages)]
    estimate, twins = _estimate(defaults, values, run.seed), twin_means(run, "straightness")
    walk = _walk(run, 1 / math.sqrt(run.blocks))
    finding = defaults.finding_of(
        straight_words(estimate, under(run), twins, walk),
        estimate.value,
        estimate.interval,
        show={"measure": "turned", "against": "straightness"},
    )
    return Claim(finding, places={"end": run.blocks})


def _long(analysis: Analysis, paths: Paths) -> Claim:
    run, defaults, values = analysis.run, path_defaults(analysis), paths.curves["path"][:, -1]
    estimate, steps = _estimate(defaults, values, run.seed), paths.curves["step"].mean(axis=0)
    share = steps / steps.sum()
    longest = int(share.argmax()) + 1
    finding = defaults.finding_of(
        long_words(estimate, share, _in_random_order(paths, "path")),
        estimate.value,
        estimate.interval,
        unit=MODEL_UNITS,
        null=f"evenly spread steps: {100 / len(share):.0f} % each; {twin_null(run)}",
        estimate_of="the whole path",
        data={"share": float(share[longest - 1])},
        show={"measure": "step"},
    )
    return Claim(finding, places={"peak": longest})


def _plot(analysis: Analysis, paths: Paths, name: str) -> Plot:
    run, sample = analysis.run, paths.samples[name]
    layers, values = sample.layers, paths.curves[name]
    curves = [mean_curve(own_name(run.manifest), layers, values, run.seed)]
    null = twin_null(run)
    walks = run.manifest["convention"] == "stream"  # after a norm no step is independent
    if name == "relative_step" and walks:
        curves.append(Curve("walk of independent unit steps", layers, 1 / np.sqrt(layers)))
        null += "; walk of independent unit steps: 1/sqrt(l)"
    if name == "turned" and walks:
        walk = np.cumsum(random_walk_rotation(run.blocks))
        curves.append(Curve("walk of independent unit steps", layers, walk))
        null += "; walk of independent unit steps: sum of arctan(1/sqrt(l))"
    draw = draw_profile if name == "turned" else draw_log_profile
    labels = Labels(CURVES[name], "block", MEASURES[name].axis_label)
    return Plot(
        f"path_length_{name}",
        labels.title,
        f"Mean {over_units(len(values), run.unit)}. Grey: what the "
        "nulls give, 5 to 95 % of their texts.",
        with_random_order(null, sample.nulls.shuffled),
        later(draw, curves, labels, bands=null_bands(sample.nulls, layers)),
    )


def _columns(paths: Paths, run: Run) -> Columns:
    """One row a layer: mean over passages of every curve, and of its untrained twins."""
    columns: Columns = {"layer": np.arange(1, run.blocks + 1)}
    for name, values in paths.curves.items():
        columns |= mean_columns(values, run.seed, name)
        columns |= paths.samples[name].nulls.columns(name)
    unit = "as the measure"
    return tidy(columns, n=len(paths.passages), excluded=paths.excluded, unit=unit)
