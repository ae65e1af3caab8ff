"""The places of a curve that rise above what lies around them."""

import numpy as np
from numpy.typing import NDArray

from odograph.statistics.intervals import Floats

#: A peak rises above what lies around it by so much of its own height.
PROMINENT = 0.25


def peaks_of(curve: Floats) -> NDArray[np.int64]:
    """The places of a curve [L] that rise above what lies around them by a quarter of their height.

    An end that rises to the edge is a peak. The values are positive.
    """
    from scipy.signal import find_peaks

    padded = np.pad(np.asarray(curve, dtype=float), 1)
    found, about = find_peaks(padded, prominence=0)
    return np.asarray(found[about["prominences"] >= PROMINENT * padded[found]] - 1)
