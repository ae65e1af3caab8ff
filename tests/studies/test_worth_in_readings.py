"""What `ablation` and `commitment` say of an angle is read without outlier coordinates, too."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from looked_up import finding_that
from made_ablations import made_ablations
from made_commitments import BLOCK, BLOCKS, early_where_it_turns_little, made_commitments
from scipy import stats
from tiny import build_outlier_gpt2

from odograph.studies import find

READINGS = ["trimmed", "centred"]


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Tokens settle early that turn little in block 4, as the angle is read raw."""
    folder, model = tmp_path_factory.mktemp("commitment") / "run", build_outlier_gpt2(BLOCKS)
    with made_commitments(folder, depths=early_where_it_turns_little, model=model) as run:
        yield run, find("commitment").analyse(run)


def difference(run: Any, column: str, block: int) -> float:
    """Of settled and open tokens in a block, by a regression with a level for each passage."""
    frame = run.sql(f"""
        select l.passage, l.position, t.{column} as angle, l.commitment_depth as depth,
               l.lens_entropy, f.frequency from lens l
        join layers t on t.passage = l.passage and t.position = l.position and t.layer = {block}
        join tokens k on k.passage = l.passage and k.position = l.position
        join (select token_id, ln(count(*)) as frequency from tokens group by all) f
          on f.token_id = k.token_id
        where l.layer = {BLOCKS} order by all""").df()
    levels = (frame.passage.to_numpy()[:, None] == frame.passage.unique()).astype(float)
    columns = [frame.depth < block, np.log(frame.position), frame.lens_entropy, frame.frequency]
    design = np.column_stack([*columns, levels]).astype(float)
    return float(np.linalg.lstsq(design, frame.angle.to_numpy(), rcond=None)[0][0])


def test_settled_against_open_tokens_are_told_in_every_reading(committed: Any) -> None:
    run, result = committed
    found = finding_that(result, f"In block {BLOCK} tokens whose prediction has settled turn")
    assert [reading.name for reading in found.readings] == READINGS
    for reading in found.readings:
        block = reading.places["largest difference"]
        expected = difference(run, f"rotation_{reading.name}", block)
        assert reading.estimate == pytest.approx(expected, rel=1e-5)
    assert "The same, without the outlier coordinates (7 of" in found.statement


def test_what_was_planted_in_the_raw_angle_is_lost_without_the_outlier(committed: Any) -> None:
    """The raw angle is nearly that of one coordinate; what the others do there is another thing."""
    _, result = committed
    found = finding_that(result, f"In block {BLOCK} tokens whose prediction has settled turn")
    trimmed = found.readings[0]
    assert found.p_adjusted < 0.05
    lost = trimmed.p_adjusted >= 0.05 or trimmed.places["largest difference"] != BLOCK
    assert found.survives is not lost


def test_the_turn_at_the_settling_block_is_told_in_every_reading(committed: Any) -> None:
    _, result = committed
    found = finding_that(result, "In the block in which its prediction settles a token turns")
    assert [reading.name for reading in found.readings] == READINGS
    assert all(reading.interval[0] < reading.estimate for reading in found.readings)


def test_the_tie_over_tokens_is_told_in_every_reading(tmp_path: Path) -> None:
    with made_ablations(tmp_path / "run", True, build_outlier_gpt2(6), undo="turn,block") as run:
        found = finding_that(find("ablation").analyse(run), "Inside a block, tokens that turn more")
        assert [reading.name for reading in found.readings] == READINGS
        for reading in found.readings:
            block = reading.places["strongest tie"]
            frame = run.sql(
                f"select passage, rotation_{reading.name} as angle, loss_change from undone_turns "
                "join layers using (passage, position) where layer = block and "
                f"block = {block}"
            ).df()
            each = [
                stats.spearmanr(one.angle, one.loss_change)[0]
                for _, one in frame.groupby("passage")
            ]
            assert reading.estimate == pytest.approx(np.tanh(np.arctanh(each).mean()), abs=1e-6)


def test_without_outlier_coordinates_nothing_is_read_again(tmp_path: Path) -> None:
    with made_commitments(tmp_path / "run", effect=True, untrained=0, shuffled=0) as run:
        found = find("commitment").analyse(run).findings
    assert all(not one.readings for one in found)
