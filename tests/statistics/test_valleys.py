"""A valley chosen on one half of the passages, and looked for on the other."""

import numpy as np

from odograph.statistics.shapes.modes import parted_at
from odograph.statistics.shapes.valleys import valley_at

PASSAGES, EACH = 20, 15


def half(generator: np.random.Generator, second: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Angles of a half; a share of each passage's lies in a hump far off."""
    values = (
        60 + 8 * generator.normal(size=(PASSAGES, EACH)) + 3 * generator.normal(size=(PASSAGES, 1))
    )
    count = round(second * EACH)
    values[:, :count] = 105 + 4 * generator.normal(size=(PASSAGES, count))
    return values.ravel(), np.repeat(np.arange(PASSAGES), EACH)


def p_of(seed: int, first: float, second: float) -> float:
    """The p on the second half of the valley that the first shows; 1 where it shows none."""
    generator = np.random.default_rng(seed)
    places = parted_at(half(generator, first)[0])
    if places is None:
        return 1.0
    p = valley_at(*half(generator, second), places).p(seed)
    assert p is not None
    return p


def test_a_hump_planted_in_both_halves_is_confirmed() -> None:
    assert sum(p_of(seed, 0.2, 0.2) < 0.05 for seed in range(10)) >= 9


def test_a_hump_in_the_first_half_alone_is_not() -> None:
    assert all(p_of(seed, 0.2, 0.0) > 0.05 for seed in range(10))


def test_noise_that_was_chosen_on_the_first_half_is_seldom_confirmed() -> None:
    small = sum(p_of(seed, 0.0, 0.0) < 0.05 for seed in range(30))
    assert small <= 4  # P(more than 4 of 30 | .05) = .016; the larger of two p is fewer still


def test_a_density_without_valley_drops_on_one_side_at_most() -> None:
    """Of a triangle, wherever its top stands, equal stretches at three places in order."""
    grid = np.linspace(0, 1, 3001)
    for top in (0.1, 0.35, 0.5, 0.9):
        density = np.interp(grid, [0, top, 1], [0, 1, 0])
        values = np.repeat(grid, np.rint(200 * density).astype(int))
        drops = valley_at(values, np.zeros(len(values)), (0.25, 0.5, 0.7)).drops[0]
        assert drops.min() <= 1e-3


def test_one_passage_that_digs_the_valley_is_named() -> None:
    generator = np.random.default_rng(3)
    values, units = half(generator, 0.2)
    found = valley_at(values, units, (60.0, 85.0, 105.0))
    assert (found.without(0).p < 0.05).all()
    drops = 0.002 * generator.normal(size=(PASSAGES, 2)) + 0.001
    drops[7] = 0.5
    from dataclasses import replace

    assert np.argmin(replace(found, drops=drops).without(0).estimate) == 7


def test_few_passages_have_no_p() -> None:
    values, units = half(np.random.default_rng(4), 0.2)
    few = units < 5
    assert valley_at(values[few], units[few], (60.0, 85.0, 105.0)).p(0) is None
