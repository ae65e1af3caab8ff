"""A model among networks of its kind with random weights: the test over seeds.

That one word turns otherwise than others is so in random networks too, each in its own way, and
more texts only make that surer. Whether learning made a difference is asked of the seeds.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from odograph.statistics.intervals import Floats
from odograph.statistics.permutation import ALPHA
from odograph.statistics.student import holm, two_sided_p

#: With fewer twins there is no p, only their range.
FEWEST_SEEDS = 5


@dataclass(frozen=True, eq=False)
class SeedTest:
    """A model's means against those of its twins, layer by layer: arrays [L].

    Attributes:
        value: of the model, a mean over documents.
        twins: the same in each twin, [seeds, L].
        t: of the model as one more such network, with seeds - 1 degrees of freedom.
        p, p_adjusted: of a layer alone, and after Holm over all layers; NaN for fewer than 5 seeds.
        comparisons: how many such tests p_adjusted is corrected for as well, by Bonferroni.
        units: how many the means are over: those that the model and all twins have; 0 if unknown.
    """

    value: Floats
    twins: Floats
    t: Floats
    p: Floats
    p_adjusted: Floats
    comparisons: int = 1
    units: int = 0

    def one_of(self, comparisons: int) -> "SeedTest":
        """The same as one of that many such tests."""
        adjusted = np.minimum(1.0, self.p_adjusted * comparisons)
        return replace(self, p_adjusted=adjusted, comparisons=comparisons)

    def of(self, number: Callable[[Floats], Floats]) -> "SeedTest":
        """The test of one number that is made of the layers, [..., L] to [...]."""
        return seed_test(np.atleast_1d(number(self.value)), number(self.twins)[:, None], self.units)

    @property
    def seeds(self) -> int:
        """How many twins there are."""
        return len(self.twins)

    @property
    def tested(self) -> bool:
        """Whether there are enough of them for a p."""
        return bool(np.isfinite(self.p).any())

    @property
    def side(self) -> Floats:
        """+1 where the model lies beyond the twins, above them, -1 below them, else 0: [L].

        By the adjusted p; with fewer than 5 seeds outside the range of their means.
        """
        if self.tested:
            found = np.nan_to_num(self.p_adjusted, nan=1.0) < ALPHA
            return np.asarray(np.sign(self.value - self.twins.mean(axis=0)) * found)
        above, below = self.value > self.twins.max(axis=0), self.value < self.twins.min(axis=0)
        return np.asarray(above.astype(float) - below)

    @property
    def clearest(self) -> int:
        """The layer with the largest |t|; without t's the one farthest from the twins' mean."""
        far = np.abs(self.value - self.twins.mean(axis=0))
        size = np.abs(self.t)
        return int(np.nanargmax(size)) if np.isfinite(size).any() else int(np.argmax(far))


def seed_test(value: Floats, twins: Floats, units: int = 0) -> SeedTest:
    """Whether a model is one more network with random weights: [L], [seeds, L].

    t_l = (d_l - mean_s d_ls) / (s_l sqrt(1 + 1/S)), s_l the standard deviation of the S twins'
    means: the prediction of one more draw from them. Seeds that agree have no t.
    """
    seeds, width = twins.shape
    t, p = np.full((2, width), np.nan)
    if seeds > 1:
        spread = twins.std(axis=0, ddof=1)
        some = spread > 1e-9 * np.abs(twins).max(axis=0)
        apart = value - twins.mean(axis=0)
        t[some] = apart[some] / (spread[some] * np.sqrt(1 + 1 / seeds))
    if seeds >= FEWEST_SEEDS:
        p = two_sided_p(t, seeds - 1)
    return SeedTest(np.asarray(value), twins, t, p, holm(p), units=units)
