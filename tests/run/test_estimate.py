"""What a run costs in all is told before it begins, also where its texts are few."""

from types import SimpleNamespace
from typing import Any

import pytest

from odograph.run import estimate
from odograph.run.estimate import Workload, announce_run

LOADED: Any = SimpleNamespace(
    anatomy=SimpleNamespace(blocks=[None] * 4),
    identity=SimpleNamespace(name="tiny"),
    device="cpu",
)


@pytest.fixture(autouse=True)
def known_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimate, "tokens_per_second", lambda _: 100.0)
    monkeypatch.setattr(estimate, "head_seconds", lambda _: 0.01)


def told(capsys: Any, **given: int) -> str:
    work = Workload(
        **{"texts": 0, "twins": 0, "twin": 0, "orders": 0, "again": 0, "heads": 0, **given}
    )
    announce_run(LOADED, work, show=True)
    return str(capsys.readouterr().err)


def test_twins_orders_what_is_read_again_and_predictions_are_in_the_time(capsys: Any) -> None:
    assert "3,000 tokens through 4 blocks of tiny: about 30 s on cpu" in told(capsys, texts=3000)
    said = told(capsys, texts=3000, twins=2, twin=1000, orders=1, again=1000, heads=5000)
    # (3000 + 2000 + 3000 + 1000) / 100 + 5000 / 100 seconds
    assert "about 2 min on cpu" in said
    assert "2 untrained twins of 1,000; 1 random order; as many as 1,000 again" in said


def test_a_short_run_is_not_announced(capsys: Any) -> None:
    assert told(capsys, texts=500) == ""
    assert told(capsys, texts=1900) == ""


def test_few_texts_with_many_twins_are(capsys: Any) -> None:
    assert "300 tokens through" in told(capsys, texts=300, twins=8, twin=300)
