"""The same tokens in random order: beside a run, resumed with it, and shown by studies."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny import TEXTS

import odograph
from odograph.corpus.encoded import NON_TARGET, TARGET, Encoded, Encoding, Entries
from odograph.corpus.shuffled import shuffled_encoding
from odograph.folder.manifest import read_manifest
from odograph.folder.vectors import kept_parts, kept_states
from odograph.studies import find

SENTENCE = "The old woman put her hat on the table and left the room."


def rows(run: Any) -> dict[int, list[tuple[int, int, str]]]:
    found = run.sql("select passage, position, token_id, role from tokens order by all").fetchall()
    by_passage: dict[int, list[tuple[int, int, str]]] = {}
    for passage, *row in found:
        by_passage.setdefault(passage, []).append(tuple(row))
    return by_passage


@pytest.fixture(scope="module")
def run(llama_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """With a BOS token in front of each passage."""
    return odograph.measure(
        llama_folder,
        [SENTENCE, *TEXTS],
        out=tmp_path_factory.mktemp("runs") / "run",
        targets=["her"],
        shuffled=2,
        untrained=1,
        parts=20,
        vectors=5,
        bos="always",
        measures=["neighbour_angle", *(f"neighbour_angle_{n}" for n in (2, 4, 8)), "token_bend"],
    )


def test_the_bag_of_tokens_stays_and_their_order_goes(run: Any) -> None:
    assert run.manifest["shuffled"] == ["shuffled/seed-1", "shuffled/seed-2"]
    assert run.manifest["complete"]
    own, orders = rows(run), [rows(one) for one in run.shuffled]
    for passage, tokens in own.items():
        for order in orders:
            assert sorted(t for _, t, _ in order[passage]) == sorted(t for _, t, _ in tokens)
            assert order[passage][0] == tokens[0]  # what is put in front stays there
            targets = [t for _, t, role in order[passage] if role == "target"]
            assert targets == [t for _, t, role in tokens if role == "target"]
            for at, (_, _, role) in enumerate(order[passage]):
                if role == "non-target":
                    assert order[passage][at + 1][2] == "target"
    assert orders[0] != own != orders[1] != orders[0]


def test_of_shuffled_texts_states_are_kept_and_nothing_is_measured_beside_them(run: Any) -> None:
    for one in run.shuffled:
        assert one.manifest["untrained"] == one.manifest["shuffled"] == []
        assert any(len(kept.passage) for kept in kept_states(one))
        assert not any(len(kept.passage) for kept in kept_parts(one, "mlp"))
        assert one.manifest["model"]["fingerprint"] == run.manifest["model"]["fingerprint"]


def test_the_next_token_is_the_one_that_follows_in_the_new_order() -> None:
    ids = np.arange(10, 15, dtype=np.int32)
    nowhere, role = np.zeros(5, np.int32), np.array([0, 1, 2, 0, 0], np.int8)
    one = Encoded(
        Entries(
            passage=0,
            passage_id="t",
            token_id=ids,
            token=tuple("abcde"),
            start=nowhere,
            end=nowhere,
            word=nowhere,
            piece_count=nowhere,
            role=role,
            group=(None, "c", "c", None, None),
            occurrence=np.array([-1, 0, 0, -1, -1], np.int32),
            next_id=np.array([11, 12, 13, 14, -1], np.int32),
            row=role > 0,
            base="t",
        )
    )
    encoding = Encoding((one,), {}, "none")
    for seed in range(12):
        (made,) = shuffled_encoding(encoding, seed=(0, seed), only_roles=True).encoded
        assert made.next_id.tolist() == [*made.token_id[1:].tolist(), -1]
        target = int(np.flatnonzero(made.role == TARGET)[0])
        assert made.token[target] == "c"
        before = np.flatnonzero(made.role == NON_TARGET).tolist()
        assert before == ([target - 1] if target > 1 else [])
        assert made.row.tolist() == (made.role > 0).tolist()
        assert made.group[target] == "c"
        assert all(made.occurrence[before] == 0)
    again = shuffled_encoding(encoding, seed=(0, 3), only_roles=True).encoded[0]
    same = shuffled_encoding(encoding, seed=(0, 3), only_roles=True).encoded[0]
    assert again.token == same.token


def test_an_interrupted_run_gets_its_shuffled_texts_when_it_is_resumed(
    gpt2_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from odograph.run import beside

    def broken(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    options: dict[str, Any] = {"out": tmp_path / "run", "shuffled": 1, "untrained": 1}
    with monkeypatch.context() as patch:
        patch.setattr(beside, "shuffled_encoding", broken)
        with pytest.raises(KeyboardInterrupt):
            odograph.measure(gpt2_folder, TEXTS, **options)
    assert not read_manifest(tmp_path / "run")["complete"]
    run = odograph.measure(gpt2_folder, TEXTS, resume=True, **options)
    assert len(run.shuffled) == len(run.untrained) == 1


@pytest.mark.parametrize("name", ["rotation", "neighbours"])
def test_a_study_holds_the_text_against_its_words_in_random_order(name: str, run: Any) -> None:
    result = find(name).analyse(run)
    said = [f.statement for f in result.findings if "in random order (2 orders)" in f.statement]
    assert len(said) == 1
    assert "the text as it stands" in said[0]
    profile = next(plot for plot in result.plots if plot.name == f"{name}_profile")
    assert "the same words in random order, 2 orders" in profile.null
    table = next(t for t in result.tables if "shuffled_seed_2" in t.columns)
    assert np.isfinite(table.columns["shuffled_seed_2"]).all()
