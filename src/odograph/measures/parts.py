"""Measures of what attention and the MLP add in a block."""

from odograph.measures.bins import COSINES
from odograph.measures.record import MODEL_UNITS, PURE, STEP, Measure

PARTS: tuple[Measure, ...] = (
    Measure(
        "attention_step",
        MODEL_UNITS,
        STEP,
        "length of attention's step",
        "|a_l|",
        "Length of what attention adds in block l.",
    ),
    Measure(
        "mlp_step",
        MODEL_UNITS,
        STEP,
        "length of the MLP's step",
        "|m_l|",
        "Length of what the MLP adds in block l.",
    ),
    Measure(
        "update_cosine",
        PURE,
        STEP,
        "cosine of attention's and MLP's step",
        "cos(a_l, m_l)",
        "Cosine between what attention and what the MLP add in block l.",
        own_bins=COSINES,
    ),
    Measure(
        "attention_cosine",
        PURE,
        STEP,
        "cosine of attention's step with the state",
        "cos(a_l, x_{l-1})",
        "Cosine between what attention adds and the state that it is added to.",
        own_bins=COSINES,
    ),
    Measure(
        "mlp_cosine",
        PURE,
        STEP,
        "cosine of the MLP's step with the state",
        "cos(m_l, x_{l-1} + a_l)",
        "Cosine between what the MLP adds and the state that it is added to; in a parallel block "
        "that is x_{l-1}.",
        own_bins=COSINES,
    ),
)
