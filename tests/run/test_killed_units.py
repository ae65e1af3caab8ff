"""A rank killed at a write while it measures what comes after the shards."""

import multiprocessing
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
from made_kills import die_at
from made_ranks import OPTIONS, rank
from test_workers import contents

import odograph
from odograph.folder import receipts
from odograph.folder.units import UNITS
from odograph.run.merging import merge

#: A twin with what is run again in it, and the same in the model.
AFTER: dict[str, Any] = {"untrained": 1, "lens": True, "tokens": 40, "twin_passages": 2}
#: Of some hundred writes every so many: a prime, so that all kinds of them are met.
STEP = 11

pytestmark = pytest.mark.skipif(
    "forkserver" not in multiprocessing.get_all_start_methods(), reason="Windows has no SIGKILL"
)


def measure_and_die(model: Path, texts: Path, out: Path, write: int, writes: Any) -> None:
    """A rank that is killed just before a write of the units."""
    die_at(out / UNITS, write, writes)
    rank(model, texts, out, 0, 2, **AFTER)


@pytest.mark.slow
@pytest.mark.usefixtures("one_thread")
def test_a_rank_killed_at_a_write_of_a_unit_is_made_good_by_another(
    gpt2_folder: Path, texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipts, "LEFT", 0.0)
    with odograph.measure(gpt2_folder, [texts], out=tmp_path / "one", **OPTIONS, **AFTER) as one:
        alone = {place: contents(one.folder / place) for place in ("untrained", "lens")}
    rank(gpt2_folder, texts, tmp_path / "shards", 0, 1, **AFTER)
    shutil.rmtree(tmp_path / "shards" / UNITS)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["made_ranks", "transformers.models.gpt2.modeling_gpt2"])
    writes = context.Value("i", 0, lock=False)
    write, killed = 1, True
    while killed:
        out, writes.value = Path(shutil.copytree(tmp_path / "shards", tmp_path / f"{write}")), 0
        process = context.Process(
            target=measure_and_die, args=(gpt2_folder, texts, out, write, writes)
        )
        process.start()
        process.join()
        killed = process.exitcode == -signal.SIGKILL
        assert killed or process.exitcode == 0
        rank(gpt2_folder, texts, out, 1, 2, **AFTER)
        assert merge(out)["complete"]
        assert {place: contents(out / place) for place in alone} == alone, f"killed at {write}"
        assert not (out / UNITS).exists()
        write += STEP
    assert writes.value > 4 * STEP
