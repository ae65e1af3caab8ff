"""Power by number of pairs, for small, middling and large differences."""

from collections.abc import Iterator

from calibration.rows import FOUND, Row
from odograph.statistics.power import CLUSTER, MAX_T, SINGLE, Design, power

EFFECTS = (0.2, 0.35, 0.5)
SIZES = (10, 20, 30, 54, 80, 100, 150, 200, 300)


def rows(runs: int) -> Iterator[Row]:
    """The share of experiments in which the difference is found, by test, effect and n."""
    for test in (MAX_T, CLUSTER, SINGLE):
        for effect in EFFECTS:
            for n in SIZES:
                yield one(Design(effect, test), n, runs)


def one(design: Design, n: int, runs: int) -> Row:
    """The power of one design."""
    found = power(design, n, seed=3, runs=runs)
    setting = f"d_z {design.effect:g}"
    if design.test != SINGLE:
        setting += f" in {design.affected} of {design.layers} layers, memory {design.correlation:g}"
    shares = (round(share, 4) for share in (found.found, found.low, found.high))
    return Row(FOUND, f"power, {design.test}", n, setting, *shares, runs, None, "")
