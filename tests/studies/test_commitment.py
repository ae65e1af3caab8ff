"""What the commitment study says, against the tables of the run, on depths planted or drawn."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from looked_up import finding_that, table_of
from made_commitments import BLOCK, BLOCKS, made_commitments, where_it_turns_most

from odograph.errors import StudyError
from odograph.folder.samples import settled_turns
from odograph.studies.commitment import STUDY


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with made_commitments(tmp_path_factory.mktemp("commitment") / "run", effect=True) as run:
        yield run


@pytest.fixture(scope="module")
def result(planted: Any) -> Any:
    return STUDY.analyse(planted)


def test_the_share_that_has_settled_is_that_of_the_table(planted: Any, result: Any) -> None:
    table = table_of(result, "commitment_depths")
    frame = planted.sql("select passage, commitment_depth as depth from lens where layer = 0").df()
    for depth, share, tokens in zip(table["layer"], table["mean"], table["tokens"], strict=True):
        expected = (frame.depth <= depth).groupby(frame.passage).mean().mean()
        assert share == pytest.approx(expected)
        assert tokens == (frame.depth == depth).sum()
    assert {"untrained", "untrained_seed_1", "untrained_seed_2", "shuffled_seed_1"} <= table.keys()


def test_half_have_settled_by_the_depth_where_the_share_reaches_one_half(result: Any) -> None:
    table = table_of(result, "commitment_depths")
    half = int(np.argmax(table["mean"] >= 0.5))
    found = finding_that(result, f"By depth {half} of {BLOCKS} half of the tokens have settled")
    assert found.estimate == half
    assert found.interval[0] <= half <= found.interval[1]
    [null] = found.null_values
    assert null.seeds == 2
    assert found.record()["headline"].startswith(
        f"Half of the tokens have settled by block {half} of"
    )
    assert len(found.record()["headline"].split()) <= 20


def test_where_settled_tokens_turn_less_the_block_is_found(result: Any) -> None:
    found = finding_that(result, f"In block {BLOCK} tokens whose prediction has settled turn")
    assert found.estimate < 0
    assert found.p_adjusted < 0.05
    assert "degrees less than" in found.statement
    assert "The same difference in twins: the 2 untrained twins" in found.statement


def test_the_difference_is_the_coefficient_of_a_regression_with_levels_of_passages(
    planted: Any, result: Any
) -> None:
    frame = planted.sql("""
        select l.passage, l.position, t.rotation, l.commitment_depth as depth, l.lens_entropy,
               f.frequency from lens l
        join layers t on t.passage = l.passage and t.position = l.position and t.layer = 4
        join tokens k on k.passage = l.passage and k.position = l.position
        join (select token_id, ln(count(*)) as frequency from tokens group by all) f
          on f.token_id = k.token_id
        where l.layer = 6 order by all""").df()
    levels = (frame.passage.to_numpy()[:, None] == frame.passage.unique()).astype(float)
    columns = [frame.depth < 4, np.log(frame.position), frame.lens_entropy, frame.frequency]
    design = np.column_stack([*columns, levels]).astype(float)
    expected = np.linalg.lstsq(design, frame.rotation.to_numpy(), rcond=None)[0][0]
    table = table_of(result, "commitment_blocks")
    at = table["layer"].tolist().index(4)
    assert table["difference"][at] == pytest.approx(expected, rel=1e-5)
    assert table["settled"][at] == (frame.depth < 4).sum()


def test_where_nothing_is_planted_nothing_is_found(tmp_path: Path) -> None:
    with made_commitments(tmp_path / "run") as run:
        found = STUDY.analyse(run).findings
    assert all(f.p_adjusted is None or f.p_adjusted > 0.05 for f in found)
    headlines = {f.headline for f in found}
    assert "Tokens are not shown to turn more or less where their prediction settles" in headlines


def test_a_turn_at_the_settling_block_is_found_there_and_not_around_it(tmp_path: Path) -> None:
    with made_commitments(tmp_path / "run", depths=where_it_turns_most) as run:
        result = STUDY.analyse(run)
    found = finding_that(result, "In the block in which its prediction settles a token turns")
    assert found.estimate > 0
    assert found.p_adjusted < 0.05
    table = table_of(result, "commitment_around")
    at = table["offset"].tolist().index(0)
    assert np.argmax(table["difference"]) == at
    assert table["mean"][at] > table["permuted_high"][at]


def test_the_aligned_profile_is_rotation_minus_the_mean_of_its_block(
    planted: Any, result: Any
) -> None:
    """All tokens settle in block 2 or 6: two blocks after it there is only the first half."""
    frame = planted.sql("""
        select passage, position, layer, rotation, depth from layers
        join (select passage, position, commitment_depth as depth from lens where layer = 0)
          using (passage, position) where layer > 0""").df()
    frame["away"] = frame.rotation - frame.groupby("layer").rotation.transform("mean")
    after = frame[frame.layer == frame.depth + 2]
    sums = after.groupby("passage").away.sum()
    table = table_of(result, "commitment_around")
    at = table["offset"].tolist().index(2)
    # Over how many tokens permuted depths would leave on the mean: about half of each passage.
    share = sums.sum() / after.shape[0]
    assert table["mean"][at] == pytest.approx(share, rel=0.2)


def test_each_picture_has_its_null_and_the_card_says_what_a_lens_is(result: Any) -> None:
    names = [plot.name for plot in result.plots]
    assert names == [
        *("commitment_depths", "commitment_difference", "commitment_around"),
        *("commitment_tokens_1", "commitment_tokens_2"),
    ]
    assert "2 seeds" in result.plots[0].null
    assert "random order" in result.plots[0].null
    assert any(
        "A lens is a reading: nothing in the model" in value for value in result.card.values()
    )
    assert any("is arithmetic" in note for note in result.notes)


def test_a_run_that_was_not_read_is_refused_with_the_option(
    measured: Any, gpt2_folder: Path
) -> None:
    with pytest.raises(StudyError, match=r"at every depth\. Measure it again with --lens"):
        STUDY.analyse(measured(gpt2_folder))


def test_a_model_that_has_always_settled_is_told_without_a_test(tmp_path: Path) -> None:
    def at_once(rotation: np.ndarray, _: Any) -> np.ndarray:
        return np.zeros(len(rotation), dtype=int)

    with made_commitments(tmp_path / "run", depths=at_once, untrained=0, shuffled=0) as run:
        result = STUDY.analyse(run)
    [found] = result.findings
    assert found.headline == "Half of the tokens have settled before the first block"
    assert any("no block is theirs" in note for note in result.notes)


def test_twins_in_which_too_few_have_settled_by_a_block_stand_in_the_others(
    planted: Any, result: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = table_of(result, "commitment_blocks")["layer"][0]
    whole = settled_turns.settled_difference

    def lacking(found: Any, block: int) -> Any:
        other = found.run.folder != planted.folder
        return None if other and block == first else whole(found, block)

    monkeypatch.setattr(settled_turns, "settled_difference", lacking)
    untrained = table_of(STUDY.analyse(planted), "commitment_blocks")["difference_untrained"]
    assert np.isnan(untrained[0])
    expected = table_of(result, "commitment_blocks")["difference_untrained"]
    assert untrained[1:] == pytest.approx(expected[1:])
    assert np.isfinite(expected).all()
