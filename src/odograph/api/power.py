"""How many pairs a difference takes: `odograph power`, for one design."""

from odograph.statistics.power import MAX_T, WANTED, Design, Power, needed, planned
from odograph.statistics.power import power as power_of


def power(
    effect: float,
    n: int | None = None,
    *,
    test: str = MAX_T,
    layers: int = 12,
    affected: int | None = None,
    correlation: float = 0.9,
    wanted: float = WANTED,
    seed: int = 0,
) -> Power | None:
    """How often a true difference would be found with n pairs, or how many pairs that takes.

    Args:
        effect: d_z, the mean difference in standard deviations of the differences.
        n: pairs (passages); None finds the number needed.
        test: "max-t" (per layer), "cluster" (the curves as wholes) or "single" (one layer alone).
        layers: layers tested together: the family.
        affected: neighbouring layers that differ; a quarter of them by default.
        correlation: between neighbouring layers, 0 up to 1.
        wanted: the power that is wanted, where no n is given.
        seed: of the simulation.

    Returns:
        The simulated power of n pairs, or of the least n that has the power wanted; None where
        2,000 pairs do not.

    Raises:
        UsageError: numbers that make no design.
    """
    several = affected or max(1, layers // 4)
    design = planned(Design(effect, test, layers, several, correlation))
    if n is not None:
        return power_of(design, n, seed=seed)
    return needed(design, seed=seed, wanted=wanted)
