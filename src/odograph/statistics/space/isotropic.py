"""What would be seen if nothing were learned, in closed form: random directions, random walks."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from odograph.errors import StudyError
from odograph.statistics.intervals import LEVEL, Floats, floats


def isotropic_angle_density(degrees: ArrayLike, width: int) -> Floats:
    """Density per degree of the angle between two independent isotropic vectors of a width.

    f(a) = Gamma(d/2) / (sqrt(pi) Gamma((d-1)/2)) sin(a)^(d-2) pi/180, d = width;
    taken in logarithms, so it holds for any width. Any shape in, the same out;
    0 outside 0..180 degrees. Width 2 is uniform: 1/180.

    Raises: StudyError for a width below 2.
    Source: Cai, Fan & Jiang 2013.
    """
    _check_width(width)
    angle = floats(degrees)
    inside = (angle >= 0) & (angle <= 180)
    sine = np.sin(np.radians(np.where(inside, angle, 0.0)))
    constant = special.gammaln(width / 2) - special.gammaln((width - 1) / 2) - np.log(np.pi) / 2
    log_density = constant + np.log(np.pi / 180) + special.xlogy(width - 2, np.abs(sine))
    density = np.where(inside, np.exp(log_density), 0.0)
    return np.where(np.isnan(angle), np.nan, density)


def isotropic_angle_interval(width: int, level: float = LEVEL) -> tuple[float, float]:
    """The central interval, in degrees, of the angle between two independent isotropic vectors.

    (1 + cos) / 2 follows a beta distribution with both parameters (width - 1) / 2. Symmetric about
    90 degrees; half-width about 112/sqrt(width) at 95 %.

    Raises: StudyError for a width below 2 or a level outside 0..1.
    """
    _check_width(width)
    if not 0 < level < 1:
        raise StudyError("an interval needs a level", expected="between 0 and 1", given=f"{level}")
    half = (width - 1) / 2
    cosine = 2 * float(special.betainccinv(half, half, (1 - level) / 2)) - 1
    low = float(np.degrees(np.arccos(cosine)))
    return low, 180 - low


def mean_cosine(direction_sum: ArrayLike, n: ArrayLike) -> Floats:
    """The mean cosine over all pairs of different vectors, from the sum S of their unit vectors.

    (|S|^2 - n) / (n (n - 1)), exact in one pass. direction_sum: [..., width], n: [...];
    NaN for n < 2.
    """
    total = floats(direction_sum)
    count = floats(n)
    squared = np.einsum("...w,...w->...", total, total)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (squared - count) / (count * (count - 1))
    return np.where(count < 2, np.nan, mean)


def random_walk_rotation(blocks: int) -> Floats:
    """The rotation, in degrees, of a walk of unit independent steps at step 1..L: arctan(1/sqrt l).

    The walk begins with one such step as its state 0. [L]; empty for no blocks.
    """
    return np.degrees(np.arctan(1 / np.sqrt(np.arange(1, blocks + 1))))


def _check_width(width: int) -> None:
    if width < 2:
        raise StudyError(
            "an angle needs two dimensions", expected="a width of at least 2", given=f"{width}"
        )
