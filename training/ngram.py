"""The baseline: an interpolated 3-gram with modified Kneser-Ney discounts over the same pieces.

Source: Chen and Goodman, "An empirical study of smoothing techniques for language modeling",
1999, section 3: three discounts per order from the counts of counts, lower orders from
continuation counts, the lowest interpolated with the uniform distribution. A history never seen
backs off to the next shorter one.
"""

from dataclasses import dataclass

import numpy as np

ORDER = 3


def discounts(counts: np.ndarray) -> np.ndarray:
    """Discounts for counts 0, 1, 2 and 3 or more (the first is 0)."""
    one, two, three, four = (max(1, int((counts == count).sum())) for count in (1, 2, 3, 4))
    share = one / (one + 2 * two)
    return np.array(
        [0, 1 - 2 * share * two / one, 2 - 3 * share * three / two, 3 - 4 * share * four / three]
    )


@dataclass(frozen=True)
class Level:
    """One order of the model: n-grams and histories as sorted keys, with their values."""

    grams: np.ndarray
    kept: np.ndarray  # count less discount
    histories: np.ndarray
    totals: np.ndarray
    passed: np.ndarray  # probability mass handed to the lower order


def new_level(grams: np.ndarray, counts: np.ndarray, vocabulary: int) -> Level:
    """An order of the model from its distinct n-gram keys and their counts."""
    discount = discounts(counts)[np.minimum(counts, 3)]
    histories, place = np.unique(grams // vocabulary, return_inverse=True)
    totals = np.bincount(place, weights=counts)
    passed = np.bincount(place, weights=discount) / totals
    return Level(grams, counts - discount, histories, totals, passed)


def keys(ids: np.ndarray, order: int, vocabulary: int) -> np.ndarray:
    """One integer per n-gram of a token stream, the last token in the lowest digit."""
    key = np.zeros(len(ids) - order + 1, dtype=np.int64)
    for offset in range(order):
        key = key * vocabulary + ids[offset : len(ids) - order + 1 + offset].astype(np.int64)
    return key


def fit(ids: np.ndarray, vocabulary: int) -> list[Level]:
    """The model's orders, the single token first, from a stream of token ids."""
    grams, counts = np.unique(keys(ids, ORDER, vocabulary), return_counts=True)
    levels = [new_level(grams, counts, vocabulary)]
    for order in range(ORDER - 1, 0, -1):
        grams, counts = np.unique(grams % vocabulary**order, return_counts=True)
        levels.insert(0, new_level(grams, counts, vocabulary))
    return levels


def looked_up(table: np.ndarray, wanted: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Values of keys in a sorted table, NaN where a key is not in it."""
    place = np.minimum(np.searchsorted(table, wanted), len(table) - 1)
    return np.where(table[place] == wanted, values[place], np.nan)


def log_probabilities(levels: list[Level], ids: np.ndarray, vocabulary: int) -> np.ndarray:
    """Log-probability in nats of every token of a stream after its first ORDER - 1."""
    probability = np.full(len(ids) - ORDER + 1, 1 / vocabulary)
    for order, level in enumerate(levels, start=1):
        wanted = keys(ids, order, vocabulary)[ORDER - order :]
        history = wanted // vocabulary
        total = looked_up(level.histories, history, level.totals)
        kept = np.nan_to_num(looked_up(level.grams, wanted, level.kept))
        passed = looked_up(level.histories, history, level.passed)
        mixed = kept / total + passed * probability
        probability = np.where(np.isnan(total), probability, mixed)
    return np.log(probability)
