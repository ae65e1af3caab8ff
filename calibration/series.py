"""How often a trend or a change is found along a series, where there is none and where there is."""

from collections.abc import Iterator

import numpy as np

from calibration.rows import FALSE_ALARMS, FOUND, Row, counted
from calibration.simulated import Floats, Generator, draws
from odograph.statistics.designs.series import change_point, trend

TREND, CHANGE = "trend along a series", "change point of a series"
METHODS = (TREND, CHANGE)
SIZES, MEMBERS = (12, 24, 54), 8
#: Of a member from the sixth on, in standard deviations of a unit's noise.
STEP = 0.5
# With 200 draws, the observed one among them, the level is .05 exactly.
_DRAWS = 200


def rows(runs: int) -> Iterator[Row]:
    """Without any difference between members, with heavy and skewed noise; and with a step."""
    for noise in ("heavy", "skewed"):
        for n in SIZES:
            yield from one(n, runs, noise, 0.0)
    for n in SIZES:
        yield from one(n, runs, "heavy", STEP)


def one(n: int, runs: int, noise: str, step: float) -> Iterator[Row]:
    """Both tests on the same series of so many units."""
    rng = np.random.default_rng([17, n, len(noise), int(10 * step)])
    found: dict[str, list[bool]] = {method: [] for method in METHODS}
    for run in range(runs):
        values = members(rng, n, noise, step)
        tested = trend(values[:, :, None], seed=run, permutations=_DRAWS).tested
        change = change_point(values, seed=run, permutations=_DRAWS)
        found[TREND].append(bool(tested.p_max[0] <= 0.05))
        found[CHANGE].append(change is not None and change.p <= 0.05)
    steps = f", the last 3 larger by {step:g} standard deviations" if step else ""
    for method in METHODS:
        what = FOUND if step else FALSE_ALARMS
        yield counted(what, method, n, f"{MEMBERS} members, {noise} noise{steps}", found[method])


def members(rng: Generator, n: int, noise: str, step: float) -> Floats:
    """Units with a level of their own: [n, members]."""
    values = rng.normal(size=(n, 1)) * 3 + draws(rng, (n, MEMBERS), noise)
    values[:, 5:] += step
    return values
