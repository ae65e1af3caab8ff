"""What the ablation study says, against the tables of the run, on planted texts and on noise."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from looked_up import finding_that, table_of
from made_ablations import BLOCKS, made_ablations
from scipy import stats
from tiny import TEXTS

from odograph.errors import StudyError
from odograph.studies import find
from odograph.studies.ablation import STUDY


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with made_ablations(tmp_path_factory.mktemp("ablation") / "run", effect=True) as run:
        yield run


@pytest.fixture(scope="module")
def result(planted: Any) -> Any:
    return STUDY.analyse(planted)


def means(run: Any, column: str) -> dict[tuple[str, int], float]:
    rows = run.sql(
        f"select undone, block, avg({column}::double) from ablations group by all"
    ).fetchall()
    return {(what, block): value for what, block, value in rows}


def test_the_tables_hold_the_means_of_the_run_and_of_its_twins(planted: Any, result: Any) -> None:
    table = table_of(result, "ablation_blocks")
    assert len(table["layer"]) == 5 * BLOCKS
    for column in ("loss_change", "kl"):
        own = means(planted, column)
        twins = [means(twin, column) for twin in planted.untrained]
        for what, block, value, beside in zip(
            table["undone"], table["layer"], table[column], table[f"{column}_untrained"],
            strict=True,
        ):  # fmt: skip
            assert value == pytest.approx(own[what, block], abs=1e-6)
            assert beside == pytest.approx(np.mean([t[what, block] for t in twins]), abs=1e-6)


def test_on_its_own_texts_a_model_loses_more_without_the_turn_than_without_the_growth(
    planted: Any, result: Any
) -> None:
    found = finding_that(result, f"The next-token loss, mean over blocks 1 to {BLOCKS - 1}")
    own = means(planted, "loss_change")
    blocks = range(1, BLOCKS)
    expected = np.mean([own["turn", b] - own["growth", b] for b in blocks])
    assert found.estimate == pytest.approx(expected, abs=1e-6)
    assert found.p_adjusted < 0.05
    assert found.record()["verdict"] == "undecided"  # two twins decide nothing
    assert found.record()["weight"] == 3
    assert "The same difference in twins: the 2 untrained twins" in found.statement


def test_on_noise_nothing_is_lost(tmp_path: Path) -> None:
    with made_ablations(tmp_path / "run", effect=False) as run:
        result = STUDY.analyse(run)
    tested = [f for f in result.findings if f.p_adjusted is not None]
    assert len(tested) == 3
    for found in tested:
        assert found.p_adjusted > 0.05
        assert "not shown" in found.headline
    assert finding_that(result, "The next-token loss") in tested


def test_the_order_of_the_blocks_is_that_of_the_run_without_the_last(
    planted: Any, result: Any
) -> None:
    frame = planted.sql(
        "select layer, avg(rotation) as rotation from layers join tokens using (passage, position) "
        "where layer > 0 and position > 0 and not sink group by layer order by layer"
    ).df()
    own = means(planted, "loss_change")
    change = [own["turn", block] for block in range(1, BLOCKS)]
    expected = stats.spearmanr(frame.rotation[:-1], change).statistic
    assert finding_that(result, "Blocks that turn more").estimate == pytest.approx(expected)
    table = table_of(result, "ablation_orders")
    assert table["measure"].tolist()[0] == "rotation"
    assert {"heading", "influence"} <= set(table["measure"].tolist())
    assert table["blocks"].tolist() == [BLOCKS - 1] * len(table["blocks"])


def test_the_tie_of_tokens_is_their_correlation_within_blocks(planted: Any, result: Any) -> None:
    frame = planted.sql(
        "select u.passage, u.block, l.rotation, u.loss_change from undone_turns u join layers l "
        "on l.passage = u.passage and l.position = u.position and l.layer = u.block "
        "where u.block = 2 order by u.passage, u.position"
    ).df()
    each = [
        np.arctanh(stats.spearmanr(own.rotation, own.loss_change).statistic)
        for _, own in frame.groupby("passage")
    ]
    table = table_of(result, "ablation_tokens")
    assert table["r"][1] == pytest.approx(np.tanh(np.mean(each)), abs=1e-6)


def test_in_twins_only_the_divergence_goes_with_the_turn(result: Any) -> None:
    table = table_of(result, "ablation_tokens")
    assert np.abs(table["r_untrained"]).mean() < 0.2
    assert table["kl_r_untrained"].mean() > 0.3


def test_what_skipping_and_undoing_the_turn_disagree_on_is_named(planted: Any, result: Any) -> None:
    own = means(planted, "loss_change")
    apart = [own["block", b] - own["turn", b] for b in range(1, BLOCKS)]
    at = int(np.argmax(np.abs(apart)))
    found = finding_that(result, "Leaving out the block")
    assert found.estimate == pytest.approx(apart[at], abs=1e-6)
    assert f"most in block {at + 1}:" in found.statement


def test_every_picture_has_its_twins_and_its_card(result: Any) -> None:
    assert [plot.name for plot in result.plots] == [
        *("ablation_worth", "ablation_divergence", "ablation_agreement")
    ]
    assert all("2 seeds" in plot.null for plot in result.plots)


def test_at_targets_their_own_prediction_stands_against_those_behind(
    measured: Any, gpt2_folder: Path
) -> None:
    texts = [*TEXTS, "Then he gave her the hat and left.", "For her alone they came, and went."]
    run = measured(gpt2_folder, texts, undo="all", at="targets", targets=["her"], untrained=1)
    result = STUDY.analyse(run)
    found = finding_that(result, "The rise of the loss, mean over blocks, of the targets' own")
    rows = dict(
        run.sql(
            "select effect_on, avg(loss_change) from (select passage, effect_on, "
            "avg(loss_change::double) as loss_change from ablations where undone = 'turn' and "
            "passage in (select passage from ablations where effect_on = 'behind') and passage in "
            "(select passage from ablations where effect_on = 'targets') group by all) group by all"
        ).fetchall()
    )
    assert found.estimate == pytest.approx(rows["targets"] - rows["behind"], abs=1e-6)
    assert "ablation_targets" in [plot.name for plot in result.plots]
    said = [f.statement for f in result.findings if f is not found and f.study == "ablation"]
    assert said
    assert all("Undone at the targets alone; the predictions are theirs." in s for s in said)


def test_at_all_tokens_no_finding_speaks_of_targets(result: Any) -> None:
    assert not [f for f in result.findings if "target" in f.statement]


def test_the_block_that_breaks_the_order_counts_the_units_of_its_interval(result: Any) -> None:
    found = finding_that(result, "Against the order of the rest")
    assert f"n = {found.n} passages" in found.statement
    assert f"of {BLOCKS - 1} blocks, both chosen on these texts" in found.statement


def test_a_run_in_which_nothing_was_undone_is_refused_with_the_option(
    measured: Any, gpt2_folder: Path
) -> None:
    with pytest.raises(StudyError, match=r"got nothing undone\. Measure it again with --undo all"):
        STUDY.analyse(measured(gpt2_folder))
    with pytest.raises(StudyError, match="got growth undone"):
        STUDY.analyse(measured(gpt2_folder, undo="growth"))


@pytest.mark.parametrize(
    ("study", "asked"), [("ablation", {"undo": "all"}), ("commitment", {"lens": True})]
)
def test_texts_too_short_to_be_run_again_are_the_reason_that_is_told(
    study: str, asked: dict[str, Any], measured: Any, gpt2_folder: Path
) -> None:
    run = measured(gpt2_folder, [[3, 4], [5]], logits="none", **asked)
    with pytest.raises(StudyError, match=r"no passage has a token that counts.*longer texts"):
        find(study).analyse(run)
