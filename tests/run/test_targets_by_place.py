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


ROLES = [
    f"The <{noun}> {verb} [{target}] the letter."
    for noun in ("man", "girl", "boy", "dog", "horse", "captain", "child")
    for verb, target in (("gave", "her"), ("showed", "him"))
]


def test_a_target_is_compared_with_its_companions_in_the_same_texts(measured, gpt2_folder):
    run = measured(gpt2_folder, ROLES, marks=["[]", "<>"], untrained=5, bos="always")
    made = study("rotation", run)
    (found,) = [
        f
        for f in made.findings
        if "the companion '<>'" in f["headline"] and "over all" in f["headline"]
    ]
    values = run.sql("""
        select passage, sum(rotation) filter (where role = 'target')
                      - sum(rotation) filter (where role = 'companion') as difference
        from layers join tokens using (passage, position)
        where role in ('target', 'companion') and not sink group by all""").fetchnumpy()
    assert found["estimate"] == pytest.approx(values["difference"].mean(), rel=1e-5)
    assert found["n"] == len(ROLES)
    assert found["null_values"][0]["seeds"] == 5
    table = made.sql("select distinct first, second from tables.rotation_companions").fetchall()
    assert table == [("the target", "<>")]
    assert (run.folder / "figures" / "rotation_companions.svg").is_file()


def test_two_kinds_of_companions_are_three_pairs_and_p_is_corrected_for_them(
    measured, gpt2_folder, tmp_path
):
    rows = []
    for a in ("man", "girl", "boy", "dog"):
        for b, c in (("horse", "her"), ("boat", "him")):
            text = f"The {a} saw the {b} near {c}."
            places = {name: text.index(word) for name, word in (("A", a), ("B", b), ("C", c))}
            rows.append(
                {"text": text, "A": a, "B": b, "C": c}
                | {f"{name} at": place for name, place in places.items()}
            )
    asked = {"target_columns": ["C,C at"], "companion_columns": ["A,A at", "B,B at"]}
    run = measured(gpt2_folder, rows, bos="always", **asked)
    found = [f for f in study("rotation", run).findings if "companion" in f["statement"]]
    pairs = {f["headline"].split(" are not ")[0].split(" turns ")[0] for f in found}
    assert len(found) == 6, pairs
    assert all(
        "of 3 pairs compared" in f["statement"] for f in found if "over all" in f["headline"]
    )
