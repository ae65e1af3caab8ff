"""Runs whose targets are marked in their texts, not searched for."""

import pytest

from odograph import study
from odograph.errors import UsageError

TEXTS = [
    "Then her brother saw [her] there with the {dog}.",
    "We met [him] near the {river} again.",
    *(f"The {name} gave [her] the letter and left her." for name in ("man", "girl", "boy", "dog")),
]


def test_the_study_reads_the_marked_words_alone(measured, gpt2_folder):
    run = measured(gpt2_folder, TEXTS, marks=["[]", "{}"], untrained=1)
    found = run.sql("""
        select role, "group", count(distinct (passage, occurrence)) from tokens
        where role in ('target', 'companion') group by all order by all""").fetchall()
    assert found == [("companion", "{}", 2), ("target", "her", 5), ("target", "him", 1)]
    texts = run.sql("select text from texts order by passage").fetchall()
    assert texts[0] == ("Then her brother saw her there with the dog.",)
    headlines = [finding["headline"] for finding in study("rotation", run).findings]
    assert any(text.startswith("'her' or 'him' ") for text in headlines), headlines


def test_texts_may_be_run_again_at_marked_words(measured, gpt2_folder):
    run = measured(gpt2_folder, TEXTS, marks=["[]"], undo="turn", at="targets")
    assert run.sql("select * from ablations").fetchall()


def test_columns_of_words_need_tables(measured, gpt2_folder, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("A dog.\n")
    with pytest.raises(UsageError, match="columns of words"):
        measured(gpt2_folder, [path], target_columns=["word,at"])
