"""What sinks carry is told by block, part and coordinate; who is a sink in passing is named."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_runs import made_run
from planted import WIDTH, planted_gpt2
from relisted import listed_again

from odograph.folder.pilot import Pilot, write_pilot
from odograph.folder.run import Run, open_run
from odograph.folder.writer import write_json
from odograph.studies.questions.sinks import what_sinks_carry, writers
from odograph.studies.rotation import ROTATION
from odograph.studies.section import Analysis

EVENT = {"block": 2, "part": "mlp", "growth": 90.0, "coordinate": 5, "share": 0.9}
REMOVED = {"block": 4, "part": "attention", "growth": -80.0, "coordinate": 6, "share": 0.2}


def answered(run: Run) -> Any:
    return what_sinks_carry(ROTATION)(Analysis("rotation", run))


@pytest.mark.parametrize("sink", [True, False])
def test_what_a_planted_sink_carries_is_named(sink: bool, measured: Callable[..., Run]) -> None:
    start = np.tile(np.eye(WIDTH)[0], (40, 1))
    start[3, 0] = 100 if sink else 1
    steps = [np.eye(WIDTH)[1] * 0.5, np.eye(WIDTH)[0] * 7, np.eye(WIDTH)[2] * 0.5]
    run = measured(
        planted_gpt2(start, steps), [[3, 1, 2, 4], [1, 2, 3, 4, 6], [2, 4, 6]], logits="none"
    )
    answer = answered(run)
    if not sink:
        assert not answer.claims
        assert not answer.plots
        assert writers(run) == ""
        return
    first = answer.claims[0].finding
    assert first.headline == (
        "The MLP of block 2 writes what the sink at position 0 carries, in coordinate 0"
    ) or first.headline.startswith("Attention of block 2 writes")
    assert first.estimate == pytest.approx(7, abs=0.01)
    assert "no block takes it away" in first.statement
    assert "block 2 writes what the sink at position 0 carries" in writers(run)
    assert answer.plots[0].drawing.figure().axes[0].get_yscale() == "log"


def with_sinks(folder: Path, passages: int = 12) -> Run:
    """A made run whose manifest tells of sinks, and in which three targets are long in passing."""
    run = made_run(folder, 1, passages=passages)
    states = run.blocks + 1
    norms = run.sql(
        "select max(norm) from layers join tokens using (passage, position) "
        "where role = 'target' and passage > 2 or role = 'non-target' group by layer"
    ).fetchall()
    passing = run.sql(
        "select layer, norm from layers join tokens using (passage, position) "
        "where role = 'target' and passage = 0 order by layer"
    ).fetchall()
    medians = np.array([max(norm for (norm,) in norms)] * states, dtype=np.float32)
    medians[2] = passing[2][1] / 5 * 0.99
    names = ("place", "block", "norm_before", "norm")
    pilot = Pilot(
        coordinates=np.empty(0, np.int64),
        shares=np.zeros((states, 4), np.float32),
        means=np.zeros((states, 4)),
        medians=medians,
        tokens=50,
        sinks={name: np.ones(states - 1) * (name != "place") for name in names},
    )
    write_pilot(pilot, folder)
    found = {"position 0": {"tokens": 4, "written": EVENT, "removed": REMOVED}}
    words = [{"word": " the", "tokens": 3, "layers": {"3": 3, "4": 2}}]
    record = dict(run.manifest)
    record["pilot"] = {"sinks": found}
    record["sinks"] = {"first": 12, "first_sinks": 12, "passing": 3, "words": words}
    run.close()
    write_json(record, folder / "manifest.json")
    listed_again(folder)
    return open_run(folder)


def test_blocks_parts_and_words_are_told(tmp_path: Path) -> None:
    run = with_sinks(tmp_path)
    answer = answered(run)
    (claim,) = answer.claims
    assert claim.finding.statement.startswith(
        "What the sink at position 0 carries is written by the MLP of block 2: there the state "
        "grows by 90.0 model units, and then 90 % of its squared length lies in coordinate 5; "
        "attention of block 4 takes most of it away (-80.0) (n = 4 sinks;"
    )
    assert answer.notes[0] == (
        "3 tokens are sinks in some layers only and are not left out: ' the' (3, layers 3-4)."
    )


def test_a_difference_is_told_without_the_pairs_that_hold_a_passing_sink(tmp_path: Path) -> None:
    run = with_sinks(tmp_path)
    note = answered(run).notes[1]
    groups = Analysis("rotation", run).sample(ROTATION).groups
    assert groups is not None
    long = run.sql(
        "select distinct passage from layers join tokens using (passage, position) "
        f"where layer = 2 and role in ('target', 'non-target') and norm > 5 * {limit(run)}"
    ).fetchall()
    held = np.isin(groups.pairs.passages, [passage for (passage,) in long])
    assert 0 < held.sum() < len(held)
    assert note.startswith(f"In {held.sum()} of 12 passages the target or its control is a sink")
    values = groups.differences.sum(axis=1)
    assert f"is {values[~held].mean():.2f} degrees" in note
    assert f"with them {values.mean():.2f} degrees" in note


def limit(run: Run) -> float:
    from odograph.folder.pilot import read_pilot

    pilot = read_pilot(run.folder)
    assert pilot is not None
    return float(pilot.medians[2])


def test_a_pilot_without_sinks_says_nothing(tmp_path: Path) -> None:
    run = with_sinks(tmp_path)
    run.manifest["pilot"] = {"sinks": {}}
    assert not answered(run).claims
