"""The list that a pruning script needs, on stdout."""

import json

from odograph.folder.run import open_run
from odograph.run import progress


def test_json_has_the_list_of_blocks_to_drop(odograph, tiny_model, texts, tmp_path):
    out = tmp_path / "pruned"
    ended = odograph(
        "study", "pruning", "--model", tiny_model, "--texts", texts, "--untrained", 1,
        "--out", out, "--json", "--quiet",
    )  # fmt: skip
    assert ended.code == 0
    first, *others = json.loads(ended.out)
    assert [entry["blocks"] for entry in first["data"]] == list(range(1, open_run(out).blocks))
    for entry in first["data"]:
        assert entry["layers"] == list(range(entry["first"] - 1, entry["last"]))
        assert len(entry["layers"]) == entry["blocks"]
        assert isinstance(entry["loss_change"], float)
        assert 0 < entry["distance"] < 1
    assert not any("data" in finding for finding in others)


def test_a_long_second_run_is_announced(odograph, tiny_model, texts, tmp_path, monkeypatch):
    monkeypatch.setattr(progress, "LARGE_AGAIN", 20)
    ended = odograph(
        "measure", "--model", tiny_model, "--texts", texts, "--measures", "block_distance",
        "--skip-blocks", "--tokens", 20, "--out", tmp_path / "run",
    )  # fmt: skip
    assert ended.code == 0
    written = open_run(tmp_path / "run").manifest["skips"]
    assert f"{written['tokens']} tokens run again {written['ways']} times through" in ended.err
    assert "without blocks: about " in ended.err


def test_skipping_without_the_angles_is_wrong_use(odograph, tiny_model, texts, tmp_path):
    ended = odograph(
        "measure", "--model", tiny_model, "--texts", texts, "--skip-blocks",
        "--out", tmp_path / "run",
    )  # fmt: skip
    assert ended.code == 2
    assert "--skip-blocks chooses blocks by the angles between states" in ended.err
    assert "Add --measures block_distance." in ended.err
