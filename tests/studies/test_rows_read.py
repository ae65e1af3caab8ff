"""Of a run of many tokens a study fetches means of documents, and rows of drawn ones alone."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import odograph
from odograph.corpus.bundled import bundled_path
from odograph.folder.samples import drawn_documents as drawing
from odograph.report.profiles import profiles_of
from odograph.studies.parts_of_speech.matching import means_of
from odograph.studies.registry import find
from odograph.studies.section import Analysis

PASSAGES, TOKENS, DRAWN = 12, 60, 2
STUDIES = ("rotation", "neighbours", "path-length", "decomposition", "contributions", "pruning")


def measured(model: Path, out: Path, study: str) -> Any:
    """A run of random tokens with a twin and a random order of all of them."""
    texts = np.random.default_rng(0).integers(5, 90, size=(PASSAGES, TOKENS)).tolist()
    beside = {"untrained": 1, "shuffled": 1, "twin_passages": "all", "pairs": 2}
    return odograph.measure(model, texts, out=out, for_study=study, **beside)


@pytest.mark.parametrize("study", STUDIES)
def test_no_query_of_a_study_fetches_a_row_of_every_token(
    study: str,
    gpt2_folder: Path,
    tmp_path: Path,
    fetched: dict[str, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(drawing, "MOST_TOKENS", DRAWN * TOKENS)
    monkeypatch.setattr(drawing, "FEWEST_DOCUMENTS", 1)
    with measured(gpt2_folder, tmp_path / "run", study) as run:
        tokens = run.manifest["corpus"]["tokens"]
        fetched.clear()
        find(study).analyse(run)
    assert max(fetched.values()) < tokens, max(fetched, key=lambda query: fetched[query])


@pytest.mark.parametrize(("study", "told"), [("contributions", 3), ("path-length", 3)])
def test_correlations_in_drawn_documents_say_so(
    study: str, told: int, gpt2_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "MOST_TOKENS", DRAWN * TOKENS)
    monkeypatch.setattr(drawing, "FEWEST_DOCUMENTS", 1)
    with measured(gpt2_folder, tmp_path / "run", study) as run:
        found = find(study).analyse(run).findings
    drawn = [one for one in found if "Read in 2 of 12 passages, drawn by hash." in one.statement]
    assert len(drawn) == told
    assert {(one.n, one.excluded) for one in drawn} == {(DRAWN, PASSAGES - DRAWN)}
    assert {one.n for one in found if one not in drawn} == {PASSAGES}


def test_words_of_a_large_run_turn_as_those_of_drawn_documents(
    gpt2_folder: Path,
    tmp_path: Path,
    fetched: dict[str, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options: dict[str, Any] = {"tags": "conllu", "shuffled": 1, "twin_passages": "all"}
    texts = [bundled_path("tagged")]
    with odograph.measure(gpt2_folder, texts, out=tmp_path / "run", **options) as run:
        every = {mean.tag: mean for mean in means_of(Analysis("parts-of-speech", run)).of["turned"]}
        monkeypatch.setattr(drawing, "MOST_TOKENS", run.manifest["corpus"]["tokens"] // 3)
        monkeypatch.setattr(drawing, "FEWEST_DOCUMENTS", 1)
        fetched.clear()
        means = means_of(Analysis("parts-of-speech", run))
        assert max(fetched.values()) < run.manifest["corpus"]["tokens"] / 2
        assert 0 < means.drawn.read < means.drawn.every
        noun = next(mean for mean in means.of["turned"] if mean.tag == "NOUN")
        assert noun.words < every["NOUN"].words
        asked = f"""select avg(turned) from (
            select lower(lemma) as lemma, avg(turned) as turned from (
                select passage, position, sum(rotation::double) as turned
                from layers join tokens using (passage, position)
                where layer > 0 and position > 0 and {means.drawn.where} group by all)
            join words using (passage, position) where tag = 'NOUN' group by all)"""
        assert noun.mean == pytest.approx(run.sql(asked).fetchall()[0][0])
        found = find("parts-of-speech").analyse(run)
    [turning] = [one for one in found.findings if "turn between" in one.statement]
    assert f"Read in {means.drawn.read} of {means.drawn.every}" in turning.statement
    assert "3,176 words" in found.findings[0].statement


def test_words_turn_as_those_of_documents_that_the_twins_have_read_and_it_is_said(
    gpt2_folder: Path, tmp_path: Path
) -> None:
    options: dict[str, Any] = {"tags": "conllu", "untrained": 1, "twin_passages": "9"}
    texts = [bundled_path("tagged")]
    with odograph.measure(gpt2_folder, texts, out=tmp_path / "run", **options) as run:
        every = run.manifest["corpus"]["documents"]
        found = find("parts-of-speech").analyse(run)
    [turning] = [one for one in found.findings if "turn between" in one.statement]
    said = f"Read in 9 of {every} documents, drawn by hash."
    assert said in turning.statement
    assert any(note.endswith(said.removeprefix("Read ")) for note in found.notes)


def test_colours_of_a_large_run_go_by_the_tokens_of_drawn_documents(
    gpt2_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "MOST_TOKENS", DRAWN * TOKENS)
    monkeypatch.setattr(drawing, "FEWEST_DOCUMENTS", 1)
    with measured(gpt2_folder, tmp_path / "run", "rotation") as run:
        scale = profiles_of(run, ["rotation"])["rotation"]["scale"]
        where = drawing.drawn_documents(run).where
        assert where != "true"
        values = run.sql(f"""select rotation from layers join tokens using (passage, position)
            where layer = 1 and position > 0 and not sink and {where}""").fetchnumpy()
    assert scale[1] == pytest.approx(np.quantile(values["rotation"], (0.02, 0.98)), rel=1e-5)
