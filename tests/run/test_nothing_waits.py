"""While a GPU computes, nothing asks it for a value: shown on a device that has no values."""

from collections.abc import Callable
from pathlib import Path as Folder
from typing import Any

import pytest
import torch
from tiny import build_gpt2, build_llama

from odograph.models.hooks import watching
from odograph.models.loading import load
from odograph.observe.draws import DirectionSum, DrawnStates
from odograph.observe.neighbours import Neighbours
from odograph.observe.parts import Parts
from odograph.observe.path import Path, PathPlan
from odograph.observe.readings import Readings
from odograph.observe.spans import Spans

META = "meta"


def everything(anatomy: Any, convention: str) -> tuple[Path, Parts, DirectionSum, list[Any]]:
    """Every observer there is, for a batch of 2 x 9 tokens."""
    layers, width, rows = len(anatomy.blocks) + 1, anatomy.width, torch.arange(18)
    drawn, sums = DrawnStates(layers, 18, width, META), DirectionSum(layers, width, META)
    read = Readings(torch.tensor([1, 2]), torch.zeros(layers, width, dtype=torch.float64)).on(META)
    spans = Spans(layers, META, read)
    blocks = len(anatomy.blocks)
    parts = Parts(blocks, width, anatomy.layout, slots=18, device=META, copies=False)
    drawn.expect(rows, rows)
    sums.expect(torch.ones(18))
    spans.expect(rows, rows // 9)
    parts.expect(torch.ones(18), rows, rows)
    plan = PathPlan(convention, bend=True, displacement=True, readings=read)
    observers = drawn, spans, Neighbours((1, 2, 4, 8), bend=True)
    path = Path(anatomy, plan, observers, sums, parts)
    return path, parts, sums, [drawn, spans, *parts.kept.values()]


@pytest.mark.parametrize("convention", ["stream", "hf", "lens"])
@pytest.mark.parametrize("build", [build_gpt2, build_llama])
def test_no_observer_waits_for_the_device_while_the_model_runs(
    build: Callable[[], Any], convention: str
) -> None:
    """A tensor of this device raises as soon as one of its values is needed."""
    anatomy = load(build()).anatomy
    anatomy.trunk.to(META)
    path, parts, sums, keepers = everything(anatomy, convention)

    def on_state(layer: int, state: torch.Tensor) -> None:
        path.state(layer, state)
        parts.enter(state)

    ids = torch.zeros(2, 9, dtype=torch.long, device=META)
    # Without a mask transformers itself asks, once a pass, whether the positions start anew.
    mask = torch.zeros(2, 1, 9, 9, device=META)
    with torch.inference_mode(), watching(anatomy, on_state, parts.add):
        normed = anatomy.trunk(ids, attention_mask=mask, use_cache=False)[0].flatten(0, 1)
    found = path.finish(normed)
    for name in ("rotation", "rotation_trimmed", "rotation_centred", "outlier_share"):
        assert found[name].shape == (18, len(anatomy.blocks) + 1)
    sums.finish()
    sums.commit()
    assert parts.finish()["mlp_step"].shape == (18, len(anatomy.blocks) + 1)
    for keeper in keepers:  # what comes after the pass needs values, so the check can fail
        with pytest.raises((NotImplementedError, RuntimeError)):
            keeper.commit()


def test_a_batch_is_taken_apart_while_the_next_one_runs(
    gpt2_folder: Folder, tmp_path: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    import odograph
    from odograph.run import observers, shard_run

    order: list[str] = []

    def noted(kind: Any, name: str, word: str) -> None:
        own = getattr(kind, name)

        def call(*given: Any) -> Any:
            order.append(word)
            return own(*given)

        monkeypatch.setattr(kind, name, call)

    noted(observers.Observers, "measure", "runs")
    noted(shard_run._Coming, "by_passage", "taken apart")
    odograph.measure(gpt2_folder, ["One.", "Two words here."], out=tmp_path / "run", batch_tokens=1)
    pilot = ["runs", "runs"]  # both batches
    assert order == [*pilot, "runs", "runs", "taken apart", "taken apart"]
