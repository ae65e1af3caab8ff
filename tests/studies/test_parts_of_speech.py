"""Parts of speech: words are counted once, by tag and by how pieces meet them."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn_runs import drawn_run
from made_runs import made_run

from odograph.corpus.bundled import bundled_path
from odograph.corpus.matching import STATUSES
from odograph.errors import StudyError
from odograph.folder.samples.tagged_words import word_counts
from odograph.sentences.forbidden import forbidden
from odograph.studies import analyse, find
from odograph.studies.parts_of_speech.matching import means_of
from odograph.studies.section import Analysis

MeasuredRun = Callable[..., Any]


@pytest.fixture
def tagged(gpt2_folder: Path, measured: MeasuredRun) -> Any:
    """All words of the bundled text in a tiny model."""
    return measured(gpt2_folder, [bundled_path("tagged")], whole=True, tags="conllu", untrained=2)


def test_every_word_of_the_text_is_counted_once(tagged: Any) -> None:
    counts = word_counts(tagged)
    assert int(counts.words.sum()) == 3176  # 2,699 words and 477 marks of punctuation
    assert dict(zip(counts.tags, counts.words.tolist(), strict=True))["NOUN"] == 637
    total = sum(counts.by_status[status] for status in STATUSES)
    np.testing.assert_array_equal(total, counts.words)
    assert (counts.measured <= counts.matched).all()


def test_means_are_those_of_lemmas_at_the_last_piece(tagged: Any) -> None:
    found = means_of(Analysis("parts-of-speech", tagged))
    noun = next(mean for mean in found.of["turned"] if mean.tag == "NOUN")
    rows = tagged.sql(
        """select avg(turned) from (
            select lower(lemma) as lemma, avg(turned) as turned from (
                select passage, position, sum(rotation::double) as turned from layers
                where layer > 0 group by all) join words using (passage, position)
            where tag = 'NOUN' and position > 0 group by all)"""
    ).fetchall()
    assert noun.mean == pytest.approx(rows[0][0])
    assert noun.interval is not None
    assert noun.interval.low < noun.mean < noun.interval.high
    assert noun.twins.shape == (2,)


def test_turning_and_stepping_are_one_finding_with_the_heading(tagged: Any) -> None:
    found = find("parts-of-speech").analyse(tagged)
    turning = [f for f in found.findings if "turn between" in f.statement]
    assert len(turning) == 1
    assert re.search(
        r"Their steps are [\d.]+ and [\d.]+ lengths of the state .* head [\d.]+ and [\d.]+ degrees",
        turning[0].statement,
    )
    means = means_of(Analysis("parts-of-speech", tagged)).of["heading"]
    assert all(0 < mean.mean < 180 for mean in means)


def test_tags_are_described_and_never_tested(tagged: Any) -> None:
    done = analyse(tagged, ["parts-of-speech"])
    assert len(done.findings) >= 4
    for finding in done.findings:
        assert forbidden(finding["statement"] + finding["plain"]) == ()
        assert finding["p"] is None
        assert finding["test"].startswith("none: ")
    notes = find("parts-of-speech").analyse(tagged).notes
    [note] = [note for note in notes if "no test is made between them" in note]
    assert "nouns-adjectives" in note
    with done:
        table = done.sql("select * from tables.parts_of_speech").fetchnumpy()
    np.testing.assert_allclose(table["share_measured"], table["measured"] / table["words"])


def test_a_run_of_drawn_words_has_all_words_in_its_table(tmp_path: Path) -> None:
    with drawn_run(tmp_path / "run", 1, lemmas=12, twins=True) as run:
        counts = word_counts(run)
        result = find("parts-of-speech").analyse(run)
    assert counts.words.tolist() == [12, 12]
    assert any("drawn of the groups NOUN, ADJ only" in note for note in result.notes)


def test_gold_words_are_counted_rightly_with_a_real_tokenizer(
    shared_data: Path, models: Path, measured: MeasuredRun
) -> None:
    """UD English EWT with GPT-2's pieces: every gold word is there once, whatever the pieces do."""
    from tiny import build_gpt2
    from transformers import GPT2LMHeadModel, GPT2TokenizerFast

    gold, source = shared_data / "pos" / "en_ewt-ud-dev.conllu", shared_data / "tokenizers" / "gpt2"
    if not gold.is_file() or not source.is_dir():
        pytest.skip("gold words or GPT-2's tokenizer are absent from the shared data")
    folder = models / "gpt2-vocabulary"
    files = {"vocab": str(source / "vocab.json"), "merges": str(source / "merges.txt")}
    tokenizer = GPT2TokenizerFast(**files)
    config = build_gpt2(blocks=1).config
    config.vocab_size, config.n_embd, config.n_head = len(tokenizer), 4, 1
    GPT2LMHeadModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    head = "\n\n".join(gold.read_text("utf-8").split("\n\n")[:60]) + "\n\n"
    text = folder / "head.conllu"
    text.write_text(head, encoding="utf-8")
    run = measured(folder, [text], whole=True, tags="conllu", logits="none")
    counts = word_counts(run)
    lines = [line.split("\t") for line in head.splitlines() if line and line[0] != "#"]
    tags = [fields[3] for fields in lines if fields[0].isdecimal()]
    # A token of several words ("don't") counts as its words; what they share is crossed.
    assert int(counts.words.sum()) == len(tags)
    assert dict(zip(counts.tags, counts.words.tolist(), strict=True))["NOUN"] == tags.count("NOUN")
    assert counts.matched.sum() > 0.9 * counts.words.sum()


def test_a_run_without_tags_is_refused_with_a_remedy(tmp_path: Path) -> None:
    with (
        made_run(tmp_path / "run", 1, passages=6) as run,
        pytest.raises(StudyError, match=r"no tagged words.*--tags conllu, column or spacy:NAME"),
    ):
        find("parts-of-speech").analyse(run)
