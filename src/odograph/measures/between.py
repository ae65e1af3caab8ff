"""Measures of two models together, at the same tokens."""

from odograph.measures.record import DEGREES, MODEL_UNITS, STATE, Measure

BETWEEN_MODELS: tuple[Measure, ...] = (
    Measure(
        "state_angle",
        DEGREES,
        STATE,
        "angle to the state of the base",
        "angle(x_l, y_l), y_l the state of the other model",
        "Angle between the states of two models at the same token; in the folder that `odograph "
        "compare BASE RUN --states` writes.",
    ),
    Measure(
        "state_distance",
        MODEL_UNITS,
        STATE,
        "distance to the state of the base",
        "|x_l - y_l|, y_l the state of the other model",
        "Distance between the states of two models at the same token; in the folder that `odograph "
        "compare BASE RUN --states` writes.",
    ),
)
