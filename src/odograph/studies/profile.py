"""A measure of all tokens by layer: its passages, their mean with its test, and all its nulls."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from odograph.figures.profile import Band, Curve
from odograph.folder.document_names import document_names
from odograph.folder.documents import PASSAGE
from odograph.folder.requirements import require_rows
from odograph.folder.run import Run
from odograph.folder.samples.nulls import Nulls, read_nulls
from odograph.folder.selection import Floats, Ints, Means
from odograph.sentences.english import several
from odograph.sentences.evidence import over_units
from odograph.sentences.names import name_of_interval
from odograph.sentences.numbers import number
from odograph.sentences.parts import chosen_block
from odograph.statistics.designs.one_sample import MeanProfile, largest_effect, mean_profile
from odograph.statistics.leave_one_out import max_t_without
from odograph.statistics.values import Interval
from odograph.studies.claim import Claim
from odograph.studies.curves import null_bands
from odograph.studies.defaults import FindingDefaults, tested_as
from odograph.studies.section import Analysis
from odograph.studies.single_tests import single_estimate, single_test
from odograph.studies.tidy import Columns


@dataclass(frozen=True, eq=False)
class Profile:
    """A measure of all tokens by layer: its passages [passages, L], their mean, and its nulls.

    Attributes:
        passages: the values.
        mean: by layer.
        overall: the same of the mean over all layers, as a profile of one layer.
        nulls: the values in the untrained twins and in random order.
        seed: of every draw.
        excluded: passages without a number in some layer.
        names: of the others, where known.
        explored: the values in the exploration half; None of a whole run.
        unit: what is counted.
    """

    passages: Floats
    mean: MeanProfile
    overall: MeanProfile
    nulls: Nulls
    seed: int
    excluded: int = 0
    names: tuple[str, ...] = ()
    explored: Floats | None = None
    unit: str = PASSAGE

    @property
    def value(self) -> float:
        """The mean over all layers."""
        return float(self.overall.mean[0])

    @property
    def interval(self) -> Interval | None:
        """The interval of it."""
        return self.overall.interval_at(0)

    @property
    def layers(self) -> Ints:
        """Blocks 1..L."""
        return np.arange(1, self.passages.shape[1] + 1)

    def curve(self, label: str) -> Curve:
        """The mean by layer with its interval, as a figure shows it."""
        return Curve(label, self.layers, self.mean.mean, self.mean.low, self.mean.high)

    @property
    def bands(self) -> list[Band]:
        """The nulls, as a figure shows them."""
        return null_bands(self.nulls, self.layers)

    def columns(self, name: str) -> Columns:
        """Mean and bounds by layer, and the same of the nulls, under that name."""
        mean = self.mean
        own = {name: mean.mean, f"{name}_low": mean.low, f"{name}_high": mean.high}
        return own | self.nulls.columns(name)

    def defaults(self, analysis: Analysis, null: str) -> FindingDefaults:
        """What findings about it share."""
        return analysis.defaults_over(len(self.passages), excluded=self.excluded, null=null)


def read_profile(
    run: Run, read: Callable[[Run], Means], tokens: Callable[[Run], Floats] | None = None
) -> Profile:
    """A measure in a run and in all its nulls.

    Args:
        run: the run.
        read: gives one profile a passage, of the run or of a null.
        tokens: gives [tokens, L] in the order of the text, for a run of a single passage.

    Raises:
        StudyError: no passage is left.
    """
    own = read(run)
    values = require_rows(own.values, "token")
    inside = tokens(run) if tokens is not None and len(values) == 1 else None
    return replace(
        profile_of(run, values, inside, read_nulls(run, own, read), own.excluded),
        names=document_names(run, own.units),
        explored=None if run.exploration is None else read(run.exploration).values,
    )


def profile_of(
    run: Run, values: Floats, tokens: Floats | None, nulls: Nulls, excluded: int
) -> Profile:
    """Values [passages, L] with their tests; of a single passage, `tokens` [tokens, L] as well."""
    whole = None if tokens is None else tokens.mean(axis=1, keepdims=True)
    return Profile(
        passages=values,
        mean=mean_profile(values, tokens, seed=run.seed),
        overall=mean_profile(values.mean(axis=1, keepdims=True), whole, seed=run.seed),
        nulls=nulls,
        seed=run.seed,
        excluded=excluded,
        unit=run.unit,
    )


def confirmed_layer(
    profile: Profile, defaults: FindingDefaults, what: str, null: float = 0.0
) -> list[Claim]:
    """Of a halved run, the layer farthest from `null` on the first half, tested on the second.

    Nothing of a whole run, or where no layer stands out.
    """
    explored, seed = profile.explored, profile.seed
    index = None if explored is None else largest_effect(explored - null)
    if explored is None or index is None:
        return []
    column = profile.passages[:, index]
    estimate = single_estimate(defaults, column, seed=seed)
    tested, units = single_test(column, seed=seed, null=null), defaults.units(len(explored))
    made = defaults.finding_of(
        chosen_block(index + 1, what, null, estimate, tested, units),
        estimate.value,
        estimate.interval,
        null=f"{number(null)}: the mean difference from it is 0",
        **tested_as(tested),
    )
    away = (column - null)[:, None]
    return [Claim(made, lambda: max_t_without(away, seed=seed).of_p, profile.names)]


def interval_caption(profile: Profile) -> str:
    """What the pale area is, in a caption."""
    if profile.mean.interval is None:
        return f"Mean {over_units(profile.mean.n, profile.unit)}."
    over = "Mean over the tokens of one text" if profile.mean.n == 1 else "Mean"
    passages = "" if profile.mean.n == 1 else f" over {several(profile.mean.n, profile.unit)}"
    ending = "; it describes this text alone" if profile.mean.n == 1 else ""
    method = name_of_interval(profile.mean.interval)
    return f"{over}{passages} with its 95 % interval ({method}{ending})."
