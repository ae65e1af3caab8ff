"""What a corrected test does not show is not told as shown, whatever its uncorrected interval."""

from dataclasses import replace

import numpy as np
import pytest

from odograph.sentences.correlations import models_headline
from odograph.sentences.differences import (
    difference_headline,
    difference_plain,
    difference_sentence,
)
from odograph.sentences.evidence import is_shown
from odograph.sentences.last_step import last_step_headline, last_step_plain, last_step_sentence
from odograph.statistics.values import Comparison, Correlation, Estimate, Interval, PValue

BOUNDS = Interval(-4.31, -2.12, 0.95, "BCa bootstrap")
OF_SEVERAL = PValue("sign flip, max-T over pairs of models", 0.41, 10, "comparisons", alone=0.02)
TIE = Correlation(
    r=-0.09,
    interval=Interval(-0.18, -0.002, 0.95, "BCa"),
    method="spearman",
    n=25,
    excluded=0,
    tokens=900,
    excluded_tokens=25,
    tested=OF_SEVERAL,
    null="no correlation",
    of=(-0.30, -0.21),
)


def test_a_difference_of_which_the_corrected_test_shows_nothing_is_not_told_as_one() -> None:
    estimate = Estimate(-3.2, "degrees", 24, "passage", BOUNDS)
    found = Comparison("straightness", "gpt2", "gpt2-xl", "in block 9", estimate, OF_SEVERAL)
    assert "No difference in straightness" in difference_headline(found)
    assert "cannot be told apart from that of gpt2-xl" in difference_sentence(found)
    assert "the test, corrected for all that was tested, does not show" in difference_plain(found)
    shown = replace(found, tested=replace(OF_SEVERAL, p=0.04))
    assert "is 3.20 degrees smaller" in difference_headline(shown)


def test_the_adjusted_test_decides_whether_a_short_last_step_goes_with_the_prediction() -> None:
    assert last_step_headline(TIE, "hf") == (
        "Read after the final norm, short last steps are not shown to go with likelier next tokens"
    )
    told = last_step_sentence(TIE, "hf", "position", np.empty(0), "")
    assert "cannot be told" in told
    assert "-.18 to -.002" in told, "a bound keeps its sign"
    assert "cannot be told" in last_step_plain(TIE, np.empty(0))
    shown = replace(TIE, tested=replace(OF_SEVERAL, p=0.04))
    assert "hardly go with likelier next tokens" in last_step_headline(shown, "hf")


def test_the_adjusted_test_decides_whether_correlations_of_two_models_differ() -> None:
    names = ("gpt2", "gpt2-xl")
    assert models_headline(names, TIE).endswith("are not shown to differ")
    shown = replace(TIE, tested=replace(OF_SEVERAL, p=0.04))
    assert models_headline(names, shown).endswith(", differ")


@pytest.mark.parametrize(
    ("p", "bounds", "shown"),
    [
        (0.41, (1.0, 2.0), False),
        (0.01, (1.0, 2.0), True),
        (0.01, (-1.0, 2.0), False),
        (None, (1.0, 2.0), True),
        (float("nan"), (1.0, 2.0), True),
        (0.01, None, False),
    ],
)
def test_a_number_is_shown_by_its_interval_and_where_it_was_tested_by_p(
    p: float | None, bounds: tuple[float, float] | None, shown: bool
) -> None:
    assert is_shown(p, bounds) is shown
