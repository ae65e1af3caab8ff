"""A model and its twins are held in memory one at a time."""

import gc
import weakref
from pathlib import Path
from typing import Any

import pytest

from odograph.run import beside, held_model, preparing
from odograph.run.merging import merge
from odograph.run.options import make_config
from odograph.run.ranks import measure_share
from odograph.run.share import Share


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many networks there are whenever a twin is about to be made."""
    alive: list[weakref.ref[Any]] = []
    counted: list[int] = []
    load, twin = preparing.load_compared, beside.untrained_twin

    def loading(*given: Any) -> Any:
        loaded = load(*given)
        alive.append(weakref.ref(loaded.model))
        return loaded

    def making(*given: Any) -> Any:
        gc.collect()
        counted.append(sum(one() is not None for one in alive))
        made = twin(*given)
        alive.append(weakref.ref(made.model))
        return made

    monkeypatch.setattr(preparing, "load_compared", loading)
    for module in (beside, held_model):
        monkeypatch.setattr(module, "untrained_twin", making)
    return counted


@pytest.mark.parametrize("more", [{}, {"shuffled": 1}])
def test_the_model_is_let_go_before_its_twin_is_made(
    more: dict[str, Any], seen: list[int], gpt2_folder: Path, measured: Any
) -> None:
    run = measured(gpt2_folder, untrained=2, **more)
    assert seen == [0, 0]
    assert run.manifest["untrained"] == ["untrained/seed-1", "untrained/seed-2"]
    assert run.manifest["complete"]


def test_a_rank_lets_the_model_go_before_it_makes_a_twin(
    seen: list[int], gpt2_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "texts.txt").write_text("She saw her dog.\nThe king had his house.\n", "utf-8")
    after = {"untrained": 2, "shuffled": 1, "lens": True}
    config = make_config({"model": str(gpt2_folder), "texts": [tmp_path / "texts.txt"], **after})
    measure_share(config, tmp_path / "run", Share(0, 1), command="", progress=False)
    assert seen == [0, 0]
    assert merge(tmp_path / "run")["untrained"] == ["untrained/seed-1", "untrained/seed-2"]
