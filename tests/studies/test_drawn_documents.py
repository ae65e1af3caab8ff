"""Of a large run some documents are read token by token, drawn by hash, and it is said."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_sentences import told_apart

import odograph
from odograph.folder.samples import drawn_documents as drawing
from odograph.folder.samples.drawn_documents import drawn_documents
from odograph.folder.samples.drawn_nulls import rotation_nulls
from odograph.folder.samples.matched_tokens import matched_tokens
from odograph.folder.samples.neighbours import read_pairs
from odograph.studies.registry import find


@pytest.fixture(scope="module")
def run(gpt2_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    out = tmp_path_factory.mktemp("drawn") / "run"
    asked = {"for_study": "neighbours", "untrained": 0}
    with odograph.measure(gpt2_folder, told_apart(12), out=out, **asked) as made:
        yield made


def test_all_documents_are_read_where_they_have_few_tokens(run: Any) -> None:
    drawn = drawn_documents(run)
    assert (drawn.read, drawn.every, drawn.left_out, drawn.words) == (12, 12, 0, "")
    assert drawn.where == "true"


def test_documents_are_drawn_in_the_order_of_their_texts_hashes(run: Any) -> None:
    ordered = run.sql("select passage from passages order by hash").fetchnumpy()["passage"]
    a_text = run.sql("select count(*) from tokens where passage = 0").fetchall()[0][0]
    drawn = drawn_documents(run, most=4 * (a_text + 2))
    assert 2 <= drawn.read <= 4
    assert drawn.words == f", in {drawn.read} of 12 passages, drawn by hash"
    documents = read_pairs(run, drawn).document
    assert np.array_equal(np.unique(documents), np.sort(ordered[: drawn.read]))


def test_the_first_document_is_read_however_long_it_is(run: Any) -> None:
    assert drawn_documents(run, most=1).read == 1


def test_a_finding_on_drawn_documents_says_so(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "MOST_TOKENS", 120)
    found = find("neighbours").analyse(run).findings
    humps = next(each for each in found if "pooled" in each.statement)
    assert 0 < humps.excluded < 12
    assert f"{12 - humps.excluded} of 12 passages, drawn by hash" in humps.statement


def test_tokens_like_targets_are_looked_for_in_drawn_documents(
    gpt2_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "MOST_TOKENS", 60)
    asked = {"for_study": "rotation", "targets": ["her"], "untrained": 0}
    with odograph.measure(gpt2_folder, told_apart(12), out=tmp_path / "run", **asked) as run:
        drawn = drawn_documents(run)
        found = matched_tokens(run, drawn, seed=0)
        passages = run.sql(f"select passage from tokens where {drawn.where}").fetchnumpy()
        note = rotation_nulls(run, matched=True)[-1].note
    assert len(found.passage) + found.unmatched == drawn.read < 12
    assert np.isin(found.passage, passages["passage"]).all()
    assert note.endswith(f"Read in {drawn.read} of 12 passages, drawn by hash.")
