"""Coverage of 95 % intervals; `python -m calibration` writes it from its results.csv.

By the kind of interval: number of units, or of blocks, to the share that holds the truth,
over all settings simulated, and the upper end of its 95 % Monte-Carlo interval. Neighbours are
pooled where the share would fall as the number grows.
"""

SIMULATED: dict[str, dict[int, tuple[float, float]]] = {
    "bca": {
        6: (0.8516, 0.8578),
        8: (0.8785, 0.8842),
        10: (0.8891, 0.8946),
        12: (0.9006, 0.9058),
        16: (0.914, 0.9189),
        20: (0.9156, 0.9204),
        24: (0.926, 0.9292),
        30: (0.926, 0.9292),
        40: (0.9313, 0.9356),
        54: (0.9349, 0.9392),
        150: (0.9417, 0.9458),
    },
    "circular_blocks": {
        4: (0.8962, 0.9169),
        8: (0.8962, 0.9169),
        12: (0.9111, 0.9246),
        16: (0.9121, 0.9239),
        24: (0.9121, 0.9239),
        32: (0.9211, 0.9342),
        48: (0.9365, 0.9486),
        64: (0.9365, 0.9486),
        100: (0.9442, 0.9585),
    },
    "noncentral_t": {
        8: (0.9479, 0.9492),
        12: (0.9479, 0.9492),
        20: (0.9479, 0.9492),
        54: (0.9479, 0.9492),
        150: (0.9479, 0.9492),
    },
    "same_resamples": {
        8: (0.9615, 0.9691),
        12: (0.9615, 0.9691),
        20: (0.9615, 0.9691),
        54: (0.9615, 0.9691),
    },
    "expanded": {
        8: (0.9707, 0.9735),
        12: (0.9707, 0.9735),
        20: (0.9707, 0.9735),
        54: (0.9707, 0.9735),
    },
    "attenuated": {
        8: (0.975, 0.9824),
        12: (0.9767, 0.9838),
        20: (0.9786, 0.9829),
        54: (0.9786, 0.9829),
        150: (0.9786, 0.9829),
    },
}
