"""Measures of the path of one token: its states, its steps, and the path as a whole."""

from odograph.measures.bins import SHARES
from odograph.measures.record import (
    ALONG,
    DEGREES,
    MODEL_UNITS,
    PURE,
    SPAN,
    STATE,
    STEP,
    TOKEN,
    Measure,
)


def _influence(rotation: str) -> str:
    """1 - cos(a) of an angle as 2 sin^2(a/2): no cancellation at small angles."""
    return f"2 * pow(sin(radians({rotation}::double) / 2), 2)"


STEPS: tuple[Measure, ...] = (
    Measure("norm", MODEL_UNITS, STATE, "length of the state", "|x_l|", "Length of the state."),
    Measure(
        "rotation",
        DEGREES,
        STEP,
        "rotation in the block",
        "angle(x_{l-1}, x_l)",
        "Angle by which block l turns the state.",
        source="Kahan, Computing Cross-Products and Rotations, sec. 13 (the stable form)",
    ),
    Measure(
        "step",
        MODEL_UNITS,
        STEP,
        "length of the step",
        "|x_l - x_{l-1}|",
        "Length of what block l adds to the state.",
    ),
    Measure(
        "relative_step",
        PURE,
        STEP,
        "step / state before it",
        "step / |x_{l-1}|",
        "Step length in units of the state that it is added to.",
        sql=f"step / lag(norm) over {ALONG}",
    ),
    Measure(
        "growth",
        PURE,
        STEP,
        "growth of the state",
        "|x_l| / |x_{l-1}|",
        "Factor by which block l lengthens the state.",
        sql=f"norm / lag(norm) over {ALONG}",
    ),
    Measure(
        "path",
        MODEL_UNITS,
        STEP,
        "path length so far",
        "sum of step over 1..l",
        "Length of the path up to block l.",
        sql=f"sum(step) over {ALONG}",
    ),
    Measure(
        "turned",
        DEGREES,
        STEP,
        "turned so far",
        "sum of rotation over 1..l",
        "Degrees turned up to block l: the path length without a scale.",
        sql=f"sum(rotation) over {ALONG}",
    ),
    Measure(
        "influence",
        PURE,
        STEP,
        "block influence",
        "1 - cos(x_{l-1}, x_l)",
        "One minus the cosine between the states before and after block l.",
        sql=_influence("rotation"),
        source="Men et al. 2024, ShortGPT (2403.03853)",
    ),
    Measure(
        "outlier_share",
        PURE,
        STATE,
        "share of the outlier coordinates",
        "sum of x_l[j]^2 over outliers j / |x_l|^2",
        "Share of the squared length that lies in the run's outlier coordinates: those that hold a "
        "quarter or more of it, on the mean over the pilot's tokens, at some layer.",
        source="Timkey & van Schijndel 2021 (2109.04404); Sun et al. 2024 (2402.17762)",
        own_bins=SHARES,
    ),
    Measure(
        "rotation_trimmed",
        DEGREES,
        STEP,
        "rotation without outliers",
        "angle(x_{l-1}, x_l), both without the outlier coordinates",
        "Angle by which block l turns the state, the run's outlier coordinates left out.",
        source="Timkey & van Schijndel 2021 (2109.04404)",
    ),
    Measure(
        "rotation_centred",
        DEGREES,
        STEP,
        "rotation about the mean",
        "angle(x_{l-1} - mu_{l-1}, x_l - mu_l)",
        "Angle by which block l turns the state, mu_l, the mean state of layer l over the pilot's "
        "tokens, taken away.",
        source="Timkey & van Schijndel 2021 (2109.04404)",
    ),
    *(
        Measure(
            f"influence_{reading}",
            PURE,
            STEP,
            f"block influence {words}",
            f"1 - cos of rotation_{reading}",
            f"One minus the cosine between the states before and after block l, {words}.",
            sql=_influence(f"rotation_{reading}"),
            needs=(f"rotation_{reading}",),
        )
        for reading, words in (("trimmed", "without outliers"), ("centred", "about the mean"))
    ),
    Measure(
        "bend",
        DEGREES,
        STEP,
        "bend between steps",
        "angle(x_{l-1} - x_{l-2}, x_l - x_{l-1})",
        "Angle between step l-1 and step l; null at layers 0 and 1.",
    ),
    Measure(
        "heading",
        DEGREES,
        STEP,
        "heading of the step",
        "angle(x_{l-1}, x_l - x_{l-1})",
        "Angle between the state and what block l adds to it: 0 lengthens, 90 is sideways, 180 "
        "shortens; what growth and rotation say together.",
        sql=(
            "case when step = 0 then 'nan'::double else degrees(atan2("
            "norm::double * sin(radians(rotation::double)), "
            f"norm::double * cos(radians(rotation::double)) - lag(norm) over {ALONG})) end"
        ),
    ),
)

#: Of the whole path, or of several blocks of it.
WHOLE: tuple[Measure, ...] = (
    Measure(
        "displacement",
        MODEL_UNITS,
        TOKEN,
        "distance from start to end",
        "|x_L - x_0|",
        "Straight distance between the first and the last state.",
    ),
    Measure(
        "straightness",
        PURE,
        TOKEN,
        "straightness of the path",
        "|x_L - x_0| / path_L",
        "Straight distance over path length: 1 is a straight line.",
        sql="displacement / last_path",
    ),
    Measure(
        "block_distance",
        PURE,
        SPAN,
        "angular distance",
        "angle(x_l, x_{l+n}) / 180",
        "How far the n blocks l+1 to l+n together turn the state: 0 not at all, 1 a half turn; "
        "mean over the tokens of a passage, and its last token. Table `spans`, in degrees.",
        source="Gromov et al. 2024 (2403.17887)",
    ),
)
