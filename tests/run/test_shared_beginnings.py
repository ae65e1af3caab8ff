"""Variants of one text run their common beginning once, and get what each gets alone."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tiny import TEXTS, build_gpt2, build_llama

import odograph
from odograph.models.anatomy import dissect
from odograph.run import batches, execute
from odograph.run.batches import Batch, can_share, join
from odograph.run.vectors import kept_states, summed_moments

OPTIONS: dict[str, Any] = {
    "targets": ["her", "him", "the round stone"],
    "variants": True,
    "measures": ["straightness", "update_cosine", "mlp_cosine", "block_distance"],
    "logits": "full",
    "vectors": 50,
    "parts": 40,
}


def measured(model: Path, out: Path, share: bool, **options: Any) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        if not share:
            patch.setattr(execute, "can_share", lambda *_: False)
        return odograph.measure(model, list(TEXTS), out=out, **{**OPTIONS, **options})


def numbers(run: Any, table: str) -> dict[str, np.ndarray]:
    found = run.sql(f"select * from {table} order by all").fetchnumpy()
    return {
        name: np.ma.filled(values.astype(float), np.nan)
        for name, values in found.items()
        if values.dtype.kind in "fi"
    }


@pytest.mark.parametrize("model", ["gpt2", "llama", "stories"])
@pytest.mark.parametrize("select", ["all", "targets"])
def test_shared_beginnings_change_no_number(
    model: str, select: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(f"{model}_folder")
    shared, alone = (
        measured(folder, tmp_path / str(share), share, select=select) for share in (True, False)
    )
    for table in ("tokens", "layers", "spans"):
        ours, theirs = numbers(shared, table), numbers(alone, table)
        assert ours.keys() == theirs.keys()
        for name, values in ours.items():
            # An angle of x degrees is known to the states' rounding over the angle.
            assert np.allclose(values, theirs[name], rtol=2e-5, atol=2e-3, equal_nan=True), name
    for name, total in summed_moments(shared.folder).items():
        assert np.allclose(total, summed_moments(alone.folder)[name], atol=1e-3), name
    for view in ("stream", "lens"):
        for one, other in zip(
            kept_states(shared.folder, view), kept_states(alone.folder, view), strict=True
        ):
            assert np.array_equal(one.passage, other.passage)
            assert np.allclose(one.values, other.values, rtol=1e-4, atol=1e-5)


def test_three_variants_cost_little_more_than_one(gpt2_folder: Path, tmp_path: Path) -> None:
    """Tokens that the trunk reads, padding included, where only targets are measured."""
    read: list[int] = []

    def counted(self: Batch, *given: Any) -> dict[str, torch.Tensor]:
        read.append(self.rows)
        return inputs(self, *given)

    inputs = Batch.inputs
    words = ["her", "him", "us"]
    counts = []
    for number, targets in enumerate((words, ["her"])):
        read.clear()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Batch, "inputs", counted)
            odograph.measure(
                gpt2_folder,
                [f"{'Old men and old women walked down to the river. ' * 4}They saw her." for _ in "ab"]
                + ["In the evening, when all the lamps of the town were lit, a man came for her."],
                targets=targets,
                variants=len(targets) > 1,
                select="targets",
                out=tmp_path / str(number),
            )
        counts.append(read[-1])
    three, one = counts
    assert three <= 1.25 * one


def test_padding_and_other_branches_are_not_seen() -> None:
    line = join([np.array([5, 6, 7]), np.array([5, 6, 8, 9])], (0, 1))
    assert line.ids.tolist() == [5, 6, 7, 8, 9]
    assert line.position.tolist() == [0, 1, 2, 2, 3]
    assert [places.tolist() for places in line.places] == [[0, 1, 2], [0, 1, 3, 4]]
    mask = Batch((line,)).inputs(dissect(build_gpt2()), "cpu")["attention_mask"][0, 0] == 0
    assert mask[3].tolist() == [True, True, False, True, False]
    assert mask[2].tolist() == [True, True, True, False, False]


@pytest.mark.parametrize("build", [build_gpt2, build_llama])
def test_what_a_model_makes_of_a_shared_beginning_is_tried_out(build: Any) -> None:
    anatomy = dissect(build())
    assert can_share(anatomy, 20, "cpu")
    with pytest.MonkeyPatch.context() as patch:
        # A model that does not look at the positions it is given must not pass.
        patch.setattr(Batch, "inputs", _without_positions)
        assert not can_share(anatomy, 20, "cpu")


_INPUTS = batches.Batch.inputs


def _without_positions(self: Batch, *given: Any) -> dict[str, torch.Tensor]:
    return {name: v for name, v in _INPUTS(self, *given).items() if name != "position_ids"}


def test_a_sliding_window_shorter_than_the_text_is_not_shared() -> None:
    for name in ("sliding_window", "window_size"):
        model = build_llama()
        setattr(model.config, name, 16)
        assert can_share(dissect(model), 16, "cpu")
        assert not can_share(dissect(model), 17, "cpu")


def test_a_model_that_does_not_take_such_masks_is_not_shared() -> None:
    from transformers import BloomConfig, BloomForCausalLM

    model = BloomForCausalLM(BloomConfig(vocab_size=300, hidden_size=32, n_layer=2, n_head=4))
    assert not can_share(dissect(model.eval()), 12, "cpu")
