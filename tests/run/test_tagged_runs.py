"""Runs with tags, variants and drawn words: what of them can be asked in SQL."""

from pathlib import Path
from typing import Any

import pytest

import odograph
from odograph.corpus.passages import Passage, Word
from odograph.errors import TextError, UsageError

SENTENCES = ("A dog ran after her.", "We saw her again on the bridge.", "Rain.")


def tagged(text: str, name: str) -> Passage:
    """The text with words between white space; every second one is a noun."""
    words, at = [], 0
    for number, form in enumerate(text.split()):
        start = text.index(form, at)
        at = start + len(form)
        words.append(Word(form, start, at, ("DET", "NOUN")[number % 2], form.lower()))
    return Passage(name, text, "here", tuple(words))


def test_variants_of_a_passage_are_one_document(gpt2_folder: Path, tmp_path: Path) -> None:
    options: dict[str, Any] = {"targets": ["her", "him", "them"], "pairs": 2}
    run = odograph.measure(
        gpt2_folder, list(SENTENCES), out=tmp_path / "run", variants=True, **options
    )
    ids = run.sql(
        "select document, list(distinct passage_id order by passage_id) from tokens "
        "group by document order by document"
    ).fetchall()
    assert ids == [(n * 3, [f"text:{n + 1}#v{v}" for v in (1, 2, 3)]) for n in (0, 1)]
    groups = run.sql("select passage, \"group\" from tokens where role = 'target' order by passage")
    assert groups.fetchall() == [(n, ("her", "him", "them")[n % 3]) for n in range(6)]
    assert run.manifest["exclusions"]["passages_without_target"] == 1
    run.close()


def test_windows_of_a_variant_belong_to_its_document(gpt2_folder: Path, tmp_path: Path) -> None:
    text = " ".join(["We saw her again on the bridge."] * 60)
    run = odograph.measure(
        gpt2_folder,
        [text],
        out=tmp_path / "run",
        variants=True,
        targets=["her", "him"],
        too_long="window",
        pairs=2,
    )
    found = run.sql("select count(distinct document), count(distinct passage) from tokens")
    ((documents, passages),) = found.fetchall()
    assert documents == 1
    assert passages > 2
    run.close()


def test_words_stand_beside_the_tokens_they_were_measured_at(
    gpt2_folder: Path, tmp_path: Path
) -> None:
    texts = [tagged(text, f"t{n}") for n, text in enumerate(SENTENCES)]
    run = odograph.measure(gpt2_folder, texts, out=tmp_path / "run", tags="conllu", pairs=2)
    joined = run.sql(
        'select w.tag = t.tag and w.lemma = t.lemma and w.word = t.word and w."end" = t."end" '
        "from words w join tokens t using (passage, position)"
    ).fetchall()
    assert joined == [(True,)] * sum(len(text.split()) for text in SENTENCES)
    assert run.manifest["corpus"]["tagger"] == "gold words"
    run.close()


def test_drawn_words_are_passages_and_units(gpt2_folder: Path, tmp_path: Path) -> None:
    forms = [a + b for a in "bcdfgh" for b in ("an", "et", "og", "um")]
    text = tagged(" ".join(forms), "t")
    run = odograph.measure(
        gpt2_folder,
        [text],
        out=tmp_path / "run",
        tags="conllu",
        groups="NOUN,DET",
        words=11,
        context=4,
        pairs=2,
        seed=1,
    )
    found = run.sql(
        "select \"group\", count(*), count(distinct document) from tokens where role = 'target' "
        "group by all order by all"
    ).fetchall()
    assert found == [("DET", 11, 11), ("NOUN", 11, 11)]
    drawn = run.sql("select count(*) from words where passage is not null and left_out is null")
    assert drawn.fetchall() == [(22,)]
    run.close()


def test_wrong_options_are_told_before_the_model_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="variants of a passage: expected two targets or more"):
        odograph.measure("no-such-model", ["her"], out=tmp_path / "a", variants=True)
    with pytest.raises(UsageError, match="words of groups without tags"):
        odograph.measure("no-such-model", ["her"], out=tmp_path / "a", groups="NOUN")
    with pytest.raises(TextError, match="brings no tagged words"):
        odograph.measure("no-such-model", ["her"], out=tmp_path / "a", tags="conllu")
    assert not (tmp_path / "a").exists()
