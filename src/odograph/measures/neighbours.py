"""Measures of neighbouring tokens inside a layer."""

from odograph.measures.record import DEGREES, LAGS, STATE, Measure

NEIGHBOURS: tuple[Measure, ...] = (
    Measure(
        "neighbour_angle",
        DEGREES,
        STATE,
        "angle to the token before",
        "angle(x_l[i-1], x_l[i])",
        "Angle between neighbouring tokens inside a layer; null at position 0.",
    ),
    Measure(
        "neighbour_angle_trimmed",
        DEGREES,
        STATE,
        "angle to the token before, without outliers",
        "angle(x_l[i-1], x_l[i]), both without the outlier coordinates",
        "Angle between neighbouring tokens inside a layer, the run's outlier coordinates left out; "
        "null at position 0.",
    ),
    Measure(
        "neighbour_angle_centred",
        DEGREES,
        STATE,
        "angle to the token before, about the mean",
        "angle(x_l[i-1] - mu_l, x_l[i] - mu_l)",
        "Angle between neighbouring tokens inside a layer, the layer's mean state taken away; null "
        "at position 0.",
    ),
    *(
        Measure(
            f"neighbour_angle_{lag}",
            DEGREES,
            STATE,
            f"angle to the token {lag} before",
            f"angle(x_l[i-{lag}], x_l[i])",
            f"Angle between tokens {lag} apart inside a layer; null at the first {lag} positions.",
        )
        for lag in LAGS
    ),
    Measure(
        "token_bend",
        DEGREES,
        STATE,
        "bend from token to token",
        "angle(x_l[i] - x_l[i-1], x_l[i+1] - x_l[i])",
        "Angle between the way from token i-1 to i and from i to i+1, inside a layer; null at the "
        "first and the last position.",
        source="Hosseini & Fedorenko 2023 (2311.04930)",
    ),
)
