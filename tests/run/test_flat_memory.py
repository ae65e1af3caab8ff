"""What a run holds while the model runs does not grow with its texts, or hardly."""

import gc
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

import odograph
from odograph.corpus import records
from odograph.corpus.passages import Passage
from odograph.run import execute


class StoppedError(Exception):
    """The model would run now."""


@pytest.fixture
def at_the_model(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Bytes held by Python, and how many passages as texts, when the model would run."""
    found: list[int] = []

    def stop(*rest: Any) -> None:
        gc.collect()
        found.append(tracemalloc.get_traced_memory()[0])
        found.append(sum(type(one) is Passage for one in gc.get_objects()))
        raise StoppedError

    monkeypatch.setattr(execute, "measure_shards", stop)
    monkeypatch.setattr(records, "_IN_MEMORY", 2**12)
    return found


def lines(folder: Path, count: int) -> Path:
    file = folder / f"{count}.txt"
    file.write_text("".join(f"she saw her dog and us, {n} times\n" for n in range(count)))
    return file


def test_a_passage_costs_a_hundred_bytes_while_the_model_runs(
    gpt2_folder: Path, tmp_path: Path, at_the_model: list[int]
) -> None:
    """Its line in the manifest 73, what is known of it without its tokens 30.

    As texts and tokens it took some 1,000. Passages are many: what else comes and goes in the
    process (caches of abstract classes, 34 kB) would hide what 300 of them take.
    """
    gc.collect()
    others = sum(type(one) is Passage for one in gc.get_objects())
    for count in (50, 50, 3050):  # what is looked up once is there when it counts
        tracemalloc.start()
        try:
            with pytest.raises(StoppedError):
                odograph.measure(gpt2_folder, [lines(tmp_path, count)], out=tmp_path / "run")
        finally:
            tracemalloc.stop()
    held, texts = at_the_model[::2], at_the_model[1::2]
    assert held[2] - held[1] < 3000 * 120
    assert texts == [others] * 3
