"""How far blocks and tokens turn beside what undoing the turn costs: ties over both."""

from dataclasses import dataclass

import numpy as np

from odograph.folder.run import Run
from odograph.folder.samples.worth import Worth, undone_turns, without_last
from odograph.folder.selection import Floats, columns_of, profile_means
from odograph.measures import TURN
from odograph.statistics.correlations.agreement import rank_agreement
from odograph.statistics.correlations.coefficients import FEWEST_TOKENS, SPEARMAN
from odograph.statistics.correlations.layers import Correlations, Pair, layer_correlations
from odograph.statistics.values import Interval

ROTATION = "rotation"
#: What of a turn its worth is held against, where the run has it.
PATH = (ROTATION, "rotation_trimmed", "rotation_centred", "heading", "influence")


@dataclass(frozen=True, eq=False)
class Order:
    """One measure of the path and what undoing the turn costs, of the same documents.

    Attributes:
        measure: its name.
        path: [n, L - 1], without the last block.
        change, kl: with the turn undone, [n, L - 1].
        r: Spearman's correlation of their means over documents, with its interval.
    """

    measure: str
    path: Floats
    change: Floats
    kl: Floats
    r: tuple[float, Interval | None]


def order_of(worth: Worth, measure: str) -> Order | None:
    """How the blocks stand by a measure and by the worth of their turn; None without the measure.

    The path is that of the tokens at which something was undone.
    """
    run = worth.run
    if measure not in columns_of(run, "layers"):
        return None
    role = " and role = 'target'" if run.manifest["config"]["at"] == "targets" else ""
    means = profile_means(run, measure, f"passage in (select passage from ablations){role}")
    units = means.units.astype(np.int64)
    shared = np.intersect1d(units, worth.documents)
    path = without_last(means.values[np.isin(units, shared)])
    inside = np.isin(worth.documents, shared)
    change, kl = (without_last(values[TURN][inside]) for values in (worth.change, worth.kl))
    return Order(measure, path, change, kl, rank_agreement(path, change, seed=run.seed))


@dataclass(frozen=True, eq=False)
class TokenTies:
    """Correlations over the tokens of each passage, with the loss and with the divergence."""

    loss: Correlations
    kl: Correlations


def token_ties(run: Run, rotation: str = ROTATION, *, test: bool) -> TokenTies | None:
    """Rotation with what undoing the turn costs, over tokens, block by block; None for too few.

    rotation: the column of a reading of it.
    """
    pairs: dict[str, list[Pair]] = {"loss": [], "kl": []}
    of: list[int] = []
    for one in undone_turns(run, rotation):
        if one.rotation.shape[1] >= FEWEST_TOKENS:
            of.append(one.document)
            pairs["loss"].append((one.rotation, one.loss))
            pairs["kl"].append((one.rotation, one.kl))
    if not pairs["loss"]:
        return None
    loss, kl = (
        layer_correlations(values, of, seed=run.seed, test=test and name == "loss")
        for name, values in pairs.items()
    )
    return TokenTies(loss, kl) if loss.n and kl.n else None


def strongest_tie(loss: Correlations) -> int:
    """The place of the block with the largest correlation."""
    return int(np.nanargmax(np.abs(loss.r[SPEARMAN])))


def mean_tie(found: Correlations) -> float:
    """The mean over blocks, by Fisher's z."""
    return float(np.tanh(np.arctanh(np.clip(found.r[SPEARMAN], -0.999999, 0.999999)).mean()))
