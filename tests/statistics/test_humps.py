"""Whether a distribution has one hump: calibration, power, and the closed forms at its edges."""

from collections.abc import Callable

import numpy as np
import pytest

from odograph.errors import StudyError
from odograph.statistics.shapes.modes import Humps, humps
from odograph.statistics.student import holm

PASSAGES, EACH, SEEDS = 24, 14, 40
Draw = Callable[[np.random.Generator, np.ndarray], np.ndarray]
UNIMODAL: dict[str, Draw] = {
    "normal": lambda _, z: 60 + 8 * z,
    "skew": lambda _, z: 30 + 20 * np.exp(z / 2),
    "flat": lambda _, z: 40 + 40 / (1 + np.exp(-1.7 * z)),
    "heavy tails": lambda g, z: 60 + 8 * z / np.sqrt(g.chisquare(3, z.shape) / 3),
    "layers of different means": lambda _, z: 60 + 5 * z + np.linspace(0, 30, EACH),
}


def found(draw: Draw, seed: int, within: float, resamples: int = 199) -> Humps:
    """The humps of values of which a share `within` of the variance lies between passages."""
    generator = np.random.default_rng(seed)
    passage = generator.normal(size=(PASSAGES, 1)) * np.sqrt(within)
    z = passage + generator.normal(size=(PASSAGES, EACH)) * np.sqrt(1 - within)
    values = draw(generator, z)
    units = np.repeat(np.arange(PASSAGES), EACH)
    return humps(values.ravel(), units, seed=seed, resamples=resamples)


@pytest.mark.slow
@pytest.mark.parametrize("within", [0.0, 0.4])
@pytest.mark.parametrize("kind", UNIMODAL)
def test_one_hump_is_rejected_no_oftener_than_one_time_in_twenty(kind: str, within: float) -> None:
    rejected = sum(found(UNIMODAL[kind], seed, within).several for seed in range(SEEDS))
    assert rejected <= 5  # P(more than 5 of 40 | .05) = .014


def first_apart(generator: np.random.Generator, z: np.ndarray) -> np.ndarray:
    """The first value of every passage far from the others: one of fourteen."""
    values = 60 + 8 * z
    values[:, 0] = 95 + 4 * generator.normal(size=len(z))
    return values


def test_a_second_hump_of_one_value_a_passage_is_found_with_its_valley() -> None:
    results = [found(first_apart, seed, 0.3) for seed in range(10)]
    assert sum(result.several for result in results) >= 9
    assert np.median([r.valley for r in results]) == pytest.approx(84, abs=3)
    assert np.median([r.peaks[0] for r in results]) == pytest.approx(60, abs=3)
    assert np.median([r.peaks[1] for r in results]) == pytest.approx(95, abs=3)
    assert all(r.beyond >= PASSAGES - 1 for r in results)


def test_a_hump_that_two_passages_make_is_none_of_all_passages() -> None:
    def two_apart(generator: np.random.Generator, z: np.ndarray) -> np.ndarray:
        return 60 + 6 * z + 50 * (np.arange(PASSAGES) < 2)[:, None]

    results = [found(two_apart, seed, 0.0) for seed in range(5)]
    assert all(r.beyond == 2 and not r.several for r in results)


def test_the_same_values_give_the_same_humps_in_any_order_and_unit_of_measurement() -> None:
    generator = np.random.default_rng(1)
    values = np.concatenate([generator.normal(0, 1, 300), generator.normal(7, 1, 200)])
    units = np.arange(500) % 20
    first = humps(values, units, seed=0, resamples=99)
    order = generator.permutation(500)
    moved = humps(values[order], units[order], seed=0, resamples=99)
    scaled = humps(10 * values + 3, units, seed=0, resamples=99)
    assert moved.valley == first.valley
    assert scaled.valley == pytest.approx(10 * first.valley + 3)
    assert scaled.bandwidth == pytest.approx(10 * first.bandwidth)
    assert 2.5 < first.valley < 4.5
    assert first.several


def test_two_equal_normal_humps_merge_at_the_bandwidth_of_the_closed_form() -> None:
    """Two normals of sd s at distance d are one hump when s^2 + h^2 >= (d / 2)^2."""
    quantiles = (np.arange(4000) + 0.5) / 4000
    from scipy import stats

    half = stats.norm.ppf(quantiles)
    values = np.concatenate([half, half + 6])
    result = humps(values, np.arange(8000) % 4, seed=0)
    assert result.bandwidth == pytest.approx(np.sqrt(3**2 - 1), rel=0.02)
    assert result.valley == pytest.approx(3, abs=0.1)
    assert result.p is None  # four passages


def test_nothing_and_next_to_nothing_have_no_humps() -> None:
    none = humps([], [], seed=0)
    assert (none.n, none.units, none.peaks, none.p) == (0, 0, (), None)
    equal = humps(np.full(40, 5.0), np.arange(40), seed=0)
    assert (equal.peaks, equal.p) == ((5.0,), None)
    with_nan = humps([1.0, 2.0, np.nan], [0, 1, 2], seed=0)
    assert (with_nan.n, with_nan.units) == (2, 2)
    with pytest.raises(StudyError, match="humps cannot be looked for: expected one value"):
        humps([1.0, 2.0], [0], seed=0)


def test_holm_is_that_of_the_textbook_and_leaves_nan_out() -> None:
    np.testing.assert_allclose(
        holm([0.01, 0.04, np.nan, 0.03, 0.005]), [0.03, 0.06, np.nan, 0.06, 0.02]
    )
    assert holm([0.9, 0.8]).tolist() == [1.0, 1.0]
    assert np.isnan(holm([np.nan])).all()
