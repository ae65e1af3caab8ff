"""Means by passage and layer, against the same computed in pandas from the plain tables."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_runs import made_run
from tiny import TEXTS

from odograph.errors import StudyError
from odograph.folder.requirements import require_columns
from odograph.folder.run import Run
from odograph.folder.selection import (
    columns_of,
    in_common,
    pairs,
    profile_means,
    token_means,
    twin_means,
    twin_profiles,
    values_where,
)

ALONG_PATH = "over (partition by passage, position order by layer)"
ALONG_TEXT = "over (partition by passage, layer order by position)"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return made_run(tmp_path_factory.mktemp("runs") / "made", 3, passages=6)


def frame(run: Run) -> Any:
    """Layers and what is known of their tokens, in one frame, sorted."""
    layers = run.to_pandas("layers").astype({"norm": float, "rotation": float, "step": float})
    tokens = run.to_pandas("tokens")[["passage", "position", "role", "token_id", "entropy"]]
    return layers.merge(tokens, on=["passage", "position"]).sort_values(
        ["passage", "position", "layer"]
    )


def by_passage(rows: Any, values: Any) -> Any:
    """Means by passage and layer without position 0: [passages, layers]."""
    kept = rows.assign(value=values)
    kept = kept[kept.position > 0]
    return kept.groupby(["passage", "layer"]).value.mean().unstack().to_numpy()


def test_steps_begin_at_layer_one_and_states_at_layer_zero(run: Run) -> None:
    rows = frame(run)
    steps, states = profile_means(run, "rotation"), profile_means(run, "norm", from_layer=0)
    np.testing.assert_allclose(steps.values, by_passage(rows, rows.rotation)[:, 1:])
    np.testing.assert_allclose(states.values, by_passage(rows, rows.norm))
    assert (steps.layers.tolist(), states.layers.tolist()) == ([1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5])
    assert steps.units.tolist() == list(range(6))


def files_read(run: Run, expression: str) -> int:
    """How often the plan of a mean by document and layer reads files of a table."""
    values = values_where(run, expression, "true", from_layer=1)
    ((_, plan),) = run.sql(f"explain {values.means(['value'], 'document', 'layer')}").fetchall()
    return str(plan).upper().count("FUNCTION: ")


def test_a_mean_reads_no_rows_for_columns_that_it_does_not_ask_for(run: Run) -> None:
    """The words again and all layers again: straightness is a sum over the layers of a token."""
    assert "straightness" in columns_of(run, "tokens")
    assert 0 < files_read(run, "rotation") <= files_read(run, "rotation * straightness") - 2


def test_an_expression_may_look_back_along_the_path(run: Run) -> None:
    rows = frame(run)
    found = profile_means(run, f"rotation - lag(rotation) {ALONG_PATH}", from_layer=2)
    change = rows.rotation - rows.groupby(["passage", "position"]).rotation.shift()
    np.testing.assert_allclose(found.values, by_passage(rows, change)[:, 2:])


def test_a_neighbour_that_is_left_out_is_still_a_neighbour(run: Run) -> None:
    """The token at position 1 has that at 0 beside it, which no mean counts."""
    rows = frame(run)
    found = profile_means(run, f"norm / lag(norm) {ALONG_TEXT}", "position <= 2", from_layer=0)
    ratio = rows.norm / rows.groupby(["passage", "layer"]).norm.shift()
    wanted = by_passage(rows[rows.position <= 2], ratio)
    np.testing.assert_allclose(found.values, wanted)


def test_a_condition_holds_for_either_of_its_parts_and_never_lets_a_sink_in(run: Run) -> None:
    rows = frame(run)
    found = profile_means(run, "rotation", "position = 0 or role = 'target'")
    targets = rows[rows.role == "target"]
    np.testing.assert_allclose(found.values, by_passage(targets, targets.rotation)[:, 1:])


def test_units_may_be_others_than_passages(run: Run) -> None:
    rows = frame(run)
    rows = rows[(rows.position > 0) & (rows.layer > 0)]
    found = profile_means(run, "rotation", per="token_id")
    wanted = rows.groupby(["token_id", "layer"]).rotation.mean().unstack()
    assert found.units.tolist() == wanted.index.tolist()
    np.testing.assert_allclose(found.values, wanted.to_numpy())
    words = token_means(run, "entropy", per="role")
    assert words.units.tolist() == ["non-target", "other", "target"]
    named = token_means(run, "entropy", per='"group"')
    assert named.units.tolist() == ["her"], "tokens without a group are no unit"


def test_passages_without_a_number_in_some_layer_are_counted(run: Run) -> None:
    spoiled = "case when passage = 2 and layer = 3 then 'nan'::double else rotation end"
    found = profile_means(run, spoiled)
    assert (found.units.tolist(), found.excluded) == ([0, 1, 3, 4, 5], 1)
    short = token_means(run, "case when passage < 2 then entropy end")
    assert (short.units.tolist(), short.excluded) == ([0, 1], 4)


def test_pairs_take_an_expression_and_begin_where_they_are_told(run: Run) -> None:
    rows = frame(run)
    found = pairs(run, "ln(norm)", from_layer=0)
    for role, values in (("target", found.target), ("non-target", found.control)):
        wanted = rows[rows.role == role]
        np.testing.assert_allclose(values, by_passage(wanted, np.log(wanted.norm)))
    assert found.layers.tolist() == [0, 1, 2, 3, 4, 5]


def test_a_model_of_fewer_blocks_than_the_first_layer_is_refused(run: Run) -> None:
    with pytest.raises(StudyError, match="too few blocks: expected 6 or more, got 5"):
        profile_means(run, "rotation", from_layer=6)


def test_twins_are_read_by_the_same_words(gpt2_folder: Path, measured: Callable[..., Any]) -> None:
    run = measured(gpt2_folder, TEXTS, untrained=2)
    found = twin_profiles(run, f"norm / lag(norm) {ALONG_TEXT}", from_layer=0)
    each = [
        profile_means(twin, f"norm / lag(norm) {ALONG_TEXT}", from_layer=0)
        for twin in run.untrained
    ]
    assert found is not None
    np.testing.assert_array_equal(found, in_common(each))
    straight = twin_means(run, "straightness")
    assert straight is not None
    assert straight.shape == found.shape[:2]
    assert len(straight) == 2
    assert twin_profiles(run.untrained[0], "rotation") is None


def test_what_a_run_does_not_hold_is_said_with_its_remedy(run: Run) -> None:
    assert {"layer", "rotation", "path"} <= columns_of(run, "layers")
    assert "document" in columns_of(run, "tokens")
    assert columns_of(run, "spans") == frozenset()
    require_columns(run, "layers", ["rotation", "turned"], "")
    with pytest.raises(StudyError, match=r"^the run has no angle, tokens in its spans\. Do so\.$"):
        require_columns(run, "spans", ["angle", "tokens"], "Do so.")
