"""What sentences make of the records of studies: statement, plain words and headline."""

import numpy as np
import pytest

from odograph.sentences.english import ordered_blocks
from odograph.sentences.neighbours import PositionZero, farther_tokens
from odograph.sentences.nulls import also_lie
from odograph.sentences.parts_of_speech import stateless_words, tags_matched_words
from odograph.sentences.peaks import LostPeak, lost_peak_words
from odograph.sentences.readings import Outliers
from odograph.sentences.rotation import ModelTurn, turns_per_block, unrelated_states
from odograph.sentences.skipping import LeastBlocks, least_blocks_words
from odograph.statistics.designs.one_sample import mean_profile
from odograph.statistics.values import Estimate, Interval, PValue

DESCRIPTIVE = PValue("none: descriptive", None, 0)


def estimate(value: float, low: float, high: float, unit: str = "nats a token") -> Estimate:
    return Estimate(value, unit, 24, "passage", Interval(low, high, 0.95, "BCa bootstrap"))


def test_a_block_that_turns_least_and_is_missed_least_is_told_with_its_cost() -> None:
    found = LeastBlocks(3, 3, (0.21, 0.21), estimate(0.21, 0.1, 0.3), DESCRIPTIVE, on_half=False)
    words = least_blocks_words(found)
    assert words.headline == (
        "Block 3 turns vectors least and is also missed least: skipping it costs 0.21 nats"
    )
    assert "name the same block here" in words.statement


@pytest.mark.parametrize(
    ("low", "ending"),
    [
        (0.02, "yet skipping it costs 0.21 nats; skipping block 6 costs 0.11"),
        (-0.02, "block 6 is missed least; their costs are not clearly apart"),
    ],
    ids=["clear", "unclear"],
)
def test_two_blocks_disagree_only_where_their_costs_are_clearly_apart(
    low: float, ending: str
) -> None:
    found = LeastBlocks(3, 6, (0.21, 0.11), estimate(0.1, low, 0.3), DESCRIPTIVE, on_half=True)
    words = least_blocks_words(found)
    assert words.headline == f"Block 3 turns vectors least, {ending}"
    assert ("disagree" in words.statement) == (low > 0)
    assert "both blocks were chosen on the first half" in words.statement


def test_models_that_turn_alike_in_a_block_are_told_without_a_number() -> None:
    models = [ModelTurn(name, 6, 64, 20.0, None, None) for name in ("small", "large")]
    words = turns_per_block(models, 0.0, "n = 24 passages")
    assert words.headline == "large turns as much in a block as small"
    assert "small (6 blocks of width 64) 20.0 degrees, no interval, no untrained twin" in (
        words.statement
    )


def test_states_share_a_direction_where_they_stand_clearly_below_a_right_angle() -> None:
    assert "common direction" in unrelated_states(np.full(9, 60.0), 64).plain
    assert "about a right angle" in unrelated_states(np.full(9, 89.0), 64).plain


def test_tokens_far_apart_are_told_beside_neighbours_with_all_distances() -> None:
    words = farther_tokens(
        {1: 40.0, 8: 46.0}, estimate(6.0, 5.0, 7.0, "degrees"), DESCRIPTIVE, "n = 24", np.empty(0)
    )
    assert words.headline == "Tokens 8 places apart stand 6.00 degrees farther from each other " + (
        "than neighbours"
    )
    assert "by distance in tokens: 1: 40.0, 8: 46.0." in words.statement


def test_position_zero_is_told_with_what_it_holds() -> None:
    assert PositionZero("none", 0, 0).words == (
        "position 0 is not measured: it holds the first token of the text"
    )
    assert PositionZero("<s>", 1, 1).words.endswith("in 1 of 1 passage")
    assert PositionZero("<s>", 2, 3).note(kept=True).endswith("kept here (--keep-first).")


def test_a_peak_of_outlier_coordinates_is_told_beside_the_peaks_of_every_reading() -> None:
    peaks = {"as it is": [(25, 82.2), (30, 33.4)], "without 3 of 576 coordinates": []}
    fall = estimate(-50.0, -52.0, -48.0, "degrees")
    found = LostPeak("rotation of a token", "block", 25, 82.2, 32.2, fall, peaks)
    words = lost_peak_words(found, Outliers((1, 2, 3), 576))
    assert words.headline == (
        "Block 25's peak is made by 3 of 576 coordinates: 82.2 degrees with them, 32.2 without"
    )
    assert "as it is blocks 25 (82.2) and 30 (33.4); without 3 of 576 coordinates none." in (
        words.statement
    )


def test_layers_lie_above_and_below_zero_by_the_test_and_in_one_text_by_the_intervals() -> None:
    drawn = np.random.default_rng(0).normal(size=(24, 3)) * 0.1 + [1, -1, 0]
    above, below = mean_profile(drawn, None, seed=0).sides
    assert (above.tolist(), below.tolist()) == ([True, False, False], [False, True, False])
    above, below = mean_profile(drawn[:3], None, seed=0).sides
    assert not (above | below).any()
    tokens = np.random.default_rng(1).normal(size=(400, 3)) * 0.1 + [1, -1, 0]
    above, below = mean_profile(tokens.mean(axis=0)[None], tokens, seed=0).sides
    assert (bool(above[0]), bool(below[1])) == (True, True)


def test_counts_by_part_of_speech_have_commas_and_reasons_read_as_english() -> None:
    by_status = {"whole": 2482, "split": 1600, "crossed": 94, "uncovered": 0, "cut": 1}
    words = tags_matched_words(by_status, 14, 1300)
    assert words.statement.startswith("Of 4,177 words with 14 tags, 4,082 (97.7 %) have pieces")
    assert "2,482 are one whole piece, 1,600 are split" in words.statement
    assert "States were measured of 1,300 words (n = 4,177 words, 95 not matched" in words.statement
    lost = [
        ("not drawn", {"NOUN": 1486}, {"man": 13}),
        ("no token before it", {"NOUN": 1}, {"a": 1}),
    ]
    statement = stateless_words(lost, 3176).statement
    assert "1,486 not drawn (NOUN 1,486; forms such as 'man' 13)" in statement
    assert "1 with no token before it (NOUN 1; forms such as 'a' 1)" in statement


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 also lie"), (1, "1 also lies"), (2, "2 also lie")]
)
def test_one_lies_beyond_and_two_lie(count: int, words: str) -> None:
    assert also_lie(count) == words


def test_an_order_of_many_blocks_ends_in_words() -> None:
    assert ordered_blocks(np.array([3, 1, 2])) == "3, 1, 2"
    assert ordered_blocks(np.arange(8)) == "0, 1, 2, 3, 4, 5 and so on"
