"""Twins that were measured on some documents only have words of their own."""

import numpy as np
import pytest
from tiny import TEXTS

import odograph as og
from odograph.studies.registry import find


@pytest.mark.parametrize("pieces", ["last", "mean"])
def test_paths_stand_beside_twins_of_fewer_documents(gpt2_folder, tmp_path, pieces):
    texts = [f"{text} It was her own, number {k}." for k, text in enumerate(TEXTS)]
    run = og.measure(
        gpt2_folder,
        texts,
        targets=["her", "him"],
        variants=True,
        vectors=8,
        untrained=2,
        twin_passages="3",
        pairs=16,
        pieces=pieces,
        out=tmp_path / "run",
    )
    assert [twin.manifest["corpus"]["documents"] for twin in run.untrained] == [3, 3]
    result = find("trajectories").analyse(run)
    [distances] = [t for t in result.tables if t.name == "trajectories_distances"]
    assert np.isfinite(np.asarray(distances.columns["untrained"], float)).all()
