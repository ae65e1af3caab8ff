"""Targets without a word before them that serves: their own curve, the reason and the remedy."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from odograph.folder.run_words import no_pair_because, remedy_for_pairs
from odograph.studies.rotation import STUDY

SECOND = [f"The man {rest}" for rest in ("mends a net.", "counts boats.", "sings.", "reads on.")]


def test_a_target_that_always_stands_second_has_a_curve_of_its_own(
    gpt2_folder: Path, measured: Callable[..., Any]
) -> None:
    run = measured(gpt2_folder, SECOND, targets=["man"], logits="none")
    places = run.sql("select distinct position from tokens where role = 'target'").fetchall()
    assert run.manifest["exclusions"]["target_at_second_position"] == 4, places
    result = STUDY.analyse(run)
    first = result.findings[0]
    assert first.statement.startswith("Over 4 blocks, 'man' turns ")
    assert "4 targets at the second position" in first.statement
    assert "`--bos always`" in first.statement
    own = run.sql(
        """select sum(rotation) from layers join tokens using (passage, position)
        where role = 'target'"""
    ).fetchall()[0][0]
    assert np.isclose(first.estimate, own / 4)
    (note,) = [note for note in result.notes if "no test is made" in note]
    assert note.startswith("No pair of 'man' and the token before it is left (4 targets ")
    assert "no target" not in str(result.card).lower()


def test_the_remedy_gives_pairs(gpt2_folder: Path, measured: Callable[..., Any]) -> None:
    run = measured(gpt2_folder, SECOND, targets=["man"], bos="always", logits="none")
    assert run.sql("select count(*) from tokens where role = 'non-target'").fetchall() == [(4,)]


def test_every_pair_that_is_dropped_is_explained() -> None:
    config = {"targets": ["her"], "bos": "always"}
    exclusions = {"adjacent_targets": 3, "non_target_crossed": 1, "target_at_first_position": 0}
    run: Any = SimpleNamespace(manifest={"config": config, "exclusions": exclusions})
    assert no_pair_because(run) == (
        "no pair of 'her' and the token before it is left (3 targets whose token before belongs to "
        "a target itself: the pair is dropped; 1 targets whose token before covers two words: the "
        "pair is dropped)"
    )
    assert remedy_for_pairs(run) == "Take sentences in which the target stands later."
    config["targets"] = []
    assert (no_pair_because(run), remedy_for_pairs(run)) == ("no target was given", "")
