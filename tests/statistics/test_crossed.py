"""Several target words are a second random factor, crossed with documents."""

import numpy as np
import pytest

from odograph.statistics.designs.crossed import crossed_test, is_nested, means_of_words


def cells(rng: np.random.Generator, words: int, documents: int, spread: float = 1.0) -> np.ndarray:
    """[words, documents]: an effect of each word, of each document, and of each cell."""
    return (
        spread * rng.normal(size=(words, 1))
        + 0.5 * rng.normal(size=(1, documents))
        + rng.normal(size=(words, documents))
    )


def places(words: int, documents: int) -> tuple[np.ndarray, np.ndarray]:
    return np.repeat(np.arange(words), documents), np.tile(np.arange(documents), words)


def test_the_variance_is_that_of_words_plus_documents_minus_cells() -> None:
    table = cells(np.random.default_rng(0), 7, 20)
    found = crossed_test(table.ravel(), *places(7, 20))
    apart = table - table.mean()
    words = (apart.sum(axis=1) ** 2).sum() / 140**2 * 7 / 6
    documents = (apart.sum(axis=0) ** 2).sum() / 140**2 * 20 / 19
    own = (apart**2).sum() / 140**2 * 140 / 139
    assert found.error == pytest.approx(np.sqrt(words + documents - own))
    assert (found.freedom, found.words, found.documents) == (6, 7, 20)
    low, high = found.bounds
    assert (low < 0 < high) == (found.p > 0.05)


def test_words_that_differ_by_chance_are_no_finding_where_documents_alone_would_make_one() -> None:
    rng, crossed, alone = np.random.default_rng(1), [], []
    for _ in range(400):
        table = cells(rng, 8, 30)
        crossed.append(crossed_test(table.ravel(), *places(8, 30)).p < 0.05)
        by_document = table.mean(axis=0)
        t = by_document.mean() / (by_document.std(ddof=1) / np.sqrt(30))
        alone.append(abs(t) > 2.045)
    assert np.mean(crossed) < 0.09
    assert np.mean(alone) > 0.3


def test_a_planted_difference_of_all_words_is_found() -> None:
    rng = np.random.default_rng(2)
    found = [
        crossed_test(cells(rng, 12, 30, 0.5).ravel() + 1.5, *places(12, 30)).p < 0.05
        for _ in range(50)
    ]
    assert np.mean(found) > 0.9


def test_words_in_documents_of_their_own_are_the_units() -> None:
    words = np.array(["a", "a", "b", "b"])
    assert is_nested(words, np.arange(4))
    assert not is_nested(words, np.array([0, 1, 0, 1]))
    assert means_of_words(np.array([1.0, 3.0, 5.0, 6.0]), words).tolist() == [2.0, 5.5]
