"""A model against random networks: the test over seeds, and what is said without enough of them."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from odograph.folder.samples.nulls import Nulls
from odograph.folder.selection import Pairs
from odograph.sentences.nulls import as_in_twins
from odograph.sentences.record import Finding, verdict_of
from odograph.sentences.verdicts import BEYOND, DESCRIBES, LIKE, UNDECIDED
from odograph.statistics.designs.seeds import seed_test
from odograph.studies.claim import Claim, beside_difference, examined
from odograph.studies.defaults import FindingDefaults
from odograph.studies.groups import Groups, paired
from odograph.studies.questions.layers import difference_of_curves

_REST = ("degrees", 9, "passage", 0, "sign flip", "1", "none")


def finding(**changes: Any) -> Finding:
    """A difference of 3 that a test over 9 passages finds."""
    made = Finding("s", "A.", "B.", 3.0, (2.0, 4.0), *_REST, p=0.01, p_adjusted=0.01)
    return replace(made, **changes)


def twins(seeds: int, mean: float, seed: int = 0) -> np.ndarray:
    """The same difference in twins, [seeds, passages]; each twin has a value of its own."""
    rng = np.random.default_rng(seed)
    return mean + rng.normal(size=(seeds, 1)) + 0.1 * rng.normal(size=(seeds, 9))


def test_from_five_twins_on_the_test_over_seeds_leads_and_the_other_stands_beside() -> None:
    own = twins(5, 0.0)
    found = examined(Claim(finding(), twins=own))
    means = own.mean(axis=1)
    t = (3.0 - means.mean()) / (means.std(ddof=1) * np.sqrt(1 + 1 / 5))
    assert found.p == pytest.approx(2 * stats.t.sf(abs(t), 4))
    assert (found.test, found.family) == ("t over seeds of untrained twins", "1")
    assert found.over_documents["p"] == 0.01
    assert found.over_documents["twins"] == 5
    assert "over passages, in this network: p = .010" in found.evidence[-1]
    assert found.null_values[0].values == pytest.approx(tuple(means))


def test_a_claim_about_one_of_several_pairs_is_corrected_for_their_number_over_seeds_too() -> None:
    own = twins(6, 0.0)
    alone = examined(Claim(finding(), twins=own))
    found = examined(Claim(finding(), twins=own, among=3))
    assert found.p == alone.p
    assert found.p_adjusted == min(1.0, 3 * alone.p)
    assert found.family == "3 pairs compared"
    assert "(over seeds, Bonferroni over 3 pairs compared)" in found.statement


def test_the_test_over_seeds_of_whole_curves_names_the_block_that_it_is_of() -> None:
    rng = np.random.default_rng(0)
    control, numbers = rng.normal(size=(30, 4)), np.arange(30)
    target = control + np.array([-4.0, -4.0, 2.0, -4.0]) + rng.normal(size=(30, 4))
    pairs = Pairs(numbers, np.arange(1, 5), target, control, 0, tuple(map(str, numbers)))
    seeds = rng.normal(size=(6, 1, 4)) * np.array([1.0, 1.0, 0.01, 1.0])
    nulls = Nulls(seeds + np.zeros((6, 30, 4)), target - control)
    profile = paired(pairs, 0)
    groups = Groups("rotation", "'her'", "the token before it", pairs, profile, 0, nulls=nulls)
    defaults = FindingDefaults("rotation", n=30, null="none", unit="degrees")
    found = examined(difference_of_curves(defaults, groups))
    assert found.estimate is not None
    assert found.estimate < 0
    assert re.search(
        r"t\(5\) = \d+, p < \.001 \(over seeds, Holm over 4 blocks, most clearly in block 3\)\.$",
        found.statement,
    )


def test_with_four_there_is_no_p_over_seeds_and_the_verdict_rests_on_their_range() -> None:
    found = examined(Claim(finding(), twins=twins(4, 0.0)))
    assert found.p == 0.01
    assert verdict_of(found) == UNDECIDED
    wide = np.array([-9.0, -8.0, 9.0, 8.0])[:, None] + np.zeros((4, 9))
    assert verdict_of(examined(Claim(finding(), twins=wide))) == LIKE


def test_what_is_not_shown_over_documents_is_not_beyond_its_null_either() -> None:
    far = 0.01 * twins(8, 0.0)
    assert verdict_of(examined(Claim(finding(), twins=far))) == BEYOND
    unshown = examined(Claim(finding(p=0.06, p_adjusted=0.06), twins=far))
    assert unshown.p_adjusted is not None
    assert unshown.p_adjusted < 0.05
    assert verdict_of(unshown) == UNDECIDED


def test_without_twins_a_difference_of_words_is_described() -> None:
    assert examined(Claim(finding(), twins=np.empty((0, 0)))).record()["verdict"] == DESCRIBES
    assert examined(Claim(finding())).record()["verdict"] == BEYOND  # no twins were asked for


def test_what_all_random_networks_show_is_not_beyond_them_however_small_p_is() -> None:
    found = examined(Claim(finding(), twins=twins(8, 3.0)))
    assert found.p is not None
    assert found.p > 0.2
    assert found.over_documents["twins_rejecting"] >= 6
    assert verdict_of(found) in (LIKE, UNDECIDED)


def test_one_more_random_network_is_beyond_the_others_in_a_twentieth() -> None:
    rng = np.random.default_rng(1)
    for seeds in (5, 8):
        drawn = rng.normal(size=(2000, seeds + 1, 6)) + 3 * rng.normal(size=(2000, 1, 6))
        alarms = [(seed_test(one[0], one[1:]).p_adjusted < 0.05).any() for one in drawn]
        assert 0.03 < np.mean(alarms) < 0.07


def test_a_shift_of_eight_seed_deviations_is_found_with_eight_twins() -> None:
    rng, found = np.random.default_rng(2), []
    for _ in range(300):
        drawn = rng.normal(size=(9, 12))
        drawn[0, 4] += 8
        tested = seed_test(drawn[0], drawn[1:])
        found.append(tested.side[4] == 1)
        assert tested.clearest == 4 or not found[-1]
    assert np.mean(found) > 0.95


def test_fewer_than_five_seeds_have_a_range_and_seeds_that_agree_no_t() -> None:
    tested = seed_test(np.array([5.0, 0.5, -2.0]), np.array([[0.0, 0, 0], [1, 1, 1], [2, 2, 2]]))
    assert not tested.tested
    assert tested.side.tolist() == [1, 0, -1]
    assert np.isnan(seed_test(np.ones(1), np.zeros((8, 1))).p).all()


def test_a_difference_that_random_weights_show_is_said_to_be_theirs_too() -> None:
    assert "Untrained twins show such a difference too" in as_in_twins(-10.0, np.full(3, -6.0))
    assert "at least one does" in as_in_twins(-10.0, np.array([6.0, -7.0, -5.0]))
    assert as_in_twins(-10.0, np.array([1.0, -2.0, 8.0])) == ""
    assert as_in_twins(-10.0, np.empty(0)) == ""
    assert as_in_twins(0.0, np.full(3, -6.0)) == ""


def test_twins_stand_beside_every_difference_and_in_plain_words_beside_a_shown_one() -> None:
    twins = np.full((3, 9), -6.0)
    for interval, told in (((-12.0, -8.0), True), ((-12.0, 8.0), False), (None, False)):
        said = beside_difference(Finding("s", "A.", "B.", -10.0, interval, *_REST), twins)
        assert said.statement.startswith(
            "A. The same difference in twins: the 3 untrained twins -6"
        )
        assert ("Untrained twins show" in said.plain) == told
    none = beside_difference(Finding("s", "A.", "B.", None, None, *_REST), None)
    assert none.plain == "B."


def test_a_curve_among_the_means_of_its_twins_shows_no_difference_and_proves_none() -> None:
    from odograph.sentences.seeds import BEYOND_PLAIN, seeds_plain, sides_words

    means = np.array([[24.0, 20], [25, 21], [26, 22]])  # single passages spread far wider
    tested = seed_test(np.array([12.0, 21.5]), means)
    assert tested.side.tolist() == [-1, 0]
    assert sides_words(tested, "block", 1) == (
        "above them in no block, below them in block 1; outside the range of their means; no p "
        "with fewer than 5 seeds"
    )
    for said in (BEYOND_PLAIN, seeds_plain(learned=False)):
        assert "is shown" in said
        assert "architecture alone" not in said
