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
    assert (drawn.read, drawn.every, drawn.left_out, drawn.counted) == (12, 12, 0, "")
    assert drawn.where == "true"


def test_documents_are_drawn_in_the_order_of_their_texts_hashes(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "FEWEST_DOCUMENTS", 1)
    ordered = run.sql("select passage from passages order by text_digest").fetchnumpy()["passage"]
    a_text = run.sql("select count(*) from tokens where passage = 0").fetchall()[0][0]
    drawn = drawn_documents(run, most=4 * (a_text + 2))
    assert 2 <= drawn.read <= 4
    assert drawn.counted == f"{drawn.read} of 12 passages, drawn by hash"
    documents = read_pairs(run, drawn).document
    assert np.array_equal(np.unique(documents), np.sort(ordered[: drawn.read]))


def test_as_many_documents_as_a_test_needs_are_read_however_long_they_are(
    gpt2_folder: Path, tmp_path: Path
) -> None:
    texts = np.random.default_rng(0).integers(5, 90, size=(24, 6)).tolist()
    with odograph.measure(gpt2_folder, texts, out=tmp_path / "run") as run:
        drawn = drawn_documents(run, most=1)
    assert (drawn.read, drawn.every) == (20, 24)


def test_of_two_draws_one_holds_the_other(
    gpt2_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twins, and rows where sums are kept, are drawn as what is read token by token."""
    monkeypatch.setattr(drawing, "FEWEST_DOCUMENTS", 1)
    texts = np.random.default_rng(0).integers(5, 90, size=(40, 6)).tolist()
    asked = {"untrained": 1, "twin_passages": "4", "keep": "sums", "sample_passages": 10}
    with odograph.measure(gpt2_folder, texts, out=tmp_path / "run", **asked) as run:
        few, more = drawn_documents(run, most=2 * 6), drawn_documents(run, most=6 * 6)
        assert (few.read, more.read, few.every) == (2, 6, 40)
        asked_in = "select distinct document from tokens where {} order by all"
        twins, own_few, own_more = (
            {number for (number,) in one.sql(asked_in.format(where)).fetchall()}
            for one, where in ((run.untrained[0], "true"), (run, few.where), (run, more.where))
        )
    assert len(twins) == 4
    assert own_few < twins < own_more


def test_a_run_that_keeps_sums_counts_all_documents_beside_those_with_rows(
    gpt2_folder: Path, tmp_path: Path
) -> None:
    texts = np.random.default_rng(0).integers(5, 90, size=(40, 6)).tolist()
    asked = {"untrained": 0, "keep": "sums", "sample_passages": 10}
    with odograph.measure(gpt2_folder, texts, out=tmp_path / "run", **asked) as run:
        drawn = drawn_documents(run)
    assert drawn.counted == "10 of 40 passages, drawn by hash"


def test_a_finding_on_drawn_documents_says_so(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "MOST_TOKENS", 120)
    monkeypatch.setattr(drawing, "FEWEST_DOCUMENTS", 1)
    result = find("neighbours").analyse(run)
    humps = [each for each in result.findings if "hump" in each.statement]
    assert len(humps) == 2
    drawn = drawn_documents(run)
    said = f"Read in {drawn.read} of 12 passages, drawn by hash."
    for each in humps:
        assert (each.n, each.excluded) == (drawn.read, 12 - drawn.read)
        assert said in each.statement
    assert said in next(plot.caption for plot in result.plots if plot.name == "neighbours_humps")


def test_tokens_like_targets_are_looked_for_in_drawn_documents(
    gpt2_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "MOST_TOKENS", 60)
    monkeypatch.setattr(drawing, "FEWEST_DOCUMENTS", 1)
    asked = {"for_study": "rotation", "targets": ["her"], "untrained": 0}
    with odograph.measure(gpt2_folder, told_apart(12), out=tmp_path / "run", **asked) as run:
        drawn = drawn_documents(run)
        found = matched_tokens(run, drawn, seed=0)
        passages = run.sql(f"select passage from tokens where {drawn.where}").fetchnumpy()
        note = rotation_nulls(run, matched=True)[-1].note
    assert len(found.passage) + found.unmatched == drawn.read < 12
    assert np.isin(found.passage, passages["passage"]).all()
    assert note.endswith(f"Read in {drawn.read} of 12 passages, drawn by hash.")
