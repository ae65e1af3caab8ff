"""Texts in random order beside every profile by layer, in the same words."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_sentences import told_apart

from odograph.folder.run import Run
from odograph.folder.samples.tagged_words import by_lemma
from odograph.sentences.nulls import beyond_orders, named, order_verdict, order_words
from odograph.statistics.values import Interval
from odograph.studies import find

SAID = "same texts in random order give"
#: Figures by layer in which the null stands, and columns of a table that have it.
SHOWN = {
    "rotation": ("rotation_profile", "shuffled_seed_2"),
    "neighbours": ("neighbours_profile", "shuffled_seed_2"),
    "path-length": ("path_length_turned", "turned_shuffled_seed_2"),
    "decomposition": ("decomposition_state", "mlp_cosine_shuffled_seed_2"),
    "contributions": ("contributions_beyond", "beyond_shuffled_seed_2"),
    "trajectories": ("trajectories_distances_raw", "shuffled_seed_2"),
    "pruning": ("pruning_influence", ""),
}


@pytest.fixture(scope="module")
def run(gpt2_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    import odograph
    from odograph.folder.samples.neighbours import NEEDED
    from odograph.studies.parts import MEASURES

    return odograph.measure(
        gpt2_folder,
        told_apart(8),
        out=tmp_path_factory.mktemp("orders") / "run",
        targets=["her", "his"],
        variants=True,
        shuffled=2,
        vectors=20,
        parts=40,
        measures=["block_distance", *NEEDED, *MEASURES],
        pairs=40,
    )


@pytest.fixture(autouse=True)
def closed_figures() -> Any:
    yield
    import matplotlib.pyplot

    matplotlib.pyplot.close("all")


@pytest.mark.parametrize("name", SHOWN)
def test_random_order_stands_in_figure_table_and_finding(name: str, run: Run) -> None:
    result = find(name).analyse(run)
    figure, column = SHOWN[name]
    null = next(plot.null for plot in result.plots if plot.name == figure)
    assert "the same words in random order, 2 orders" in null
    assert any(SAID in finding.statement for finding in result.findings)
    for finding in result.findings:
        if SAID in finding.statement:
            assert re.search("lies? (above|below)( or below)? it", finding.statement)
    if column:
        table = next(t for t in result.tables if column in t.columns)
        assert np.isfinite(np.asarray(table.columns[column], float)).any()


def test_states_in_random_order_are_kept_at_the_words_own_places(run: Run) -> None:
    from odograph.folder.kept_words import chosen_words

    own = chosen_words(run)
    for order in run.shuffled:
        words = chosen_words(order)
        assert words.groups == own.groups
        assert words.unit == own.unit


def test_a_text_lies_above_or_below_its_random_order_where_the_difference_leaves_0_out() -> None:
    generator = np.random.default_rng(0)
    own = generator.normal(50, 1, 20)
    noise = generator.normal(size=(3, 20))
    same = own + noise - noise.mean()
    other = same - 8.0
    told = order_words(own, same, "degrees", seed=0)
    assert told.startswith("The same texts in random order give ")
    assert "degrees (orders " in told
    assert ": the text is not shown to lie above or below it (" in told
    assert ": the text lies above it (" in order_words(own, other, "degrees", seed=0)
    assert ": the text lies below it (" in order_words(own, same + 8.0, "degrees", seed=0)
    assert "too few units" in order_words(own[:5], same[:, :5], "degrees", seed=0)
    assert "give .50: too few" in order_words(own[:5], np.full((1, 5), 0.5), "r", seed=0)
    assert order_verdict(None).startswith("too few units")
    assert named("Attention", f" {told}").startswith(" Attention: the same texts")
    assert named("Attention", "") == ""


def test_a_distance_is_held_against_the_range_of_the_orders() -> None:
    interval = Interval(0.4, 0.6, 0.95, "bootstrap")
    for inside in ([0.3, 0.5], [0.3, 0.7], [0.45, 0.55]):
        told = beyond_orders(interval, np.array(inside), "1")
        assert "is not shown to lie above or below it" in told
    assert "the text lies above it" in beyond_orders(interval, np.array([0.1, 0.3]), "1")
    assert "the text lies below it" in beyond_orders(interval, np.array([0.7, 0.9]), "1")
    assert "too few units" in beyond_orders(None, np.array([0.1]), "1")
    assert beyond_orders(interval, np.empty(0), "1") == ""


def test_words_are_averaged_by_lemma_in_every_order_alike() -> None:
    tag = np.array(["A", "A", "A", "B"])
    lemma = np.array(["x", "x", "y", "z"])
    values = [np.array([1.0, 3, 5, np.nan]), np.array([2.0, 4, np.nan, 1])]
    found = by_lemma(["A", "B"], (tag, lemma), values)
    assert found is not None
    assert found.tags == ("A",)
    np.testing.assert_allclose(found.own, [2])
    np.testing.assert_allclose(found.orders, [[3]])
    assert by_lemma(["B"], (tag, lemma), values) is None
