"""A run keeps its texts, so that a page can show them; --no-texts keeps none of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Measured = Callable[..., Any]
TEXTS = ["They gave her a book in Röcken 😀.", "  Nothing at all.  "]


def kept(run: Any) -> dict[int, tuple[int, str]]:
    rows = run.sql('select passage, "start", text from texts order by passage').fetchall()
    return {passage: (start, text) for passage, start, text in rows}


def test_a_text_is_kept_from_its_first_token_to_its_last(
    measured: Measured, gpt2_folder: Path
) -> None:
    assert kept(measured(gpt2_folder, TEXTS)) == {0: (0, TEXTS[0]), 1: (2, "Nothing at all.")}


def test_every_token_stands_in_the_text_that_is_kept(measured: Measured, gpt2_folder: Path) -> None:
    run = measured(gpt2_folder, TEXTS, targets=["her"], select="targets")
    texts = kept(run)
    assert texts[0] == (0, "They gave her")  # nothing after a target is read
    rows = run.sql("select passage, token, start, \"end\" from tokens where role = 'target'")
    for passage, _, start, end in rows.fetchall():
        first, text = texts[passage]
        assert text[start - first : end - first] in "her"


def test_a_window_keeps_its_own_part(measured: Measured, gpt2_folder: Path) -> None:
    long = "They gave her a book. " * 40
    run = measured(gpt2_folder, [long], too_long="window")
    texts = kept(run)
    assert len(texts) > 1
    assert all(long[start : start + len(text)] == text for start, text in texts.values())
    assert sum(len(text) for _, text in texts.values()) <= len(long)


def test_neither_twins_nor_shuffled_texts_keep_texts_again(
    measured: Measured, gpt2_folder: Path
) -> None:
    run = measured(gpt2_folder, TEXTS, untrained=1, shuffled=1)
    assert [p.parent.name for p in run.folder.rglob("texts/*")] == ["texts"]
    assert (run.folder / "texts" / "part-00000.parquet").is_file()
    assert "texts/part-00000.parquet" in run.manifest["shards"][0]["files"]


def test_without_texts_neither_they_nor_pieces_are_in_any_file(
    measured: Measured, gpt2_folder: Path
) -> None:
    from odograph.report import write_report

    run = measured(gpt2_folder, ["They gave her a Zweihundert book."], no_texts=True)
    assert not (run.folder / "texts").exists()
    assert run.sql("select count(token), count(token_id) from tokens").fetchall() == [(0, 0)]
    page = write_report([run.folder], run.folder / "report.html", command="c")
    assert "gave" not in page.read_text(encoding="utf-8").partition('id="data"')[2][:200_000]


def test_a_passage_of_token_ids_has_no_text(measured: Measured, gpt2_folder: Path) -> None:
    run = measured(gpt2_folder, [[5, 6, 7, 8]])
    assert not (run.folder / "texts").exists()
    with pytest.raises(Exception, match="texts"):
        run.sql("select * from texts")


def test_a_page_of_a_run_shows_the_texts_it_keeps(measured: Measured, gpt2_folder: Path) -> None:
    from odograph.report.tokens import token_data

    data = token_data(measured(gpt2_folder, TEXTS), 10**6)
    assert [p["text"] for p in data["passages"]] == [TEXTS[0], "Nothing at all."]
    assert data["whole_texts"]
