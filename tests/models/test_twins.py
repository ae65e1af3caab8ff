"""A model and its twins are held in memory one at a time."""

import gc
import weakref
from pathlib import Path
from typing import Any

import pytest

from odograph.run import beside, preparing


@pytest.mark.parametrize("more", [{}, {"shuffled": 1}])
def test_the_model_is_let_go_before_its_twin_is_made(
    more: dict[str, Any], gpt2_folder: Path, measured: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    alive: list[weakref.ref[Any]] = []
    seen: list[int] = []
    load, twin = preparing.load_compared, beside.untrained_twin

    def loading(*given: Any) -> Any:
        loaded = load(*given)
        alive.append(weakref.ref(loaded.model))
        return loaded

    def making(*given: Any) -> Any:
        gc.collect()
        seen.append(sum(one() is not None for one in alive))
        made = twin(*given)
        alive.append(weakref.ref(made.model))
        return made

    monkeypatch.setattr(preparing, "load_compared", loading)
    monkeypatch.setattr(beside, "untrained_twin", making)
    run = measured(gpt2_folder, untrained=2, **more)
    assert seen == [0, 0]
    assert run.manifest["untrained"] == ["untrained/seed-1", "untrained/seed-2"]
    assert run.manifest["complete"]
